import Glibc

/// `cvt`: every pair of types. Floating-point values pass through `f64`, which holds all of them.
enum Conversion {
  /// From integer to integer: `a` is read as the source type, saturated to the result type under
  /// `.sat`, and cut to it.
  static func integers(from source: ScalarType, to result: ScalarType) -> Step.Execute {
    let (sourceRest, resultRest) = (
      UInt64(64 - source.bitWidth), UInt64(64 - result.bitWidth)
    )
    let (isSourceSigned, isResultSigned) = (source.kind == .signed, result.kind == .signed)
    return { warp, step, lanes in
      let saturates = step.pointee.flags.contains(.saturate)
      let a = warp.register(step.pointee.a)
      let d = warp.register(step.pointee.d)
      forEachLane(lanes) { lane in
        var value = extended(a[lane], by: sourceRest, isSigned: isSourceSigned)
        if saturates {
          value = saturated(
            value, isSigned: isSourceSigned, rest: resultRest, isResultSigned: isResultSigned)
        }
        d[lane] = extended(value, by: resultRest, isSigned: isResultSigned)
      }
    }
  }

  /// The low `64 - rest` bits of `value`, widened by zeros or the sign.
  @inline(__always)
  private static func extended(_ value: UInt64, by rest: UInt64, isSigned: Bool) -> UInt64 {
    isSigned
      ? UInt64(bitPattern: Int64(bitPattern: value &<< rest) &>> Int64(rest))
      : (value &<< rest) &>> rest
  }

  private static func saturated(
    _ value: UInt64, isSigned: Bool, rest: UInt64, isResultSigned: Bool
  ) -> UInt64 {
    let isNegative = isSigned && Int64(bitPattern: value) < 0
    if isResultSigned {
      let maximum = UInt64.max >> (rest + 1)
      let minimum = ~maximum
      if isNegative {
        return Int64(bitPattern: value) < Int64(bitPattern: minimum) ? minimum : value
      }
      return min(value, maximum)
    }
    return isNegative ? 0 : min(value, UInt64.max >> rest)
  }

  /// From integer to floating point.
  struct FromInteger: FloatScalarTask {
    let source: ScalarType

    func of<T: FloatScalar>(_: T.Type) -> Step.Execute {
      let rest = UInt64(64 - source.bitWidth)
      let isSigned = source.kind == .signed
      return { warp, step, lanes in
        let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
        let a = warp.register(step.pointee.a)
        let d = warp.register(step.pointee.d)
        forEachLane(lanes) { lane in
          let value = extended(a[lane], by: rest, isSigned: isSigned)
          let isNegative = isSigned && Int64(bitPattern: value) < 0
          let magnitude = isNegative ? 0 &- value : value
          d[lane] = T.rounded(magnitude, isNegative: isNegative, rounding).result(flags).slot
        }
      }
    }
  }

  /// From floating point to integer: out of range saturates; NaN is 0, or the lowest number of
  /// signed (the highest bit of unsigned) results where 64 bits take part.
  struct ToInteger: FloatScalarTask {
    let result: ScalarType

    func of<T: FloatScalar>(_: T.Type) -> Step.Execute {
      let width = result.bitWidth
      let isSigned = result.kind == .signed
      let hasHighNaN = T.self == Double.self || width == 64
      let limit = scalbn(1, isSigned ? width - 1 : width)
      let maximum = isSigned ? UInt64.max >> UInt64(65 - width) : UInt64.max >> UInt64(64 - width)
      let minimum = isSigned ? ~maximum : 0
      return { warp, step, lanes in
        let (flags, rule) = (step.pointee.flags, step.pointee.rounding.rule)
        let a = warp.register(step.pointee.a)
        let d = warp.register(step.pointee.d)
        forEachLane(lanes) { lane in
          let value = T(slot: a[lane]).operand(flags).double.rounded(rule)
          if value.isNaN {
            d[lane] = hasHighNaN ? (isSigned ? minimum : 1 << UInt64(width - 1)) : 0
          } else if value >= limit {
            d[lane] = maximum
          } else if isSigned {
            d[lane] = value < -limit ? minimum : UInt64(bitPattern: Int64(value))
          } else {
            d[lane] = value < 0 ? 0 : UInt64(value)
          }
        }
      }
    }
  }

  /// From floating point to floating point; `isIntegral` rounds to a whole number (`.rni`, …).
  static func floats(
    from source: ScalarType, to result: ScalarType, isIntegral: Bool
  ) -> Step.Execute? {
    source.floatScalar(FromFloat(result: result, isIntegral: isIntegral)) ?? nil
  }

  private struct FromFloat: FloatScalarTask {
    let result: ScalarType
    let isIntegral: Bool

    func of<S: FloatScalar>(_: S.Type) -> Step.Execute? {
      result.floatScalar(ToFloat<S>(isIntegral: isIntegral))
    }
  }

  private struct ToFloat<S: FloatScalar>: FloatScalarTask {
    let isIntegral: Bool

    func of<T: FloatScalar>(_: T.Type) -> Step.Execute {
      if isIntegral {
        return { warp, step, lanes in
          let (flags, rule) = (step.pointee.flags, step.pointee.rounding.rule)
          mapLanes(warp, step, lanes) { (a: S) in
            T(a.operand(flags).double.rounded(rule), .nearest).result(flags)
          }
        }
      }
      return { warp, step, lanes in
        let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
        mapLanes(warp, step, lanes) { (a: S) in
          T(a.operand(flags).double, rounding).result(flags)
        }
      }
    }
  }

  /// `cvt.rn.f16x2.f32 d, a, b`: `a` is the high half.
  static func pack(to result: ScalarType) -> Step.Execute? {
    func of<T: FloatScalar>(_: T.Type) -> Step.Execute {
      { warp, step, lanes in
        let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
        mapLanes(warp, step, lanes) { (a: Float, b: Float) in
          Packed(
            low: T(b.operand(flags).double, rounding).result(flags),
            high: T(a.operand(flags).double, rounding).result(flags))
        }
      }
    }
    return switch result {
    case .f16x2: of(Float16.self)
    case .bf16x2: of(BFloat16.self)
    default: nil
    }
  }
}

extension FloatScalar {
  /// The integer of this sign and magnitude, rounded once.
  @inline(__always)
  static func rounded(_ magnitude: UInt64, isNegative: Bool, _ rounding: Rounding) -> Self {
    // 53 bits, the last of which says whether bits were lost: enough for every narrower format.
    let shift = max(0, 11 - magnitude.leadingZeroBitCount)
    let kept = magnitude >> UInt64(shift)
    let lost = kept << UInt64(shift) != magnitude
    let value = Double(kept) * Double(UInt64(1) << UInt64(shift))
    let signed = isNegative ? -value : value
    if Self.self == Double.self {
      guard lost else { return Self(signed, rounding) }
      let nearest = Double(magnitude)
      let result: Double =
        switch (rounding, isNegative) {
        case (.nearest, _): nearest
        case (.towardZero, _), (.down, false), (.up, true): value
        case (.up, false), (.down, true): value.nextUp
        }
      return Self(isNegative ? -result : result, rounding)
    }
    let odd = lost ? Double(kept | 1) * Double(UInt64(1) << UInt64(shift)) : value
    return Self(isNegative ? -odd : odd, rounding)
  }
}
