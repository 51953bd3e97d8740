import BigInt
import Core
import Syntax
import Tensor

/// A native object that arrays can be made of: NumPy's arrays and scalars.
protocol ArrayConvertible: NativeObject {
  /// The elements; transformations see a constant.
  var elements: HostTensor { get }
  /// Whether a jaxpr prints the value in line: a scalar of the program text.
  var isScalarLiteral: Bool { get }
}

/// The value that a leaf stands for: an array, or a Python number as a weak scalar; `nil` for
/// other objects.
func valueIfNumeric(_ object: Object) throws -> Value? {
  let x64 = Configuration.x64
  switch object {
  case .array(let value): return value
  case .bool(let flag): return .literal(HostTensor(scalar: flag))
  case .int(let number):
    let dtype = Promotion.defaultInteger(x64: x64)
    if !x64 && Int32(exactly: number) == nil {
      throw overflowError("Python int \(number) too large to convert to \(dtype.numpyName)")
    }
    return .literal(
      HostTensor(.int(Int64(number)), type: dtype), weakType: true, isPythonScalar: true)
  case .big(let big):
    throw overflowError("Python int \(big.value) too large to convert to int64")
  case .float(let number):
    return .literal(
      HostTensor(.float(number), type: Promotion.defaultFloat(x64: x64)), weakType: true,
      pythonNumber: number, isPythonScalar: true)
  case .complex(let number):
    let dtype = Promotion.defaultComplex(x64: x64)
    return .literal(
      HostTensor(.complex(.init(number.real, number.imaginary)), type: dtype), weakType: true)
  case .native(let native):
    guard let convertible = native as? any ArrayConvertible else { return nil }
    let tensor = convertible.elements
    let dtype = Promotion.canonicalize(tensor.type, x64: x64)
    let canonical = dtype == tensor.type ? tensor : tensor.converted(to: dtype)
    return convertible.isScalarLiteral || canonical.shape.rank == 0
      ? .literal(canonical) : Value(canonical)
  case .instance(let instance):
    if let base = instance.base { return try valueIfNumeric(base) }
    // An object that knows how to become an array.
    guard let method = instance.cls.lookup("__jax_array__") else { return nil }
    return try valueIfNumeric(call(bindAttribute(method, object, instance.cls), []))
  case .none, .ellipsis, .notImplemented, .str, .bytes, .tuple, .list, .dict, .set, .slice,
    .range, .function, .method, .builtin, .type, .module, .dtype:
    return nil
  }
}

/// The value of an argument of a transformed function.
///
/// - Throws: `TypeError` for objects that are no arrays.
func argumentValue(_ object: Object) throws -> Value {
  if let value = try valueIfNumeric(object) { return value }
  throw typeError(
    "Argument '\(try str(object))' of type <class '\(typeOf(object).displayName)'> is not a valid "
      + "JAX type")
}

/// The values of the operands of the primitive `name`.
///
/// - Throws: `TypeError` for objects that are no arrays.
func operandValues(_ objects: [Object], of name: String) throws -> [Value] {
  try objects.enumerated().map { position, object in
    if let value = try valueIfNumeric(object) { return value }
    throw typeError(
      "Error interpreting argument to \(name) as a JAX value. The problematic value is of type "
        + "<class '\(typeOf(object).displayName)'> and was passed to \(name) at position "
        + "\(position).\n")
  }
}

/// `value` as an object of the program: a number of Python that nothing has changed is one again.
func handedBack(_ value: Value) throws -> Object {
  guard case .array(let array) = value, array.isPythonScalar else { return .array(value) }
  switch try array.tensor()[0] {
  case .int(let number): return .int(Int(number))
  case .float(let number): return .float(array.pythonNumber ?? number)
  case .bool, .uint, .complex: return .array(value)
  }
}

/// `value` as an array of JAX's, also where it stands for a number of Python.
func withoutPythonScalar(_ value: Value) throws -> Value {
  guard case .array(let array) = value, array.isPythonScalar else { return value }
  return .literal(
    try array.tensor(), weakType: array.aval.weakType, pythonNumber: array.pythonNumber)
}

/// The aval of an argument that may also be a `ShapeDtypeStruct`.
func argumentAval(_ object: Object) throws -> ShapedArray {
  if case .native(let spec as ShapeDtypeStruct) = object { return spec.aval }
  return try argumentValue(object).aval
}

extension Function {
  /// The parameters as `(name, kind, has default, default)`; the kinds are numbered as in `inspect`:
  /// positional-only, either way, `*args`, keyword-only, `**kwargs`.
  var parameterDescriptions: [Object] {
    func description(_ name: Symbol, _ kind: Int, _ value: Object? = nil) -> Object {
      .tuple([.str(name.text), .int(kind), .bool(value != nil), value ?? .none])
    }
    let names = code.parameters
    let required = code.positionalCount - defaults.count
    let positional = (0..<code.positionalCount).map { position in
      description(
        names[position], position < code.positionalOnlyCount ? 0 : 1,
        position < required ? nil : defaults[position - required])
    }
    let keywords = (0..<code.keywordOnlyCount).map { position in
      description(names[code.positionalCount + position], 3, keywordDefaults[position])
    }
    let rest = names[(code.positionalCount + code.keywordOnlyCount)...]
    let variadic = code.hasVariadic ? [description(rest.first!, 2)] : []
    return positional + variadic + keywords + (code.hasKeywords ? [description(rest.last!, 4)] : [])
  }

  /// The name of the parameter at a position.
  var positionalNames: [Symbol] { Array(code.parameters.prefix(code.positionalCount)) }
}

/// The `__name__` of a callable, as JAX shows it.
func functionName(_ object: Object) -> String {
  switch object {
  case .function(let function): return function.name
  case .method(let method): return functionName(method.function)
  case .builtin(let builtin): return builtin.name
  case .type(let cls): return cls.name
  case .native(let native as TransformedFunction): return native.name
  case .native(let native as Partial):
    if case .str(let name)? = native.attributes["__name__"] { return name.text }
    return functionName(native.function)
  default:
    if let name = try? getAttribute(object, "__name__"), case .str(let text) = name {
      return text.text
    }
    return "<unnamed function>"
  }
}

/// The names of the parameters that a callable takes by position, where they are known.
func positionalNames(_ object: Object) -> [Symbol] {
  switch object {
  case .function(let function): function.positionalNames
  case .method(let method): Array(positionalNames(method.function).dropFirst())
  case .native(let native as TransformedFunction): positionalNames(native.function)
  case .native(let native as Partial):
    positionalNames(native.function).dropFirst(native.arguments.positional.count).filter { name in
      !native.arguments.keywords.contains { $0.name == name }
    }
  default: []
  }
}

/// A function that a transformation made of another one: it keeps the other's name.
class TransformedFunction: NativeObject {
  let function: Object
  private var attributes = Namespace()

  init(_ function: Object) { self.function = function }

  nonisolated(unsafe) static let functionClass = Class(
    builtin: "function", base: Types.object, module: "builtins")

  override var cls: Class { TransformedFunction.functionClass }
  override var isCallable: Bool { true }

  var name: String {
    if case .str(let name)? = attributes["__name__"] { return name.text }
    return functionName(function)
  }

  /// What the transformation says of itself; `nil` where it shows the function's own text.
  var documentation: String? { nil }

  /// The function's own text, or `None`.
  var originalDocumentation: Object { (try? getAttribute(function, "__doc__")) ?? .none }

  override func attribute(_ name: Symbol) throws -> Object? {
    if let own = attributes[name] { return own }
    switch name.text {
    case "__name__", "__qualname__": return .str(self.name)
    case "__wrapped__": return function
    case "__doc__": return documentation.map { .str(Str($0)) } ?? originalDocumentation
    case "__module__": return (try? getAttribute(function, name)) ?? Object.none
    default: return nil
    }
  }

  override func setAttribute(_ name: Symbol, _ value: Object?) throws {
    attributes[name] = value
  }

  /// As an attribute of a class the function is a method.
  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? {
    instance.map { .method(BoundMethod($0, .native(self))) }
  }

  override func repr() throws -> String { "<function \(name) at \(address(self))>" }
}

/// A call of a function of the program on flat values: rebuilds the arguments, flattens the
/// result.
final class FlatCall {
  let function: Object
  /// What a function is called for: messages about its results say so.
  enum Purpose {
    /// Staging, under this name.
    case staging(String)
    case differentiation, batching
  }

  private let purpose: Purpose
  private let build: ([Object]) throws -> Arguments
  /// The structure of the last result.
  private(set) var outTree = TreeDef.none

  init(
    _ function: Object, for purpose: Purpose = .staging("jit"),
    _ build: @escaping ([Object]) throws -> Arguments
  ) {
    self.function = function
    self.purpose = purpose
    self.build = build
  }

  /// A call with positional arguments in a tree.
  convenience init(
    _ function: Object, for purpose: Purpose = .staging("jit"), positional tree: TreeDef
  ) {
    self.init(function, for: purpose) { Arguments(try list(tree.unflatten($0))) }
  }

  func callAsFunction(_ values: [Value]) throws -> [Value] {
    try results(call(function, build(values.map { .array($0) })))
  }

  /// The leaves of what the function returned.
  func results(_ object: Object) throws -> [Value] {
    let (leaves, tree) = try TreeDef.flatten(object)
    outTree = tree
    return try leaves.enumerated().map { index, leaf in
      if let value = try valueIfNumeric(leaf) { return value }
      let type = "<class '\(typeOf(leaf).displayName)'>"
      switch purpose {
      case .differentiation:
        throw typeError(
          "Argument '\(try Host.str(leaf))' of type \(type) is not a valid JAX type")
      case .batching:
        throw typeError(
          "Output from batched function \(try Host.repr(leaf)) with type \(type) is not a valid "
            + "JAX type")
      case .staging(let name):
        let path = try tree.leafPath(index)
        throw typeError(
          "function \(describedFunction(function)) traced for \(name) returned a value of type "
            + type + (path.isEmpty ? "" : " at output component \(path)")
            + ", which is not a valid JAX type")
      }
    }
  }

  /// The result as an object of the program.
  func unflatten(_ values: [Value]) throws -> Object {
    try outTree.unflatten(values.map { .array($0) })
  }

  /// The same, with numbers of Python that nothing has changed.
  func handBack(_ values: [Value]) throws -> Object {
    try outTree.unflatten(values.map(handedBack))
  }
}

/// A native object that names an element type: `jnp.float32`, `np.int8`.
protocol DTypeConvertible: NativeObject {
  var elementType: ElementType { get }
}

/// The element type that an object names: a dtype, its name, a scalar type, or a Python type.
func elementType(_ object: Object) throws -> ElementType {
  let x64 = Configuration.x64
  switch object {
  case .dtype(let type): return type
  case .str(let name):
    if let type = ElementType(numpy: name.text) { return type }
    switch name.text {
    case "float": return .f64
    case "int": return .i64
    case "complex": return .c128
    default: throw typeError("data type '\(name.text)' not understood")
    }
  case .type(let cls):
    if cls === Types.bool { return .bool }
    if cls === Types.int { return Promotion.defaultInteger(x64: x64) }
    if cls === Types.float { return Promotion.defaultFloat(x64: x64) }
    if cls === Types.complex { return Promotion.defaultComplex(x64: x64) }
    if let type = cls.record as? ElementTypeRecord { return type.elementType }
  case .native(let native):
    if let named = native as? any DTypeConvertible { return named.elementType }
  case .array(let value): return value.dtype
  default: break
  }
  throw typeError("Cannot interpret '\(try repr(object))' as a data type")
}

/// Marks a class as a scalar type.
final class ElementTypeRecord {
  let elementType: ElementType
  init(_ elementType: ElementType) { self.elementType = elementType }
}
