import Support

/// A statement.
public enum Stmt {
  case expression(ExpressionStmt)
  case assign(AssignStmt)
  case augmentedAssign(AugmentedAssignStmt)
  case annotatedAssign(AnnotatedAssignStmt)
  case delete(DeleteStmt)
  case pass(PassStmt)
  case `break`(BreakStmt)
  case `continue`(ContinueStmt)
  case `return`(ReturnStmt)
  case raise(RaiseStmt)
  case assert(AssertStmt)
  case global(GlobalStmt)
  case nonlocal(NonlocalStmt)
  case `import`(ImportStmt)
  case importFrom(ImportFromStmt)
  case `if`(IfStmt)
  case `while`(WhileStmt)
  case `for`(ForStmt)
  case with(WithStmt)
  case `try`(TryStmt)
  case match(MatchStmt)
  case function(FunctionStmt)
  case `class`(ClassStmt)

  public var node: SyntaxNode {
    switch self {
    case .expression(let s): s
    case .assign(let s): s
    case .augmentedAssign(let s): s
    case .annotatedAssign(let s): s
    case .delete(let s): s
    case .pass(let s): s
    case .break(let s): s
    case .continue(let s): s
    case .return(let s): s
    case .raise(let s): s
    case .assert(let s): s
    case .global(let s): s
    case .nonlocal(let s): s
    case .import(let s): s
    case .importFrom(let s): s
    case .if(let s): s
    case .while(let s): s
    case .for(let s): s
    case .with(let s): s
    case .try(let s): s
    case .match(let s): s
    case .function(let s): s
    case .class(let s): s
    }
  }

  public var span: Span { node.span }
}

/// `f(x)` alone on its line
public final class ExpressionStmt: SyntaxNode {
  public let value: Expr

  public init(_ value: Expr, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// `a = b, c = value`: the value is evaluated first, the targets are bound from left to right.
public final class AssignStmt: SyntaxNode {
  /// Never empty.
  public let targets: [Target]
  public let value: Expr

  public init(targets: [Target], value: Expr, span: Span) {
    self.targets = targets
    self.value = value
    super.init(span)
  }
}

/// `x += value`
public final class AugmentedAssignStmt: SyntaxNode {
  /// A name, an attribute or a subscript.
  public let target: Target
  public let op: BinaryOperator
  public let value: Expr

  public init(target: Target, op: BinaryOperator, value: Expr, span: Span) {
    self.target = target
    self.op = op
    self.value = value
    super.init(span)
  }
}

/// `x: annotation = value`
public final class AnnotatedAssignStmt: SyntaxNode {
  /// A name, an attribute or a subscript.
  public let target: Target
  public let annotation: Expr
  public let value: Expr?
  /// A bare name, not in parentheses: only then the annotation is recorded.
  public let isSimple: Bool

  public init(target: Target, annotation: Expr, value: Expr?, isSimple: Bool, span: Span) {
    self.target = target
    self.annotation = annotation
    self.value = value
    self.isSimple = isSimple
    super.init(span)
  }
}

/// `del x, y[0]`
public final class DeleteStmt: SyntaxNode {
  /// Never starred.
  public let targets: [Target]

  public init(targets: [Target], span: Span) {
    self.targets = targets
    super.init(span)
  }
}

/// `pass`
public final class PassStmt: SyntaxNode {
  public override init(_ span: Span) { super.init(span) }
}

/// `break`, always inside a loop
public final class BreakStmt: SyntaxNode {
  public override init(_ span: Span) { super.init(span) }
}

/// `continue`, always inside a loop
public final class ContinueStmt: SyntaxNode {
  public override init(_ span: Span) { super.init(span) }
}

/// `return value`, always inside a function
public final class ReturnStmt: SyntaxNode {
  public let value: Expr?

  public init(_ value: Expr?, span: Span) {
    self.value = value
    super.init(span)
  }
}

/// `raise exception from cause`
public final class RaiseStmt: SyntaxNode {
  public let exception: Expr?
  public let cause: Expr?

  public init(exception: Expr?, cause: Expr?, span: Span) {
    self.exception = exception
    self.cause = cause
    super.init(span)
  }
}

/// `assert condition, message`
public final class AssertStmt: SyntaxNode {
  public let condition: Expr
  public let message: Expr?

  public init(condition: Expr, message: Expr?, span: Span) {
    self.condition = condition
    self.message = message
    super.init(span)
  }
}

/// `global x, y`
public final class GlobalStmt: SyntaxNode {
  public let names: [Identifier]

  public init(_ names: [Identifier], span: Span) {
    self.names = names
    super.init(span)
  }
}

/// `nonlocal x, y`
public final class NonlocalStmt: SyntaxNode {
  public let names: [Identifier]

  public init(_ names: [Identifier], span: Span) {
    self.names = names
    super.init(span)
  }
}

/// `import a.b as c, d`
public final class ImportStmt: SyntaxNode {
  public let modules: [Module]

  /// `a.b as c`
  public struct Module {
    /// `a`, `b` of `a.b`
    public let path: [Identifier]
    public let alias: Identifier?
  }

  public init(_ modules: [Module], span: Span) {
    self.modules = modules
    super.init(span)
  }
}

/// `from ..a.b import c as d, e` or `from a import *`
public final class ImportFromStmt: SyntaxNode {
  /// The number of leading dots.
  public let level: Int
  /// `a`, `b` of `a.b`; empty only where there are leading dots.
  public let path: [Identifier]
  public let names: Names

  /// `*`, or a list.
  public enum Names {
    case all
    case some([Name])
  }

  /// `c as d`
  public struct Name {
    public let name: Identifier
    public let alias: Identifier?
  }

  public init(level: Int, path: [Identifier], names: Names, span: Span) {
    self.level = level
    self.path = path
    self.names = names
    super.init(span)
  }
}

/// `if` with its `elif`s and its `else`
public final class IfStmt: SyntaxNode {
  /// The `if` and the `elif`s.
  public let branches: [Branch]
  public let otherwise: [Stmt]

  /// `if` or `elif`, its condition and its body.
  public struct Branch {
    public let condition: Expr
    public let body: [Stmt]
    /// From `if` or `elif` to the end of the body.
    public let span: Span
  }

  public init(branches: [Branch], otherwise: [Stmt], span: Span) {
    self.branches = branches
    self.otherwise = otherwise
    super.init(span)
  }
}

/// `while condition: …` with an `else` for the loop that was not left by `break`
public final class WhileStmt: SyntaxNode {
  public let condition: Expr
  public let body: [Stmt]
  public let otherwise: [Stmt]

  public init(condition: Expr, body: [Stmt], otherwise: [Stmt], span: Span) {
    self.condition = condition
    self.body = body
    self.otherwise = otherwise
    super.init(span)
  }
}

/// `for target in iterable: …` with an `else` for the loop that was not left by `break`
public final class ForStmt: SyntaxNode {
  public let target: Target
  public let iterable: Expr
  public let body: [Stmt]
  public let otherwise: [Stmt]

  public init(target: Target, iterable: Expr, body: [Stmt], otherwise: [Stmt], span: Span) {
    self.target = target
    self.iterable = iterable
    self.body = body
    self.otherwise = otherwise
    super.init(span)
  }
}

/// `with context as target, …: …`
public final class WithStmt: SyntaxNode {
  public let items: [Item]
  public let body: [Stmt]

  public struct Item {
    public let context: Expr
    public let target: Target?
  }

  public init(items: [Item], body: [Stmt], span: Span) {
    self.items = items
    self.body = body
    super.init(span)
  }
}

/// `try` with handlers, an `else` that runs where nothing was raised, and a `finally`
public final class TryStmt: SyntaxNode {
  public let body: [Stmt]
  public let handlers: [Handler]
  public let otherwise: [Stmt]
  public let finally: [Stmt]

  /// `except kind as name: …`
  public struct Handler {
    public let kind: Expr?
    public let name: Identifier?
    public let body: [Stmt]
    public let span: Span
  }

  public init(
    body: [Stmt], handlers: [Handler], otherwise: [Stmt], finally: [Stmt], span: Span
  ) {
    self.body = body
    self.handlers = handlers
    self.otherwise = otherwise
    self.finally = finally
    super.init(span)
  }
}

/// `def name(parameters) -> returns: …`
public final class FunctionStmt: SyntaxNode {
  /// Evaluated from the first to the last, applied from the last to the first.
  public let decorators: [Expr]
  public let name: Identifier
  public let parameters: ParameterList
  public let returns: Expr?
  public let body: [Stmt]
  /// `true` iff the body itself, not a function nested in it, has a `yield`.
  public let isGenerator: Bool

  public init(
    decorators: [Expr], name: Identifier, parameters: ParameterList, returns: Expr?, body: [Stmt],
    isGenerator: Bool, span: Span
  ) {
    self.decorators = decorators
    self.name = name
    self.parameters = parameters
    self.returns = returns
    self.body = body
    self.isGenerator = isGenerator
    super.init(span)
  }

  public var symbol: Symbol { name.symbol }
}

/// `class name(bases, keyword=value): …`
public final class ClassStmt: SyntaxNode {
  /// Evaluated from the first to the last, applied from the last to the first.
  public let decorators: [Expr]
  public let name: Identifier
  /// Some may be `.starred`.
  public let bases: [Expr]
  public let keywords: [KeywordArgument]
  public let body: [Stmt]

  public init(
    decorators: [Expr], name: Identifier, bases: [Expr], keywords: [KeywordArgument],
    body: [Stmt], span: Span
  ) {
    self.decorators = decorators
    self.name = name
    self.bases = bases
    self.keywords = keywords
    self.body = body
    super.init(span)
  }

  public var symbol: Symbol { name.symbol }
}
