/// The floating-point arithmetic of a lane, as the PTX ISA defines it: results are rounded once,
/// NaNs are canonical (except those of `f64`), subnormal numbers are kept.
protocol FloatLane: LaneValue {
  static func sum(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self
  static func product(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self
  static func quotient(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self
  static func fused(_ a: Self, _ b: Self, _ c: Self, _ rounding: Rounding) -> Self
  static func root(_ a: Self, _ rounding: Rounding) -> Self
  /// Minimum and maximum: -0 is below 0; of a NaN and a number the number, or NaN if `isStrict`.
  static func minimum(_ a: Self, _ b: Self, isStrict: Bool) -> Self
  static func maximum(_ a: Self, _ b: Self, isStrict: Bool) -> Self
  /// The functions that machines approximate, here computed in `f64` and rounded.
  static func map(_ a: Self, _ function: (Double) -> Double) -> Self
  /// Whether a comparison holds: of the number or the low half, and of the high half if there is one.
  static func compare(
    _ a: Self, _ b: Self, _ test: some LaneComparison
  ) -> (low: Bool, high: Bool)
  static var one: Self { get }
  var negated: Self { get }
  var absolute: Self { get }
  /// Subnormal numbers are zeros of the same sign (`.ftz`).
  var flushed: Self { get }
  /// Between 0 and 1; NaN is 0 (`.sat`).
  var saturated: Self { get }
  /// Not below 0; NaN stays (`.relu`).
  var rectified: Self { get }
}

/// A floating-point lane that is one number.
protocol FloatScalar: FloatLane {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger
  init(bitPattern: Bits)
  var bitPattern: Bits { get }
  init(_ value: Double, _ rounding: Rounding)
  var double: Double { get }
}

extension FloatScalar {
  @inline(__always) init(slot: UInt64) { self.init(bitPattern: Bits(truncatingIfNeeded: slot)) }
  @inline(__always) var slot: UInt64 { UInt64(truncatingIfNeeded: bitPattern) }

  /// All bits but the sign.
  @inline(__always) static var canonicalNaN: Self { Self(bitPattern: .max >> 1) }
  @inline(__always) static var one: Self { Self(1, .nearest) }

  @inline(__always) static func minimum(_ a: Self, _ b: Self, isStrict: Bool) -> Self {
    let (x, y) = (a.double, b.double)
    if x.isNaN { return isStrict || y.isNaN ? canonicalNaN : b }
    if y.isNaN { return isStrict ? canonicalNaN : a }
    return x < y || (x == y && x.sign == .minus) ? a : b
  }

  @inline(__always) static func maximum(_ a: Self, _ b: Self, isStrict: Bool) -> Self {
    let (x, y) = (a.double, b.double)
    if x.isNaN { return isStrict || y.isNaN ? canonicalNaN : b }
    if y.isNaN { return isStrict ? canonicalNaN : a }
    return x > y || (x == y && x.sign == .plus) ? a : b
  }

  @inline(__always) static func map(_ a: Self, _ function: (Double) -> Double) -> Self {
    Self(function(a.double), .nearest)
  }

  @inline(__always)
  static func compare(
    _ a: Self, _ b: Self, _ test: some LaneComparison
  ) -> (low: Bool, high: Bool) {
    (test.holds(a.double, b.double), false)
  }

  @inline(__always) var negated: Self { Self(bitPattern: bitPattern ^ ~(.max >> 1)) }
  @inline(__always) var absolute: Self { Self(bitPattern: bitPattern & .max >> 1) }
  @inline(__always) var saturated: Self {
    double > 0 ? (double < 1 ? self : .one) : Self(bitPattern: 0)
  }
  @inline(__always) var rectified: Self { double <= 0 ? Self(bitPattern: 0) : self }
}

extension Float: FloatScalar {
  @inline(__always) var double: Double { Double(self) }
  @inline(__always) var canonical: Float { isNaN ? Float.canonicalNaN : self }

  @inline(__always) static func sum(_ a: Float, _ b: Float, _ rounding: Rounding) -> Float {
    if rounding == .nearest { return (a + b).canonical }
    let sum = stickySum(Double(a), Double(b))
    if sum == 0, a != 0 || (a.sign != b.sign) { return rounding == .down ? -0.0 : 0.0 }
    return Float(sum, rounding).canonical
  }

  @inline(__always) static func product(_ a: Float, _ b: Float, _ rounding: Rounding) -> Float {
    if rounding == .nearest { return (a * b).canonical }
    return Float(Double(a) * Double(b), rounding).canonical
  }

  @inline(__always) static func quotient(_ a: Float, _ b: Float, _ rounding: Rounding) -> Float {
    if rounding == .nearest { return (a / b).canonical }
    return Float(stickyQuotient(Double(a), Double(b)), rounding).canonical
  }

  @inline(__always)
  static func fused(_ a: Float, _ b: Float, _ c: Float, _ rounding: Rounding) -> Float {
    if rounding == .nearest { return c.addingProduct(a, b).canonical }
    let product = Double(a) * Double(b)
    let sum = stickySum(product, Double(c))
    if sum == 0, product != 0 || product.sign != c.sign {
      return rounding == .down ? -0.0 : 0.0
    }
    return Float(sum, rounding).canonical
  }

  @inline(__always) static func root(_ a: Float, _ rounding: Rounding) -> Float {
    if rounding == .nearest { return a.squareRoot().canonical }
    return Float(stickyRoot(Double(a)), rounding).canonical
  }

  @inline(__always) static func map(_ a: Float, _ function: (Double) -> Double) -> Float {
    Float(function(Double(a))).canonical
  }

  @inline(__always) var flushed: Float {
    bitPattern & 0x7F80_0000 == 0 ? Float(bitPattern: bitPattern & 0x8000_0000) : self
  }
}

extension Double: FloatScalar {
  @inline(__always) init(_ value: Double, _ rounding: Rounding) { self = value }
  @inline(__always) var double: Double { self }

  @inline(__always) static func sum(_ a: Double, _ b: Double, _ rounding: Rounding) -> Double {
    let sum = a + b
    if rounding == .nearest { return sum }
    if sum == 0, a != 0 || a.sign != b.sign { return rounding == .down ? -0.0 : 0.0 }
    return overflow(sum, exact: a.isFinite && b.isFinite, rounding)
      ?? directed(sum, error: additionError(a, b, sum), rounding)
  }

  @inline(__always) static func product(_ a: Double, _ b: Double, _ rounding: Rounding) -> Double {
    let product = a * b
    if rounding == .nearest { return product }
    return overflow(product, exact: a.isFinite && b.isFinite, rounding)
      ?? directed(product, error: (-product).addingProduct(a, b), rounding)
  }

  @inline(__always) static func quotient(_ a: Double, _ b: Double, _ rounding: Rounding) -> Double {
    let quotient = a / b
    if rounding == .nearest { return quotient }
    let remainder = a.addingProduct(-quotient, b)
    return overflow(quotient, exact: a.isFinite && b.isFinite && b != 0, rounding)
      ?? directed(quotient, error: b < 0 ? -remainder : remainder, rounding)
  }

  @inline(__always)
  static func fused(_ a: Double, _ b: Double, _ c: Double, _ rounding: Rounding) -> Double {
    let result = c.addingProduct(a, b)
    if rounding == .nearest { return result }
    if result == 0, c != 0 || (a * b).sign != c.sign { return rounding == .down ? -0.0 : 0.0 }
    // a * b = high + low exactly; the error is what remains of both after the result.
    let high = a * b
    let low = (-high).addingProduct(a, b)
    let sum = high + c
    let rest = additionError(high, c, sum) + low
    return overflow(result, exact: a.isFinite && b.isFinite && c.isFinite, rounding)
      ?? directed(result, error: (sum - result) + rest, rounding)
  }

  @inline(__always) static func root(_ a: Double, _ rounding: Rounding) -> Double {
    let root = a.squareRoot()
    return directed(root, error: a.addingProduct(-root, root), rounding)
  }

  /// The largest number where finite operands overflow and `rounding` does not lead to infinity.
  private static func overflow(
    _ value: Double, exact isFinite: Bool, _ rounding: Rounding
  ) -> Double? {
    guard value.isInfinite, isFinite else { return value.isInfinite ? value : nil }
    switch rounding {
    case .nearest: return value
    case .towardZero: break
    case .up where value > 0, .down where value < 0: return value
    case .up, .down: break
    }
    return value > 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude
  }

  @inline(__always) var flushed: Double { self }
}
