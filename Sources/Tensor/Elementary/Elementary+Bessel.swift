extension Elementary {
  /// e^−|x| I₀(x).
  public static func besselI0e<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let small = Coefficients.besselI0Small(a.atMost(8) * 0.25 - 1)
    let large = Coefficients.besselI0Large(16 / a.atLeast(8) - 1) / a.squareRoot()
    return T.select(a .> 8, large, small)
  }

  /// e^−|x| I₁(x).
  public static func besselI1e<T: Arithmetic>(_ x: T) -> T {
    let a = x.magnitude
    let small = Coefficients.besselI1Small(a.atMost(8) * 0.25 - 1) * a
    let large = Coefficients.besselI1Large(16 / a.atLeast(8) - 1) / a.squareRoot()
    return T.select(a .> 8, large, small).withSign(of: x)
  }
}
