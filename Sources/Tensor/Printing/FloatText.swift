/// A number of one of the types that NumPy formats itself: `f16`, `f32`, `f64`.
struct PrintableFloat {
  let value: Double
  let type: ElementType

  var shortest: DecimalDigits {
    switch type {
    case .f16: shortestHalf
    case .f32: DecimalDigits(shortest: Float(value))
    default: DecimalDigits(shortest: value)
    }
  }

  /// Swift writes large integers of this type in full, so the fewest digits are searched for.
  private var shortestHalf: DecimalDigits {
    let half = Float16(value)
    if half.magnitude < 2048 { return DecimalDigits(shortest: half) }
    let exact = DecimalDigits(exact: value.magnitude)
    for count in 1...4 {
      let rounded = exact.rounded(toDigits: count)
      if Int(rounded.integerText).map({ Float16(Float($0)) }) == half.magnitude { return rounded }
    }
    return exact
  }

  /// The shortest digits, where they are long enough and `round` cuts none of them at `precision`;
  /// else the exact digits, rounded.
  func digits(
    unique: Bool, precision: Int?, isLongEnough: (DecimalDigits) -> Bool,
    round: (DecimalDigits, Int) -> DecimalDigits
  ) -> DecimalDigits {
    if unique {
      let shortest = shortest
      guard let precision else { return shortest }
      if isLongEnough(shortest) && round(shortest, precision) == shortest { return shortest }
    }
    let exact = DecimalDigits(exact: value)
    return precision.map { round(exact, $0) } ?? exact
  }
}

/// Text of single numbers, as Python and NumPy write scalars.
public enum ScalarText {
  /// The fewest digits that identify the value in its type: `0.1`, `1e-05`, `100000.0`, `nan`.
  public static func repr(_ value: Double, type: ElementType = .f64) -> String {
    text(value, type: type, trimsPoint: false)
  }

  /// A complex number as Python writes it: `(1-2j)`, `1.5j`.
  public static func repr(_ value: Complex<Double>, type: ElementType = .c128) -> String {
    let part = type.realPart
    let imaginary = text(value.imaginary, type: part, trimsPoint: true)
    if value.real == 0 && value.real.sign == .plus { return imaginary + "j" }
    let sign = imaginary.hasPrefix("-") ? "" : "+"
    return "(\(text(value.real, type: part, trimsPoint: true))\(sign)\(imaginary)j)"
  }

  private static func text(_ value: Double, type: ElementType, trimsPoint: Bool) -> String {
    if value.isNaN { return "nan" }
    let sign = value.sign == .minus ? "-" : ""
    if value.isInfinite { return sign + "inf" }
    let digits = PrintableFloat(value: value, type: type).shortest
    let limit = type == .f16 ? 1e3 : type == .f32 ? 1e6 : 1e16
    if value == 0 || value.magnitude >= 1e-4 && value.magnitude < limit {
      let fraction = digits.fractionText
      let tail = fraction.isEmpty ? (trimsPoint ? "" : ".0") : "." + fraction
      return sign + digits.integerText + tail
    }
    let fraction = digits.fractionTextInScientific
    return sign + digits.firstDigitText + (fraction.isEmpty ? "" : "." + fraction)
      + exponentText(digits.exponent, width: 2)
  }

  /// `e-05`: at least `width` digits.
  static func exponentText(_ exponent: Int, width: Int) -> String {
    let digits = String(exponent.magnitude)
    return (exponent < 0 ? "e-" : "e+")
      + String(repeating: "0", count: max(width - digits.count, 0))
      + digits
  }

  /// C's `%g`: six significant digits, as the narrow floating types are written.
  static func general(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    let sign = value.sign == .minus ? "-" : ""
    if value.isInfinite { return sign + "inf" }
    let digits = DecimalDigits(exact: value).rounded(toDigits: 6)
    if digits.exponent >= -4 && digits.exponent < 6 {
      let fraction = digits.fractionText
      return sign + digits.integerText + (fraction.isEmpty ? "" : "." + fraction)
    }
    let fraction = digits.fractionTextInScientific
    return sign + digits.firstDigitText + (fraction.isEmpty ? "" : "." + fraction)
      + exponentText(digits.exponent, width: 2)
  }
}
