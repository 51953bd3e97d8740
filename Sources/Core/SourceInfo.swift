import Support

/// Where an operation comes from: a place in the source, and what was around it on the way.
/// JAX's `SourceInfo`.
public struct SourceInfo {
  public var span: Span?
  public var nameStack: NameStack

  public init(span: Span? = nil, nameStack: NameStack = NameStack()) {
    self.span = span
    self.nameStack = nameStack
  }
}

/// The scopes (`jax.named_scope`) and transformations that an operation was traced in, outermost
/// first. JAX's `NameStack`.
public struct NameStack: Hashable, Sendable {
  /// A `named_scope` or a function, or a transformation that encloses those behind it.
  public enum Element: Hashable, Sendable {
    case scope(String)
    case transformation(String)
  }

  public private(set) var elements: [Element] = []

  public init() {}

  public var isEmpty: Bool { elements.isEmpty }

  /// What is left of this stack inside of the one that was current when its trace began.
  public func inside(_ base: NameStack) -> NameStack {
    if base.isEmpty { return self }
    var stack = NameStack()
    stack.elements = Array(elements.dropFirst(base.elements.count))
    return stack
  }

  public static func + (outer: NameStack, inner: NameStack) -> NameStack {
    if outer.isEmpty { return inner }
    if inner.isEmpty { return outer }
    var stack = outer
    stack.elements += inner.elements
    return stack
  }

  /// The stack around the innermost element.
  public var withoutLast: NameStack {
    var stack = self
    if !isEmpty { stack.elements.removeLast() }
    return stack
  }

  public func appending(_ element: Element) -> NameStack {
    var stack = self
    stack.elements.append(element)
    return stack
  }

  /// The path that locations show. Transformations enclose the scope that follows:
  /// `transpose(jvp(layer))/inner`, or nothing: `vmap()`.
  public var path: String {
    var path = ""
    var pending: [String] = []
    func add(_ scope: String) {
      let opening = pending.map { $0 + "(" }.joined()
      let closing = String(repeating: ")", count: pending.count)
      path += (path.isEmpty ? "" : "/") + opening + scope + closing
      pending = []
    }
    for element in elements {
      switch element {
      case .scope(let name): add(name)
      case .transformation(let name): pending.append(name)
      }
    }
    if !pending.isEmpty { add("") }
    return path
  }
}

extension NameStack {
  /// The path of an operation inside.
  public func path(to operation: String) -> String {
    isEmpty ? operation : "\(path)/\(operation)"
  }
}

extension Trace {
  /// What follows is done for an operation from `inner`, of a jaxpr that is at `outer`.
  public static func enter(_ inner: SourceInfo, from outer: SourceInfo) {
    if let span = inner.span { source.span = span }
    source.nameStack = outer.nameStack + inner.nameStack
  }

  /// Runs `body` in a scope or transformation of this name.
  public static func within<Result>(
    _ element: NameStack.Element, _ body: () throws -> Result
  ) rethrows -> Result {
    let outer = source.nameStack
    source.nameStack = outer.appending(element)
    defer { source.nameStack = outer }
    return try body()
  }

  /// Runs `body` with an empty name stack: what it traces becomes part of another operation, whose
  /// names come first.
  public static func withoutNames<Result>(_ body: () throws -> Result) rethrows -> Result {
    let outer = source.nameStack
    source.nameStack = NameStack()
    defer { source.nameStack = outer }
    return try body()
  }
}
