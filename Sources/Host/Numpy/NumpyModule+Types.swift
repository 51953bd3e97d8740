import Syntax
import Tensor

extension NumpyModule {
  /// Classes, dtypes and what follows from them.
  static func defineTypes(in module: ModuleObject) {
    module["ndarray"] = .type(NumpyTypes.ndarray)
    for cls in [
      NumpyTypes.generic, NumpyTypes.number, NumpyTypes.integer, NumpyTypes.signedInteger,
      NumpyTypes.unsignedInteger, NumpyTypes.inexact, NumpyTypes.floating,
      NumpyTypes.complexFloating,
    ] {
      module[Symbol(cls.name)] = .type(cls)
    }
    for type in ElementType.allCases where type.isOfNumpy {
      module[Symbol(type.numpyName)] = .type(NumpyTypes.scalar(type))
    }
    for (alias, type) in [
      ("bool_", ElementType.bool), ("int_", .i64), ("intc", .i32), ("intp", .i64), ("uint", .u64),
      ("half", .f16), ("single", .f32), ("double", .f64), ("csingle", .c64), ("cdouble", .c128),
      ("byte", .i8), ("ubyte", .u8), ("short", .i16), ("longlong", .i64), ("float_", .f64),
    ] {
      module[Symbol(alias)] = .type(NumpyTypes.scalar(type))
    }
    if Types.dtype.construct == nil {
      let signature = Signature("dtype(dtype, /)")
      Types.dtype.construct = { _, arguments in
        let a = try signature.bind(arguments)
        return .dtype(try numpyDType(a[0]) ?? .f64)
      }
    }
    module["dtype"] = .type(Types.dtype)
    module.def("result_type(*operands)") { a in
      var operands: [NumpyOperand] = []
      for object in try list(a[0] ?? .none) {
        if let type = try numpyElementType(object) {
          operands.append(NumpyOperand(HostTensor.zeros(type, .scalar)))
        } else if let operand = try NumpyOperand(object) {
          operands.append(operand)
        }
      }
      return .dtype(numpyResultType(operands))
    }
    module.def("promote_types(a, b)") { a in
      .dtype(numpyPromote(try numpyDType(a[0]) ?? .f64, try numpyDType(a[1]) ?? .f64))
    }
    module.def("issubdtype(a, b)") { a in
      func cls(_ object: Object?) throws -> Class {
        if case .type(let cls)? = object, cls.isSubclass(of: NumpyTypes.generic) { return cls }
        return NumpyTypes.scalar(try numpyDType(object) ?? .f64)
      }
      return .bool(try cls(a[0]).isSubclass(of: cls(a[1])))
    }
    module.def("isscalar(x)") { a in
      switch a[0] {
      case .bool, .int, .big, .float, .complex, .str: .bool(true)
      case .native(let array as NumpyArray): .bool(array.isScalar)
      default: .bool(false)
      }
    }
    module.def("finfo(dtype)") { a in
      .native(FloatInformation(try numpyDType(a[0]) ?? .f64))
    }
    module.def("iinfo(dtype)") { a in
      .native(IntegerInformation(try numpyDType(a[0]) ?? .i64))
    }
  }
}
