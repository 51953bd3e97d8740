import Support
import Tensor

/// A block of two words, from a counter and a key: Threefry with 20 rounds.
func threefry2x32(
  key: (UInt32, UInt32), counter: (UInt32, UInt32)
) -> (UInt32, UInt32) {
  let keys = [key.0, key.1, key.0 ^ key.1 ^ 0x1bd1_1bda]
  let rotations: [[UInt32]] = [[13, 15, 26, 6], [17, 29, 16, 24]]
  var (x, y) = (counter.0 &+ keys[0], counter.1 &+ keys[1])
  for group in 0..<5 {
    for rotation in rotations[group % 2] {
      x = x &+ y
      y = (y << rotation | y >> (32 - rotation)) ^ x
    }
    x = x &+ keys[(group + 1) % 3]
    y = y &+ keys[(group + 2) % 3] &+ UInt32(group + 1)
  }
  return (x, y)
}

/// A block of four words, from a counter and a key: Philox with 10 rounds.
func philox4x32(key: (UInt32, UInt32), counter: [UInt32]) -> [UInt32] {
  var key = key
  var block = counter
  for _ in 0..<10 {
    let first = UInt64(block[0]) * 0xd251_1f53
    let second = UInt64(block[2]) * 0xcd9e_8d57
    block = [
      UInt32(second >> 32) ^ block[1] ^ key.0, UInt32(truncatingIfNeeded: second),
      UInt32(first >> 32) ^ block[3] ^ key.1, UInt32(truncatingIfNeeded: first),
    ]
    key = (key.0 &+ 0x9e37_79b9, key.1 &+ 0xbb67_ae85)
  }
  return block
}

/// How Threefry's pairs of words lie in an array of elements of up to 32 bits: side by side along one
/// axis, the first of an even extent or else the longest. `nil` for a scalar.
public func threefryPairAxis(_ shape: Shape) -> Int? {
  shape.dimensions.firstIndex { $0 % 2 == 0 }
    ?? shape.dimensions.indices.max {
      (shape[$0], -$0) < (shape[$1], -$1)
    }
}

/// The new state, and as many bits as `result` holds.
func randomBits(
  _ algorithm: RandomAlgorithm, state: HostTensor, _ result: TensorType
) throws -> [HostTensor] {
  let words = state.bytes.count / 8
  guard words >= 2, result.element.isInteger || result.element.isFloat else {
    throw unsupported("random bits from a state of \(state.shape)")
  }
  var state64 = (0..<words).map {
    state.bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
  }
  // An element takes the low bits of a word, or two words.
  let size = result.element.byteCount
  var bits: [UInt32] = []
  let needed = result.count * (size == 8 ? 2 : 1)
  let key = (UInt32(truncatingIfNeeded: state64[0]), UInt32(truncatingIfNeeded: state64[0] >> 32))
  switch algorithm {
  case .default, .philox:
    // Of a short state, the key is the upper half of the counter, too.
    var (low, high) = (state64[1], words > 2 ? state64[2] : state64[0])
    while bits.count < needed {
      bits += philox4x32(
        key: key,
        counter: [
          UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32),
          UInt32(truncatingIfNeeded: high), UInt32(truncatingIfNeeded: high >> 32),
        ])
      low = low &+ 1
      if low == 0 { high = high &+ 1 }
    }
    state64[1] = low
    if words > 2 { state64[2] = high }
  case .threeFry:
    if size < 8, let axis = threefryPairAxis(result.shape) {
      // The pairs of one counter after the other, `inner` apart.
      let half = (result.shape[axis] + 1) / 2
      let inner = result.shape.dimensions.dropFirst(axis + 1).reduce(1, *)
      let outer = result.shape.dimensions.prefix(axis).reduce(1, *)
      bits = [UInt32](repeating: 0, count: result.count)
      for counter in 0..<(outer * half * inner) {
        let word = state64[1] &+ UInt64(counter)
        let pair = threefry2x32(
          key: key,
          counter: (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32)))
        let (row, column) = (counter / inner, counter % inner)
        let place = row / half * result.shape[axis] + row % half * 2
        bits[place * inner + column] = pair.0
        if row % half * 2 + 1 < result.shape[axis] { bits[(place + 1) * inner + column] = pair.1 }
      }
      state64[1] = state64[1] &+ UInt64(outer * half * inner)
    }
    while bits.count < needed {
      let block = threefry2x32(
        key: key,
        counter: (
          UInt32(truncatingIfNeeded: state64[1]), UInt32(truncatingIfNeeded: state64[1] >> 32)
        ))
      bits += [block.0, block.1]
      state64[1] = state64[1] &+ 1
    }
  }
  let output = HostTensor(type: result.element, shape: result.shape) { target in
    bits.withUnsafeBytes { bytes in
      for index in 0..<result.count {
        (target + index * size).copyMemory(
          from: bytes.baseAddress! + index * max(size, 4), byteCount: size)
      }
    }
  }
  let newState = state64.withUnsafeBytes { bytes in
    HostTensor(
      type: state.type, shape: state.shape,
      bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(state.bytes.count)))
  }
  return [newState, output]
}
