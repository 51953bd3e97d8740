import Support

/// Reads source text into a syntax tree, by recursive descent.
///
/// A method reads the rule of `grammar/jx.peg` that has its name. A method that cannot go on
/// reports why, once, and throws; the statement around it is then skipped, so that one run reports
/// the errors of several statements.
public struct Parser {
  let source: [UInt8]
  let file: UInt32
  let tokens: [Token]
  /// The token to read next.
  var position = 0
  var diagnostics: [Diagnostic]
  /// Where the text behind a bracket that was never closed was read as if inside it.
  private let unclosed: [Range<UInt32>]
  var context = Context()
  /// How deep the expression being read is nested.
  var depth = 0

  /// Thrown after a diagnostic has been reported.
  struct Failure: Error {}

  /// What surrounds the statement being read.
  struct Context {
    var isFunction = false
    /// In a function, also where a class is between: `nonlocal` may stand here.
    var hasFunction = false
    var isLoop = false
    /// In a block whose header was wrong, nothing is known of the surroundings.
    var isUnknown = false
    /// The `yield`s read so far in this function.
    var yields = 0
  }

  /// Expressions nested deeper than this are refused, so that no recursion over a tree overflows.
  static let maximumDepth = 200
  /// Chains such as `a + b + …` and `a.b.c…` longer than this are refused, as they nest too.
  static let maximumChain = 2000

  /// Parses a file, or the chunk of it that `range` names, which begins at the start of a line.
  ///
  /// - Parameter file: the file's index in the `SourceMap`, for the spans.
  /// - Returns: the tree, without the statements that have errors, and all diagnostics.
  public static func parse(
    source: [UInt8], file: UInt32, range: Range<Int>? = nil
  ) -> (ModuleAST, [Diagnostic]) {
    let range = range ?? 0..<source.count
    let whole = Span(file: file, start: UInt32(range.lowerBound), end: UInt32(range.upperBound))
    if let offset = firstInvalidUTF8(source, range) {
      let start = UInt32(offset)
      let place = Span(file: file, start: start, end: start + 1)
      let diagnostic = Diagnostic(.error, "the source is not valid UTF-8", at: place)
      return (ModuleAST(body: [], span: whole), [diagnostic])
    }
    var parser = source.withUnsafeBufferPointer { bytes in
      var lexer = Lexer(bytes, file: file, range: range)
      lexer.run()
      return Parser(source: source, file: file, lexer: lexer)
    }
    let body = parser.module(span: whole)
    return (body, parser.sortedDiagnostics())
  }

  private init(source: [UInt8], file: UInt32, lexer: Lexer) {
    self.source = source
    self.file = file
    tokens = lexer.tokens
    diagnostics = lexer.diagnostics
    unclosed = lexer.unclosed
  }

  /// The place of the first byte that is not part of valid UTF-8.
  private static func firstInvalidUTF8(_ source: [UInt8], _ range: Range<Int>) -> Int? {
    let isASCII = source.withUnsafeBufferPointer { bytes in
      var union: UInt8 = 0
      for byte in bytes[range] { union |= byte }
      return union < 0x80
    }
    if isASCII { return nil }
    var decoder = UTF8()
    var iterator = source[range].makeIterator()
    var offset = range.lowerBound
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): offset += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }

  /// The diagnostics in the order of the source, without those that follow from others: the first
  /// of each line, and none behind a bracket that was never closed.
  private func sortedDiagnostics() -> [Diagnostic] {
    if diagnostics.count < 2 { return diagnostics }
    let sorted = diagnostics.sorted { ($0.span?.start ?? 0) < ($1.span?.start ?? 0) }
    var result: [Diagnostic] = []
    var lineEnd = 0
    for diagnostic in sorted {
      let start = Int(diagnostic.span?.start ?? 0)
      if !result.isEmpty, start < lineEnd { continue }
      if unclosed.contains(where: { $0.contains(UInt32(start)) }) { continue }
      result.append(diagnostic)
      lineEnd = start
      while lineEnd < source.count, source[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
      lineEnd += 1
    }
    return result
  }

  // MARK: Tokens

  @inline(__always)
  var token: Token { tokens[position] }

  @inline(__always)
  var kind: TokenKind { tokens[position].kind }

  /// The kind of the token after the next one.
  var nextKind: TokenKind { tokens[min(position + 1, tokens.count - 1)].kind }

  @inline(__always)
  func at(_ kind: TokenKind) -> Bool { tokens[position].kind == kind }

  /// Moves on, but never past the end of the file.
  @inline(__always)
  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[position]
    if position < tokens.count - 1 { position += 1 }
    return token
  }

  @inline(__always)
  mutating func accept(_ kind: TokenKind) -> Bool {
    guard tokens[position].kind == kind else { return false }
    advance()
    return true
  }

  @discardableResult
  mutating func expect(
    _ kind: TokenKind, hint: @autoclosure () -> String? = nil
  ) throws(Failure) -> Token {
    guard at(kind) else { throw fail("expected '\(kind.rawValue)'", hint: hint()) }
    return advance()
  }

  /// Reads the bracket that ends a list.
  mutating func close(_ closer: TokenKind) throws(Failure) {
    if accept(closer) { return }
    if kind.startsExpression {
      throw fail("expected ',' or '\(closer.rawValue)'", hint: "is a comma missing?")
    }
    if at(.assign) { throw unexpected() }
    throw fail("expected ',' or '\(closer.rawValue)'")
  }

  // MARK: Places

  func span(_ token: Token) -> Span { Span(file: file, start: token.start, end: token.end) }

  /// From `start` to the end of the last token read.
  @inline(__always)
  func span(from start: UInt32) -> Span {
    Span(file: file, start: start, end: max(start, tokens[max(position, 1) - 1].end))
  }

  func span(from start: Span) -> Span { span(from: start.start) }

  /// Where to point for the token that is wrong or, at the end of a line, after the last one.
  var errorSpan: Span {
    switch kind {
    case .newline, .endOfFile, .dedent:
      let end = position > 0 ? tokens[position - 1].end : token.start
      return Span(file: file, start: end, end: end)
    default: return span(token)
    }
  }

  func text(_ token: Token) -> String {
    String(decoding: source[Int(token.start)..<Int(token.end)], as: UTF8.self)
  }

  // MARK: Errors

  /// Reports an error and goes on.
  mutating func report(_ message: String, at span: Span, hint: String? = nil) {
    diagnostics.append(Diagnostic(.error, message, at: span, hint: hint))
  }

  /// Reports an error at `span`, at the next token if absent, and returns what to throw.
  ///
  /// Where the lexer stopped, it has reported the error already.
  mutating func fail(_ message: String, at span: Span? = nil, hint: String? = nil) -> Failure {
    if !at(.invalid) || span != nil { report(message, at: span ?? errorSpan, hint: hint) }
    return Failure()
  }

  /// The next token cannot stand here.
  mutating func unexpected() -> Failure {
    switch kind {
    case .async, .await: fail("unsupported: '\(kind.rawValue)'")
    case .indent: fail("unexpected indent")
    case .newline: fail("unexpected end of line")
    case .endOfFile: fail("unexpected end of file")
    case .assign: fail("unexpected '='", hint: "write == to compare")
    case .exclamation: fail("unexpected '!'", hint: "write not")
    case .ampersand: fail("unexpected '&'", hint: "write and")
    case .bar: fail("unexpected '|'", hint: "write or")
    default: fail("unexpected '\(text(token))'")
    }
  }

  // MARK: Recovery

  /// Goes to the next statement after an error in the one that begins at token `start`.
  ///
  /// If a header was wrong, its block is read for the sake of the errors in it; so are the clauses
  /// such as `else` that belong to the statement.
  mutating func recover(from start: Int) {
    if position == start || !isStatementEnd(tokens[position - 1].kind) {
      while !at(.newline), !at(.endOfFile) { advance() }
      _ = accept(.newline)
    }
    discardBlock()
    while at(.elif) || at(.else) || at(.except) || at(.finally) {
      while !at(.newline), !at(.endOfFile) { advance() }
      _ = accept(.newline)
      discardBlock()
    }
  }

  /// Reads an indented block for the sake of the errors in it.
  private mutating func discardBlock() {
    guard accept(.indent) else { return }
    let outer = context
    context.isUnknown = true
    var discarded: [Stmt] = []
    statements(into: &discarded)
    _ = accept(.dedent)
    context = outer
  }

  private func isStatementEnd(_ kind: TokenKind) -> Bool { kind == .newline || kind == .dedent }

  // MARK: Limits

  /// Counts the nesting of expressions: `depth` goes back to what it was at the end of the rule.
  @inline(__always)
  mutating func enter() throws(Failure) {
    depth += 1
    if depth > Self.maximumDepth { throw fail("the expression is nested too deeply") }
  }

  /// Refuses a chain of `count` operators.
  @inline(__always)
  mutating func limitChain(_ count: inout Int) throws(Failure) {
    count += 1
    if count > Self.maximumChain { throw fail("the expression has too many operators in a row") }
  }
}
