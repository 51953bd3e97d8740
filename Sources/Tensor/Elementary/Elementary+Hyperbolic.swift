extension Elementary {
  /// The hyperbolic tangent.
  public static func tanh<T: Arithmetic>(_ x: T) -> T {
    // With t = e^2|x| − 1: tanh |x| = t / (t + 2).
    let t = expm1(x.magnitude.atMost(x.either(10, 20)) * 2)
    return (t / (t + 2)).withSign(of: x)
  }

  // Halving by the exponent, as XLA does it, so that programs print the same numbers: rounding
  // |x| - ln 2 costs up to |x| / 2 units in the last place.

  /// The hyperbolic sine: from e^x − 1 below 1, where e^x − e^−x would lose digits.
  public static func sinh<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let t = expm1(a)
    let small = (t + t / (t + 1)) * 0.5
    let ln2 = 0.6931471805599453
    let large = exp(a - ln2) - exp(-a - ln2)
    return T.select(a .< 1, small, large).withSign(of: x)
  }

  /// The hyperbolic cosine.
  public static func cosh<T: Arithmetic>(_ x: T) -> T {
    let ln2 = 0.6931471805599453
    return exp(x - ln2) + exp(-x - ln2)
  }

  /// The inverse of `sinh`: log (x + √(x² + 1)), as the logarithm of 1 plus what is small near 0.
  public static func asinh<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let square = a * a
    let small = a + square / (1 + (1 + square).squareRoot())
    return logOfShifted(a, small: small).withSign(of: x)
  }

  /// The inverse of `cosh` for x ≥ 1; NaN below.
  public static func acosh<T: Arithmetic>(_ x: T) -> T {
    let t = x - 1
    let small = t + (t * 2 + t * t).squareRoot()
    return T.select(x .< 1, .nan, logOfShifted(x, small: small))
  }

  /// The inverse of `tanh` on [−1, 1]: half of log ((1 + x) / (1 − x)).
  public static func atanh<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    return (log1p((a * 2) / (1 - a)) * 0.5).withSign(of: x)
  }

  /// log(1 + small), or log 2a where a is so large that its square might overflow.
  private static func logOfShifted<T: Arithmetic>(_ a: T, small: T) -> T {
    let isLarge = a .> a.either(0x1p13, 0x1p28)
    let ln2 = 0.6931471805599453
    return log1p(T.select(isLarge, a - 1, small)) + T.select(isLarge, ln2, a.constant(0))
  }
}
