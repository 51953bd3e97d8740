extension Elementary {
  /// The error function.
  public static func erf<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let tail =
      x.precision == .single ? exp(-Coefficients.erfcLogarithm(a.atMost(4))) : erfcTail(a)
    return T.select(a .< 1, erfCenter(x), (1 - tail).withSign(of: x))
  }

  /// 1 − erf x, accurate for large x.
  public static func erfc<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let tail = erfcTail(a)
    return T.select(a .< 0.46, 1 - erfCenter(x), T.select(x .< 0, 2 - tail, tail))
  }

  /// The inverse of `erf` on [−1, 1].
  public static func erfInv<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let w = -log((1 - a) * (1 + a))
    let root = w.squareRoot()
    let center = Coefficients.erfInvCentral(w.atMost(6.5) - 3)
    let middle = Coefficients.erfInvMiddle(root.atMost(4.1) - 3.25)
    var factor = T.select(w .< 6.25, center, middle)
    if x.precision == .double {
      factor = T.select(root .< 4, factor, Coefficients.erfInvTail(root - 5))
    }
    return T.select(a .== 1, x * .infinity, x * factor)
  }

  // MARK: Steps

  /// erf x for |x| ≤ 1.
  private static func erfCenter<T: Arithmetic>(_ x: T) -> T {
    x.addingProduct(Coefficients.erf(x * x), x)
  }

  /// erfc a for a ≥ 0.4: e^(−a²) / (1 + 2a), times a factor near 1.
  private static func erfcTail<T: Arithmetic>(_ a: T) -> T {
    // Beyond 11 (28), the result is zero.
    let a = a.atMost(a.either(11, 28))
    let (square, error) = a.multipliedExactly(by: a)
    let u = (a - 3) / (a + 3)
    return exp(-square, low: -error) * (Coefficients.erfcx(u) / (1 + a * 2))
  }

}
