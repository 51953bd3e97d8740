import HLO
import Support
import Tensor

// `rng_bit_generator`: every block is a function of the key and of its own counter, so that all of
// them are computed at once.
extension FunctionBuilder {
  /// The new state, and bits for an array of type `result`.
  func randomBits(
    _ algorithm: RandomAlgorithm, state: ValueID, _ result: TensorType
  ) throws -> [ValueID] {
    let type = try tensorType(of: state)
    var words = state
    if type.element == .u32 {
      // Two words make one of the state's.
      words = try bitcastConvert(
        reshape(state, [type.count / 2, 2]), to: TensorType([type.count / 2], .u64))
    }
    let count = try tensorType(of: words).count
    guard count >= 2 else { throw unsupported("random bits from a state of \(type)") }
    func word(_ index: Int) throws -> ValueID {
      try reshape(slice(words, start: [index], limit: [index + 1]), [])
    }
    let size = result.element.byteCount
    let needed = result.count * (size == 8 ? 2 : 1)
    let isThreefry = algorithm == .threeFry
    let blockSize = isThreefry ? 2 : 4
    // Threefry's pairs lie side by side along one axis, where elements take a word each.
    let pairAxis = isThreefry && size < 8 ? threefryPairAxis(result.shape) : nil
    let half = pairAxis.map { axis in
      result.dimensions.enumerated().map { $0 == axis ? ($1 + 1) / 2 : $1 }
    }
    let blocks = half.map { $0.reduce(1, *) } ?? (needed + blockSize - 1) / blockSize
    let shape = TensorType([blocks], .u64)
    let numbers = try iota(shape, dimension: 0)
    let first = try word(1)
    let low = try add(broadcastInDim(first, [blocks], []), numbers)
    let key = try halves(word(0), in: [blocks])
    let bits: [ValueID]
    var next = [try word(0), try add(first, scalar(blocks, .u64))]
    if isThreefry {
      let counter = try halves(low, in: [blocks])
      bits = try threefry(key, counter)
      for index in 2..<max(count, 2) { next.append(try word(index)) }
    } else {
      // Of a short state, the key is the upper half of the counter, too.
      let highWord = try word(count > 2 ? 2 : 0)
      let carries = try convert(compare(low, .lt, numbers), to: .u64)
      let high = try add(broadcastInDim(highWord, [blocks], []), carries)
      bits = try philox(key, halves(low, in: [blocks]) + halves(high, in: [blocks]))
      if count > 2 {
        let carry = try convert(compare(next[1], .lt, first), to: .u64)
        next.append(try add(highWord, carry))
        for index in 3..<max(count, 3) { next.append(try word(index)) }
      }
    }
    let newWords = try concatenate(next.map { try reshape($0, [1]) }, dimension: 0)
    let newState =
      try type.element == .u64
      ? reshape(newWords, type.dimensions)
      : reshape(
        bitcastConvert(newWords, to: TensorType([count, 2], .u32)), type.dimensions)
    if let pairAxis, let half {
      let pair = half.prefix(pairAxis + 1) + [1] + half.dropFirst(pairAxis + 1)
      let pairs = try concatenate(
        bits.map { try reshape($0, Array(pair)) }, dimension: pairAxis + 1)
      var even = half
      even[pairAxis] *= 2
      let used = try slice(
        reshape(pairs, even), start: half.map { _ in 0 }, limit: result.dimensions)
      return [newState, try elements(of: used, result)]
    }
    let columns = try bits.map { try reshape($0, [blocks, 1]) }
    let stream = try reshape(concatenate(columns, dimension: 1), [blocks * blockSize])
    let used = try slice(stream, start: [0], limit: [needed])
    return [newState, try elements(of: used, result)]
  }

  /// The words as elements of `result`: two words, one, or the low bits of one.
  private func elements(of words: ValueID, _ result: TensorType) throws -> ValueID {
    let bits = result.element.byteCount * 8
    guard let integer = ElementType.integer(bits: bits, signed: false) else {
      throw unsupported("random bits of type \(result.element)")
    }
    let flat = result.with([result.count]).with(integer)
    let narrowed: ValueID =
      switch bits {
      case 64: try bitcastConvert(reshape(words, [result.count, 2]), to: flat)
      case 32: words
      default: try convert(words, to: integer)
      }
    let shaped = try reshape(narrowed, result.dimensions)
    return try integer == result.element ? shaped : bitcastConvert(shaped, to: result)
  }

  /// The low and the high half of 64-bit words, repeated over `shape` if it is a scalar.
  private func halves(_ word: ValueID, in shape: [Int]) throws -> [ValueID] {
    let type = try tensorType(of: word)
    let low = try convert(word, to: .u32)
    let high = try convert(binary(.shiftRightLogical, word, splat(32, type)), to: .u32)
    return type.rank == shape.count
      ? [low, high] : [try broadcastInDim(low, shape, []), try broadcastInDim(high, shape, [])]
  }

  /// Threefry with 20 rounds.
  private func threefry(_ key: [ValueID], _ counter: [ValueID]) throws -> [ValueID] {
    let type = try tensorType(of: counter[0])
    func literal(_ value: Int) throws -> ValueID { try splat(value, type) }
    let parity = try xor(xor(key[0], key[1]), literal(0x1bd1_1bda))
    let keys = key + [parity]
    let rotations = [[13, 15, 26, 6], [17, 29, 16, 24]]
    var (x, y) = (try add(counter[0], keys[0]), try add(counter[1], keys[1]))
    for group in 0..<5 {
      for rotation in rotations[group % 2] {
        x = try add(x, y)
        let rotated = try or(
          binary(.shiftLeft, y, literal(rotation)),
          binary(.shiftRightLogical, y, literal(32 - rotation)))
        y = try xor(rotated, x)
      }
      x = try add(x, keys[(group + 1) % 3])
      y = try add(add(y, keys[(group + 2) % 3]), literal(group + 1))
    }
    return [x, y]
  }

  /// Philox with 10 rounds.
  private func philox(_ key: [ValueID], _ counter: [ValueID]) throws -> [ValueID] {
    let type = try tensorType(of: counter[0])
    func literal(_ value: Int) throws -> ValueID { try splat(value, type) }
    func product(_ x: ValueID, _ factor: Int) throws -> (low: ValueID, high: ValueID) {
      let long = type.with(.u64)
      let whole = try multiply(convert(x, to: .u64), splat(factor, long))
      let high = try convert(binary(.shiftRightLogical, whole, splat(32, long)), to: .u32)
      return (try convert(whole, to: .u32), high)
    }
    var (key, block) = (key, counter)
    for _ in 0..<10 {
      let first = try product(block[0], 0xd251_1f53)
      let second = try product(block[2], 0xcd9e_8d57)
      block = [
        try xor(xor(second.high, block[1]), key[0]), second.low,
        try xor(xor(first.high, block[3]), key[1]), first.low,
      ]
      key = [try add(key[0], literal(0x9e37_79b9)), try add(key[1], literal(0xbb67_ae85))]
    }
    return block
  }
}
