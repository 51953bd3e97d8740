import Support
import Tensor

/// What a value is while a program runs.
public enum RuntimeValue: Sendable {
  case tensor(HostTensor)
  case token
  case tuple([RuntimeValue])
}

/// A check of the program, or of its test, that did not hold.
public struct FailedCheck: Error, Sendable {
  /// What was expected and what was there.
  public var message: String
  /// Both values.
  public var notes: [String] = []
  public var span: Span?
}

/// Runs a module as its text says, operation by operation: the definition that compiled code is
/// compared with.
public final class Interpreter {
  public let module: Module
  private var functions: [String: Function] = [:]
  /// The process among those of `run_parallel`.
  let process: Process?
  /// Calls that have not returned.
  private var depth = 0
  /// The counter of `rng`.
  private var randomCounter: UInt64 = 0
  /// What `interpreter.probe` has seen.
  var probes: [String: [HostTensor]] = [:]
  /// Performs custom calls that are routines of LAPACK.
  let routine: Routine?

  /// What an operation of a function makes of operands.
  public typealias Routine = (OperationID, Function, [HostTensor]) throws -> [HostTensor]

  public init(_ module: Module, routine: Routine? = nil) {
    self.module = module
    self.routine = routine
    process = nil
    for function in module.functions { functions[function.name] = function }
  }

  init(_ module: Module, process: Process) {
    self.module = module
    self.process = process
    routine = nil
    for function in module.functions { functions[function.name] = function }
  }

  /// Calls a function on tensors.
  public func call(_ name: String, _ arguments: [HostTensor] = []) throws -> [HostTensor] {
    try call(name, values: arguments.map { .tensor($0) }).map { value in
      guard case .tensor(let tensor) = value else {
        throw unsupported("a result that is no tensor")
      }
      return tensor
    }
  }

  public func call(_ name: String, values: [RuntimeValue]) throws -> [RuntimeValue] {
    guard let function = functions[name] else {
      throw Diagnostic(.error, "there is no function @\(name)")
    }
    let types = function.argumentTypes
    guard types.count == values.count else {
      throw Diagnostic(
        .error, "@\(name) takes \(types.count) arguments, got \(values.count)")
    }
    for (index, (type, value)) in Swift.zip(types, values).enumerated() {
      if let expected = type.tensor, case .tensor(let tensor) = value,
        !compatible(expected.stored, TensorType(tensor.shape, tensor.type))
      {
        throw Diagnostic(
          .error,
          "argument \(index) of @\(name) is \(TensorType(tensor.shape, tensor.type)), "
            + "not \(expected)")
      }
    }
    guard !function.isDeclaration else {
      throw Diagnostic(.error, "@\(name) has no body")
    }
    depth += 1
    defer { depth -= 1 }
    if depth > 300 { throw Diagnostic(.error, "calls are nested too deeply") }
    return try Frame(function, self).run(function.body, values)
  }

  /// What `rng` gives for two parameters and a shape.
  func random(
    _ distribution: RandomDistribution, _ operands: [HostTensor], _ element: ElementType
  ) -> HostTensor {
    let (a, b) = (operands[0][0].double, operands[1][0].double)
    let shape = Shape(integers(operands[2]))
    let values = (0..<shape.count).map { _ -> Double in
      switch distribution {
      case .uniform: return a + (b - a) * uniform()
      case .normal:
        // Box and Muller.
        let radius = (-2 * ElementaryFunction.log(1 - uniform())).squareRoot()
        return a + b * radius * ElementaryFunction.cos(2 * .pi * uniform())
      }
    }
    return HostTensor(values, shape: shape).converted(to: element)
  }

  /// Numbers for `rng`, which no one can predict and every run repeats.
  private func uniform() -> Double {
    let block = threefry2x32(
      key: (0x6a78_6321, UInt32(truncatingIfNeeded: process?.index ?? 0)),
      counter: (
        UInt32(truncatingIfNeeded: randomCounter), UInt32(truncatingIfNeeded: randomCounter >> 32)
      ))
    randomCounter += 1
    return Double(UInt64(block.0) << 21 ^ UInt64(block.1) >> 11) * 0x1p-53
  }
}

/// One call of a function: the values that it has computed so far.
private final class Frame {
  let function: Function
  let interpreter: Interpreter
  private var values: [RuntimeValue?]

  init(_ function: Function, _ interpreter: Interpreter) {
    self.function = function
    self.interpreter = interpreter
    values = [RuntimeValue?](repeating: nil, count: function.values.count)
  }

  /// Runs the operations of a region, and returns what it gives.
  func run(_ region: RegionID, _ arguments: [RuntimeValue]) throws -> [RuntimeValue] {
    for (argument, value) in Swift.zip(function.regions[region].arguments, arguments) {
      values[argument.index] = value
    }
    for id in function.regions[region].operations {
      let operation = function.operations[id]
      do {
        if operation.op == .return { return try operation.operands.map(value) }
        let results = try evaluate(id)
        for (result, value) in Swift.zip(operation.results, results) {
          values[result.index] = value
        }
      } catch let error as Diagnostic {
        throw error.at(function.locations[id].span)
      } catch var failure as FailedCheck {
        if failure.span == nil { failure.span = function.locations[id].span }
        throw failure
      }
    }
    throw Diagnostic(.error, "a region does not end")
  }

  private func run(_ region: RegionID, tensors: [HostTensor]) throws -> [HostTensor] {
    try run(region, tensors.map { .tensor($0) }).map(tensor)
  }

  private func value(_ id: ValueID) throws -> RuntimeValue {
    guard let value = values[id.index] else {
      throw Diagnostic(.error, "a value is used before its definition")
    }
    return value
  }

  private func tensor(_ value: RuntimeValue) throws -> HostTensor {
    guard case .tensor(let tensor) = value else {
      throw Diagnostic(.error, "a tensor expected")
    }
    return tensor
  }

  private func tensor(_ id: ValueID) throws -> HostTensor { try tensor(value(id)) }

  /// The operation that a region applies to its two arguments, if it does nothing else.
  private func onlyOperation(_ region: RegionID) -> BinaryOp? {
    let (operations, arguments) = (
      function.regions[region].operations, function.regions[region].arguments
    )
    guard operations.count == 2, arguments.count == 2,
      !function.type(of: arguments[0]).isQuantized,
      case .binary(let op) = function.operations[operations[0]].op,
      function.operations[operations[0]].operands.elementsEqual(arguments),
      function.operations[operations[1]].operands.elementsEqual(
        function.operations[operations[0]].results)
    else { return nil }
    return op
  }

  private func evaluate(_ id: OperationID) throws -> [RuntimeValue] {
    let operation = function.operations[id]
    let types = operation.results.map { function.type(of: $0) }
    var tensorTypes = types.compactMap(\.tensor)
    let isQuantized = (operation.operands.map { function.type(of: $0) } + types)
      .contains(where: \.isQuantized)
    if operation.op.computes, !isQuantized { tensorTypes = try staticTypes(operation, tensorTypes) }
    /// Combines two lists of scalars by region 0.
    func combine(_ region: Int) -> Combine {
      { a, b in try self.run(operation.regions[region], tensors: a + b) }
    }

    switch operation.op {
    case .map:
      let inputs = Elements(tensors: try operation.operands.map { try tensor($0) })
      let output = Elements(
        tensors: tensorTypes.map { HostTensor.zeros($0.element, inputs.tensors[0].shape) })
      for position in 0..<inputs.tensors[0].count {
        output.set(position, try run(operation.regions[0], tensors: inputs[position]))
      }
      return output.tensors.map { .tensor($0) }

    case .rng(let distribution):
      return [
        .tensor(
          interpreter.random(
            distribution, try operation.operands.map { try tensor($0) }, tensorTypes[0].element))
      ]

    case .partitionID:
      return [.tensor(HostTensor(scalar: UInt32(interpreter.process?.partition ?? 0)))]
    case .replicaID:
      return [.tensor(HostTensor(scalar: UInt32(interpreter.process?.replica ?? 0)))]

    case .scatter(let attributes): return try scatter(operation, attributes, tensorTypes)

    case .reduce(let dimensions):
      let half = operation.operands.count / 2
      let inputs = try operation.operands.prefix(half).map { try tensor($0) }
      let initial = try operation.operands.dropFirst(half).map { try tensor($0) }
      if let op = onlyOperation(operation.regions[0]) {
        return [
          .tensor(
            try reduceByOne(
              op, inputs[0], initial[0], dimensions: dimensions, element: tensorTypes[0].element))
        ]
      }
      return try reduceByRegion(
        inputs, initial, dimensions: dimensions, results: tensorTypes, combine(0)
      ).map { .tensor($0) }

    case .reduceWindow(let window):
      let half = operation.operands.count / 2
      let inputs = try operation.operands.prefix(half).map { try tensor($0) }
      let initial = try operation.operands.dropFirst(half).map { try tensor($0) }
      if let op = onlyOperation(operation.regions[0]),
        let result = try reduceWindowByOne(op, inputs[0], initial[0], window, tensorTypes[0])
      {
        return [.tensor(result)]
      }
      return try reduceWindowByRegion(
        inputs, initial, window, results: tensorTypes, combine(0)
      ).map { .tensor($0) }

    case .selectAndScatter(let window):
      return [
        .tensor(
          try selectAndScatterByRegion(
            tensor(operation.operands[0]), tensor(operation.operands[1]),
            tensor(operation.operands[2]), window, result: tensorTypes[0],
            select: { a, b in
              try self.run(operation.regions[0], tensors: [a, b])[0][0].isTrue
            }, combine: combine(1)))
      ]

    case .sort(let dimension, _):
      return try sortByRegion(operation.operands.map { try tensor($0) }, dimension: dimension) {
        try self.run(operation.regions[0], tensors: $0)[0][0].isTrue
      }.map { .tensor($0) }

    case .while:
      var carries = try operation.operands.map(value)
      while try tensor(run(operation.regions[0], carries)[0])[0].isTrue {
        carries = try run(operation.regions[1], carries)
      }
      return carries

    case .if:
      let isTrue = try tensor(operation.operands[0])[0].isTrue
      return try run(operation.regions[isTrue ? 0 : 1], [])

    case .case:
      let index = try tensor(operation.operands[0])[0].int
      let last = operation.regions.count - 1
      return try run(operation.regions[index >= 0 && index < last ? index : last], [])

    case .fusion: return try run(operation.regions[0], operation.operands.map(value))
    case .call(let callee):
      return try interpreter.call(callee, values: operation.operands.map(value))
    case .composite(let attributes):
      return try interpreter.call(attributes.decomposition, values: operation.operands.map(value))

    case .optimizationBarrier, .shardingConstraint: return try operation.operands.map(value)
    case .tuple: return [.tuple(try operation.operands.map(value))]
    case .getTupleElement(let index):
      guard case .tuple(let elements) = try value(operation.operands[0]),
        elements.indices.contains(index)
      else { throw Diagnostic(.error, "a tuple expected") }
      return [elements[index]]
    case .afterAll, .createToken: return [.token]

    case .scan(let attributes): return try scan(operation, attributes, tensorTypes)
    // The computation is finished at once; its results wait as a tuple.
    case .asyncStart:
      return [.tuple(try run(operation.regions[0], operation.operands.map(value)))]
    case .asyncDone:
      guard case .tuple(let results) = try value(operation.operands[0]) else {
        throw Diagnostic(.error, "a future expected")
      }
      return results

    case .customCall(let attributes):
      return try customCall(attributes, id)
    case .check(let attributes):
      return try interpreter.check(attributes, operation.operands.map(value))

    case .infeed, .outfeed, .send, .recv, .allGather, .allReduce, .reduceScatter, .allToAll,
      .collectiveBroadcast, .collectivePermute, .collectiveReduce:
      guard let process = interpreter.process else {
        let brought = operation.operands.prefix(operation.results.count)
        if operation.op.isAmongOneProcess,
          brought.map(function.type(of:)) == operation.results.map(function.type(of:))
        {
          return try brought.map(value)
        }
        throw unsupported("\(operation.op.mnemonic) outside of run_parallel")
      }
      return try process.communicate(operation, operation.operands.map(value), tensorTypes) {
        try self.run(operation.regions[0], tensors: $0 + $1)
      } infeed: { name in
        try self.interpreter.call(name)
      }

    case .return: return []

    case .unary, .binary, .compare, .select, .clamp, .convert, .bitcastConvert,
      .reducePrecision, .constant, .iota, .rngBitGenerator, .broadcastInDim, .reshape,
      .transpose, .reverse, .concatenate, .slice, .pad, .dynamicSlice, .dynamicUpdateSlice,
      .gather, .getDimensionSize, .setDimensionSize, .dotGeneral, .convolution, .cholesky,
      .triangularSolve, .fft, .batchNormInference, .batchNormTraining, .batchNormGrad,
      .dynamicIota, .dynamicReshape, .dynamicBroadcastInDim, .dynamicPad, .dynamicGather,
      .dynamicConv, .realDynamicSlice, .uniformQuantize, .uniformDequantize, .einsum,
      .torchIndexSelect, .constantLike, .topK, .broadcasting, .raggedDot:
      if isQuantized {
        return try evaluateQuantized(operation, tensorTypes).map { .tensor($0) }
      }
      return try HLO.evaluate(
        operation.op, operation.operands.map { try tensor($0) },
        results: tensorTypes
      ).map { .tensor($0) }
    }
  }

  /// An operation on quantised numbers: what it makes of the numbers that they stand for.
  private func evaluateQuantized(
    _ operation: Operation, _ results: [TensorType]
  ) throws -> [HostTensor] {
    let operands = try operation.operands.map { try tensor($0) }
    let types = operation.operands.map { function.type(of: $0).tensor }
    switch operation.op {
    case .bitcastConvert, .constant:
      return try HLO.evaluate(operation.op, operands, results: results.map(\.stored))
    default: break
    }
    let numbers = Swift.zip(operands, types).map { operand, type in
      type?.quantization.map { operand.dequantized($0) } ?? operand
    }
    let computed: [HostTensor]
    switch operation.op {
    case .uniformQuantize, .uniformDequantize: computed = numbers
    default:
      computed = try HLO.evaluate(
        operation.op, numbers,
        results: staticTypes(operation, results.map(\.expressed), operands: numbers))
    }
    return Swift.zip(computed, results).map { number, type in
      type.quantization.map { number.quantized($0) } ?? number
    }
  }

  /// Result types with the extents that the operands have, where the program leaves them open.
  private func staticTypes(
    _ operation: Operation, _ types: [TensorType], operands numbers: [HostTensor]? = nil
  ) throws -> [TensorType] {
    if types.allSatisfy(\.isStatic) { return types }
    let given = try numbers ?? operation.operands.map { try tensor($0) }
    let operands = given.map { ValueType.tensor(TensorType($0.shape, $0.type)) }
    switch operation.op {
    // These state their types themselves, and read the extents from operands.
    case .convert, .bitcastConvert:
      return [TensorType(given[0].shape, types[0].element)]
    case .dynamicIota, .dynamicReshape, .dynamicBroadcastInDim, .dynamicPad, .dynamicGather,
      .realDynamicSlice, .setDimensionSize:
      return types
    case .dynamicConv(let attributes):
      return try resultTypesOf(
        .convolution(attributes.padded(by: integers(given[2]))),
        operands: Array(operands.prefix(2)), regions: [], stated: nil
      ).compactMap(\.tensor)
    case .dotGeneral, .convolution:
      let inferred = try resultTypesOf(
        operation.op, operands: operands, regions: [], stated: nil
      ).compactMap(\.tensor)
      return Swift.zip(inferred, types).map { $0.with($1.element) }
    default:
      return try resultTypesOf(
        operation.op, operands: operands, regions: operation.regions.map(function.signature(of:)),
        stated: nil
      ).compactMap(\.tensor)
    }
  }

  /// Runs region 0 once per slice of the inputs; what it gives first is stacked, the rest carried.
  private func scan(
    _ operation: Operation, _ attributes: ScanAttributes, _ types: [TensorType]
  ) throws -> [RuntimeValue] {
    let axis = attributes.dimension
    let inputs = try operation.operands.prefix(attributes.inputCount).map { try tensor($0) }
    var carries = try operation.operands.dropFirst(attributes.inputCount).map { try tensor($0) }
    let outputCount = operation.results.count - carries.count
    let size = inputs.first?.shape[axis] ?? attributes.size ?? 0
    var slices = [[HostTensor]](repeating: [], count: outputCount)
    for step in 0..<size {
      let position = attributes.isReverse ? size - 1 - step : step
      let current = inputs.map { input in
        var (starts, limits) = (input.shape.dimensions.map { _ in 0 }, input.shape.dimensions)
        (starts[axis], limits[axis]) = (position, position + 1)
        let slice = input.sliced(starts: starts, limits: limits, strides: starts.map { _ in 1 })
        limits.remove(at: axis)
        return slice.reshaped(Shape(limits))
      }
      let results = try run(operation.regions[0], tensors: current + carries)
      for index in slices.indices {
        var dimensions = results[index].shape.dimensions
        dimensions.insert(1, at: axis)
        slices[index].append(results[index].reshaped(Shape(dimensions)))
      }
      carries = Array(results.dropFirst(outputCount))
    }
    let outputs = Swift.zip(slices, types).map { slices, type in
      let ordered = attributes.isReverse ? slices.reversed() : slices
      return slices.isEmpty
        ? HostTensor.zeros(type.element, Shape(type.dimensions.map { max($0, 0) }))
        : HostTensor.concatenated(ordered, axis: axis)
    }
    return (outputs + carries).map { .tensor($0) }
  }

  private func scatter(
    _ operation: Operation, _ attributes: ScatterAttributes, _ types: [TensorType]
  ) throws -> [RuntimeValue] {
    let half = operation.operands.count / 2
    let inputs = try operation.operands.prefix(half).map { try tensor($0) }
    let indices = try tensor(operation.operands[half])
    let updates = try operation.operands.dropFirst(half + 1).map { try tensor($0) }
    let output = Elements(
      tensors: Swift.zip(inputs, types).map { input, type in
        mutableCopy(input.converted(to: type.element))
      })
    let source = Elements(
      tensors: Swift.zip(updates, types).map { $0.converted(to: $1.element) })
    let region = operation.regions[0]
    let arguments = function.regions[region].arguments
    // The region that gives the update as it is needs no evaluation.
    let replaces =
      function.regions[region].operations.count == 1
      && function.terminator(of: region).map {
        function.operations[$0].operands.elementsEqual(arguments.dropFirst(half))
      } == true
    try forEachScatter(
      inputs[0].shape, indices, updates[0].shape, attributes.dimensionNumbers
    ) { update, target in
      output.set(
        target,
        replaces ? source[update] : try run(region, tensors: output[target] + source[update]))
    }
    return output.tensors.map { .tensor($0) }
  }

  private func approximateTopK(
    _ attributes: CustomCallAttributes, _ id: OperationID, _ operands: [HostTensor]
  ) throws -> [RuntimeValue] {
    let operation = function.operations[id]
    let results = operation.results.map(function.type(of:))
    guard let top = ApproximateTopK(attributes, besides: function.operationAttributes[id] ?? []),
      top.takes(operation.operands.map(function.type(of:)), results)
    else { throw unsupported("the custom call 'ApproxTopK' with these attributes") }
    let sorted = try sortByRegion(Array(operands.prefix(results.count)), dimension: top.axis) {
      try interpreter.call(top.comparator, $0)[0][0].isTrue
    }
    return try zip(sorted, results).flatMap { all, result -> [RuntimeValue] in
      guard let type = result.tensor else { return [] }
      let first = SliceBounds(start: type.dimensions.map { _ in 0 }, limit: type.dimensions)
      return try HLO.evaluate(.slice(first), [all], results: [type]).map { .tensor($0) }
    }
  }

  private func dynamicCall(
    _ call: DynamicCall, _ id: OperationID, _ operands: [HostTensor]
  ) throws -> [HostTensor] {
    let inputs = Array(operands.dropLast(call.sizeCount))
    let (op, types) = try call.settled(
      sizes: operands.suffix(call.sizeCount).map(integers),
      operands: inputs.map { .tensor(TensorType($0.shape, $0.type)) },
      results: function.operations[id].results.map(function.type(of:))
    ) { interpreter.module[$0] }
    let results = types.compactMap(\.tensor)
    guard case .reduceWindow(let reducer) = call, case .reduceWindow(let window) = op else {
      return try HLO.evaluate(op, inputs, results: results)
    }
    let half = inputs.count / 2
    return try reduceWindowByRegion(
      Array(inputs.prefix(half)), Array(inputs.dropFirst(half)), window, results: results
    ) { try interpreter.call(reducer, $0 + $1) }
  }

  private func customCall(
    _ attributes: CustomCallAttributes, _ id: OperationID
  ) throws -> [RuntimeValue] {
    let operands = try function.operations[id].operands.map { try tensor($0) }
    switch attributes.target {
    case "check.expect_eq", "check.expect_close", "check.expect_almost_eq", "check.eq",
      "check.expect_ne":
      return try interpreter.answers(
        attributes.target, operands, count: function.operations[id].results.count)
    case _ where attributes.isAnnotation:
      let operation = function.operations[id]
      guard operation.operands.map(function.type(of:)) == operation.results.map(function.type(of:))
      else {
        throw unsupported("the custom call '\(attributes.target)' for several devices")
      }
      return operands.map { .tensor($0) }
    case "shape_assertion":
      try interpreter.assertShape(function.operationAttributes[id] ?? [], operands)
      return []
    case "ApproxTopK": return try approximateTopK(attributes, id, operands)
    default:
      if let call = DynamicCall(attributes, besides: function.operationAttributes[id] ?? []) {
        return try dynamicCall(call, id, operands).map { .tensor($0) }
      }
      guard let routine = interpreter.routine,
        attributes.target.hasPrefix("lapack_")
      else { throw unsupported("the custom call '\(attributes.target)'") }
      return try routine(id, function, operands).map { .tensor($0) }
    }
  }
}
