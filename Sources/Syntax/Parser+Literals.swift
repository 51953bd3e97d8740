import Support

// Numbers, strings and f-strings.
extension Parser {
  // MARK: Numbers

  mutating func number() throws(Failure) -> Expr {
    let token = advance()
    var digits = source[Int(token.start)..<Int(token.end)].filter { $0 != UInt8(ascii: "_") }
    let place = span(token)
    if digits.count > 1, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 > UInt8(ascii: "a"),
      let radix = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2][
        digits[1] | 0x20]
    {
      return integer(digits.dropFirst(2), radix: radix, at: place)
    }
    if digits.allSatisfy(isDigit) {
      if digits.count > 4300 {
        throw fail("a decimal literal has at most 4300 digits", at: place, hint: "write it as 0x…")
      }
      return integer(digits[...], radix: 10, at: place)
    }
    let isImaginary = digits[digits.count - 1] | 0x20 == UInt8(ascii: "j")
    if isImaginary { digits.removeLast() }
    guard let value = Double(String(decoding: digits, as: UTF8.self)) else {
      throw fail("invalid decimal literal", at: place)
    }
    return .constant(ConstantExpr(isImaginary ? .imaginary(value) : .float(value), span: place))
  }

  private func integer(_ digits: ArraySlice<UInt8>, radix: Int, at place: Span) -> Expr {
    var value = 0
    for digit in digits {
      let letter = Int(digit | 0x20)
      let number = isDigit(digit) ? Int(digit) - 0x30 : letter - 0x61 + 10
      let (product, overflows) = value.multipliedReportingOverflow(by: radix)
      let (sum, carries) = product.addingReportingOverflow(number)
      if overflows || carries {
        let text = String(decoding: digits.drop { $0 == UInt8(ascii: "0") }, as: UTF8.self)
        return .constant(ConstantExpr(.bigInteger(digits: text, radix: radix), span: place))
      }
      value = sum
    }
    return .constant(ConstantExpr(.integer(value), span: place))
  }

  // MARK: Strings

  /// String literals beside each other, which are one.
  mutating func strings() throws(Failure) -> Expr {
    let start = token.start
    if at(.string), nextKind != .string, nextKind != .fstringStart {
      let token = advance()
      return .constant(ConstantExpr(try string(token), span: span(token)))
    }
    var parts: [FormattedString.Part] = []
    var bytes: [UInt8]?
    var isText = false
    var isFormatted = false
    while true {
      let token = token
      switch token.kind {
      case .string:
        advance()
        switch try string(token) {
        case .bytes(let more): bytes = (bytes ?? []) + more
        case .string(let text):
          isText = true
          append(text, to: &parts)
        case .none, .ellipsis, .bool, .integer, .bigInteger, .float, .imaginary: break
        }
      case .fstringStart:
        isText = true
        isFormatted = true
        try formattedString(into: &parts)
      default:
        let place = span(from: start)
        if let bytes { return .constant(ConstantExpr(.bytes(bytes), span: place)) }
        if isFormatted { return .formatted(FormattedString(parts: parts, span: place)) }
        guard case .text(let text)? = parts.first else {
          return .constant(ConstantExpr(.string(""), span: place))
        }
        return .constant(ConstantExpr(.string(text), span: place))
      }
      if isText && bytes != nil {
        throw fail("cannot mix bytes and text in one literal", at: span(token))
      }
    }
  }

  private func append(_ text: String, to parts: inout [FormattedString.Part]) {
    if text.isEmpty { return }
    if case .text(let before)? = parts.last {
      parts[parts.count - 1] = .text(before + text)
    } else {
      parts.append(.text(text))
    }
  }

  /// The value of one string literal.
  private mutating func string(_ token: Token) throws(Failure) -> Literal {
    let prefix = token.prefix
    let start = Int(token.start) + prefix.openingLength
    let text = try decode(start..<Int(token.end) - prefix.quotesLength, prefix)
    return prefix.contains(.bytes) ? .bytes(text) : .string(String(decoding: text, as: UTF8.self))
  }

  /// `f"…"`
  mutating func formattedString(into parts: inout [FormattedString.Part]) throws(Failure) {
    let prefix = advance().prefix
    while !accept(.fstringEnd) { try formattedPart(prefix, into: &parts) }
  }

  private mutating func formattedPart(
    _ prefix: StringPrefix, into parts: inout [FormattedString.Part]
  ) throws(Failure) {
    switch kind {
    case .fstringMiddle:
      let token = advance()
      let bytes = try decode(Int(token.start)..<Int(token.end), prefix)
      append(String(decoding: bytes, as: UTF8.self), to: &parts)
    case .leftBrace: try replacementField(prefix, into: &parts)
    default: throw fail("f-string: expecting '}'")
    }
  }

  /// `{value=!r:format}`
  mutating func replacementField(
    _ prefix: StringPrefix, into parts: inout [FormattedString.Part]
  ) throws(Failure) {
    let brace = advance()
    switch kind {
    case .rightBrace, .colon, .exclamation, .assign:
      throw fail("f-string: expected an expression before '\(text(token))'")
    case .lambda:
      throw fail("f-string: a lambda needs parentheses here", hint: "write (lambda …)")
    default: break
    }
    let value = try at(.yield) ? yieldExpression() : starExpressions()
    let isDebug = accept(.assign)
    if isDebug {
      let shown = source[Int(brace.end)..<Int(token.start)]
      append(String(decoding: shown, as: UTF8.self), to: &parts)
    }
    var conversion = try accept(.exclamation) ? self.conversion() : nil
    var format: FormattedString?
    if at(.colon) {
      let start = advance().end
      var formatParts: [FormattedString.Part] = []
      while !at(.rightBrace) { try formattedPart(prefix, into: &formatParts) }
      format = FormattedString(parts: formatParts, span: span(from: start))
    }
    guard accept(.rightBrace) else { throw fail("f-string: expecting '}'") }
    if isDebug && conversion == nil && format == nil { conversion = .repr }
    parts.append(
      .field(
        FormattedString.Field(
          value: value, conversion: conversion, format: format, span: span(from: brace.start))))
  }

  /// The letter after `!`.
  private mutating func conversion() throws(Failure) -> FormattedString.Conversion {
    let token = token
    guard at(.name), token.end - token.start == 1,
      let conversion = FormattedString.Conversion(rawValue: source[Int(token.start)])
    else { throw fail("f-string: expected 's', 'r' or 'a' after '!'") }
    advance()
    return conversion
  }

  // MARK: Escapes

  /// The text that the bytes in `range` stand for, as UTF-8.
  private mutating func decode(
    _ range: Range<Int>, _ prefix: StringPrefix
  ) throws(Failure) -> [UInt8] {
    let isRaw = prefix.contains(.raw)
    let isFormatted = prefix.contains(.formatted)
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = source[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\\") where !isRaw && index < range.upperBound:
        try decodeEscape(&index, range.upperBound, prefix, into: &result)
      case UInt8(ascii: "{") where isFormatted, UInt8(ascii: "}") where isFormatted:
        result.append(byte)
        if index < range.upperBound, source[index] == byte { index += 1 }
      case UInt8(ascii: "\r"):
        result.append(UInt8(ascii: "\n"))
        if index < range.upperBound, source[index] == UInt8(ascii: "\n") { index += 1 }
      default:
        if byte >= 0x80, prefix.contains(.bytes) {
          throw fail("bytes can only contain ASCII characters", at: place(index - 1, index))
        }
        result.append(byte)
      }
    }
    return result
  }

  private func place(_ start: Int, _ end: Int) -> Span {
    Span(file: file, start: UInt32(start), end: UInt32(end))
  }

  /// One escape; `index` is behind its backslash.
  private mutating func decodeEscape(
    _ index: inout Int, _ end: Int, _ prefix: StringPrefix, into result: inout [UInt8]
  ) throws(Failure) {
    let start = index - 1
    let letter = source[index]
    let isBytes = prefix.contains(.bytes)
    index += 1
    switch letter {
    case UInt8(ascii: "\n"): break
    case UInt8(ascii: "\r"):
      if index < end, source[index] == UInt8(ascii: "\n") { index += 1 }
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(letter)
    case UInt8(ascii: "a"): result.append(0x07)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "v"): result.append(0x0B)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var value = UInt32(letter - UInt8(ascii: "0"))
      var count = 1
      while count < 3, index < end, source[index] & 0xF8 == UInt8(ascii: "0") {
        value = value * 8 + UInt32(source[index] & 7)
        index += 1
        count += 1
      }
      try append(scalar: value, isBytes: isBytes, place(start, index), to: &result)
    case UInt8(ascii: "x"):
      let value = try hexDigits(2, &index, end, from: start)
      try append(scalar: value, isBytes: isBytes, place(start, index), to: &result)
    case UInt8(ascii: "u") where !isBytes:
      let value = try hexDigits(4, &index, end, from: start)
      try append(scalar: value, isBytes: false, place(start, index), to: &result)
    case UInt8(ascii: "U") where !isBytes:
      let value = try hexDigits(8, &index, end, from: start)
      try append(scalar: value, isBytes: false, place(start, index), to: &result)
    case UInt8(ascii: "N") where !isBytes:
      let value = try namedCharacter(&index, end, from: start)
      try append(scalar: value, isBytes: false, place(start, index), to: &result)
    default:
      result.append(UInt8(ascii: "\\"))
      index -= 1
    }
  }

  private mutating func append(
    scalar value: UInt32, isBytes: Bool, _ place: Span, to result: inout [UInt8]
  ) throws(Failure) {
    if isBytes { return result.append(UInt8(truncatingIfNeeded: value)) }
    guard let scalar = Unicode.Scalar(value) else {
      throw fail(
        value < 0x110000
          ? "unsupported: a surrogate in a string" : "no character has this number", at: place)
    }
    result.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
  }

  private mutating func hexDigits(
    _ count: Int, _ index: inout Int, _ end: Int, from start: Int
  ) throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard index < end, let digit = Character(Unicode.Scalar(source[index])).hexDigitValue else {
        throw fail("the escape needs \(count) hexadecimal digits", at: place(start, index))
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  /// `{NAME}` after `\N`
  private mutating func namedCharacter(
    _ index: inout Int, _ end: Int, from start: Int
  ) throws(Failure) -> UInt32 {
    guard index < end, source[index] == UInt8(ascii: "{"),
      let stop = source[index..<end].firstIndex(of: UInt8(ascii: "}"))
    else { throw fail("expected {NAME} after \\N", at: place(start, index)) }
    let name = String(decoding: source[index + 1..<stop], as: UTF8.self).uppercased()
    index = stop + 1
    for value in UInt32(0x20)..<0x30000 {
      if let properties = Unicode.Scalar(value)?.properties,
        properties.name == name || properties.nameAlias == name
      {
        return value
      }
    }
    throw fail("no character has this name", at: place(start, index))
  }
}
