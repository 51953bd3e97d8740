import Glibc
import Syntax
import Tensor

/// The module `numpy`: arrays on the host.
func makeNumpy() -> ModuleObject {
  let module = ModuleObject("numpy", isLibrary: true)
  for (name, value) in [
    ("pi", Double.pi), ("e", 2.718281828459045), ("inf", .infinity), ("nan", .nan),
    ("euler_gamma", 0.5772156649015329),
  ] {
    module[Symbol(name)] = .float(value)
  }
  module["newaxis"] = Object.none
  module["s_"] = .native(IndexExpression(alwaysTuple: false))
  module["index_exp"] = .native(IndexExpression(alwaysTuple: true))
  module["__version__"] = .str("2.0.0")
  addTypes(module)
  addCreation(module)
  addElementwise(module)
  for (specification, body) in numpyMethods where !specification.hasPrefix("tobytes") {
    module.def(specification, body)
  }
  addShaping(module)
  addSelection(module)
  addPrinting(module)
  addNumpyCombinations(module)
  addNumpyFiles(module)
  module["random"] = .module(makeNumpyRandom())
  module["testing"] = .module(makeNumpyTesting())
  return module
}

private func addTypes(_ module: ModuleObject) {
  module["ndarray"] = .type(NumpyTypes.ndarray)
  for cls in [
    NumpyTypes.generic, NumpyTypes.number, NumpyTypes.integer, NumpyTypes.signedInteger,
    NumpyTypes.unsignedInteger, NumpyTypes.inexact, NumpyTypes.floating, NumpyTypes.complexFloating,
  ] {
    module[Symbol(cls.name)] = .type(cls)
  }
  for type in ElementType.allCases where type.bitWidth >= 8 || type == .bool {
    switch type {
    case .key, .float0, .bf16, .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN,
      .f8E4M3FNUZ, .f8E4M3B11FNUZ, .f8E5M2,
      .f8E5M2FNUZ, .f8E8M0FNU:
      break
    default: module[Symbol(type.numpyName)] = .type(NumpyTypes.scalar(type))
    }
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
        operands.append(NumpyOperand(HostTensor.zeros(type, .scalar), isWeak: false))
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
}

// MARK: Creation

private func addCreation(_ module: ModuleObject) {
  module.def("array(object, dtype=, *, copy=, ndmin=)") { a in
    let array = NumpyArray(try NumpyArray.from(a[0] ?? .none, type: numpyDType(a[1])).copied)
    let missing = try (a[3].map(requireIndex) ?? 0) - array.rank
    if missing <= 0 { return .native(array) }
    return .native(
      reshape(array, Shape([Int](repeating: 1, count: missing) + array.shape.dimensions)))
  }
  for name in ["asarray", "ascontiguousarray", "asanyarray"] {
    module.def("\(name)(a, dtype=)") { a in
      .native(try NumpyArray.from(a[0] ?? .none, type: numpyDType(a[1])))
    }
  }
  func filled(_ name: String, _ value: Int64?) {
    module.def("\(name)(shape, dtype=)") { a in
      let shape = try numpyShape(a[0] ?? .none)
      let type = try numpyDType(a[1]) ?? .f64
      return .native(NumpyArray(HostTensor(type: type, shape: shape, filledWith: .int(value ?? 0))))
    }
    module.def("\(name)_like(a, dtype=, shape=)") { a in
      let array = try numpy(a[0])
      let type = try numpyDType(a[1]) ?? array.type
      let shape = try a[2].map(numpyShape) ?? array.shape
      return .native(NumpyArray(HostTensor(type: type, shape: shape, filledWith: .int(value ?? 0))))
    }
  }
  filled("zeros", 0)
  filled("ones", 1)
  filled("empty", nil)
  module.def("full(shape, fill_value, dtype=)") { a in
    let value = try NumpyArray.from(a[1] ?? .none, type: numpyDType(a[2])).tensor
    return .native(
      NumpyArray(try broadcast(value, to: numpyShape(a[0] ?? .none)).ownCopy))
  }
  module.def("full_like(a, fill_value, dtype=)") { a in
    let array = try numpy(a[0])
    let value = try NumpyArray.from(a[1] ?? .none, type: numpyDType(a[2]) ?? array.type).tensor
    return .native(NumpyArray(try broadcast(value, to: array.shape).ownCopy))
  }
  module.def("arange(start, stop=, step=, dtype=)") { a in
    let (start, stop): (Object, Object)
    if let given = a[1], !given.isNone {
      (start, stop) = (a[0] ?? .none, given)
    } else {
      (start, stop) = (.int(0), a[0] ?? .none)
    }
    let step = a[2] ?? .int(1)
    let operands = try [start, stop, step].map { try NumpyArray.from($0) }
    let common = operands.map(\.type).reduce(.i64, numpyPromote)
    let type = try numpyDType(a[3]) ?? common
    guard operands.allSatisfy({ $0.elementCount == 1 }) else {
      throw typeError("arange() takes numbers")
    }
    let values = operands.map { $0.tensor[0].double }
    guard values[2] != 0 else { throw raised("ZeroDivisionError", "division by zero") }
    let count = try numpyCount((values[1] - values[0]) / values[2])
    if common.isInteger {
      let (first, stride) = (operands[0].tensor[0].int, operands[2].tensor[0].int)
      return .native(
        NumpyArray(HostTensor((0..<count).map { Int64(first + $0 * stride) }).converted(to: type)))
    }
    // The second element fixes the step, as it is rounded.
    let delta = (values[0] + values[2]) - values[0]
    return .native(
      NumpyArray(HostTensor((0..<count).map { values[0] + Double($0) * delta }).converted(to: type))
    )
  }
  module.def("linspace(start, stop, num=, endpoint=, retstep=, dtype=)") { a in
    let count = try a[2].map(requireIndex) ?? 50
    guard count >= 0 else {
      throw valueError("Number of samples, \(count), must be non-negative.")
    }
    _ = try checkedNumpyShape([count])
    let isClosed = try a[3].map(isTrue) ?? true
    let (start, stop) = (try double(plainNumber(a[0])), try double(plainNumber(a[1])))
    let intervals = Double(isClosed ? count - 1 : count)
    let step = intervals > 0 ? (stop - start) / intervals : .nan
    var values = (0..<count).map { Double($0) * step + start }
    if count == 1 { values = [start] }
    if isClosed && count > 1 { values[count - 1] = stop }
    let result = Object.native(
      NumpyArray(numpyCast(HostTensor(values), to: try numpyDType(a[5]) ?? .f64)))
    return try a[4].map(isTrue) ?? false ? .tuple([result, .float(step)]) : result
  }
  module.def("logspace(start, stop, num=, endpoint=, base=)") { a in
    let count = try a[2].map(requireIndex) ?? 50
    guard count >= 0 else {
      throw valueError("Number of samples, \(count), must be non-negative.")
    }
    _ = try checkedNumpyShape([count])
    let (start, stop) = (try double(plainNumber(a[0])), try double(plainNumber(a[1])))
    let intervals = Double(try a[3].map(isTrue) ?? true ? count - 1 : count)
    let base = try a[4].map(double) ?? 10
    return .native(
      NumpyArray(
        HostTensor((0..<count).map { pow(base, start + Double($0) * (stop - start) / intervals) })))
  }
  module.def("eye(N, M=, k=, dtype=)") { a in
    let rows = try requireIndex(a[0] ?? .none)
    let columns = try a[1].flatMap { $0.isNone ? nil : try requireIndex($0) } ?? rows
    return .native(
      try identity(rows, columns, a[2].map(requireIndex) ?? 0, numpyDType(a[3]) ?? .f64))
  }
  module.def("identity(n, dtype=)") { a in
    let n = try requireIndex(a[0] ?? .none)
    return .native(try identity(n, n, 0, numpyDType(a[1]) ?? .f64))
  }
  module.def("diag(v, k=)") { a in
    let array = try numpy(a[0])
    let k = try a[1].map(requireIndex) ?? 0
    guard array.rank == 1 else { return .native(NumpyArray(try diagonal(array, k).copied)) }
    let n = array.elementCount + abs(k)
    let result = NumpyArray(HostTensor.zeros(array.type, [n, n]))
    try diagonal(result, k).assign(array.tensor)
    return .native(result)
  }
  module.def("meshgrid(*xi, indexing=)") { a in
    let lines = try list(a[1] ?? .none).map { try numpy($0).tensor }
    let isMatrix = try a[0].map(str) == "ij"
    var order = Array(lines.indices)
    if !isMatrix && lines.count > 1 { order.swapAt(0, 1) }
    let shape = Shape(order.map { lines[$0].count })
    return .list(
      lines.enumerated().map { i, line in
        let axis = order.firstIndex(of: i) ?? i
        return .native(
          NumpyArray(line.reshaped([line.count]).broadcast(to: shape, dimensions: [axis]).ownCopy))
      })
  }
}

private func identity(
  _ rows: Int, _ columns: Int, _ k: Int, _ type: ElementType
) throws -> NumpyArray {
  _ = try checkedNumpyShape([rows, columns])
  var elements = [Int64](repeating: 0, count: rows * columns)
  for i in 0..<rows where -i <= k && k < columns - i { elements[i * columns + i + k] = 1 }
  return NumpyArray(HostTensor(elements, shape: [rows, columns]).converted(to: type))
}

/// A Python number from a scalar argument.
func plainNumber(_ object: Object?) throws -> Object {
  let object = object ?? .none
  if case .native(let array as NumpyArray) = object, array.elementCount == 1 {
    return pythonScalar(array.tensor[0])
  }
  return object
}

extension HostTensor {
  /// The same elements in memory of their own.
  var ownCopy: HostTensor { strided(shape: shape, strides: shape.strides) }
}

// MARK: Elementwise functions

private func addElementwise(_ module: ModuleObject) {
  for (name, function) in numpyFloatFunctions {
    module.def("\(name)(x, /, out=)") { a in
      let x = try numpy(a[0]).tensor
      if x.type.isComplex { return wrapped(try complexFunction(name, x)) }
      return wrapped(mapElements(x, as: Double.self, to: inexact(x.type), function))
    }
  }
  for (name, function) in numpyRoundingFunctions {
    module.def("\(name)(x, /, out=)") { a in
      let x = try numpy(a[0]).tensor
      return wrapped(
        x.type.isFloat ? mapElements(x, as: Double.self, to: x.type, function) : x)
    }
  }
  for name in ["abs", "absolute", "fabs"] {
    module.def("\(name)(x, /, out=)") { a in wrapped(numpyAbsolute(try numpy(a[0]).tensor)) }
  }
  module.def("sign(x, /)") { a in wrapped(numpySign(try numpy(a[0]).tensor)) }
  module.def("negative(x, /)") { a in wrapped(try numpyUnary(.negate, numpy(a[0]).tensor)) }
  module.def("positive(x, /)") { a in wrapped(try numpy(a[0]).tensor) }
  for name in ["invert", "bitwise_not"] {
    module.def("\(name)(x, /)") { a in wrapped(try numpyUnary(.invert, numpy(a[0]).tensor)) }
  }
  module.def("square(x, /)") { a in
    let x = NumpyOperand(try numpy(a[0]).tensor, isWeak: false)
    return wrapped(try numpyBinary(.multiply, x, x))
  }
  module.def("reciprocal(x, /)") { a in
    let x = NumpyOperand(try numpy(a[0]).tensor, isWeak: false)
    let one = NumpyOperand(HostTensor(scalar: Int64(1)), isWeak: true)
    return wrapped(try numpyBinary(x.tensor.type.isInexact ? .divide : .floorDivide, one, x))
  }
  let operators: [(String, BinaryOperator)] = [
    ("add", .add), ("subtract", .subtract), ("multiply", .multiply), ("divide", .divide),
    ("true_divide", .divide), ("floor_divide", .floorDivide), ("mod", .modulo),
    ("remainder", .modulo), ("power", .power), ("bitwise_and", .bitAnd), ("bitwise_or", .bitOr),
    ("bitwise_xor", .bitXor), ("left_shift", .leftShift), ("right_shift", .rightShift),
    ("matmul", .matrixMultiply),
  ]
  for (name, op) in operators {
    binaryFunction(module, name) { try numpyBinary(op, $0, $1) }
  }
  let comparisons: [(String, ComparisonOperator)] = [
    ("equal", .equal), ("not_equal", .notEqual), ("less", .less), ("less_equal", .lessOrEqual),
    ("greater", .greater), ("greater_equal", .greaterOrEqual),
  ]
  for (name, op) in comparisons {
    binaryFunction(module, name) { try numpyCompare(op, $0, $1) }
  }
  binaryFunction(module, "maximum") { try numpyChoose($0, $1, isMaximum: true) }
  binaryFunction(module, "minimum") { try numpyChoose($0, $1, isMaximum: false) }
  let logical: [(String, (Bool, Bool) -> Bool)] = [
    ("logical_and", { $0 && $1 }), ("logical_or", { $0 || $1 }), ("logical_xor", { $0 != $1 }),
  ]
  for (name, function) in logical {
    binaryFunction(module, name) {
      try zipElements(
        numpyCast($0.tensor, to: .bool), numpyCast($1.tensor, to: .bool), as: Bool.self, to: .bool,
        function)
    }
  }
  module.def("logical_not(x, /)") { a in
    wrapped(try numpyUnary(.invert, numpyCast(numpy(a[0]).tensor, to: .bool)))
  }
  let pairs: [(String, (Double, Double) -> Double)] = [
    ("arctan2", { atan2($0, $1) }), ("hypot", { hypot($0, $1) }),
    ("copysign", { copysign($0, $1) }),
    ("nextafter", { nextafter($0, $1) }), ("fmod", { fmod($0, $1) }),
    (
      "logaddexp",
      { x, y in
        x == y ? x + log(2.0) : max(x, y) + log1p(exp(-(x - y).magnitude))
      }
    ),
  ]
  for (name, function) in pairs {
    binaryFunction(module, name) { a, b in
      try zipElements(
        a.tensor, b.tensor, as: Double.self, to: inexact(numpyResultType([a, b])), function)
    }
  }
  let tests: [(String, (Double) -> Bool)] = [
    ("isnan", { $0.isNaN }), ("isinf", { $0.isInfinite }), ("isfinite", { $0.isFinite }),
    ("signbit", { $0.sign == .minus }),
  ]
  for (name, function) in tests {
    module.def("\(name)(x, /)") { a in
      let x = try numpy(a[0]).tensor
      if x.type.isComplex {
        let isAll = name == "isfinite"
        return wrapped(
          mapElements(x, as: Complex<Double>.self, to: .bool) {
            isAll
              ? function($0.real) && function($0.imaginary)
              : function($0.real) || function($0.imaginary)
          })
      }
      return wrapped(mapElements(x, as: Double.self, to: .bool, function))
    }
  }
  module.def("real(x)") { a in wrapped(realPart(try numpy(a[0]).tensor)) }
  module.def("imag(x)") { a in wrapped(imaginaryPart(try numpy(a[0]).tensor)) }
  module.def("angle(x)") { a in
    let x = try numpy(a[0]).tensor
    let type = x.type.isComplex ? x.type.realPart : inexact(x.type)
    return wrapped(
      mapElements(x, as: Complex<Double>.self, to: type) { atan2($0.imaginary, $0.real) })
  }
  for name in ["amax", "amin"] {
    module.def("\(name)(a, axis=, out=, keepdims=)") { a in
      let x = try numpy(a[0]).tensor
      return wrapped(
        try numpyExtreme(
          x, numpyAxes(a[1], rank: x.shape.rank), keepsAxes: a[3].map(isTrue) ?? false,
          isMaximum: name == "amax"))
    }
  }
  for name in ["around", "round_"] {
    module.def("\(name)(a, decimals=)") { a in
      wrapped(numpyRound(try numpy(a[0]).tensor, decimals: try a[1].map(requireIndex) ?? 0))
    }
  }
}

private func complexFunction(_ name: String, _ x: HostTensor) throws -> HostTensor {
  let body: (Complex<Double>) -> Complex<Double>
  switch name {
  case "exp": body = { Complex(exp($0.real) * cos($0.imaginary), exp($0.real) * sin($0.imaginary)) }
  case "log": body = { Complex(log(hypot($0.real, $0.imaginary)), atan2($0.imaginary, $0.real)) }
  case "sqrt":
    body = {
      let r = hypot($0.real, $0.imaginary)
      let re = ((r + $0.real) / 2).squareRoot()
      return Complex(re, copysign(((r - $0.real) / 2).squareRoot(), $0.imaginary))
    }
  case "sin":
    body = { Complex(sin($0.real) * cosh($0.imaginary), cos($0.real) * sinh($0.imaginary)) }
  case "cos":
    body = { Complex(cos($0.real) * cosh($0.imaginary), -(sin($0.real) * sinh($0.imaginary))) }
  default: throw unsupportedNumpy("\(name) of complex numbers")
  }
  return mapElements(x, as: Complex<Double>.self, to: x.type, body)
}

private func binaryFunction(
  _ module: ModuleObject, _ name: String,
  _ body: @escaping (NumpyOperand, NumpyOperand) throws -> HostTensor
) {
  module.def("\(name)(x1, x2, /, out=)") { a in
    guard let x = try NumpyOperand(a[0] ?? .none), let y = try NumpyOperand(a[1] ?? .none) else {
      throw typeError("numpy.\(name) does not accept operands of these types")
    }
    let result = try body(x, y)
    if case .native(let out as NumpyArray)? = a[2] {
      try out.assign(result)
      return .native(out)
    }
    return wrapped(result)
  }
}

// MARK: Shaping

private func addShaping(_ module: ModuleObject) {
  // As a function, `reshape` and `transpose` take one sequence.
  module.def("reshape(a, /, shape, order=)") { a in
    try callMethod(.native(numpy(a[0])), "reshape", [a[1] ?? .none]) ?? .none
  }
  module.def("transpose(a, axes=)") { a in
    try callMethod(.native(numpy(a[0])), "transpose", a[1].map { [$0] } ?? []) ?? .none
  }
  module.def("sort(a, axis=)") { a in
    let array = try numpy(a[0])
    let axis = try a[1].map { try numpyAxis($0, rank: array.rank) } ?? array.rank - 1
    return .native(NumpyArray(numpySort(array.tensor, axis: axis).ownCopy))
  }
  NumpyTypes.ndarray.def("sort(a, axis=)") { a in
    let array = try numpy(a[0])
    let axis = try a[1].map { try numpyAxis($0, rank: array.rank) } ?? array.rank - 1
    try array.assign(numpySort(array.copied, axis: axis))
    return .none
  }
  func arrays(_ object: Object?) throws -> [NumpyArray] { try list(object ?? .none).map(numpy) }
  func joined(_ parts: [HostTensor], axis: Int) throws -> Object {
    guard let first = parts.first else {
      throw valueError("need at least one array to concatenate")
    }
    let type = parts.dropFirst().reduce(first.type) { numpyPromote($0, $1.type) }
    for part in parts {
      guard part.shape.rank == first.shape.rank else {
        throw valueError(
          """
          all the input array dimensions except for the concatenation axis must match exactly, but \
          along dimension 0, the arrays have different numbers of dimensions
          """)
      }
      for axis2 in 0..<first.shape.rank
      where axis2 != axis && part.shape[axis2] != first.shape[axis2] {
        throw valueError(
          """
          all the input array dimensions except for the concatenation axis must match exactly, but \
          along dimension \(axis2), the array at index 0 has size \(first.shape[axis2]) and the \
          array at index 1 has size \(part.shape[axis2])
          """)
      }
    }
    return .native(
      NumpyArray(HostTensor.concatenated(parts.map { numpyCast($0, to: type) }, axis: axis)))
  }
  module.def("concatenate(arrays, axis=)") { a in
    let parts = try arrays(a[0])
    if a[1]?.isNone ?? false {
      return try joined(parts.map { $0.tensor.reshaped([$0.elementCount]) }, axis: 0)
    }
    if parts.first?.rank == 0 {
      throw valueError("zero-dimensional arrays cannot be concatenated")
    }
    return try joined(
      parts.map(\.tensor), axis: numpyAxis(a[1] ?? .int(0), rank: parts.first?.rank ?? 1))
  }
  module.def("stack(arrays, axis=)") { a in
    let parts = try arrays(a[0])
    guard let first = parts.first else { throw valueError("need at least one array to stack") }
    guard parts.allSatisfy({ $0.shape == first.shape }) else {
      throw valueError("all input arrays must have the same shape")
    }
    let axis = try numpyAxis(a[1] ?? .int(0), rank: first.rank + 1)
    var shape = first.shape.dimensions
    shape.insert(1, at: axis)
    return try joined(parts.map { $0.tensor.reshaped(Shape(shape)) }, axis: axis)
  }
  module.def("vstack(arrays)") { a in
    try joined(
      arrays(a[0]).map { $0.rank < 2 ? $0.tensor.reshaped([1, $0.elementCount]) : $0.tensor },
      axis: 0)
  }
  module.def("hstack(arrays)") { a in
    let parts = try arrays(a[0]).map { $0.rank == 0 ? $0.tensor.reshaped([1]) : $0.tensor }
    return try joined(parts, axis: (parts.first?.shape.rank ?? 1) > 1 ? 1 : 0)
  }
  module.def("column_stack(arrays)") { a in
    try joined(
      arrays(a[0]).map { $0.rank < 2 ? $0.tensor.reshaped([$0.elementCount, 1]) : $0.tensor },
      axis: 1)
  }
  module.def("expand_dims(a, axis)") { a in
    let array = try numpy(a[0])
    let axis = try numpyAxis(a[1] ?? .none, rank: array.rank + 1)
    var (shape, strides) = (array.shape.dimensions, array.strides)
    shape.insert(1, at: axis)
    strides.insert(0, at: axis)
    return .native(array.view(shape: Shape(shape), strides: strides))
  }
  module.def("moveaxis(a, source, destination)") { a in
    let array = try numpy(a[0])
    let (source, target) = (
      try numpyAxes(a[1], rank: array.rank), try numpyAxes(a[2], rank: array.rank)
    )
    var order = (0..<array.rank).filter { !source.contains($0) }
    for (to, from) in zip(target, source).sorted(by: { $0.0 < $1.0 }) { order.insert(from, at: to) }
    return transposed(array, order)
  }
  module.def("broadcast_to(a, shape)") { a in
    let shape = try numpyShape(a[1] ?? .none)
    return .native(NumpyArray(try broadcast(numpy(a[0]).tensor, to: shape).ownCopy))
  }
  module.def("tile(a, reps)") { a in
    let array = try numpy(a[0])
    var counts = try numpyExtents(a[1] ?? .none)
    var shape = array.shape.dimensions
    while counts.count < shape.count { counts.insert(1, at: 0) }
    while shape.count < counts.count { shape.insert(1, at: 0) }
    _ = try checkedNumpyShape(shape + counts)
    var result = array.tensor.reshaped(Shape(shape))
    for (axis, count) in counts.enumerated() {
      if count == 0 {
        shape = result.shape.dimensions
        shape[axis] = 0
        result = HostTensor.zeros(array.type, Shape(shape))
        continue
      }
      result = HostTensor.concatenated(
        [HostTensor](repeating: result, count: count), axis: axis)
    }
    return .native(NumpyArray(result))
  }
  for (name, axes) in [("flip", nil), ("flipud", 0), ("fliplr", 1)] as [(String, Int?)] {
    module.def("\(name)(a, axis=)") { a in
      let array = try numpy(a[0])
      let chosen = try axes.map { [$0] } ?? numpyAxes(a[1], rank: array.rank)
      return .native(NumpyArray(array.tensor.reversed(chosen)))
    }
  }
  module.def("roll(a, shift, axis=)") { a in
    var array = try numpy(a[0])
    let shape = array.shape
    let isFlat = a[2]?.isNone ?? true
    if isFlat { array = reshape(array, [array.elementCount]) }
    let axis = isFlat ? 0 : try numpyAxis(a[2] ?? .none, rank: array.rank)
    let n = array.shape[axis]
    let shift = try requireIndex(a[1] ?? .none)
    let positions = (0..<n).map { Int64((($0 - shift) % n + n) % n) }
    let result = try numpy(take(array, NumpyArray(HostTensor(positions)), axis))
    return .native(reshape(result, shape))
  }
  for (name, isLower) in [("tril", true), ("triu", false)] {
    module.def("\(name)(a, k=)") { a in
      let array = NumpyArray(try numpy(a[0]).copied)
      let k = try a[1].map(requireIndex) ?? 0
      guard array.rank >= 2 else { throw valueError("\(name) requires at least two axes") }
      let (rows, columns) = (array.shape[array.rank - 2], array.shape[array.rank - 1])
      let size = array.type.byteCount
      for position in 0..<array.elementCount {
        let (i, j) = (position / columns % rows, position % columns)
        if isLower ? j - i > k : j - i < k {
          (array.buffer.address + position * size)
            .initializeMemory(as: UInt8.self, repeating: 0, count: size)
        }
      }
      return .native(array)
    }
  }
  for name in ["split", "array_split"] {
    module.def("\(name)(a, indices_or_sections, axis=)") { a in
      let array = try numpy(a[0])
      let axis = try numpyAxis(a[2] ?? .int(0), rank: array.rank)
      let extent = array.shape[axis]
      var bounds: [Int]
      if let sections = try? index(a[1] ?? .none) {
        guard sections != 0 || name != "split" else {
          throw raised("ZeroDivisionError", "integer modulo by zero")
        }
        guard sections > 0 else { throw valueError("number sections must be larger than 0.") }
        if name == "split" && extent % sections != 0 {
          throw valueError("array split does not result in an equal division")
        }
        let (size, extra) = (extent / sections, extent % sections)
        bounds = (0...sections).map { $0 * size + min($0, extra) }
      } else {
        bounds = [0] + (try list(a[1] ?? .none).map(requireIndex)) + [extent]
      }
      let everything = Object.slice(Slice(.none, .none, .none))
      return .list(
        try zip(bounds, bounds.dropFirst()).map { start, stop in
          let slice = Object.slice(Slice(.int(start), .int(stop), .none))
          return try array.item(.tuple([Object](repeating: everything, count: axis) + [slice]))
        })
    }
  }
  module.def("outer(a, b)") { a in
    let (x, y) = (try numpy(a[0]), try numpy(a[1]))
    return wrapped(
      try numpyBinary(
        .multiply, NumpyOperand(x.tensor.reshaped([x.elementCount, 1]), isWeak: false),
        NumpyOperand(y.tensor.reshaped([1, y.elementCount]), isWeak: false)))
  }
  for name in ["shape", "ndim", "size"] {
    module.def("\(name)(a)") { a in try getAttribute(.native(numpy(a[0])), Symbol(name)) }
  }
}

// MARK: Selection

private func addSelection(_ module: ModuleObject) {
  module.def("where(condition, x=, y=, /)") { a in
    let mask = numpyCast(try numpy(a[0]).tensor, to: .bool)
    guard let first = a[1], let second = a[2] else {
      return try callMethod(.native(NumpyArray(mask)), "nonzero") ?? .none
    }
    guard let x = try NumpyOperand(first), let y = try NumpyOperand(second) else {
      throw typeError("numpy.where does not accept operands of these types")
    }
    let type = numpyResultType([x, y])
    let shape = try broadcastShapes([mask.shape, x.tensor.shape, y.tensor.shape])
    let flags = try broadcast(mask, to: shape).elements(as: Bool.self)
    let then = try broadcast(numpyCast(x.tensor, to: type), to: shape)
    let otherwise = try broadcast(numpyCast(y.tensor, to: type), to: shape)
    let size = type.byteCount
    return wrapped(
      HostTensor(type: type, shape: shape) { target in
        for (i, flag) in flags.enumerated() {
          (target + i * size).copyMemory(
            from: (flag ? then : otherwise).buffer.address + i * size, byteCount: size)
        }
      })
  }
  module.def("median(a, axis=, *, keepdims=)") { a in
    let x = try numpy(a[0]).tensor
    return wrapped(
      numpyQuantile(
        x, try numpyAxes(a[1], rank: x.shape.rank), keepsAxes: try a[2].map(isTrue) ?? false, 0.5))
  }
  for (name, scale) in [("quantile", 1.0), ("percentile", 100.0)] {
    module.def("\(name)(a, q, axis=, *, keepdims=)") { a in
      let x = try numpy(a[0]).tensor
      let axes = try numpyAxes(a[2], rank: x.shape.rank)
      let keeps = try a[3].map(isTrue) ?? false
      let q = try numpy(a[1])
      if q.rank == 0 {
        return wrapped(numpyQuantile(x, axes, keepsAxes: keeps, q.tensor[0].double / scale))
      }
      let parts = q.tensor.elements(as: Double.self).map {
        numpyQuantile(x, axes, keepsAxes: keeps, $0 / scale)
      }
      let rows = parts.map { $0.reshaped(Shape([1] + $0.shape.dimensions)) }
      return .native(NumpyArray(HostTensor.concatenated(rows, axis: 0)))
    }
  }
  module.def("unique(a, return_counts=)") { a in
    let array = try numpy(a[0])
    let sorted = numpySort(array.tensor.reshaped([array.elementCount]), axis: 0)
    let keys = sorted.elements(as: Double.self)
    let starts = keys.indices.filter { $0 == 0 || keys[$0] != keys[$0 - 1] }
    let values = try take(
      NumpyArray(sorted), NumpyArray(HostTensor(starts.map { Int64($0) })), 0)
    guard try a[1].map(isTrue) ?? false else { return values }
    let ends = starts.dropFirst() + [keys.count]
    return .tuple([
      values, .native(NumpyArray(HostTensor(zip(starts, ends).map { Int64($1 - $0) }))),
    ])
  }
  module.def("diff(a, n=, axis=)") { a in
    var x = try numpy(a[0]).tensor
    let axis = try a[2].map { try numpyAxis($0, rank: x.shape.rank) } ?? x.shape.rank - 1
    for _ in 0..<(try a[1].map(requireIndex) ?? 1) {
      var (starts, limits) = ([Int](repeating: 0, count: x.shape.rank), x.shape.dimensions)
      let ones = [Int](repeating: 1, count: x.shape.rank)
      limits[axis] -= 1
      let low = x.sliced(starts: starts, limits: limits, strides: ones)
      starts[axis] = 1
      limits[axis] += 1
      let high = x.sliced(starts: starts, limits: limits, strides: ones)
      x = try numpyBinary(
        x.type == .bool ? .bitXor : .subtract, NumpyOperand(high, isWeak: false),
        NumpyOperand(low, isWeak: false))
    }
    return wrapped(x)
  }
  module.def("searchsorted(a, v, side=)") { a in
    let keys = try numpy(a[0]).tensor.elements(as: Double.self)
    let isRight = try a[2].map(str) == "right"
    return wrapped(
      mapElements(try numpy(a[1]).tensor, as: Double.self, to: .i64) { x -> Int64 in
        Int64(keys.count { isRight ? $0 <= x : $0 < x })
      })
  }
  module.def("bincount(x)") { a in
    let x = try numpy(a[0]).tensor.elements(as: Int64.self)
    var counts = [Int64](repeating: 0, count: Int(x.max() ?? -1) + 1)
    for value in x where value >= 0 { counts[Int(value)] += 1 }
    return .native(NumpyArray(HostTensor(counts)))
  }
  module.def("allclose(a, b, rtol=, atol=, equal_nan=)") { a in
    .bool(!(try closeness(a).contains(false)))
  }
  module.def("isclose(a, b, rtol=, atol=, equal_nan=)") { a in
    let shape = try broadcastShapes([numpy(a[0]).shape, numpy(a[1]).shape])
    return wrapped(HostTensor(try closeness(a), shape: shape))
  }
  module.def("array_equal(a, b)") { a in
    let (x, y) = (try numpy(a[0]).tensor, try numpy(a[1]).tensor)
    guard x.shape == y.shape else { return .bool(false) }
    let equal = try numpyCompare(
      .equal, NumpyOperand(x, isWeak: false), NumpyOperand(y, isWeak: false))
    return .bool(!equal.elements(as: Bool.self).contains(false))
  }
  module.def("vdot(a, b)") { a in
    let (x, y) = (try numpy(a[0]), try numpy(a[1]))
    return wrapped(
      try matrixProduct(
        conjugate(x.tensor.reshaped([x.elementCount])), y.tensor.reshaped([y.elementCount])))
  }
}

/// `|a − b| ≤ atol + rtol |b|`, element by element.
func closeness(_ a: [Object?]) throws -> [Bool] {
  let rtol = try a[2].map { try double(plainNumber($0)) } ?? 1e-5
  let atol = try a[3].map { try double(plainNumber($0)) } ?? 1e-8
  let equalNaN = try a[4].map(isTrue) ?? false
  let (x, y) = (try numpy(a[0]).tensor, try numpy(a[1]).tensor)
  return try zipElements(x, y, as: Complex<Double>.self, to: .bool) { x, y -> Bool in
    if x == y { return true }
    if x.real.isNaN || y.real.isNaN || x.imaginary.isNaN || y.imaginary.isNaN {
      return equalNaN && x.real.isNaN && y.real.isNaN
    }
    let distance = hypot(x.real - y.real, x.imaginary - y.imaginary)
    let size = hypot(y.real, y.imaginary)
    return distance.isFinite && size.isFinite && distance <= atol + rtol * size
  }.elements(as: Bool.self)
}

// MARK: Printing

private func addPrinting(_ module: ModuleObject) {
  let parameters = """
    precision=, threshold=, edgeitems=, linewidth=, suppress=, nanstr=, infstr=, formatter=, sign=, \
    floatmode=
    """
  module.def("set_printoptions(\(parameters))") { a in
    ArrayPrinting.options = try changed(ArrayPrinting.options, a)
    return .none
  }
  module.def("get_printoptions()") { _ in
    let options = ArrayPrinting.options
    return .dict(
      Dict(named: [
        ("edgeitems", .int(options.edgeItems)), ("threshold", .int(options.threshold)),
        ("floatmode", .str(options.floatMode.rawValue)),
        ("precision", options.precision.map { .int($0) } ?? Object.none),
        ("suppress", .bool(options.suppress)), ("linewidth", .int(options.lineWidth)),
        ("nanstr", .str(options.nan)), ("infstr", .str(options.infinity)),
        ("sign", .str(options.sign.rawValue)), ("formatter", Object.none),
        ("legacy", .bool(false)), ("override_repr", Object.none),
      ]))
  }
  module.def("printoptions(\(parameters))") { a in
    .native(PrintOptionsContext(try changed(ArrayPrinting.options, a)))
  }
  module.def("array2string(a, max_line_width=, precision=, suppress_small=, separator=, prefix=)") {
    a in
    var options = ArrayPrinting.options
    if let width = a[1], !width.isNone { options.lineWidth = try requireIndex(width) }
    if let precision = a[2], !precision.isNone { options.precision = try requireIndex(precision) }
    if let suppress = a[3], !suppress.isNone { options.suppress = try isTrue(suppress) }
    return .str(
      try numpy(a[0]).tensor.arrayText(
        options, separator: a[4].map(str) ?? " ", prefix: a[5].map(str) ?? ""))
  }
  module.def("array_repr(a, max_line_width=, precision=, suppress_small=)") { a in
    try withPrintOptions(a) { .str(try numpy(a[0]).repr()) }
  }
  module.def("array_str(a, max_line_width=, precision=, suppress_small=)") { a in
    try withPrintOptions(a) { .str(try numpy(a[0]).str()) }
  }
}

/// Runs `body` with the options that the arguments after the first say: the width of lines, the
/// precision, and whether small numbers are zeros.
func withPrintOptions(_ a: [Object?], _ body: () throws -> Object) throws -> Object {
  let outside = ArrayPrinting.options
  defer { ArrayPrinting.options = outside }
  if let width = a[1], !width.isNone { ArrayPrinting.options.lineWidth = try requireIndex(width) }
  if let precision = a[2], !precision.isNone {
    ArrayPrinting.options.precision = try requireIndex(precision)
  }
  if let suppress = a[3], !suppress.isNone { ArrayPrinting.options.suppress = try isTrue(suppress) }
  return try body()
}

private func changed(_ options: PrintOptions, _ a: [Object?]) throws -> PrintOptions {
  var options = options
  func given(_ i: Int) -> Object? { a[i].flatMap { $0.isNone ? nil : $0 } }
  if let value = given(0) {
    let precision = try requireIndex(value)
    guard precision >= 0 else { throw valueError("precision must be >= 0") }
    options.precision = precision
  }
  if let value = given(1) {
    let threshold = try double(plainNumber(value))
    options.threshold = threshold >= Double(Int.max) ? .max : Int(threshold)
  }
  if let value = given(2) { options.edgeItems = try requireIndex(value) }
  if let value = given(3) { options.lineWidth = try requireIndex(value) }
  if let value = given(4) { options.suppress = try isTrue(value) }
  if let value = given(5) { options.nan = try str(value) }
  if let value = given(6) { options.infinity = try str(value) }
  if given(7) != nil { throw unsupportedNumpy("the print option formatter") }
  if let value = given(8) {
    guard let sign = PrintOptions.Sign(rawValue: try str(value)) else {
      throw valueError("sign option must be one of ' ', '+', or '-'")
    }
    options.sign = sign
  }
  if let value = given(9) {
    guard let mode = PrintOptions.FloatMode(rawValue: try str(value)) else {
      throw valueError(
        "floatmode option must be one of maxprec, fixed, maxprec_equal, unique")
    }
    options.floatMode = mode
  }
  return options
}

/// `with np.printoptions(…):`
private final class PrintOptionsContext: NativeObject {
  private let inside: PrintOptions
  private var outside = PrintOptions()

  init(_ inside: PrintOptions) { self.inside = inside }

  override var cls: Class { PrintOptionsContext.contextClass }

  private nonisolated(unsafe) static let contextClass: Class = {
    let cls = Class(builtin: "printoptions", base: Types.object, module: "numpy")
    cls.def("__enter__(self)") { a in
      guard case .native(let context as PrintOptionsContext)? = a[0] else { return .none }
      context.outside = ArrayPrinting.options
      ArrayPrinting.options = context.inside
      return .none
    }
    cls.def("__exit__(self, *exception)") { a in
      if case .native(let context as PrintOptionsContext)? = a[0] {
        ArrayPrinting.options = context.outside
      }
      return .bool(false)
    }
    return cls
  }()
}
