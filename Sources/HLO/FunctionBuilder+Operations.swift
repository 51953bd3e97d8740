import Support
import Tensor

// One method per operation, in the order of `Op`.
extension FunctionBuilder {
  // MARK: Elementwise

  public func unary(_ op: UnaryOp, _ x: ValueID) throws -> ValueID {
    try emitOne(.unary(op), [x])
  }

  public func binary(_ op: BinaryOp, _ x: ValueID, _ y: ValueID) throws -> ValueID {
    try emitOne(.binary(op), [x, y])
  }

  public func abs(_ x: ValueID) throws -> ValueID { try unary(.abs, x) }
  public func negate(_ x: ValueID) throws -> ValueID { try unary(.negate, x) }
  public func not(_ x: ValueID) throws -> ValueID { try unary(.not, x) }
  public func exponential(_ x: ValueID) throws -> ValueID { try unary(.exponential, x) }
  public func log(_ x: ValueID) throws -> ValueID { try unary(.log, x) }
  public func sqrt(_ x: ValueID) throws -> ValueID { try unary(.sqrt, x) }
  public func floor(_ x: ValueID) throws -> ValueID { try unary(.floor, x) }
  public func real(_ x: ValueID) throws -> ValueID { try unary(.real, x) }
  public func imag(_ x: ValueID) throws -> ValueID { try unary(.imag, x) }

  public func add(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.add, x, y) }
  public func subtract(_ x: ValueID, _ y: ValueID) throws -> ValueID {
    try binary(.subtract, x, y)
  }
  public func multiply(_ x: ValueID, _ y: ValueID) throws -> ValueID {
    try binary(.multiply, x, y)
  }
  public func divide(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.divide, x, y) }
  public func remainder(_ x: ValueID, _ y: ValueID) throws -> ValueID {
    try binary(.remainder, x, y)
  }
  public func power(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.power, x, y) }
  public func maximum(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.maximum, x, y) }
  public func minimum(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.minimum, x, y) }
  public func and(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.and, x, y) }
  public func or(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.or, x, y) }
  public func xor(_ x: ValueID, _ y: ValueID) throws -> ValueID { try binary(.xor, x, y) }
  public func complex(_ re: ValueID, _ im: ValueID) throws -> ValueID {
    try binary(.complex, re, im)
  }

  /// Compares; the type of the comparison follows from the element type unless stated.
  public func compare(
    _ x: ValueID, _ direction: ComparisonDirection, _ y: ValueID, type: ComparisonType? = nil
  ) throws -> ValueID {
    let type = try type ?? ComparisonType(of: tensorType(of: x).element)
    return try emitOne(.compare(Comparison(direction, type)), [x, y])
  }

  /// `onTrue` where `predicate` (a scalar or of the same shape), else `onFalse`.
  public func select(
    _ predicate: ValueID, _ onTrue: ValueID, _ onFalse: ValueID
  ) throws -> ValueID {
    try emitOne(.select, [predicate, onTrue, onFalse])
  }

  public func clamp(_ low: ValueID, _ x: ValueID, _ high: ValueID) throws -> ValueID {
    try emitOne(.clamp, [low, x, high])
  }

  /// Converts to `element`; emits an operation also where nothing changes.
  public func convert(_ x: ValueID, to element: ElementType) throws -> ValueID {
    try emitOne(.convert, [x], type: .tensor(tensorType(of: x).with(element)))
  }

  public func bitcastConvert(_ x: ValueID, to type: TensorType) throws -> ValueID {
    try emitOne(.bitcastConvert, [x], type: .tensor(type))
  }

  public func reducePrecision(
    _ x: ValueID, exponentBits: Int, mantissaBits: Int
  ) throws -> ValueID {
    guard let exponent = Int32(exactly: exponentBits), let mantissa = Int32(exactly: mantissaBits)
    else {
      throw Diagnostic(
        .error, "reduce_precision: number of bits out of range", at: location.span)
    }
    return try emitOne(.reducePrecision(exponentBits: exponent, mantissaBits: mantissa), [x])
  }

  // MARK: Creation

  public func constant(_ tensor: HostTensor) throws -> ValueID {
    try constant(Constant(tensor))
  }

  public func constant(_ constant: Constant) throws -> ValueID {
    try emitOne(.constant(constant), [])
  }

  /// A constant whose elements are all `value`.
  public func splat(_ value: Double, _ type: TensorType) throws -> ValueID {
    try constant(Constant(value, type))
  }

  /// A constant whose elements are all `value`.
  public func splat(_ value: Int, _ type: TensorType) throws -> ValueID {
    try constant(Constant(value, type))
  }

  /// A scalar constant.
  public func scalar(_ value: Double, _ element: ElementType) throws -> ValueID {
    try splat(value, .scalar(element))
  }

  /// A scalar constant.
  public func scalar(_ value: Int, _ element: ElementType) throws -> ValueID {
    try splat(value, .scalar(element))
  }

  /// A scalar constant, broadcast: what JAX emits for an array of equal elements, be it one.
  public func full(_ value: Double, _ type: TensorType) throws -> ValueID {
    try broadcastInDim(scalar(value, type.element), type.dimensions, [])
  }

  /// A scalar constant, broadcast: what JAX emits for an array of equal elements, be it one.
  public func full(_ value: Int, _ type: TensorType) throws -> ValueID {
    try broadcastInDim(scalar(value, type.element), type.dimensions, [])
  }

  /// `value` for arithmetic with `x`: broadcast where `x` has axes.
  public func number(_ value: Double, with x: ValueID) throws -> ValueID {
    let type = try tensorType(of: x)
    return type.rank == 0 ? try scalar(value, type.element) : try full(value, type)
  }

  /// `value` in the shape and element type of `x`.
  public func full(_ value: Double, like x: ValueID) throws -> ValueID {
    try full(value, tensorType(of: x))
  }

  public func iota(_ type: TensorType, dimension: Int) throws -> ValueID {
    try emitOne(.iota(dimension: dimension), [], type: .tensor(type))
  }

  /// The new state, and `bits` of the stated type.
  public func rngBitGenerator(
    _ algorithm: RandomAlgorithm, state: ValueID, bits: TensorType
  ) throws -> (state: ValueID, bits: ValueID) {
    let results = try emit(
      .rngBitGenerator(algorithm), [state], resultTypes: [type(of: state), .tensor(bits)])
    return (results[0], results[1])
  }

  // MARK: Movement

  /// Operand axis `i` becomes axis `dimensions[i]` of `shape`.
  public func broadcastInDim(
    _ x: ValueID, _ shape: [Int], _ dimensions: [Int]
  ) throws -> ValueID {
    try emitOne(
      .broadcastInDim(dimensions: dimensions), [x],
      type: .tensor(tensorType(of: x).with(shape)))
  }

  public func reshape(_ x: ValueID, _ shape: [Int]) throws -> ValueID {
    try emitOne(.reshape, [x], type: .tensor(tensorType(of: x).with(shape)))
  }

  public func transpose(_ x: ValueID, _ axes: [Int]) throws -> ValueID {
    guard let permutation = Permutation(checking: axes) else {
      throw Diagnostic(.error, "transpose.C2: \(axes) is not a permutation", at: location.span)
    }
    return try emitOne(.transpose(permutation), [x])
  }

  public func reverse(_ x: ValueID, dimensions: [Int]) throws -> ValueID {
    try emitOne(.reverse(dimensions: dimensions), [x])
  }

  public func concatenate(_ inputs: [ValueID], dimension: Int) throws -> ValueID {
    try emitOne(.concatenate(dimension: dimension), Operands(inputs))
  }

  public func slice(
    _ x: ValueID, start: [Int], limit: [Int], strides: [Int]? = nil
  ) throws -> ValueID {
    try emitOne(.slice(SliceBounds(start: start, limit: limit, strides: strides)), [x])
  }

  public func pad(
    _ x: ValueID, with value: ValueID, low: [Int], high: [Int], interior: [Int]? = nil
  ) throws -> ValueID {
    try emitOne(.pad(PadAmounts(low: low, high: high, interior: interior)), [x, value])
  }

  public func dynamicSlice(
    _ x: ValueID, starts: [ValueID], sizes: [Int]
  ) throws -> ValueID {
    try emitOne(.dynamicSlice(sizes: sizes), Operands([x] + starts))
  }

  public func dynamicUpdateSlice(
    _ x: ValueID, _ update: ValueID, starts: [ValueID]
  ) throws -> ValueID {
    try emitOne(.dynamicUpdateSlice, Operands([x, update] + starts))
  }

  public func gather(
    _ x: ValueID, indices: ValueID, _ attributes: GatherAttributes
  ) throws -> ValueID {
    try emitOne(.gather(attributes), [x, indices])
  }

  /// `combine` takes the old elements, then the updates: one scalar each per input.
  public func scatter(
    _ inputs: [ValueID], indices: ValueID, updates: [ValueID], _ attributes: ScatterAttributes,
    combine: (FunctionBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> [ValueID] {
    let scalars = try scalarTypes(inputs)
    let region = try makeRegion(scalars + scalars, combine)
    return try emit(.scatter(attributes), inputs + [indices] + updates, regions: [region])
  }

  // MARK: Contraction

  public func dotGeneral(
    _ lhs: ValueID, _ rhs: ValueID, _ numbers: DotDimensionNumbers,
    precision: [Precision] = [.default, .default], algorithm: DotAlgorithm? = nil,
    result element: ElementType? = nil
  ) throws -> ValueID {
    let attributes = DotAttributes(numbers, precision: precision, algorithm: algorithm)
    var stated: ValueType?
    if let element {
      let types = try resultTypesOf(
        .dotGeneral(attributes), operands: [type(of: lhs), type(of: rhs)], regions: [],
        stated: nil)
      stated = types[0].tensor.map { .tensor($0.with(element)) }
    }
    return try emitOne(.dotGeneral(attributes), [lhs, rhs], type: stated)
  }

  public func convolution(
    _ lhs: ValueID, _ rhs: ValueID, _ attributes: ConvolutionAttributes,
    result element: ElementType? = nil
  ) throws -> ValueID {
    let types = try resultTypesOf(
      .convolution(attributes), operands: [type(of: lhs), type(of: rhs)], regions: [],
      stated: nil)
    let stated = element.flatMap { element in types[0].tensor?.with(element) }
    return try emitOne(.convolution(attributes), [lhs, rhs], type: stated.map { .tensor($0) })
  }

  // MARK: Reduction

  /// `combine` takes the accumulated values, then the next ones: one scalar each per input.
  public func reduce(
    _ inputs: [ValueID], _ initialValues: [ValueID], dimensions: [Int],
    combine: (FunctionBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> [ValueID] {
    let scalars = try scalarTypes(initialValues)
    let region = try makeRegion(scalars + scalars, combine)
    return try emit(.reduce(dimensions: dimensions), inputs + initialValues, regions: [region])
  }

  /// Reduces one array by one operation.
  public func reduce(
    _ op: BinaryOp, _ input: ValueID, _ initialValue: ValueID, dimensions: [Int]
  ) throws -> ValueID {
    try reduce([input], [initialValue], dimensions: dimensions) { b, arguments in
      [try b.binary(op, arguments[0], arguments[1])]
    }[0]
  }

  public func reduceWindow(
    _ inputs: [ValueID], _ initialValues: [ValueID], _ window: WindowAttributes,
    combine: (FunctionBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> [ValueID] {
    let scalars = try scalarTypes(initialValues)
    let region = try makeRegion(scalars + scalars, combine)
    return try emit(.reduceWindow(window), inputs + initialValues, regions: [region])
  }

  /// `select` takes two elements and gives an `i1`; `combine` adds a source element.
  public func selectAndScatter(
    _ operand: ValueID, source: ValueID, _ initialValue: ValueID, _ window: WindowAttributes,
    select: (FunctionBuilder, [ValueID]) throws -> [ValueID],
    combine: (FunctionBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> ValueID {
    let scalars = try scalarTypes([operand, operand])
    let first = try makeRegion(scalars, select)
    let second = try makeRegion(scalars, combine)
    return try emitOne(
      .selectAndScatter(window), [operand, source, initialValue], regions: [first, second])
  }

  /// `comparator` takes a left and a right element of each input, alternating.
  public func sort(
    _ inputs: [ValueID], dimension: Int, isStable: Bool,
    comparator: (FunctionBuilder, [ValueID]) throws -> ValueID
  ) throws -> [ValueID] {
    let arguments = try scalarTypes(inputs).flatMap { [$0, $0] }
    let region = try makeRegion(arguments) { b, arguments in [try comparator(b, arguments)] }
    return try emit(
      .sort(dimension: dimension, isStable: isStable), inputs, regions: [region])
  }

  // MARK: Linear algebra and transforms

  public func cholesky(_ a: ValueID, lower: Bool) throws -> ValueID {
    try emitOne(.cholesky(lower: lower), [a])
  }

  public func triangularSolve(
    _ a: ValueID, _ b: ValueID, _ attributes: TriangularSolveAttributes
  ) throws -> ValueID {
    try emitOne(.triangularSolve(attributes), [a, b])
  }

  public func fft(_ x: ValueID, _ kind: FFTKind, length: [Int]) throws -> ValueID {
    try emitOne(.fft(FFTAttributes(kind, length: length)), [x])
  }

  // MARK: Control flow

  public func `while`(
    _ carries: [ValueID],
    condition: (FunctionBuilder, [ValueID]) throws -> ValueID,
    body: (FunctionBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> [ValueID] {
    let types = carries.map(type(of:))
    let conditionRegion = try makeRegion(types) { b, arguments in [try condition(b, arguments)] }
    let bodyRegion = try makeRegion(types, body)
    return try emit(.while, carries, regions: [conditionRegion, bodyRegion])
  }

  public func `if`(
    _ predicate: ValueID, then: (FunctionBuilder) throws -> [ValueID],
    else otherwise: (FunctionBuilder) throws -> [ValueID]
  ) throws -> [ValueID] {
    let first = try makeRegion([]) { b, _ in try then(b) }
    let second = try makeRegion([]) { b, _ in try otherwise(b) }
    return try emit(.if, [predicate], regions: [first, second])
  }

  /// Calls the function `callee` of the same module.
  public func call(
    _ callee: String, _ operands: [ValueID], resultTypes: [ValueType]
  ) throws -> [ValueID] {
    try emit(.call(callee: callee), operands, resultTypes: resultTypes)
  }

  /// - Parameter besides: attributes that do not define what the call means.
  public func customCall(
    _ attributes: CustomCallAttributes, _ operands: [ValueID], resultTypes: [ValueType],
    besides: [NamedAttribute] = []
  ) throws -> [ValueID] {
    let results = try emit(.customCall(attributes), operands, resultTypes: resultTypes)
    if !besides.isEmpty, let id = function.regions[region].operations.last {
      function.operationAttributes[id] = besides
    }
    return results
  }

  public func optimizationBarrier(_ operands: [ValueID]) throws -> [ValueID] {
    try emit(.optimizationBarrier, operands)
  }

  /// The `k` largest values of the last dimension, and their indices.
  public func topK(_ x: ValueID, k: Int) throws -> (values: ValueID, indices: ValueID) {
    let results = try emit(.topK(k: k), [x])
    return (results[0], results[1])
  }

  private func scalarTypes(_ values: [ValueID]) throws -> [ValueType] {
    try values.map { .tensor(.scalar(try tensorType(of: $0).element)) }
  }
}

extension ComparisonType {
  /// How JAX compares elements of `type`.
  public init(of type: ElementType) {
    switch type {
    case .bool, .u2, .u4, .u8, .u16, .u32, .u64, .key: self = .unsigned
    case .i2, .i4, .i8, .i16, .i32, .i64, .float0: self = .signed
    case .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ,
      .f8E5M2, .f8E5M2FNUZ,
      .f8E8M0FNU, .bf16, .f16, .f32, .f64, .c64, .c128:
      self = .float
    }
  }
}
