import Core
import Primitives
import Tensor
import Transforms

/// What an operand of an array function is before it becomes a `Value`: a Python scalar takes the
/// dtype that it is promoted to without an equation.
struct Operand {
  let object: Object
  let value: Value

  init?(_ object: Object) throws {
    guard let value = try valueIfNumeric(object) else { return nil }
    self.object = object
    self.value = value
  }

  /// The number `object` as the constant `value`.
  init(_ object: Object, value: Value) {
    self.object = object
    self.value = value
  }

  /// Python's own numbers (weak, except `bool`).
  var isPythonScalar: Bool { Number(object) != nil }

  var dtype: DType { DType(value.dtype, isWeak: value.aval.weakType) }

  /// The value as `dtype`: a constant of the program text is converted here and now. Integers are
  /// taken modulo the range of narrower types.
  func converted(to dtype: DType) throws -> Value {
    if let number = Number(object), isPythonScalar {
      if case .int = number, dtype.type.isInteger, let tensor = try concreteTensor(value) {
        return .literal(tensor.converted(to: dtype.type), weakType: dtype.isWeak)
      }
      return try literal(number, dtype)
    }
    return try converting(value, to: dtype)
  }
}

/// The literal that a Python number is as `dtype`.
func literal(_ number: Number, _ dtype: DType) throws -> Value {
  func make(_ scalar: Scalar) -> Value {
    .literal(HostTensor(scalar, type: dtype.type), weakType: dtype.isWeak)
  }
  switch number {
  case .int(let value):
    if dtype.type.isInteger {
      // Integers that do not fit are an error, as in NumPy 2.
      let fits =
        dtype.type.isUnsigned
        ? value >= 0 && UInt64(value) <= dtype.type.integerMaximum
        : value >= dtype.type.integerMinimum && value <= Int(clamping: dtype.type.integerMaximum)
      if !fits {
        throw overflowError("Python integer \(value) out of bounds for \(dtype.type.numpyName)")
      }
    }
    if dtype.type == .u64 { return make(.uint(UInt64(value))) }
    return make(.int(Int64(value)))
  case .big(let value):
    if dtype.type == .u64, let wide = UInt64(exactly: value) { return make(.uint(wide)) }
    if dtype.type.isInexact { return make(.float(Double(value))) }
    throw overflowError("Python integer \(value) out of bounds for \(dtype.type.numpyName)")
  case .float(let value):
    return .literal(
      HostTensor(.float(value), type: dtype.type), weakType: dtype.isWeak,
      pythonNumber: dtype.isWeak ? value : nil)
  case .complex(let value):
    if dtype.type.isFloat {
      throw typeError("float() argument must be a string or a real number, not 'complex'")
    }
    return make(.complex(.init(value.real, value.imaginary)))
  }
}

/// `value` with another dtype or weakness; itself where nothing changes.
func converting(_ value: Value, to dtype: DType) throws -> Value {
  if value.dtype == dtype.type && value.aval.weakType == dtype.isWeak { return value }
  if let number = value.inlineNumber {
    let result = DeviceArray(
      try number.tensor().converted(to: dtype.type), weakType: dtype.isWeak, isLiteral: true)
    if case .tracer(let tracer) = value { return tracer.trace.pure(result) }
    return .array(result)
  }
  if case .array(let array) = value {
    if array.isLiteral && Trace.current is EvalTrace {
      return .literal(try array.tensor().converted(to: dtype.type), weakType: dtype.isWeak)
    }
    if value.dtype == dtype.type, Trace.current is EvalTrace {
      return .array(DeviceArray(try array.tensor(), weakType: dtype.isWeak))
    }
  }
  return try bind1(ConvertElementType(dtype.type, weakType: dtype.isWeak), value)
}

/// The operands of the function `name`.
///
/// - Throws: `TypeError` for an object that is no array.
func operands(_ name: String, _ objects: [Object]) throws -> [Operand] {
  try objects.enumerated().map { i, object in
    let operand = try checkingRange(of: object, at: { i == 0 ? "x" : i == 1 ? "y" : "args[\(i)]" })
    {
      try Operand(object)
    }
    if let operand { return operand }
    throw typeError(
      "\(name) requires ndarray or scalar arguments, got \(try repr(.type(typeOf(object)))) at position \(i)."
    )
  }
}

/// Runs `body`, which converts `object`, the argument `place` of a function.
///
/// - Throws: `OverflowError` that names the argument where that is an integer too large for the
///   default type.
func checkingRange<Result>(
  of object: Object, at place: () -> String, _ body: () throws -> Result
) throws -> Result {
  guard let number = Number(object), number.exceedsDefaultInteger else { return try body() }
  throw overflowError(
    "An overflow was encountered while parsing an argument to a jitted computation, whose argument "
      + "path is \(place()). Got <class 'int'> with value \(try repr(object))")
}

extension Number {
  /// The words of an integer, as NumPy reads it before it narrows it; `nil` for other numbers.
  var wrapped: Int64? {
    get throws {
      switch self {
      case .int(let value): return Int64(value)
      case .big(let value):
        guard let word = UInt64(exactly: value) else {
          throw overflowError("Python int too large to convert to C long")
        }
        return Int64(bitPattern: word)
      case .float, .complex: return nil
      }
    }
  }

  /// Whether this is an integer that the default integer type does not hold.
  var exceedsDefaultInteger: Bool {
    switch self {
    case .int(let value): !Configuration.x64 && Int32(exactly: value) == nil
    case .big: true
    case .float, .complex: false
    }
  }
}

/// The dtype that JAX promotes `dtypes` to.
func promotedType(_ dtypes: [DType]) throws -> DType {
  if Configuration.traceContext.isPromotionStrict { try checkStrictPromotion(dtypes) }
  if let result = Promotion.resultType(dtypes, x64: Configuration.x64) { return result }
  if dtypes.contains(where: { $0.type == .key }) {
    throw valueError("dtype=key<fry> is not a valid dtype for JAX type promotion.")
  }
  let names = dtypes.map { "'\($0.type.numpyName)'" }.joined(separator: ", ")
  throw Raised(
    exception: ExceptionObject(
      Exceptions["TypePromotionError"],
      [
        .str(
          """
          Input dtypes (\(names)) have no available implicit dtype promotion path. To avoid \
          unintended promotion, 8-bit floats do not support implicit promotion. If you'd like your \
          inputs to be promoted to another type, you can do so explicitly using e.g. \
          x.astype('float32')
          """)
      ]))
}

/// Refuses what `jax_numpy_dtype_promotion='strict'` does: all but one type, and numbers of Python
/// whose kind it includes.
private func checkStrictPromotion(_ dtypes: [DType]) throws {
  func kind(_ type: ElementType) -> Int {
    type == .bool ? 0 : type.isInteger ? 1 : type.isFloat ? 2 : 3
  }
  let strong = Set(dtypes.filter { !$0.isWeak }.map(\.type))
  let weak = Set(dtypes.filter(\.isWeak).map(\.type))
  guard let only = strong.first else { return }
  if strong.count == 1, weak.allSatisfy({ only != .bool && kind($0) <= kind(only) }) { return }
  let python = ["int", "float", "complex"]
  let names =
    weak.sorted { kind($0) < kind($1) }.map { "\"<class '\(python[max(kind($0), 1) - 1])'>\"" }
    + strong.sorted { $0.strictRank < $1.strictRank }.map { "'\($0.numpyName)'" }
  throw Raised(
    exception: ExceptionObject(
      Exceptions["TypePromotionError"],
      [
        .str(
          "Input dtypes (\(names.joined(separator: ", "))) have no available implicit dtype "
            + "promotion path when jax_numpy_dtype_promotion=strict. Try explicitly casting inputs "
            + "to the desired output type, or set jax_numpy_dtype_promotion=standard.")
      ]))
}

extension ElementType {
  /// The order in which messages about strict promotion name types.
  fileprivate var strictRank: Int {
    switch self {
    case .i32: 0
    case .f32: 1
    case .bool: 9
    default: 2
    }
  }
}

/// How a function widens its operands beyond their common type.
enum Widening {
  case none
  /// Integers and Booleans become floating-point.
  case inexact
  /// Booleans become integers.
  case numeric
}

/// The operands with their common dtype, and with equal ranks if two of them have axes.
func promote(_ name: String, _ objects: [Object], _ widening: Widening = .none) throws -> [Value] {
  let given = try operands(name, objects)
  try refuseKeys(name, given)
  return try promoteShapes(name, promoteTypes(given, widening))
}

/// Keys take part in no arithmetic with numbers.
func refuseKeys(_ name: String, _ operands: [Operand]) throws {
  let keys = operands.count { $0.value.dtype == .key }
  guard keys > 0 && keys < operands.count else { return }
  let names = operands.map(\.dtype.type.numpyName).joined(separator: ", ")
  throw typeError("\(name) does not accept dtypes \(names).")
}

func promoteTypes(_ operands: [Operand], _ widening: Widening) throws -> [Value] {
  var dtype = try promotedType(operands.map(\.dtype))
  switch widening {
  case .none: break
  case .inexact: dtype = inexactType(dtype)
  case .numeric:
    if dtype.type == .bool {
      dtype = DType(.i32)
    }
  }
  let target = dtype
  return try operands.map { try $0.converted(to: target) }
}

/// The floating-point type that mathematics on `dtype` is done in.
func inexactType(_ dtype: DType) -> DType {
  if dtype.type.isInexact { return dtype }
  let isWide = Configuration.x64 && dtype.type.isInteger && dtype.type.bitWidth == 64
  return DType(isWide ? .f64 : .f32, isWeak: dtype.isWeak)
}

/// The values with leading axes of size one added, where two that have axes differ in rank.
func promoteShapes(_ name: String, _ values: [Value]) throws -> [Value] {
  let ranks = Set(values.map(\.rank).filter { $0 > 0 })
  if ranks.count < 2 { return values }
  if Configuration.traceContext.refusesRankPromotion {
    let shapes = values.filter { $0.rank > 0 }.map { tupleText($0.shape) }.joined(separator: " ")
    throw valueError(
      "Operands could not be broadcast together for \(name) on shapes \(shapes) and with the config "
        + "option jax_numpy_rank_promotion='raise'. For more information, see "
        + "https://docs.jax.dev/en/latest/rank_promotion_warning.html.")
  }
  let shape = try broadcastShape(values.map(\.shape))
  return try values.map { value in
    let missing = shape.rank - value.rank
    if missing == 0 || value.rank == 0 && !ranks.isEmpty && missing == 0 { return value }
    let dimensions = [Int](repeating: 1, count: missing) + value.shape.dimensions
    return try bind1(
      BroadcastInDim(
        shape: Shape(dimensions), dimensions: Array(missing..<shape.rank)), value)
  }
}

/// The shape that `shapes` broadcast to.
///
/// - Throws: `ValueError` if they do not.
func broadcastShape(_ shapes: [Shape]) throws -> Shape {
  let rank = shapes.map(\.rank).max() ?? 0
  var result = [Int](repeating: 1, count: rank)
  for shape in shapes {
    for (i, size) in shape.dimensions.enumerated() {
      let axis = rank - shape.rank + i
      if size == 1 || size == result[axis] { continue }
      guard result[axis] == 1 else {
        let texts = shapes.map { tupleText($0) }.joined(separator: ", ")
        throw valueError("Incompatible shapes for broadcasting: shapes=[\(texts)]")
      }
      result[axis] = size
    }
  }
  return Shape(result)
}

/// A shape as Python prints the tuple.
func tupleText(_ shape: Shape) -> String {
  let sizes = shape.dimensions.map(String.init).joined(separator: ", ")
  return shape.rank == 1 ? "(\(sizes),)" : "(\(sizes))"
}
