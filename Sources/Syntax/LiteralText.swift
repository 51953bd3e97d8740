/// Literals as Python's `repr` writes them.
enum LiteralText {
  /// `text` in single quotes, or in double quotes where that saves escapes.
  static func quote(_ text: String) -> String {
    let hasSingle = text.unicodeScalars.contains("'")
    let quote: Unicode.Scalar = hasSingle && !text.unicodeScalars.contains("\"") ? "\"" : "'"
    return "\(quote)\(escape(text, quote: quote))\(quote)"
  }

  /// `text` with escapes for what cannot stand between `quote`s.
  static func escape(_ text: String, quote: Unicode.Scalar) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case quote: result += "\\\(quote)"
      default:
        if isPrintable(scalar) {
          result.unicodeScalars.append(scalar)
        } else if scalar.value < 0x100 {
          result += "\\x" + hex(scalar.value, 2)
        } else if scalar.value < 0x10000 {
          result += "\\u" + hex(scalar.value, 4)
        } else {
          result += "\\U" + hex(scalar.value, 8)
        }
      }
    }
    return result
  }

  static func quote(bytes: [UInt8]) -> String {
    let hasSingle = bytes.contains(UInt8(ascii: "'"))
    let quote = hasSingle && !bytes.contains(UInt8(ascii: "\"")) ? "\"" : "'"
    var result = "b" + quote
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"): result += "\\\\"
      case UInt8(ascii: "\n"): result += "\\n"
      case UInt8(ascii: "\r"): result += "\\r"
      case UInt8(ascii: "\t"): result += "\\t"
      case UInt8(ascii: "'") where quote == "'": result += "\\'"
      case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "\\x" + hex(UInt32(byte), 2)
      }
    }
    return result + quote
  }

  /// The shortest digits that read back as `value`, which is not negative.
  static func number(_ value: Double) -> String { value.isInfinite ? "1e309" : value.description }

  private static func hex(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}
