import Core
import Syntax
import Tensor

/// The dtype objects of the program: `x.dtype`, `jnp.float32`, `jnp.floating`.
enum DTypes {
  /// `jnp.float32`: a class that makes arrays of one element type.
  static func scalarType(_ type: ElementType, _ name: String) -> Class {
    let cls = Class(builtin: name, base: scalarBase, module: "jax.numpy")
    cls.record = ElementTypeRecord(type)
    cls.construct = { _, arguments in
      guard let object = arguments.positional.first else {
        return .array(traced(Value(HostTensor.zeros(canonical(type), .scalar))))
      }
      // A number in text: `jnp.float32("nan")`.
      if case .str(let text) = object, type.isFloat {
        let number = try call(.type(Types.float), [.str(text)])
        return try .array(traced(asArray(number, dtype: type)))
      }
      let value = try asArray(object, dtype: type)
      if case .array = object { return .array(value) }
      return .array(traced(value))
    }
    cls["dtype"] = .dtype(type)
    return cls
  }

  nonisolated(unsafe) private static let scalarBase = Class(
    builtin: "_ScalarMeta", base: Types.object, module: "jax.numpy")

  static func canonical(_ type: ElementType) -> ElementType {
    Promotion.canonicalize(type, x64: Configuration.x64)
  }

  /// The names of the scalar types in `jax.numpy`, with their types.
  static let scalarNames: [(String, ElementType)] = [
    ("bool_", .bool), ("int4", .i4), ("int8", .i8), ("int16", .i16), ("int32", .i32),
    ("int64", .i64), ("uint4", .u4), ("uint8", .u8), ("uint16", .u16), ("uint32", .u32),
    ("uint64", .u64), ("float16", .f16), ("bfloat16", .bf16), ("float32", .f32), ("float64", .f64),
    ("complex64", .c64), ("complex128", .c128), ("float8_e3m4", .f8E3M4), ("float8_e4m3", .f8E4M3),
    ("float8_e4m3fn", .f8E4M3FN), ("float8_e4m3fnuz", .f8E4M3FNUZ),
    ("float8_e4m3b11fnuz", .f8E4M3B11FNUZ), ("float8_e5m2", .f8E5M2),
    ("float8_e5m2fnuz", .f8E5M2FNUZ), ("int2", .i2), ("uint2", .u2),
    ("float8_e8m0fnu", .f8E8M0FNU), ("float4_e2m1fn", .f4E2M1FN),
    ("float6_e2m3fn", .f6E2M3FN), ("float6_e3m2fn", .f6E3M2FN),
  ]

  nonisolated(unsafe) static let scalarTypes: [ElementType: Class] = Dictionary(
    uniqueKeysWithValues: scalarNames.map { name, type in
      (type, scalarType(type, name == "bool_" ? "bool" : name))
    })

  // MARK: Kinds

  /// The abstract types, as in NumPy: `floating`, `integer`, ….
  nonisolated(unsafe) static let kinds: [String: Class] = {
    func make(_ name: String, _ base: Class?) -> Class {
      Class(builtin: name, base: base ?? Types.object, module: "numpy")
    }
    let generic = make("generic", nil)
    let number = make("number", generic)
    let integer = make("integer", number)
    let inexact = make("inexact", number)
    return [
      "generic": generic, "number": number, "integer": integer, "inexact": inexact,
      "signedinteger": make("signedinteger", integer),
      "unsignedinteger": make("unsignedinteger", integer),
      "floating": make("floating", inexact),
      "complexfloating": make("complexfloating", inexact), "flexible": make("flexible", generic),
      "character": make("character", generic), "object_": make("object_", generic),
      "extended": make("extended", generic), "prng_key": make("prng_key", generic),
    ]
  }()

  /// `true` iff elements of `type` are of the abstract type `name`.
  private static func isKind(_ type: ElementType, _ name: String) -> Bool {
    switch name {
    case "generic": true
    case "number": type.isNumeric
    case "integer": type.isInteger
    case "signedinteger": type.isSigned
    case "unsignedinteger": type.isUnsigned
    case "inexact": type.isInexact
    case "floating": type.isFloat
    case "complexfloating": type.isComplex
    case "extended", "prng_key": type == .key
    default: false
    }
  }

  /// The abstract type that `object` is.
  private static func kind(_ object: Object) -> Class? {
    guard case .type(let cls) = object, cls.module == "numpy" else { return nil }
    return kinds[cls.name] === cls ? cls : nil
  }

  /// `jnp.issubdtype(a, b)`
  static func isSubtype(_ a: Object, _ b: Object) throws -> Bool {
    if let x = kind(a) {
      guard let y = kind(b) else { return false }
      return x.isSubclass(of: y)
    }
    let type = try plainType(a)
    if let y = kind(b) { return isKind(type, y.name) }
    // Python's types stand for kinds.
    if case .type(let cls) = b {
      if cls === Types.float { return type == .f64 }
      if cls === Types.int { return type == .i64 }
      if cls === Types.complex { return type == .c128 }
    }
    return try type == plainType(b)
  }

  /// The element type that an object names, Python's types being the widest.
  static func plainType(_ object: Object) throws -> ElementType {
    if case .type(let cls) = object {
      if cls === Types.float { return .f64 }
      if cls === Types.int { return .i64 }
      if cls === Types.complex { return .c128 }
    }
    return try elementType(object)
  }
}

/// `a == b` where one is a dtype; `nil` if the other names no dtype.
func compareDTypes(_ a: Object, _ b: Object) throws -> Bool? {
  func type(_ object: Object) -> ElementType? {
    switch object {
    case .none, .array: nil
    default: try? DTypes.plainType(object)
    }
  }
  guard let x = type(a), let y = type(b) else { return false }
  return x == y
}

extension ElementType {
  /// Whether NumPy itself has the type; the package `ml_dtypes` adds the others.
  var isOfNumpy: Bool {
    switch self {
    case .bool, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .f16, .f32, .f64, .c64, .c128: true
    case .i2, .i4, .u2, .u4, .bf16, .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN,
      .f8E4M3FNUZ, .f8E4M3B11FNUZ, .f8E5M2, .f8E5M2FNUZ, .f8E8M0FNU, .float0, .key:
      false
    }
  }
}

func dtypeRepr(_ type: ElementType) -> String {
  if type == .key { return "key<fry>" }
  return type.isOfNumpy ? "dtype('\(type.numpyName)')" : "dtype(\(type.numpyText))"
}

/// The class of `x.dtype`.
enum DTypeType {
  static func make() -> Class {
    let cls = Class(builtin: "dtype", base: Types.object, module: "numpy")
    cls.construct = { _, arguments in
      .dtype(try DTypes.plainType(arguments.positional.first ?? .none))
    }
    func type(_ object: Object) -> ElementType {
      if case .dtype(let type) = object { type } else { .f32 }
    }
    cls.property("name") { .str(type($0).numpyName) }
    cls.property("itemsize") { .int(type($0).byteCount) }
    cls.property("type") { object in
      .type(NumpyTypes.scalar(type(object)))
    }
    cls.property("kind") { object in
      let type = type(object)
      // Types that NumPy does not have itself are void to it.
      if type == .bf16 || type.bitWidth < 8 && type != .bool { return .str("V") }
      switch type.kind {
      case .bool: return .str("b")
      case .signed: return .str("i")
      case .unsigned: return .str("u")
      case .float: return .str("f")
      case .complex: return .str("c")
      case .float0, .key: return .str("V")
      }
    }
    cls.property("char") { .str(String(type($0).numpyName.first ?? "V")) }
    return cls
  }
}
