extension ElementType {
  /// The name in StableHLO: `i1`, `ui8`, `f32`, `complex<f32>`, `f8E4M3FN`.
  ///
  /// Keys have none (they lower to `tensor<…x2xui32>`); `float0` lowers to `i1`.
  public var stablehloName: String {
    switch self {
    case .bool, .float0: "i1"
    case .i2: "i2"
    case .i4: "i4"
    case .i8: "i8"
    case .i16: "i16"
    case .i32: "i32"
    case .i64: "i64"
    case .u2: "ui2"
    case .u4: "ui4"
    case .u8: "ui8"
    case .u16: "ui16"
    case .u32: "ui32"
    case .u64: "ui64"
    case .f4E2M1FN: "f4E2M1FN"
    case .f6E2M3FN: "f6E2M3FN"
    case .f6E3M2FN: "f6E3M2FN"
    case .f8E3M4: "f8E3M4"
    case .f8E4M3: "f8E4M3"
    case .f8E4M3FN: "f8E4M3FN"
    case .f8E4M3FNUZ: "f8E4M3FNUZ"
    case .f8E4M3B11FNUZ: "f8E4M3B11FNUZ"
    case .f8E5M2: "f8E5M2"
    case .f8E5M2FNUZ: "f8E5M2FNUZ"
    case .f8E8M0FNU: "f8E8M0FNU"
    case .bf16: "bf16"
    case .f16: "f16"
    case .f32: "f32"
    case .f64: "f64"
    case .c64: "complex<f32>"
    case .c128: "complex<f64>"
    case .key: "ui32"
    }
  }

  /// The name in jaxprs and in the types of arrays: `bool`, `u8`, `f32`, `c64`, `key<fry>`.
  public var jaxprName: String {
    switch self {
    case .bool: "bool"
    case .i2, .i4, .i8, .i16, .i32, .i64, .bf16, .f16, .f32, .f64: stablehloName
    case .u2: "u2"
    case .u4: "u4"
    case .u8: "u8"
    case .u16: "u16"
    case .u32: "u32"
    case .u64: "u64"
    case .f4E2M1FN: "f4_e2m1fn"
    case .f6E2M3FN: "f6_e2m3fn"
    case .f6E3M2FN: "f6_e3m2fn"
    case .f8E3M4: "f8_e3m4"
    case .f8E4M3: "f8_e4m3"
    case .f8E4M3FN: "f8_e4m3fn"
    case .f8E4M3FNUZ: "f8_e4m3fnuz"
    case .f8E4M3B11FNUZ: "f8_e4m3b11fnuz"
    case .f8E5M2: "f8_e5m2"
    case .f8E5M2FNUZ: "f8_e5m2fnuz"
    case .f8E8M0FNU: "f8_e8m0fnu"
    case .c64: "c64"
    case .c128: "c128"
    case .float0: "float0"
    case .key: "key<fry>"
    }
  }

  /// The name of the NumPy dtype: `bool`, `uint8`, `float32`, `complex64`, `float8_e4m3fn`.
  public var numpyName: String {
    switch self {
    case .bool: "bool"
    case .i2: "int2"
    case .i4: "int4"
    case .i8: "int8"
    case .i16: "int16"
    case .i32: "int32"
    case .i64: "int64"
    case .u2: "uint2"
    case .u4: "uint4"
    case .u8: "uint8"
    case .u16: "uint16"
    case .u32: "uint32"
    case .u64: "uint64"
    case .f4E2M1FN: "float4_e2m1fn"
    case .f6E2M3FN: "float6_e2m3fn"
    case .f6E3M2FN: "float6_e3m2fn"
    case .f8E3M4: "float8_e3m4"
    case .f8E4M3: "float8_e4m3"
    case .f8E4M3FN: "float8_e4m3fn"
    case .f8E4M3FNUZ: "float8_e4m3fnuz"
    case .f8E4M3B11FNUZ: "float8_e4m3b11fnuz"
    case .f8E5M2: "float8_e5m2"
    case .f8E5M2FNUZ: "float8_e5m2fnuz"
    case .f8E8M0FNU: "float8_e8m0fnu"
    case .bf16: "bfloat16"
    case .f16: "float16"
    case .f32: "float32"
    case .f64: "float64"
    case .c64: "complex64"
    case .c128: "complex128"
    case .float0: "void"
    case .key: "key<fry>"
    }
  }

  /// What `str` of the NumPy dtype says: the name, or the fields of a structure.
  public var numpyText: String { self == .float0 ? "[('float0', 'V')]" : numpyName }

  /// The type with the given StableHLO name; `ui…` may also be spelled `u…`.
  public init?(stablehlo name: some StringProtocol) {
    guard let type = ElementType.byStablehloName[String(name)] else { return nil }
    self = type
  }

  /// The type with the given name in jaxprs.
  public init?(jaxpr name: some StringProtocol) {
    guard let type = ElementType.byJaxprName[String(name)] else { return nil }
    self = type
  }

  /// The type with the given NumPy name; the aliases and type codes that NumPy's `dtype` accepts
  /// (`int`, `float`, `f4`, `<f4`, `single`, …) are understood too.
  public init?(numpy name: some StringProtocol) {
    guard let type = ElementType.byNumpyName[String(name)] else { return nil }
    self = type
  }

  private static let byStablehloName: [String: ElementType] = {
    var names: [String: ElementType] = [:]
    for type in allCases where type != .float0 && type != .key {
      names[type.stablehloName] = type
      if type.isUnsigned { names[type.jaxprName] = type }
    }
    return names
  }()

  private static let byJaxprName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.jaxprName, $0) })

  private static let byNumpyName: [String: ElementType] = {
    var names = Dictionary(uniqueKeysWithValues: allCases.map { ($0.numpyName, $0) })
    let aliases: [(ElementType, [String])] = [
      (.bool, ["bool_", "?", "b1"]),
      (.i8, ["byte", "b", "i1"]), (.i16, ["short", "h", "i2"]), (.i32, ["intc", "i", "i4"]),
      (.i64, ["int", "int_", "long", "longlong", "l", "q", "i8"]),
      (.u8, ["ubyte", "B", "u1"]), (.u16, ["ushort", "H", "u2"]), (.u32, ["uintc", "I", "u4"]),
      (.u64, ["uint", "ulong", "ulonglong", "L", "Q", "u8"]),
      (.f16, ["half", "e", "f2"]), (.f32, ["single", "f", "f4"]),
      (.f64, ["float", "float_", "double", "d", "f8"]),
      (.c64, ["csingle", "F", "c8"]), (.c128, ["complex", "cdouble", "D", "c16"]),
      (.f8E5M2, ["f1"]),
    ]
    for (type, spellings) in aliases {
      for spelling in spellings {
        names[spelling] = type
        let isSized = spelling.count > 1 && spelling.last?.isNumber == true
        if isSized {
          for order in ["<", "=", "|"] { names[order + spelling] = type }
        }
      }
    }
    return names
  }()
}

extension ElementType: CustomStringConvertible {
  /// The name in jaxprs.
  public var description: String { jaxprName }
}
