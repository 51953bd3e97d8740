import HLO
import Support
import Tensor

// Operations that StableHLO's specification has no more, in those that took their place.
extension FunctionBuilder {
  /// A product of matrices, or sums and transposes around one.
  func einsum(_ config: String, _ operands: [ValueID], _ element: ElementType) throws -> ValueID {
    let types = try operands.map { try tensorType(of: $0) }
    let einsum = try Einsum(config, ranks: types.map(\.rank))
    let factors = try operands.indices.map { number in
      let others = einsum.operands.indices.filter { $0 != number }.flatMap { einsum.operands[$0] }
      return try EinsumFactor(value: operands[number], axes: einsum.operands[number])
        .withoutRepetition(self).keeping(Set(einsum.result + others), self)
    }
    let a = factors[0]
    guard factors.count == 2 else { return try a.ordered(as: einsum.result, self) }
    let b = factors[1]
    let (batch, contracted) = (
      a.axes.filter { b.axes.contains($0) && einsum.result.contains($0) },
      a.axes.filter { b.axes.contains($0) && !einsum.result.contains($0) }
    )
    let product = try dotGeneral(
      a.value, b.value,
      DotDimensionNumbers(
        lhsBatching: batch.map(a.position), rhsBatching: batch.map(b.position),
        lhsContracting: contracted.map(a.position), rhsContracting: contracted.map(b.position)),
      result: element)
    let shared = Set(batch + contracted)
    let axes = batch + (a.axes + b.axes).filter { !shared.contains($0) }
    return try EinsumFactor(value: product, axes: axes).ordered(as: einsum.result, self)
  }

  /// Slices along one axis, of each batch.
  func torchIndexSelect(
    _ x: ValueID, _ index: ValueID, _ dimension: Int, _ batchDimensions: Int
  ) throws -> ValueID {
    let (type, indices) = (try tensorType(of: x), try tensorType(of: index))
    let batch = Array(0..<batchDimensions)
    let inner = indices.rank - batchDimensions
    let kept = (batchDimensions..<type.rank).filter { $0 != dimension }
    let numbers = GatherDimensionNumbers(
      offsetDims: kept.map { $0 < dimension ? $0 : $0 - 1 + inner },
      collapsedSliceDims: [dimension], operandBatchingDims: batch,
      startIndicesBatchingDims: batch, startIndexMap: [dimension],
      indexVectorDim: indices.rank)
    let sizes = type.dimensions.indices.map { kept.contains($0) ? type.dimensions[$0] : 1 }
    return try gather(
      x, indices: index, GatherAttributes(numbers, sliceSizes: sizes, indicesAreSorted: false))
  }
}

/// An array and the names of its axes.
private struct EinsumFactor {
  var value: ValueID
  var axes: [Einsum.Axis]

  func position(_ axis: Einsum.Axis) -> Int { axes.firstIndex(of: axis) ?? 0 }

  /// The diagonal where an axis occurs twice.
  func withoutRepetition(_ b: FunctionBuilder) throws -> EinsumFactor {
    var factor = self
    while let second = factor.axes.indices.first(where: { place in
      factor.axes[..<place].contains(factor.axes[place])
    }) {
      let first = factor.position(factor.axes[second])
      let type = try b.tensorType(of: factor.value)
      let (rows, columns) = (
        try b.iota(type.with(.i64), dimension: first),
        try b.iota(type.with(.i64), dimension: second)
      )
      let diagonal = try b.select(
        b.compare(rows, .eq, columns), factor.value, b.splat(0, type))
      factor.value = try b.reduce(
        .add, diagonal, b.scalar(0, type.element), dimensions: [second])
      factor.axes.remove(at: second)
    }
    return factor
  }

  /// The sum over all axes but `kept`.
  func keeping(_ kept: Set<Einsum.Axis>, _ b: FunctionBuilder) throws -> EinsumFactor {
    let summed = axes.indices.filter { !kept.contains(axes[$0]) }
    if summed.isEmpty { return self }
    let element = try b.tensorType(of: value).element
    return EinsumFactor(
      value: try b.reduce(.add, value, b.scalar(0, element), dimensions: summed),
      axes: axes.filter(kept.contains))
  }

  /// The array with its axes in the order of `others`.
  func ordered(as others: [Einsum.Axis], _ b: FunctionBuilder) throws -> ValueID {
    axes == others ? value : try b.transpose(value, others.map(position))
  }
}
