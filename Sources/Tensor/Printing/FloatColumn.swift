/// The common form of the floating-point numbers of one array, as NumPy chooses it: fixed or
/// scientific notation, the width before and after the point.
struct FloatColumn {
  private let options: PrintOptions
  private let type: ElementType
  private let isScientific: Bool
  private let isUnique: Bool
  private var precision: Int?
  /// Whether zeros fill up to `minimumDigits`; else spaces do.
  private var keepsZeros = false
  /// Digits after the point that every number shows, beyond those that identify it.
  private var minimumDigits = 0
  private var padLeft = 0
  private var padRight = 0
  private var exponentSize = 0

  /// Looks at all `values`, which are of `type`.
  init(_ values: [Double], type: ElementType, options: PrintOptions) {
    self.options = options
    self.type = type
    precision = options.floatMode == .unique ? nil : options.precision
    isUnique = options.floatMode != .fixed
    let finite = values.filter(\.isFinite)
    isScientific = FloatColumn.needsExponents(finite, type: type, options: options)

    if finite.isEmpty {
      // Only the words for NaN and infinities count.
    } else if isScientific {
      let forms = finite.map { scientificDigits($0) }
      exponentSize = forms.map { String($0.exponent.magnitude).count }.max() ?? 0
      exponentSize = max(exponentSize, 2)
      padLeft = zip(finite, forms).map { signText($0).count + $1.firstDigitText.count }.max() ?? 0
      let longest = forms.map { $0.fractionTextInScientific.count }.max() ?? 0
      precision = isUnique ? longest : precision ?? longest
      minimumDigits = precision ?? longest
      keepsZeros = true
      padRight = exponentSize + 2 + minimumDigits
    } else {
      let forms = finite.map { fixedDigits($0) }
      padLeft = zip(finite, forms).map { signText($0).count + $1.integerText.count }.max() ?? 0
      padRight = forms.map(\.fractionCount).max() ?? 0
      if !isUnique { padRight = precision ?? padRight }
      if options.floatMode == .fixed || options.floatMode == .maxprecEqual {
        precision = padRight
        minimumDigits = padRight
        keepsZeros = true
      }
    }
    if options.sign == .space && !finite.contains(where: { $0.sign == .minus }) { padLeft += 1 }
    if finite.count < values.count {
      let hasSign = options.sign != .minus || values.contains(-.infinity)
      let offset = padRight + 1
      padLeft = max(
        padLeft, options.nan.count - offset,
        options.infinity.count + (hasSign ? 1 : 0) - offset)
    }
  }

  /// Whether the range of magnitudes asks for scientific notation.
  private static func needsExponents(
    _ finite: [Double], type: ElementType, options: PrintOptions
  ) -> Bool {
    let magnitudes = finite.filter { $0 != 0 }.map(\.magnitude)
    guard let largest = magnitudes.max(), let smallest = magnitudes.min() else { return false }
    // Limits and ratio are rounded to the type of the numbers.
    let (cutoff, least, ratio): (Double, Double, Double)
    switch type {
    case .f16:
      cutoff = 1e3
      least = Double(Float16(0.0001))
      ratio = Double(Float16(largest) / Float16(smallest))
    case .f32:
      cutoff = 1e6
      least = Double(Float(0.0001))
      ratio = Double(Float(largest) / Float(smallest))
    default:
      cutoff = 1e8
      least = 0.0001
      ratio = largest / smallest
    }
    return largest >= cutoff || !options.suppress && (smallest < least || ratio > 1000)
  }

  private func scientificDigits(_ value: Double) -> DecimalDigits {
    PrintableFloat(value: value, type: type)
      .digits(
        unique: isUnique, precision: precision,
        isLongEnough: { $0.digits.count > minimumDigits },
        round: { $0.rounded(toDigits: $1 + 1) })
  }

  private func fixedDigits(_ value: Double) -> DecimalDigits {
    PrintableFloat(value: value, type: type)
      .digits(
        unique: isUnique, precision: precision,
        isLongEnough: { $0.fractionCount >= minimumDigits },
        round: { $0.rounded(toFraction: $1) })
  }

  private func signText(_ value: Double) -> String {
    value.sign == .minus ? "-" : options.sign == .plus ? "+" : ""
  }

  /// The number in the width of the column.
  func text(_ value: Double) -> String {
    guard value.isFinite else {
      let sign = value.isNaN ? (options.sign == .plus ? "+" : "") : signText(value)
      let word = sign + (value.isNaN ? options.nan : options.infinity)
      return spaces(padLeft + padRight + 1 - word.count) + word
    }
    let sign = signText(value)
    if isScientific {
      let digits = scientificDigits(value)
      let head = sign + digits.firstDigitText
      let fraction = digits.fractionTextInScientific
      return spaces(padLeft - head.count) + head + "." + fraction
        + zeros(minimumDigits - fraction.count)
        + ScalarText.exponentText(digits.exponent, width: exponentSize)
    }
    let digits = fixedDigits(value)
    let head = sign + digits.integerText
    let fraction = digits.fractionText
    let tail =
      keepsZeros ? zeros(minimumDigits - fraction.count) : spaces(padRight - fraction.count)
    return spaces(padLeft - head.count) + head + "." + fraction + tail
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
  private func zeros(_ count: Int) -> String { String(repeating: "0", count: max(count, 0)) }
}
