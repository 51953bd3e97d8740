// Numbers and strings.
extension Lexer {
  // MARK: Numbers

  /// A number, which begins with a digit, or with a dot and a digit.
  mutating func lexNumber() {
    let start = position
    if peek() == UInt8(ascii: "0"), let (radix, name) = radix(of: peek(1)) {
      position += 2
      return lexDigits(radix: radix, name: name, from: start)
    }
    var isInteger = true
    var isValid = true
    if peek() != UInt8(ascii: ".") { isValid = skipDigits() }
    if peek() == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      if isDigit(peek()) { isValid = skipDigits() && isValid }
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let hasSign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
      if isDigit(peek(hasSign ? 2 : 1)) {
        isInteger = false
        position += hasSign ? 2 : 1
        isValid = skipDigits() && isValid
      }
    }
    if peek() | 0x20 == UInt8(ascii: "j") {
      isInteger = false
      position += 1
    }
    if !isValid || !isNumberEnd() { return reportNumber("invalid decimal literal", from: start) }
    if isInteger, source[start] == UInt8(ascii: "0"),
      source[start..<position].contains(where: { $0 > UInt8(ascii: "0") && isDigit($0) })
    {
      return reportNumber(
        "leading zeros in decimal integer literals are not permitted", from: start,
        hint: "write 0o before the digits of an octal integer")
    }
    emit(.number, from: start)
  }

  private func radix(of letter: UInt8) -> (UInt8, String)? {
    switch letter | 0x20 {
    case UInt8(ascii: "x"): (16, "hexadecimal")
    case UInt8(ascii: "o"): (8, "octal")
    case UInt8(ascii: "b"): (2, "binary")
    default: nil
    }
  }

  /// The digits after `0x`, `0o` or `0b`: each may have one underscore before it.
  private mutating func lexDigits(radix: UInt8, name: String, from start: Int) {
    var hasDigits = false
    while true {
      let digit = peek() == UInt8(ascii: "_") ? 1 : 0
      guard let value = Character(Unicode.Scalar(peek(digit))).hexDigitValue, value < radix
      else { break }
      hasDigits = true
      position += digit + 1
    }
    if !hasDigits || isIdentifierByte(peek()) && !isNumberEnd() {
      return reportNumber("invalid \(name) literal", from: start)
    }
    emit(.number, from: start)
  }

  /// Skips digits with single underscores between them.
  private mutating func skipDigits() -> Bool {
    while true {
      while isDigit(peek()) { position += 1 }
      guard peek() == UInt8(ascii: "_") else { return true }
      guard isDigit(peek(1)) else { return false }
      position += 1
    }
  }

  /// `true` iff no name goes on where the number ended; a keyword may: `1if x else 2`.
  private func isNumberEnd() -> Bool {
    guard isIdentifierByte(peek()) else { return true }
    for keyword in ["and", "else", "for", "if", "in", "is", "not", "or"] {
      let word = keyword.utf8
      if position + word.count <= end,
        source[position..<position + word.count].elementsEqual(word),
        !isIdentifierByte(peek(word.count))
      {
        return true
      }
    }
    return false
  }

  private mutating func reportNumber(_ message: String, from start: Int, hint: String? = nil) {
    while isIdentifierByte(peek()) { position += 1 }
    report(message, from: start, hint: hint)
    emit(.invalid, from: start)
  }

  // MARK: Strings

  /// A string, from the letters of its prefix; the position is at its quotes.
  mutating func lexString(from start: Int, prefix: StringPrefix) {
    let quote = peek()
    var prefix = prefix
    if peek(1) == quote, peek(2) == quote { prefix.insert(.triple) }
    position += prefix.quotesLength
    if prefix.contains(.formatted) {
      return lexFormattedString(from: start, quote: quote, prefix: prefix)
    }
    while position < end {
      let byte = peek()
      if byte == quote, atQuotes(quote, prefix) {
        position += prefix.quotesLength
        return emit(.string, from: start, payload: prefix.rawValue)
      }
      if byte == UInt8(ascii: "\\"), position + 1 < end {
        position += peek(1) == UInt8(ascii: "\r") && peek(2) == UInt8(ascii: "\n") ? 3 : 2
      } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r"),
        !prefix.contains(.triple)
      {
        break
      } else {
        position += 1
      }
    }
    reportUnterminated("string", from: start, prefix)
  }

  private func atQuotes(_ quote: UInt8, _ prefix: StringPrefix) -> Bool {
    peek() == quote && (!prefix.contains(.triple) || peek(1) == quote && peek(2) == quote)
  }

  private mutating func reportUnterminated(
    _ what: String, from start: Int, _ prefix: StringPrefix
  ) {
    position = min(position, end)
    let triple = prefix.contains(.triple) ? "triple-quoted " : ""
    report(
      "unterminated \(triple)\(what) literal", from: start,
      to: prefix.contains(.triple) ? start + prefix.openingLength : position)
    emit(.invalid, from: start)
  }

  /// The rest of `f"…"`: its text and its fields.
  private mutating func lexFormattedString(from start: Int, quote: UInt8, prefix: StringPrefix) {
    emit(.fstringStart, from: start, payload: prefix.rawValue)
    let depth = brackets.count
    while lexText(quote: quote, prefix, isFormat: false) {
      guard peek() == UInt8(ascii: "{") else {
        let quotes = position
        position += prefix.quotesLength
        return emit(.fstringEnd, from: quotes)
      }
      guard lexField(quote: quote, prefix) else {
        return abandonFormattedString(quote: quote, depth: depth)
      }
    }
    reportUnterminated("f-string", from: start, prefix)
  }

  /// Goes on after a field that does not end, behind the string if it ends on the same line.
  private mutating func abandonFormattedString(quote: UInt8, depth: Int) {
    if position >= end || tokens.last?.kind == .newline { return }
    if depth < brackets.count {
      let start = brackets[depth].offset
      if source[start..<position].contains(UInt8(ascii: "\n")) { return reportUnclosed(depth) }
      brackets.removeSubrange(depth...)
    }
    emit(.invalid, from: position)
    var stop = position
    while stop < end, source[stop] != UInt8(ascii: "\n"), source[stop] != UInt8(ascii: "\r") {
      stop += 1
      if source[stop - 1] == quote {
        position = stop
        break
      }
    }
  }

  /// Text up to the closing quotes or a field; in a field's format, up to its `}` or a field.
  ///
  /// - Returns: `false` where the string does not end.
  private mutating func lexText(quote: UInt8, _ prefix: StringPrefix, isFormat: Bool) -> Bool {
    let start = position
    while position < end {
      switch peek() {
      case quote where atQuotes(quote, prefix):
        if position > start { emit(.fstringMiddle, from: start, payload: prefix.rawValue) }
        return true
      case UInt8(ascii: "{") where isFormat || peek(1) != UInt8(ascii: "{"):
        if position > start { emit(.fstringMiddle, from: start, payload: prefix.rawValue) }
        return true
      case UInt8(ascii: "{"): position += 2
      case UInt8(ascii: "}") where isFormat:
        if position > start { emit(.fstringMiddle, from: start, payload: prefix.rawValue) }
        return true
      case UInt8(ascii: "}"):
        if peek(1) == UInt8(ascii: "}") {
          position += 2
        } else {
          position += 1
          report("f-string: single '}' is not allowed", from: position - 1, hint: "write }}")
        }
      case UInt8(ascii: "\\"):
        switch peek(1) {
        case UInt8(ascii: "{"), UInt8(ascii: "}"): position += 1
        case UInt8(ascii: "N") where peek(2) == UInt8(ascii: "{") && !prefix.contains(.raw):
          position += 3
          while position < end, peek() != UInt8(ascii: "}"), peek() != quote { position += 1 }
          if peek() == UInt8(ascii: "}") { position += 1 }
        case UInt8(ascii: "\r") where peek(2) == UInt8(ascii: "\n"): position += 3
        default: position += 2
        }
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if !prefix.contains(.triple) { return false }
        position += 1
      default: position += 1
      }
    }
    return false
  }

  /// `{expression!r:format}`
  ///
  /// - Returns: `false` where the field does not end.
  private mutating func lexField(quote: UInt8, _ prefix: StringPrefix) -> Bool {
    if brackets.count >= Lexer.maximumNesting {
      report("too many nested brackets", from: position, to: position + 1)
      return false
    }
    lexOpening(.leftBrace)
    let depth = brackets.count
    while position < end {
      let count = tokens.count
      while peek() == UInt8(ascii: " ") || peek() == UInt8(ascii: "\t") { position += 1 }
      if brackets.count == depth, peek() == UInt8(ascii: ":") {
        position += 1
        emit(.colon, from: position - 1)
        return lexFormat(quote: quote, prefix)
      }
      lexToken()
      if brackets.count < depth {
        // Either this field's `}`, or everything was given up.
        return tokens.count > count && tokens[tokens.count - 1].kind == .rightBrace
      }
    }
    return false
  }

  /// The format of a field, after the colon, and the `}` of the field.
  private mutating func lexFormat(quote: UInt8, _ prefix: StringPrefix) -> Bool {
    while lexText(quote: quote, prefix, isFormat: true) {
      switch peek() {
      case UInt8(ascii: "}"):
        brackets.removeLast()
        position += 1
        emit(.rightBrace, from: position - 1)
        return true
      case UInt8(ascii: "{"):
        guard lexField(quote: quote, prefix) else { return false }
      default:
        report("f-string: expecting '}'", from: position, to: position + 1)
        return false
      }
    }
    report("f-string: expecting '}'", from: position, to: position + 1)
    return false
  }
}
