extension Elementary {
  /// log |Γ(x)|.
  public static func lgamma<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let positive = lgammaPositive(a)
    // Γ(−a) Γ(a) = −π / (a sin πa)
    let sine = sin((a - a.roundedToEven()) * Double.pi).magnitude
    let reflected = log(Double.pi / (a * sine)) - positive
    let isNegative = x .< 0
    let result = T.select(isNegative, reflected, positive)
    // A tiny a overflows the quotient, but the logarithm is simply −log a.
    let small = T.select(a .< x.either(0x1p-30, 0x1p-60), -log(a), result)
    return T.select(a .== .infinity, .infinity, small)
  }

  /// ψ(x) = Γ'(x) / Γ(x).
  public static func digamma<T: Arithmetic>(_ x: T) -> T {
    let isReflected = x .< 0.5
    let y0 = T.select(isReflected, 1 - x, x)
    // ψ(y) = ψ(y + 1) − 1/y, until y ≥ 10; the sum of the reciprocals is one fraction.
    var y = y0
    var numerator = x.constant(0)
    var denominator = x.constant(1)
    for _ in 0..<10 {
      let isSmall = y .< 10
      numerator = T.select(isSmall, denominator.addingProduct(numerator, y), numerator)
      denominator = T.select(isSmall, denominator * y, denominator)
      y = T.select(isSmall, y + 1, y)
    }
    let inverse = 1 / y
    let z = inverse * inverse
    let series = (log(y) - inverse * 0.5) - z * Coefficients.digamma(z)
    let positive = series - numerator / denominator
    // ψ(x) = ψ(1 − x) − π cot πx
    let angle = (x - x.roundedToEven()) * Double.pi
    let cotangent = Double.pi / tan(angle)
    let reflected = T.select(angle .== 0, .nan, positive - cotangent)
    let result = T.select(isReflected, reflected, positive)
    return T.select(x .== .infinity, x, result)
  }

  /// log Γ(a) for a > 0.
  private static func lgammaPositive<T: Arithmetic>(_ a: T) -> T {
    // Γ(a) = (a − 1)(a − 2)…y Γ(y) with 1 ≤ y ≤ 2, where a < 8.
    let isLarge = a .>= 8
    let isBelowOne = a .< 1
    var y = T.select(isBelowOne, a + 1, T.select(isLarge, 2, a))
    var product = T.select(isBelowOne, a, 1)
    for _ in 0..<6 {
      let isAbove = y .> 2
      y = T.select(isAbove, y - 1, y)
      product = T.select(isAbove, product * y, product)
    }
    let logarithm = log(T.select(isLarge, a, product))
    let factor = Coefficients.lgamma(y - 1.5)
    // Below one, y = a + 1 is rounded; its distances from 1 and 2 need not be.
    let zeros = T.select(isBelowOne, a * (a - 1), (y - 1) * (y - 2))
    let reduced = zeros * factor
    let small = T.select(isBelowOne, reduced - logarithm, reduced + logarithm)
    let inverse = 1 / a
    let stirling = Coefficients.stirling(inverse * inverse) * inverse
    let halfLogTwoPi = 0.9189385332046728
    let large = ((a - 0.5) * (logarithm - 1)) + (halfLogTwoPi - 0.5 + stirling)
    return T.select(isLarge, large, small)
  }
}
