import Tensor

/// The elements of each line along `axis`, sorted: as positions.
func sortedPositions(_ a: HostTensor, axis: Int) -> (
  order: [Int], moved: HostTensor, positions: [Int64]
) {
  let last = a.shape.rank - 1
  var order = Array(0...last)
  order.swapAt(axis, last)
  let moved = a.transposed(order)
  let length = a.shape[axis]
  var positions: [Int64] = []
  let keys = moved.elements(as: Double.self)
  for line in 0..<(length == 0 ? 0 : moved.count / length) {
    let base = line * length
    // NaN sorts last.
    positions += (0..<length).sorted { i, j in
      let (x, y) = (keys[base + i], keys[base + j])
      return x < y || y.isNaN && !x.isNaN || (x == y || x.isNaN && y.isNaN) && i < j
    }.map { Int64($0) }
  }
  return (order, moved, positions)
}

func numpySort(_ a: HostTensor, axis: Int) -> HostTensor {
  let (order, moved, positions) = sortedPositions(a, axis: axis)
  let length = a.shape[axis]
  let size = a.type.byteCount
  return HostTensor(type: a.type, shape: moved.shape) { target in
    for (i, position) in positions.enumerated() {
      let source = i / length * length + Int(position)
      (target + i * size).copyMemory(from: moved.buffer.address + source * size, byteCount: size)
    }
  }.transposed(order)
}
