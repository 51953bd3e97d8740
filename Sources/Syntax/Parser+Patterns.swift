// `match` and its patterns.
extension Parser {
  /// `true` iff the line that begins with the name `match` is a statement: its `:` ends it, and
  /// a `case` follows.
  func isMatchStatement() -> Bool {
    guard nextKind != .colon, nextKind != .assign else { return false }
    for index in position..<tokens.count where tokens[index].kind == .newline {
      return index + 2 < tokens.count && tokens[index - 1].kind == .colon
        && tokens[index + 1].kind == .indent && tokens[index + 2].kind == .name
        && tokens[index + 2].symbol == .case
    }
    return false
  }

  mutating func matchStatement() throws(Failure) -> MatchStmt {
    let start = advance().start
    let first = token.start
    var subject = try starNamedExpression()
    if at(.comma) {
      var elements = [subject]
      while accept(.comma), !at(.colon) { elements.append(try starNamedExpression()) }
      subject = .tuple(TupleExpr(elements, span: span(from: first)))
    }
    guard accept(.colon) else { throw fail("expected ':'") }
    _ = accept(.newline)
    _ = accept(.indent)
    var cases: [MatchStmt.Case] = []
    while !at(.dedent), !at(.endOfFile) {
      guard at(.name), token.symbol == .case else { throw fail("expected 'case'") }
      let start = position
      do {
        cases.append(try caseBlock())
      } catch {
        recover(from: start)
      }
    }
    _ = accept(.dedent)
    return MatchStmt(subject: subject, cases: cases, span: blockSpan(from: start))
  }

  mutating func caseBlock() throws(Failure) -> MatchStmt.Case {
    let keyword = advance()
    let pattern = try patterns()
    let condition = try accept(.if) ? namedExpression() : nil
    let body = try block(of: "'case' statement", at: span(keyword))
    return MatchStmt.Case(
      pattern: pattern, condition: condition, body: body, span: blockSpan(from: keyword.start))
  }

  /// Patterns with commas between them: a sequence if there is a comma.
  mutating func patterns() throws(Failure) -> Pattern {
    let start = token.start
    let first = try maybeStarPattern()
    guard at(.comma) else {
      if case .star(let star) = first {
        throw fail("a starred pattern must be in a sequence", at: star.span)
      }
      return first
    }
    var elements = [first]
    while accept(.comma), !at(.colon), !at(.if) { elements.append(try maybeStarPattern()) }
    return .sequence(SequencePattern(elements, span: span(from: start)))
  }

  mutating func maybeStarPattern() throws(Failure) -> Pattern {
    let start = token.start
    guard accept(.star) else { return try pattern() }
    let name = try captureName()
    return .star(StarPattern(name: name, span: span(from: start)))
  }

  /// A name to bind, `nil` for `_`.
  private mutating func captureName() throws(Failure) -> Identifier? {
    let name = try identifier()
    return name.symbol == .underscore ? nil : name
  }

  /// `pattern as name`
  mutating func pattern() throws(Failure) -> Pattern {
    try enter()
    let start = token.start
    let inner = try orPattern()
    depth -= 1
    guard accept(.as) else { return inner }
    guard let name = try captureName() else { throw fail("cannot bind '_' in a pattern") }
    return .capture(CapturePattern(pattern: inner, name: name, span: span(from: start)))
  }

  mutating func orPattern() throws(Failure) -> Pattern {
    let start = token.start
    let first = try closedPattern()
    guard at(.bar) else { return first }
    var alternatives = [first]
    while accept(.bar) { alternatives.append(try closedPattern()) }
    return .or(OrPattern(alternatives, span: span(from: start)))
  }

  mutating func closedPattern() throws(Failure) -> Pattern {
    let token = token
    switch token.kind {
    case .None, .True, .False:
      advance()
      let value: Literal = token.kind == .None ? .none : .bool(token.kind == .True)
      return .singleton(SingletonPattern(value, span: span(token)))
    case .number, .minus, .string, .fstringStart:
      return .value(ValuePattern(try literalPattern(), span: span(from: token.start)))
    case .leftParenthesis: return try groupPattern()
    case .leftBracket:
      advance()
      let elements = try sequencePattern(until: .rightBracket)
      return .sequence(SequencePattern(elements, span: span(from: token.start)))
    case .leftBrace: return try mappingPattern()
    case .name:
      if nextKind == .dot || nextKind == .leftParenthesis { return try valueOrClassPattern() }
      let name = try captureName()
      return .capture(CapturePattern(pattern: nil, name: name, span: span(token)))
    default: throw fail("expected a pattern")
    }
  }

  /// A number, also complex, or a string.
  mutating func literalPattern() throws(Failure) -> Expr {
    if at(.string) || at(.fstringStart) {
      let value = try strings()
      guard case .constant = value else {
        throw fail("an f-string cannot be a pattern", at: value.span)
      }
      return value
    }
    let start = token.start
    let real = try signedNumber()
    guard at(.plus) || at(.minus) else { return real }
    let op = advance()
    guard at(.number) else { throw fail("expected an imaginary number") }
    let imaginary = try number()
    guard case .constant(let constant) = imaginary, case .imaginary = constant.value else {
      throw fail("expected an imaginary number", at: imaginary.span)
    }
    return .binary(
      BinaryExpr(
        op.kind == .plus ? .add : .subtract, real, imaginary, operatorSpan: span(op),
        span: span(from: start)))
  }

  private mutating func signedNumber() throws(Failure) -> Expr {
    let start = token.start
    let isNegative = accept(.minus)
    guard at(.number) else { throw fail("expected a number or a string in a pattern") }
    if !isNegative { return try number() }
    let value = try number()
    return .unary(UnaryExpr(.negate, value, span: span(from: start)))
  }

  mutating func groupPattern() throws(Failure) -> Pattern {
    let start = advance().start
    let elements = try sequencePattern(until: .rightParenthesis)
    if elements.count == 1, tokens[position - 2].kind != .comma {
      if case .star(let star) = elements[0] {
        throw fail("a starred pattern must be in a sequence", at: star.span)
      }
      return elements[0]
    }
    return .sequence(SequencePattern(elements, span: span(from: start)))
  }

  mutating func sequencePattern(until closer: TokenKind) throws(Failure) -> [Pattern] {
    var elements: [Pattern] = []
    while !at(closer) {
      elements.append(try maybeStarPattern())
      guard accept(.comma) else { break }
    }
    try close(closer)
    return elements
  }

  mutating func mappingPattern() throws(Failure) -> Pattern {
    let start = advance().start
    var items: [(key: Expr, pattern: Pattern)] = []
    var rest: Identifier?
    while !at(.rightBrace) {
      if accept(.doubleStar) {
        rest = try identifier()
      } else {
        let key: Expr
        switch kind {
        case .name: key = try nameOrAttribute()
        case .None, .True, .False: key = try atom()
        default: key = try literalPattern()
        }
        guard accept(.colon) else { throw fail("expected ':' after the key") }
        items.append((key, try pattern()))
      }
      guard accept(.comma) else { break }
      if rest != nil && !at(.rightBrace) { throw fail("'**' must come last in a pattern") }
    }
    try close(.rightBrace)
    return .mapping(MappingPattern(items: items, rest: rest, span: span(from: start)))
  }

  /// `a.b`
  mutating func nameOrAttribute() throws(Failure) -> Expr {
    let name = try identifier()
    var value = Expr.name(NameExpr(name.symbol, span: name.span))
    var count = 0
    while accept(.dot) {
      try limitChain(&count)
      let attribute = try identifier()
      value = .attribute(AttributeExpr(value, name: attribute, span: span(from: name.span)))
    }
    return value
  }

  /// `a.b` or `a.b(pattern, name=pattern)`
  mutating func valueOrClassPattern() throws(Failure) -> Pattern {
    let start = token.start
    let value = try nameOrAttribute()
    guard accept(.leftParenthesis) else {
      return .value(ValuePattern(value, span: span(from: start)))
    }
    var positional: [Pattern] = []
    var keywords: [(name: Identifier, pattern: Pattern)] = []
    while !at(.rightParenthesis) {
      if at(.name), nextKind == .assign {
        let name = try identifier()
        advance()
        keywords.append((name, try pattern()))
      } else {
        if !keywords.isEmpty { throw fail("a positional pattern follows a keyword pattern") }
        positional.append(try pattern())
      }
      guard accept(.comma) else { break }
    }
    try close(.rightParenthesis)
    return .class(
      ClassPattern(
        type: value, positional: positional, keywords: keywords, span: span(from: start)))
  }
}
