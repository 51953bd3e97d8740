extension Elementary {
  /// The angle in [−π/2, π/2] whose tangent is `x`.
  public static func atan<T: Arithmetic>(_ x: T) -> T {
    angle(x.magnitude, over: x.constant(1)).withSign(of: x)
  }

  /// The angle of the point (x, y), in [−π, π].
  public static func atan2<T: Arithmetic>(_ y: T, _ x: T) -> T {
    let bothInfinite = (y.magnitude .== .infinity) .& (x.magnitude .== .infinity)
    let first = angle(
      T.select(bothInfinite, 1, y.magnitude), over: T.select(bothInfinite, 1, x.magnitude))
    let halfPi = Coefficients.halfPi.words(x.precision)
    let second = 2 * halfPi[0] - (first - 2 * halfPi[1])
    // The sign of x counts even where x is a zero.
    let isLeft = x.bits .< x.integer(0)
    let result = T.select(isLeft, second, first).withSign(of: y)
    return T.select(x.isNaN .| y.isNaN, x + y, result)
  }

  /// The angle in [−π/2, π/2] whose sine is `x`; NaN outside of [−1, 1].
  public static func asin<T: Arithmetic>(_ x: T) -> T {
    let (isLarge, root) = arcOfSmaller(x.magnitude)
    let halfPi = Coefficients.halfPi.words(x.precision)
    let large = halfPi[0] - (root * 2 - halfPi[1])
    return T.select(isLarge, large, root).withSign(of: x)
  }

  /// The angle in [0, π] whose cosine is `x`; NaN outside of [−1, 1].
  public static func acos<T: Arithmetic>(_ x: T) -> T {
    let (isLarge, root) = arcOfSmaller(x.magnitude)
    let halfPi = Coefficients.halfPi.words(x.precision)
    let isNegative = x .< 0
    let small = halfPi[0] - (root.withSign(of: x) - halfPi[1])
    let large = T.select(isNegative, 2 * halfPi[0] - (root * 2 - 2 * halfPi[1]), root * 2)
    return T.select(isLarge, large, small)
  }

  // MARK: Steps

  /// The angle whose tangent is `numerator / denominator`, neither negative.
  private static func angle<T: Arithmetic>(_ numerator: T, over denominator: T) -> T {
    // Far below overflow, so that their sum is finite.
    let isHuge = (numerator .> hugeBound(numerator)) .| (denominator .> hugeBound(numerator))
    let n = T.select(isHuge, numerator * 0.25, numerator)
    let d = T.select(isHuge, denominator * 0.25, denominator)
    // Rotated by 0, π/4 or π/2, the tangent is at most tan(π/8).
    let isSteep = n .> d * 2.414213562373095
    let isMiddle = n .> d * 0.41421356237309503
    let rotated = T.select(isSteep, -d, T.select(isMiddle, n - d, n))
    let base = T.select(isSteep, n, T.select(isMiddle, n + d, d))
    let t = rotated / T.select(base .== 0, 1, base)
    let halfPi = Coefficients.halfPi.words(n.precision)
    let zero = n.constant(0)
    let turn = T.select(isSteep, halfPi[0], T.select(isMiddle, 0.5 * halfPi[0], zero))
    let turnLow = T.select(isSteep, halfPi[1], T.select(isMiddle, 0.5 * halfPi[1], zero))
    let z = t * t
    let tail = (Coefficients.atan(z) * z) * t
    return turn + (t + (turnLow + tail))
  }

  private static func hugeBound<T: Arithmetic>(_ x: T) -> T {
    x.constant(x.either(0x1p125, 0x1p1021))
  }

  /// Whether a > 1/2; asin a where it is not, else asin √((1 − a)/2), which is (π/2 − asin a)/2.
  private static func arcOfSmaller<T: Arithmetic>(_ a: T) -> (T.Mask, T) {
    let isLarge = a .> 0.5
    let z = T.select(isLarge, (1 - a) * 0.5, a * a)
    let s = T.select(isLarge, z.squareRoot(), a)
    return (isLarge, s.addingProduct(Coefficients.asin(z), z * s))
  }
}
