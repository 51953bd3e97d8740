import Support

// Statements on one line.
extension Parser {
  /// `module <- statement*`
  mutating func module(span: Span) -> ModuleAST {
    var body: [Stmt] = []
    while !at(.endOfFile) {
      statements(into: &body)
      if at(.dedent) { advance() }
    }
    return ModuleAST(body: body, span: span)
  }

  /// Statements up to the end of the block; those with errors are reported and left out.
  mutating func statements(into body: inout [Stmt]) {
    while !at(.dedent), !at(.endOfFile) {
      let start = position
      let depth = self.depth
      do {
        try statement(into: &body)
      } catch {
        self.depth = depth
        recover(from: start)
      }
    }
  }

  /// A compound statement, or the simple statements of a line.
  mutating func statement(into body: inout [Stmt]) throws(Failure) {
    switch kind {
    case .if: body.append(.if(try ifStatement()))
    case .while: body.append(.while(try whileStatement()))
    case .for: body.append(.for(try forStatement()))
    case .with: body.append(.with(try withStatement()))
    case .try: body.append(.try(try tryStatement()))
    case .def: body.append(.function(try functionDefinition(decorators: [])))
    case .class: body.append(.class(try classDefinition(decorators: [])))
    case .at: body.append(try decorated())
    case .indent:
      report("unexpected indent", at: span(token))
      advance()
      statements(into: &body)
      _ = accept(.dedent)
    case .newline: advance()
    case .async:
      throw fail("unsupported: 'async'", hint: "write the statement without async")
    case .elif, .else, .except, .finally:
      throw fail("'\(kind.rawValue)' without the statement that it belongs to")
    case .name where token.symbol == .match && isMatchStatement():
      body.append(.match(try matchStatement()))
    default: try simpleStatements(into: &body)
    }
  }

  /// Statements with `;` between them, and the end of the line.
  mutating func simpleStatements(into body: inout [Stmt]) throws(Failure) {
    while true {
      body.append(try simpleStatement())
      if accept(.semicolon) {
        if accept(.newline) { return }
        continue
      }
      if accept(.newline) { return }
      throw failAfterStatement()
    }
  }

  /// What stands after a statement does not belong to it.
  private mutating func failAfterStatement() -> Failure {
    switch kind {
    case .colon: return fail("unexpected ':'", hint: "does the line lack its keyword?")
    case .assign: return unexpected()
    case .endOfFile: return fail("unexpected end of file")
    case let next where next.startsExpression && isNameBefore():
      let name = text(tokens[position - 1])
      return fail("unexpected \(describe(token)) after '\(name)'", hint: misspelling(of: name))
    default: return fail("unexpected \(describe(token))", hint: "one statement per line")
    }
  }

  private func isNameBefore() -> Bool { position > 0 && tokens[position - 1].kind == .name }

  private func describe(_ token: Token) -> String {
    switch token.kind {
    case .string: "string"
    case .fstringStart: "f-string"
    default: "'\(text(token))'"
    }
  }

  /// A hint about a word that stands where a keyword may have been meant.
  private func misspelling(of name: String) -> String {
    switch name {
    case "print", "exec": "call it: \(name)(…)"
    case "elseif", "elsif": "write elif"
    case "function", "func", "fn": "write def"
    case "let", "var", "const": "assign without '\(name)'"
    case "switch": "write match"
    default: "is an operator or a comma missing?"
    }
  }

  mutating func simpleStatement() throws(Failure) -> Stmt {
    let start = token.start
    switch kind {
    case .pass:
      advance()
      return .pass(PassStmt(span(from: start)))
    case .break:
      advance()
      if !context.isLoop && !context.isUnknown {
        report("'break' outside loop", at: span(from: start))
      }
      return .break(BreakStmt(span(from: start)))
    case .continue:
      advance()
      if !context.isLoop && !context.isUnknown {
        report("'continue' outside loop", at: span(from: start))
      }
      return .continue(ContinueStmt(span(from: start)))
    case .return: return .return(try returnStatement())
    case .raise: return .raise(try raiseStatement())
    case .assert: return .assert(try assertStatement())
    case .del: return .delete(try deleteStatement())
    case .global: return .global(try globalStatement())
    case .nonlocal: return .nonlocal(try nonlocalStatement())
    case .import: return .import(try importName())
    case .from: return .importFrom(try importFrom())
    case .name where token.symbol == .type && nextKind == .name:
      let after = tokens[min(position + 2, tokens.count - 1)].kind
      if after == .assign || after == .leftBracket {
        throw fail("unsupported: 'type' statement", hint: "write Name = …")
      }
      return try assignment()
    default: return try assignment()
    }
  }

  /// An assignment of any kind, or an expression alone.
  mutating func assignment() throws(Failure) -> Stmt {
    let start = token.start
    let isParenthesized = at(.leftParenthesis)
    let first = try at(.yield) ? yieldExpression() : starExpressions()
    switch kind {
    case .assign:
      var targets: [Target] = []
      var value = first
      while accept(.assign) {
        targets.append(try target(value))
        value = try at(.yield) ? yieldExpression() : starExpressions()
      }
      return .assign(AssignStmt(targets: targets, value: value, span: span(from: start)))
    case .colon:
      switch first {
      case .name, .attribute, .subscript: break
      default: return .expression(ExpressionStmt(first, span: span(from: start)))
      }
      advance()
      let annotation = try expression()
      var value: Expr?
      if accept(.assign) { value = try at(.yield) ? yieldExpression() : starExpressions() }
      let isSimple = if case .name = first { !isParenthesized } else { false }
      return .annotatedAssign(
        AnnotatedAssignStmt(
          target: try target(first), annotation: annotation, value: value, isSimple: isSimple,
          span: span(from: start)))
    default:
      guard let op = augmentedOperator(kind) else {
        return .expression(ExpressionStmt(first, span: span(from: start)))
      }
      let target = try singleTarget(first, before: text(token))
      advance()
      let value = try at(.yield) ? yieldExpression() : starExpressions()
      return .augmentedAssign(
        AugmentedAssignStmt(target: target, op: op, value: value, span: span(from: start)))
    }
  }

  private func augmentedOperator(_ kind: TokenKind) -> BinaryOperator? {
    switch kind {
    case .plusAssign: .add
    case .minusAssign: .subtract
    case .starAssign: .multiply
    case .atAssign: .matrixMultiply
    case .slashAssign: .divide
    case .doubleSlashAssign: .floorDivide
    case .percentAssign: .modulo
    case .doubleStarAssign: .power
    case .leftShiftAssign: .leftShift
    case .rightShiftAssign: .rightShift
    case .ampersandAssign: .bitAnd
    case .barAssign: .bitOr
    case .caretAssign: .bitXor
    default: nil
    }
  }

  mutating func returnStatement() throws(Failure) -> ReturnStmt {
    let start = advance().start
    let value = try at(.newline) || at(.semicolon) ? nil : starExpressions()
    if !context.isFunction && !context.isUnknown {
      report("'return' outside function", at: span(from: start))
    }
    return ReturnStmt(value, span: span(from: start))
  }

  mutating func raiseStatement() throws(Failure) -> RaiseStmt {
    let start = advance().start
    if at(.newline) || at(.semicolon) {
      return RaiseStmt(exception: nil, cause: nil, span: span(from: start))
    }
    let exception = try expression()
    let cause = try accept(.from) ? expression() : nil
    return RaiseStmt(exception: exception, cause: cause, span: span(from: start))
  }

  mutating func assertStatement() throws(Failure) -> AssertStmt {
    let start = advance().start
    let condition = try expression()
    let message = try accept(.comma) ? expression() : nil
    return AssertStmt(condition: condition, message: message, span: span(from: start))
  }

  mutating func deleteStatement() throws(Failure) -> DeleteStmt {
    let start = advance().start
    var targets: [Target] = []
    repeat {
      if !targets.isEmpty, at(.newline) || at(.semicolon) { break }
      targets.append(try deletable(bitwiseOr()))
    } while accept(.comma)
    return DeleteStmt(targets: targets, span: span(from: start))
  }

  mutating func globalStatement() throws(Failure) -> GlobalStmt {
    let start = advance().start
    return GlobalStmt(try names(), span: span(from: start))
  }

  mutating func nonlocalStatement() throws(Failure) -> NonlocalStmt {
    let start = advance().start
    let names = try names()
    if !context.hasFunction && !context.isUnknown {
      report("'nonlocal' outside function", at: span(from: start))
    }
    return NonlocalStmt(names, span: span(from: start))
  }

  /// Names with commas between them.
  private mutating func names() throws(Failure) -> [Identifier] {
    var names = [try identifier()]
    while accept(.comma) { names.append(try identifier()) }
    return names
  }

  mutating func identifier() throws(Failure) -> Identifier {
    guard at(.name) else {
      if token.payload < 35, TokenKind.keywords.contains(kind) {
        throw fail("'\(kind.rawValue)' is a keyword, not a name")
      }
      throw fail("expected a name")
    }
    let token = advance()
    return Identifier(token.symbol, span: span(token))
  }

  // MARK: Imports

  mutating func importName() throws(Failure) -> ImportStmt {
    let start = advance().start
    var modules: [ImportStmt.Module] = []
    repeat {
      let path = try dottedName()
      modules.append(ImportStmt.Module(path: path, alias: try alias()))
    } while accept(.comma)
    if at(.from) {
      throw fail("unexpected 'from'", hint: "write from … import …")
    }
    return ImportStmt(modules, span: span(from: start))
  }

  mutating func importFrom() throws(Failure) -> ImportFromStmt {
    let start = advance().start
    var level = 0
    while at(.dot) || at(.ellipsis) { level += advance().kind == .dot ? 1 : 3 }
    let path = try level > 0 && at(.import) ? [] : dottedName()
    try expect(.import)
    return ImportFromStmt(
      level: level, path: path, names: try importedNames(), span: span(from: start))
  }

  mutating func importedNames() throws(Failure) -> ImportFromStmt.Names {
    if accept(.star) { return .all }
    let isParenthesized = accept(.leftParenthesis)
    var names: [ImportFromStmt.Name] = []
    repeat {
      if isParenthesized && at(.rightParenthesis) && !names.isEmpty { break }
      let name = try identifier()
      names.append(ImportFromStmt.Name(name: name, alias: try alias()))
    } while accept(.comma)
    if isParenthesized {
      guard accept(.rightParenthesis) else { throw fail("expected ',' or ')'") }
    }
    return .some(names)
  }

  mutating func dottedName() throws(Failure) -> [Identifier] {
    var path = [try identifier()]
    while accept(.dot) { path.append(try identifier()) }
    return path
  }

  mutating func alias() throws(Failure) -> Identifier? {
    accept(.as) ? try identifier() : nil
  }
}
