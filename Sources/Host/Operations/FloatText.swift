import Glibc

/// Python's `repr` of a float: the shortest text that reads back as the same number.
func floatRepr(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  let sign = value.sign == .minus ? "-" : ""
  let (digits, exponent) = shortestDigits(value.magnitude)
  if exponent < -4 || exponent >= 16 {
    let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
    return sign + digits.prefix(1) + fraction + exponentText(exponent)
  }
  return sign + positional(digits, exponent)
}

/// The shortest digits that determine `value`, without zeros at the end, and the decimal exponent
/// of the first one.
func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
  let text = value.description
  var exponent = 0
  var mantissa = text[...]
  if let e = text.firstIndex(of: "e") {
    exponent = Int(text[text.index(after: e)...]) ?? 0
    mantissa = text[..<e]
  }
  let point = mantissa.firstIndex(of: ".")
  exponent += mantissa.distance(from: mantissa.startIndex, to: point ?? mantissa.endIndex) - 1
  var digits = mantissa.filter { $0 != "." }
  while digits.first == "0" && digits.count > 1 {
    digits.removeFirst()
    exponent -= 1
  }
  while digits.last == "0" && digits.count > 1 { digits.removeLast() }
  return (digits, digits == "0" ? 0 : exponent)
}

/// `digits` with the point after the digit for 10⁰, and `.0` where there is no fraction.
private func positional(_ digits: String, _ exponent: Int) -> String {
  if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
  let whole = digits.prefix(exponent + 1)
  let padding = String(repeating: "0", count: max(0, exponent + 1 - digits.count))
  let fraction = digits.dropFirst(exponent + 1)
  return whole + padding + "." + (fraction.isEmpty ? "0" : fraction)
}

/// `e+05`
func exponentText(_ exponent: Int) -> String {
  let magnitude = abs(exponent)
  return "e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
}

/// C's conversion `%.<precision><conversion>` of a finite number, correctly rounded.
func cFormat(_ value: Double, _ precision: Int, _ conversion: Character) -> String {
  let format = "%.\(min(precision, 4000))\(conversion)"
  return withVaList([value]) { arguments in
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 5000) { buffer in
      let count = vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
      let bytes = buffer.prefix(max(0, min(Int(count), buffer.count - 1)))
      return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

func formatFixed(_ value: Double, _ digits: Int) -> String { cFormat(value, digits, "f") }
