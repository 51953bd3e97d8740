import BigInt
import Syntax

/// `a op b`
func binary(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object {
  if let result = try binaryResult(op, a, b) { return result }
  if op == .add, case .str = a {
    throw typeError("can only concatenate str (not \"\(messageName(b))\") to str")
  }
  if op == .add, case .list = a {
    throw typeError("can only concatenate list (not \"\(messageName(b))\") to list")
  }
  if op == .add, case .tuple = a {
    throw typeError("can only concatenate tuple (not \"\(messageName(b))\") to tuple")
  }
  if op == .add, case .bytes = a {
    throw typeError("can't concat \(messageName(b)) to bytes")
  }
  if op == .multiply, a.isSequence || b.isSequence {
    let other = a.isSequence ? b : a
    throw typeError("can't multiply sequence by non-int of type '\(messageName(other))'")
  }
  throw unsupportedOperands(op == .power ? "** or pow()" : op.rawValue, a, b)
}

/// `a op= b`: in place where `a` can be changed.
func augmented(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object {
  switch (op, a) {
  case (.add, .list(let list)):
    list.items.append(contentsOf: try Host.list(b))
    return a
  case (.multiply, .list(let list)):
    guard let count = try index(b) else { break }
    list.items = try repeated(list.items, count)
    return a
  case (.bitOr, .dict(let dict)):
    try update(dict, with: b)
    return a
  case (.bitOr, .set(let set)) where !set.isFrozen:
    guard case .set(let other) = b else { break }
    set.merge(other)
    return a
  case (.subtract, .set(let set)) where !set.isFrozen:
    guard case .set(let other) = b else { break }
    for element in other.elements { try set.remove(element) }
    return a
  case (_, .native(let native)):
    if let result = try native.augmented(op, b) { return result }
  case (_, .instance):
    if let result = try callMethod(a, op.methods.inPlace, [b]), !result.isNotImplemented {
      return result
    }
  default: break
  }
  if let result = try binaryResult(op, a, b) { return result }
  if case .int = a {} else if a.isSequence { return try binary(op, a, b) }
  throw unsupportedOperands(op == .power ? "**=" : op.rawValue + "=", a, b)
}

private func unsupportedOperands(_ op: String, _ a: Object, _ b: Object) -> Raised {
  typeError(
    "unsupported operand type(s) for \(op): '\(messageName(a))' and '\(messageName(b))'")
}

extension Object {
  /// Whether this is what a product with a count repeats.
  var isSequence: Bool {
    switch self {
    case .str, .bytes, .list, .tuple: true
    default: false
    }
  }
}

private func binaryResult(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object? {
  // Text formats all there is, arrays too.
  if op == .modulo, case .str(let format) = a { return .str(try percentFormat(format.text, b)) }
  if let x = Number(a), let y = Number(b) {
    if case .bool(let p) = a, case .bool(let q) = b {
      switch op {
      case .bitAnd: return .bool(p && q)
      case .bitOr: return .bool(p || q)
      case .bitXor: return .bool(p != q)
      default: break
      }
    }
    if let result = try arithmetic(op, x, y) { return result }
    if op == .divide, case .complex = y { throw zeroDivision("complex division by zero") }
    if case .complex = x, case .complex(let z) = y, op == .divide, z.real == 0 {
      throw zeroDivision("complex division by zero")
    }
    return nil
  }
  switch (a, b) {
  case (.array, .array): return try binaryArrays(op, a, b)
  case (.instance, _), (_, .instance), (.native, _), (_, .native):
    if let result = try binaryOverloaded(op, a, b) { return result }
  case (.tuple(let x), _) where x.cls != nil:
    if let result = try binaryOverloaded(op, a, b) { return result }
  case (_, .tuple(let y)) where y.cls != nil:
    if let result = try binaryOverloaded(op, a, b) { return result }
  case (.list(let x), _) where x.extra != nil:
    if let result = try binaryOverloaded(op, a, b) { return result }
  case (.dict(let x), _) where x.extra != nil:
    if let result = try binaryOverloaded(op, a, b) { return result }
  case (_, .dict(let y)) where y.extra != nil:
    if let result = try binaryOverloaded(op, a, b) { return result }
  default: break
  }
  switch (a, b) {
  // An array is a count where it stands beside text.
  case (.array, .str), (.array, .bytes), (.str, .array), (.bytes, .array): break
  case (.array, _), (_, .array): return try binaryArrays(op, a, b)
  default: break
  }
  if let result = try binaryContainers(op, a, b) { return result }
  let x = unwrapped(a)
  let y = unwrapped(b)
  if x != nil || y != nil { return try binaryResult(op, x ?? a, y ?? b) }
  return nil
}

private func binaryOverloaded(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object? {
  let methods = op.methods
  func attempt(_ x: Object, _ name: Symbol, _ y: Object, reflected: Bool) throws -> Object? {
    if case .native(let native) = x { return try native.binary(op, y, reflected: reflected) }
    guard let result = try callMethod(x, name, [y]) else { return nil }
    return result.isNotImplemented ? nil : result
  }
  let left = typeOf(a)
  let right = typeOf(b)
  if left !== right, right.isSubclass(of: left),
    let result = try attempt(b, methods.reflected, a, reflected: true)
  {
    return result
  }
  if let result = try attempt(a, methods.plain, b, reflected: false) { return result }
  if left !== right, let result = try attempt(b, methods.reflected, a, reflected: true) {
    return result
  }
  return nil
}

private func binaryContainers(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object? {
  switch (op, a, b) {
  case (.add, .str(let x), .str(let y)): return .str(x.text + y.text)
  case (.add, .bytes(let x), .bytes(let y)): return .bytes(Bytes(x.elements + y.elements))
  case (.add, .list(let x), .list(let y)): return .list(x.items + y.items)
  case (.add, .tuple(let x), .tuple(let y)): return .tuple(x.items + y.items)
  case (.multiply, _, _):
    if a.isSequence, let count = try repetition(b) { return try repeatSequence(a, count) }
    if b.isSequence, let count = try repetition(a) { return try repeatSequence(b, count) }
    return nil
  case (.bitOr, .dict(let x), .dict(let y)):
    let result = Dict()
    result.table = x.table
    for entry in y.table.live { try result.table.set(entry.key, entry.value) }
    return .dict(result)
  case (_, .set(let x), .set(let y)): return try setOperation(op, x, y).map { .set($0) }
  case (.bitOr, .type, .type), (.bitOr, .type, .none), (.bitOr, .none, .type):
    return .native(UnionType([a, b]))
  default: return nil
  }
}

/// How often a sequence is repeated by `object`; `nil` if that is no count.
private func repetition(_ object: Object) throws -> Int? {
  switch object {
  case .int(let value): value
  case .bool(let value): value ? 1 : 0
  case .array(let value): try arrayIndex(value)
  case .instance, .native: try index(object)
  default: nil
  }
}

/// Throws a `MemoryError` where a list, or a string, of `count` items is more than there can be.
func checkMemory(_ count: Int) throws {
  guard count < 1 << 34 else { throw raised("MemoryError", "") }
}

/// `items` as often as `count` says.
func repeated<C: RangeReplaceableCollection>(_ items: C, _ count: Int) throws -> C {
  if count <= 0 || items.isEmpty { return C() }
  let (total, overflows) = items.count.multipliedReportingOverflow(by: count)
  try checkMemory(overflows ? .max : total)
  var result = C()
  result.reserveCapacity(items.count * count)
  for _ in 0..<count { result.append(contentsOf: items) }
  return result
}

private func repeatSequence(_ sequence: Object, _ count: Int) throws -> Object {
  switch sequence {
  case .str(let text): .str(try repeated(text.text, count))
  case .bytes(let bytes): .bytes(Bytes(try repeated(bytes.elements, count)))
  case .list(let list): .list(try repeated(list.items, count))
  case .tuple(let tuple): .tuple(try repeated(tuple.items, count))
  default: .notImplemented
  }
}

/// Set algebra; the result is of the left operand's kind.
func setOperation(_ op: BinaryOperator, _ a: SetObject, _ b: SetObject) throws -> SetObject? {
  switch op {
  case .bitOr:
    let result = SetObject(copying: a, frozen: a.isFrozen)
    result.merge(b)
    return result
  case .bitAnd:
    let (small, large) = b.count > a.count ? (a, b) : (b, a)
    return try SetObject(
      small.elements.filter { try large.contains($0) }, frozen: a.isFrozen)
  case .subtract:
    return try SetObject(a.elements.filter { try !b.contains($0) }, frozen: a.isFrozen)
  case .bitXor:
    let result = SetObject(copying: b, frozen: a.isFrozen)
    for element in a.elements where try !result.remove(element) { try result.insert(element) }
    return result
  default: return nil
  }
}

/// `-a`, `+a`, `~a`, `not a`
func unary(_ op: UnaryOperator, _ a: Object) throws -> Object {
  if op == .not { return .bool(!(try isTrue(a))) }
  if let number = Number(a) {
    switch (op, number) {
    case (.negate, .int(let value)):
      return value == .min ? Object(-BigInt(value)) : .int(-value)
    case (.negate, .big(let value)): return Object(-value)
    case (.negate, .float(let value)): return .float(-value)
    case (.negate, .complex(let value)): return .complex(-value.real, -value.imaginary)
    case (.invert, .int(let value)): return .int(~value)
    case (.invert, .big(let value)): return Object(-value - 1)
    case (.plus, .int(let value)): return .int(value)
    case (.plus, _): return a
    default: break
    }
  }
  switch a {
  case .array: return try unaryArray(op, a)
  case .native(let native): if let result = try native.unary(op) { return result }
  default:
    if let method = op.method, let result = try callMethod(a, method) { return result }
    if let base = unwrapped(a) { return try unary(op, base) }
  }
  throw typeError("bad operand type for unary \(op.rawValue): '\(typeOf(a).name)'")
}

/// `abs(object)`
func absolute(_ object: Object) throws -> Object {
  if let number = Number(object) {
    switch number {
    case .int(let value): return value == .min ? Object(-BigInt(value)) : .int(abs(value))
    case .big(let value): return Object(BigInt(value.magnitude))
    case .float(let value): return .float(value.magnitude)
    case .complex(let value):
      return .float((value.real * value.real + value.imaginary * value.imaginary).squareRoot())
    }
  }
  if case .array = object { return try call(getAttribute(object, Names.absolute)) }
  if let result = try callMethod(object, Names.absolute) { return result }
  if let base = unwrapped(object) { return try absolute(base) }
  throw typeError("bad operand type for abs(): '\(typeOf(object).name)'")
}
