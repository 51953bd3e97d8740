import Support

/// Cuts source text into tokens, with Python's rules: indentation, line joining, f-strings.
///
/// Everything that is wrong with the text alone is reported here; an `invalid` token then stands
/// where the text was, so that the parser gives up on that statement without a second message.
struct Lexer {
  let source: UnsafeBufferPointer<UInt8>
  let file: UInt32
  /// The next byte to read.
  var position: Int
  let end: Int
  var tokens: [Token] = []
  var diagnostics: [Diagnostic] = []
  /// The text behind each bracket that was never closed.
  var unclosed: [Range<UInt32>] = []
  /// The brackets that are open, from the outermost, also those of an f-string's fields.
  var brackets: [Bracket] = []
  private var indents = [Indent(column: 0, alternative: 0)]

  /// More open brackets or levels of indentation than this are refused.
  static let maximumNesting = 100

  struct Bracket {
    let byte: UInt8
    let offset: Int
  }

  /// A level of indentation. Two columns, with tabs of 8 and of 1, tell whether mixing spaces and
  /// tabs makes the order depend on the width of tabs.
  private struct Indent {
    var column: Int
    var alternative: Int
  }

  init(_ source: UnsafeBufferPointer<UInt8>, file: UInt32, range: Range<Int>) {
    self.source = source
    self.file = file
    position = range.lowerBound
    end = range.upperBound
    tokens.reserveCapacity(range.count / 4 + 8)
  }

  /// Lexes everything. The last tokens are `newline`, the `dedent`s and `endOfFile`.
  mutating func run() {
    if position == 0, peek() == 0xEF, peek(1) == 0xBB, peek(2) == 0xBF { position = 3 }
    while position < end {
      lexIndentation()
      while position < end {
        lexToken()
        if tokens.last?.kind == .newline { break }
      }
    }
    if !brackets.isEmpty { reportUnclosed(0) }
    switch tokens.last?.kind {
    case .newline?, nil: break
    default: emit(.newline, from: end)
    }
    for _ in indents.dropFirst() { emit(.dedent, from: end) }
    emit(.endOfFile, from: end)
  }

  // MARK: Bytes, tokens, messages

  /// The byte `offset` after the next one, 0 at the end.
  @inline(__always)
  func peek(_ offset: Int = 0) -> UInt8 {
    let index = position + offset
    return index < end ? source[index] : 0
  }

  /// Emits the token that reaches from `start` to the position.
  mutating func emit(_ kind: TokenKind, from start: Int, payload: UInt32 = 0) {
    tokens.append(
      Token(kind: kind, start: UInt32(start), end: UInt32(position), payload: payload))
  }

  /// Reports an error about the bytes from `start` to `stop`, to the position where absent.
  mutating func report(
    _ message: String, from start: Int, to stop: Int? = nil, hint: String? = nil
  ) {
    let stop = max(start, min(stop ?? position, end))
    diagnostics.append(
      Diagnostic(
        .error, message, at: Span(file: file, start: UInt32(start), end: UInt32(stop)),
        hint: hint))
  }

  /// Reports the open bracket at `index` and forgets it and those inside it.
  mutating func reportUnclosed(_ index: Int) {
    let bracket = brackets[index]
    let text = Character(Unicode.Scalar(bracket.byte))
    report("'\(text)' was never closed", from: bracket.offset, to: bracket.offset + 1)
    unclosed.append(UInt32(bracket.offset + 1)..<UInt32(position + 1))
    brackets.removeSubrange(index...)
    emit(.invalid, from: position)
  }

  // MARK: Lines

  /// At the start of a line: skips lines without tokens, then compares the indentation.
  private mutating func lexIndentation() {
    while position < end {
      var indent = Indent(column: 0, alternative: 0)
      let lineStart = position
      scan: while true {
        switch peek() {
        case UInt8(ascii: " "):
          indent.column += 1
          indent.alternative += 1
        case UInt8(ascii: "\t"):
          indent.column = (indent.column / 8 + 1) * 8
          indent.alternative += 1
        case 0x0C: indent = Indent(column: 0, alternative: 0)
        case UInt8(ascii: "\\") where skipLineContinuation(): continue scan
        default: break scan
        }
        position += 1
      }
      if peek() == UInt8(ascii: "#") { skipComment() }
      if skipLineEnd() { continue }
      if position < end { compare(indent, from: lineStart) }
      return
    }
  }

  private mutating func compare(_ indent: Indent, from lineStart: Int) {
    var current = indents[indents.count - 1]
    if indent.column == current.column {
      if indent.alternative != current.alternative { reportTabs(from: lineStart) }
      return
    }
    if indent.column > current.column {
      if indent.alternative <= current.alternative { reportTabs(from: lineStart) }
      if indents.count == Self.maximumNesting {
        report("too many levels of indentation", from: lineStart)
      }
      indents.append(indent)
      emit(.indent, from: lineStart)
      return
    }
    while indent.column < current.column {
      indents.removeLast()
      current = indents[indents.count - 1]
      tokens.append(
        Token(kind: .dedent, start: UInt32(position), end: UInt32(position), payload: 0))
    }
    if indent.column != current.column {
      report("unindent does not match any outer indentation level", from: lineStart)
    } else if indent.alternative != current.alternative {
      reportTabs(from: lineStart)
    }
  }

  private mutating func reportTabs(from lineStart: Int) {
    report(
      "inconsistent use of tabs and spaces in indentation", from: lineStart,
      hint: "indent with spaces only")
  }

  private mutating func skipComment() {
    while position < end, peek() != UInt8(ascii: "\n"), peek() != UInt8(ascii: "\r") {
      position += 1
    }
  }

  /// Skips one end of line: LF, CR LF or CR.
  private mutating func skipLineEnd() -> Bool {
    switch peek() {
    case UInt8(ascii: "\n"): position += 1
    case UInt8(ascii: "\r"): position += peek(1) == UInt8(ascii: "\n") ? 2 : 1
    default: return false
    }
    return true
  }

  /// Skips a backslash that ends a line.
  private mutating func skipLineContinuation() -> Bool {
    guard position + 1 < end, peek(1) == UInt8(ascii: "\n") || peek(1) == UInt8(ascii: "\r")
    else { return false }
    position += 1
    _ = skipLineEnd()
    return true
  }

  /// `true` iff the next word begins statements only: inside brackets, one was never closed.
  private func atStatementKeyword() -> Bool {
    guard peek() >= UInt8(ascii: "a"), peek() <= UInt8(ascii: "z") else { return false }
    var stop = position
    while stop < end, source[stop] >= UInt8(ascii: "a"), source[stop] <= UInt8(ascii: "z") {
      stop += 1
    }
    guard stop - position <= 8, stop == end || !isIdentifierByte(source[stop]) else { return false }
    let symbol = Symbol(utf8: UnsafeBufferPointer(rebasing: source[position..<stop]))
    return symbol.isKeyword && TokenKind.keywords[Int(symbol.rawValue)].startsOnlyStatements
  }

  // MARK: Tokens

  /// Lexes the blanks that follow and one token, or an end of line.
  mutating func lexToken() {
    blanks: while true {
      switch peek() {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0C: position += 1
      case UInt8(ascii: "#"): skipComment()
      case UInt8(ascii: "\\"):
        if skipLineContinuation() { continue }
        let start = position
        position += 1
        report("unexpected character after line continuation character", from: start)
        emit(.invalid, from: start)
        return
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        let start = position
        if brackets.isEmpty {
          emit(.newline, from: start)
          _ = skipLineEnd()
          return
        }
        _ = skipLineEnd()
        while peek() == UInt8(ascii: " ") || peek() == UInt8(ascii: "\t") { position += 1 }
        if atStatementKeyword() {
          while source[position - 1] == UInt8(ascii: " ") || source[position - 1] == 0x09 {
            position -= 1
          }
          reportUnclosed(0)
          emit(.newline, from: position)
          return
        }
      default: break blanks
      }
    }
    guard position < end else { return }
    let start = position
    let byte = peek()
    if isIdentifierByte(byte) {
      if isDigit(byte) { lexNumber() } else { lexName() }
      return
    }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): lexString(from: start, prefix: [])
    case UInt8(ascii: "."):
      if isDigit(peek(1)) {
        lexNumber()
      } else if peek(1) == UInt8(ascii: "."), peek(2) == UInt8(ascii: ".") {
        lexOperator(.ellipsis, length: 3)
      } else {
        lexOperator(.dot, length: 1)
      }
    case UInt8(ascii: "("): lexOpening(.leftParenthesis)
    case UInt8(ascii: "["): lexOpening(.leftBracket)
    case UInt8(ascii: "{"): lexOpening(.leftBrace)
    case UInt8(ascii: ")"): lexClosing(.rightParenthesis, opening: UInt8(ascii: "("))
    case UInt8(ascii: "]"): lexClosing(.rightBracket, opening: UInt8(ascii: "["))
    case UInt8(ascii: "}"): lexClosing(.rightBrace, opening: UInt8(ascii: "{"))
    case UInt8(ascii: ","): lexOperator(.comma, length: 1)
    case UInt8(ascii: ";"): lexOperator(.semicolon, length: 1)
    case UInt8(ascii: "~"): lexOperator(.tilde, length: 1)
    case UInt8(ascii: ":"): lexOperator(.colon, assign: .walrus)
    case UInt8(ascii: "+"): lexOperator(.plus, assign: .plusAssign)
    case UInt8(ascii: "%"): lexOperator(.percent, assign: .percentAssign)
    case UInt8(ascii: "@"): lexOperator(.at, assign: .atAssign)
    case UInt8(ascii: "&"): lexOperator(.ampersand, assign: .ampersandAssign)
    case UInt8(ascii: "|"): lexOperator(.bar, assign: .barAssign)
    case UInt8(ascii: "^"): lexOperator(.caret, assign: .caretAssign)
    case UInt8(ascii: "="): lexOperator(.assign, assign: .equal)
    case UInt8(ascii: "!"): lexOperator(.exclamation, assign: .notEqual)
    case UInt8(ascii: "-"):
      if peek(1) == UInt8(ascii: ">") {
        lexOperator(.arrow, length: 2)
      } else {
        lexOperator(.minus, assign: .minusAssign)
      }
    case UInt8(ascii: "*"):
      lexOperator(.star, assign: .starAssign, double: .doubleStar, .doubleStarAssign)
    case UInt8(ascii: "/"):
      lexOperator(.slash, assign: .slashAssign, double: .doubleSlash, .doubleSlashAssign)
    case UInt8(ascii: "<"):
      lexOperator(.less, assign: .lessOrEqual, double: .leftShift, .leftShiftAssign)
    case UInt8(ascii: ">"):
      lexOperator(.greater, assign: .greaterOrEqual, double: .rightShift, .rightShiftAssign)
    default: lexStrayScalar()
    }
  }

  private mutating func lexOperator(_ kind: TokenKind, length: Int) {
    let start = position
    position += length
    emit(kind, from: start)
  }

  /// An operator of one character, or with `=` after it.
  private mutating func lexOperator(_ kind: TokenKind, assign: TokenKind) {
    if peek(1) == UInt8(ascii: "=") {
      lexOperator(assign, length: 2)
    } else {
      lexOperator(kind, length: 1)
    }
  }

  /// An operator of one character, the same with `=`, doubled, or doubled with `=`.
  private mutating func lexOperator(
    _ kind: TokenKind, assign: TokenKind, double: TokenKind, _ doubleAssign: TokenKind
  ) {
    if peek(1) == peek() {
      if peek(2) == UInt8(ascii: "=") {
        lexOperator(doubleAssign, length: 3)
      } else {
        lexOperator(double, length: 2)
      }
    } else {
      lexOperator(kind, assign: assign)
    }
  }

  mutating func lexOpening(_ kind: TokenKind) {
    if brackets.count == Self.maximumNesting {
      report("too many nested brackets", from: position, to: position + 1)
    }
    brackets.append(Bracket(byte: peek(), offset: position))
    lexOperator(kind, length: 1)
  }

  private mutating func lexClosing(_ kind: TokenKind, opening: UInt8) {
    let start = position
    guard let bracket = brackets.popLast() else {
      position += 1
      report("unmatched '\(kind.rawValue)'", from: start)
      return emit(.invalid, from: start)
    }
    guard bracket.byte == opening else {
      position += 1
      let found = Character(Unicode.Scalar(bracket.byte))
      report("'\(kind.rawValue)' does not match the opening '\(found)'", from: start)
      return emit(.invalid, from: start)
    }
    lexOperator(kind, length: 1)
  }

  // MARK: Names

  private mutating func lexName() {
    let start = position
    var byte = peek()
    while isIdentifierByte(byte), byte < 0x80 {
      position += 1
      byte = peek()
    }
    if byte >= 0x80 {
      lexUnicodeName()
      if position == start { return lexStrayScalar() }
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"),
      let prefix = StringPrefix(letters: source[start..<position])
    {
      return lexString(from: start, prefix: prefix)
    }
    let symbol = Symbol(utf8: UnsafeBufferPointer(rebasing: source[start..<position]))
    let kind = symbol.isKeyword ? TokenKind.keywords[Int(symbol.rawValue)] : .name
    emit(kind, from: start, payload: symbol.rawValue)
  }

  /// Goes on with a name at a byte that is not ASCII.
  private mutating func lexUnicodeName() {
    let start = position
    var isFirst = start == 0 || !isIdentifierByte(source[start - 1])
    while position < end, isIdentifierByte(peek()) {
      let (scalar, length) = decodeScalar()
      let isAllowed =
        if scalar.isASCII { true } else if isFirst { scalar.properties.isXIDStart } else {
          scalar.properties.isXIDContinue
        }
      guard isAllowed else { return }
      isFirst = false
      position += length
    }
  }

  /// The scalar at the position and its length in bytes. The source is valid UTF-8.
  private func decodeScalar() -> (Unicode.Scalar, Int) {
    var iterator = source[position..<end].makeIterator()
    var decoder = UTF8()
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar): return (scalar, UTF8.width(scalar))
    case .emptyInput, .error: return ("\u{FFFD}", 1)
    }
  }

  /// Reports a character that begins no token.
  private mutating func lexStrayScalar() {
    let start = position
    let (scalar, length) = decodeScalar()
    position += length
    let code = String(scalar.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
    let hint: String? =
      switch scalar {
      case "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}": "write straight quotes, ' or \""
      case "\u{00A0}", "\u{3000}", "\u{200B}": "write a plain space"
      case "\u{2212}", "\u{2013}", "\u{2014}": "write -"
      case "\u{00D7}": "write *"
      case "?": "write a if condition else b"
      default: nil
      }
    let shown = scalar.properties.generalCategory == .control ? name : "'\(scalar)' (\(name))"
    report("invalid character \(shown)", from: start, hint: hint)
    emit(.invalid, from: start)
  }
}

/// `true` iff `byte` is a letter, a digit, `_` or part of a character that is not ASCII.
@inline(__always)
func isIdentifierByte(_ byte: UInt8) -> Bool {
  let letter = byte | 0x20
  return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || isDigit(byte)
    || byte == UInt8(ascii: "_") || byte >= 0x80
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
