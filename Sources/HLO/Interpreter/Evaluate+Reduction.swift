import Support
import Tensor

/// The axes that stay, and their extents.
private func keptAxes(_ shape: Shape, _ dimensions: [Int]) -> [Int] {
  let reduced = Set(dimensions)
  return (0..<shape.rank).filter { !reduced.contains($0) }
}

/// Reduces by one operation, in the order of the elements.
func reduceByOne(
  _ op: BinaryOp, _ x: HostTensor, _ initial: HostTensor, dimensions: [Int], element: ElementType
) throws -> HostTensor {
  let kept = keptAxes(x.shape, dimensions)
  let shape = Shape(kept.map { x.shape[$0] })
  let length = dimensions.reduce(1) { $0 * x.shape[$1] }
  let compute = element.computeType
  // Lines of what is reduced, one per element of the result.
  let isInOrder = kept + dimensions.sorted() == Array(0..<x.shape.rank)
  let lines = (isInOrder ? x : x.transposed(kept + dimensions.sorted())).converted(to: element)
  // Narrow types are rounded at every step, wide ones need no conversion.
  guard compute == element,
    let result = try reduceLines(op, lines, initial.converted(to: element), shape, length)
  else {
    var accumulator = initial.converted(to: element).broadcast(to: shape, dimensions: [])
    let columns = lines.reshaped(Shape([shape.count, length])).transposed([1, 0])
    let size = element.byteCount
    for step in 0..<length {
      let slice = HostTensor(
        type: element, shape: shape,
        bytes: UnsafeRawBufferPointer(
          rebasing: columns.bytes[step * shape.count * size..<(step + 1) * shape.count * size]))
      accumulator = try evaluateBinary(op, accumulator, slice)
    }
    return accumulator
  }
  return result
}

/// The common cases as loops; `nil` for the others.
private func reduceLines(
  _ op: BinaryOp, _ lines: HostTensor, _ initial: HostTensor, _ shape: Shape, _ length: Int
) throws -> HostTensor? {
  func reduce<T: TensorElement>(_: T.Type, _ f: (T, T) -> T) -> HostTensor {
    HostTensor(type: T.elementType, shape: shape) { target in
      let target = target.assumingMemoryBound(to: T.self)
      let source = lines.buffer.address.assumingMemoryBound(to: T.self)
      let start = initial.buffer.address.assumingMemoryBound(to: T.self)[0]
      for line in 0..<shape.count {
        var accumulator = start
        for index in 0..<length { accumulator = f(accumulator, source[line * length + index]) }
        target[line] = accumulator
      }
    }
  }
  func integer<T: TensorElement & FixedWidthInteger>(_: T.Type) -> HostTensor? {
    switch op {
    case .add: reduce(T.self) { $0 &+ $1 }
    case .multiply: reduce(T.self) { $0 &* $1 }
    case .maximum: reduce(T.self) { $0 > $1 ? $0 : $1 }
    case .minimum: reduce(T.self) { $0 < $1 ? $0 : $1 }
    case .and: reduce(T.self) { $0 & $1 }
    case .or: reduce(T.self) { $0 | $1 }
    case .xor: reduce(T.self) { $0 ^ $1 }
    default: nil
    }
  }
  func real<T: TensorElement & BinaryFloatingPoint>(_: T.Type) -> HostTensor? {
    switch op {
    case .add: reduce(T.self) { $0 + $1 }
    case .multiply: reduce(T.self) { $0 * $1 }
    case .maximum: reduce(T.self, maximum)
    case .minimum: reduce(T.self, minimum)
    default: nil
    }
  }
  switch lines.type {
  case .bool:
    switch op {
    case .and, .minimum, .multiply: return reduce(Bool.self) { $0 && $1 }
    case .or, .maximum, .add: return reduce(Bool.self) { $0 || $1 }
    default: return nil
    }
  case .i32: return integer(Int32.self)
  case .i64: return integer(Int64.self)
  case .u32: return integer(UInt32.self)
  case .u64: return integer(UInt64.self)
  case .f32: return real(Float.self)
  case .f64: return real(Double.self)
  default: return nil
  }
}

/// Tensors of the same shape whose elements are combined one by one by a region.
struct Elements {
  let tensors: [HostTensor]

  /// The scalars at a row-major position.
  subscript(position: Int) -> [HostTensor] {
    tensors.map { tensor in
      let size = tensor.type.byteCount
      return HostTensor(
        type: tensor.type, shape: .scalar,
        bytes: UnsafeRawBufferPointer(
          rebasing: tensor.bytes[position * size..<(position + 1) * size]))
    }
  }

  /// Writes scalars at a row-major position; the tensors must be fresh.
  func set(_ position: Int, _ scalars: [HostTensor]) {
    for (tensor, scalar) in Swift.zip(tensors, scalars) {
      let size = tensor.type.byteCount
      (tensor.buffer.address + position * size).copyMemory(
        from: scalar.buffer.address, byteCount: size)
    }
  }
}

/// Combines two lists of scalars.
typealias Combine = ([HostTensor], [HostTensor]) throws -> [HostTensor]

func reduceByRegion(
  _ inputs: [HostTensor], _ initial: [HostTensor], dimensions: [Int], results: [TensorType],
  _ combine: Combine
) throws -> [HostTensor] {
  let kept = keptAxes(inputs[0].shape, dimensions)
  let shape = Shape(kept.map { inputs[0].shape[$0] })
  let converted = Swift.zip(initial, results).map { $0.converted(to: $1.element) }
  let output = Elements(
    tensors: converted.map { mutableCopy($0.broadcast(to: shape, dimensions: [])) })
  let source = Elements(tensors: Swift.zip(inputs, results).map { $0.converted(to: $1.element) })
  let strides = shape.strides
  var place = 0
  try forEachIndex(inputs[0].shape.dimensions) { index in
    let target = position(kept.map { index[$0] }, strides)
    output.set(target, try combine(output[target], source[place]))
    place += 1
  }
  return output.tensors
}

/// Calls `body` with every index of the windows and the positions of the elements inside, in
/// order; -1 stands for padding and dilation holes, which hold the initial value.
func forEachWindow(
  _ shape: Shape, _ window: WindowAttributes, _ output: Shape,
  _ body: (_ window: Int, _ elements: [Int]) throws -> Void
) rethrows {
  let strides = shape.strides
  var place = 0
  try forEachIndex(output.dimensions) { index in
    var elements: [Int] = []
    forEachIndex(window.dimensions) { offset in
      var source = 0
      for axis in offset.indices {
        let dilated =
          index[axis] * window.strides[axis] + offset[axis] * window.windowDilations[axis]
          - window.padding[axis].low
        guard dilated >= 0, dilated % window.baseDilations[axis] == 0,
          dilated / window.baseDilations[axis] < shape[axis]
        else {
          elements.append(-1)
          return
        }
        source += dilated / window.baseDilations[axis] * strides[axis]
      }
      elements.append(source)
    }
    try body(place, elements)
    place += 1
  }
}

func reduceWindowByRegion(
  _ inputs: [HostTensor], _ initial: [HostTensor], _ window: WindowAttributes,
  results: [TensorType], _ combine: Combine
) throws -> [HostTensor] {
  let start = Swift.zip(initial, results).map { $0.converted(to: $1.element) }
  let output = Elements(tensors: results.map { HostTensor.zeros($0.element, $0.shape) })
  let source = Elements(tensors: Swift.zip(inputs, results).map { $0.converted(to: $1.element) })
  try forEachWindow(inputs[0].shape, window, results[0].shape) { place, elements in
    var accumulator = start
    for element in elements {
      accumulator = try combine(accumulator, element < 0 ? start : source[element])
    }
    output.set(place, accumulator)
  }
  return output.tensors
}

/// Windows of one operand reduced by one operation, as loops over numbers.
func reduceWindowByOne(
  _ op: BinaryOp, _ input: HostTensor, _ initial: HostTensor, _ window: WindowAttributes,
  _ result: TensorType
) throws -> HostTensor? {
  func reduce<T: TensorElement>(_: T.Type, _ f: (T, T) -> T) -> HostTensor {
    HostTensor(type: T.elementType, shape: result.shape) { target in
      let target = target.assumingMemoryBound(to: T.self)
      let source = input.buffer.address.assumingMemoryBound(to: T.self)
      let start = initial.buffer.address.assumingMemoryBound(to: T.self)[0]
      forEachWindow(input.shape, window, result.shape) { place, elements in
        var accumulator = start
        for element in elements {
          accumulator = f(accumulator, element < 0 ? start : source[element])
        }
        target[place] = accumulator
      }
    }
  }
  func real<T: TensorElement & BinaryFloatingPoint>(_: T.Type) -> HostTensor? {
    switch op {
    case .add: reduce(T.self) { $0 + $1 }
    case .multiply: reduce(T.self) { $0 * $1 }
    case .maximum: reduce(T.self, maximum)
    case .minimum: reduce(T.self, minimum)
    default: nil
    }
  }
  func integer<T: TensorElement & FixedWidthInteger>(_: T.Type) -> HostTensor? {
    switch op {
    case .add: reduce(T.self) { $0 &+ $1 }
    case .multiply: reduce(T.self) { $0 &* $1 }
    case .maximum: reduce(T.self) { $0 > $1 ? $0 : $1 }
    case .minimum: reduce(T.self) { $0 < $1 ? $0 : $1 }
    default: nil
    }
  }
  guard input.type == result.element else { return nil }
  switch input.type {
  case .f32: return real(Float.self)
  case .f64: return real(Double.self)
  case .i32: return integer(Int32.self)
  case .i64: return integer(Int64.self)
  default: return nil
  }
}

func selectAndScatterByRegion(
  _ operand: HostTensor, _ source: HostTensor, _ initial: HostTensor, _ window: WindowAttributes,
  result: TensorType, select: (HostTensor, HostTensor) throws -> Bool, combine: Combine
) throws -> HostTensor {
  let start = initial.converted(to: result.element)
  let output = Elements(tensors: [mutableCopy(start.broadcast(to: operand.shape, dimensions: []))])
  let values = Elements(tensors: [operand])
  let sources = Elements(tensors: [source.converted(to: result.element)])
  try forEachWindow(operand.shape, window, source.shape) { place, elements in
    var chosen = -1
    for element in elements where element >= 0 {
      if chosen < 0 {
        chosen = element
      } else if try !select(values[chosen][0], values[element][0]) {
        chosen = element
      }
    }
    if chosen >= 0 { output.set(chosen, try combine(output[chosen], sources[place])) }
  }
  return output.tensors[0]
}

/// Sorts lines of all inputs together, by merging, which keeps the order of equal elements.
func sortByRegion(
  _ inputs: [HostTensor], dimension: Int, isLess: ([HostTensor]) throws -> Bool
) throws -> [HostTensor] {
  let shape = inputs[0].shape
  guard shape.rank > 0, shape.count > 1 else { return inputs }
  let axis = dimension < 0 ? dimension + shape.rank : dimension
  let length = shape[axis]
  let stride = shape.strides[axis]
  let source = Elements(tensors: inputs)
  let output = Elements(tensors: inputs.map(mutableCopy))
  for start in 0..<(shape.count / length) {
    let first = start / stride * stride * length + start % stride
    let line = (0..<length).map { source[first + $0 * stride] }
    let order = try mergeSorted(length) { a, b in
      var arguments: [HostTensor] = []
      for index in inputs.indices { arguments += [line[a][index], line[b][index]] }
      return try isLess(arguments)
    }
    for (place, index) in order.enumerated() { output.set(first + place * stride, line[index]) }
  }
  return output.tensors
}

/// The order of `0..<count`, sorted bottom-up.
private func mergeSorted(
  _ count: Int, _ isLess: (Int, Int) throws -> Bool
) rethrows -> [Int] {
  var order = Array(0..<count)
  var width = 1
  while width < count {
    var merged: [Int] = []
    merged.reserveCapacity(count)
    var start = 0
    while start < count {
      let middle = min(start + width, count)
      let end = min(start + 2 * width, count)
      var (i, j) = (start, middle)
      while i < middle, j < end {
        if try isLess(order[j], order[i]) {
          merged.append(order[j])
          j += 1
        } else {
          merged.append(order[i])
          i += 1
        }
      }
      merged += order[i..<middle]
      merged += order[j..<end]
      start = end
    }
    order = merged
    width *= 2
  }
  return order
}
