import Tensor

// Operations of chlo that are defined by operations of StableHLO.

/// `op` of operands that are broadcast to the shape of the result first.
func evaluateBroadcasting(
  _ op: Op, _ operands: [HostTensor], dimensions: [Int]?, _ result: TensorType
) throws -> [HostTensor] {
  let equal = operands.map { operand in
    operand.broadcast(
      to: result.shape,
      dimensions: broadcastAxes(operand.shape.rank, into: result.rank, dimensions))
  }
  return try evaluate(op, equal, results: [result])
}

/// A product whose ragged axis falls into groups: of rows with factors of their own, of products
/// that are summed up apart, or of batches, to which groups mean nothing.
func raggedDot(
  _ lhs: HostTensor, _ rhs: HostTensor, _ sizes: HostTensor, _ attributes: RaggedDotAttributes,
  _ result: TensorType
) throws -> HostTensor {
  let n = attributes.dimensionNumbers
  let groups = Groups(sizes)
  func product(_ a: HostTensor, _ b: HostTensor, _ dimensions: [Int]) throws -> HostTensor {
    try dotGeneral(a, b, n, TensorType(dimensions, result.element))
  }
  switch attributes.kind {
  case .batching: return try product(lhs, rhs, result.dimensions)

  case .contracting:
    let axes = attributes.axesBeforeRagged(rank: lhs.shape.rank) + attributes.lhsRagged
    // The axes of rhs that are multiplied with these.
    let partner = Dictionary(
      uniqueKeysWithValues: Swift.zip(
        n.lhsBatching + n.lhsContracting, n.rhsBatching + n.rhsContracting))
    let rhsAxes = axes.compactMap { partner[$0] }
    let parts = try (0..<groups.count).map { group in
      try product(
        groups.keeping(group, of: lhs, along: axes), groups.keeping(group, of: rhs, along: rhsAxes),
        Array(result.dimensions.dropFirst())
      ).reshaped(Shape([1] + result.dimensions.dropFirst()))
    }
    return parts.isEmpty
      ? HostTensor.zeros(result.element, result.shape) : HostTensor.concatenated(parts, axis: 0)

  case .free:
    // The product with the factors of all groups, of which each row takes its own.
    let axis = attributes.groupAxis(lhsRank: lhs.shape.rank)
    var dimensions = result.dimensions
    dimensions.insert(groups.count, at: axis)
    let all = try product(lhs, rhs, dimensions)
    let ragged = attributes.axesBeforeRagged(rank: lhs.shape.rank).count
    let target = HostTensor.zeros(result.element, result.shape)
    forEachIndex(result.dimensions) { index in
      guard let group = groups.group(of: Array(index[...ragged])) else { return }
      var source = index
      source.insert(group, at: axis)
      copyElement(all, source, to: target, index)
    }
    return target
  }
}

/// Which indices of a ragged axis belong to which group.
private struct Groups {
  let sizes: HostTensor
  private let elements: [Int]
  var count: Int { sizes.shape.dimensions.last ?? 0 }

  init(_ sizes: HostTensor) {
    self.sizes = sizes
    elements = integers(sizes)
  }

  /// The group of an index, behind those of the axes before it; `nil` behind the last group.
  func group(of index: [Int]) -> Int? {
    let row = sizes.shape.rank == 1 ? 0 : position(index.dropLast() + [0], sizes.shape.strides)
    var end = 0
    for group in 0..<count {
      end = end &+ elements[row + group]
      if index[index.count - 1] < end { return group }
    }
    return nil
  }

  /// `x` with zeros for what is not of `group`; `axes` end in the ragged one.
  func keeping(_ group: Int, of x: HostTensor, along axes: [Int]) -> HostTensor {
    let kept = HostTensor.zeros(x.type, x.shape)
    forEachIndex(x.shape.dimensions) { index in
      if self.group(of: axes.map { index[$0] }) == group { copyElement(x, index, to: kept, index) }
    }
    return kept
  }
}

private func copyElement(
  _ source: HostTensor, _ from: [Int], to target: HostTensor, _ index: [Int]
) {
  let size = source.type.byteCount
  (target.buffer.address + position(index, target.shape.strides) * size).copyMemory(
    from: source.buffer.address + position(from, source.shape.strides) * size, byteCount: size)
}

// Older operations.

/// Slices of `x` along an axis; an index out of range means the nearest in range.
func torchIndexSelect(
  _ x: HostTensor, _ index: HostTensor, _ dimension: Int, _ batchDimensions: Int
) -> HostTensor {
  let chosen = integers(index)
  let (batch, behind) = (index.shape.dimensions[..<batchDimensions], dimension + 1)
  let inner = Array(index.shape.dimensions[batch.endIndex...])
  let shape = x.shape.dimensions[..<dimension] + inner + x.shape.dimensions[behind...]
  let target = HostTensor.zeros(x.type, Shape(Array(shape)))
  forEachIndex(Array(shape)) { at in
    let (before, here) = (at[..<dimension], at[dimension..<dimension + inner.count])
    let place = position(Array(before[..<batch.endIndex] + here), index.shape.strides)
    let nearest = min(max(chosen[place], 0), x.shape[dimension] - 1)
    copyElement(x, before + [nearest] + at[(dimension + inner.count)...], to: target, at)
  }
  return target
}
