import Core
import Primitives
import Tensor

extension ArrayModule {
  /// Arrays from Python values.
  static func defineConstants(in module: ModuleObject) {
    module.def("asarray(x, dtype=)") { a in
      let dtype = try a[1].given.map(elementType)
      return .array(try asArray(a[0] ?? .none, dtype: dtype))
    }
    module.def("constant(x, dtype=)") { a in
      let dtype = try a[1].given.map(elementType)
      let value = try asArray(a[0] ?? .none, dtype: dtype)
      // A Python number stays weak; everything else is strong.
      if dtype == nil, let object = a[0], Number(object) != nil { return .array(traced(value)) }
      return try .array(traced(strengthened(value)))
    }
    module.def("scalar(value, dtype)") { a in
      .array(try scalar(a[0] ?? .none, DType(DTypes.canonical(try elementType(a[1] ?? .none)))))
    }
    module.def("scalar_like(x, value)") { a in
      let like = try asArray(a[0] ?? .none)
      return .array(
        try scalar(a[1] ?? .none, DType(like.dtype, isWeak: like.aval.weakType)))
    }
    module.def("full_value(value, dtype=)") { a in
      guard let dtype = a[1], !dtype.isNone else { return .array(try asArray(a[0] ?? .none)) }
      return .array(
        try scalar(a[0] ?? .none, DType(DTypes.canonical(try elementType(dtype)))))
    }
    module.def("zero_tangent(x)") { a in
      let value = try asArray(a[0] ?? .none)
      return .array(Value(HostTensor.zeros(value.aval.tangent.dtype, value.shape)))
    }
    module.def("view(x, dtype=)") { a in
      let value = try asArray(a[0] ?? .none)
      guard let dtype = a[1], !dtype.isNone else { return .array(value) }
      return .array(
        try bind1(BitcastConvertType(DTypes.canonical(try elementType(dtype))), value))
    }
    module.def("item(x, *args)") { a in
      try arrayItemMethod(asArray(a[0] ?? .none), list(a[1] ?? .none))
    }
  }

  /// A Python number loses its weakness in `jnp.array`.
  private static func strengthened(_ value: Value) throws -> Value {
    value.aval.weakType ? try converting(value, to: DType(value.dtype)) : value
  }

  static func scalar(_ object: Object, _ dtype: DType) throws -> Value {
    if let number = Number(object) {
      if dtype.type == .key,
        case .int(let word)? = try scalar(object, DType(.u32)).concrete?.tensor().item
      {
        // Each word of a key is the number.
        return .literal(HostTensor(.int(word << 32 | word), type: .key))
      }
      // Numbers are converted as XLA does; infinities stay, integers wrap.
      if let word = try number.wrapped, dtype.type.isInteger || dtype.type == .bool {
        return .literal(HostTensor(.int(word), type: dtype.type), weakType: dtype.isWeak)
      }
      return try literal(number, dtype)
    }
    return try converting(asArray(object), to: dtype)
  }
}
