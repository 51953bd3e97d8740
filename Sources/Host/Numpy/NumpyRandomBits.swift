import Glibc

/// A source of random bits, and the numbers that NumPy derives from them.
class NumpyBitGenerator {
  func next32() -> UInt32 { 0 }
  func next64() -> UInt64 { 0 }

  /// In [0, 1), with 53 bits.
  func nextDouble() -> Double { 0 }
}

/// The Mersenne Twister MT19937: `np.random.seed`, `np.random.RandomState`.
final class MersenneTwister: NumpyBitGenerator {
  private var state: [UInt32]
  private var position = 624

  init(seed: UInt32) {
    state = [seed]
    for i in 1..<624 {
      let previous = state[i - 1]
      state.append(1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(i))
    }
  }

  override func next32() -> UInt32 {
    if position == 624 { refill() }
    var y = state[position]
    position += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  private func refill() {
    for i in 0..<624 {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7FFF_FFFF)
      state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    position = 0
  }

  override func next64() -> UInt64 {
    let high = UInt64(next32())
    return high << 32 | UInt64(next32())
  }

  override func nextDouble() -> Double {
    let (a, b) = (next32() >> 5, next32() >> 6)
    return (Double(a) * 67_108_864 + Double(b)) / 9_007_199_254_740_992
  }
}

/// PCG64, seeded by a seed sequence: `np.random.default_rng`.
final class PermutedCongruential: NumpyBitGenerator {
  private var state: UInt128 = 0
  private let increment: UInt128
  private var spare: UInt32?

  init(seed: [UInt32]) {
    let words = PermutedCongruential.expand(seed)
    func word(_ i: Int) -> UInt128 {
      UInt128(words[2 * i]) | UInt128(words[2 * i + 1]) << 32
    }
    let start = word(0) << 64 | word(1)
    increment = (word(2) << 64 | word(3)) << 1 | 1
    super.init()
    step()
    state &+= start
    step()
  }

  private func step() {
    let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4 << 64 | 0x4385_DF64_9FCC_F645
    state = state &* multiplier &+ increment
  }

  override func next64() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> rotation | folded << ((64 - rotation) & 63)
  }

  override func next32() -> UInt32 {
    if let spare {
      self.spare = nil
      return spare
    }
    let bits = next64()
    spare = UInt32(truncatingIfNeeded: bits >> 32)
    return UInt32(truncatingIfNeeded: bits)
  }

  override func nextDouble() -> Double { Double(next64() >> 11) * 0x1p-53 }

  /// The seed sequence: mixes the words of the seed into a pool of four, and draws eight.
  private static func expand(_ seed: [UInt32]) -> [UInt32] {
    var constant: UInt32 = 0x43B0_D7E5
    func hash(_ value: UInt32) -> UInt32 {
      var value = value ^ constant
      constant = constant &* 0x931E_8875
      value = value &* constant
      return value ^ (value >> 16)
    }
    func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
      let result = 0xCA01_F9DD &* x &- 0x4973_F715 &* y
      return result ^ (result >> 16)
    }
    var pool = (0..<4).map { hash($0 < seed.count ? seed[$0] : 0) }
    for source in 0..<4 {
      for target in 0..<4 where source != target {
        pool[target] = mix(pool[target], hash(pool[source]))
      }
    }
    for word in seed.dropFirst(4) {
      for target in 0..<4 { pool[target] = mix(pool[target], hash(word)) }
    }
    constant = 0x8B51_F9DD
    return (0..<8).map { i in
      var value = pool[i % 4] ^ constant
      constant = constant &* 0x58F3_8DED
      value = value &* constant
      return value ^ (value >> 16)
    }
  }
}

/// The ziggurat of the normal distribution: 256 strips of equal area under exp(−x²/2).
enum NormalZiggurat {
  static let tail = 3.6541528853610087963519472518

  /// Of each strip: the bound below which 52 random bits are surely inside, the width of one of
  /// these, and the height.
  static let strips: (bounds: [UInt64], widths: [Double], heights: [Double]) = {
    func density(_ x: Double) -> Double { exp(-0.5 * x * x) }
    let area = tail * density(tail) + (Double.pi / 2).squareRoot() * erfc(tail / 2.0.squareRoot())
    var x = [Double](repeating: 0, count: 257)
    x[256] = area / density(tail)
    x[255] = tail
    for i in stride(from: 254, through: 1, by: -1) {
      x[i] = (-2 * log(area / x[i + 1] + density(x[i + 1]))).squareRoot()
    }
    x[0] = 0
    // Strip 0 is the base with the tail; strip i ends at x[i].
    var bounds = [UInt64](repeating: 0, count: 256)
    var widths = [Double](repeating: 0, count: 256)
    var heights = [Double](repeating: 0, count: 256)
    bounds[0] = UInt64(x[255] / x[256] * 0x1p52)
    widths[0] = x[256] * 0x1p-52
    heights[0] = 1
    for i in 1..<256 {
      bounds[i] = UInt64(x[i - 1] / x[i] * 0x1p52)
      widths[i] = x[i] * 0x1p-52
      heights[i] = density(x[i])
    }
    return (bounds, widths, heights)
  }()

  static func sample(_ bits: NumpyBitGenerator) -> Double {
    let (bounds, widths, heights) = strips
    while true {
      var r = bits.next64()
      let strip = Int(r & 0xFF)
      r >>= 8
      let isNegative = r & 1 == 1
      let distance = (r >> 1) & 0x000F_FFFF_FFFF_FFFF
      var x = Double(distance) * widths[strip]
      if isNegative { x = -x }
      if distance < bounds[strip] { return x }
      if strip == 0 {
        while true {
          let step = -log1p(-bits.nextDouble()) / tail
          let height = -log1p(-bits.nextDouble())
          if height + height > step * step {
            return (distance >> 8) & 1 == 1 ? -(tail + step) : tail + step
          }
        }
      }
      let height = (heights[strip - 1] - heights[strip]) * bits.nextDouble() + heights[strip]
      if height < exp(-0.5 * x * x) { return x }
    }
  }
}
