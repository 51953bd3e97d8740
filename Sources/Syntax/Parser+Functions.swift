import Support

// Functions, classes and parameters.
extension Parser {
  /// `@decorator`s and the definition after them
  mutating func decorated() throws(Failure) -> Stmt {
    var decorators: [Expr] = []
    while accept(.at) {
      decorators.append(try namedExpression())
      guard accept(.newline) else { throw fail("expected the end of the line") }
    }
    switch kind {
    case .def: return .function(try functionDefinition(decorators: decorators))
    case .class: return .class(try classDefinition(decorators: decorators))
    case .async: throw unexpected()
    default: throw fail("expected 'def' or 'class' after a decorator")
    }
  }

  mutating func functionDefinition(decorators: [Expr]) throws(Failure) -> FunctionStmt {
    let keyword = advance()
    let name = try identifier()
    if at(.leftBracket) { throw fail("unsupported: type parameters") }
    guard accept(.leftParenthesis) else { throw fail("expected '('") }
    let parameters = try parameters(until: .rightParenthesis, areAnnotated: true)
    guard accept(.rightParenthesis) else { throw fail("expected ',' or ')'") }
    let returns = try accept(.arrow) ? expression() : nil
    let outer = context
    context = Context(isFunction: true, hasFunction: true)
    defer { context = outer }
    let body = try block(of: "the function definition", at: span(keyword).union(name.span))
    return FunctionStmt(
      decorators: decorators, name: name, parameters: parameters, returns: returns, body: body,
      isGenerator: context.yields > 0, span: blockSpan(from: keyword.start))
  }

  mutating func classDefinition(decorators: [Expr]) throws(Failure) -> ClassStmt {
    let keyword = advance()
    let name = try identifier()
    if at(.leftBracket) { throw fail("unsupported: type parameters") }
    var bases: [Expr] = []
    var keywords: [KeywordArgument] = []
    if accept(.leftParenthesis) { (bases, keywords) = try arguments() }
    let outer = context
    context = Context(hasFunction: outer.hasFunction)
    defer { context = outer }
    let body = try block(of: "the class definition", at: span(keyword).union(name.span))
    return ClassStmt(
      decorators: decorators, name: name, bases: bases, keywords: keywords, body: body,
      span: blockSpan(from: keyword.start))
  }

  mutating func lambda() throws(Failure) -> Expr {
    let start = advance().start
    let parameters = try parameters(until: .colon, areAnnotated: false)
    guard accept(.colon) else { throw fail("expected ':'") }
    let outer = context
    context = Context(isFunction: true, hasFunction: true)
    defer { context = outer }
    let body = try expression()
    return .lambda(
      LambdaExpr(
        parameters: parameters, body: body, isGenerator: context.yields > 0,
        span: span(from: start)))
  }

  /// Parameters up to `closer`, which is left to read.
  mutating func parameters(
    until closer: TokenKind, areAnnotated: Bool
  ) throws(Failure) -> ParameterList {
    var list = ParameterList()
    var hasStar = false
    var seen: Set<Symbol> = []
    while !at(closer) {
      let token = token
      switch kind {
      case .slash:
        advance()
        if hasStar { throw fail("'/' must come before '*'", at: span(token)) }
        if !list.positionalOnly.isEmpty { throw fail("a second '/'", at: span(token)) }
        if list.positional.isEmpty {
          throw fail("expected a parameter before '/'", at: span(token))
        }
        list.positionalOnly = list.positional
        list.positional = []
      case .star:
        advance()
        if hasStar { throw fail("a second '*' among the parameters", at: span(token)) }
        hasStar = true
        if at(.comma) {
          if nextKind == closer || nextKind == .doubleStar {
            throw fail("expected a named parameter after '*'", at: span(token))
          }
        } else if at(closer) {
          throw fail("expected a named parameter after '*'", at: span(token))
        } else {
          list.variadic = try parameter(isAnnotated: areAnnotated, allowsStar: true, &seen)
          if let value = list.variadic?.defaultValue {
            throw fail("a parameter with '*' cannot have a default value", at: value.span)
          }
        }
      case .doubleStar:
        advance()
        let parameter = try parameter(isAnnotated: areAnnotated, allowsStar: false, &seen)
        if let value = parameter.defaultValue {
          throw fail("a parameter with '**' cannot have a default value", at: value.span)
        }
        list.keywords = parameter
      default:
        let parameter = try parameter(isAnnotated: areAnnotated, allowsStar: false, &seen)
        if hasStar {
          list.keywordOnly.append(parameter)
        } else {
          let previous = list.positional.last ?? list.positionalOnly.last
          if parameter.defaultValue == nil, previous?.defaultValue != nil {
            report(
              "a parameter without a default value follows one with a default value",
              at: parameter.name.span)
          }
          list.positional.append(parameter)
        }
      }
      guard accept(.comma) else { break }
      if list.keywords != nil, !at(closer) {
        throw fail("no parameter may follow one with '**'")
      }
    }
    return list
  }

  /// `name: annotation = default`
  mutating func parameter(
    isAnnotated: Bool, allowsStar: Bool, _ seen: inout Set<Symbol>
  ) throws(Failure) -> Parameter {
    if at(.leftParenthesis) {
      throw fail("expected a name", hint: "parameters have no parentheses of their own")
    }
    let name = try identifier()
    if !seen.insert(name.symbol).inserted {
      report("a second parameter '\(name.text)'", at: name.span)
    }
    var annotation: Expr?
    if isAnnotated && accept(.colon) {
      annotation = try allowsStar && at(.star) ? starExpression() : expression()
    }
    let defaultValue = try accept(.assign) ? expression() : nil
    return Parameter(name: name, annotation: annotation, defaultValue: defaultValue)
  }
}
