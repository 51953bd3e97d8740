import Tensor

/// The axes that the argument `axis` names: all of them for `None`.
func numpyAxes(_ object: Object?, rank: Int) throws -> [Int] {
  switch object {
  case nil, .some(.none): return Array(0..<rank)
  case .some(.tuple(let tuple)): return try tuple.items.map { try numpyAxis($0, rank: rank) }
  case .some(let single): return [try numpyAxis(single, rank: rank)]
  }
}

func numpyAxis(_ object: Object, rank: Int) throws -> Int {
  let given = try requireIndex(object)
  guard given >= -rank && given < rank else {
    throw raised(
      "ValueError", "axis \(given) is out of bounds for array of dimension \(rank)")
  }
  return given < 0 ? given + rank : given
}

/// Calls `body` with the elements along `axes` of each line, and collects the results.
func reduceLines<W: TensorElement, R: TensorElement>(
  _ tensor: HostTensor, _ axes: [Int], keepsAxes: Bool, as: W.Type, to type: ElementType,
  _ body: (ArraySlice<W>) throws -> R
) rethrows -> HostTensor {
  let kept = (0..<tensor.shape.rank).filter { !axes.contains($0) }
  let moved = tensor.converted(to: W.elementType).transposed(kept + axes.sorted())
  let elements = moved.elements(as: W.self)
  let length = axes.reduce(1) { $0 * tensor.shape[$1] }
  let lines = kept.reduce(1) { $0 * tensor.shape[$1] }
  let results = try (0..<lines).map { try body(elements[($0 * length)..<(($0 + 1) * length)]) }
  let shape =
    keepsAxes
    ? Shape((0..<tensor.shape.rank).map { axes.contains($0) ? 1 : tensor.shape[$0] })
    : Shape(kept.map { tensor.shape[$0] })
  return HostTensor(results, shape: shape).converted(to: type)
}

/// The sum with errors that grow only with the logarithm of the length, added in NumPy's order: eight
/// sums side by side in blocks of up to 128 elements, then halves.
private func pairwiseSum<W: BinaryFloatingPoint>(_ x: ArraySlice<W>) -> W {
  if x.count < 8 { return x.reduce(0, +) }
  if x.count > 128 {
    let middle = x.startIndex + x.count / 16 * 8
    return pairwiseSum(x[..<middle]) + pairwiseSum(x[middle...])
  }
  var parts = Array(x.prefix(8))
  let blocks = x.count / 8 * 8
  for offset in stride(from: 8, to: blocks, by: 8) {
    for lane in 0..<8 { parts[lane] += x[x.startIndex + offset + lane] }
  }
  let sum =
    ((parts[0] + parts[1]) + (parts[2] + parts[3]))
    + ((parts[4] + parts[5]) + (parts[6] + parts[7]))
  return x.dropFirst(blocks).reduce(sum, +)
}

/// The sum of a line along `axes` of an array of `rank` axes: NumPy adds one after the other where
/// they do not lie side by side.
private func lineSum<W: BinaryFloatingPoint>(_ axes: [Int], rank: Int) -> (ArraySlice<W>) -> W {
  axes.contains(rank - 1) ? { pairwiseSum($0) } : { $0.reduce(0, +) }
}

private func sum(_ x: ArraySlice<Complex<Double>>) -> Complex<Double> {
  x.reduce(Complex(0)) { Complex($0.real + $1.real, $0.imaginary + $1.imaginary) }
}

private func product(_ x: ArraySlice<Complex<Double>>) -> Complex<Double> {
  x.reduce(Complex(1)) {
    Complex(
      $0.real * $1.real - $0.imaginary * $1.imaginary,
      $0.real * $1.imaginary + $0.imaginary * $1.real)
  }
}

/// The type of sums: integers are summed in 64 bits.
private func sumType(_ type: ElementType) -> ElementType {
  switch type.kind {
  case .bool, .signed: .i64
  case .unsigned: .u64
  case .float, .complex, .float0, .key: type
  }
}

func numpySum(_ a: HostTensor, _ axes: [Int], keepsAxes: Bool, type: ElementType? = nil)
  -> HostTensor
{
  let type = type ?? sumType(a.type)
  switch type.kind {
  case .float:
    func add<W: TensorElement & BinaryFloatingPoint>(_: W.Type) -> HostTensor {
      reduceLines(
        a, axes, keepsAxes: keepsAxes, as: W.self, to: type, lineSum(axes, rank: a.shape.rank))
    }
    return type == .f64 ? add(Double.self) : add(Float.self)
  case .complex:
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Complex<Double>.self, to: type, sum)
  case .bool, .signed, .unsigned, .float0, .key:
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Int64.self, to: type) { $0.reduce(0, &+) }
  }
}

func numpyProduct(_ a: HostTensor, _ axes: [Int], keepsAxes: Bool) -> HostTensor {
  let type = sumType(a.type)
  switch type.kind {
  case .float:
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Double.self, to: type) { $0.reduce(1, *) }
  case .complex:
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Complex<Double>.self, to: type, product)
  case .bool, .signed, .unsigned, .float0, .key:
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Int64.self, to: type) { $0.reduce(1, &*) }
  }
}

func numpyMean(_ a: HostTensor, _ axes: [Int], keepsAxes: Bool) -> HostTensor {
  let type = a.type.isInexact ? a.type : .f64
  if type.isComplex {
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Complex<Double>.self, to: type) {
      let total = sum($0)
      return Complex(total.real / Double($0.count), total.imaginary / Double($0.count))
    }
  }
  func average<W: TensorElement & BinaryFloatingPoint>(_: W.Type) -> HostTensor {
    let sum: (ArraySlice<W>) -> W = lineSum(axes, rank: a.shape.rank)
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: W.self, to: type) {
      sum($0) / W($0.count)
    }
  }
  return type == .f64 ? average(Double.self) : average(Float.self)
}

/// The variance, with `ddof` subtracted from the number of elements.
func numpyVariance(
  _ a: HostTensor, _ axes: [Int], keepsAxes: Bool, ddof: Double, isDeviation: Bool
) -> HostTensor {
  let type = a.type.isComplex ? a.type.realPart : a.type.isFloat ? a.type : .f64
  func finish<W: BinaryFloatingPoint>(_ total: W, _ count: Int) -> W {
    let variance = total / W(max(Double(count) - ddof, 0))
    return isDeviation ? variance.squareRoot() : variance
  }
  if a.type.isComplex {
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: Complex<Double>.self, to: type) { line in
      let total = sum(line)
      let (x, y) = (total.real / Double(line.count), total.imaginary / Double(line.count))
      let squares = line.map {
        ($0.real - x) * ($0.real - x) + ($0.imaginary - y) * ($0.imaginary - y)
      }
      return finish(pairwiseSum(squares[...]), line.count)
    }
  }
  func spread<W: TensorElement & BinaryFloatingPoint>(_: W.Type) -> HostTensor {
    let sum: (ArraySlice<W>) -> W = lineSum(axes, rank: a.shape.rank)
    return reduceLines(a, axes, keepsAxes: keepsAxes, as: W.self, to: type) { line in
      let mean = sum(line) / W(line.count)
      return finish(sum(line.map { ($0 - mean) * ($0 - mean) }[...]), line.count)
    }
  }
  return type == .f64 ? spread(Double.self) : spread(Float.self)
}

/// The largest or smallest elements; NaN wins.
func numpyExtreme(_ a: HostTensor, _ axes: [Int], keepsAxes: Bool, isMaximum: Bool) throws
  -> HostTensor
{
  func check(_ count: Int) throws {
    if count == 0 {
      throw valueError(
        """
        zero-size array to reduction operation \(isMaximum ? "maximum" : "minimum") which has no \
        identity
        """)
    }
  }
  if a.type.isFloat {
    return try reduceLines(a, axes, keepsAxes: keepsAxes, as: Double.self, to: a.type) { line in
      try check(line.count)
      return line.reduce(line[line.startIndex]) { best, x in
        best.isNaN || !(isMaximum ? x > best : x < best) && !x.isNaN ? best : x
      }
    }
  }
  if a.type == .u64 {
    return try reduceLines(a, axes, keepsAxes: keepsAxes, as: UInt64.self, to: a.type) { line in
      try check(line.count)
      return (isMaximum ? line.max() : line.min()) ?? 0
    }
  }
  return try reduceLines(a, axes, keepsAxes: keepsAxes, as: Int64.self, to: a.type) { line in
    try check(line.count)
    return (isMaximum ? line.max() : line.min()) ?? 0
  }
}

/// The positions of the first extremes along `axis`.
func numpyArgumentOfExtreme(
  _ a: HostTensor, _ axes: [Int], keepsAxes: Bool, isMaximum: Bool
) throws -> HostTensor {
  try reduceLines(a, axes, keepsAxes: keepsAxes, as: Double.self, to: .i64) { line -> Int64 in
    guard var best = line.first else {
      throw valueError("attempt to get \(isMaximum ? "argmax" : "argmin") of an empty sequence")
    }
    var position = 0
    for (i, x) in line.enumerated() where !best.isNaN {
      if x.isNaN || (isMaximum ? x > best : x < best) {
        best = x
        position = i
      }
    }
    return Int64(position)
  }
}

/// Running sums or products along `axis`.
func numpyScan(_ a: HostTensor, axis: Int, isProduct: Bool) -> HostTensor {
  let type = sumType(a.type)
  let last = a.shape.rank - 1
  var order = Array(0...last)
  order.swapAt(axis, last)
  let moved = a.transposed(order)
  let length = a.shape[axis]
  func scan<W: TensorElement>(_: W.Type, _ combine: (W, W) -> W) -> HostTensor {
    var elements = moved.elements(as: W.self)
    for i in elements.indices where i % length != 0 {
      elements[i] = combine(elements[i - 1], elements[i])
    }
    return HostTensor(elements, shape: moved.shape)
  }
  let result: HostTensor
  switch type.kind {
  case .float: result = scan(Double.self, isProduct ? { $0 * $1 } : { $0 + $1 })
  case .complex:
    result = scan(Complex<Double>.self) { isProduct ? product([$0, $1]) : sum([$0, $1]) }
  case .bool, .signed, .unsigned, .float0, .key:
    result = scan(Int64.self, isProduct ? { $0 &* $1 } : { $0 &+ $1 })
  }
  return result.converted(to: type).transposed(order)
}

/// The `q`-quantile of each line, interpolated linearly.
func numpyQuantile(_ a: HostTensor, _ axes: [Int], keepsAxes: Bool, _ q: Double) -> HostTensor {
  let type = a.type.isFloat ? a.type : .f64
  return reduceLines(a, axes, keepsAxes: keepsAxes, as: Double.self, to: type) { line -> Double in
    if line.isEmpty || line.contains(where: \.isNaN) { return .nan }
    let sorted = line.sorted()
    let position = q * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    let fraction = position - Double(below)
    return sorted[below] + (sorted[above] - sorted[below]) * fraction
  }
}
