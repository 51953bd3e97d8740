import Core
import Primitives
import Tensor
import Transforms

/// An array that the program makes of numbers, as the current trace sees it.
func traced(_ value: Value) -> Value {
  switch value {
  case .array(let array): Trace.current.pure(array)
  case .tracer: value
  }
}

/// `jnp.asarray(object, dtype)`: arrays as they are, numbers as (weak) scalars, nested sequences
/// as arrays.
func asArray(_ object: Object, dtype: ElementType? = nil) throws -> Value {
  let wanted = dtype.map { DType(DTypes.canonical($0)) }
  // A number of the program text need only fit in the type that is asked for.
  if let wanted, let number = Number(object) { return try literal(number, wanted) }
  if let operand = try Operand(object) {
    guard let wanted else { return try withoutPythonScalar(operand.value) }
    return try operand.converted(to: wanted)
  }
  switch object {
  case .list, .tuple, .range: break
  default:
    if case .str(let text) = object { throw notAnArray(text.text) }
    throw typeError(
      "Value '\(try repr(object))' with dtype object is not a valid JAX array type. Only arrays of "
        + "numeric types are supported by JAX.")
  }
  if let tensor = try PackedNumbers(object)?.tensor(wanted?.type) { return Value(tensor) }
  var leaves: [Operand] = []
  var hasTracer = false
  let shape = try collect(object, wanted, &leaves, &hasTracer)
  let joined =
    try leaves.isEmpty
    ? DType(Promotion.defaultFloat(x64: Configuration.x64))
    : promotedType(distinct(leaves.map(\.dtype)))
  let type = wanted?.type ?? joined.type
  guard hasTracer else { return Value(try pack(leaves, type, shape)) }
  // Tracers among the elements: stacked by equations.
  let target = DType(type)
  let parts = try leaves.map { operand -> Value in
    let value = try operand.converted(to: target)
    return try bind1(
      BroadcastInDim(
        shape: Shape([1] + value.shape.dimensions), dimensions: Array(1..<(value.rank + 1))), value)
  }
  let flat = parts.count == 1 ? parts[0] : try bind(Concatenate(0), parts)[0]
  return flat.shape == shape ? flat : try bind1(Reshape(shape: shape), flat)
}

/// Nested sequences of nothing but integers and floats of Python: the common case, at once.
private struct PackedNumbers {
  private var shape = Shape.scalar
  private var integers: [Int] = []
  private var floats: [Double] = []
  private var hasFloat = false

  /// `nil` where there is anything else, or sequences differ in length.
  init?(_ object: Object) throws {
    guard let dimensions = try add(object), !floats.isEmpty else { return nil }
    shape = Shape(dimensions)
  }

  private mutating func add(_ object: Object) throws -> [Int]? {
    let items: [Object]
    switch object {
    case .int(let value):
      integers.append(value)
      floats.append(Double(value))
      return []
    case .float(let value):
      hasFloat = true
      integers.append(0)
      floats.append(value)
      return []
    case .list(let list): items = list.items
    case .tuple(let tuple): items = tuple.items
    case .range: items = try list(object)
    default: return nil
    }
    var inner: [Int]?
    for item in items {
      guard let dimensions = try add(item), inner == nil || inner == dimensions else { return nil }
      inner = dimensions
    }
    return [items.count] + (inner ?? [])
  }

  /// The array of type `wanted`, or the default type; `nil` where a number does not fit.
  func tensor(_ wanted: ElementType?) -> HostTensor? {
    let x64 = Configuration.x64
    let type =
      wanted ?? (hasFloat ? Promotion.defaultFloat(x64: x64) : DTypes.canonical(.i64))
    if type.isFloat { return HostTensor(floats, shape: shape).converted(to: type) }
    guard type.isInteger, !type.isUnsigned, !hasFloat,
      integers.allSatisfy({
        $0 >= type.integerMinimum && $0 <= Int(clamping: type.integerMaximum)
      })
    else { return nil }
    return HostTensor(integers.map { Int64($0) }, shape: shape).converted(to: type)
  }
}

private func distinct(_ dtypes: [DType]) -> [DType] {
  var seen = Set<DType>()
  return dtypes.filter { seen.insert($0).inserted }
}

/// The leaves of nested sequences in order, and the shape that they make.
private func collect(
  _ object: Object, _ wanted: DType?, _ leaves: inout [Operand], _ hasTracer: inout Bool
) throws -> Shape {
  let items: [Object]
  switch object {
  case .list(let list): items = list.items
  case .tuple(let tuple): items = tuple.items
  case .range: items = try list(object)
  default:
    if let wanted, let number = Number(object) {
      leaves.append(Operand(object, value: try literal(number, wanted)))
      return .scalar
    }
    if let number = Number(object), number.exceedsDefaultInteger {
      let type = Promotion.defaultInteger(x64: Configuration.x64)
      throw overflowError("Python integer \(try repr(object)) out of bounds for \(type.numpyName)")
    }
    guard let operand = try Operand(object) else {
      if case .str(let text) = object { throw notAnArray(text.text) }
      throw typeError(
        "Value '\(try repr(object))' with dtype object is not a valid JAX array type. Only arrays "
          + "of numeric types are supported by JAX.")
    }
    if case .tracer = operand.value { hasTracer = true }
    leaves.append(operand)
    return operand.value.shape
  }
  var inner: Shape?
  for item in items {
    let shape = try collect(item, wanted, &leaves, &hasTracer)
    if let inner, inner != shape {
      throw valueError(
        "setting an array element with a sequence. The requested array has an inhomogeneous shape "
          + "after \(1) dimensions. The detected shape was (\(items.count),) + inhomogeneous part.")
    }
    inner = shape
  }
  return Shape([items.count] + (inner?.dimensions ?? []))
}

/// The concrete `leaves` one after the other as an array of `type`.
private func pack(_ leaves: [Operand], _ type: ElementType, _ shape: Shape) throws -> HostTensor {
  var scalars: [Scalar] = []
  scalars.reserveCapacity(shape.count)
  var tensors: [HostTensor] = []
  for leaf in leaves {
    if let number = Number(leaf.object) {
      let value = try literal(number, DType(type))
      if let tensor = try concreteTensor(value) { tensors.append(tensor) }
    } else if let tensor = try concreteTensor(leaf.value) {
      tensors.append(tensor.type == type ? tensor : tensor.converted(to: type))
    }
  }
  let bytes = UnsafeMutableRawBufferPointer.allocate(
    byteCount: max(shape.count * type.byteCount, 1), alignment: 16)
  defer { bytes.deallocate() }
  var offset = 0
  for tensor in tensors {
    UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + tensor.byteCount)])
      .copyMemory(from: tensor.bytes)
    offset += tensor.byteCount
  }
  return HostTensor(
    type: type, shape: shape,
    bytes: UnsafeRawBufferPointer(rebasing: bytes[0..<(shape.count * type.byteCount)]))
}

/// The error for text in place of an array.
private func notAnArray(_ text: String) -> Raised {
  typeError(
    "Value '\(text)' with dtype <U\(max(text.unicodeScalars.count, 1)) is not a valid JAX array "
      + "type. Only arrays of numeric types are supported by JAX.")
}
