/// The 16-bit formats compute in `f64`, rounded to odd, which holds what the second rounding needs.
protocol HalfScalar: FloatScalar where Bits == UInt16 {
  static var exponentMask: UInt16 { get }
}

extension HalfScalar {
  @inline(__always) static func sum(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self {
    Self(stickySum(a.double, b.double), rounding)
  }
  @inline(__always) static func product(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self {
    Self(a.double * b.double, rounding)
  }
  @inline(__always) static func quotient(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self {
    Self(stickyQuotient(a.double, b.double), rounding)
  }
  @inline(__always)
  static func fused(_ a: Self, _ b: Self, _ c: Self, _ rounding: Rounding) -> Self {
    Self(stickySum(a.double * b.double, c.double), rounding)
  }
  @inline(__always) static func root(_ a: Self, _ rounding: Rounding) -> Self {
    Self(stickyRoot(a.double), rounding)
  }
  @inline(__always) var flushed: Self {
    bitPattern & Self.exponentMask == 0 ? Self(bitPattern: bitPattern & 0x8000) : self
  }
}

extension Float16: HalfScalar {
  @inline(__always) static var exponentMask: UInt16 { 0x7C00 }
  @inline(__always) var double: Double { Double(self) }
}

extension BFloat16: HalfScalar {
  @inline(__always) static var exponentMask: UInt16 { 0x7F80 }
  @inline(__always) var double: Double {
    Double(Float(bitPattern: UInt32(bitPattern) << 16))
  }
}

extension Packed: FloatLane where Element: FloatScalar {
  @inline(__always) static func sum(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self {
    Self(low: .sum(a.low, b.low, rounding), high: .sum(a.high, b.high, rounding))
  }
  @inline(__always) static func product(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self {
    Self(low: .product(a.low, b.low, rounding), high: .product(a.high, b.high, rounding))
  }
  @inline(__always) static func quotient(_ a: Self, _ b: Self, _ rounding: Rounding) -> Self {
    Self(low: .quotient(a.low, b.low, rounding), high: .quotient(a.high, b.high, rounding))
  }
  @inline(__always)
  static func fused(_ a: Self, _ b: Self, _ c: Self, _ rounding: Rounding) -> Self {
    Self(
      low: .fused(a.low, b.low, c.low, rounding), high: .fused(a.high, b.high, c.high, rounding))
  }
  @inline(__always) static func root(_ a: Self, _ rounding: Rounding) -> Self {
    Self(low: .root(a.low, rounding), high: .root(a.high, rounding))
  }
  @inline(__always) static func minimum(_ a: Self, _ b: Self, isStrict: Bool) -> Self {
    Self(
      low: .minimum(a.low, b.low, isStrict: isStrict),
      high: .minimum(a.high, b.high, isStrict: isStrict))
  }
  @inline(__always) static func maximum(_ a: Self, _ b: Self, isStrict: Bool) -> Self {
    Self(
      low: .maximum(a.low, b.low, isStrict: isStrict),
      high: .maximum(a.high, b.high, isStrict: isStrict))
  }
  @inline(__always) static func map(_ a: Self, _ function: (Double) -> Double) -> Self {
    Self(low: .map(a.low, function), high: .map(a.high, function))
  }
  @inline(__always)
  static func compare(
    _ a: Self, _ b: Self, _ test: some LaneComparison
  ) -> (low: Bool, high: Bool) {
    (test.holds(a.low.double, b.low.double), test.holds(a.high.double, b.high.double))
  }
  @inline(__always) static var one: Self { Self(low: .one, high: .one) }
  @inline(__always) var negated: Self { Self(low: low.negated, high: high.negated) }
  @inline(__always) var absolute: Self { Self(low: low.absolute, high: high.absolute) }
  @inline(__always) var flushed: Self { Self(low: low.flushed, high: high.flushed) }
  @inline(__always) var saturated: Self { Self(low: low.saturated, high: high.saturated) }
  @inline(__always) var rectified: Self { Self(low: low.rectified, high: high.rectified) }
}
