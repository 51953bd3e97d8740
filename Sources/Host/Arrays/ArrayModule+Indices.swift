import Core
import Syntax
import Tensor

extension ArrayModule {
  /// Shapes, sizes and indices.
  static func defineIndices(in module: ModuleObject) {
    module.def("index(x)") { a in .int(try requireIndex(a[0] ?? .none)) }
    module.def("numpy_int(x)") { a in
      .native(NumpyIntegerParameter(try requireIndex(a[0] ?? .none)))
    }
    module.def("shape(x)") { a in .ints(try shape(a[0] ?? .none).dimensions) }
    module.def("ndim(x)") { a in .int(try shape(a[0] ?? .none).rank) }
    module.def("size(x)") { a in .int(try shape(a[0] ?? .none).count) }
    module.def("shape_tuple(x, context=)") { a in
      .ints(try shapeTuple(a[0] ?? .none, context: a[1].map(str)))
    }
    module.def("sum_of(x)") { a in
      let object = a[0] ?? .none
      if let single = Number(object) { return Object(single.bigValue) }
      if case .list = object { return .int(try list(object).map(requireIndex).reduce(0, +)) }
      if case .tuple = object { return .int(try list(object).map(requireIndex).reduce(0, +)) }
      guard let tensor = try concreteTensor(asArray(object)) else {
        throw RaisedError.concretization(
          of: try asArray(object),
          """
          When jit-compiling jnp.repeat, the total number of repeats must be static. To fix this, \
          either specify a static value for `repeats`, or pass a static value to \
          `total_repeat_length`.
          """)
      }
      return .int((0..<tensor.count).reduce(0) { $0 + tensor[$1].int })
    }
    module.def("concrete_or_error(convert, x, message=)") { a in
      let object = a[1] ?? .none
      if case .array(let value) = object, try concreteTensor(value) == nil {
        throw RaisedError.concretization(of: value, try a[2].map(str) ?? "")
      }
      guard let convert = a[0], !convert.isNone else { return object }
      return try call(convert, [object])
    }
    module.def("slice_indices(item, size)") { a in
      guard case .slice(let slice)? = a[0] else { throw typeError("a slice is required") }
      let (start, stop, step) = try slice.bounds(requireIndex(a[1] ?? .none))
      return .ints([start, stop, step])
    }
    module.def("start_literal(value, like)") { a in
      let type = try Operand(a[1] ?? .none).map {
        $0.isPythonScalar ? ElementType.i32 : $0.value.dtype
      }
      return .array(try scalar(a[0] ?? .none, DType(type ?? .i32)))
    }
    // NumPy's arrays are compared at once, also while a function is traced.
    module.def("host_index(x)") { a in .array(try asArray(a[0] ?? .none)) }
    module.def("host_negative(x)") { a in
      try EvalTrace.shared.withCurrent {
        try compareArrays(.less, .array(asArray(a[0] ?? .none)), .int(0)) ?? .none
      }
    }
    module.def("bool_indices(x)") { a in
      guard let tensor = try concreteTensor(asArray(a[0] ?? .none)) else {
        throw RaisedError.documented(
          .nonConcreteBooleanIndexError,
          "Array boolean indices must be concrete; got "
            + "\(try Operand(a[0] ?? .none)?.value.aval.longDescription ?? "")\n")
      }
      let strides = tensor.shape.strides
      let hits = (0..<tensor.count).filter { tensor[$0].isTrue }
      return .list(
        zip(tensor.shape.dimensions, strides).map { size, stride in
          .array(
            Value(
              HostTensor(hits.map { Int32(truncatingIfNeeded: $0 / stride % size) })))
        })
    }
    module.def("arange_size(start, stop, step)") { a in
      func exact(_ object: Object?) throws -> Double {
        try double(object ?? .none)
      }
      if let start = try? index(a[0] ?? .none), let stop = try? index(a[1] ?? .none),
        let step = try? index(a[2] ?? .none)
      {
        if step == 0 { throw zeroDivision("division by zero") }
        return .int(RangeObject(start, stop, step).count)
      }
      let (start, stop, step) = (try exact(a[0]), try exact(a[1]), try exact(a[2]))
      let count = ((stop - start) / step).rounded(.up)
      guard count.magnitude < 0x1p62 else { throw valueError("Maximum allowed size exceeded") }
      return .int(max(0, Int(count)))
    }
    module.def("is_weak(x)") { a in
      .bool(try Operand(a[0] ?? .none)?.dtype.isWeak ?? false)
    }
    module.def("host_nextafter(a, b, dtype)") { a in
      let (x, y) = (try double(a[0] ?? .none), try double(a[1] ?? .none))
      let type = try elementType(a[2] ?? .none)
      func step<T: BinaryFloatingPoint>(_ start: T) -> Double {
        Double(x < y ? start.nextUp : x > y ? start.nextDown : start)
      }
      switch type {
      case .f64: return .float(step(x))
      case .f32: return .float(step(Float(x)))
      case .f16: return .float(step(Float16(x)))
      default:
        // The types of fewer digits: a step toward zero from a power of two is half as long.
        let digits = type == .bf16 ? 7 : 3
        let towardZero = x.magnitude == x.magnitude.binade && (x < y) == (x < 0)
        let step = x.magnitude.binade / Double(1 << (digits + (towardZero ? 1 : 0)))
        return .float(x < y ? x + step : x - step)
      }
    }
  }

  /// The shape of an array, a number or nested sequences.
  private static func shape(_ object: Object) throws -> Shape {
    if Number(object) != nil { return .scalar }
    if let operand = try Operand(object) { return operand.value.shape }
    switch object {
    case .list, .tuple, .range:
      let items = try list(object)
      return Shape([items.count] + (try items.first.map { try shape($0).dimensions } ?? []))
    default:
      if let shape = try lookupAttribute(object, "shape") {
        return Shape(try list(shape).map(requireIndex))
      }
      throw typeError("\(try repr(object)) has no shape")
    }
  }
}

/// A shape, or one size, as integers.
///
/// - Parameter context: which argument this is, for the message.
private func shapeTuple(_ object: Object, context: String?) throws -> [Int] {
  var given = object
  let items: [Object]
  switch object {
  case .tuple(let tuple): items = tuple.items
  case .list(let list): items = list.items
  case .array(let value) where value.rank == 1: items = try list(object)
  case .native(let array as NumpyArray) where array.tensor.shape.rank == 1: items = try list(object)
  default:
    items = [object]
    given = .tuple(items)
  }
  let sizes = try items.map { item in
    switch item {
    case .array(let value):
      if try concreteTensor(value) == nil || value.rank > 0 || !value.dtype.isInteger {
        return Int?.none
      }
      return try index(item)
    default: return try index(item)
    }
  }
  let known = sizes.compactMap(\.self)
  if known.count == sizes.count { return known }
  var message =
    "Shapes must be 1D sequences of concrete values of integer type, got \(try repr(given))."
  if let context { message += " \(context)." }
  let tracers = items.compactMap { item -> Value? in
    if case .array(let value) = item, value.concrete == nil { value } else { nil }
  }
  if !tracers.isEmpty {
    message +=
      "\nIf using `jit`, try using `static_argnums` or applying `jit` to smaller subfunctions."
    for tracer in tracers { message += tracer.origin }
  }
  throw typeError(message)
}

/// A parameter that JAX computes with NumPy, and prints as `np.int64(…)`.
private final class NumpyIntegerParameter: NativeObject, ParameterConvertible {
  private let value: Int
  init(_ value: Int) { self.value = value }
  var parameterValue: ParameterValue { .symbol("np.int64(\(value))") }
}
