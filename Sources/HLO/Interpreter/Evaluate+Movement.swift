import Support
import Tensor

/// A copy of the elements that code may write to.
func mutableCopy(_ x: HostTensor) -> HostTensor {
  HostTensor(type: x.type, shape: x.shape, bytes: x.bytes)
}

/// Copies the elements of a box: both sides have an offset and a stride per axis, in elements.
private func copyBox(
  _ shape: [Int], elementSize: Int,
  from source: UnsafeRawPointer, _ sourceOffset: Int, _ sourceStrides: [Int],
  to target: UnsafeMutableRawPointer, _ targetOffset: Int, _ targetStrides: [Int]
) {
  if shape.contains(0) { return }
  // The innermost axis in one loop; in one copy where both sides are dense.
  let rank = shape.count
  let innerCount = rank == 0 ? 1 : shape[rank - 1]
  let (from, to) = rank == 0 ? (1, 1) : (sourceStrides[rank - 1], targetStrides[rank - 1])
  let outer = Array(shape.dropLast())
  var index = [Int](repeating: 0, count: outer.count)
  repeat {
    var (p, q) = (sourceOffset, targetOffset)
    for axis in outer.indices {
      p += index[axis] * sourceStrides[axis]
      q += index[axis] * targetStrides[axis]
    }
    if from == 1, to == 1 {
      (target + q * elementSize).copyMemory(
        from: source + p * elementSize, byteCount: innerCount * elementSize)
    } else {
      for _ in 0..<innerCount {
        (target + q * elementSize).copyMemory(
          from: source + p * elementSize, byteCount: elementSize)
        p += from
        q += to
      }
    }
  } while advance(&index, in: outer)
}

/// The bits of all elements, lowest first, cut into elements of another type; for types whose
/// elements take less than the byte that holds them.
func bitcastNarrow(_ x: HostTensor, _ result: TensorType) -> HostTensor {
  let (from, to) = (x.type.bitWidth, result.element.bitWidth)
  let (fromBytes, toBytes) = (x.type.byteCount, result.element.byteCount)
  func bit(_ index: Int) -> UInt8 {
    let (element, place) = (index / from, index % from)
    return x.bytes[element * fromBytes + place / 8] >> UInt8(place % 8) & 1
  }
  return HostTensor(type: result.element, shape: result.shape) { target in
    let target = target.assumingMemoryBound(to: UInt8.self)
    for index in 0..<result.count * toBytes { target[index] = 0 }
    for element in 0..<result.count {
      for place in 0..<to where bit(element * to + place) != 0 {
        target[element * toBytes + place / 8] |= 1 << UInt8(place % 8)
      }
      // Signed elements fill their byte with the sign.
      if to < 8, result.element.isSigned, bit(element * to + to - 1) != 0 {
        target[element] |= ~0 << UInt8(to)
      }
    }
  }
}

func reverse(_ x: HostTensor, _ dimensions: [Int]) -> HostTensor {
  if x.count == 0 { return x }
  var strides = x.shape.strides
  var offset = 0
  for axis in dimensions {
    offset += strides[axis] * (x.shape[axis] - 1)
    strides[axis] = -strides[axis]
  }
  return x.strided(shape: x.shape, strides: strides, offset: offset)
}

func concatenate(_ inputs: [HostTensor], _ dimension: Int) -> HostTensor {
  var dimensions = inputs[0].shape.dimensions
  dimensions[dimension] = inputs.reduce(0) { $0 + $1.shape[dimension] }
  let shape = Shape(dimensions)
  return HostTensor(type: inputs[0].type, shape: shape) { target in
    let strides = shape.strides
    var start = 0
    for input in inputs {
      copyBox(
        input.shape.dimensions, elementSize: input.type.byteCount,
        from: input.buffer.address, 0, input.shape.strides,
        to: target, start * strides[dimension], strides)
      start += input.shape[dimension]
    }
  }
}

func pad(_ x: HostTensor, _ value: HostTensor, _ amounts: PadAmounts) throws -> HostTensor {
  let axes = x.shape.dimensions.indices
  let dimensions = axes.map { axis in
    amounts.low[axis] + amounts.high[axis]
      + (x.shape[axis] == 0 ? 0 : (x.shape[axis] - 1) * (amounts.interior[axis] + 1) + 1)
  }
  guard dimensions.allSatisfy({ $0 >= 0 }) else {
    throw Diagnostic(.error, "pad.C4: the result would have the shape \(dimensions)")
  }
  let shape = Shape(dimensions)
  let filled = mutableCopy(value.broadcast(to: shape, dimensions: []))
  // The operand's elements that stay, axis by axis.
  var first: [Int] = []
  var counts: [Int] = []
  for axis in axes {
    let step = amounts.interior[axis] + 1
    let low = amounts.low[axis]
    let begin = low < 0 ? (-low + step - 1) / step : 0
    let last = dimensions[axis] - 1 - low
    let end = last < 0 ? 0 : min(x.shape[axis], last / step + 1)
    first.append(begin)
    counts.append(max(0, end - begin))
  }
  let (from, to) = (x.shape.strides, shape.strides)
  copyBox(
    counts, elementSize: x.type.byteCount, from: x.buffer.address, position(first, from), from,
    to: filled.buffer.address,
    position(axes.map { amounts.low[$0] + first[$0] * (amounts.interior[$0] + 1) }, to),
    axes.map { to[$0] * (amounts.interior[$0] + 1) })
  return filled
}

/// Start indices, moved so that the slice fits.
private func clampedStarts(
  _ starts: ArraySlice<HostTensor>, _ shape: Shape, _ sizes: [Int]
) -> [Int] {
  starts.enumerated().map { axis, start in
    // A `u64` beyond the signed range is beyond every extent, too.
    let index = start.type == .u64 ? start.elements(as: UInt64.self)[0] : nil
    let value = index.map { Int(clamping: $0) } ?? start[0].int
    return min(max(value, 0), shape[axis] - sizes[axis])
  }
}

func dynamicSlice(
  _ x: HostTensor, _ starts: ArraySlice<HostTensor>, _ sizes: [Int]
) -> HostTensor {
  let begin = clampedStarts(starts, x.shape, sizes)
  return x.sliced(
    starts: begin, limits: zip(begin, sizes).map { $0 + $1 }, strides: sizes.map { _ in 1 })
}

func dynamicUpdateSlice(
  _ x: HostTensor, _ update: HostTensor, _ starts: ArraySlice<HostTensor>
) -> HostTensor {
  let begin = clampedStarts(starts, x.shape, update.shape.dimensions)
  let result = mutableCopy(x)
  let strides = x.shape.strides
  copyBox(
    update.shape.dimensions, elementSize: x.type.byteCount, from: update.buffer.address, 0,
    update.shape.strides, to: result.buffer.address, position(begin, strides), strides)
  return result
}

/// The start of the slice that belongs to a batch index: one entry per operand axis.
private func startIndex(
  _ indices: HostTensor, values: [Int], batch: [Int], vector: Int, map: [Int],
  operandBatching: [Int], indicesBatching: [Int], rank: Int
) -> [Int] {
  let strides = indices.shape.strides
  var start = [Int](repeating: 0, count: rank)
  // The batch index with the vector's axis put in.
  var full = batch
  if vector < indices.shape.rank { full.insert(0, at: vector) }
  for (component, axis) in map.enumerated() {
    if vector < indices.shape.rank { full[vector] = component }
    start[axis] = values[position(full, strides)]
  }
  for (axis, batchAxis) in zip(operandBatching, indicesBatching) {
    start[axis] = full[batchAxis]
  }
  return start
}

func gather(
  _ x: HostTensor, _ indices: HostTensor, _ n: GatherDimensionNumbers, _ sizes: [Int]
) -> HostTensor {
  let values = integers(indices)
  let batchShape = indices.shape.dimensions.enumerated().filter { $0.offset != n.indexVectorDim }
    .map(\.element)
  let removed = Set(n.collapsedSliceDims + n.operandBatchingDims)
  let kept = sizes.indices.filter { !removed.contains($0) }
  let rank = batchShape.count + n.offsetDims.count
  let isOffset = Set(n.offsetDims)
  let batchAxes = (0..<rank).filter { !isOffset.contains($0) }
  var dimensions = [Int](repeating: 0, count: rank)
  for (axis, extent) in zip(batchAxes, batchShape) { dimensions[axis] = extent }
  for (axis, operandAxis) in zip(n.offsetDims, kept) { dimensions[axis] = sizes[operandAxis] }
  let shape = Shape(dimensions)
  return HostTensor(type: x.type, shape: shape) { target in
    if shape.count == 0 { return }
    let (from, to) = (x.shape.strides, shape.strides)
    let boxShape = kept.map { sizes[$0] }
    let (boxFrom, boxTo) = (kept.map { from[$0] }, n.offsetDims.map { to[$0] })
    let batchTo = batchAxes.map { to[$0] }
    forEachIndex(batchShape) { batch in
      var start = startIndex(
        indices, values: values, batch: batch, vector: n.indexVectorDim, map: n.startIndexMap,
        operandBatching: n.operandBatchingDims, indicesBatching: n.startIndicesBatchingDims,
        rank: x.shape.rank)
      for axis in start.indices {
        start[axis] = min(max(start[axis], 0), x.shape[axis] - sizes[axis])
      }
      copyBox(
        boxShape, elementSize: x.type.byteCount, from: x.buffer.address, position(start, from),
        boxFrom, to: target, position(batch, batchTo), boxTo)
    }
  }
}

/// Calls `body` with the positions of each update in the updates and in the input, in row-major
/// order of the updates. A window that is not inside of the input as a whole is left out, as XLA and
/// JAX do; the specification leaves out single elements.
func forEachScatter(
  _ input: Shape, _ indices: HostTensor, _ updates: Shape, _ n: ScatterDimensionNumbers,
  _ body: (_ update: Int, _ target: Int) throws -> Void
) rethrows {
  let values = integers(indices)
  let isWindow = Set(n.updateWindowDims)
  let scatterAxes = (0..<updates.rank).filter { !isWindow.contains($0) }
  let removed = Set(n.insertedWindowDims + n.inputBatchingDims)
  let windowed = (0..<input.rank).filter { !removed.contains($0) }
  let inputStrides = input.strides
  var extents = [Int](repeating: 1, count: input.rank)
  for (axis, operandAxis) in zip(n.updateWindowDims, windowed) {
    extents[operandAxis] = updates[axis]
  }
  var updatePosition = 0
  try forEachIndex(updates.dimensions) { index in
    defer { updatePosition += 1 }
    var target = startIndex(
      indices, values: values, batch: scatterAxes.map { index[$0] }, vector: n.indexVectorDim,
      map: n.scatterDimsToOperandDims, operandBatching: n.inputBatchingDims,
      indicesBatching: n.scatterIndicesBatchingDims, rank: input.rank)
    for axis in target.indices
    where target[axis] < 0 || target[axis] > input[axis] - extents[axis] { return }
    for (axis, operandAxis) in zip(n.updateWindowDims, windowed) {
      target[operandAxis] += index[axis]
    }
    try body(updatePosition, position(target, inputStrides))
  }
}

/// The `k` largest elements of the last axis in IEEE's total order, larger first; equal ones in their
/// order. NaN is larger than any number, or less if it is negative.
func topK(_ x: HostTensor, _ k: Int) -> [HostTensor] {
  let axis = x.shape.rank - 1
  let length = x.shape[axis]
  let rows = length == 0 ? 0 : x.count / length
  var positions: [Int] = []
  var indices: [Int32] = []
  positions.reserveCapacity(rows * k)
  let keys = topKKeys(x)
  for row in 0..<rows {
    let order = (0..<length).sorted {
      let (a, b) = (keys[row * length + $0], keys[row * length + $1])
      return a == b ? $0 < $1 : a > b
    }
    for index in order.prefix(k) {
      positions.append(row * length + index)
      indices.append(Int32(truncatingIfNeeded: index))
    }
  }
  let shape = Shape(x.shape.dimensions.dropLast() + [k])
  let size = x.type.byteCount
  let values = HostTensor(type: x.type, shape: shape) { target in
    for (place, source) in positions.enumerated() {
      (target + place * size).copyMemory(
        from: x.buffer.address + source * size, byteCount: size)
    }
  }
  return [values, HostTensor(indices, shape: shape)]
}

/// Integers in the order of the elements.
private func topKKeys(_ x: HostTensor) -> [Int64] {
  switch x.type.kind {
  case .float:
    return x.elements(as: Double.self).map {
      let bits = Int64(bitPattern: $0.bitPattern)
      return bits < 0 ? Int64.max ^ bits : bits
    }
  case .unsigned:
    return x.elements(as: UInt64.self).map { Int64(bitPattern: $0 ^ 1 << 63) }
  case .bool, .signed, .complex, .float0, .key: return x.elements(as: Int64.self)
  }
}
