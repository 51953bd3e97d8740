/// The functions of one number in `Elementary`, by name.
///
/// Called with Swift's own numbers, they run at full speed also from other modules, which see
/// `Elementary` itself only through its protocol.
public enum ElementaryFunction: CaseIterable, Hashable, Sendable {
  case acos, acosh, asin, asinh, atan, atanh, besselI0e, besselI1e, cbrt, cos, cosh, digamma
  case erf, erfInv, erfc, exp, exp2, expm1, lgamma, log, log10, log1p, log2, logistic
  case rsqrt, sin, sinh, tan, tanh

  /// The function of a number, in its own precision.
  public func callAsFunction(_ x: Float) -> Float { apply(x) }
  /// The function of a number, in its own precision.
  public func callAsFunction(_ x: Double) -> Double { apply(x) }

  /// The function over any arithmetic, such as one that emits code.
  public func evaluate<T: Arithmetic>(_ x: T) -> T { apply(x) }

  @inline(__always)
  private func apply<T: Arithmetic>(_ x: T) -> T {
    switch self {
    case .acos: Elementary.acos(x)
    case .acosh: Elementary.acosh(x)
    case .asin: Elementary.asin(x)
    case .asinh: Elementary.asinh(x)
    case .atan: Elementary.atan(x)
    case .atanh: Elementary.atanh(x)
    case .besselI0e: Elementary.besselI0e(x)
    case .besselI1e: Elementary.besselI1e(x)
    case .cbrt: Elementary.cbrt(x)
    case .cos: Elementary.cos(x)
    case .cosh: Elementary.cosh(x)
    case .digamma: Elementary.digamma(x)
    case .erf: Elementary.erf(x)
    case .erfInv: Elementary.erfInv(x)
    case .erfc: Elementary.erfc(x)
    case .exp: Elementary.exp(x)
    case .exp2: Elementary.exp2(x)
    case .expm1: Elementary.expm1(x)
    case .lgamma: Elementary.lgamma(x)
    case .log: Elementary.log(x)
    case .log10: Elementary.log10(x)
    case .log1p: Elementary.log1p(x)
    case .log2: Elementary.log2(x)
    case .logistic: Elementary.logistic(x)
    case .rsqrt: Elementary.rsqrt(x)
    case .sin: Elementary.sin(x)
    case .sinh: Elementary.sinh(x)
    case .tan: Elementary.tan(x)
    case .tanh: Elementary.tanh(x)
    }
  }
}

/// The functions of two numbers in `Elementary`, by name.
public enum BinaryElementaryFunction: CaseIterable, Hashable, Sendable {
  /// The angle of the point with coordinates `y` and `x`, in this order.
  case atan2
  case pow

  /// The function of two numbers, in their own precision.
  public func callAsFunction(_ x: Float, _ y: Float) -> Float { apply(x, y) }
  /// The function of two numbers, in their own precision.
  public func callAsFunction(_ x: Double, _ y: Double) -> Double { apply(x, y) }

  @inline(__always)
  private func apply<T: Arithmetic>(_ x: T, _ y: T) -> T {
    switch self {
    case .atan2: Elementary.atan2(x, y)
    case .pow: Elementary.pow(x, y)
    }
  }
}
