/// A number with its unit, in three digits: `1.25 MB`, `340 ns`, `12 kflop`.
func quantity(_ value: Double, _ unit: String) -> String {
  let prefixes = ["n", "µ", "m", "", "k", "M", "G", "T", "P"]
  guard value > 0 else { return "0 \(unit)" }
  var scaled = value
  var position = 3
  // Only times are divided further.
  let least = unit == "s" ? 0 : 3
  while scaled >= 999.5, position < prefixes.count - 1 {
    scaled /= 1000
    position += 1
  }
  while scaled < 0.9995, position > least {
    scaled *= 1000
    position -= 1
  }
  return "\(threeDigits(scaled)) \(prefixes[position])\(unit)"
}

/// `0.0625`, `1.25`, `12.5`, `340`
func threeDigits(_ value: Double) -> String {
  var factor = 1.0
  while value * factor < 99.95, factor < 1e4 { factor *= 10 }
  let rounded = (value * factor).rounded() / factor
  let text = "\(rounded)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
