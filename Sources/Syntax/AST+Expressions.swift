import Support

/// An expression.
public enum Expr {
  case name(NameExpr)
  case constant(ConstantExpr)
  case formatted(FormattedString)
  case tuple(TupleExpr)
  case list(ListExpr)
  case set(SetExpr)
  case dict(DictExpr)
  case comprehension(ComprehensionExpr)
  case lambda(LambdaExpr)
  case unary(UnaryExpr)
  case binary(BinaryExpr)
  case boolean(BooleanExpr)
  case compare(CompareExpr)
  case conditional(ConditionalExpr)
  case call(CallExpr)
  case attribute(AttributeExpr)
  case `subscript`(SubscriptExpr)
  /// Only in a subscript, alone or in a tuple.
  case slice(SliceExpr)
  /// Only among the elements of a display, the arguments of a call and the like.
  case starred(StarredExpr)
  case walrus(WalrusExpr)
  case yield(YieldExpr)
  case yieldFrom(YieldFromExpr)

  public var node: SyntaxNode {
    switch self {
    case .name(let e): e
    case .constant(let e): e
    case .formatted(let e): e
    case .tuple(let e): e
    case .list(let e): e
    case .set(let e): e
    case .dict(let e): e
    case .comprehension(let e): e
    case .lambda(let e): e
    case .unary(let e): e
    case .binary(let e): e
    case .boolean(let e): e
    case .compare(let e): e
    case .conditional(let e): e
    case .call(let e): e
    case .attribute(let e): e
    case .subscript(let e): e
    case .slice(let e): e
    case .starred(let e): e
    case .walrus(let e): e
    case .yield(let e): e
    case .yieldFrom(let e): e
    }
  }

  public var span: Span { node.span }
}

/// `x`, read, or bound where it is a `Target`.
public final class NameExpr: SyntaxNode {
  public let symbol: Symbol

  public init(_ symbol: Symbol, span: Span) {
    self.symbol = symbol
    super.init(span)
  }
}

/// `1`, `2.5`, `"text"`, `None`, `...`
public final class ConstantExpr: SyntaxNode {
  public let value: Literal

  public init(_ value: Literal, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// The value of a literal. Adjacent string literals are one.
public enum Literal: Hashable, Sendable {
  case none, ellipsis
  case bool(Bool)
  case integer(Int)
  /// An integer that does not fit in an `Int`: its digits, without prefix and underscores.
  case bigInteger(digits: String, radix: Int)
  case float(Double)
  /// `2.5j`
  case imaginary(Double)
  case string(String)
  case bytes([UInt8])
}

/// `f"{x!r:>{width}} text"`
public final class FormattedString: SyntaxNode {
  /// Literal text is never empty and never beside literal text.
  public let parts: [Part]

  public enum Part {
    case text(String)
    case field(Field)
  }

  /// `{value!conversion:format}`. `{x=}` is the text `x=` followed by the field `{x!r}`.
  public final class Field: SyntaxNode {
    public let value: Expr
    public let conversion: Conversion?
    public let format: FormattedString?

    public init(value: Expr, conversion: Conversion?, format: FormattedString?, span: Span) {
      self.value = value
      self.conversion = conversion
      self.format = format
      super.init(span)
    }
  }

  /// What is called on a field's value before it is formatted.
  public enum Conversion: UInt8, Sendable {
    case str = 0x73
    case repr = 0x72
    case ascii = 0x61
  }

  public init(parts: [Part], span: Span) {
    self.parts = parts
    super.init(span)
  }
}

/// `a, *b` or `(a, b)`
public final class TupleExpr: SyntaxNode {
  public let elements: [Expr]

  public init(_ elements: [Expr], span: Span) {
    self.elements = elements
    super.init(span)
  }
}

/// `[a, *b]`
public final class ListExpr: SyntaxNode {
  public let elements: [Expr]

  public init(_ elements: [Expr], span: Span) {
    self.elements = elements
    super.init(span)
  }
}

/// `{a, *b}`
public final class SetExpr: SyntaxNode {
  public let elements: [Expr]

  public init(_ elements: [Expr], span: Span) {
    self.elements = elements
    super.init(span)
  }
}

/// `{a: 1, **b}`
public final class DictExpr: SyntaxNode {
  /// An item without a key is `**value`.
  public let items: [Item]

  public struct Item {
    public let key: Expr?
    public let value: Expr
  }

  public init(_ items: [Item], span: Span) {
    self.items = items
    super.init(span)
  }
}

/// `[f(x) for x in xs if x]`, `{k: v for …}`, `{x for …}`, `(x for …)`
public final class ComprehensionExpr: SyntaxNode {
  public let result: Result
  /// The first `for`, with its `if`s, and the ones nested in it. Never empty.
  public let clauses: [Clause]

  public enum Result {
    case list(Expr)
    case set(Expr)
    case dict(key: Expr, value: Expr)
    case generator(Expr)
  }

  /// `for target in iterable if condition…`
  public struct Clause {
    public let target: Target
    public let iterable: Expr
    public let conditions: [Expr]
  }

  public init(_ result: Result, clauses: [Clause], span: Span) {
    self.result = result
    self.clauses = clauses
    super.init(span)
  }
}

/// `lambda x, *, y=1: x + y`
public final class LambdaExpr: SyntaxNode {
  public let parameters: ParameterList
  public let body: Expr
  /// `true` iff the body itself, not a function nested in it, has a `yield`.
  public let isGenerator: Bool

  public init(parameters: ParameterList, body: Expr, isGenerator: Bool, span: Span) {
    self.parameters = parameters
    self.body = body
    self.isGenerator = isGenerator
    super.init(span)
  }
}

/// The parameters of a function: `a, /, b=1, *args, c, **kwargs`.
public struct ParameterList {
  public var positionalOnly: [Parameter] = []
  public var positional: [Parameter] = []
  /// `*args`
  public var variadic: Parameter?
  public var keywordOnly: [Parameter] = []
  /// `**kwargs`
  public var keywords: Parameter?

  public init() {}

  /// All of them, in the order in which they are written.
  public var all: [Parameter] {
    positionalOnly + positional + (variadic.map { [$0] } ?? []) + keywordOnly
      + (keywords.map { [$0] } ?? [])
  }
}

/// `name: annotation = defaultValue`
public struct Parameter {
  public let name: Identifier
  public let annotation: Expr?
  public let defaultValue: Expr?

  public var symbol: Symbol { name.symbol }
}

/// `-x`, `not x`
public final class UnaryExpr: SyntaxNode {
  public let op: UnaryOperator
  public let operand: Expr

  public init(_ op: UnaryOperator, _ operand: Expr, span: Span) {
    self.op = op
    self.operand = operand
    super.init(span)
  }
}

public enum UnaryOperator: String, CaseIterable, Sendable {
  case not
  case negate = "-"
  case plus = "+"
  case invert = "~"
}

/// `x + y`
public final class BinaryExpr: SyntaxNode {
  public let op: BinaryOperator
  public let left: Expr
  public let right: Expr
  /// The operator alone.
  public let operatorSpan: Span

  public init(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, operatorSpan: Span, span: Span
  ) {
    self.op = op
    self.left = left
    self.right = right
    self.operatorSpan = operatorSpan
    super.init(span)
  }
}

public enum BinaryOperator: String, CaseIterable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case matrixMultiply = "@"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
  case leftShift = "<<"
  case rightShift = ">>"
  case bitAnd = "&"
  case bitOr = "|"
  case bitXor = "^"
}

/// `a and b and c`: two operands or more, which are evaluated until one decides.
public final class BooleanExpr: SyntaxNode {
  public let op: BooleanOperator
  public let operands: [Expr]

  public init(_ op: BooleanOperator, _ operands: [Expr], span: Span) {
    self.op = op
    self.operands = operands
    super.init(span)
  }
}

public enum BooleanOperator: String, CaseIterable, Sendable {
  case and, or
}

/// `a < b <= c`: each operand is evaluated at most once.
public final class CompareExpr: SyntaxNode {
  public let first: Expr
  /// Never empty.
  public let rest: [(op: ComparisonOperator, operand: Expr)]

  public init(_ first: Expr, _ rest: [(op: ComparisonOperator, operand: Expr)], span: Span) {
    self.first = first
    self.rest = rest
    super.init(span)
  }
}

public enum ComparisonOperator: String, CaseIterable, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case `is`
  case isNot = "is not"
  case `in`
  case notIn = "not in"
}

/// `a if condition else b`
public final class ConditionalExpr: SyntaxNode {
  public let condition: Expr
  public let then: Expr
  public let otherwise: Expr

  public init(condition: Expr, then: Expr, otherwise: Expr, span: Span) {
    self.condition = condition
    self.then = then
    self.otherwise = otherwise
    super.init(span)
  }
}

/// `f(a, *b, c=1, **d)`
public final class CallExpr: SyntaxNode {
  public let function: Expr
  /// Evaluated first, from left to right; some may be `.starred`.
  public let arguments: [Expr]
  /// Evaluated after all of `arguments`.
  public let keywords: [KeywordArgument]

  public init(
    _ function: Expr, arguments: [Expr], keywords: [KeywordArgument], span: Span
  ) {
    self.function = function
    self.arguments = arguments
    self.keywords = keywords
    super.init(span)
  }
}

/// `name=value`, or `**value` without a name, in a call or a class definition.
public struct KeywordArgument {
  public let name: Identifier?
  public let value: Expr
  public let span: Span
}

/// `x.name`
public final class AttributeExpr: SyntaxNode {
  public let value: Expr
  public let name: Identifier

  public init(_ value: Expr, name: Identifier, span: Span) {
    self.value = value
    self.name = name
    super.init(span)
  }

  public var symbol: Symbol { name.symbol }
}

/// `x[index]`: the index may be a slice, or a tuple with slices and starred elements in it.
public final class SubscriptExpr: SyntaxNode {
  public let value: Expr
  public let index: Expr

  public init(_ value: Expr, index: Expr, span: Span) {
    self.value = value
    self.index = index
    super.init(span)
  }
}

/// `start:stop:step` in a subscript
public final class SliceExpr: SyntaxNode {
  public let start: Expr?
  public let stop: Expr?
  public let step: Expr?

  public init(start: Expr?, stop: Expr?, step: Expr?, span: Span) {
    self.start = start
    self.stop = stop
    self.step = step
    super.init(span)
  }
}

/// `*x`
public final class StarredExpr: SyntaxNode {
  public let value: Expr

  public init(_ value: Expr, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// `name := value`
public final class WalrusExpr: SyntaxNode {
  public let target: NameExpr
  public let value: Expr

  public init(_ target: NameExpr, _ value: Expr, span: Span) {
    self.target = target
    self.value = value
    super.init(span)
  }
}

/// `yield x`
public final class YieldExpr: SyntaxNode {
  public let value: Expr?

  public init(_ value: Expr?, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// `yield from x`
public final class YieldFromExpr: SyntaxNode {
  public let value: Expr

  public init(_ value: Expr, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// What can be assigned to.
public enum Target {
  case name(NameExpr)
  case attribute(AttributeExpr)
  case `subscript`(SubscriptExpr)
  case sequence(SequenceTarget)
  /// Only in a sequence, and at most once there.
  case starred(StarredTarget)

  public var node: SyntaxNode {
    switch self {
    case .name(let t): t
    case .attribute(let t): t
    case .subscript(let t): t
    case .sequence(let t): t
    case .starred(let t): t
    }
  }

  public var span: Span { node.span }
}

/// `a, *b` or `[a, b]` on the left of `=`
public final class SequenceTarget: SyntaxNode {
  public let elements: [Target]
  /// Written with brackets, which makes no difference.
  public let isList: Bool

  public init(_ elements: [Target], isList: Bool, span: Span) {
    self.elements = elements
    self.isList = isList
    super.init(span)
  }
}

/// `*rest` in a sequence on the left of `=`
public final class StarredTarget: SyntaxNode {
  public let target: Target

  public init(_ target: Target, span: Span) {
    self.target = target
    super.init(span)
  }
}
