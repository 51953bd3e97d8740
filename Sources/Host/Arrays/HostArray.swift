import Core
import Syntax
import Tensor

/// An array of NumPy on the host, or one of its scalars. Operators compute as JAX does.
final class HostArray: NativeObject, ArrayConvertible {
  private let elements: HostTensor
  let isScalar: Bool

  init(_ elements: HostTensor, isScalar: Bool = false) {
    self.elements = elements
    self.isScalar = isScalar
  }

  nonisolated(unsafe) static let arrayType = Class(
    builtin: "ndarray", base: Types.object, module: "numpy")

  override var cls: Class { HostArray.arrayType }

  func tensor() throws -> HostTensor { elements }
  var isScalarLiteral: Bool { isScalar }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "shape": return .ints(elements.shape.dimensions)
    case "dtype": return .dtype(elements.type)
    case "ndim": return .int(elements.shape.rank)
    case "size": return .int(elements.count)
    case "itemsize": return .int(elements.type.byteCount)
    case "nbytes": return .int(elements.byteCount)
    case "tolist": return .builtin(Builtin("tolist()") { [self] _ in nestedList(elements) })
    case "item":
      return .builtin(
        Builtin("item(*args)") { [self] a in
          try arrayItemMethod(Value(elements), list(a[0] ?? .none))
        })
    case "__float__":
      return .builtin(Builtin("__float__()") { [self] _ in .float(elements.item?.double ?? .nan) })
    case "__array__": return .native(self)
    default:
      // Methods compute with a copy of the elements.
      guard let found = try arrayAttribute(Value(elements), name) else { return nil }
      return found
    }
  }

  override func iterator() throws -> ObjectIterator {
    let inner = try iterateArray(.array(Value(elements)))
    return ClosureIterator("iterator") { try inner.next().map(HostArray.hosted) }
  }
  override func count() throws -> Int? { elements.shape.dimensions.first }
  override func truth() throws -> Bool { try arrayTruth(Value(elements)) }
  override func item(_ key: Object) throws -> Object {
    try HostArray.hosted(Host.item(.array(Value(elements)), key))
  }

  /// The concrete array `object` as a host array.
  static func hosted(_ object: Object) throws -> Object {
    guard case .array(.array(let array)) = object else { return object }
    let tensor = try array.tensor()
    return .native(HostArray(tensor, isScalar: tensor.shape.rank == 0))
  }

  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    let own = Object.array(isScalar ? .literal(elements) : Value(elements))
    if case .array = other {
      return try reflected ? binaryArrays(op, other, own) : binaryArrays(op, own, other)
    }
    var right = other
    if case .native(let host as HostArray) = other { right = .array(Value(try host.tensor())) }
    guard let result = try reflected ? binaryArrays(op, right, own) : binaryArrays(op, own, right)
    else { return nil }
    return try HostArray.hosted(result)
  }

  override func unary(_ op: UnaryOperator) throws -> Object? {
    try HostArray.hosted(unaryArray(op, .array(Value(elements))))
  }

  override func compare(_ op: ComparisonOperator, _ other: Object) throws -> Object? {
    var right = other
    if case .native(let host as HostArray) = other { right = .array(Value(try host.tensor())) }
    guard let result = try compareArrays(op, .array(Value(elements)), right) else { return nil }
    if case .array = other { return result }
    return try HostArray.hosted(result)
  }

  override func hash() throws -> Int {
    guard isScalar, let item = elements.item else { throw typeError("unhashable type: 'numpy.ndarray'") }
    return try Host.hash(pythonScalar(item))
  }

  override func repr() throws -> String {
    guard isScalar else { return elements.numpyRepr(ArrayPrinting.options) }
    return "np.\(elements.type == .bool ? "bool" : elements.type.numpyName)(\(elements.elementText(0)))"
  }
  override func str() throws -> String { elements.text(ArrayPrinting.options) }
}
