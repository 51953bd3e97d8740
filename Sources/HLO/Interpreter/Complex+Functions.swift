import Tensor

// Functions of complex numbers, in terms of the real ones; branch cuts are C's.
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
      if larger == 0 { return Self(a.real / b.real.magnitude, a.imaginary / b.real.magnitude) }
      if a.real.isFinite, a.imaginary.isFinite, larger == .infinity {
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
    if a.isInfinite || b.isInfinite { return .infinity }
    if a.isNaN || b.isNaN { return .nan }
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

  var exponential: Self {
    if imaginary == 0 { return Self(ElementaryFunction.exp(real), imaginary) }
    if real == -.infinity, !imaginary.isFinite { return Self(0, 0) }
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
      growth * ElementaryFunction.cos(imaginary) - 2 * s * s,
      (growth + 1) * ElementaryFunction.sin(imaginary))
  }

  var logarithm: Self {
    Self(ElementaryFunction.log(absolute), BinaryElementaryFunction.atan2(imaginary, real))
  }

  var logarithmPlusOne: Self {
    let shifted = Self(1 + real, imaginary)
    let (x, y) = (real, imaginary)
    let argument = BinaryElementaryFunction.atan2(y, 1 + x)
    guard x.magnitude < 0.5, y.magnitude < 0.5 else {
      return Self(ElementaryFunction.log(shifted.absolute), argument)
    }
    return Self(ElementaryFunction.log1p(x * (2 + x) + y * y) / 2, argument)
  }

  var squareRoot: Self {
    if real == 0, imaginary == 0 { return Self(0, imaginary) }
    if imaginary.isInfinite { return Self(.infinity, imaginary) }
    if real.isInfinite {
      if real > 0 {
        return Self(.infinity, imaginary.isNaN ? .nan : imaginary.sign == .minus ? -0.0 : 0)
      }
      return Self(imaginary.isNaN ? .nan : 0, imaginary.sign == .minus ? -.infinity : .infinity)
    }
    // Scaled by a power of four, so that the absolute value is near one.
    let larger = Swift.max(real.magnitude, imaginary.magnitude)
    if larger.isNaN { return Self(.nan, .nan) }
    let power = Int(larger.exponent) / 2
    let down = Double(sign: .plus, exponent: -power, significand: 1)
    let up = Double(sign: .plus, exponent: power, significand: 1)
    let z = Self(real * down * down, imaginary * down * down)
    let root = ((z.absolute + z.real.magnitude) / 2).squareRoot()
    if z.real >= 0 { return Self(root * up, z.imaginary / (2 * root) * up) }
    return Self(
      z.imaginary.magnitude / (2 * root) * up, imaginary.sign == .minus ? -root * up : root * up)
  }

  var reciprocalSquareRoot: Self {
    if real == 0, imaginary == 0 { return Self(.infinity, .nan) }
    return Self(1) / squareRoot
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

  var sine: Self {
    Self(
      ElementaryFunction.sin(real) * ElementaryFunction.cosh(imaginary),
      ElementaryFunction.cos(real) * ElementaryFunction.sinh(imaginary))
  }

  var cosine: Self {
    Self(
      ElementaryFunction.cos(real) * ElementaryFunction.cosh(imaginary),
      -(ElementaryFunction.sin(real) * ElementaryFunction.sinh(imaginary)))
  }

  var tanh: Self {
    // Far out, the imaginary part vanishes.
    if real.magnitude > 20 {
      let decay = ElementaryFunction.exp(-2 * real.magnitude)
      return Self(
        real < 0 ? -1 : 1,
        4 * ElementaryFunction.sin(imaginary) * ElementaryFunction.cos(imaginary) * decay)
    }
    let t = ElementaryFunction.tan(imaginary)
    let s = ElementaryFunction.sinh(real)
    let beta = 1 + t * t
    let rho = (1 + s * s).squareRoot()
    if t.isInfinite { return Self(rho / s, 1 / t) }
    let denominator = 1 + beta * s * s
    return Self(beta * rho * s / denominator, t / denominator)
  }

  // The inverse functions follow Hull, Fairgrieve and Tang (1997): both parts are accurate near the
  // branch cuts, without cancellation.

  /// The real part of the inverse hyperbolic cosine, and the side that is opposite to `real` in the
  /// triangle whose angle is its imaginary part; both for the absolute values of the parts.
  private var inverseParts: (logarithm: Double, opposite: Double) {
    let (x, y) = (real.magnitude, imaginary.magnitude)
    if Swift.max(x, y) > 1e150 {
      return (ElementaryFunction.log(absolute) + 0.6931471805599453, y)
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

  private func withSign(_ x: Double) -> Double { imaginary.sign == .minus ? -x : x }

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

  var inverseTanh: Self {
    let difference = logarithmPlusOne - (-self).logarithmPlusOne
    return Self(difference.real / 2, difference.imaginary / 2)
  }
}
