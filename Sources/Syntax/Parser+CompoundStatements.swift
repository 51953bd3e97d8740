import Support

// Statements with blocks.
extension Parser {
  /// `:` and the statements after it, on the same line or indented below.
  mutating func block(of owner: String, at ownerSpan: Span) throws(Failure) -> [Stmt] {
    guard accept(.colon) else {
      if at(.assign) { throw unexpected() }
      throw fail("expected ':'", hint: owner == "'else'" && at(.if) ? "write elif" : nil)
    }
    var body: [Stmt] = []
    guard accept(.newline) else {
      try simpleStatements(into: &body)
      return body
    }
    guard at(.indent) else {
      throw fail(
        "expected an indented block after \(owner)", at: ownerSpan,
        hint: "write pass in a block that does nothing")
    }
    advance()
    statements(into: &body)
    _ = accept(.dedent)
    return body
  }

  /// A block that `break` and `continue` may leave.
  private mutating func loopBlock(of owner: String, at span: Span) throws(Failure) -> [Stmt] {
    let isLoop = context.isLoop
    context.isLoop = true
    defer { context.isLoop = isLoop }
    return try block(of: owner, at: span)
  }

  /// The block of an `else`, empty if there is none.
  mutating func elseBlock() throws(Failure) -> [Stmt] {
    guard at(.else) else { return [] }
    return try block(of: "'else'", at: span(advance()))
  }

  mutating func ifStatement() throws(Failure) -> IfStmt {
    let start = token.start
    var branches: [IfStmt.Branch] = []
    repeat {
      let keyword = advance()
      let condition = try namedExpression()
      let body = try block(of: "'\(keyword.kind.rawValue)' statement", at: span(keyword))
      branches.append(
        IfStmt.Branch(condition: condition, body: body, span: blockSpan(from: keyword.start)))
    } while at(.elif)
    let otherwise = try elseBlock()
    return IfStmt(branches: branches, otherwise: otherwise, span: blockSpan(from: start))
  }

  mutating func whileStatement() throws(Failure) -> WhileStmt {
    let keyword = advance()
    let condition = try namedExpression()
    let body = try loopBlock(of: "'while' statement", at: span(keyword))
    let otherwise = try elseBlock()
    return WhileStmt(
      condition: condition, body: body, otherwise: otherwise,
      span: blockSpan(from: keyword.start))
  }

  mutating func forStatement() throws(Failure) -> ForStmt {
    let keyword = advance()
    let target = try starTargets()
    guard accept(.in) else { throw fail("expected 'in'") }
    let iterable = try starExpressions()
    let body = try loopBlock(of: "'for' statement", at: span(keyword))
    let otherwise = try elseBlock()
    return ForStmt(
      target: target, iterable: iterable, body: body, otherwise: otherwise,
      span: blockSpan(from: keyword.start))
  }

  mutating func withStatement() throws(Failure) -> WithStmt {
    let keyword = advance()
    var items: [WithStmt.Item] = []
    let isParenthesized = areItemsParenthesized()
    if isParenthesized { advance() }
    repeat {
      if isParenthesized && at(.rightParenthesis) && !items.isEmpty { break }
      items.append(try withItem())
    } while accept(.comma)
    if isParenthesized { try expect(.rightParenthesis) }
    let body = try block(of: "'with' statement", at: span(keyword))
    return WithStmt(items: items, body: body, span: blockSpan(from: keyword.start))
  }

  mutating func withItem() throws(Failure) -> WithStmt.Item {
    let context = try expression()
    let target = try accept(.as) ? starTarget() : nil
    return WithStmt.Item(context: context, target: target)
  }

  /// `true` iff the parenthesis after `with` encloses all items: `:` comes after its end, and it
  /// has an `as` or a comma of its own.
  private func areItemsParenthesized() -> Bool {
    guard at(.leftParenthesis) else { return false }
    var level = 0
    var hasItems = false
    for index in position..<tokens.count {
      switch tokens[index].kind {
      case .leftParenthesis, .leftBracket, .leftBrace: level += 1
      case .rightParenthesis, .rightBracket, .rightBrace:
        level -= 1
        if level == 0 { return hasItems && tokens[index + 1].kind == .colon }
      case .as, .comma:
        if level == 1 { hasItems = true }
      case .for, .walrus, .yield:
        if level == 1 { return false }
      case .newline: return false
      default: break
      }
    }
    return false
  }

  mutating func tryStatement() throws(Failure) -> TryStmt {
    let keyword = advance()
    let body = try block(of: "'try' statement", at: span(keyword))
    var handlers: [TryStmt.Handler] = []
    while at(.except) {
      if let last = handlers.last, last.kind == nil {
        report("an 'except:' without a type must be the last", at: header(last.span))
      }
      handlers.append(try exceptBlock())
    }
    let otherwise = try handlers.isEmpty ? [] : elseBlock()
    var finally: [Stmt] = []
    if at(.finally) {
      finally = try block(of: "'finally' statement", at: span(advance()))
    } else if handlers.isEmpty {
      throw fail("expected 'except' or 'finally' after the 'try' block", at: span(keyword))
    }
    return TryStmt(
      body: body, handlers: handlers, otherwise: otherwise, finally: finally,
      span: blockSpan(from: keyword.start))
  }

  mutating func exceptBlock() throws(Failure) -> TryStmt.Handler {
    let keyword = advance()
    if at(.star) { throw fail("unsupported: 'except*'") }
    var kind: Expr?
    var name: Identifier?
    if !at(.colon) {
      kind = try expression()
      if at(.comma) {
        throw fail("several exception types need parentheses", hint: "write except (A, B):")
      }
      name = try alias()
    }
    let body = try block(of: "'except' statement", at: span(keyword))
    return TryStmt.Handler(
      kind: kind, name: name, body: body, span: blockSpan(from: keyword.start))
  }

  /// The keyword `except` that begins `span`.
  private func header(_ span: Span) -> Span {
    Span(file: file, start: span.start, end: span.start + 6)
  }

  /// From `start` to the end of the last token that is not just an end of line or of a block.
  func blockSpan(from start: UInt32) -> Span {
    var index = max(position, 1) - 1
    while index > 0 {
      switch tokens[index].kind {
      case .newline, .dedent, .indent: index -= 1
      default: return Span(file: file, start: start, end: max(start, tokens[index].end))
      }
    }
    return Span(file: file, start: start, end: start)
  }
}
