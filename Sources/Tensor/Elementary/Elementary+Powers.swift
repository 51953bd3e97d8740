extension Elementary {
  /// The inverse of the square root.
  public static func rsqrt<T: Arithmetic>(_ x: T) -> T { 1 / x.squareRoot() }

  /// The real cube root.
  public static func cbrt<T: Arithmetic>(_ x: T) -> T {
    let magnitude = x.magnitude
    // In the middle of the range, by a power of 8, so that no cube overflows or underflows.
    let isSmall = magnitude .< 0x1p-60
    let isLarge = magnitude .> 0x1p60
    let a = T.select(
      isSmall, magnitude * x.either(0x1p90, 0x1p600) * x.either(1, 0x1p420),
      T.select(isLarge, magnitude * x.either(0x1p-90, 0x1p-600), magnitude))
    let unscale = T.select(
      isSmall, x.either(0x1p-30, 0x1p-340),
      T.select(isLarge, x.either(0x1p30, 0x1p200), x.constant(1)))
    // A third of the bit pattern, whose high part is nearly a logarithm, starts the iteration.
    let drop = x.precision == .single ? 10 : 32
    let high = a.bits.shiftedRight(by: drop).convertedToReal()
    let offset = x.either(0x1p13 * (127 * 2.0 / 3 - 0.033), 0x1p20 * (1023 * 2.0 / 3 - 0.033))
    var t = (high * (1.0 / 3) + offset).nearestInteger().integer.shiftedLeft(by: drop).real
    // Halley's iteration triples the digits.
    for _ in 0..<(x.precision == .single ? 1 : 2) {
      let cube = t * t * t
      t = t * ((cube + a * 2) / (cube * 2 + a))
    }
    // Newton's, with the residual in two words.
    let (square, error) = t.multipliedExactly(by: t)
    let residual = (-a).addingProduct(square, t).addingProduct(error, t)
    let root = ((t - residual / (square * 3)) * unscale).withSign(of: x)
    return T.select((x .== 0) .| (magnitude .== .infinity), x, root)
  }

  /// x^y, with the ends of C's `pow`.
  public static func pow<T: Arithmetic>(_ x: T, _ y: T) -> T {
    let precision = x.precision
    let magnitude = x.magnitude
    // log2 |x| in two words.
    let (exponent, f) = decompose(magnitude)
    let (high, low) = logOfSignificand(f)
    let log2e = Coefficients.log2e.words(precision)
    let (product, productError) = high.multipliedExactly(by: x.constant(log2e[0]))
    let productLow = productError.addingProduct(high, constant: log2e[1])
      .addingProduct(low, constant: log2e[0])
    let (sum, sumError) = exponent.addingExactly(product)
    let isRegular = (magnitude .> 0) .& (magnitude .< .infinity)
    let edge = T.select(magnitude .== 0, -.infinity, magnitude)
    let logHigh = T.select(isRegular, sum, edge)
    let logLow = T.select(isRegular, sumError + productLow, 0)
    // 2 to y times that.
    let raw = y * logHigh
    let limit = x.either(200, 2000)
    let isModest = raw.magnitude .< limit
    let clamped = raw.atLeast(-limit).atMost(limit)
    let rest = (-raw).addingProduct(y, logHigh).addingProduct(y, logLow)
    let (real, n) = clamped.nearestInteger()
    let r = (clamped - real) + T.select(isModest, rest, 0)
    let power = (1 + Coefficients.exp2(r) * r).scaled(byPowerOfTwo: n)
    // The sign of a negative base, and the ends.
    let isInteger = y .== y.roundedDown()
    let half = y * 0.5
    let isOdd = isInteger .& (half .!= half.roundedDown()) .& (y.magnitude .< .infinity)
    let isNegative = x.bits .< x.integer(0)
    let signed = T.select(isNegative .& isOdd, -power, power)
    let isUndefined = (x .< 0) .& (x .> -.infinity) .& .!isInteger
    let defined = T.select(isUndefined, .nan, signed)
    let isNaN = x.isNaN .| y.isNaN
    let settled = T.select(isNaN, x + y, defined)
    let isMinusOne = (x .== -1) .& (y.magnitude .== .infinity)
    return T.select((y .== 0) .| (x .== 1) .| isMinusOne, 1, settled)
  }
}
