import Tensor

// Functions of complex numbers, in terms of the real ones. Branch cuts are C's; zeros beside them and
// NaNs are XLA's: where a function has a cut, a zero of either sign mostly counts as positive.
extension Complex where Part == Double {
  static func + (a: Self, b: Self) -> Self { Self(a.real + b.real, a.imaginary + b.imaginary) }
  static func - (a: Self, b: Self) -> Self { Self(a.real - b.real, a.imaginary - b.imaginary) }
  static prefix func - (a: Self) -> Self { Self(-a.real, -a.imaginary) }

  static func * (a: Self, b: Self) -> Self {
    Self(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  /// Scaled, so that the squares neither overflow nor vanish.
  static func / (a: Self, b: Self) -> Self {
    let larger = Swift.max(b.real.magnitude, b.imaginary.magnitude)
    guard larger.isFinite, larger > 0 else {
      if larger == 0 { return Self(a.real / b.real, a.imaginary / b.real) }
      if a.real.isFinite, a.imaginary.isFinite, b.real.isInfinite || b.imaginary.isInfinite {
        func unit(_ x: Double) -> Double {
          x.isInfinite ? (x < 0 ? -1 : 1) : x.sign == .minus ? -0.0 : 0
        }
        let (c, d) = (unit(b.real), unit(b.imaginary))
        return Self(
          0 * (a.real * c + a.imaginary * d), 0 * (a.imaginary * c - a.real * d))
      }
      return Self(.nan, .nan)
    }
    let scale = Double(sign: .plus, exponent: -larger.exponent, significand: 1)
    let (c, d) = (b.real * scale, b.imaginary * scale)
    let norm = c * c + d * d
    return Self(
      (a.real * c + a.imaginary * d) / norm * scale,
      (a.imaginary * c - a.real * d) / norm * scale)
  }

  var timesI: Self { Self(-imaginary, real) }
  var timesMinusI: Self { Self(imaginary, -real) }

  /// The distance from zero.
  var absolute: Double {
    let (a, b) = (real.magnitude, imaginary.magnitude)
    if a.isInfinite || b.isInfinite || a.isNaN || b.isNaN { return a + b }
    let larger = Swift.max(a, b)
    if larger == 0 { return 0 }
    let scale = Double(sign: .plus, exponent: larger.exponent, significand: 1)
    let (x, y) = (a / scale, b / scale)
    return (x * x + y * y).squareRoot() * scale
  }

  var sign: Self {
    let absolute = absolute
    if absolute == 0 { return self }
    if absolute.isNaN { return Self(.nan, .nan) }
    return Self(real / absolute, imaginary / absolute)
  }

  /// Without a rounding error where the parts are equal, and without overflow in between.
  var square: Self {
    let (width, height) = (real.magnitude, imaginary.magnitude)
    let product = real * imaginary
    return Self(
      width == height ? width - height : (real - imaginary) * (real + imaginary),
      product + product)
  }

  var exponential: Self {
    if imaginary == 0 { return Self(ElementaryFunction.exp(real), 0) }
    // Halves, where the whole would overflow before the cosine makes it smaller.
    let half = ElementaryFunction.exp(real / 2)
    let (c, s) = (ElementaryFunction.cos(imaginary), ElementaryFunction.sin(imaginary))
    let whole = ElementaryFunction.exp(real)
    if whole.isInfinite, real.isFinite { return Self(half * c * half, half * s * half) }
    return Self(whole * c, whole * s)
  }

  var exponentialMinusOne: Self {
    let s = ElementaryFunction.sin(imaginary / 2)
    let growth = ElementaryFunction.expm1(real)
    return Self(
      growth * ElementaryFunction.cos(imaginary) - 2 * s * s, exponential.imaginary)
  }

  /// log |z|, where |z| may be near one, or beyond the largest number.
  private var logarithmOfSize: Double {
    let (a, b) = (real.magnitude, imaginary.magnitude)
    if a.isNaN || b.isNaN { return .nan }
    let (large, small) = (Swift.max(a, b), Swift.min(a, b))
    if large > 1e300, large.isFinite {
      return Self(a / 4, b / 4).logarithmOfSize + 2 * 0.6931471805599453
    }
    guard 0.5 < large, large < 1.5 else { return ElementaryFunction.log(absolute) }
    // |z|² - 1, with what rounding the squares has lost.
    let (p, q) = (large * large, small * small)
    let lost = (-p).addingProduct(large, large) + (-q).addingProduct(small, small)
    return ElementaryFunction.log1p((p - 1 + q) + lost) / 2
  }

  var logarithm: Self {
    Self(logarithmOfSize, BinaryElementaryFunction.atan2(imaginary, real))
  }

  var logarithmPlusOne: Self {
    let (x, y) = (real, imaginary)
    let argument = BinaryElementaryFunction.atan2(y, 1 + x)
    guard x.magnitude < 0.5, y.magnitude < 0.5 else {
      return Self(Self(1 + x, y).logarithmOfSize, argument)
    }
    return Self(ElementaryFunction.log1p(x * (2 + x) + y * y) / 2, argument)
  }

  var squareRoot: Self {
    if real.isNaN || imaginary.isNaN { return Self(.nan, .nan) }
    if real == 0, imaginary == 0 { return Self(0, 0) }
    if imaginary.isInfinite { return Self(.infinity, imaginary) }
    if real.isInfinite {
      let flat = imaginary < 0 ? -0.0 : 0
      return real > 0
        ? Self(.infinity, flat) : Self(0, imaginary < 0 ? -.infinity : .infinity)
    }
    // Scaled by a power of four, so that the absolute value is near one.
    let larger = Swift.max(real.magnitude, imaginary.magnitude)
    let power = Int(larger.exponent) / 2
    let down = Double(sign: .plus, exponent: -power, significand: 1)
    let up = Double(sign: .plus, exponent: power, significand: 1)
    let z = Self(real * down * down, imaginary * down * down)
    let root = ((z.absolute + z.real.magnitude) / 2).squareRoot()
    let other = z.imaginary.magnitude / (2 * root) * up
    return z.real >= 0
      ? Self(root * up, imaginary < 0 ? -other : other)
      : Self(other, imaginary < 0 ? -root * up : root * up)
  }

  var reciprocalSquareRoot: Self {
    if real == 0, imaginary == 0 { return Self(.infinity, .nan) }
    let root = squareRoot
    let size = root.imaginary.magnitude
    return Self(1) / Self(root.real, imaginary.sign == .minus ? -size : size)
  }

  func power(_ exponent: Self) -> Self {
    if exponent.real == 0, exponent.imaginary == 0 { return Self(1, 0) }
    if real == 0, imaginary == 0 {
      if exponent.imaginary == 0 {
        return exponent.real > 0 ? Self(0, 0) : Self(.infinity, .nan)
      }
      return exponent.real > 0 ? Self(0, 0) : Self(.nan, .nan)
    }
    return (logarithm * exponent).exponential
  }

  /// The hyperbolic sine and cosine of `x`, each to be multiplied by `scale`: where they would
  /// overflow before another factor makes them smaller, that is not 1.
  private static func hyperbolic(_ x: Double) -> (sinh: Double, cosh: Double, scale: Double) {
    let size = x.magnitude
    if size > 709 {
      let root = ElementaryFunction.exp(size / 2)
      return (x.sign == .minus ? -root / 2 : root / 2, root / 2, root)
    }
    let grown = ElementaryFunction.expm1(size)
    let whole = grown + 1
    let sinh = (grown + grown / whole) / 2
    return (x.sign == .minus ? -sinh : sinh, (whole + 1 / whole) / 2, 1)
  }

  /// `part`, but zero where the argument of one of its factors is, whatever the others are.
  private static func vanishing(with x: Double, part: Double) -> Double { x == 0 ? 0 : part }

  var sine: Self {
    let h = Self.hyperbolic(imaginary)
    return Self(
      Self.vanishing(with: real, part: h.cosh * ElementaryFunction.sin(real) * h.scale),
      h.sinh * ElementaryFunction.cos(real) * h.scale)
  }

  var cosine: Self {
    let h = Self.hyperbolic(imaginary)
    return Self(
      h.cosh * ElementaryFunction.cos(real) * h.scale,
      Self.vanishing(with: real, part: -(h.sinh * ElementaryFunction.sin(real) * h.scale)))
  }

  var sinh: Self {
    let h = Self.hyperbolic(real)
    return Self(
      0 + h.sinh * ElementaryFunction.cos(imaginary) * h.scale,
      Self.vanishing(with: imaginary, part: h.cosh * ElementaryFunction.sin(imaginary) * h.scale))
  }

  var cosh: Self {
    let h = Self.hyperbolic(real)
    let product = h.sinh * ElementaryFunction.sin(imaginary) * h.scale
    return Self(
      h.cosh * ElementaryFunction.cos(imaginary) * h.scale,
      Self.vanishing(with: imaginary, part: 0 + product))
  }

  /// With u = e^-2|x|, the hyperbolic tangent is
  /// (±(1 - u)(1 + u) + 4u i sin y cos y) / ((1 - u)² + 4u cos² y).
  var tanh: Self {
    let u = ElementaryFunction.exp(-2 * real.magnitude)
    let rest = -ElementaryFunction.expm1(-2 * real.magnitude)
    let (s, c) = (ElementaryFunction.sin(imaginary), ElementaryFunction.cos(imaginary))
    // At infinity no angle matters.
    if real.isInfinite {
      let part = s.isNaN ? 0 : 0 * (s * c)
      return Self(real < 0 ? -1 : 1, Self.vanishing(with: imaginary, part: part))
    }
    let denominator = rest * rest + 4 * u * c * c
    let size = rest * (1 + u) / denominator
    return Self(
      real.sign == .minus ? -size : size,
      Self.vanishing(with: imaginary, part: 4 * u * c * s / denominator))
  }

  // The inverse functions follow Hull, Fairgrieve and Tang (1997): both parts are accurate near the
  // branch cuts, without cancellation.

  /// The real part of the inverse hyperbolic cosine, and the side that is opposite to `real` in the
  /// triangle whose angle is its imaginary part; both for the absolute values of the parts.
  private var inverseParts: (logarithm: Double, opposite: Double) {
    let (x, y) = (real.magnitude, imaginary.magnitude)
    if Swift.max(x, y) > 1e150 {
      let isInfinite = x.isInfinite || y.isInfinite
      return (isInfinite ? .infinity : logarithmOfSize + 0.6931471805599453, y)
    }
    let (r, s) = (Self(x + 1, y).absolute, Self(x - 1, y).absolute)
    let a = (r + s) / 2
    let (sum, right) = (a + x, y * y / (r + x + 1))
    // a - 1 and (a - x)(a + x).
    let excess = (x < 1 ? right + y * y / (s + (1 - x)) : right + (s + (x - 1))) / 2
    let opposite =
      x <= 1
      ? (sum * (right + (s + (1 - x))) / 2).squareRoot()
      : y * ((sum / (r + x + 1) + sum / (s + (x - 1))) / 2).squareRoot()
    let logarithm =
      a <= 1.5
      ? ElementaryFunction.log1p(excess + (excess * (a + 1)).squareRoot())
      : ElementaryFunction.log(a + (a * a - 1).squareRoot())
    return (logarithm, opposite)
  }

  private func withSign(_ x: Double) -> Double { imaginary < 0 ? -x : x }

  var inverseSinh: Self { (timesI).inverseSine.timesMinusI }

  var inverseSine: Self {
    let (logarithm, opposite) = inverseParts
    return Self(Elementary.atan2(real, opposite), withSign(logarithm))
  }

  var inverseCosine: Self {
    let (logarithm, opposite) = inverseParts
    return Self(Elementary.atan2(opposite, real), -withSign(logarithm))
  }

  var inverseCosh: Self {
    let (logarithm, opposite) = inverseParts
    return Self(logarithm, withSign(Elementary.atan2(opposite, real)))
  }

  /// `log1p(4x / ((1 - x)² + y²)) / 4 + i atan2(2y, (1 - x)(1 + x) - y²) / 2`, for x not below zero.
  var inverseTanh: Self {
    let (x, y) = (real.magnitude, imaginary)
    let (ratio, angle): (Double, Double)
    if x <= 1e150, y.magnitude <= 1e150 {
      ratio = 4 * x / ((1 - x) * (1 - x) + y * y)
      angle = BinaryElementaryFunction.atan2(2 * y, (1 - x) * (1 + x) - y * y)
    } else {
      // Squares would overflow, and 1 no longer matters.
      let larger = x.isNaN ? x : Swift.max(y.magnitude, x)
      let slope = y.isNaN ? y : Swift.min(x, y.magnitude) / larger
      ratio =
        x.isInfinite || y.isInfinite ? 0 : 4 * (x / larger) / (larger * (1 + slope * slope))
      angle = y >= 0 ? .pi : -.pi
    }
    let logarithm = ElementaryFunction.log1p(ratio) / 4
    return Self(real >= 0 ? logarithm : -logarithm, angle / 2)
  }
}
