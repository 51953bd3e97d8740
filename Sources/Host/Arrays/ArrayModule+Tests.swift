import Core
import Syntax
import Tensor

extension ArrayModule {
  /// What an operand is.
  static func defineTests(in module: ModuleObject) {
    func test(_ name: String, _ body: @escaping (Object) throws -> Bool) {
      module.def("\(name)(x)") { a in .bool(try body(a[0] ?? .none)) }
    }
    module.def("holds_array(items)") { a in .bool(try holdsArray(a[0] ?? .none)) }
    test("is_array") { if case .array = $0 { true } else { false } }
    test("is_array_like") { try Number($0) != nil || Operand($0) != nil }
    test("is_host_array") {
      if case .native(let native) = $0 { native is NumpyArray } else { false }
    }
    test("is_tracer") { if case .array(.tracer) = $0 { true } else { false } }
    test("is_sequence") { object in
      switch object {
      case .list, .tuple, .range: return true
      case .array(let value): return value.rank > 0
      case .native(let native as NumpyArray): return try !native.isScalar && native.count() ?? 0 > 0
      default: return false
      }
    }
    test("is_index") { object in
      switch object {
      case .int, .bool, .big: return true
      case .array(let value):
        return try value.rank == 0 && value.dtype.isInteger && concreteTensor(value) != nil
      case .native(let native as NumpyArray): return native.isScalar
      case .instance(let instance):
        return instance.base != nil || instance.cls.lookup(Names.index) != nil
      default: return false
      }
    }
    test("is_static_integer") { object in
      switch object {
      case .int, .big: return true
      case .native(let native as NumpyArray):
        return native.isScalar && native.type.isInteger
      case .instance(let instance): return instance.cls.lookup(Names.index) != nil
      default: return false
      }
    }
    test("is_concrete_integer") { object in
      switch object {
      case .int: return true
      case .bool: return false
      case .native(let native as NumpyArray):
        return native.isScalar && native.type.isInteger
      default: return false
      }
    }
    test("is_static_shift") { object in
      func isStatic(_ object: Object) -> Bool {
        switch object {
        case .int, .bool: true
        case .native(let native as NumpyArray): native.isScalar
        case .list(let list): list.items.allSatisfy(isStatic)
        case .tuple(let tuple): tuple.items.allSatisfy(isStatic)
        default: false
        }
      }
      return isStatic(object)
    }
    test("is_zero") { object in
      guard let number = Number(object), case .complex = number else {
        return try Number(object).map { try $0.double() == 0 } ?? false
      }
      return false
    }
    module.def("scalar_fits(x, dtype)") { a in
      let type = try elementType(a[1] ?? .none)
      guard let operand = try Operand(a[0] ?? .none) else { return .bool(false) }
      guard operand.isPythonScalar else { return .bool(false) }
      return .bool(
        Promotion.resultType([operand.dtype, DType(type)], x64: Configuration.x64)?.type == type)
    }
    module.def("any_unordered(points)") { a in
      let points = try list(a[0] ?? .none).map(requireIndex)
      return .bool(zip(points, points.dropFirst()).contains { $0 > $1 })
    }
  }

  /// Whether `object` is, or nested sequences in it hold, an array or what stands for one.
  private static func holdsArray(_ object: Object) throws -> Bool {
    switch object {
    case .array: true
    case .list(let list): try list.items.contains(where: holdsArray)
    case .tuple(let tuple): try tuple.items.contains(where: holdsArray)
    case .int, .float, .bool, .complex, .none: false
    default: try lookupAttribute(object, "__jax_array__") != nil
    }
  }
}
