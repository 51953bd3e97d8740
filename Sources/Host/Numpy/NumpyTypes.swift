import Syntax
import Tensor

/// NumPy's classes: `ndarray`, the scalar types and the abstract classes above them.
enum NumpyTypes {
  nonisolated(unsafe) static let generic = abstract("generic", Types.object)
  nonisolated(unsafe) static let number = abstract("number", generic)
  nonisolated(unsafe) static let integer = abstract("integer", number)
  nonisolated(unsafe) static let signedInteger = abstract("signedinteger", integer)
  nonisolated(unsafe) static let unsignedInteger = abstract("unsignedinteger", integer)
  nonisolated(unsafe) static let inexact = abstract("inexact", number)
  nonisolated(unsafe) static let floating = abstract("floating", inexact)
  nonisolated(unsafe) static let complexFloating = abstract("complexfloating", inexact)

  private static func abstract(_ name: String, _ base: Class) -> Class {
    Class(builtin: name, base: base, module: "numpy")
  }

  /// `np.ndarray`
  nonisolated(unsafe) static let ndarray: Class = {
    let cls = Class(builtin: "ndarray", base: Types.object, module: "numpy")
    addNumpyMembers(cls)
    return cls
  }()

  /// The class of scalars of `type`: `np.float32`.
  static func scalar(_ type: ElementType) -> Class { table[type] ?? generic }

  /// The element type that a scalar class names.
  static func elementType(of cls: Class) -> ElementType? { types[ObjectIdentifier(cls)] }

  private nonisolated(unsafe) static let table: [ElementType: Class] = {
    var table: [ElementType: Class] = [:]
    for type in ElementType.allCases where type != .key && type != .float0 {
      let base: Class
      switch type.kind {
      case .bool, .float0, .key: base = generic
      case .signed: base = signedInteger
      case .unsigned: base = unsignedInteger
      case .float: base = floating
      case .complex: base = complexFloating
      }
      let cls = Class(builtin: type.numpyName, base: base, module: "numpy")
      cls.construct = { _, arguments in
        let a = try Signature("\(type.numpyName)(x=, /)").bind(arguments)
        guard let given = a[0] else { return wrapped(HostTensor.zeros(type, .scalar)) }
        return wrapped(try NumpyArray.from(given, type: type).copied)
      }
      addNumpyMembers(cls)
      table[type] = cls
    }
    return table
  }()

  private static let types: [ObjectIdentifier: ElementType] =
    Dictionary(uniqueKeysWithValues: table.map { (ObjectIdentifier($1), $0) })
}

/// The element type that `object` names where NumPy expects a dtype, or `nil`.
///
/// Objects with a `dtype` attribute (such as `jnp.float32`) stand for it.
func numpyElementType(_ object: Object) throws -> ElementType? {
  switch object {
  case .dtype(let type): return type
  case .str(let text): return ElementType(numpy: text.text)
  case .type(let cls):
    if cls === Types.bool { return .bool }
    if cls === Types.int { return .i64 }
    if cls === Types.float { return .f64 }
    if cls === Types.complex { return .c128 }
    if let type = NumpyTypes.elementType(of: cls) { return type }
  default: break
  }
  if case .dtype(let type)? = try lookupAttribute(object, "dtype") { return type }
  return nil
}

/// The element type that the argument `dtype` asks for; `nil` where none is given.
func numpyDType(_ object: Object?) throws -> ElementType? {
  guard let object, !object.isNone else { return nil }
  guard let type = try numpyElementType(object) else {
    throw typeError("Cannot interpret '\(try repr(object))' as a data type")
  }
  return type
}
