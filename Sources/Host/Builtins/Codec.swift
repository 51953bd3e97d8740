/// An encoding of text as bytes.
enum Codec {
  case utf8
  /// One byte per character: ASCII, or Latin-1 with all bytes.
  case ascii, latin1

  /// - Throws: `LookupError` for an encoding that is not known.
  init(named name: String) throws {
    switch name.lowercased().filter({ $0 != "-" && $0 != "_" && $0 != " " }) {
    case "utf8", "u8": self = .utf8
    case "ascii", "usascii", "646": self = .ascii
    case "latin1", "iso88591", "l1", "latin": self = .latin1
    default: throw raised("LookupError", "unknown encoding: \(name)")
    }
  }

  /// The encoding that a program asks for, or UTF-8.
  init(_ name: Object?) throws {
    self = try name.map { try Codec(named: str($0)) } ?? .utf8
  }

  private var name: String {
    switch self {
    case .utf8: "utf-8"
    case .ascii: "ascii"
    case .latin1: "latin-1"
    }
  }

  /// How many characters there are, from the first on.
  private var limit: UInt32 {
    switch self {
    case .utf8: 0x110000
    case .ascii: 128
    case .latin1: 256
    }
  }

  /// - Throws: `UnicodeEncodeError` for a character that the encoding lacks, `LookupError` for an
  ///   unknown treatment of errors.
  func encode(_ text: String, errors: Object?) throws -> [UInt8] {
    if case .utf8 = self { return Array(text.utf8) }
    let errors = try errors.map(str) ?? "strict"
    let scalars = Array(text.unicodeScalars)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(scalars.count)
    for (position, scalar) in scalars.enumerated() {
      if scalar.value < limit {
        bytes.append(UInt8(scalar.value))
        continue
      }
      switch errors {
      case "ignore": continue
      case "replace": bytes.append(UInt8(ascii: "?"))
      case "backslashreplace":
        bytes += quoted(String(scalar), ascii: true).dropFirst().dropLast().utf8
      case "xmlcharrefreplace": bytes += "&#\(scalar.value);".utf8
      case "strict":
        let end = scalars[position...].firstIndex { $0.value < limit } ?? scalars.count
        let place =
          end == position + 1
          ? "character \(quoted(String(scalar), ascii: true)) in position \(position)"
          : "characters in position \(position)-\(end - 1)"
        throw raised(
          "UnicodeEncodeError",
          "'\(name)' codec can't encode \(place): ordinal not in range(\(limit))")
      default: throw raised("LookupError", "unknown error handler name '\(errors)'")
      }
    }
    return bytes
  }

  /// - Throws: `UnicodeDecodeError` for bytes that are no text, `LookupError` for an unknown treatment
  ///   of errors.
  func decode(_ bytes: [UInt8], errors: Object?) throws -> String {
    var text = ""
    var position = 0
    while position < bytes.count {
      let (count, scalar, defect) = character(in: bytes, at: position)
      let end = position + count
      if let scalar {
        text.unicodeScalars.append(scalar)
      } else {
        switch try errors.map(str) ?? "strict" {
        case "ignore": break
        case "replace": text += "\u{fffd}"
        case "backslashreplace":
          for byte in bytes[position..<end] { text += "\\x" + String(byte, radix: 16) }
        case "strict":
          let place =
            count == 1
            ? "byte 0x\(String(bytes[position], radix: 16)) in position \(position)"
            : "bytes in position \(position)-\(end - 1)"
          throw raised(
            "UnicodeDecodeError", "'\(name)' codec can't decode \(place): \(defect)")
        case let unknown: throw raised("LookupError", "unknown error handler name '\(unknown)'")
        }
      }
      position = end
    }
    return text
  }

  /// The character at `position` and how many bytes it takes; without a character, how many bytes are
  /// none, and why.
  private func character(
    in bytes: [UInt8], at position: Int
  ) -> (count: Int, scalar: Unicode.Scalar?, defect: String) {
    let first = bytes[position]
    guard case .utf8 = self else {
      return first < limit
        ? (1, Unicode.Scalar(first), "") : (1, nil, "ordinal not in range(\(limit))")
    }
    let count: Int
    // What the second byte may be, so that no character is longer than need be, a surrogate, or beyond
    // the last.
    var allowed: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0..<0x80: return (1, Unicode.Scalar(first), "")
    case 0xc2...0xdf: count = 2
    case 0xe0: (count, allowed) = (3, 0xa0...0xbf)
    case 0xed: (count, allowed) = (3, 0x80...0x9f)
    case 0xe1...0xef: count = 3
    case 0xf0: (count, allowed) = (4, 0x90...0xbf)
    case 0xf1...0xf3: count = 4
    case 0xf4: (count, allowed) = (4, 0x80...0x8f)
    default: return (1, nil, "invalid start byte")
    }
    var value = UInt32(first) & (0x7f >> UInt32(count))
    for offset in 1..<count {
      guard position + offset < bytes.count else {
        return (offset, nil, "unexpected end of data")
      }
      let byte = bytes[position + offset]
      guard allowed.contains(byte) else { return (offset, nil, "invalid continuation byte") }
      value = value << 6 | UInt32(byte & 0x3f)
      allowed = 0x80...0xbf
    }
    return (count, Unicode.Scalar(value), "")
  }
}
