import Core
import Primitives
import Syntax
import Tensor
import Transforms

extension ArrayModule {
  /// Operands brought to one dtype or one shape.
  static func definePromotion(in module: ModuleObject) {
    for (name, widening) in [
      ("promote_args", Widening.none), ("promote_args_inexact", .inexact),
      ("promote_args_numeric", .numeric),
    ] {
      module.def("\(name)(name, *args)") { a in
        let values = try promote(str(a[0] ?? .none), list(a[1] ?? .none), widening)
        return .list(values.map { .array($0) })
      }
    }
    for (name, widening) in [
      ("promote_dtypes", Widening.none), ("promote_dtypes_inexact", .inexact),
    ] {
      module.def("\(name)(*args)") { a in
        let values = try promoteTypes(operands(name, list(a[0] ?? .none)), widening)
        return .list(values.map { .array($0) })
      }
    }
    module.def("promote_dtypes_complex(*args)") { a in
      let given = try operands("promote_dtypes_complex", list(a[0] ?? .none))
      var dtype = inexactType(try promotedType(given.map(\.dtype)))
      dtype.type = dtype.type.complexType
      let values = try given.map { Object.array(try $0.converted(to: dtype)) }
      return values.count == 1 ? values[0] : .list(values)
    }
    module.def("promote_shapes(name, *args)") { a in
      let values = try operands(str(a[0] ?? .none), list(a[1] ?? .none)).map(\.value)
      return .list(try promoteShapes(str(a[0] ?? .none), values).map { .array($0) })
    }
    module.def("broadcast_shapes(*shapes)") { a in
      let shapes = try list(a[0] ?? .none).map { Shape(try list($0).map(requireIndex)) }
      return .ints(try broadcastShape(shapes).dimensions)
    }
    module.def("broadcast_pair(x, y)") { a in
      let values = try [a[0] ?? .none, a[1] ?? .none].map { try asArray($0) }
      let shape = try broadcastShape(values.map(\.shape))
      return .list(try values.map { .array(try broadcast($0, to: shape)) })
    }
    module["check_arraylike"] = .builtin(
      Builtin(named: "check_arraylike") { arguments in
        guard let name = arguments.positional.first else { return .none }
        _ = try operands(str(name), Array(arguments.positional.dropFirst()))
        return .none
      })
    module.def("convert_element_type(x, dtype)") { a in
      let isWeak = if case .type(let cls)? = a[1], cls.module == "builtins" { true } else { false }
      let type = DTypes.canonical(try elementType(a[1] ?? .none))
      if let number = a[0].flatMap(Number.init), number.exceedsDefaultInteger {
        return .array(try scalar(a[0] ?? .none, DType(type)))
      }
      let value = try asArray(a[0] ?? .none)
      if isWeak, let operand = try Operand(a[0] ?? .none) {
        return .array(try operand.converted(to: DType(type, isWeak: type != .bool)))
      }
      return .array(try converting(value, to: DType(type)))
    }
    module.def("convert_to_bool(x)") { a in
      .array(try bind1(ConvertElementType(.bool), try asArray(a[0] ?? .none)))
    }
    module.def("strong(x)") { a in
      let value = try asArray(a[0] ?? .none)
      return .array(try converting(value, to: DType(value.dtype)))
    }
  }

  private static func broadcast(_ value: Value, to shape: Shape) throws -> Value {
    if value.shape == shape { return value }
    let missing = shape.rank - value.rank
    let kept = (0..<value.rank).filter {
      value.shape.dimensions[$0] == shape.dimensions[missing + $0]
    }
    let squeezed = (0..<value.rank).filter { !kept.contains($0) }
    let narrow = squeezed.isEmpty ? value : try bind1(Squeeze(squeezed), value)
    return try bind1(
      BroadcastInDim(shape: shape, dimensions: kept.map { $0 + missing }), narrow)
  }
}
