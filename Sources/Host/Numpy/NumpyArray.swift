import Syntax
import Tensor

/// A NumPy array on the host: a view of elements that it may share with other arrays, so that
/// assignments show in all of them.
final class NumpyArray: NativeObject, ArrayConvertible {
  /// The memory that views share.
  let buffer: Buffer
  let type: ElementType
  let shape: Shape
  /// Distances between neighbours along each axis, in elements.
  let strides: [Int]
  /// The position of the first element.
  let offset: Int
  /// Whether this is a scalar such as `np.float32(1)`, not an array of rank 0.
  let isScalar: Bool

  init(
    buffer: Buffer, type: ElementType, shape: Shape, strides: [Int], offset: Int,
    isScalar: Bool = false
  ) {
    self.buffer = buffer
    self.type = type
    self.shape = shape
    self.strides = strides
    self.offset = offset
    self.isScalar = isScalar
  }

  /// Owns the elements of `tensor`, which nothing else may use afterwards.
  convenience init(_ tensor: HostTensor, isScalar: Bool = false) {
    self.init(
      buffer: tensor.buffer, type: tensor.type, shape: tensor.shape,
      strides: tensor.shape.strides, offset: 0, isScalar: isScalar)
  }

  /// A copy: the program may still change the array.
  var elements: HostTensor { copied }
  var isScalarLiteral: Bool { isScalar }

  var rank: Int { shape.rank }
  var elementCount: Int { shape.count }
  var isContiguous: Bool { strides == shape.strides }

  /// The elements in row-major order: shared memory where these are consecutive, else a copy. To
  /// be read before the array changes.
  var tensor: HostTensor {
    if isContiguous && offset == 0 { return HostTensor(type: type, shape: shape, buffer: buffer) }
    return copied
  }

  /// The elements in row-major order, in memory of their own.
  var copied: HostTensor {
    let whole = HostTensor(
      type: type, shape: [buffer.byteCount / max(type.byteCount, 1)], buffer: buffer)
    return whole.strided(shape: shape, strides: strides, offset: offset)
  }

  /// Another view of the same memory.
  func view(shape: Shape, strides: [Int], offset: Int? = nil) -> NumpyArray {
    NumpyArray(
      buffer: buffer, type: type, shape: shape, strides: strides, offset: offset ?? self.offset)
  }

  /// The positions of the elements in the buffer, in row-major order.
  var positions: [Int] {
    var positions = [offset]
    for (extent, stride) in zip(shape.dimensions, strides) {
      positions = positions.flatMap { base in (0..<extent).map { base + $0 * stride } }
    }
    return positions
  }

  /// Overwrites the elements with those of `values`, broadcast and converted.
  func assign(_ values: HostTensor) throws {
    let source = try broadcast(values.converted(to: type), to: shape, "input array")
    let size = type.byteCount
    for (i, position) in positions.enumerated() {
      (buffer.address + position * size)
        .copyMemory(from: source.buffer.address + i * size, byteCount: size)
    }
  }

  // MARK: Python's protocols

  override var cls: Class { isScalar ? NumpyTypes.scalar(type) : NumpyTypes.ndarray }

  override func repr() throws -> String {
    guard isScalar else { return tensor.numpyRepr(ArrayPrinting.options) }
    let text = try str()
    guard type.isOfNumpy else { return text }
    if type == .bool { return "np.\(text)_" }
    if type.isComplex {
      return text.hasPrefix("(") ? "np.\(type.numpyName)\(text)" : "np.\(type.numpyName)(\(text))"
    }
    return "np.\(type.numpyName)(\(text))"
  }

  override func str() throws -> String { tensor.text(ArrayPrinting.options) }

  override func format(_ specification: String) throws -> String {
    if specification.isEmpty && rank > 0 { return try str() }
    guard rank == 0 else {
      throw typeError("unsupported format string passed to numpy.ndarray.__format__")
    }
    return try Host.format(pythonScalar(tensor[0]), specification)
  }

  override func truth() throws -> Bool {
    guard elementCount == 1 else {
      throw valueError(
        elementCount == 0
          ? "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty."
          : "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
      )
    }
    return tensor[0].isTrue
  }

  override func count() throws -> Int? {
    guard let first = shape.dimensions.first else {
      throw typeError(
        isScalar ? "object of type '\(cls.name)' has no len()" : "len() of unsized object")
    }
    return first
  }

  override func indexValue() throws -> Int? {
    guard rank == 0, type.isInteger else {
      throw typeError("only integer scalar arrays can be converted to a scalar index")
    }
    return tensor[0].int
  }

  /// The value as a Python number.
  override func numericValue() throws -> Object? {
    guard elementCount == 1 else {
      throw typeError("only 0-dimensional arrays can be converted to Python scalars")
    }
    return pythonScalar(tensor[0])
  }

  override func hash() throws -> Int {
    guard isScalar else { throw typeError("unhashable type: 'numpy.ndarray'") }
    return try Host.hash(pythonScalar(tensor[0]))
  }

  override func iterator() throws -> ObjectIterator {
    guard rank > 0 else {
      throw typeError(
        isScalar ? "'\(cls.displayName)' object is not iterable" : "iteration over a 0-d array")
    }
    var position = 0
    return ClosureIterator("iterator") { [self] in
      guard position < shape[0] else { return nil }
      position += 1
      return try self.item(.int(position - 1))
    }
  }

  override func contains(_ object: Object) throws -> Bool? {
    guard let equal = try compare(.equal, object), case .native(let result as NumpyArray) = equal
    else { return false }
    return result.tensor.elements(as: Bool.self).contains(true)
  }

  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    // A JAX array takes the operation over.
    if case .array = other { return nil }
    // A whole number is a count beside a sequence.
    if op == .multiply, isScalar, type.isInteger, other.isSequence { return nil }
    guard let operand = try NumpyOperand(other) else { return nil }
    let own = NumpyOperand(tensor)
    let result = try numpyBinary(
      op, reflected ? operand : own, reflected ? own : operand)
    return wrapped(result)
  }

  override func augmented(_ op: BinaryOperator, _ other: Object) throws -> Object? {
    if isScalar { return nil }
    if case .array = other { return nil }
    guard let operand = try NumpyOperand(other) else { return nil }
    let result = try numpyBinary(op, NumpyOperand(tensor), operand)
    guard numpyCanCast(result.type, to: type) else {
      throw raised(
        "TypeError",
        """
        Cannot cast ufunc '\(op.numpyName)' output from dtype('\(result.type.numpyName)') to \
        dtype('\(type.numpyName)') with casting rule 'same_kind'
        """)
    }
    guard result.shape == shape else {
      throw valueError(
        """
        non-broadcastable output operand with shape \(shapeText(shape)) doesn't match the \
        broadcast shape \(shapeText(result.shape))
        """)
    }
    try assign(result)
    return .native(self)
  }

  override func unary(_ op: UnaryOperator) throws -> Object? {
    wrapped(try numpyUnary(op, tensor))
  }

  override func compare(_ op: ComparisonOperator, _ other: Object) throws -> Object? {
    if case .array = other { return nil }
    guard let operand = try NumpyOperand(other) else { return nil }
    return wrapped(try numpyCompare(op, NumpyOperand(tensor), operand))
  }

  override func item(_ key: Object) throws -> Object {
    if isScalar, case .tuple(let keys) = key, keys.items.isEmpty { return .native(self) }
    return try selected(key)
  }

  override func setItem(_ key: Object, _ value: Object?) throws {
    guard let value else { throw valueError("cannot delete array elements") }
    try assign(value, at: key)
  }
}

/// The result of an operation: arrays of rank 0 become scalars.
func wrapped(_ tensor: HostTensor) -> Object {
  .native(NumpyArray(tensor, isScalar: tensor.shape.rank == 0))
}

/// The shape as a Python tuple.
func shapeText(_ shape: Shape) -> String {
  let extents = shape.dimensions.map(String.init).joined(separator: ",")
  return shape.rank == 1 ? "(\(extents),)" : "(\(extents))"
}

/// The elements of `tensor`, repeated as NumPy broadcasts them.
func broadcast(_ tensor: HostTensor, to shape: Shape, _ what: String = "array") throws -> HostTensor
{
  if tensor.shape == shape { return tensor }
  var own = tensor.shape.dimensions
  // Leading axes of extent 1 do not count when an assignment broadcasts.
  while own.count > shape.rank && own.first == 1 { own.removeFirst() }
  let lead = shape.rank - own.count
  let fits = lead >= 0 && own.indices.allSatisfy { own[$0] == 1 || own[$0] == shape[lead + $0] }
  guard fits else {
    throw valueError(
      "could not broadcast \(what) from shape \(shapeText(tensor.shape)) into shape \(shapeText(shape))"
    )
  }
  return tensor.reshaped(Shape(own))
    .broadcast(to: shape, dimensions: own.indices.map { lead + $0 })
}

/// The shape that several shapes broadcast to.
func broadcastShapes(_ shapes: [Shape]) throws -> Shape {
  let rank = shapes.map(\.rank).max() ?? 0
  var result = [Int](repeating: 1, count: rank)
  for shape in shapes {
    for (i, extent) in shape.dimensions.enumerated() {
      let axis = rank - shape.rank + i
      if result[axis] == 1 {
        result[axis] = extent
      } else if extent != 1 && extent != result[axis] {
        let text = shapes.map(shapeText).joined(separator: " ")
        throw valueError("operands could not be broadcast together with shapes \(text) ")
      }
    }
  }
  return Shape(result)
}
