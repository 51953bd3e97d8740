extension Elementary {
  /// The natural logarithm.
  public static func log<T: Arithmetic>(_ x: T) -> T {
    if let result = x.applying(.log) { return result }
    let (exponent, f) = decompose(x)
    return logEnds(x, logParts(exponent, f, correction: nil))
  }

  /// log(1 + x), accurate near 0.
  public static func log1p<T: Arithmetic>(_ x: T) -> T {
    if let result = x.applying(.log1p) { return result }
    let sum = 1 + x
    // What rounding took from the sum, relative to it.
    let correction = (T.select(x .< 1, x - (sum - 1), 1 - (sum - x))) / sum
    let (exponent, f) = decompose(sum)
    let finite = logParts(exponent, f, correction: correction)
    return T.select(x .== 0, x, logEnds(sum, finite))
  }

  /// The logarithm to base 2.
  public static func log2<T: Arithmetic>(_ x: T) -> T {
    let (exponent, f) = decompose(x)
    let (high, low) = logOfSignificand(f)
    let log2e = Coefficients.log2e.words(x.precision)
    let product = high * log2e[0]
    let rest = (-product).addingProduct(high, constant: log2e[0])
      .addingProduct(high, constant: log2e[1]).addingProduct(low, constant: log2e[0])
    let (sum, error) = exponent.addingExactly(product)
    return logEnds(x, sum + (error + rest))
  }

  /// The logarithm to base 10.
  public static func log10<T: Arithmetic>(_ x: T) -> T {
    let (exponent, f) = decompose(x)
    let (high, low) = logOfSignificand(f)
    let log10e = Coefficients.log10e.words(x.precision)
    let log10of2 = Coefficients.log10of2.words(x.precision)
    let product = high * log10e[0]
    let rest = (-product).addingProduct(high, constant: log10e[0])
      .addingProduct(high, constant: log10e[1]).addingProduct(low, constant: log10e[0])
      .addingProduct(exponent, constant: log10of2[1])
    let (sum, error) = (exponent * log10of2[0]).addingExactly(product)
    return logEnds(x, sum + (error + rest))
  }

  // MARK: Steps

  /// k and f with x = 2^k (1 + f) and √½ ≤ 1 + f < √2, for positive finite x.
  static func decompose<T: Arithmetic>(_ x: T) -> (exponent: T, fraction: T) {
    let precision = x.precision
    let isSubnormal = x .< precision.smallestNormal
    let normal = T.select(isSubnormal, x * 0x1p64, x)
    let sqrtHalf = x.constant(0.5.squareRoot()).bits
    let distance = normal.bits.subtracting(sqrtHalf)
    let fieldMask = x.integer(Int64(1) << Int64(precision.significandBits) - 1)
    let significand = (distance & fieldMask).adding(sqrtHalf).real
    let exponent = distance.shiftedRight(by: precision.significandBits).convertedToReal()
    return (exponent - T.select(isSubnormal, 64, x.constant(0)), significand - 1)
  }

  /// k ln 2 + log(1 + f) + correction.
  private static func logParts<T: Arithmetic>(_ k: T, _ f: T, correction: T?) -> T {
    let ln2 = Coefficients.ln2.words(f.precision)
    let square = f * f
    let tail: T
    if f.precision == .single {
      tail = (square * -0.5).addingProduct(Coefficients.log(f), square * f)
    } else {
      let half = square * 0.5
      let s = f / (2 + f)
      tail = (s * (half + logRatioTail(s))) - half
    }
    let low = correction.map { tail + $0 } ?? tail
    let (sum, error) = (k * ln2[0]).addingExactly(f)
    return sum + (error + low.addingProduct(k, constant: ln2[1]))
  }

  /// log(1 + f) as a sum of two numbers, almost twice as accurate as one.
  static func logOfSignificand<T: Arithmetic>(_ f: T) -> (T, T) {
    // log(1 + f) = 2 atanh(s), s = f / (2 + f) = f / d, to twice the precision.
    let (d, dError) = f.constant(2).addingExactly(f)
    let s = f / d
    let remainder = f.addingProduct(-s, d).addingProduct(-s, dError)
    let sLow = remainder / d
    // 2 s, plus s³ times the first coefficient (2/3) exactly enough, plus the rest.
    let twoThirds = Coefficients.twoThirds.words(f.precision)
    let (z, zError) = s.multipliedExactly(by: s)
    let zLow = zError.addingProduct(s, sLow * 2)
    let (cube, cubeError) = z.multipliedExactly(by: s)
    let cubeLow = cubeError.addingProduct(zLow, s).addingProduct(z, sLow)
    let (third, thirdError) = cube.multipliedExactly(by: f.constant(twoThirds[0]))
    let thirdLow = thirdError.addingProduct(cube, constant: twoThirds[1]).addingProduct(
      cubeLow, constant: twoThirds[0])
    let rest = cube * (z * Coefficients.logRatioRest(z))
    let (high, error) = (s * 2).addingExactly(third)
    let low = error + (sLow * 2 + (thirdLow + rest))
    let sum = high + low
    return (sum, (high - sum) + low)
  }

  /// (2 atanh s − 2 s) / s.
  private static func logRatioTail<T: Arithmetic>(_ s: T) -> T {
    let z = s * s
    return z * Coefficients.logRatio(z)
  }

  /// `finite`, except where x is zero, negative, infinite or NaN.
  private static func logEnds<T: Arithmetic>(_ x: T, _ finite: T) -> T {
    let positive = T.select(x .< .infinity, finite, x)
    let nonzero = T.select(x .< 0, .nan, positive)
    return T.select(x .== 0, -.infinity, nonzero)
  }
}
