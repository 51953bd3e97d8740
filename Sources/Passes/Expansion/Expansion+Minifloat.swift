import HLO
import Support
import Tensor

// The bits of floating-point numbers of less than a byte. Single precision holds all of them, and
// none of them is subnormal there.
extension FunctionBuilder {
  /// The bits of the elements of `x`, as words.
  func minifloatBits(_ x: ValueID, _ word: ElementType) throws -> ValueID {
    let type = try tensorType(of: x)
    let format = try minifloatFormat(type.element)
    let words = type.with(.u32)
    func literal(_ value: Int) throws -> ValueID { try splat(value, words) }
    func right(_ value: ValueID, _ count: Int) throws -> ValueID {
      try binary(.shiftRightLogical, value, literal(count))
    }
    func left(_ value: ValueID, _ count: Int) throws -> ValueID {
      try binary(.shiftLeft, value, literal(count))
    }
    let number = try convert(x, to: .f32)
    let bits = try bitcastConvert(number, to: words)
    let magnitude = try and(bits, literal(0x7FFF_FFFF))
    let exponent = try right(magnitude, 23)
    let least = 127 + format.minimumExponent
    let significand = try and(
      right(magnitude, 23 - format.significandBits), literal((1 << format.significandBits) - 1))
    let normal = try or(
      left(subtract(exponent, literal(least - 1)), format.significandBits), significand)
    // Below the smallest normal number, steps are counted.
    let steps = try convert(
      multiply(abs(number), splat(1 / format.smallestStep, type.with(.f32))), to: .u32)
    let body = try select(compare(exponent, .ge, literal(least)), normal, steps)
    let sign = try left(right(bits, 31), format.bitWidth - 1)
    return try convert(or(body, sign), to: word)
  }

  /// The numbers of `type` that have these bits.
  func minifloat(_ bits: ValueID, _ type: TensorType) throws -> ValueID {
    let format = try minifloatFormat(type.element)
    let words = type.with(.u32)
    func literal(_ value: Int) throws -> ValueID { try splat(value, words) }
    func left(_ value: ValueID, _ count: Int) throws -> ValueID {
      try binary(.shiftLeft, value, literal(count))
    }
    func field(_ value: ValueID, from first: Int, count: Int) throws -> ValueID {
      try and(binary(.shiftRightLogical, value, literal(first)), literal((1 << count) - 1))
    }
    let wide = try convert(bits, to: .u32)
    let significand = try field(wide, from: 0, count: format.significandBits)
    let exponent = try field(wide, from: format.significandBits, count: format.exponentBits)
    let normal = try or(
      left(add(exponent, literal(127 - format.bias)), 23),
      left(significand, 23 - format.significandBits))
    let subnormal = try bitcastConvert(
      multiply(convert(significand, to: .f32), splat(format.smallestStep, type.with(.f32))),
      to: words)
    let body = try select(compare(exponent, .eq, literal(0)), subnormal, normal)
    let sign = try left(field(wide, from: format.bitWidth - 1, count: 1), 31)
    return try convert(bitcastConvert(or(body, sign), to: type.with(.f32)), to: type.element)
  }

  private func minifloatFormat(_ element: ElementType) throws -> FloatFormat {
    guard let format = element.floatFormat, format.specials == .numbersOnly else {
      throw unsupported("the bits of \(element)")
    }
    return format
  }
}

extension FloatFormat {
  /// The distance of the smallest numbers.
  fileprivate var smallestStep: Double {
    Double(sign: .plus, exponent: minimumExponent - significandBits, significand: 1)
  }
}
