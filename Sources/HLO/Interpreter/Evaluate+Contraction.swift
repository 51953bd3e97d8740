import Support
import Tensor

/// Elements that can be multiplied and added up.
protocol RingElement: TensorElement {
  static var zeroElement: Self { get }
  static func addProduct(_ sum: Self, _ a: Self, _ b: Self) -> Self
}

extension RingElement where Self: FixedWidthInteger {
  static var zeroElement: Self { 0 }
  static func addProduct(_ sum: Self, _ a: Self, _ b: Self) -> Self { sum &+ a &* b }
}

extension Int32: RingElement {}
extension Int64: RingElement {}
extension UInt32: RingElement {}
extension UInt64: RingElement {}

extension Float: RingElement {
  static var zeroElement: Float { 0 }
  static func addProduct(_ sum: Float, _ a: Float, _ b: Float) -> Float { sum + a * b }
}

extension Double: RingElement {
  static var zeroElement: Double { 0 }
  static func addProduct(_ sum: Double, _ a: Double, _ b: Double) -> Double { sum + a * b }
}

extension Bool: RingElement {
  static var zeroElement: Bool { false }
  static func addProduct(_ sum: Bool, _ a: Bool, _ b: Bool) -> Bool { sum || a && b }
}

extension Complex: RingElement {
  static var zeroElement: Self { Complex(0) }

  static func addProduct(_ sum: Self, _ a: Self, _ b: Self) -> Self {
    Complex(
      sum.real + (a.real * b.real - a.imaginary * b.imaginary),
      sum.imaginary + (a.real * b.imaginary + a.imaginary * b.real))
  }
}

/// Calls `body` with the Swift type of an accumulator.
private func withRing<R>(
  _ type: ElementType, _ body: (any RingElement.Type) throws -> R
) throws -> R {
  switch type {
  case .bool: try body(Bool.self)
  case .i32: try body(Int32.self)
  case .i64: try body(Int64.self)
  case .u32: try body(UInt32.self)
  case .u64: try body(UInt64.self)
  case .f32: try body(Float.self)
  case .f64: try body(Double.self)
  case .c64: try body(Complex<Float>.self)
  case .c128: try body(Complex<Double>.self)
  default: throw unsupported("products of \(type.stablehloName)")
  }
}

/// The result is ordered: batch, free axes of the left, free axes of the right.
func dotGeneral(
  _ lhs: HostTensor, _ rhs: HostTensor, _ n: DotDimensionNumbers, _ result: TensorType
) throws -> HostTensor {
  func free(_ rank: Int, _ used: [Int]) -> [Int] {
    let used = Set(used)
    return (0..<rank).filter { !used.contains($0) }
  }
  let lhsFree = free(lhs.shape.rank, n.lhsBatching + n.lhsContracting)
  let rhsFree = free(rhs.shape.rank, n.rhsBatching + n.rhsContracting)
  func extent(_ x: HostTensor, _ axes: [Int]) -> Int { axes.reduce(1) { $0 * x.shape[$1] } }
  let (batch, rows, columns) = (
    extent(lhs, n.lhsBatching), extent(lhs, lhsFree), extent(rhs, rhsFree)
  )
  let depth = extent(lhs, n.lhsContracting)
  let accumulator = result.element.computeType
  // Both as [batch, free, contracted].
  let a = lhs.converted(to: accumulator).transposed(n.lhsBatching + lhsFree + n.lhsContracting)
  let b = rhs.converted(to: accumulator).transposed(n.rhsBatching + rhsFree + n.rhsContracting)
  func multiply<T: RingElement>(_: T.Type) -> HostTensor {
    HostTensor(type: accumulator, shape: Shape([batch, rows, columns])) { target in
      let target = target.assumingMemoryBound(to: T.self)
      let a = a.buffer.address.assumingMemoryBound(to: T.self)
      let b = b.buffer.address.assumingMemoryBound(to: T.self)
      for k in 0..<batch {
        for i in 0..<rows {
          let row = a + (k * rows + i) * depth
          for j in 0..<columns {
            let column = b + (k * columns + j) * depth
            var sum = T.zeroElement
            for index in 0..<depth { sum = T.addProduct(sum, row[index], column[index]) }
            target[(k * rows + i) * columns + j] = sum
          }
        }
      }
    }
  }
  return try withRing(accumulator) { ring in multiply(ring) }
    .converted(to: result.element).reshaped(result.shape)
}

/// For every index of the result, the sum over all other axes of the products of the elements there.
func einsum(
  _ operands: [HostTensor], _ config: String, _ result: TensorType
) throws -> HostTensor {
  let einsum = try Einsum(config, ranks: operands.map(\.shape.rank))
  let extents = try einsum.extents(operands.map(\.shape.dimensions))
  let accumulator = result.element.computeType
  // A factor of one where there is no second operand.
  let factors =
    operands.map { $0.converted(to: accumulator) } + [Constant(1, .scalar(accumulator)).tensor]
  let names = einsum.operands + [[]]
  /// How far a step along each of these axes moves in a factor, where an axis may occur twice.
  func strides(_ axes: [Einsum.Axis], _ factor: Int) -> [Int] {
    axes.map { axis in
      zip(names[factor], factors[factor].shape.strides).reduce(0) {
        $1.0 == axis ? $0 + $1.1 : $0
      }
    }
  }
  let outer = [strides(einsum.result, 0), strides(einsum.result, 1)]
  let inner = [strides(einsum.summed, 0), strides(einsum.summed, 1)]
  let shape = Shape(einsum.result.map { extents[$0] ?? 0 })
  let summed = einsum.summed.map { extents[$0] ?? 0 }

  func sum<T: RingElement>(_: T.Type) -> HostTensor {
    HostTensor(type: accumulator, shape: shape) { target in
      let target = target.assumingMemoryBound(to: T.self)
      let a = factors[0].buffer.address.assumingMemoryBound(to: T.self)
      let b = factors[1].buffer.address.assumingMemoryBound(to: T.self)
      var place = 0
      forEachIndex(shape.dimensions) { index in
        let (p, q) = (position(index, outer[0]), position(index, outer[1]))
        var sum = T.zeroElement
        forEachIndex(summed) { step in
          sum = T.addProduct(
            sum, a[p + position(step, inner[0])], b[q + position(step, inner[1])])
        }
        target[place] = sum
        place += 1
      }
    }
  }
  return try withRing(accumulator) { ring in sum(ring) }.converted(to: result.element)
}

func convolution(
  _ lhs: HostTensor, _ rhs: HostTensor, _ c: ConvolutionAttributes, _ result: TensorType
) throws -> HostTensor {
  let n = c.dimensionNumbers
  let accumulator = result.element.computeType
  // Canonical orders: [batch, feature, spatial…], [output, input, spatial…].
  let a = lhs.converted(to: accumulator)
    .transposed([n.inputBatch, n.inputFeature] + n.inputSpatial)
  let b = rhs.converted(to: accumulator)
    .transposed([n.kernelOutputFeature, n.kernelInputFeature] + n.kernelSpatial)
  let spatial = n.inputSpatial.count
  let inputSizes = Array(a.shape.dimensions.dropFirst(2))
  let kernelSizes = Array(b.shape.dimensions.dropFirst(2))
  let outputSizes = n.outputSpatial.map { result.dimensions[$0] }
  let batch = result.dimensions[n.outputBatch]
  let features = result.dimensions[n.outputFeature]
  let depth = b.shape[1]
  let shape = Shape([batch, features] + outputSizes)
  let (aStrides, bStrides) = (a.shape.strides, b.shape.strides)
  let featuresPerGroup = features / max(1, c.featureGroupCount * c.batchGroupCount)

  func convolve<T: RingElement>(_: T.Type) -> HostTensor {
    HostTensor(type: accumulator, shape: shape) { target in
      let target = target.assumingMemoryBound(to: T.self)
      let a = a.buffer.address.assumingMemoryBound(to: T.self)
      let b = b.buffer.address.assumingMemoryBound(to: T.self)
      var place = 0
      forEachIndex(shape.dimensions) { index in
        let group = featuresPerGroup == 0 ? 0 : index[1] / featuresPerGroup
        let inputBatch = c.batchGroupCount > 1 ? group * batch + index[0] : index[0]
        let firstFeature = c.featureGroupCount > 1 ? group * depth : 0
        var sum = T.zeroElement
        forEachIndex(kernelSizes) { tap in
          var p = inputBatch * aStrides[0]
          var q = index[1] * bStrides[0]
          for axis in 0..<spatial {
            let dilated =
              index[2 + axis] * c.strides[axis] + tap[axis] * c.rhsDilation[axis]
              - c.padding[axis].low
            guard dilated >= 0, dilated % c.lhsDilation[axis] == 0 else { return }
            let source = dilated / c.lhsDilation[axis]
            guard source < inputSizes[axis] else { return }
            p += source * aStrides[2 + axis]
            let kernel =
              c.windowReversal[axis] ? kernelSizes[axis] - 1 - tap[axis] : tap[axis]
            q += kernel * bStrides[2 + axis]
          }
          for feature in 0..<depth {
            sum = T.addProduct(
              sum, a[p + (firstFeature + feature) * aStrides[1]], b[q + feature * bStrides[1]])
          }
        }
        target[place] = sum
        place += 1
      }
    }
  }
  let canonical = try withRing(accumulator) { ring in convolve(ring) }
  // Result axis `outputBatch` is canonical axis 0, and so on.
  var axes = [Int](repeating: 0, count: spatial + 2)
  axes[n.outputBatch] = 0
  axes[n.outputFeature] = 1
  for (index, axis) in n.outputSpatial.enumerated() { axes[axis] = index + 2 }
  return canonical.transposed(axes).converted(to: result.element)
}

// MARK: Linear algebra, in complex double precision

/// The elements as complex numbers in double precision.
private func complexElements(_ x: HostTensor) -> [Complex<Double>] {
  x.elements(as: Complex<Double>.self)
}

/// Row by row; the other triangle is zero. NaN where the matrix is not positive definite.
func cholesky(_ a: HostTensor, lower: Bool) throws -> HostTensor {
  typealias C = Complex<Double>
  let n = a.shape[a.shape.rank - 1]
  let elements = complexElements(a)
  var result = [C](repeating: C(0), count: elements.count)
  for start in stride(from: 0, to: elements.count, by: max(1, n * n)) {
    func element(_ i: Int, _ j: Int) -> C {
      lower ? elements[start + i * n + j] : elements[start + j * n + i].conjugate
    }
    var factor = [C](repeating: C(0), count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = element(i, j)
        for k in 0..<j { sum = sum - factor[i * n + k] * factor[j * n + k].conjugate }
        if i == j {
          factor[i * n + i] = C(sum.real > 0 ? sum.real.squareRoot() : .nan)
        } else {
          factor[i * n + j] = sum / factor[j * n + j]
        }
      }
    }
    for i in 0..<n {
      for j in 0..<n {
        result[start + i * n + j] = lower ? factor[i * n + j] : factor[j * n + i].conjugate
      }
    }
  }
  return HostTensor(result, shape: a.shape).converted(to: a.type)
}

/// `op(a) x = b`, or `x op(a) = b`, by substitution.
func triangularSolve(
  _ a: HostTensor, _ b: HostTensor, _ attributes: TriangularSolveAttributes
) throws -> HostTensor {
  typealias C = Complex<Double>
  let n = a.shape[a.shape.rank - 1]
  let rank = b.shape.rank
  let (rows, columns) = (b.shape[rank - 2], b.shape[rank - 1])
  let (matrices, sides) = (complexElements(a), complexElements(b))
  var result = sides
  let batches = n == 0 ? 0 : matrices.count / (n * n)
  for batch in 0..<batches {
    let (m, s) = (batch * n * n, batch * rows * columns)
    /// The entry of `op(a)`.
    func entry(_ i: Int, _ j: Int) -> C {
      if i == j, attributes.unitDiagonal { return C(1) }
      switch attributes.transposeA {
      case .none: return matrices[m + i * n + j]
      case .transpose: return matrices[m + j * n + i]
      case .adjoint: return matrices[m + j * n + i].conjugate
      }
    }
    // From the right, x op(a) = b is op(a)ᵀ xᵀ = bᵀ.
    let isLower = attributes.lower == (attributes.transposeA == .none)
    let forward = isLower == attributes.leftSide
    let count = attributes.leftSide ? columns : rows
    for column in 0..<count {
      func place(_ i: Int) -> Int {
        s + (attributes.leftSide ? i * columns + column : column * columns + i)
      }
      func coefficient(_ i: Int, _ j: Int) -> C {
        attributes.leftSide ? entry(i, j) : entry(j, i)
      }
      for step in 0..<n {
        let i = forward ? step : n - 1 - step
        var sum = result[place(i)]
        for j in forward ? 0..<i : (i + 1)..<n {
          sum = sum - coefficient(i, j) * result[place(j)]
        }
        result[place(i)] = attributes.unitDiagonal ? sum : sum / coefficient(i, i)
      }
    }
  }
  return HostTensor(result, shape: b.shape).converted(to: b.type)
}

extension Complex where Part == Double {
  var conjugate: Self { Self(real, -imaginary) }
}

// MARK: Fourier transforms

/// The transform along the last axes, one axis after the other, in double precision.
func fft(_ x: HostTensor, _ attributes: FFTAttributes, _ result: TensorType) throws -> HostTensor {
  typealias C = Complex<Double>
  let length = attributes.length
  let rank = x.shape.rank
  var elements = complexElements(x)
  var shape = x.shape.dimensions
  if result.count == 0 || x.count == 0 { return HostTensor.zeros(result.element, result.shape) }
  let isInverse = attributes.kind == .ifft || attributes.kind == .irfft
  if attributes.kind == .irfft {
    // The missing half is the conjugate mirror: along the last axis, and all axes at once.
    let axes = Array(rank - length.count..<rank)
    let full = length[length.count - 1]
    let half = shape[rank - 1]
    var wide = shape
    wide[rank - 1] = full
    var expanded = [C](repeating: C(0), count: wide.reduce(1, *))
    let strides = Shape(shape).strides
    var place = 0
    forEachIndex(wide) { index in
      var source = index
      if index[rank - 1] < half {
        expanded[place] = elements[position(source, strides)]
      } else {
        for axis in axes { source[axis] = (wide[axis] - index[axis]) % wide[axis] }
        expanded[place] = elements[position(source, strides)].conjugate
      }
      place += 1
    }
    elements = expanded
    shape = wide
  }
  for axis in (rank - length.count)..<rank {
    transform(&elements, shape, axis: axis, isInverse: isInverse)
  }
  if attributes.kind == .rfft {
    let full = HostTensor(elements, shape: Shape(shape))
    let zeros = shape.map { _ in 0 }
    return full.sliced(
      starts: zeros, limits: result.dimensions, strides: zeros.map { _ in 1 }
    ).converted(to: result.element)
  }
  return HostTensor(elements, shape: Shape(shape)).converted(to: result.element)
}

/// Transforms every line along `axis`; the inverse divides by the length.
private func transform(
  _ elements: inout [Complex<Double>], _ shape: [Int], axis: Int, isInverse: Bool
) {
  typealias C = Complex<Double>
  let n = shape[axis]
  let stride = shape[(axis + 1)...].reduce(1, *)
  // The roots of unity, each computed on its own.
  let roots = (0..<n).map { k -> C in
    let (s, c) = unitRoot(k, n)
    return C(c, isInverse ? s : -s)
  }
  var line = [C](repeating: C(0), count: n)
  for start in 0..<(elements.count / n) {
    let first = start / stride * stride * n + start % stride
    for i in 0..<n { line[i] = elements[first + i * stride] }
    let transformed = fourier(line, roots)
    for i in 0..<n {
      elements[first + i * stride] =
        isInverse
        ? C(transformed[i].real / Double(n), transformed[i].imaginary / Double(n)) : transformed[i]
    }
  }
}

/// sin and cos of 2πk/n, exact at multiples of an eighth.
private func unitRoot(_ k: Int, _ n: Int) -> (Double, Double) {
  let eighth = 8 * k / n
  // The angle inside the eighth, and its reflection, stay below π/4.
  let rest = 8 * k - eighth * n
  let angle = Double(eighth & 1 == 0 ? rest : n - rest) * .pi / (4 * Double(n))
  let (s, c) = (ElementaryFunction.sin(angle), ElementaryFunction.cos(angle))
  switch eighth & 7 {
  case 0: return (s, c)
  case 1: return (c, s)
  case 2: return (c, -s)
  case 3: return (s, -c)
  case 4: return (-s, -c)
  case 5: return (-c, -s)
  case 6: return (-c, s)
  default: return (-s, c)
  }
}

/// By halves where the length is even, else by definition.
private func fourier(_ x: [Complex<Double>], _ roots: [Complex<Double>]) -> [Complex<Double>] {
  typealias C = Complex<Double>
  let n = x.count
  if n <= 1 { return x }
  guard n % 2 == 0 else {
    return (0..<n).map { k in
      var sum = C(0)
      for j in 0..<n { sum = sum + x[j] * roots[j * k % n] }
      return sum
    }
  }
  let half = n / 2
  let halfRoots = (0..<half).map { roots[2 * $0] }
  let even = fourier((0..<half).map { x[2 * $0] }, halfRoots)
  let odd = fourier((0..<half).map { x[2 * $0 + 1] }, halfRoots)
  var result = [C](repeating: C(0), count: n)
  for k in 0..<half {
    let turned = roots[k] * odd[k]
    result[k] = even[k] + turned
    result[k + half] = even[k] - turned
  }
  return result
}

// MARK: Batch normalisation

/// The value of a feature, repeated over the shape of `x`.
private func spread(_ feature: HostTensor, _ x: HostTensor, _ axis: Int) -> HostTensor {
  feature.broadcast(to: x.shape, dimensions: [axis])
}

/// The sum over all axes but one.
private func sumFeatures(_ x: HostTensor, _ axis: Int) throws -> HostTensor {
  let zero = HostTensor(.float(0), type: x.type)
  return try reduceByOne(
    .add, x, zero, dimensions: (0..<x.shape.rank).filter { $0 != axis }, element: x.type)
}

private func meanAndVariance(
  _ x: HostTensor, _ axis: Int
) throws -> (mean: HostTensor, variance: HostTensor) {
  let count = HostTensor(
    type: x.type, shape: [x.shape[axis]],
    filledWith: .float(Double(x.shape[axis] == 0 ? 0 : x.count / x.shape[axis])))
  let mean = try evaluateBinary(.divide, sumFeatures(x, axis), count)
  let centered = try evaluateBinary(.subtract, x, spread(mean, x, axis))
  let squares = try evaluateBinary(.multiply, centered, centered)
  return (mean, try evaluateBinary(.divide, sumFeatures(squares, axis), count))
}

func batchNormInference(
  _ operands: [HostTensor], _ attributes: BatchNormAttributes
) throws -> HostTensor {
  let axis = Int(attributes.featureIndex)
  let (x, scale, offset, mean, variance) = (
    operands[0], operands[1], operands[2], operands[3], operands[4]
  )
  let epsilon = HostTensor(
    type: x.type, shape: variance.shape, filledWith: .float(Double(attributes.epsilon)))
  let deviation = try evaluateUnary(.sqrt, evaluateBinary(.add, variance, epsilon))
  let centered = try evaluateBinary(.subtract, x, spread(mean, x, axis))
  let normal = try evaluateBinary(.divide, centered, spread(deviation, x, axis))
  return try evaluateBinary(
    .add, evaluateBinary(.multiply, normal, spread(scale, x, axis)), spread(offset, x, axis))
}

func batchNormTraining(
  _ operands: [HostTensor], _ attributes: BatchNormAttributes
) throws -> [HostTensor] {
  let (mean, variance) = try meanAndVariance(operands[0], Int(attributes.featureIndex))
  let output = try batchNormInference(operands + [mean, variance], attributes)
  return [output, mean, variance]
}

func batchNormGrad(
  _ operands: [HostTensor], _ attributes: BatchNormAttributes
) throws -> [HostTensor] {
  let axis = Int(attributes.featureIndex)
  let (x, scale, mean, variance, gradient) = (
    operands[0], operands[1], operands[2], operands[3], operands[4]
  )
  let count = HostTensor(
    type: x.type, shape: [x.shape[axis]],
    filledWith: .float(Double(x.shape[axis] == 0 ? 0 : x.count / x.shape[axis])))
  let epsilon = HostTensor(
    type: x.type, shape: variance.shape, filledWith: .float(Double(attributes.epsilon)))
  let safe = try evaluateBinary(.add, variance, epsilon)
  let deviation = try evaluateUnary(.sqrt, safe)
  let centered = try evaluateBinary(.subtract, x, spread(mean, x, axis))
  let gradientTimesCentered = try sumFeatures(
    evaluateBinary(.multiply, gradient, centered), axis)
  let gradientSum = try sumFeatures(gradient, axis)
  // (gradient * n - Σ gradient - centered * Σ(gradient * centered) / variance) * scale / deviation / n
  let first = try evaluateBinary(.multiply, gradient, spread(count, x, axis))
  let second = try evaluateBinary(.subtract, first, spread(gradientSum, x, axis))
  let third = try evaluateBinary(
    .multiply, centered, spread(evaluateBinary(.divide, gradientTimesCentered, safe), x, axis))
  let factor = try evaluateBinary(.divide, evaluateBinary(.divide, scale, deviation), count)
  let operandGradient = try evaluateBinary(
    .multiply, spread(factor, x, axis), evaluateBinary(.subtract, second, third))
  return [
    operandGradient, try evaluateBinary(.divide, gradientTimesCentered, deviation), gradientSum,
  ]
}
