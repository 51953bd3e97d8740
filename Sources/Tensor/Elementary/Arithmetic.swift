/// The precision of a floating-point format that functions are evaluated in.
public enum Precision: Hashable, Sendable {
  case single, double

  public var bitWidth: Int { self == .single ? 32 : 64 }
  public var significandBits: Int { self == .single ? 23 : 52 }
  public var bias: Int { self == .single ? 127 : 1023 }
  /// The smallest normal number.
  public var smallestNormal: Double { self == .single ? 0x1p-126 : 0x1p-1022 }
}

/// Floating-point numbers of one precision: a Swift number, or a value of the code being emitted,
/// which may be a vector.
///
/// The functions of `Elementary` are written once over this protocol, so that every tier computes
/// the same bits. There is no control flow on values, only selection; therefore an implementation
/// must round every operation by itself: no contraction, no reassociation.
public protocol Arithmetic {
  /// Signed integers as wide as the numbers.
  associatedtype Integer: IntegerArithmetic where Integer.Real == Self, Integer.Mask == Mask
  associatedtype Mask: MaskArithmetic

  var precision: Precision { get }
  /// `value`, rounded to this precision, in every lane.
  func constant(_ value: Double) -> Self
  /// `value` in every lane of an integer as wide.
  func integer(_ value: Int64) -> Integer

  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  /// The opposite sign, of zeros and NaNs too.
  static prefix func - (a: Self) -> Self
  /// `self + a * b`, rounded once.
  func addingProduct(_ a: Self, _ b: Self) -> Self
  func squareRoot() -> Self
  var magnitude: Self { get }
  /// The nearest integer, ties to even.
  func roundedToEven() -> Self
  /// The largest integer that is not greater.
  func roundedDown() -> Self
  /// The nearest integer, as a number and as an integer, where it is below 2^22 (or 2^51).
  func nearestInteger() -> (real: Self, integer: Integer)

  /// Comparisons are false where an operand is NaN, except for `.!=`, which is then true.
  static func .< (a: Self, b: Self) -> Mask
  static func .<= (a: Self, b: Self) -> Mask
  static func .== (a: Self, b: Self) -> Mask
  static func .!= (a: Self, b: Self) -> Mask

  /// The bit pattern.
  var bits: Integer { get }

  /// `a` where the mask is true, else `b`.
  static func select(_ mask: Mask, _ a: Self, _ b: Self) -> Self

  /// `function` of the number, where the implementation has an operation for it that the others are
  /// to be built of.
  func applying(_ function: ElementaryFunction) -> Self?

  /// `rare()` where the mask is true, else `common`: a `select` whose rare side may be skipped when
  /// no lane needs it.
  static func rarely(_ mask: Mask, _ rare: () -> Self, otherwise common: Self) -> Self
}

/// Signed integers in two's complement, as wide as the numbers that they are the bits of.
public protocol IntegerArithmetic {
  associatedtype Real: Arithmetic
  associatedtype Mask: MaskArithmetic

  func constant(_ value: Int64) -> Self
  /// The sum, modulo 2^width.
  func adding(_ b: Self) -> Self
  func subtracting(_ b: Self) -> Self
  static func & (a: Self, b: Self) -> Self
  static func | (a: Self, b: Self) -> Self
  static func ^ (a: Self, b: Self) -> Self
  /// Shifts by `0 ..< width` bits.
  func shiftedLeft(by count: Int) -> Self
  /// Shifts in copies of the sign.
  func shiftedRight(by count: Int) -> Self
  static func .< (a: Self, b: Self) -> Mask
  static func .== (a: Self, b: Self) -> Mask
  static func select(_ mask: Mask, _ a: Self, _ b: Self) -> Self

  /// The number that has these bits.
  var real: Real { get }
  /// The number nearest to the integer.
  func convertedToReal() -> Real
}

/// Truth values, lane by lane.
public protocol MaskArithmetic {
  static func .& (a: Self, b: Self) -> Self
  static func .| (a: Self, b: Self) -> Self
  static prefix func .! (a: Self) -> Self
}

extension Arithmetic {
  public func applying(_ function: ElementaryFunction) -> Self? { nil }

  public static func rarely(_ mask: Mask, _ rare: () -> Self, otherwise common: Self) -> Self {
    select(mask, rare(), common)
  }

  /// Adding 1.5 · 2^significandBits leaves the integer in the low bits.
  public func nearestInteger() -> (real: Self, integer: Integer) {
    let magic = constant(precision == .single ? 0x1.8p23 : 0x1.8p52)
    let shifted = self + magic
    return (shifted - magic, shifted.bits.subtracting(magic.bits))
  }
}

// MARK: Notation for the functions of this folder

extension Arithmetic {
  static func + (a: Self, b: Double) -> Self { a + a.constant(b) }
  static func + (a: Double, b: Self) -> Self { b.constant(a) + b }
  static func - (a: Self, b: Double) -> Self { a - a.constant(b) }
  static func - (a: Double, b: Self) -> Self { b.constant(a) - b }
  static func * (a: Self, b: Double) -> Self { a * a.constant(b) }
  static func * (a: Double, b: Self) -> Self { b.constant(a) * b }
  static func / (a: Self, b: Double) -> Self { a / a.constant(b) }
  static func / (a: Double, b: Self) -> Self { b.constant(a) / b }
  func addingProduct(_ a: Self, constant b: Double) -> Self {
    addingProduct(a, constant(b))
  }

  static func .< (a: Self, b: Double) -> Mask { a .< a.constant(b) }
  static func .<= (a: Self, b: Double) -> Mask { a .<= a.constant(b) }
  static func .> (a: Self, b: Double) -> Mask { a.constant(b) .< a }
  static func .>= (a: Self, b: Double) -> Mask { a.constant(b) .<= a }
  static func .> (a: Self, b: Self) -> Mask { b .< a }
  static func .>= (a: Self, b: Self) -> Mask { b .<= a }
  static func .== (a: Self, b: Double) -> Mask { a .== a.constant(b) }

  static func select(_ mask: Mask, _ a: Double, _ b: Self) -> Self {
    select(mask, b.constant(a), b)
  }
  static func select(_ mask: Mask, _ a: Self, _ b: Double) -> Self {
    select(mask, a, a.constant(b))
  }

  var isNaN: Mask { self .!= self }

  /// The value that belongs to this precision.
  func either(_ single: Double, _ double: Double) -> Double {
    precision == .single ? single : double
  }

  /// The magnitude with the sign of `other`.
  func withSign(of other: Self) -> Self {
    let sign = integer(precision == .single ? Int64(Int32.min) : .min)
    return (magnitude.bits | (other.bits & sign)).real
  }

  /// Not below `lower`; NaN stays.
  func atLeast(_ lower: Double) -> Self { Self.select(self .< lower, lower, self) }
  /// Not above `upper`; NaN stays.
  func atMost(_ upper: Double) -> Self { Self.select(self .> upper, upper, self) }

  /// 2 to the power of an integer for which that is a normal number.
  static func powerOfTwo(_ exponent: Integer, _ precision: Precision) -> Self {
    exponent.adding(exponent.constant(Int64(precision.bias)))
      .shiftedLeft(by: precision.significandBits).real
  }

  /// `self * 2^exponent`, also where that power or the result is subnormal or infinite.
  func scaled(byPowerOfTwo exponent: Integer) -> Self {
    let half = exponent.shiftedRight(by: 1)
    return self * Self.powerOfTwo(half, precision)
      * Self.powerOfTwo(exponent.subtracting(half), precision)
  }

  /// `self + b` exactly, as the rounded sum and its error.
  func addingExactly(_ b: Self) -> (Self, Self) {
    let sum = self + b
    let bPart = sum - self
    return (sum, (self - (sum - bPart)) + (b - bPart))
  }

  /// `self * b` exactly, as the rounded product and its error.
  func multipliedExactly(by b: Self) -> (Self, Self) {
    let product = self * b
    return (product, (-product).addingProduct(self, b))
  }
}
