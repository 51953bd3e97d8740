// Operators, from the loosest to the tightest.
extension Parser {
  /// Expressions, also starred ones, with commas between them: a tuple if there is a comma.
  mutating func starExpressions() throws(Failure) -> Expr {
    let start = token.start
    let first = try starExpression()
    guard at(.comma) else {
      if case .starred(let starred) = first, !at(.assign) {
        throw fail("a starred expression cannot stand here", at: starred.span)
      }
      return first
    }
    var elements = [first]
    while accept(.comma), kind.startsExpression || at(.star) {
      elements.append(try starExpression())
    }
    return .tuple(TupleExpr(elements, span: span(from: start)))
  }

  mutating func starExpression() throws(Failure) -> Expr {
    let start = token.start
    guard accept(.star) else { return try expression() }
    let value = try bitwiseOr()
    return .starred(StarredExpr(value, span: span(from: start)))
  }

  /// An element of a display: starred, or with `:=`.
  mutating func starNamedExpression() throws(Failure) -> Expr {
    at(.star) ? try starExpression() : try namedExpression()
  }

  /// `true` iff `name :=` comes next.
  var isNamedExpression: Bool { at(.name) && nextKind == .walrus }

  mutating func namedExpression() throws(Failure) -> Expr {
    let start = token.start
    if isNamedExpression {
      let name = advance()
      advance()
      let value = try expression()
      return .walrus(
        WalrusExpr(NameExpr(name.symbol, span: span(name)), value, span: span(from: start)))
    }
    let value = try expression()
    if at(.walrus) {
      throw fail("cannot use ':=' with \(value.kindName)", at: value.span, hint: "name it first")
    }
    return value
  }

  /// `yield x`, `yield from x`
  mutating func yieldExpression() throws(Failure) -> Expr {
    let keyword = advance()
    if !context.isFunction && !context.isUnknown {
      report("'yield' outside function", at: span(keyword))
    }
    context.yields += 1
    if accept(.from) {
      let value = try expression()
      return .yieldFrom(YieldFromExpr(value, span: span(from: keyword.start)))
    }
    let value = try kind.startsExpression || at(.star) ? starExpressions() : nil
    return .yield(YieldExpr(value, span: span(from: keyword.start)))
  }

  mutating func expression() throws(Failure) -> Expr {
    if at(.lambda) {
      try enter()
      let value = try lambda()
      depth -= 1
      return value
    }
    try enter()
    let start = token.start
    let value = try disjunction()
    guard accept(.if) else {
      depth -= 1
      return value
    }
    let condition = try disjunction()
    guard accept(.else) else {
      throw fail("expected 'else' after the condition of a conditional expression")
    }
    let otherwise = try expression()
    depth -= 1
    return .conditional(
      ConditionalExpr(
        condition: condition, then: value, otherwise: otherwise, span: span(from: start)))
  }

  mutating func disjunction() throws(Failure) -> Expr {
    let start = token.start
    let first = try conjunction()
    guard at(.or) else { return first }
    var operands = [first]
    while accept(.or) { operands.append(try conjunction()) }
    return .boolean(BooleanExpr(.or, operands, span: span(from: start)))
  }

  mutating func conjunction() throws(Failure) -> Expr {
    let start = token.start
    let first = try inversion()
    guard at(.and) else { return first }
    var operands = [first]
    while accept(.and) { operands.append(try inversion()) }
    return .boolean(BooleanExpr(.and, operands, span: span(from: start)))
  }

  mutating func inversion() throws(Failure) -> Expr {
    guard at(.not) else { return try comparison() }
    try enter()
    let start = advance().start
    let operand = try inversion()
    depth -= 1
    return .unary(UnaryExpr(.not, operand, span: span(from: start)))
  }

  mutating func comparison() throws(Failure) -> Expr {
    let start = token.start
    let first = try bitwiseOr()
    guard var op = comparisonOperator() else { return first }
    var rest: [(op: ComparisonOperator, operand: Expr)] = []
    while true {
      rest.append((op, try bitwiseOr()))
      guard let next = comparisonOperator() else { break }
      op = next
    }
    return .compare(CompareExpr(first, rest, span: span(from: start)))
  }

  /// Reads a comparison operator if there is one.
  mutating func comparisonOperator() -> ComparisonOperator? {
    let op: ComparisonOperator
    switch kind {
    case .equal: op = .equal
    case .notEqual: op = .notEqual
    case .less: op = .less
    case .lessOrEqual: op = .lessOrEqual
    case .greater: op = .greater
    case .greaterOrEqual: op = .greaterOrEqual
    case .in: op = .in
    case .is:
      advance()
      return accept(.not) ? .isNot : .is
    case .not where nextKind == .in:
      advance()
      op = .notIn
    default: return nil
    }
    advance()
    return op
  }

  mutating func bitwiseOr() throws(Failure) -> Expr {
    let start = token.start
    var value = try bitwiseXor()
    var count = 0
    while at(.bar) {
      try limitChain(&count)
      let op = advance()
      let right = try bitwiseXor()
      value = binary(.bitOr, value, right, op, from: start)
    }
    return value
  }

  mutating func bitwiseXor() throws(Failure) -> Expr {
    let start = token.start
    var value = try bitwiseAnd()
    var count = 0
    while at(.caret) {
      try limitChain(&count)
      let op = advance()
      let right = try bitwiseAnd()
      value = binary(.bitXor, value, right, op, from: start)
    }
    return value
  }

  mutating func bitwiseAnd() throws(Failure) -> Expr {
    let start = token.start
    var value = try shift()
    var count = 0
    while at(.ampersand) {
      try limitChain(&count)
      let op = advance()
      let right = try shift()
      value = binary(.bitAnd, value, right, op, from: start)
    }
    return value
  }

  mutating func shift() throws(Failure) -> Expr {
    let start = token.start
    var value = try sum()
    var count = 0
    while true {
      let op: BinaryOperator
      switch kind {
      case .leftShift: op = .leftShift
      case .rightShift: op = .rightShift
      default: return value
      }
      try limitChain(&count)
      let opToken = advance()
      let right = try sum()
      value = binary(op, value, right, opToken, from: start)
    }
  }

  mutating func sum() throws(Failure) -> Expr {
    let start = token.start
    var value = try term()
    var count = 0
    while true {
      let op: BinaryOperator
      switch kind {
      case .plus: op = .add
      case .minus: op = .subtract
      default: return value
      }
      try limitChain(&count)
      let opToken = advance()
      let right = try term()
      value = binary(op, value, right, opToken, from: start)
    }
  }

  mutating func term() throws(Failure) -> Expr {
    let start = token.start
    var value = try factor()
    var count = 0
    while true {
      let op: BinaryOperator
      switch kind {
      case .star: op = .multiply
      case .slash: op = .divide
      case .doubleSlash: op = .floorDivide
      case .percent: op = .modulo
      case .at: op = .matrixMultiply
      default: return value
      }
      try limitChain(&count)
      let opToken = advance()
      let right = try factor()
      value = binary(op, value, right, opToken, from: start)
    }
  }

  mutating func factor() throws(Failure) -> Expr {
    let op: UnaryOperator
    switch kind {
    case .minus: op = .negate
    case .plus: op = .plus
    case .tilde: op = .invert
    default: return try power()
    }
    try enter()
    let start = advance().start
    let operand = try factor()
    depth -= 1
    return .unary(UnaryExpr(op, operand, span: span(from: start)))
  }

  mutating func power() throws(Failure) -> Expr {
    let start = token.start
    let base = try primary()
    guard at(.doubleStar) else { return base }
    try enter()
    let op = advance()
    let exponent = try factor()
    depth -= 1
    return binary(.power, base, exponent, op, from: start)
  }

  /// The span includes parentheses around `left`, which began at `start`, and around `right`.
  private func binary(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ token: Token, from start: UInt32
  ) -> Expr {
    .binary(BinaryExpr(op, left, right, operatorSpan: span(token), span: span(from: start)))
  }
}
