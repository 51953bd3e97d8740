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
        func unit(_ x: Double) -> Double { x.isInfinite ? (x < 0 ? -1 : 1) : x.sign == .minus ? -0.0 : 0 }
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
    let larger = Swift.max(a, b)
    if larger == 0 || larger.isNaN { return larger }
    if a.isNaN || b.isNaN { return .nan }
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
    if imaginary == 0 { return Self(Elementary.exp(real), imaginary) }
    if real == -.infinity, !imaginary.isFinite { return Self(0, 0) }
    // Halves, where the whole would overflow before the cosine makes it smaller.
    let half = Elementary.exp(real / 2)
    let (c, s) = (Elementary.cos(imaginary), Elementary.sin(imaginary))
    let whole = Elementary.exp(real)
    if whole.isInfinite, real.isFinite { return Self(half * c * half, half * s * half) }
    return Self(whole * c, whole * s)
  }

  var exponentialMinusOne: Self {
    let s = Elementary.sin(imaginary / 2)
    let growth = Elementary.expm1(real)
    return Self(
      growth * Elementary.cos(imaginary) - 2 * s * s,
      (growth + 1) * Elementary.sin(imaginary))
  }

  var logarithm: Self {
    Self(Elementary.log(absolute), Elementary.atan2(imaginary, real))
  }

  var logarithmPlusOne: Self {
    let shifted = Self(1 + real, imaginary)
    let (x, y) = (real, imaginary)
    let argument = Elementary.atan2(y, 1 + x)
    guard x.magnitude < 0.5, y.magnitude < 0.5 else {
      return Self(Elementary.log(shifted.absolute), argument)
    }
    return Self(Elementary.log1p(x * (2 + x) + y * y) / 2, argument)
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
      Elementary.sin(real) * Elementary.cosh(imaginary),
      Elementary.cos(real) * Elementary.sinh(imaginary))
  }

  var cosine: Self {
    Self(
      Elementary.cos(real) * Elementary.cosh(imaginary),
      -(Elementary.sin(real) * Elementary.sinh(imaginary)))
  }

  var tanh: Self {
    // Far out, the imaginary part vanishes.
    if real.magnitude > 20 {
      let decay = Elementary.exp(-2 * real.magnitude)
      return Self(real < 0 ? -1 : 1, 4 * Elementary.sin(imaginary) * Elementary.cos(imaginary) * decay)
    }
    let t = Elementary.tan(imaginary)
    let s = Elementary.sinh(real)
    let beta = 1 + t * t
    let rho = (1 + s * s).squareRoot()
    if t.isInfinite { return Self(rho / s, 1 / t) }
    let denominator = 1 + beta * s * s
    return Self(beta * rho * s / denominator, t / denominator)
  }

  var inverseSinh: Self {
    // odd: computed where the real part is not negative.
    if real.sign == .minus { return -((-self).inverseSinh) }
    let z = self
    if z.absolute > 1e9 { return z.logarithm + Self(0.6931471805599453) }
    if z.absolute < 1e-4 { return z - z * z * z * Self(1.0 / 6) }
    let root = (Self(1) + z * z).squareRoot
    return (z + root).logarithm
  }

  var inverseCosine: Self {
    let s = (timesI).inverseSinh.timesMinusI
    return Self(1.5707963267948966 - s.real, -s.imaginary)
  }

  var inverseCosh: Self {
    if absolute > 1e9 { return logarithm + Self(0.6931471805599453) }
    let root = (self + Self(1)).squareRoot * (self - Self(1)).squareRoot
    return (self + root).logarithm
  }

  var inverseTanh: Self {
    let difference = logarithmPlusOne - (-self).logarithmPlusOne
    return Self(difference.real / 2, difference.imaginary / 2)
  }
}
