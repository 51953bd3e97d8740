import Support

/// Cuts PTX text into tokens. Comments and space are dropped.
struct Lexer {
  private let text: [UInt8]
  private let file: UInt32
  private var position = 0

  init(_ text: [UInt8], file: UInt32) {
    self.text = text
    self.file = file
  }

  /// All tokens of `text`; the last one is the end.
  static func tokens(of text: [UInt8], file: UInt32) throws(Diagnostic) -> [Token] {
    var lexer = Lexer(text, file: file)
    var tokens: [Token] = []
    tokens.reserveCapacity(text.count / 4)
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func byte(ahead: Int = 0) -> UInt8 {
    position + ahead < text.count ? text[position + ahead] : 0
  }

  private func span(from start: Int) -> Span {
    Span(file: file, start: UInt32(clamping: start), end: UInt32(clamping: position))
  }

  private mutating func next() throws(Diagnostic) -> Token {
    try skipSpace()
    let start = position
    guard position < text.count else { return Token(kind: .end, span: span(from: start)) }
    let first = text[position]
    if first.isDigit { return try number() }
    if first == UInt8(ascii: "."), byte(ahead: 1).isWordByte {
      position += 1
      let text = word()
      return Token(kind: .dotted(text), span: span(from: start))
    }
    if first.isWordByte || first == UInt8(ascii: "%") {
      let text = word()
      return Token(kind: .word(text), span: span(from: start))
    }
    if first == UInt8(ascii: "\"") { return try string() }
    guard first >= 0x21, first < 0x7F else {
      position += 1
      throw Diagnostic(
        .error, "unexpected byte 0x\(hexadecimal(UInt64(first)))", at: span(from: start))
    }
    position += 1
    return Token(kind: .punctuation(first), span: span(from: start))
  }

  private mutating func skipSpace() throws(Diagnostic) {
    while position < text.count {
      let first = text[position]
      if first == 0x20 || (first >= 0x09 && first <= 0x0D) {
        position += 1
      } else if first == UInt8(ascii: "/"), byte(ahead: 1) == UInt8(ascii: "/") {
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
      } else if first == UInt8(ascii: "/"), byte(ahead: 1) == UInt8(ascii: "*") {
        let start = position
        position += 2
        while byte() != UInt8(ascii: "*") || byte(ahead: 1) != UInt8(ascii: "/") {
          guard position < text.count else {
            throw Diagnostic(.error, "this comment does not end", at: span(from: start))
          }
          position += 1
        }
        position += 2
      } else {
        return
      }
    }
  }

  /// A run of word bytes; `::` joins the parts of modifiers such as `.shared::cta`.
  private mutating func word() -> String {
    let start = position
    position += 1
    while true {
      if byte().isWordByte {
        position += 1
      } else if byte() == UInt8(ascii: ":"), byte(ahead: 1) == UInt8(ascii: ":"),
        byte(ahead: 2).isWordByte
      {
        position += 2
      } else {
        return String(decoding: text[start..<position], as: UTF8.self)
      }
    }
  }

  private mutating func string() throws(Diagnostic) -> Token {
    let start = position
    position += 1
    while byte() != UInt8(ascii: "\"") {
      guard position < text.count, byte() != UInt8(ascii: "\n") else {
        throw Diagnostic(.error, "this string does not end", at: span(from: start))
      }
      position += byte() == UInt8(ascii: "\\") ? 2 : 1
    }
    position += 1
    return Token(kind: .string, span: span(from: start))
  }

  private mutating func number() throws(Diagnostic) -> Token {
    let start = position
    while byte().isWordByte
      || (byte() == UInt8(ascii: ".") && byte(ahead: 1).isDigit && isDecimal(from: start))
      || ((byte() == UInt8(ascii: "+") || byte() == UInt8(ascii: "-"))
        && (text[position - 1] | 0x20) == UInt8(ascii: "e") && isDecimal(from: start))
    {
      position += 1
    }
    var digits = String(decoding: text[start..<position], as: UTF8.self)
    let place = span(from: start)
    let prefix = digits.prefix(2).lowercased()
    func malformed() -> Diagnostic { Diagnostic(.error, "malformed number '\(digits)'", at: place) }
    switch prefix {
    case "0f":
      guard digits.utf8.count == 10, let bits = UInt32(digits.dropFirst(2), radix: 16) else {
        throw malformed()
      }
      return Token(kind: .float32(bits), span: place)
    case "0d":
      guard digits.utf8.count == 18, let bits = UInt64(digits.dropFirst(2), radix: 16) else {
        throw malformed()
      }
      return Token(kind: .float64(bits), span: place)
    default:
      break
    }
    if prefix != "0x",
      digits.utf8.contains(where: { $0 == UInt8(ascii: ".") || ($0 | 0x20) == UInt8(ascii: "e") })
    {
      guard let value = Double(digits) else { throw malformed() }
      return Token(kind: .float64(value.bitPattern), span: place)
    }
    if digits.hasSuffix("U") { digits.removeLast() }
    let value: UInt64? =
      switch prefix {
      case "0x": UInt64(digits.dropFirst(2), radix: 16)
      case "0b": UInt64(digits.dropFirst(2), radix: 2)
      default:
        digits.hasPrefix("0") && digits.utf8.count > 1
          ? UInt64(digits, radix: 8) : UInt64(digits, radix: 10)
      }
    guard let value else { throw malformed() }
    return Token(kind: .integer(value), span: place)
  }

  /// Whether the number that begins at `start` has no `0x`, `0f` or `0d` in front.
  private func isDecimal(from start: Int) -> Bool {
    guard text[start] == UInt8(ascii: "0"), start + 1 < position else { return true }
    let second = text[start + 1]
    return second.isDigit || second == UInt8(ascii: ".") || (second | 0x20) == UInt8(ascii: "e")
  }
}

extension UInt8 {
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  /// Whether it may stand inside an identifier.
  var isWordByte: Bool {
    isDigit || ((self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z"))
      || self == UInt8(ascii: "_") || self == UInt8(ascii: "$")
  }
}

/// `value` in hexadecimal, without a prefix.
func hexadecimal(_ value: UInt64) -> String { String(value, radix: 16) }
