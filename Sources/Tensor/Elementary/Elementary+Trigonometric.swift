extension Elementary {
  /// The sine, from that or the cosine of what is left of `x` beyond a multiple of π/2.
  public static func sin<T: Arithmetic>(_ x: T) -> T {
    let (r, low, quadrant) = reduceQuadrant(x)
    let one = x.integer(1)
    let isCosine = (quadrant & one) .== one
    let value = T.select(isCosine, cosReduced(r, low), sinReduced(r, low))
    let signed = flipSign(value, where: quadrant & x.integer(2))
    return T.select(x .== 0, x, signed)
  }

  /// The cosine, reduced like the sine, a quadrant on.
  public static func cos<T: Arithmetic>(_ x: T) -> T {
    let (r, low, quadrant) = reduceQuadrant(x)
    let one = x.integer(1)
    let isSine = (quadrant & one) .== one
    let value = T.select(isSine, sinReduced(r, low), cosReduced(r, low))
    return flipSign(value, where: quadrant.adding(one) & x.integer(2))
  }

  /// The tangent: the quotient of the reduced sine and cosine, or its negative inverse.
  public static func tan<T: Arithmetic>(_ x: T) -> T {
    let (r, low, quadrant) = reduceQuadrant(x)
    let one = x.integer(1)
    let isInverted = (quadrant & one) .== one
    let (sine, cosine) = (sinReduced(r, low), cosReduced(r, low))
    let value = T.select(isInverted, -cosine, sine) / T.select(isInverted, sine, cosine)
    return T.select(x .== 0, x, value)
  }

  // MARK: Steps

  /// r, its low word, and n modulo 4 (in the low bits) with x = n π/2 + r and |r| ≤ π/4.
  private static func reduceQuadrant<T: Arithmetic>(_ x: T) -> (r: T, low: T, quadrant: T.Integer) {
    let isLarge = x.magnitude .> x.either(30_000, 0x1p26)
    let small = reduceSmall(T.select(isLarge, 0, x))
    // The three results of the large reduction travel one by one: a selection has one type.
    let r = T.rarely(isLarge, { reduceLarge(x).r }, otherwise: small.r)
    let low = T.rarely(isLarge, { reduceLarge(x).low }, otherwise: small.low)
    let n = T.rarely(isLarge, { reduceLarge(x).n }, otherwise: small.n)
    return (r, low, n.nearestInteger().integer)
  }

  /// Cody and Waite's reduction: π/2 in three words.
  private static func reduceSmall<T: Arithmetic>(_ x: T) -> (r: T, low: T, n: T) {
    let halfPi = Coefficients.halfPi.words(x.precision)
    let n = (x * (2 / Double.pi)).nearestInteger().real
    let first = x.addingProduct(n, constant: -halfPi[0])
    let (product, productError) = n.multipliedExactly(by: x.constant(halfPi[1]))
    let (second, error) = first.addingExactly(-product)
    let rest = (error - productError).addingProduct(n, constant: -halfPi[2])
    let r = second + rest
    return (r, (second - r) + rest, n)
  }

  /// Payne and Hanek's reduction: x · 2/π modulo 4, digit by digit of 2/π. The products are exact
  /// in two words; their multiples of 4 vanish exactly, and three words hold the sum of the rest.
  private static func reduceLarge<T: Arithmetic>(_ x: T) -> (r: T, low: T, n: T) {
    let scaled = x * x.either(0x1p-100, 0x1p-300)
    var sum = (x.constant(0), x.constant(0), x.constant(0))
    for digit in Coefficients.twoOverPi.words(x.precision) {
      let product = scaled.multipliedExactly(by: x.constant(digit))
      for part in [product.0, product.1] {
        let remainder = part.addingProduct((part * 0.25).roundedToEven(), constant: -4)
        let (high, error) = sum.0.addingExactly(remainder)
        let (middle, rest) = sum.1.addingExactly(error)
        sum = (high, middle, sum.2 + rest)
      }
    }
    let n = sum.0.roundedToEven()
    let (fraction, error) = (sum.0 - n).addingExactly(sum.1)
    let tail = error + sum.2
    let halfPi = Coefficients.halfPi.words(x.precision)
    let (product, productError) = fraction.multipliedExactly(by: x.constant(halfPi[0]))
    let rest = productError.addingProduct(fraction, constant: halfPi[1]).addingProduct(
      tail, constant: halfPi[0])
    let r = product + rest
    return (r, (product - r) + rest, n)
  }

  /// sin(r + low) for |r| ≤ π/4.
  private static func sinReduced<T: Arithmetic>(_ r: T, _ low: T) -> T {
    let z = r * r
    let correction = low.addingProduct(low * z, constant: -0.5)
    return r + correction.addingProduct(Coefficients.sin(z), z * r)
  }

  /// cos(r + low) for |r| ≤ π/4.
  private static func cosReduced<T: Arithmetic>(_ r: T, _ low: T) -> T {
    let z = r * r
    let half = z * 0.5
    let head = 1 - half
    let headError = (1 - head) - half
    let tail = headError.addingProduct(-r, low)
    return head + tail.addingProduct(Coefficients.cos(z), z * z)
  }

  /// The opposite sign where bit 1 of `flag` is set; its other bits are clear.
  private static func flipSign<T: Arithmetic>(_ x: T, where flag: T.Integer) -> T {
    (x.bits ^ flag.shiftedLeft(by: x.precision.bitWidth - 2)).real
  }
}
