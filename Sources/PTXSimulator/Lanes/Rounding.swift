/// How a result that a format does not hold is rounded.
enum Rounding {
  /// `.rn`: to the nearest, ties to even.
  case nearest
  /// `.rz`: towards zero.
  case towardZero
  /// `.rm`: towards minus infinity.
  case down
  /// `.rp`: towards plus infinity.
  case up

  var rule: FloatingPointRoundingRule {
    switch self {
    case .nearest: .toNearestOrEven
    case .towardZero: .towardZero
    case .down: .down
    case .up: .up
    }
  }
}

/// `value`, which is a result rounded to nearest, with the rounding error recorded in its last bit
/// (round to odd), so that rounding it again to a format with at least two bits less is as good as
/// rounding the exact result. `error` has the sign of exact - value.
@inline(__always)
func sticky(_ value: Double, error: Double) -> Double {
  guard error != 0, value.isFinite, !error.isNaN else { return value }
  if value.bitPattern & 1 == 1 { return value }
  if value == 0 { return error < 0 ? -Double.leastNonzeroMagnitude : .leastNonzeroMagnitude }
  return (error > 0) == (value > 0)
    ? Double(bitPattern: value.bitPattern | 1) : Double(bitPattern: value.bitPattern &- 1)
}

/// The error of `a + b = sum` (Knuth's two-sum).
@inline(__always)
func additionError(_ a: Double, _ b: Double, _ sum: Double) -> Double {
  let virtual = sum - a
  return (a - (sum - virtual)) + (b - virtual)
}

/// `a + b` for the rounding to a narrower format.
@inline(__always)
func stickySum(_ a: Double, _ b: Double) -> Double {
  let sum = a + b
  return sticky(sum, error: additionError(a, b, sum))
}

/// `a / b` for the rounding to a narrower format.
@inline(__always)
func stickyQuotient(_ a: Double, _ b: Double) -> Double {
  let quotient = a / b
  let remainder = a.addingProduct(-quotient, b)
  return sticky(quotient, error: b < 0 ? -remainder : remainder)
}

/// The square root of `a` for the rounding to a narrower format.
@inline(__always)
func stickyRoot(_ a: Double) -> Double {
  let root = a.squareRoot()
  return sticky(root, error: a.addingProduct(-root, root))
}

/// `value`, a result rounded to nearest whose error has the sign of `error`, as a result rounded
/// by `rounding`.
func directed(_ value: Double, error: Double, _ rounding: Rounding) -> Double {
  guard rounding != .nearest, error != 0, !error.isNaN, !value.isNaN else { return value }
  switch rounding {
  case .nearest: return value
  case .up: return error > 0 ? value.nextUp : value
  case .down: return error < 0 ? value.nextDown : value
  case .towardZero:
    if value > 0 && error < 0 { return value.nextDown }
    return value < 0 && error > 0 ? value.nextUp : value
  }
}

extension FloatScalar where Self: BinaryFloatingPoint {
  /// `value` in this format.
  @inline(__always)
  init(_ value: Double, _ rounding: Rounding) {
    let nearest = Self(value)
    self =
      switch rounding {
      case .nearest: nearest
      case .up: nearest.double < value ? nearest.nextUp : nearest
      case .down: nearest.double > value ? nearest.nextDown : nearest
      case .towardZero:
        abs(nearest.double) > abs(value)
          ? (nearest > 0 ? nearest.nextDown : nearest.nextUp) : nearest
      }
  }
}

extension BFloat16 {
  /// `value` in this format.
  @inline(__always)
  init(_ value: Double, _ rounding: Rounding = .nearest) {
    // To a float by rounding to odd, then the low half away.
    let single = Float(value)
    var bits = single.bitPattern
    if single.isNaN {
      self.init(bitPattern: 0x7FFF)
      return
    }
    if single.isInfinite {
      // An overflow, or infinity: directed roundings stop at the largest number.
      if !value.isInfinite, rounding != .nearest { bits = Float(value, .towardZero).bitPattern | 1 }
    } else if Double(single) != value {
      if abs(Double(single)) > abs(value) { bits &-= 1 }
      bits |= 1
    }
    let rest = bits & 0xFFFF
    let isNegative = bits >> 31 == 1
    let isAway: Bool =
      switch rounding {
      case .nearest: rest > 0x8000 || (rest == 0x8000 && bits & 0x1_0000 != 0)
      case .towardZero: false
      case .up: rest != 0 && !isNegative
      case .down: rest != 0 && isNegative
      }
    self.init(bitPattern: UInt16(bits >> 16) &+ (isAway ? 1 : 0))
  }
}
