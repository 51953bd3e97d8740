import Core
import HLO
import Support
import Tensor
import Transforms

/// The generator with `jax_threefry_partitionable` off, as JAX had it at first: the positions of a
/// list of words, halved, are the counters of one call, so that a word depends on how many there are.
extension Threefry {
  /// New keys, an array of `shape`.
  static func splitOriginal(_ key: Value, _ shape: Shape) throws -> Value {
    let words = try list(key, count: shape.count * 2)
    return try reshape(words, Shape(shape.dimensions + [2]))
  }

  /// Uniform bits. Pairs of words, half the list apart, give 64; words are cut up for 8 and 16.
  static func bitsOriginal(_ key: Value, _ dtype: ElementType, _ shape: Shape) throws -> Value {
    let width = dtype.bitWidth
    guard shape.count < Int(UInt32.max) * 32 / width else {
      throw unsupported(
        "2³² random words and more without jax_threefry_partitionable", at: Trace.source.span)
    }
    let words = try list(key, count: (shape.count * width + 31) / 32)
    let bits =
      switch width {
      case 64: try paired(words)
      case 32: words
      default: try divided(words, into: dtype, count: shape.count)
      }
    return try reshape(bits, shape)
  }

  /// As many words as asked for: the positions in the first half with those in the second.
  private static func list(_ key: Value, count: Int) throws -> Value {
    let isOdd = count % 2 == 1
    var counters = try bind1(Iota(dtype: .u32, shape: [count], dimension: 0))
    let (first, second) = try words(of: key)
    if isOdd {
      let zero = Value.array(DeviceArray(HostTensor([UInt32(0)])))
      counters = try bind1(Concatenate(0), counters, zero)
    }
    let (low, high) = try halves(counters)
    let results = try bind(Threefry2x32(), [first, second, low, high])
    let words = try bind1(Concatenate(0), results[0], results[1])
    return isOdd ? try bind1(Slice(starts: [0], limits: [count]), words) : words
  }

  private static func paired(_ words: Value) throws -> Value {
    let (high, low) = try halves(words)
    return try joined(high, low)
  }

  /// Each word as numbers of `dtype`, the low ones first; `count` of them.
  private static func divided(_ words: Value, into dtype: ElementType, count: Int) throws -> Value {
    let parts = 32 / dtype.bitWidth
    let shape: Shape = [parts, words.shape.count]
    let rows = try bind1(BroadcastInDim(shape: [1, words.shape.count], dimensions: [1]), words)
    let index = try bind1(Iota(dtype: .u32, shape: [parts, 1], dimension: 0))
    let distance = try mul(.literal(Double(dtype.bitWidth), .u32), index)
    let shifted = try bind1(
      Binary(.shiftRightLogical),
      bind1(BroadcastInDim(shape: shape, dimensions: [0, 1]), rows),
      bind1(BroadcastInDim(shape: shape, dimensions: [0, 1]), distance))
    let mask = Value.literal(Double((1 << dtype.bitWidth) - 1), .u32)
    let numbers = try bind1(Binary(.and), mask, shifted)
    let columns = try bind1(Transpose(permutation: [1, 0]), numbers)
    let all = try convert(reshape(columns, [shape.count]), to: dtype)
    return shape.count == count ? all : try bind1(Slice(starts: [0], limits: [count]), all)
  }

  private static func halves(_ words: Value) throws -> (Value, Value) {
    let (count, middle) = (words.shape.count, words.shape.count / 2)
    return (
      try bind1(Slice(starts: [0], limits: [middle]), words),
      try bind1(Slice(starts: [middle], limits: [count]), words)
    )
  }
}
