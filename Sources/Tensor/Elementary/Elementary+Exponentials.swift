extension Elementary {
  /// e^x.
  public static func exp<T: Arithmetic>(_ x: T) -> T {
    if let result = x.applying(.exp) { return result }
    return exp(x, low: nil)
  }

  /// e^(x + low), times 2^`doublings`; `low` is at most half a unit in the last place of `x`.
  static func exp<T: Arithmetic>(_ x: T, low: T?, doublings: Int64 = 0) -> T {
    // Beyond these ends the result is infinite or zero, and the exponent must not overflow.
    let x = x.atLeast(x.either(-110, -760)).atMost(x.either(100, 720))
    let (n, r) = reduceExponent(x)
    let remainder = low.map { r + $0 } ?? r
    let significand = 1 + expm1Reduced(remainder)
    return significand.scaled(byPowerOfTwo: n.adding(x.integer(doublings)))
  }

  /// e^x − 1, accurate near 0.
  public static func expm1<T: Arithmetic>(_ x: T) -> T {
    if let result = x.applying(.expm1) { return result }
    let clamped = x.atLeast(x.either(-20, -40)).atMost(x.either(100, 720))
    let (n, r) = reduceExponent(clamped)
    // 2^n (p + 1) − 1 with half of the power, which would overflow one step too early.
    let p = expm1Reduced(r)
    let half = n.subtracting(x.integer(1))
    let limit = x.integer(Int64(x.precision.bias))
    let power = T.powerOfTwo(T.Integer.select(limit .< half, limit, half), x.precision)
    let result = (power - 0.5).addingProduct(power, p) * 2
    let finite = T.select(clamped .> x.constant(x.either(88.73, 709.79)), .infinity, result)
    return T.select(x .== 0, x, finite)
  }

  /// 2^x.
  public static func exp2<T: Arithmetic>(_ x: T) -> T {
    let x = x.atLeast(x.either(-160, -1100)).atMost(x.either(130, 1030))
    let (real, n) = x.nearestInteger()
    let fraction = x - real
    let significand = x.constant(1).addingProduct(Coefficients.exp2(fraction), fraction)
    return significand.scaled(byPowerOfTwo: n)
  }

  /// 1 / (1 + e^−x).
  public static func logistic<T: Arithmetic>(_ x: T) -> T {
    1 / (1 + exp(-x))
  }

  /// `n` and `r` with x = n ln 2 + r and |r| ≤ ln 2 / 2.
  private static func reduceExponent<T: Arithmetic>(_ x: T) -> (T.Integer, T) {
    let ln2 = Coefficients.ln2.words(x.precision)
    let log2e = Coefficients.log2e.words(x.precision)
    let (real, n) = (x * log2e[0]).nearestInteger()
    return (n, x.addingProduct(real, constant: -ln2[0]).addingProduct(real, constant: -ln2[1]))
  }

  /// e^r − 1 for |r| ≤ ln 2 / 2.
  private static func expm1Reduced<T: Arithmetic>(_ r: T) -> T {
    r.addingProduct(Coefficients.exp(r), r * r)
  }
}
