import Core
import Tensor
import Transforms

extension DynamicSlice {
  /// With a start for each element, the slices are gathered.
  func batchedAsGather(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let rank = sizes.count
    let (indices, indexDim) = try stackStarts(
      Array(operands.dropFirst()), Array(dims.dropFirst()), size: size)
    let gather = Gather(
      dimensions: GatherDimensions(
        offsetDims: Array(0..<rank), collapsedSliceDims: [], startIndexMap: Array(0..<rank)),
      sliceSizes: sizes, mode: .clip, indicesAreSorted: true, uniqueIndices: true)
    return try gather.batch([operands[0], indices], [dims[0], indexDim], size: size)
  }
}

extension DynamicUpdateSlice {
  /// With a start for each element, the updates are scattered.
  func batchedAsScatter(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let rank = operands.count - 2
    let (indices, indexDim) = try stackStarts(
      Array(operands.dropFirst(2)), Array(dims.dropFirst(2)), size: size)
    let scatter = Scatter(
      .set,
      dimensions: ScatterDimensions(
        updateWindowDims: Array(0..<rank), insertedWindowDims: [],
        scatterDimsToOperandDims: Array(0..<rank)),
      mode: .clip, indicesAreSorted: true, uniqueIndices: true)
    return try scatter.batch(
      [operands[0], indices, operands[1]], [dims[0], indexDim, dims[1]], size: size)
  }
}

/// Start indices, some of them one for each element, as one array of coordinates.
private func stackStarts(_ starts: [Value], _ dims: [Int?], size: Int) throws -> (Value, Int?) {
  let isMapped = dims.contains { $0 != nil }
  let columns = try zip(starts, dims).map { start, dim -> Value in
    if isMapped && dim == nil {
      return try bind1(BroadcastInDim(shape: [size, 1], dimensions: []), start)
    }
    return try expandDims(start, [start.rank])
  }
  let joined =
    columns.count == 1
    ? columns[0] : try bind(Concatenate(columns[0].rank - 1), columns)[0]
  return (joined, isMapped ? 0 : nil)
}
