import BigInt
import Core
import Syntax

/// `bool(object)`
func isTrue(_ object: Object) throws -> Bool {
  switch object {
  case .none: return false
  case .bool(let value): return value
  case .int(let value): return value != 0
  case .float(let value): return value != 0
  case .big, .ellipsis, .notImplemented: return true
  case .complex(let value): return value.real != 0 || value.imaginary != 0
  case .str(let value): return !value.text.isEmpty
  case .bytes(let value): return !value.elements.isEmpty
  case .tuple(let value) where value.cls == nil: return !value.items.isEmpty
  case .list(let value) where value.extra == nil: return !value.items.isEmpty
  case .dict(let value) where value.extra == nil: return value.count > 0
  case .set(let value): return value.count > 0
  case .range(let value): return value.count > 0
  case .native(let value): return try value.truth()
  case .array(let value): return try arrayTruth(value)
  case .slice, .function, .method, .builtin, .type, .module, .dtype: return true
  case .instance, .tuple, .list, .dict:
    if let result = try callMethod(object, Names.bool) {
      guard case .bool(let value) = result else {
        throw typeError("__bool__ should return bool, returned \(typeOf(result).name)")
      }
      return value
    }
    if let result = try callMethod(object, Names.count) { return try isTrue(result) }
    if case .instance(let instance) = object, let base = instance.base { return try isTrue(base) }
    return true
  }
}

/// `a == b` as a Boolean.
func equals(_ a: Object, _ b: Object) throws -> Bool {
  switch (a, b) {
  case (.int(let x), .int(let y)): return x == y
  case (.str(let x), .str(let y)): return x == y
  case (.float(let x), .float(let y)): return x == y
  default: return try isTrue(compare(.equal, a, b))
  }
}

/// `a op b`, for every comparison.
func compare(_ op: ComparisonOperator, _ a: Object, _ b: Object) throws -> Object {
  switch op {
  case .is: return .bool(a.isIdentical(to: b))
  case .isNot: return .bool(!a.isIdentical(to: b))
  case .in: return .bool(try contains(b, a))
  case .notIn: return .bool(!(try contains(b, a)))
  case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: break
  }
  if let result = try compareBuiltin(op, a, b) { return result }
  if let result = try compareOverloaded(op, a, b) { return result }
  switch op {
  case .equal: return .bool(a.isIdentical(to: b))
  case .notEqual: return .bool(!a.isIdentical(to: b))
  default:
    throw typeError(
      "'\(op.rawValue)' not supported between instances of '\(messageName(a))' and '\(messageName(b))'"
    )
  }
}

private func holds<T: Comparable>(_ op: ComparisonOperator, _ a: T, _ b: T) -> Object {
  switch op {
  case .equal: .bool(a == b)
  case .notEqual: .bool(a != b)
  case .less: .bool(a < b)
  case .lessOrEqual: .bool(a <= b)
  case .greater: .bool(a > b)
  case .greaterOrEqual: .bool(a >= b)
  case .is, .isNot, .in, .notIn: .notImplemented
  }
}

private func holds(_ op: ComparisonOperator, equal: Bool) -> Object? {
  switch op {
  case .equal: .bool(equal)
  case .notEqual: .bool(!equal)
  default: nil
  }
}

/// Comparison of the language's own values; `nil` if it is not defined for them.
private func compareBuiltin(_ op: ComparisonOperator, _ a: Object, _ b: Object) throws -> Object? {
  if let x = Number(a), let y = Number(b) { return compareNumbers(op, x, y) }
  switch (a, b) {
  case (.str(let x), .str(let y)):
    switch op {
    case .equal: return .bool(x == y)
    case .notEqual: return .bool(!(x == y))
    case .less: return .bool(x < y)
    case .lessOrEqual: return .bool(!(y < x))
    case .greater: return .bool(y < x)
    default: return .bool(!(x < y))
    }
  case (.bytes(let x), .bytes(let y)):
    if let result = holds(op, equal: x.elements == y.elements) { return result }
    let less = x.elements.lexicographicallyPrecedes(y.elements)
    return holds(op, less ? -1 : x.elements == y.elements ? 0 : 1, 0)
  case (.tuple(let x), .tuple(let y)): return try compareSequences(op, x.items, y.items)
  case (.list(let x), .list(let y)): return try compareSequences(op, x.items, y.items)
  case (.dict(let x), .dict(let y)):
    guard op == .equal || op == .notEqual else { return nil }
    return holds(op, equal: try equalDicts(x, y))
  case (.set(let x), .set(let y)): return try compareSets(op, x, y)
  case (.range(let x), .range(let y)):
    let equal =
      x.count == y.count
      && (x.count == 0 || x.start == y.start && (x.count == 1 || x.step == y.step))
    return holds(op, equal: equal)
  case (.slice(let x), .slice(let y)):
    return try compareSequences(
      op, [x.start, x.stop, x.step], [y.start, y.stop, y.step])
  case (.method(let x), .method(let y)):
    return holds(
      op,
      equal: x.receiver.isIdentical(to: y.receiver) && x.function.isIdentical(to: y.function))
  case (.dtype, _), (_, .dtype):
    return try compareDTypes(a, b).flatMap { holds(op, equal: $0) }
  case (.type(let x), .type(let y)):
    // `jnp.float32 == np.float32`
    guard let x = x.record as? ElementTypeRecord, let y = y.record as? ElementTypeRecord else {
      return nil
    }
    return holds(op, equal: x.elementType == y.elementType)
  case (.none, .none): return holds(op, equal: true)
  default: return nil
  }
}

private func compareOverloaded(_ op: ComparisonOperator, _ a: Object, _ b: Object) throws -> Object?
{
  guard let methods = op.methods else { return nil }
  func attempt(_ x: Object, _ name: Symbol, _ y: Object) throws -> Object? {
    switch x {
    case .instance, .tuple, .list, .dict:
      guard let result = try callMethod(x, name, [y]) else { return nil }
      return result.isNotImplemented ? nil : result
    case .native(let native):
      if let result = try native.compare(name == methods.plain ? op : op.reflected, y) {
        return result
      }
      guard op == .equal || op == .notEqual else { return nil }
      return try native.equals(y).map { .bool($0 == (op == .equal)) }
    default: return nil
    }
  }
  if typeOf(b) !== typeOf(a), typeOf(b).isSubclass(of: typeOf(a)),
    let result = try attempt(b, methods.reflected, a)
  {
    return result
  }
  if let result = try attempt(a, methods.plain, b) { return result }
  if let result = try attempt(b, methods.reflected, a) { return result }
  if case .array = a { return try compareArrays(op, a, b) }
  if case .array = b { return try compareArrays(op, a, b) }
  if op == .notEqual {
    if let result = try attempt(a, Names.equal, b) { return .bool(!(try isTrue(result))) }
    if let result = try attempt(b, Names.equal, a) { return .bool(!(try isTrue(result))) }
  }
  // Values that wrap one of the language's own: an `IntEnum` member, a subclass of `str`.
  let x = unwrapped(a)
  let y = unwrapped(b)
  if x != nil || y != nil { return try compareBuiltin(op, x ?? a, y ?? b) }
  return nil
}

/// The value of the language's own class that an instance wraps.
func unwrapped(_ object: Object) -> Object? {
  if case .instance(let instance) = object { return instance.base }
  return nil
}

extension ComparisonOperator {
  /// The operator with its operands exchanged.
  var reflected: ComparisonOperator {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual, .is, .isNot, .in, .notIn: self
    }
  }
}

private func compareNumbers(_ op: ComparisonOperator, _ a: Number, _ b: Number) -> Object? {
  switch (a, b) {
  case (.complex(let x), _), (_, .complex(let x)):
    guard op == .equal || op == .notEqual else { return nil }
    let y =
      if case .complex(let y) = b { y } else if case .complex = a { b.complexValue } else {
        a.complexValue
      }
    return holds(op, equal: x.real == y.real && x.imaginary == y.imaginary)
  case (.int(let x), .int(let y)): return holds(op, x, y)
  case (.float(let x), .float(let y)): return holds(op, x, y)
  case (.big, .float(let y)) where !y.isFinite: return holds(op, 0, y)
  case (.float(let x), .big) where !x.isFinite: return holds(op, x, 0)
  case (.int(let x), .float(let y)):
    if x.magnitude < 1 << 53 || !y.isFinite { return holds(op, Double(x), y) }
    return compareExactly(op, BigInt(x), y)
  case (.float(let x), .int(let y)):
    if y.magnitude < 1 << 53 || !x.isFinite { return holds(op, x, Double(y)) }
    return compareExactly(op.reflected, BigInt(y), x)
  case (.big(let x), .float(let y)): return compareExactly(op, x, y)
  case (.float(let x), .big(let y)): return compareExactly(op.reflected, y, x)
  case (.big, _), (_, .big): return holds(op, a.bigValue, b.bigValue)
  }
}

private func compareExactly(_ op: ComparisonOperator, _ a: BigInt, _ b: Double) -> Object? {
  if b.isNaN { return holds(op, Double.nan, b) }
  let whole = b.rounded(.towardZero)
  let truncated = BigInt(whole)
  if a != truncated { return holds(op, a, truncated) }
  return holds(op, 0, b - whole)
}

private func compareSequences(_ op: ComparisonOperator, _ a: [Object], _ b: [Object]) throws
  -> Object
{
  if (op == .equal || op == .notEqual) && a.count != b.count { return .bool(op == .notEqual) }
  for (x, y) in zip(a, b) where try !equalKeys(x, y) {
    switch op {
    case .equal: return .bool(false)
    case .notEqual: return .bool(true)
    default: return try compare(op, x, y)
    }
  }
  return holds(op, a.count, b.count)
}

private func equalDicts(_ a: Dict, _ b: Dict) throws -> Bool {
  guard a.count == b.count else { return false }
  for entry in a.table.live {
    guard let position = try b.table.find(entry.key, hash: entry.hash),
      try equalKeys(entry.value, b.table.entries[position].value)
    else { return false }
  }
  return true
}

private func compareSets(_ op: ComparisonOperator, _ a: SetObject, _ b: SetObject) throws -> Object
{
  func isSubset(_ x: SetObject, _ y: SetObject) throws -> Bool {
    try x.count <= y.count && x.elements.allSatisfy { try y.contains($0) }
  }
  switch op {
  case .equal: return .bool(try a.count == b.count && isSubset(a, b))
  case .notEqual: return .bool(try !(a.count == b.count && isSubset(a, b)))
  case .lessOrEqual: return .bool(try isSubset(a, b))
  case .less: return .bool(try a.count < b.count && isSubset(a, b))
  case .greaterOrEqual: return .bool(try isSubset(b, a))
  default: return .bool(try b.count < a.count && isSubset(b, a))
  }
}

/// `element in container`
func contains(_ container: Object, _ element: Object) throws -> Bool {
  switch container {
  case .str(let text):
    guard case .str(let part) = unwrapped(element) ?? element else {
      throw typeError(
        "'in <string>' requires string as left operand, not \(typeOf(element).name)")
    }
    return part.text.isEmpty || find(part.text.utf8, in: text.text.utf8) != nil
  case .tuple(let tuple): return try tuple.items.contains { try equalKeys($0, element) }
  case .list(let list):
    for item in list.items where try equalKeys(item, element) { return true }
    return false
  case .dict(let dict):
    if dict.count == 0 { return false }
    return try dict.table.find(element, hash: hash(element)) != nil
  case .set(let set): return try set.contains(element)
  case .range(let range):
    if let value = try index(element) { return range.position(value) != nil }
    if case .float(let value) = element {
      return Int(exactly: value).map { range.position($0) != nil } ?? false
    }
    return false
  case .bytes(let bytes):
    if let value = try index(element) { return bytes.elements.contains { Int($0) == value } }
    guard case .bytes(let part) = element else { break }
    return part.elements.isEmpty || find(part.elements, in: bytes.elements) != nil
  case .native(let native):
    if let result = try native.contains(element) { return result }
  case .array: return try arrayContains(container, element)
  case .type(let cls):
    if let method = cls.metaclass?.lookup(Names.contains) {
      return try isTrue(call(method, [container, element]))
    }
  default:
    if let result = try callMethod(container, Names.contains, [element]) {
      return try isTrue(result)
    }
  }
  let items: ObjectIterator
  do { items = try iterate(container) } catch let raised as Raised {
    guard raised.exception.cls === Exceptions["TypeError"] else { throw raised }
    throw typeError("argument of type '\(typeOf(container).name)' is not iterable")
  }
  while let item = try items.next() {
    if try equalKeys(item, element) { return true }
  }
  return false
}

/// The position of `part` in `whole`.
func find<C: Collection>(_ part: C, in whole: C) -> C.Index? where C.Element: Equatable {
  guard let first = part.first else { return whole.startIndex }
  var start = whole.startIndex
  while let candidate = whole[start...].firstIndex(of: first) {
    if whole[candidate...].starts(with: part) { return candidate }
    start = whole.index(after: candidate)
  }
  return nil
}
