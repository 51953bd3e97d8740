import Support

/// A node of the syntax tree.
///
/// Nodes are final classes, so each has an identity that an evaluator can attach facts to; the
/// enumerations `Expr`, `Stmt`, `Target` and `Pattern`, one pointer wide, wrap them so that a
/// `switch` over a kind of node is exhaustive. The tree is immutable and states that the language
/// forbids cannot be built: what can be assigned to is a `Target`, not an expression.
public class SyntaxNode {
  /// The bytes of the source that the node was read from.
  public final let span: Span

  init(_ span: Span) { self.span = span }
}

/// A whole source file, or a chunk of one.
public final class ModuleAST: SyntaxNode {
  public let body: [Stmt]

  public init(body: [Stmt], span: Span) {
    self.body = body
    super.init(span)
  }

  /// The leading string literal, if there is one.
  public var docstring: String? { body.docstring }
}

extension [Stmt] {
  /// The string literal that opens a module, class or function, if there is one.
  public var docstring: String? {
    guard case .expression(let statement)? = first,
      case .constant(let constant) = statement.value, case .string(let text) = constant.value
    else { return nil }
    return text
  }
}

/// An identifier where it is not an expression: after a dot, `def`, `as`, `import`, `global`.
public struct Identifier: Hashable, Sendable {
  public let symbol: Symbol
  public let span: Span

  public init(_ symbol: Symbol, span: Span) {
    self.symbol = symbol
    self.span = span
  }

  public var text: String { symbol.text }
}
