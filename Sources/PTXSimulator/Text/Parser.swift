import Support

/// Reads a PTX file. One pass: PTX declares names before their use, except labels and functions,
/// which stay names.
struct Parser {
  var tokens: [Token]
  var position = 0
  var module = ParsedModule()
  /// Variables by name: the module's, the function's, and those of nested braces.
  var variableScopes: [[String: Variable]] = [[:]]
  var registerScopes: [RegisterScope] = []

  static func parse(_ text: [UInt8], file: UInt32) throws(Diagnostic) -> ParsedModule {
    var parser = Parser(tokens: try Lexer.tokens(of: text, file: file))
    try parser.parseModule()
    return parser.module
  }

  private init(tokens: [Token]) {
    self.tokens = tokens
  }

  // MARK: Tokens

  var token: Token { tokens[position] }

  mutating func advance() {
    if position < tokens.count - 1 { position += 1 }
  }

  func isAt(_ punctuation: Character) -> Bool {
    token.kind == .punctuation(punctuation.asciiValue ?? 0)
  }

  func isAt(directive name: String) -> Bool { token.kind == .dotted(name) }

  /// Takes `punctuation` if it is there.
  mutating func take(_ punctuation: Character) -> Bool {
    guard isAt(punctuation) else { return false }
    advance()
    return true
  }

  mutating func take(directive name: String) -> Bool {
    guard isAt(directive: name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ punctuation: Character) throws(Diagnostic) {
    guard take(punctuation) else { throw unexpected("'\(punctuation)'") }
  }

  mutating func expectWord(_ what: String) throws(Diagnostic) -> String {
    guard case .word(let text) = token.kind else { throw unexpected(what) }
    advance()
    return text
  }

  mutating func expectInteger(_ what: String) throws(Diagnostic) -> Int {
    guard case .integer(let value) = token.kind, value <= UInt64(UInt32.max) else {
      throw unexpected(what)
    }
    advance()
    return Int(value)
  }

  func unexpected(_ expected: String) -> Diagnostic {
    Diagnostic(.error, "expected \(expected), found \(token.description)", at: token.span)
  }

  func span(from start: Span) -> Span {
    start.union(tokens[max(position - 1, 0)].span)
  }

  // MARK: The module

  private mutating func parseModule() throws(Diagnostic) {
    guard take(directive: "version") else { throw unexpected("'.version'") }
    guard case .float64(let bits) = token.kind else { throw unexpected("a version number") }
    let version = Double(bitPattern: bits)
    guard version >= 6, version < 10 else {
      throw unsupported("PTX version \(version)", at: token.span, hint: "6.0 to 9.9 are read")
    }
    module.version = (Int(version), Int((version * 10).rounded()) % 10)
    advance()
    while token.kind != .end { try parseModuleStatement() }
  }

  private mutating func parseModuleStatement() throws(Diagnostic) {
    let start = token.span
    guard case .dotted(let name) = token.kind else { throw unexpected("a directive") }
    switch name {
    case "target":
      advance()
      module.target = try expectWord("an architecture")
      while take(",") { _ = try expectWord("a target option") }
    case "address_size":
      advance()
      guard try expectInteger("64") == 64 else {
        throw unsupported("an address size other than 64", at: span(from: start))
      }
    case "file", "loc", "section", "pragma":
      try skipDebugDirective()
    default:
      try parseLinkedDeclaration()
    }
  }

  /// Information for debuggers, which changes nothing that runs.
  mutating func skipDebugDirective() throws(Diagnostic) {
    guard case .dotted(let name) = token.kind else { return }
    let start = token.span
    advance()
    switch name {
    case "pragma":
      while token.kind == .string || isAt(",") { advance() }
      try expect(";")
    case "section":
      advance()
      if case .word = token.kind { advance() }
      try expect("{")
      while !isAt("}") {
        guard token.kind != .end else {
          throw Diagnostic(.error, "this section does not end", at: start)
        }
        advance()
      }
      advance()
    default:
      // `.file 1 "name"[, time, size]` and `.loc 1 2 3[, function_name $s, inlined_at 1 2 3]`
      // end at the line's end, which the lexer dropped: everything that may belong to them goes.
      while true {
        switch token.kind {
        case .integer, .string, .punctuation(UInt8(ascii: ",")):
          advance()
        case .word("function_name"), .word("inlined_at"):
          advance()
          if case .word = token.kind {
            advance()
            if take("+") { advance() }
          }
        case .word, .dotted, .float32, .float64, .punctuation, .end:
          return
        }
      }
    }
  }

  private mutating func parseLinkedDeclaration() throws(Diagnostic) {
    var isExtern = false
    while case .dotted(let name) = token.kind,
      ["visible", "extern", "weak", "common"].contains(name)
    {
      isExtern = isExtern || name == "extern"
      advance()
    }
    guard case .dotted(let name) = token.kind else { throw unexpected("a declaration") }
    switch name {
    case "global", "const", "shared":
      module.variables += try parseVariables(isExtern: isExtern)
    case "entry", "func":
      try parseFunction(isKernel: name == "entry")
    default:
      throw unsupported("the directive '.\(name)'", at: token.span)
    }
  }
}
