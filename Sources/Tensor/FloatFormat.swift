/// How a binary floating-point type lays out its bits: what `finfo` says and what conversion needs.
public struct FloatFormat: Hashable, Sendable {
  /// What the bit patterns at the ends of the range mean.
  public enum Specials: UInt8, Hashable, Sendable {
    /// The largest exponent holds infinities and NaNs, as IEEE 754 has it.
    case ieee
    /// No infinities; only the pattern with all bits set is NaN (`FN`).
    case finite
    /// Neither infinities nor NaNs: what is too large becomes the largest number (`FN` below 8 bits).
    case numbersOnly
    /// No infinities and no negative zero, whose pattern is the one NaN (`FNUZ`).
    case finiteUnsignedZero
    /// An exponent alone: no sign, no zero, all bits set is NaN (`E8M0FNU`).
    case exponentOnly
  }

  public let exponentBits: Int
  public let significandBits: Int
  public let bias: Int
  public let specials: Specials

  public var bitWidth: Int {
    exponentBits + significandBits + (specials == .exponentOnly ? 0 : 1)
  }

  /// The exponent of the smallest normal number.
  public var minimumExponent: Int { (specials == .exponentOnly ? 0 : 1) - bias }

  /// The exponent of the largest finite number.
  public var maximumExponent: Int {
    let top = (1 << exponentBits) - 1 - bias
    switch specials {
    case .ieee, .exponentOnly: return top - 1
    case .finite, .numbersOnly, .finiteUnsignedZero: return top
    }
  }

  /// The largest finite number.
  public var largest: Double {
    let ulps = Double(sign: .plus, exponent: -significandBits, significand: 1)
    let last = specials == .finite ? 2 * ulps : ulps
    return Double(sign: .plus, exponent: maximumExponent, significand: 2 - last)
  }

  /// The smallest finite number.
  public var lowest: Double { specials == .exponentOnly ? smallestNormal : -largest }

  public var smallestNormal: Double {
    Double(sign: .plus, exponent: minimumExponent, significand: 1)
  }

  public var smallestSubnormal: Double {
    Double(sign: .plus, exponent: minimumExponent - significandBits, significand: 1)
  }

  /// The distance from 1 to the next larger number.
  public var epsilon: Double { Double(sign: .plus, exponent: -significandBits, significand: 1) }

  /// The decimal digits that every number of this many digits survives.
  public var decimalPrecision: Int { max(1, significandBits * 30103 / 100000) }

  /// The pattern of the quiet NaN that arithmetic makes; that of negative zero where there is none.
  public var nan: UInt64 {
    switch specials {
    case .ieee:
      (1 << UInt64(exponentBits) - 1) << UInt64(significandBits)
        | 1 << UInt64(significandBits - 1)
    case .finite, .exponentOnly:
      (1 << UInt64(exponentBits + significandBits)) - 1
    case .finiteUnsignedZero, .numbersOnly: 1 << UInt64(exponentBits + significandBits)
    }
  }

  /// The number that `bits` stand for.
  public func decode(_ bits: UInt64) -> Double {
    if specials == .exponentOnly {
      return bits == nan ? .nan : Double(sign: .plus, exponent: Int(bits) - bias, significand: 1)
    }
    let magnitude = bits & (1 << UInt64(bitWidth - 1) - 1)
    let isNegative = bits >> UInt64(bitWidth - 1) & 1 != 0
    let exponent = Int(magnitude >> UInt64(significandBits))
    let significand = magnitude & (1 << UInt64(significandBits) - 1)
    switch specials {
    case .ieee where exponent == 1 << exponentBits - 1:
      if significand == 0 { return isNegative ? -.infinity : .infinity }
      return isNegative ? -.nan : .nan
    case .finite where magnitude == nan: return isNegative ? -.nan : .nan
    case .finiteUnsignedZero where bits == nan: return .nan
    case .ieee, .finite, .numbersOnly, .finiteUnsignedZero, .exponentOnly: break
    }
    let value =
      exponent == 0
      ? Double(significand) * smallestSubnormal
      : Double(
        sign: .plus, exponent: exponent - bias - significandBits,
        significand: Double(significand | 1 << UInt64(significandBits)))
    return isNegative ? -value : value
  }

  /// The pattern nearest to `value`, ties to even. What is too large becomes an infinity, or NaN
  /// where the format has none, or the largest number where it has no NaN either.
  public func encode(_ value: Double) -> UInt64 {
    if specials == .exponentOnly { return encodeExponent(value) }
    let sign: UInt64 = value.sign == .minus ? 1 << UInt64(bitWidth - 1) : 0
    let signedNaN =
      switch specials {
      case .finiteUnsignedZero: nan
      case .numbersOnly: sign ^ nan
      case .ieee, .finite, .exponentOnly: sign | nan
      }
    if value.isNaN { return signedNaN }
    let overflow: UInt64
    switch specials {
    case .ieee: overflow = sign | (1 << UInt64(exponentBits) - 1) << UInt64(significandBits)
    case .numbersOnly: overflow = sign | (nan - 1)
    case .finite, .finiteUnsignedZero, .exponentOnly: overflow = signedNaN
    }
    if value.isInfinite || value != 0 && value.exponent > maximumExponent { return overflow }
    // In units of the last place at this magnitude, the value is rounded to an integer.
    let exponent = max(value == 0 ? minimumExponent : Int(value.exponent), minimumExponent)
    let unit = exponent - significandBits
    let scaled = Double(sign: .plus, exponent: -unit, significand: value.magnitude)
    let rounded = UInt64(scaled.rounded(.toNearestOrEven))
    // A carry out of the significand adds one to the exponent field, as it should.
    let magnitude = rounded + UInt64(exponent - minimumExponent) << UInt64(significandBits)
    if magnitude >> UInt64(bitWidth - 1) != 0 || !(decode(magnitude) <= largest) { return overflow }
    if magnitude == 0 && specials == .finiteUnsignedZero { return 0 }
    return sign | magnitude
  }

  /// Powers of two only: the nearest exponent, ties upward; what is not positive becomes NaN.
  private func encodeExponent(_ value: Double) -> UInt64 {
    guard value > 0, value.isFinite else { return nan }
    let exponent = Int(value.exponent) + (value.significand >= 1.5 ? 1 : 0)
    if exponent > maximumExponent { return nan }
    return UInt64(max(exponent + bias, 0))
  }
}

extension ElementType {
  /// The bits of the number nearest to `value`; `nil` for types that are not floating.
  public func bits(of value: Double) -> UInt64? {
    self == .f64 ? value.bitPattern : floatFormat?.encode(value)
  }

  /// The number that `bits` stand for; `nil` for types that are not floating.
  public func value(ofBits bits: UInt64) -> Double? {
    self == .f64 ? Double(bitPattern: bits) : floatFormat?.decode(bits)
  }

  /// The floating-point number that none is below: minus infinity, if there is one.
  public var lowest: Double {
    floatFormat.map { $0.specials == .ieee ? -.infinity : $0.lowest } ?? -.infinity
  }

  /// The floating-point number that none is above: infinity, if there is one.
  public var highest: Double {
    floatFormat.map { $0.specials == .ieee ? .infinity : $0.largest } ?? .infinity
  }

  /// The layout of a floating type, of its parts for a complex one; `nil` for other types.
  public var floatFormat: FloatFormat? {
    func format(_ exponent: Int, _ significand: Int, _ bias: Int, _ specials: FloatFormat.Specials)
      -> FloatFormat
    {
      FloatFormat(
        exponentBits: exponent, significandBits: significand, bias: bias, specials: specials)
    }
    switch self {
    case .f4E2M1FN: return format(2, 1, 1, .numbersOnly)
    case .f6E2M3FN: return format(2, 3, 1, .numbersOnly)
    case .f6E3M2FN: return format(3, 2, 3, .numbersOnly)
    case .f8E3M4: return format(3, 4, 3, .ieee)
    case .f8E4M3: return format(4, 3, 7, .ieee)
    case .f8E4M3FN: return format(4, 3, 7, .finite)
    case .f8E4M3FNUZ: return format(4, 3, 8, .finiteUnsignedZero)
    case .f8E4M3B11FNUZ: return format(4, 3, 11, .finiteUnsignedZero)
    case .f8E5M2: return format(5, 2, 15, .ieee)
    case .f8E5M2FNUZ: return format(5, 2, 16, .finiteUnsignedZero)
    case .f8E8M0FNU: return format(8, 0, 127, .exponentOnly)
    case .bf16: return format(8, 7, 127, .ieee)
    case .f16: return format(5, 10, 15, .ieee)
    case .f32, .c64: return format(8, 23, 127, .ieee)
    case .f64, .c128: return format(11, 52, 1023, .ieee)
    case .bool, .i2, .i4, .i8, .i16, .i32, .i64, .u2, .u4, .u8, .u16, .u32, .u64, .float0, .key:
      return nil
    }
  }
}
