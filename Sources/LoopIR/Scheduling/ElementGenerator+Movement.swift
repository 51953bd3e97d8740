import HLO
import Support
import Tensor

// Operations that move elements: they ask for an element of their operand at another index.
extension ElementGenerator {
  /// The element of an operation that moves; `nil` if `operation` does not.
  func moved(_ operation: Operation, _ index: ElementIndex) throws -> Kernel.ValueID? {
    guard let result = operation.results.first, function.values[result].type.tensor != nil else {
      return nil
    }
    let shape = shape(of: result)
    func operandShape() -> Shape { self.shape(of: operation.operands[0]) }
    func operand(_ coordinates: [Kernel.ValueID]) throws -> Kernel.ValueID {
      try element(operation.operands[0], ElementIndex(coordinates))
    }
    switch operation.op {
    case .broadcastInDim(let dimensions):
      let source = operandShape()
      if source == shape && dimensions == Array(0..<shape.rank) {
        return try element(operation.operands[0], index)
      }
      if source.count == 1 {
        return try operand([Kernel.ValueID](repeating: builder.index(0), count: source.rank))
      }
      let coordinates = coordinates(index, shape)
      return try operand(
        dimensions.enumerated().map { axis, target in
          source[axis] == 1 ? builder.index(0) : coordinates[target]
        })
    case .reshape:
      return try element(
        operation.operands[0], reshaped(index, from: operandShape(), to: shape))
    case .transpose(let permutation):
      if permutation.isIdentity { return try element(operation.operands[0], index) }
      let coordinates = coordinates(index, shape)
      return try operand(permutation.inverse.axes.map { coordinates[$0] })
    case .reverse(let dimensions):
      var coordinates = coordinates(index, shape)
      for axis in dimensions {
        coordinates[axis] = subtract(builder.index(shape[axis] - 1), coordinates[axis])
      }
      return try operand(coordinates)
    case .slice(let bounds):
      let coordinates = coordinates(index, shape)
      return try operand(
        coordinates.indices.map { axis in
          add(multiply(coordinates[axis], by: bounds.strides[axis]), bounds.start[axis])
        })
    case .pad(let amounts): return try padded(operation, amounts, coordinates(index, shape))
    case .concatenate(let dimension):
      return try joined(operation, dimension, coordinates(index, shape))
    case .dynamicSlice(let sizes):
      let source = operandShape()
      let coordinates = coordinates(index, shape)
      return try operand(
        sizes.indices.map { axis in
          let start = try startIndex(
            operation.operands[1 + axis], limit: source[axis] - sizes[axis])
          return add(start, coordinates[axis])
        })
    case .dynamicUpdateSlice: return try updated(operation, index)
    case .gather(let attributes): return try gathered(operation, attributes, index)
    default: return nil
    }
  }

  /// A scalar start index of a dynamic slice, moved into `0 ... limit`.
  func startIndex(_ value: HLO.ValueID, limit: Int) throws -> Kernel.ValueID {
    if limit == 0 { return builder.index(0) }
    return clamp(indexValue(try scalar(value)), 0, limit)
  }

  /// An element of an integer array as an index; unsigned values beyond `i64` become large.
  func indexValue(_ value: Kernel.ValueID) -> Kernel.ValueID {
    let type = builder.type(of: value)
    if type == .u64 {
      let limit = builder.constant(.u64, ScalarBits(UInt64(Int64.max)))
      return builder.convert(builder.binary(.minimum, value, limit), to: .i64)
    }
    return builder.convert(value, to: .i64)
  }

  private func padded(
    _ operation: Operation, _ amounts: PadAmounts, _ coordinates: [Kernel.ValueID]
  ) throws -> Kernel.ValueID {
    let source = shape(of: operation.operands[0])
    let padding = try scalar(operation.operands[1])
    if source.count == 0 { return padding }
    var isElement = builder.constant(true)
    var hasCondition = false
    func require(_ condition: Kernel.ValueID) {
      isElement = hasCondition ? both(isElement, condition) : condition
      hasCondition = true
    }
    // Between the elements, positions are divided: elements that are not used must be readable then.
    // Else they are not read, so that neighbours stay neighbours.
    let isSpread = amounts.interior.contains { $0 > 0 }
    var inner: [Kernel.ValueID] = []
    for axis in coordinates.indices {
      let (low, high) = (amounts.low[axis], amounts.high[axis])
      let step = amounts.interior[axis] + 1
      var position = add(coordinates[axis], -low)
      if low > 0 { require(builder.compare(.greaterOrEqual, position, builder.index(0))) }
      if step > 1 {
        require(
          builder.compare(.equal, remainder(position, by: step), builder.index(0)))
        position = divide(position, by: step)
      }
      if high > 0 {
        require(builder.compare(.less, position, builder.index(source[axis])))
      }
      if isSpread, low > 0 || high > 0 { position = clamp(position, 0, source[axis] - 1) }
      inner.append(position)
    }
    if hasCondition && !isSpread {
      return try branch(
        isElement, then: { [try element(operation.operands[0], ElementIndex(inner))] },
        otherwise: { [padding] })[0]
    }
    let value = try element(operation.operands[0], ElementIndex(inner))
    return hasCondition ? builder.select(isElement, value, padding) : value
  }

  private func joined(
    _ operation: Operation, _ dimension: Int, _ coordinates: [Kernel.ValueID]
  ) throws -> Kernel.ValueID {
    func from(_ number: Int, _ start: Int) throws -> Kernel.ValueID {
      let operand = operation.operands[number]
      let extent = shape(of: operand)[dimension]
      var inner = coordinates
      inner[dimension] = add(coordinates[dimension], -start)
      if number == operation.operands.count - 1 {
        return try element(operand, ElementIndex(inner))
      }
      if extent == 0 { return try from(number + 1, start) }
      let isHere = builder.compare(
        .less, coordinates[dimension], builder.index(start + extent))
      return try branch(
        isHere, then: { [try element(operand, ElementIndex(inner))] },
        otherwise: { [try from(number + 1, start + extent)] })[0]
    }
    return try from(0, 0)
  }

  private func updated(
    _ operation: Operation, _ index: ElementIndex
  ) throws -> Kernel.ValueID {
    let shape = shape(of: operation.results[0])
    let sizes = self.shape(of: operation.operands[1]).dimensions
    let coordinates = coordinates(index, shape)
    var isInside = builder.constant(true)
    var inner: [Kernel.ValueID] = []
    for axis in sizes.indices {
      let start = try startIndex(
        operation.operands[2 + axis], limit: shape[axis] - sizes[axis])
      let position = subtract(coordinates[axis], start)
      if sizes[axis] != shape[axis] {
        isInside = both(isInside, self.isInside(position, 0, sizes[axis]))
      }
      inner.append(position)
    }
    return try branch(
      isInside, then: { [try element(operation.operands[1], ElementIndex(inner))] },
      otherwise: { [try element(operation.operands[0], index)] })[0]
  }

  private func gathered(
    _ operation: Operation, _ attributes: GatherAttributes, _ index: ElementIndex
  ) throws -> Kernel.ValueID {
    let numbers = attributes.dimensionNumbers
    let source = shape(of: operation.operands[0])
    let starts = shape(of: operation.operands[1])
    let coordinates = coordinates(index, shape(of: operation.results[0]))
    let batch = coordinates.indices.filter { !numbers.offsetDims.contains($0) }
      .map { coordinates[$0] }
    let offsets = numbers.offsetDims.map { coordinates[$0] }
    var position = [Kernel.ValueID](repeating: builder.index(0), count: source.rank)
    for (number, axis) in numbers.startIndexMap.enumerated() {
      let limit = source[axis] - attributes.sliceSizes[axis]
      if limit <= 0 { continue }
      let start = try element(
        operation.operands[1],
        vectorIndex(batch, starts, numbers.indexVectorDim, component: number))
      position[axis] = clamp(indexValue(start), 0, limit)
    }
    let batchAxes = starts.dimensions.indices.filter { $0 != numbers.indexVectorDim }
    for (axis, startsAxis) in zip(numbers.operandBatchingDims, numbers.startIndicesBatchingDims) {
      if let place = batchAxes.firstIndex(of: startsAxis) { position[axis] = batch[place] }
    }
    let kept = source.dimensions.indices.filter {
      !numbers.collapsedSliceDims.contains($0) && !numbers.operandBatchingDims.contains($0)
    }
    for (offset, axis) in zip(offsets, kept) { position[axis] = add(position[axis], offset) }
    return try element(operation.operands[0], ElementIndex(position))
  }

  /// The index of one component of the index vector that belongs to `batch`.
  func vectorIndex(
    _ batch: [Kernel.ValueID], _ shape: Shape, _ vectorAxis: Int, component: Int
  ) -> ElementIndex {
    var coordinates = batch
    if vectorAxis < shape.rank { coordinates.insert(builder.index(component), at: vectorAxis) }
    return ElementIndex(coordinates)
  }
}
