import Support
import Tensor

// Operations of chlo, and what they have no numbered constraints for: labels say what is wrong.
extension Typing {
  func client() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .einsum(let config): return [.tensor(try einsum(config))]
    case .torchIndexSelect(let dimension, let batchDimensions):
      return [.tensor(try torchIndexSelect(dimension, batchDimensions))]
    case .constantLike(let constant):
      try count(1)
      let operand = try tensor(0)
      return [.tensor(operand.with(constant.type.element))]
    case .broadcasting(let op, let dimensions): return try broadcasting(op, dimensions)
    case .scan(let attributes): return try scan(attributes)
    case .raggedDot(let attributes): return [.tensor(try raggedDot(attributes))]
    default: throw internalError()
    }
  }

  // MARK: Older operations

  private func einsum(_ config: String) throws(Diagnostic) -> TensorType {
    let operands = try tensors(0..<self.operands.count)
    let einsum = try Einsum(config, ranks: operands.map(\.rank))
    let extents = try einsum.extents(operands.map(\.dimensions))
    let element = operands[0].element
    try require(
      operands.allSatisfy { $0.element == element }, "operands",
      "they have different element types")
    return TensorType(einsum.result.map { extents[$0] ?? 0 }, element)
  }

  private func torchIndexSelect(
    _ dimension: Int, _ batchDimensions: Int
  ) throws(Diagnostic) -> TensorType {
    try count(2)
    let (operand, index) = (try tensor(0), try tensor(1))
    try require(
      dimension >= 0 && dimension < operand.rank, "dim",
      "\(dimension) is not in 0..<\(operand.rank)")
    try require(
      batchDimensions >= 0 && batchDimensions <= min(dimension, index.rank), "batch_dims",
      "\(batchDimensions) of \(operand) and \(index), along dimension \(dimension)")
    try require(index.element.isInteger, "index", "\(index) does not have integers")
    try require(
      compatible(
        Array(operand.dimensions.prefix(batchDimensions)),
        Array(index.dimensions.prefix(batchDimensions))), "batch_dims",
      "\(operand) and \(index) have different batches")
    try require(
      operand.dimensions[dimension] != 0 || index.dimensions.contains(0), "dim",
      "\(operand) has nothing to select along dimension \(dimension)")
    var dimensions = operand.dimensions
    dimensions.replaceSubrange(
      dimension...dimension, with: index.dimensions.dropFirst(batchDimensions))
    return operand.with(dimensions)
  }

  // MARK: Broadcasting

  private func broadcasting(_ op: Op, _ dimensions: [Int]?) throws(Diagnostic) -> [ValueType] {
    try count(op == .select ? 3 : 2)
    let operands = try tensors(0..<self.operands.count)
    let shape = try broadcastShape(operands, dimensions)
    return try resultTypesOf(
      op, operands: operands.map { .tensor($0.with(shape)) }, regions: [], stated: nil)
  }

  /// The extents of the result: along each axis those that are not 1.
  private func broadcastShape(
    _ operands: [TensorType], _ dimensions: [Int]?
  ) throws(Diagnostic) -> [Int] {
    let rank = operands.map(\.rank).max() ?? 0
    if let dimensions {
      let least = operands.map(\.rank).min() ?? 0
      try require(
        dimensions.count == least, "broadcast_dimensions",
        "\(dimensions) do not have \(least) entries")
      try axes(dimensions, below: rank, "broadcast_dimensions", "they are")
      try require(
        zip(dimensions, dimensions.dropFirst()).allSatisfy { $0 < $1 }, "broadcast_dimensions",
        "\(dimensions) do not increase")
    }
    var shape = [Int](repeating: 1, count: rank)
    for operand in operands {
      for (axis, target) in broadcastAxes(operand.rank, into: rank, dimensions).enumerated() {
        let extent = operand.dimensions[axis]
        if shape[target] == 1 || shape[target] == TensorType.dynamic && extent != 1 {
          shape[target] = extent
        }
        try require(
          extent == 1 || compatible(extent, shape[target]), "shapes",
          "\(operands) cannot be broadcast to one shape")
      }
    }
    return shape
  }

  // MARK: Scan

  private func scan(_ attributes: ScanAttributes) throws(Diagnostic) -> [ValueType] {
    let (inputCount, dimension) = (attributes.inputCount, attributes.dimension)
    try require(
      inputCount >= 0 && inputCount <= operands.count, "operands",
      "\(operands.count) operands, of which \(inputCount) are inputs")
    try regionCount(1)
    var extent = attributes.size
    var arguments: [TensorType] = []
    for index in operands.indices {
      let type = try tensor(index)
      guard index < inputCount else {
        arguments.append(type)
        continue
      }
      try require(
        dimension >= 0 && dimension < type.rank, "dimension",
        "dimension \(dimension) is not in 0..<\(type.rank)")
      let size = type.dimensions[dimension]
      if size != TensorType.dynamic {
        try require(
          extent == nil || extent == size, "dimension",
          "\(type) has \(size) slices, not \(extent ?? 0)")
        extent = size
      }
      arguments.append(type.without(axis: dimension))
    }
    let expected = arguments.map { ValueType.tensor($0) }
    try require(
      regions[0].arguments.count == expected.count
        && zip(regions[0].arguments, expected).allSatisfy(compatible), "region",
      "the region takes \(regions[0].arguments), not \(expected)")
    let results = try self.results(ofRegion: 0)
    let carries = Array(operands.dropFirst(inputCount))
    try require(
      results.count >= carries.count
        && zip(results.suffix(carries.count), carries).allSatisfy(compatible), "region",
      "the region gives \(results), which do not end in \(carries)")
    let outputCount = results.count - carries.count
    try require(inputCount + outputCount > 0, "operands", "there are neither inputs nor outputs")
    var types: [ValueType] = []
    for result in results.prefix(outputCount) {
      guard let slice = result.tensor, dimension <= slice.rank, dimension >= 0 else {
        throw violation("region", "the region gives \(result)")
      }
      var dimensions = slice.dimensions
      dimensions.insert(extent ?? TensorType.dynamic, at: dimension)
      types.append(.tensor(slice.with(dimensions)))
    }
    return types + carries
  }

  // MARK: Products of groups

  private func raggedDot(_ attributes: RaggedDotAttributes) throws(Diagnostic) -> TensorType {
    try count(3)
    let (a, b, sizes) = (try tensor(0), try tensor(1), try tensor(2))
    let n = attributes.dimensionNumbers
    // All that holds for a product holds here, too.
    let product = try resultTypesOf(
      .dotGeneral(DotAttributes(n, precision: attributes.precision)),
      operands: [.tensor(a), .tensor(b)], regions: [], stated: nil)
    try require(
      attributes.lhsRagged.count == 1, "lhs_ragged_dimensions",
      "there is one, not \(attributes.lhsRagged)")
    try axes(attributes.lhsRagged, below: a.rank, "lhs_ragged_dimensions", "they are")
    try axes(attributes.rhsGroup, below: b.rank, "rhs_group_dimensions", "they are")
    try distinct(
      attributes.rhsGroup + n.rhsBatching + n.rhsContracting, "rhs_group_dimensions",
      "group, batching and contracting dimensions of rhs")
    try require(
      sizes.element.isInteger && sizes.rank >= 1, "group_sizes", "they are \(sizes)")
    let groupCount = sizes.dimensions[sizes.rank - 1]
    let kind = attributes.kind
    try require(
      attributes.rhsGroup.count == (kind == .free ? 1 : 0), "rhs_group_dimensions",
      "\(attributes.rhsGroup) for a ragged dimension that is \(kind)")
    let prefix = attributes.axesBeforeRagged(rank: a.rank).map { a.dimensions[$0] }
    try require(
      sizes.rank == 1 || compatible(sizes.dimensions, prefix + [groupCount]), "group_sizes",
      "\(sizes) are not of shape \(prefix + [groupCount])")
    guard let result = product[0].tensor else { throw internalError() }
    let element = stated?.first?.tensor?.element ?? a.element
    switch kind {
    case .batching: return TensorType(result.dimensions, element)
    case .contracting: return TensorType([groupCount] + result.dimensions, element)
    case .free:
      let group = attributes.rhsGroup[0]
      try require(
        compatible(b.dimensions[group], groupCount), "rhs_group_dimensions",
        "\(b) has \(b.dimensions[group]) groups, not \(groupCount)")
      var dimensions = result.dimensions
      dimensions.remove(at: attributes.groupAxis(lhsRank: a.rank))
      return TensorType(dimensions, element)
    }
  }
}

extension RaggedDotAttributes {
  /// What the ragged axis of `lhs` is to the product.
  public enum Kind { case free, contracting, batching }

  public var kind: Kind {
    let ragged = lhsRagged.first ?? 0
    if dimensionNumbers.lhsBatching.contains(ragged) { return .batching }
    return dimensionNumbers.lhsContracting.contains(ragged) ? .contracting : .free
  }

  /// The axes of `lhs` that may have group sizes of their own: those of batches, and those of the
  /// ragged axis's kind in front of it.
  public func axesBeforeRagged(rank: Int) -> [Int] {
    let (batching, ragged) = (dimensionNumbers.lhsBatching, lhsRagged.first ?? 0)
    switch kind {
    case .batching: return Array(batching.prefix { $0 != ragged })
    case .contracting: return batching + dimensionNumbers.lhsContracting.prefix { $0 != ragged }
    case .free: return batching + freeAxes(rank: rank).prefix { $0 != ragged }
    }
  }

  /// The axes of `lhs` that are neither batching nor contracting.
  func freeAxes(rank: Int) -> [Int] {
    let used = Set(dimensionNumbers.lhsBatching + dimensionNumbers.lhsContracting)
    return (0..<rank).filter { !used.contains($0) }
  }

  /// The axis of `dot_general`'s result that counts the groups. Requires a group axis.
  public func groupAxis(lhsRank: Int) -> Int {
    let used = Set(dimensionNumbers.rhsBatching + dimensionNumbers.rhsContracting)
    let before = (0..<rhsGroup[0]).filter { !used.contains($0) }.count
    return dimensionNumbers.lhsBatching.count + freeAxes(rank: lhsRank).count + before
  }
}

/// The axes of the result along which the axes of an operand lie: the last ones, unless
/// `dimensions` place those of an operand that has fewer.
public func broadcastAxes(_ operandRank: Int, into rank: Int, _ dimensions: [Int]?) -> [Int] {
  if operandRank < rank, let dimensions, dimensions.count == operandRank { return dimensions }
  return Array(rank - operandRank..<rank)
}

extension TensorType {
  func without(axis: Int) -> TensorType {
    var dimensions = dimensions
    dimensions.remove(at: axis)
    return with(dimensions)
  }
}
