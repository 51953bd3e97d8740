import Syntax
import Tensor

/// NumPy's classes: `ndarray`, the scalar types and the abstract classes above them.
enum NumpyTypes {
  static var generic: Class { abstract("generic") }
  static var number: Class { abstract("number") }
  static var integer: Class { abstract("integer") }
  static var signedInteger: Class { abstract("signedinteger") }
  static var unsignedInteger: Class { abstract("unsignedinteger") }
  static var inexact: Class { abstract("inexact") }
  static var floating: Class { abstract("floating") }
  static var complexFloating: Class { abstract("complexfloating") }

  private static func abstract(_ name: String) -> Class { DTypes.kinds[name] ?? Types.object }

  /// `np.ndarray`
  nonisolated(unsafe) static let ndarray: Class = {
    let cls = Class(builtin: "ndarray", base: Types.object, module: "numpy")
    NumpyMethods.define(of: cls)
    return cls
  }()

  /// The class of scalars of `type`: `np.float32`.
  static func scalar(_ type: ElementType) -> Class { table[type] ?? generic }

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
      let cls = Class(
        builtin: type.numpyName, base: base, module: type.isOfNumpy ? "numpy" : "ml_dtypes")
      let signature = Signature("\(type.numpyName)(x=, /)")
      cls.construct = { _, arguments in
        let a = try signature.bind(arguments)
        guard let given = a[0] else { return wrapped(HostTensor.zeros(type, .scalar)) }
        return wrapped(try NumpyArray.from(given, type: type).copied)
      }
      cls.record = ElementTypeRecord(type)
      NumpyMethods.define(of: cls)
      table[type] = cls
    }
    return table
  }()
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
    if let record = cls.record as? ElementTypeRecord { return record.elementType }
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
