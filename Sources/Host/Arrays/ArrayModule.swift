import Core
import Primitives
import Support
import Syntax
import Tensor
import Transforms

/// The part of `_native` that concerns arrays: promotion, dtypes, constants, tests.
enum ArrayModule {
  static func define(in module: ModuleObject) {
    module["Array"] = .native(ArrayKind())
    defineTypes(in: module)
    definePromotion(in: module)
    defineConstants(in: module)
    defineTests(in: module)
    defineIndices(in: module)
    definePrinting(in: module)
    Enumerations.define(in: module)
  }

  /// The dtype of an operand or the one that an object names.
  private static func dtype(_ object: Object) throws -> DType {
    switch object {
    case .type, .str, .dtype: return DType(try elementType(object))
    default:
      if let operand = try Operand(object) { return operand.dtype }
      return DType(try elementType(object))
    }
  }

  // MARK: Types

  private static func defineTypes(in module: ModuleObject) {
    for (name, type) in DTypes.scalarNames {
      module[Symbol(name)] = DTypes.scalarTypes[type].map { .type($0) }
    }
    for (name, cls) in DTypes.kinds { module[Symbol(name)] = .type(cls) }
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

  // MARK: Promotion

  private static func definePromotion(in module: ModuleObject) {
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
      let value = try asArray(a[0] ?? .none)
      let isWeak = if case .type(let cls)? = a[1], cls.module == "builtins" { true } else { false }
      let type = DTypes.canonical(try elementType(a[1] ?? .none))
      if isWeak, let operand = try Operand(a[0] ?? .none) {
        return .array(try operand.converted(to: DType(type, isWeak: type != .bool)))
      }
      return .array(try converting(value, to: DType(type)))
    }
    module.def("convert_always(x, dtype)") { a in
      let value = try asArray(a[0] ?? .none)
      return .array(
        try bind1(ConvertElementType(try elementType(a[1] ?? .none)), value))
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

  // MARK: Constants

  private static func defineConstants(in module: ModuleObject) {
    module.def("asarray(x, dtype=)") { a in
      let dtype = try a[1].flatMap { $0.isNone ? nil : try elementType($0) }
      return .array(try asArray(a[0] ?? .none, dtype: dtype))
    }
    module.def("constant(x, dtype=)") { a in
      let dtype = try a[1].flatMap { $0.isNone ? nil : try elementType($0) }
      let value = try asArray(a[0] ?? .none, dtype: dtype)
      // A Python number stays weak; everything else is strong.
      if dtype == nil, let object = a[0], Number(object) != nil { return .array(traced(value)) }
      return try .array(traced(strengthened(value)))
    }
    module.def("constant_array(x, dtype=)") { a in
      let dtype = try a[1].flatMap { $0.isNone ? nil : try elementType($0) }
      return .array(try asArray(a[0] ?? .none, dtype: dtype))
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
    module.def("full_like_value(x, value)") { a in
      let like = try asArray(a[0] ?? .none)
      return .array(
        try scalar(a[1] ?? .none, DType(like.dtype, isWeak: like.aval.weakType)))
    }
    module.def("zero_tangent(x)") { a in
      let value = try asArray(a[0] ?? .none)
      return .array(Value(HostTensor.zeros(value.aval.tangent.dtype, value.shape)))
    }
    module.def("gather_fill_value(dtype)") { a in
      let type = try elementType(a[0] ?? .none)
      if type.isInexact { return .float(.nan) }
      if type.isSigned { return .int(type.integerMinimum) }
      if type.isUnsigned { return pythonScalar(.uint(type.integerMaximum)) }
      return .bool(true)
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

  private static func scalar(_ object: Object, _ dtype: DType) throws -> Value {
    if let number = Number(object) {
      // Numbers are converted as XLA does; infinities stay, integers wrap.
      if case .int(let value) = number, dtype.type.isInteger || dtype.type == .bool {
        return .literal(
          HostTensor(.int(Int64(value)), type: dtype.type), weakType: dtype.isWeak)
      }
      return try literal(number, dtype)
    }
    return try converting(asArray(object), to: dtype)
  }

  // MARK: Tests

  private static func defineTests(in module: ModuleObject) {
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
    test("is_strong_integer") { object in
      guard let operand = try Operand(object) else { return false }
      return operand.value.dtype.isInteger && !operand.dtype.isWeak
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

  // MARK: Shapes and indices

  private static func defineIndices(in module: ModuleObject) {
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
    defineKeys(in: module)
    module.def("platform_dependent(*args, default=, **per_platform)") { a in
      guard case .dict(let platforms)? = a[2] else { return .none }
      let function = platforms["cpu"] ?? a[0] ?? .none
      return try call(function, list(a[1] ?? .none))
    }
    module.def("wraps(function, wrapper)") { a in try updateWrapper(a[1] ?? .none, a[0] ?? .none) }
    module.def("renamed(function, name)") { a in
      try setAttribute(a[0] ?? .none, Names.name, a[1] ?? Object.none)
      return a[0] ?? .none
    }
  }

  // MARK: Random keys

  private static func defineKeys(in module: ModuleObject) {
    module.def("seed_value(seed)") { a in
      guard case .int(let seed)? = a[0] else {
        if case .big? = a[0] {
          throw overflowError("Python int too large to convert to C long")
        }
        return .array(try asArray(a[0] ?? .none))
      }
      // The seed as an integer of the default width, its upper bits cut off.
      let type = Promotion.defaultInteger(x64: Configuration.x64)
      let kept = Configuration.x64 ? Int64(seed) : Int64(Int32(truncatingIfNeeded: seed))
      return .array(.literal(HostTensor(.int(kept), type: type)))
    }
    module.def("fold_in_data(data)") { a in
      if case .int(let data)? = a[0] {
        guard let data = UInt32(exactly: data) else {
          throw overflowError("Python integer \(data) out of bounds for uint32")
        }
        return .array(.literal(HostTensor(.uint(UInt64(data)), type: .u32)))
      }
      return .array(try converting(asArray(a[0] ?? .none), to: DType(.u32)))
    }
    module.def("prng_impl(name)") { a in
      switch a[0] {
      case nil, .some(.none): return .str("threefry2x32")
      case .str(let name)? where name.text == "threefry2x32": return .str(name)
      case .str(let name)? where !["rbg", "unsafe_rbg"].contains(name.text):
        throw valueError(
          "unrecognized PRNG implementation \"\(name)\". Did you mean one of: \"philox2x32\", "
            + "\"philox4x32\", \"threefry2x32\", \"rbg\", \"unsafe_rbg\", \"threefry4x32\"?")
      case let other?:
        throw unsupported("the generator \(try repr(other)) of random numbers")
      }
    }
    module.def("prng_key_shape(impl)") { _ in .ints([2]) }
    module.def("key_impl(key)") { _ in .str("threefry2x32") }
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

  // MARK: Printing

  private static func definePrinting(in module: ModuleObject) {
    module.def(
      """
      set_printoptions(precision=, threshold=, edgeitems=, linewidth=, suppress=, nanstr=, infstr=, \
      formatter=, sign=, floatmode=)
      """
    ) { a in
      try set(a)
      return .none
    }
    module.def("get_printoptions()") { _ in .dict(Dict(named: printOptions)) }
    module["printoptions"] = .builtin(
      Builtin(
        """
        printoptions(precision=, threshold=, edgeitems=, linewidth=, suppress=, nanstr=, infstr=, \
        formatter=, sign=, floatmode=)
        """
      ) { a in
        .native(
          Scoped(
            enter: {
              let saved = ArrayPrinting.options
              try set(a)
              return { ArrayPrinting.options = saved }
            }))
      })
    module.def("array_repr(x, max_line_width=, precision=, suppress_small=)") { a in
      try withPrintOptions(a) { .str(try repr(a[0] ?? .none)) }
    }
    module.def("array_str(x, max_line_width=, precision=, suppress_small=)") { a in
      try withPrintOptions(a) { .str(try str(a[0] ?? .none)) }
    }
  }

  private static var printOptions: [(name: String, value: Object)] {
    let options = ArrayPrinting.options
    return [
      ("precision", options.precision.map { .int($0) } ?? .none),
      ("threshold", .int(options.threshold)), ("edgeitems", .int(options.edgeItems)),
      ("linewidth", .int(options.lineWidth)), ("suppress", .bool(options.suppress)),
      ("nanstr", .str(options.nan)), ("infstr", .str(options.infinity)),
      ("sign", .str(options.sign.rawValue)), ("floatmode", .str(options.floatMode.rawValue)),
    ]
  }

  private static func set(_ a: [Object?]) throws {
    var options = ArrayPrinting.options
    func given(_ i: Int) -> Object? { a[i].flatMap { $0.isNone ? nil : $0 } }
    if let value = given(0) { options.precision = try requireIndex(value) }
    if let value = given(1) {
      options.threshold = Int(exactly: try double(value)) ?? .max
    }
    if let value = given(2) { options.edgeItems = try requireIndex(value) }
    if let value = given(3) { options.lineWidth = Int(exactly: try double(value)) ?? .max }
    if let value = given(4) { options.suppress = try isTrue(value) }
    if let value = given(5) { options.nan = try str(value) }
    if let value = given(6) { options.infinity = try str(value) }
    if let value = given(8), let sign = PrintOptions.Sign(rawValue: try str(value)) {
      options.sign = sign
    }
    if let value = given(9) {
      guard let mode = PrintOptions.FloatMode(rawValue: try str(value)) else {
        throw valueError(
          "floatmode option must be one of \"fixed\", \"unique\", \"maxprec\", \"maxprec_equal\"")
      }
      options.floatMode = mode
    }
    ArrayPrinting.options = options
  }
}

/// `jax.Array`, `jnp.ndarray`: arrays and tracers are instances of it.
final class ArrayKind: NativeObject, InstanceTest {
  func accepts(_ object: Object) throws -> Bool { if case .array = object { true } else { false } }
  func acceptsSubclass(_ cls: Class) throws -> Bool { cls.isSubclass(of: Types.array) }
  override func item(_ key: Object) throws -> Object { .native(self) }
  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    op == .bitOr ? .native(UnionType([.native(self), other])) : nil
  }
  override func attribute(_ name: Symbol) throws -> Object? {
    name == Names.name ? .str("Array") : nil
  }
  override func repr() throws -> String { "<class 'jax.jaxlib._jax.Array'>" }
}

/// A context manager that changes something while its block runs.
final class Scoped: NativeObject {
  /// Makes the change and returns what undoes it.
  private let enter: () throws -> () -> Void
  private var undo: [() -> Void] = []

  init(enter: @escaping () throws -> () -> Void) { self.enter = enter }

  nonisolated(unsafe) private static let type: Class = {
    let cls = Class(builtin: "ContextManager", base: Types.object)
    cls.def("__enter__(self)") { a in
      guard case .native(let scoped as Scoped)? = a[0] else { return .none }
      scoped.undo.append(try scoped.enter())
      return .native(scoped)
    }
    cls.def("__exit__(self, kind, value, traceback)") { a in
      guard case .native(let scoped as Scoped)? = a[0] else { return .none }
      scoped.undo.popLast()?()
      return .none
    }
    return cls
  }()

  override var cls: Class { Scoped.type }
  override var isCallable: Bool { true }

  /// As a decorator.
  override func call(_ arguments: Arguments) throws -> Object {
    let function = arguments.positional.first ?? .none
    return .builtin(
      Builtin(named: "wrapper") { [self] inner in
        let undo = try enter()
        defer { undo() }
        return try Host.call(function, inner)
      })
  }
}

/// Warnings go to standard error, each text once.
enum Warnings {
  nonisolated(unsafe) private static var seen = Set<String>()

  static func warn(_ message: String, _ category: String = "UserWarning") {
    guard seen.insert(message).inserted else { return }
    Session.output.flush()
    Session.errorOutput.write("\(category): \(message)\n")
    Session.errorOutput.flush()
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
