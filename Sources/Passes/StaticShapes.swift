import HLO
import Support
import Tensor

/// Gives operations whose shapes are operands the shapes themselves, where these are constants.
///
///     %1 = constant [2, 3]
///     %2 = dynamic_broadcast_in_dim %0, %1, dims = [1] : tensor<?x?xf32>
///
/// becomes
///
///     %2 = broadcast_in_dim %0, dims = [1] : tensor<2x3xf32>
///
/// The types of what follows are inferred anew. Only static shapes can be compiled.
public let staticShapes = Pass<Module>(
  "static-shapes", "replace shapes that are constant operands"
) { module in
  let before = module
  return try module.forEachFunction(evenInterpreted: true) { function in
    guard function.hasDynamicOperations else { return false }
    var refiner = Refiner(function, in: before)
    try refiner.refine(function.body)
    if refiner.changed { function = refiner.function }
    return refiner.changed
  }
}

extension HLO.Value {
  fileprivate var isInterpreted: Bool {
    type.tensor.map { !$0.isStatic || $0.quantization != nil } ?? false
  }
}

extension Function {
  /// The first operation with values that only the interpreter computes: of extents that are known
  /// when the program runs, or quantised. Passes leave such functions as they are.
  public var interpretedOperation: OperationID? {
    // Values without a definition may be left over.
    guard values.elements.contains(where: \.isInterpreted) else { return nil }
    return operationsInOrder().first { id in
      operations[id].operands.contains { values[$0].isInterpreted }
        || operations[id].results.contains { values[$0].isInterpreted }
    }
  }

  /// Throws where only the interpreter computes something.
  public func requireCompilable() throws {
    guard let operation = interpretedOperation else { return }
    throw unsupported(
      "compiling \(operations[operation].op.mnemonic) of a shape that is not known, or of quantised "
        + "numbers", at: locations[operation].span)
  }

  /// `true` iff an operation's result has an extent that is not known, or an operation reads
  /// extents.
  fileprivate var hasDynamicOperations: Bool {
    operationsInOrder().contains { id in
      let operation = operations[id]
      return operation.op.readsShape
        || operation.results.contains { values[$0].type.tensor?.isStatic == false }
    }
  }
}

extension Op {
  fileprivate var readsShape: Bool {
    switch self {
    case .dynamicIota, .dynamicReshape, .dynamicBroadcastInDim, .dynamicPad, .dynamicGather,
      .dynamicConv, .realDynamicSlice, .getDimensionSize, .setDimensionSize:
      true
    default: false
    }
  }
}

extension Function {
  /// Gives the results of a custom call the shapes that are among its operands, and drops these;
  /// `true` iff there are such operands, and `shape` knows them.
  ///
  ///     custom_call @f(%0, %1) {indices_of_shape_operands = dense<1> : tensor<1xi64>}
  public mutating func settleShapeOperands(
    of id: OperationID, _ shape: (ValueID) -> [Int]?
  ) -> Bool {
    let operation = operations[id]
    guard case .customCall(var call) = operation.op,
      case .dense(let places)? = operationAttributes[id]?["indices_of_shape_operands"]
    else { return false }
    let indices = places.integers
    guard indices.count == operation.results.count,
      indices.allSatisfy(operation.operands.indices.contains)
    else { return false }
    let shapes = indices.compactMap { shape(operation.operands[$0]) }
    guard shapes.count == indices.count else { return false }
    for (result, shape) in zip(operation.results, shapes) {
      guard let type = type(of: result).tensor else { return false }
      values[result].type = .tensor(type.with(shape))
    }
    let kept = operation.operands.indices.filter { !indices.contains($0) }
    operations[id].operands = Operands(kept.map { operation.operands[$0] })
    if let layouts = call.operandLayouts, layouts.count == operation.operands.count {
      call.operandLayouts = kept.map { layouts[$0] }
      operations[id].op = .customCall(call)
    }
    operationAttributes[id]?.removeAll { $0.name == "indices_of_shape_operands" }
    return true
  }
}

private struct Refiner {
  private(set) var function: Function
  private(set) var changed = false
  /// What is known of each value, as far as it may be a shape.
  private var constants: [ValueID: HostTensor] = [:]
  /// Where the functions are that custom calls may name.
  private let module: Module

  init(_ function: Function, in module: Module) {
    self.function = function
    self.module = module
  }

  mutating func refine(_ region: RegionID) throws {
    for id in function.regions[region].operations {
      rewrite(id)
      if function.operations[id].op == .while {
        try refineLoop(id)
      } else {
        for inner in function.operations[id].regions { try refine(inner) }
      }
      try infer(id)
      note(id)
    }
    let operations = function.regions[region].operations
    let kept = operations.filter { !isTrueAssertion(function.operations[$0]) }
    if kept.count < operations.count {
      function.regions[region].operations = kept
      changed = true
    }
    guard region == function.body, let last = function.terminator(of: region) else { return }
    let types = function.operations[last].operands.map { function.type(of: $0) }
    if types != function.resultTypes {
      function.resultTypes = types
      changed = true
    }
  }

  /// Gives the carries of a loop the shapes of its operands, where the loop keeps them.
  private mutating func refineLoop(_ id: OperationID) throws {
    let before = self
    let operation = function.operations[id]
    let types = operation.operands.map { function.type(of: $0) }
    for region in operation.regions {
      for (argument, type) in zip(function.regions[region].arguments, types) {
        function.values[argument].type = type
      }
      try refine(region)
    }
    let given = function.terminator(of: operation.regions[1]).map { last in
      function.operations[last].operands.map { function.type(of: $0) }
    }
    guard given == types else {
      self = before
      return
    }
    for (result, type) in zip(operation.results, types) where function.type(of: result) != type {
      function.values[result].type = type
      changed = true
    }
  }

  /// An assertion of JAX about the extents that the program was exported for, which holds.
  private func isTrueAssertion(_ operation: Operation) -> Bool {
    guard case .customCall(let attributes) = operation.op, attributes.target == "shape_assertion",
      let condition = operation.operands.first
    else { return false }
    return constants[condition]?[0].isTrue == true
  }

  private func integers(_ value: ValueID) -> [Int]? {
    constants[value]?.elements(as: Int64.self).map { Int($0) }
  }

  private func type(_ value: ValueID) -> TensorType? { function.values[value].type.tensor }

  /// Replaces the operation by one whose shape is not an operand.
  private mutating func rewrite(_ id: OperationID) {
    let known = constants
    let settled = function.settleShapeOperands(of: id) { operand in
      known[operand]?.elements(as: Int64.self).map { Int($0) }
    }
    if settled { changed = true }
    settleDynamicCall(id)
    let operation = function.operations[id]
    let operands = operation.operands
    guard operation.results.count == 1, let stated = type(operation.result) else { return }
    /// The result has shape `shape`, and is what `op` makes of `operands`.
    func become(_ op: Op, _ operands: Operands, _ shape: [Int]?, _ refiner: inout Refiner) {
      refiner.function.operations[id].op = op
      refiner.function.operations[id].operands = operands
      if let shape { refiner.function.values[operation.result].type = .tensor(stated.with(shape)) }
      refiner.changed = true
    }
    switch operation.op {
    case .dynamicIota(let dimension):
      guard let shape = integers(operands[0]) else { return }
      become(.iota(dimension: dimension), [], shape, &self)
    case .dynamicReshape:
      guard let shape = integers(operands[1]), let source = type(operands[0]), source.isStatic,
        source.count == shape.reduce(1, *)
      else { return }
      become(.reshape, [operands[0]], shape, &self)
    case .dynamicBroadcastInDim(let dimensions, _, _):
      guard let shape = integers(operands[1]) else { return }
      become(.broadcastInDim(dimensions: dimensions), [operands[0]], shape, &self)
    case .dynamicPad:
      guard let low = integers(operands[2]), let high = integers(operands[3]),
        let interior = integers(operands[4])
      else { return }
      let amounts = PadAmounts(low: low, high: high, interior: interior)
      become(.pad(amounts), [operands[0], operands[1]], nil, &self)
    case .dynamicGather(let attributes):
      guard let sizes = integers(operands[2]) else { return }
      var known = attributes
      known.sliceSizes = sizes
      become(.gather(known), [operands[0], operands[1]], nil, &self)
    case .realDynamicSlice:
      guard let start = integers(operands[1]), let limit = integers(operands[2]),
        let strides = integers(operands[3])
      else { return }
      let bounds = SliceBounds(start: start, limit: limit, strides: strides)
      become(.slice(bounds), [operands[0]], nil, &self)
    case .dynamicConv(let attributes):
      guard let padding = integers(operands[2]) else { return }
      var known = attributes
      known.padding = stride(from: 0, to: padding.count - 1, by: 2).map {
        Padding(padding[$0], padding[$0 + 1])
      }
      known.stated.insert(.padding)
      become(.convolution(known), [operands[0], operands[1]], nil, &self)
    case .getDimensionSize(let dimension):
      guard let extent = type(operands[0])?.dimensions[dimension], extent != TensorType.dynamic
      else { return }
      let size = HostTensor(scalar: Int32(truncatingIfNeeded: extent))
      become(.constant(Constant(size)), [], nil, &self)
    case .setDimensionSize(let dimension):
      guard let size = integers(operands[1])?.first, let source = type(operands[0]),
        source.isStatic, size >= 0, size <= source.dimensions[dimension]
      else { return }
      var limit = source.dimensions
      limit[dimension] = size
      let bounds = SliceBounds(start: limit.map { _ in 0 }, limit: limit)
      become(.slice(bounds), [operands[0]], limit, &self)
    default: return
    }
  }

  /// Makes an operation of StableHLO of a call whose sizes are known.
  private mutating func settleDynamicCall(_ id: OperationID) {
    let operation = function.operations[id]
    guard case .customCall(let attributes) = operation.op,
      let call = DynamicCall(attributes, besides: function.operationAttributes[id] ?? [])
    else { return }
    let sizes = operation.operands.suffix(call.sizeCount).compactMap { integers($0) }
    let inputs = Operands(operation.operands.dropLast(call.sizeCount))
    // What is malformed stays, for whoever runs it to say.
    guard
      let (op, types) = try? call.settled(
        sizes: sizes, operands: inputs.map(function.type(of:)),
        results: operation.results.map(function.type(of:)), function: { module[$0] })
    else { return }
    for (value, type) in zip(operation.results, types) where type.tensor?.isStatic == true {
      function.values[value].type = type
    }
    if case .reduceWindow(let reducer) = call, let callee = module[reducer] {
      let region = function.createRegion(arguments: callee.argumentTypes)
      let results = function.splice(
        callee, arguments: function.regions[region].arguments, into: region,
        at: function.locations[id])
      let end = function.create(.return, Operands(results), resultTypes: [])
      function.regions[region].operations.append(end)
      function.operations[id].regions = [region]
    }
    function.operations[id].op = op
    function.operations[id].operands = inputs
    function.operationAttributes[id]?.removeAll { $0.name == "rng_algorithm" }
    changed = true
  }

  /// Gives the results the types that follow from the operands, where the stated ones say less.
  private mutating func infer(_ id: OperationID) throws {
    let operation = function.operations[id]
    let types = operation.results.map { function.type(of: $0) }
    guard types.contains(where: { $0.tensor?.isStatic == false }) else { return }
    let operands = operation.operands.map { function.type(of: $0) }
    let inferred: [ValueType]
    switch operation.op {
    // These state their types themselves.
    case .convert, .bitcastConvert:
      guard let shape = operands[0].tensor?.shape, let element = types[0].tensor?.element else {
        return
      }
      inferred = [.tensor(TensorType(shape, element))]
    default:
      guard
        let found = try? resultTypesOf(
          operation.op, operands: operands,
          regions: operation.regions.map(function.signature(of:)), stated: nil)
      else { return }
      inferred = found
    }
    for (value, type) in zip(operation.results, inferred)
    where type.tensor?.isStatic == true && function.values[value].type != type {
      function.values[value].type = type
      changed = true
    }
  }

  /// Remembers small integer arrays that are known.
  private mutating func note(_ id: OperationID) {
    let operation = function.operations[id]
    guard operation.results.count == 1, let type = type(operation.result), type.isStatic,
      type.element.isInteger || type.element == .bool, type.count <= 64
    else { return }
    if case .constant(let constant) = operation.op {
      constants[operation.result] = constant.tensor
      return
    }
    let operands = operation.operands.compactMap { constants[$0] }
    guard operands.count == operation.operands.count, !operands.isEmpty,
      operation.regions.isEmpty, let value = try? evaluate(operation.op, operands, results: [type])
    else { return }
    constants[operation.result] = value.first
  }
}
