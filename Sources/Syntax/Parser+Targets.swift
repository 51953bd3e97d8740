import Support

// What can be assigned to. Targets are read as expressions, then converted, so that the message
// about one that is none can name it.
extension Parser {
  /// Targets with commas between them, as after `for`.
  mutating func starTargets() throws(Failure) -> Target {
    let start = token.start
    let first = try starTarget()
    guard at(.comma) else {
      if case .starred(let starred) = first {
        throw fail("a starred target must be in a list or tuple", at: starred.span)
      }
      return first
    }
    var elements = [first]
    while accept(.comma), kind.startsExpression || at(.star) {
      elements.append(try starTarget())
    }
    try checkStars(elements)
    return .sequence(SequenceTarget(elements, isList: false, span: span(from: start)))
  }

  mutating func starTarget() throws(Failure) -> Target {
    let start = token.start
    guard accept(.star) else { return try target(bitwiseOr()) }
    let inner = try target(bitwiseOr())
    return .starred(StarredTarget(inner, span: span(from: start)))
  }

  /// `value` as what stands on the left of `=`.
  mutating func target(_ value: Expr) throws(Failure) -> Target {
    if case .starred(let starred) = value {
      throw fail("a starred target must be in a list or tuple", at: starred.span)
    }
    return try element(value, verb: "assign to")
  }

  /// `value` as what stands on the left of an augmented assignment.
  mutating func singleTarget(_ value: Expr, before op: String) throws(Failure) -> Target {
    switch value {
    case .name, .attribute, .subscript: return try target(value)
    default:
      throw fail("cannot assign to \(value.kindName) with '\(op)'", at: value.span)
    }
  }

  /// `value` as what `del` removes.
  mutating func deletable(_ value: Expr) throws(Failure) -> Target {
    try element(value, verb: "delete")
  }

  private mutating func element(_ value: Expr, verb: String) throws(Failure) -> Target {
    switch value {
    case .name(let name): return .name(name)
    case .attribute(let attribute): return .attribute(attribute)
    case .subscript(let subscripted): return .subscript(subscripted)
    case .tuple(let tuple):
      return try sequence(tuple.elements, isList: false, verb: verb, span: tuple.span)
    case .list(let list):
      return try sequence(list.elements, isList: true, verb: verb, span: list.span)
    case .starred(let starred) where verb == "assign to":
      return .starred(StarredTarget(try target(starred.value), span: starred.span))
    default:
      let hint: String? =
        switch value {
        case .compare, .binary, .call, .constant, .unary: at(.assign) ? "write == to compare" : nil
        default: nil
        }
      throw fail("cannot \(verb) \(value.kindName)", at: value.span, hint: hint)
    }
  }

  private mutating func sequence(
    _ values: [Expr], isList: Bool, verb: String, span: Span
  ) throws(Failure) -> Target {
    var elements: [Target] = []
    elements.reserveCapacity(values.count)
    for value in values { elements.append(try element(value, verb: verb)) }
    try checkStars(elements)
    return .sequence(SequenceTarget(elements, isList: isList, span: span))
  }

  /// At most one target takes the rest.
  private mutating func checkStars(_ elements: [Target]) throws(Failure) {
    var hasStar = false
    for case .starred(let starred) in elements {
      if hasStar { throw fail("several starred targets in one assignment", at: starred.span) }
      hasStar = true
    }
  }
}

extension Expr {
  /// What messages call an expression of this kind.
  var kindName: String {
    switch self {
    case .name: "a name"
    case .constant(let constant):
      switch constant.value {
      case .none: "None"
      case .bool(true): "True"
      case .bool(false): "False"
      case .ellipsis: "..."
      case .integer, .bigInteger, .float, .imaginary, .string, .bytes: "a literal"
      }
    case .formatted: "an f-string"
    case .tuple: "a tuple"
    case .list: "a list"
    case .set: "a set display"
    case .dict: "a dict literal"
    case .comprehension(let comprehension):
      switch comprehension.result {
      case .list: "a list comprehension"
      case .set: "a set comprehension"
      case .dict: "a dict comprehension"
      case .generator: "a generator expression"
      }
    case .lambda: "a lambda"
    case .unary, .binary, .boolean: "an expression"
    case .compare: "a comparison"
    case .conditional: "a conditional expression"
    case .call: "the result of a call"
    case .attribute: "an attribute"
    case .subscript: "a subscript"
    case .slice: "a slice"
    case .starred: "a starred expression"
    case .walrus: "a named expression"
    case .yield, .yieldFrom: "a yield expression"
    }
  }
}
