import Core
import Syntax
import Tensor

extension ArrayModule {
  /// Dtypes: what they are called, and what follows from them.
  static func defineTypes(in module: ModuleObject) {
    for (name, type) in DTypes.scalarNames {
      module[Symbol(name)] = DTypes.scalarTypes[type].map { .type($0) }
    }
    for (name, cls) in DTypes.kinds { module[Symbol(name)] = .type(cls) }
    module["float0"] = .dtype(.float0)
    module["dtype"] = .type(Types.dtype)
    module.def("finfo(dtype)") { a in
      let type = try a[0].map { try dtype($0).type } ?? .f32
      guard type.isInexact else {
        throw valueError("data type \(try repr(a[0] ?? .none)) not inexact")
      }
      return .native(FloatInformation(type))
    }
    module.def("iinfo(dtype)") { a in
      let type = try a[0].map { try dtype($0).type } ?? .i32
      guard type.isInteger else {
        throw valueError("Invalid integer data type '\(type.numpyName.prefix(1))'.")
      }
      return .native(IntegerInformation(type))
    }
    module.def("issubdtype(a, b)") { a in
      .bool(try DTypes.isSubtype(a[0] ?? .none, a[1] ?? .none))
    }
    module.def("isdtype(dtype, kind)") { a in
      let type = try elementType(a[0] ?? .none)
      func matches(_ kind: Object) throws -> Bool {
        switch kind {
        case .tuple(let kinds): return try kinds.items.contains { try matches($0) }
        case .str(let name):
          switch name.text {
          case "bool": return type == .bool
          case "signed integer": return type.isSigned
          case "unsigned integer": return type.isUnsigned
          case "integral": return type.isInteger
          case "real floating": return type.isFloat
          case "complex floating": return type.isComplex
          case "numeric": return type.isNumeric
          default: throw valueError("Unrecognized kind: \(name.text)")
          }
        default: return try type == elementType(kind)
        }
      }
      return .bool(try matches(a[1] ?? .none))
    }
    module.def("promote_types(a, b)") { a in
      .dtype(
        try promotedType([pythonWeak(a[0] ?? .none), pythonWeak(a[1] ?? .none)]).type)
    }
    module.def("result_type(*args, return_weak_type_flag=)") { a in
      let result = try promotedType(list(a[1] ?? .none).map(pythonWeak))
      return try a[0].map(isTrue) ?? false
        ? .tuple([.dtype(result.type), .bool(result.isWeak)]) : .dtype(result.type)
    }
    module.def("result_dtype_weak(*args)") { a in
      let result = try promotedType(list(a[0] ?? .none).map(dtype))
      return .tuple([.dtype(result.type), .bool(result.isWeak)])
    }
    module.def("canonical_result_type(*args)") { a in
      .dtype(try promotedType(list(a[0] ?? .none).map(pythonWeak)).type)
    }
    module.def("can_cast(from_, to, casting=)") { a in
      let (from, to) = (try dtype(a[0] ?? .none).type, try elementType(a[1] ?? .none))
      // As in NumPy: floats hold the integers of half their width, the widest all integers.
      let fits =
        !from.isInteger || !to.isInexact || to.realPart == .f64
        || from.bitWidth < to.realPart.bitWidth
      return .bool(fits && Promotion.promote(from, to, x64: true) == to)
    }
    module.def("int_dtype()") { _ in
      .dtype(Promotion.defaultInteger(x64: Configuration.x64))
    }
    module.def("float_dtype()") { _ in .dtype(Promotion.defaultFloat(x64: Configuration.x64)) }
    module.def("dtype_of(x)") { a in
      // A dtype with no object; canonical for host values.
      .dtype(try dtype(a[0] ?? .none).type)
    }
    module.def("to_inexact_dtype(dtype)") { a in
      .dtype(inexactType(DType(try elementType(a[0] ?? .none))).type)
    }
    module.def("real_dtype(dtype)") { a in .dtype(try elementType(a[0] ?? .none).realPart) }
    module.def("integer_sum_dtype(dtype)") { a in
      let type = try elementType(a[0] ?? .none)
      let x64 = Configuration.x64
      if type == .bool || type.isSigned {
        let wide = Promotion.defaultInteger(x64: x64)
        return .dtype(type.bitWidth > wide.bitWidth ? type : wide)
      }
      if type.isUnsigned {
        let wide = Promotion.defaultUnsigned(x64: x64)
        return .dtype(type.bitWidth > wide.bitWidth ? type : wide)
      }
      return .dtype(type)
    }
    module.def("check_user_dtype(dtype, name=)") { a in
      let type = try elementType(a[0] ?? .none)
      let canonical = DTypes.canonical(type)
      if canonical != type {
        switch a[0] {
        case .type(let cls)?
        where cls === Types.float || cls === Types.int || cls === Types.complex:
          break
        default:
          Warnings.warn(
            """
            Explicitly requested dtype \(type.numpyName) requested in \
            \(try a[1].map(str) ?? "array") is not available, and will be truncated to dtype \
            \(canonical.numpyName). To enable more dtypes, set the jax_enable_x64 configuration \
            option or the JAX_ENABLE_X64 shell environment variable. See \
            https://github.com/jax-ml/jax#current-gotchas for more.
            """)
        }
      }
      return .dtype(canonical)
    }
    module.def("type_name(x)") { a in
      .str(try Operand(a[0] ?? .none)?.value.aval.longDescription ?? typeOf(a[0] ?? .none).name)
    }
  }

  /// Like `dtype`, with Python's own types weak.
  private static func pythonWeak(_ object: Object) throws -> DType {
    if case .type(let cls) = object,
      cls === Types.int || cls === Types.float || cls === Types.complex
    {
      return DType(try elementType(object), isWeak: true)
    }
    return try dtype(object)
  }
}
