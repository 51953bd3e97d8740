import Core
import Primitives
import Support
import Syntax
import Tensor

/// Operators on arrays: those that are one primitive are done here, with JAX's promotion and
/// broadcasting; the others are functions of the library, in `jax/_operators.jx`.

/// The operand of an operator that messages call `name`.
private func operand(_ object: Object, at name: String) throws -> Operand? {
  try checkingRange(of: object, at: { name }, { try Operand(object) })
}

/// `a op b` where one is an array; `nil` if the other is nothing that an array can meet.
func binaryArrays(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object? {
  guard let x = try operand(a, at: "x"), let y = try operand(b, at: "y") else {
    // JAX itself refuses lists where Python might take an array for a count, and names the types
    // without their modules.
    if op == .add || op == .multiply, a.isListOrTuple || b.isListOrTuple {
      let names = [a, b].map { typeOf($0).name }
      throw typeError(
        "unsupported operand type(s) for \(op.rawValue): '\(names[0])' and '\(names[1])'")
    }
    return nil
  }
  guard let (name, function, widening) = primitive(op) else {
    return try call(ArrayLibrary.binaryOperator(op), [a, b])
  }
  if case .power = op { return try call(ArrayLibrary.binaryOperator(op), [a, b]) }
  try refuseKeys(name, [x, y])
  var values = try promoteShapes(name, promoteTypes([x, y], widening))
  if op == .divide, case .array(let divisor) = values[1], divisor.isLiteral,
    Trace.current is EvalTrace
  {
    // The program's own divisor is an operand, not a constant of the library.
    values[1] = .array(DeviceArray(try divisor.tensor(), weakType: divisor.aval.weakType))
  }
  return .array(try bind1(Binary(adapted(function, values[0].dtype)), values[0], values[1]))
}

extension Object {
  fileprivate var isListOrTuple: Bool {
    switch self {
    case .list, .tuple: true
    default: false
    }
  }
}

/// The primitive of an operator, as it is for most dtypes.
private func primitive(_ op: BinaryOperator) -> (String, Binary.Function, Widening)? {
  switch op {
  case .add: ("add", .add, .none)
  case .subtract: ("subtract", .sub, .none)
  case .multiply: ("multiply", .mul, .none)
  case .divide: ("true_divide", .div, .inexact)
  case .bitAnd: ("bitwise_and", .and, .none)
  case .bitOr: ("bitwise_or", .or, .none)
  case .bitXor: ("bitwise_xor", .xor, .none)
  case .leftShift: ("left_shift", .shiftLeft, .numeric)
  case .rightShift: ("right_shift", .shiftRightArithmetic, .numeric)
  case .floorDivide, .modulo, .power, .matrixMultiply: nil
  }
}

/// Sums of Booleans are disjunctions; unsigned numbers shift in zeros.
private func adapted(_ function: Binary.Function, _ dtype: ElementType) -> Binary.Function {
  switch function {
  case .add where dtype == .bool: .or
  case .mul where dtype == .bool: .and
  case .shiftRightArithmetic where dtype.isUnsigned: .shiftRightLogical
  default: function
  }
}

/// `a op b` for a comparison where one is an array; `nil` if the other is no array.
func compareArrays(_ op: ComparisonOperator, _ a: Object, _ b: Object) throws -> Object? {
  guard let x = try operand(a, at: "x"), let y = try operand(b, at: "y") else {
    guard op == .equal || op == .notEqual else { return nil }
    return .bool(op == .notEqual)
  }
  let (name, direction): (String, Comparison.Direction)
  switch op {
  case .equal: (name, direction) = ("equal", .eq)
  case .notEqual: (name, direction) = ("not_equal", .ne)
  case .less: (name, direction) = ("less", .lt)
  case .lessOrEqual: (name, direction) = ("less_equal", .le)
  case .greater: (name, direction) = ("greater", .gt)
  case .greaterOrEqual: (name, direction) = ("greater_equal", .ge)
  case .is, .isNot, .in, .notIn: return nil
  }
  try refuseKeys(name, [x, y])
  let values = try promoteShapes(name, promoteTypes([x, y], .none))
  if values[0].dtype.isComplex, direction != .eq, direction != .ne {
    return try call(ArrayLibrary.comparison(op), [a, b])
  }
  return .array(try bind1(Comparison(direction), values[0], values[1]))
}

/// `-a`, `+a`, `~a`
func unaryArray(_ op: UnaryOperator, _ a: Object) throws -> Object {
  guard case .array(let value) = a else { return a }
  switch op {
  case .plus, .not: return a
  case .negate:
    return .array(try bind1(Unary(.neg), value))
  case .invert: return .array(try bind1(Unary(.not), value))
  }
}

/// `element in array`
func arrayContains(_ object: Object, _ element: Object) throws -> Bool {
  if case .array(let value) = object, value.rank != 1 {
    throw valueError(
      "Array.__contains__: search array must be one-dimensional, got "
        + "arr.shape=\(ParameterValue.ints(value.shape.dimensions)).")
  }
  guard let equal = try compareArrays(.equal, object, element) else { return false }
  return try isTrue(call(getAttribute(equal, "any")))
}

/// Iterates over the first axis: slices without the axis.
func iterateArray(_ object: Object) throws -> ObjectIterator {
  guard case .array(let value) = object else { throw typeError("not an array") }
  guard let count = value.shape.dimensions.first else {
    throw typeError("iteration over a 0-d array")
  }
  // A concrete array is cut here; a tracer once, into equations.
  if case .array(let array) = value, Trace.current is EvalTrace {
    let tensor = try array.tensor()
    let rest = Shape(Array(value.shape.dimensions.dropFirst()))
    var position = 0
    return ClosureIterator("iterator") {
      guard position < count else { return nil }
      position += 1
      return .array(
        .array(
          DeviceArray(
            row(of: tensor, position - 1, rest), weakType: value.aval.weakType)))
    }
  }
  var position = 0
  return ClosureIterator("iterator") {
    guard position < count else { return nil }
    position += 1
    var limits = value.shape.dimensions
    var starts = [Int](repeating: 0, count: limits.count)
    starts[0] = position - 1
    limits[0] = position
    let strides = [Int](repeating: 1, count: limits.count)
    let part = try bind1(
      Primitives.Slice(starts: starts, limits: limits, strides: strides), value)
    return .array(try bind1(Squeeze([0]), part))
  }
}

/// Row `index` of `tensor`, of shape `rest`.
private func row(of tensor: HostTensor, _ index: Int, _ rest: Shape) -> HostTensor {
  let size = rest.count * tensor.type.byteCount
  return HostTensor(
    type: tensor.type, shape: rest,
    bytes: UnsafeRawBufferPointer(rebasing: tensor.bytes[(index * size)..<((index + 1) * size)]))
}

/// The functions of the library that arrays need, loaded when they are first used.
enum ArrayLibrary {
  nonisolated(unsafe) private static var functions: [String: Object] = [:]

  /// The definition `name` of `module`; `nil` if there is none that others may use.
  private static func function(_ module: String, _ name: String) throws -> Object? {
    if name.hasPrefix("_") { return nil }
    let full = "\(module).\(name)"
    if let known = functions[full] { return known }
    let found = try Session.loader.library(module).lookup(Symbol(name))
    functions[full] = found
    return found
  }

  private static func operatorFunction(_ name: String?, for text: String) throws -> Object {
    guard let name, let function = try function("jax._operators", name) else {
      throw unsupported("the operator \(text) of arrays")
    }
    return function
  }

  static func divmod() throws -> Object { try operatorFunction("divmod", for: "divmod") }

  static func binaryOperator(_ op: BinaryOperator) throws -> Object {
    let name: String? =
      switch op {
      case .floorDivide: "floor_divide"
      case .modulo: "remainder"
      case .power: "power"
      case .matrixMultiply: "matmul"
      case .add, .subtract, .multiply, .divide, .leftShift, .rightShift, .bitAnd, .bitOr, .bitXor:
        nil
      }
    return try operatorFunction(name, for: op.rawValue)
  }

  static func comparison(_ op: ComparisonOperator) throws -> Object {
    let name: String? =
      switch op {
      case .less: "less"
      case .lessOrEqual: "less_equal"
      case .greater: "greater"
      case .greaterOrEqual: "greater_equal"
      case .equal, .notEqual, .is, .isNot, .in, .notIn: nil
      }
    return try operatorFunction(name, for: op.rawValue)
  }

  /// The function of the method `name`, whose first argument is the array.
  static func method(_ name: String) throws -> Object? {
    try function("jax._array_methods", name)
  }

  /// The function of the property `name`.
  static func property(_ name: String) throws -> Object? {
    try function("jax._array_properties", name)
  }
}
