// Calls, subscripts, attributes and atoms.
extension Parser {
  mutating func primary() throws(Failure) -> Expr {
    let start = token.start
    var value = try atom()
    var count = 0
    while true {
      switch kind {
      case .dot:
        advance()
        let name = try identifier()
        value = .attribute(AttributeExpr(value, name: name, span: span(from: start)))
      case .leftParenthesis:
        advance()
        let (arguments, keywords) = try arguments()
        value = .call(
          CallExpr(value, arguments: arguments, keywords: keywords, span: span(from: start)))
      case .leftBracket:
        advance()
        let index = try slices()
        value = .subscript(SubscriptExpr(value, index: index, span: span(from: start)))
      default: return value
      }
      try limitChain(&count)
    }
  }

  /// Arguments and the `)` after them.
  mutating func arguments() throws(Failure) -> ([Expr], [KeywordArgument]) {
    var arguments: [Expr] = []
    var keywords: [KeywordArgument] = []
    var hasUnpackedKeywords = false
    while !at(.rightParenthesis) {
      let start = token.start
      let yields = context.yields
      switch kind {
      case .star:
        advance()
        let value = try expression()
        if hasUnpackedKeywords {
          report("an argument with '*' follows one with '**'", at: span(from: start))
        }
        arguments.append(.starred(StarredExpr(value, span: span(from: start))))
      case .doubleStar:
        advance()
        hasUnpackedKeywords = true
        let value = try expression()
        keywords.append(KeywordArgument(name: nil, value: value, span: span(from: start)))
      case .name where nextKind == .assign:
        let name = try identifier()
        advance()
        if keywords.contains(where: { $0.name?.symbol == name.symbol }) {
          report("a second keyword argument '\(name.text)'", at: name.span)
        }
        let value = try expression()
        keywords.append(KeywordArgument(name: name, value: value, span: span(from: start)))
      default:
        let value = try namedExpression()
        if at(.for) || at(.async) {
          let generator = try comprehension(.generator(value), from: start, yields: yields)
          if !arguments.isEmpty || !keywords.isEmpty || at(.comma) && nextKind != .rightParenthesis
          {
            report(
              "a generator expression beside other arguments needs parentheses",
              at: generator.span)
          }
          arguments.append(generator)
        } else if at(.assign) {
          throw fail(
            "cannot use \(value.kindName) as the name of an argument", at: value.span,
            hint: "write == to compare")
        } else {
          if let last = keywords.last {
            report(
              last.name == nil
                ? "a positional argument follows one with '**'"
                : "a positional argument follows a keyword argument", at: value.span)
          }
          arguments.append(value)
        }
      }
      guard accept(.comma) else { break }
    }
    try close(.rightParenthesis)
    return (arguments, keywords)
  }

  /// What stands in a subscript, and the `]` after it.
  mutating func slices() throws(Failure) -> Expr {
    let start = token.start
    if at(.rightBracket) { throw fail("expected an index") }
    let first = try slice()
    var index = first
    if at(.comma) {
      var elements = [first]
      while accept(.comma), !at(.rightBracket) { elements.append(try slice()) }
      index = .tuple(TupleExpr(elements, span: span(from: start)))
    } else if case .starred = first {
      index = .tuple(TupleExpr([first], span: span(from: start)))
    }
    try close(.rightBracket)
    return index
  }

  /// `start:stop:step`, or an expression.
  mutating func slice() throws(Failure) -> Expr {
    let start = token.start
    var lower: Expr?
    if isNamedExpression { return try namedExpression() }
    if accept(.star) {
      let value = try expression()
      return .starred(StarredExpr(value, span: span(from: start)))
    }
    if !at(.colon) {
      let value = try namedExpression()
      guard at(.colon) else { return value }
      lower = value
    }
    advance()
    let upper = try isSliceEnd ? nil : expression()
    var step: Expr?
    if accept(.colon) { step = try isSliceEnd ? nil : expression() }
    return .slice(SliceExpr(start: lower, stop: upper, step: step, span: span(from: start)))
  }

  private var isSliceEnd: Bool { at(.colon) || at(.comma) || at(.rightBracket) }

  mutating func atom() throws(Failure) -> Expr {
    let token = token
    switch token.kind {
    case .name:
      advance()
      return .name(NameExpr(token.symbol, span: span(token)))
    case .number: return try number()
    case .string, .fstringStart: return try strings()
    case .None: return constant(.none)
    case .True: return constant(.bool(true))
    case .False: return constant(.bool(false))
    case .ellipsis: return constant(.ellipsis)
    case .leftParenthesis: return try group()
    case .leftBracket: return try list()
    case .leftBrace: return try dictOrSet()
    case .yield:
      throw fail("a yield expression needs parentheses here", hint: "write (yield …)")
    case .lambda: throw fail("a lambda needs parentheses here", hint: "write (lambda …)")
    case .not: throw fail("'not' needs parentheses here", hint: "write (not …)")
    case .star: throw fail("a starred expression cannot stand here")
    case .newline, .endOfFile, .dedent: throw fail("expected an expression")
    default: throw unexpected()
    }
  }

  private mutating func constant(_ value: Literal) -> Expr {
    .constant(ConstantExpr(value, span: span(advance())))
  }

  /// `()`, `(x)`, `(x, y)`, `(yield x)`, `(x for …)`
  mutating func group() throws(Failure) -> Expr {
    let yields = context.yields
    let start = advance().start
    if accept(.rightParenthesis) { return .tuple(TupleExpr([], span: span(from: start))) }
    if at(.yield) {
      let value = try yieldExpression()
      try close(.rightParenthesis)
      return value
    }
    let first = try starNamedExpression()
    if at(.for) || at(.async) {
      return try closedComprehension(
        .generator(first), from: start, yields: yields, .rightParenthesis)
    }
    guard at(.comma) else {
      try close(.rightParenthesis)
      if case .starred(let starred) = first {
        throw fail(
          "a starred expression cannot stand here", at: starred.span, hint: "a tuple has a comma")
      }
      return first
    }
    var elements = [first]
    while accept(.comma), !at(.rightParenthesis) { elements.append(try starNamedExpression()) }
    try close(.rightParenthesis)
    return .tuple(TupleExpr(elements, span: span(from: start)))
  }

  /// `[x, y]`, `[x for …]`
  mutating func list() throws(Failure) -> Expr {
    let yields = context.yields
    let start = advance().start
    if accept(.rightBracket) { return .list(ListExpr([], span: span(from: start))) }
    let first = try starNamedExpression()
    if at(.for) || at(.async) {
      return try closedComprehension(.list(first), from: start, yields: yields, .rightBracket)
    }
    var elements = [first]
    while accept(.comma), !at(.rightBracket) { elements.append(try starNamedExpression()) }
    try close(.rightBracket)
    return .list(ListExpr(elements, span: span(from: start)))
  }

  /// `{}`, `{k: v, **m}`, `{k: v for …}`, `{x, y}`, `{x for …}`
  mutating func dictOrSet() throws(Failure) -> Expr {
    let yields = context.yields
    let start = advance().start
    if accept(.rightBrace) { return .dict(DictExpr([], span: span(from: start))) }
    if at(.doubleStar) { return try dictItems([], from: start) }
    let isNamed = isNamedExpression
    let first = try starNamedExpression()
    if at(.colon) {
      if isNamed { throw fail("':=' needs parentheses here", at: first.span) }
      let item = try dictItem(key: first)
      if at(.for) || at(.async), let key = item.key {
        return try closedComprehension(
          .dict(key: key, value: item.value), from: start, yields: yields, .rightBrace)
      }
      return try dictItems([item], from: start)
    }
    if at(.for) || at(.async) {
      return try closedComprehension(.set(first), from: start, yields: yields, .rightBrace)
    }
    var elements = [first]
    while accept(.comma), !at(.rightBrace) { elements.append(try starNamedExpression()) }
    if at(.colon) { throw fail("a set has no ':'", hint: "is a ':' missing in the items before?") }
    try close(.rightBrace)
    return .set(SetExpr(elements, span: span(from: start)))
  }

  /// The other items of a dict and its `}`.
  private mutating func dictItems(
    _ first: [DictExpr.Item], from start: UInt32
  ) throws(Failure) -> Expr {
    var items = first
    while items.isEmpty || accept(.comma), !at(.rightBrace) {
      if accept(.doubleStar) {
        items.append(DictExpr.Item(key: nil, value: try bitwiseOr()))
      } else {
        items.append(try dictItem(key: try expression()))
      }
    }
    try close(.rightBrace)
    return .dict(DictExpr(items, span: span(from: start)))
  }

  mutating func dictItem(key: Expr) throws(Failure) -> DictExpr.Item {
    if case .starred(let starred) = key {
      throw fail("a starred expression cannot be a key", at: starred.span)
    }
    guard accept(.colon) else { throw fail("expected ':' after the key") }
    if at(.rightBrace) || at(.comma) { throw fail("expected a value after ':'") }
    return DictExpr.Item(key: key, value: try expression())
  }

  // MARK: Comprehensions

  private mutating func closedComprehension(
    _ result: ComprehensionExpr.Result, from start: UInt32, yields: Int, _ closer: TokenKind
  ) throws(Failure) -> Expr {
    let clauses = try comprehensionClauses()
    try close(closer)
    return try comprehension(result, clauses, from: start, yields: yields)
  }

  /// The clauses after the first expression of a comprehension.
  ///
  /// - Parameters:
  ///   - start: where the comprehension began.
  ///   - yields: how many `yield`s there were before it.
  mutating func comprehension(
    _ result: ComprehensionExpr.Result, from start: UInt32, yields: Int
  ) throws(Failure) -> Expr {
    try comprehension(result, comprehensionClauses(), from: start, yields: yields)
  }

  private mutating func comprehension(
    _ result: ComprehensionExpr.Result, _ clauses: [ComprehensionExpr.Clause], from start: UInt32,
    yields: Int
  ) throws(Failure) -> Expr {
    let value = ComprehensionExpr(result, clauses: clauses, span: span(from: start))
    if context.yields > yields {
      throw fail("'yield' inside a comprehension", at: value.span)
    }
    switch result {
    case .list(.starred(let starred)), .set(.starred(let starred)),
      .generator(.starred(let starred)):
      throw fail("a comprehension cannot unpack with '*'", at: starred.span)
    case .list, .set, .generator, .dict: return .comprehension(value)
    }
  }

  /// `for target in iterable if condition …`, at least once
  mutating func comprehensionClauses() throws(Failure) -> [ComprehensionExpr.Clause] {
    var clauses: [ComprehensionExpr.Clause] = []
    repeat {
      if at(.async) { throw unexpected() }
      advance()
      let target = try starTargets()
      guard accept(.in) else { throw fail("expected 'in'") }
      let iterable = try disjunction()
      var conditions: [Expr] = []
      while accept(.if) {
        conditions.append(try disjunction())
        if at(.walrus) { throw fail("':=' needs parentheses here") }
      }
      clauses.append(
        ComprehensionExpr.Clause(target: target, iterable: iterable, conditions: conditions))
    } while at(.for) || at(.async)
    return clauses
  }
}
