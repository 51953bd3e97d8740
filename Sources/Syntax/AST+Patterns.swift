import Support

/// `match subject: case …`
public final class MatchStmt: SyntaxNode {
  public let subject: Expr
  public let cases: [Case]

  /// `case pattern if guard: …`
  public struct Case {
    public let pattern: Pattern
    public let condition: Expr?
    public let body: [Stmt]
    public let span: Span
  }

  public init(subject: Expr, cases: [Case], span: Span) {
    self.subject = subject
    self.cases = cases
    super.init(span)
  }
}

/// What a `case` compares the subject with.
public enum Pattern {
  case value(ValuePattern)
  case singleton(SingletonPattern)
  case sequence(SequencePattern)
  case mapping(MappingPattern)
  case `class`(ClassPattern)
  /// Only in a sequence, and at most once there.
  case star(StarPattern)
  case capture(CapturePattern)
  case or(OrPattern)

  public var node: SyntaxNode {
    switch self {
    case .value(let p): p
    case .singleton(let p): p
    case .sequence(let p): p
    case .mapping(let p): p
    case .class(let p): p
    case .star(let p): p
    case .capture(let p): p
    case .or(let p): p
    }
  }

  public var span: Span { node.span }
}

/// `1`, `-2.5`, `1+2j`, `"text"` or `a.b`: matches what is equal.
public final class ValuePattern: SyntaxNode {
  public let value: Expr

  public init(_ value: Expr, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// `None`, `True` or `False`: matches what is identical.
public final class SingletonPattern: SyntaxNode {
  public let value: Literal

  public init(_ value: Literal, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// `[a, *b]`, `(a, b)` or `a, b`
public final class SequencePattern: SyntaxNode {
  public let patterns: [Pattern]

  public init(_ patterns: [Pattern], span: Span) {
    self.patterns = patterns
    super.init(span)
  }
}

/// `{key: pattern, **rest}`
public final class MappingPattern: SyntaxNode {
  /// Keys are literals or dotted names.
  public let items: [(key: Expr, pattern: Pattern)]
  public let rest: Identifier?

  public init(items: [(key: Expr, pattern: Pattern)], rest: Identifier?, span: Span) {
    self.items = items
    self.rest = rest
    super.init(span)
  }
}

/// `Point(1, y=pattern)`
public final class ClassPattern: SyntaxNode {
  public let type: Expr
  public let positional: [Pattern]
  public let keywords: [(name: Identifier, pattern: Pattern)]

  public init(
    type: Expr, positional: [Pattern], keywords: [(name: Identifier, pattern: Pattern)],
    span: Span
  ) {
    self.type = type
    self.positional = positional
    self.keywords = keywords
    super.init(span)
  }
}

/// `*rest`, or `*_` without a name
public final class StarPattern: SyntaxNode {
  public let name: Identifier?

  public init(name: Identifier?, span: Span) {
    self.name = name
    super.init(span)
  }
}

/// `name`, `pattern as name`, or `_`, which has neither pattern nor name
public final class CapturePattern: SyntaxNode {
  public let pattern: Pattern?
  public let name: Identifier?

  public init(pattern: Pattern?, name: Identifier?, span: Span) {
    self.pattern = pattern
    self.name = name
    super.init(span)
  }
}

/// `1 | 2`
public final class OrPattern: SyntaxNode {
  public let alternatives: [Pattern]

  public init(_ alternatives: [Pattern], span: Span) {
    self.alternatives = alternatives
    super.init(span)
  }
}
