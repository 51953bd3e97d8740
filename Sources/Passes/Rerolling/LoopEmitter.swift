import HLO
import Tensor

/// Puts loops in the place of unrolled ones in one region.
///
/// A loop carries its counter, the results that iterations hand on, and the arrays in which those are
/// collected that are needed after the loop. Its body is a copy of the first iteration.
struct LoopEmitter {
  private var function: Function
  private let region: RegionID
  private let sequence: StepSequence
  /// The list under construction: of the region, or of a loop's; and how much of the old one is done.
  private var output: [OperationID] = []
  private var covered = 0
  /// What values of unrolled iterations have become.
  private var replacements: [ValueID: ValueID] = [:]
  private let old: [OperationID]
  /// Constants that a loop reads by its counter; they stand before it.
  private var tables: [OperationID] = []

  init(_ function: Function, _ region: RegionID, _ sequence: StepSequence) {
    self.function = function
    self.region = region
    self.sequence = sequence
    old = function.regions[region].operations
  }

  /// The function with all loops.
  mutating func finish() -> Function {
    output += old[covered...]
    function.regions[region].operations = output
    for id in function.operationsInOrder(of: region) {
      for index in function.operations[id].operands.indices {
        if let new = replacements[function.operations[id].operands[index]] {
          function.operations[id].operands[index] = new
        }
      }
    }
    return function
  }

  // MARK: One loop

  /// Emits `loop` in place of its steps; loops come in order.
  mutating func emit(_ loop: UnrolledLoop) {
    let first = sequence.steps[loop.positions.lowerBound]
    let last = sequence.steps[loop.positions.upperBound - 1]
    while covered < old.count, old[covered] != first { keep() }
    // Constants that stand between the steps are needed before the loop.
    while covered < old.count {
      let id = old[covered]
      if sequence.position(of: id) == nil { output.append(id) }
      covered += 1
      if id == last { break }
    }
    emitLoop(loop, at: first)
  }

  private mutating func keep() {
    output.append(old[covered])
    covered += 1
  }

  /// A result that the loop carries, with the chain of arguments that hold its last values: the
  /// newest first.
  private struct Chain {
    let carry: UnrolledLoop.Carry
    var arguments: [ValueID] = []
    var results: [ValueID] = []
  }

  private mutating func emitLoop(_ loop: UnrolledLoop, at place: OperationID) {
    let location = function.locations[place]
    let counterType = ValueType.tensor(.scalar(.i32))
    var operands = [append(.constant(Constant(0, .scalar(.i32))), [], counterType)]
    var types = [counterType]
    var chains = chains(of: loop)
    for chain in chains {
      operands += chain.carry.initial.reversed()
      types += chain.carry.initial.map { function.type(of: $0) }
    }
    let collected = loop.uses.keys.filter(loop.isCollected).sorted {
      ($0.step, $0.result) < ($1.step, $1.result)
    }
    var arrays: [TensorType] = []
    for output in collected {
      let type = resultType(output, loop)
      let array = type.with([loop.iterations] + type.dimensions)
      arrays.append(array)
      let zero = HostTensor(.int(0), type: type.element)
      operands.append(
        append(
          .constant(Constant(splat: zero, shape: array.shape)), [], .tensor(array)))
      types.append(.tensor(array))
    }
    let condition = function.createRegion(arguments: types)
    let body = function.createRegion(arguments: types)
    emitCondition(condition, loop.iterations)
    let arguments = function.regions[body].arguments
    var next = 1
    for index in chains.indices {
      let count = chains[index].carry.initial.count
      chains[index].arguments = Array(arguments[next..<next + count])
      next += count
    }
    var results = emitBody(loop, body, chains, collected, arguments)
    let end = function.create(.return, Operands(results), resultTypes: [])
    function.regions[body].operations.append(end)
    let id = function.create(
      .while, Operands(operands), resultTypes: types, regions: [condition, body])
    function.locations[id] = location
    output += tables
    tables = []
    output.append(id)
    results = Array(function.operations[id].results)
    next = 1
    for index in chains.indices {
      let count = chains[index].carry.initial.count
      chains[index].results = Array(results[next..<next + count])
      next += count
    }
    replaceUses(loop, chains, collected, arrays, Array(results[next...]))
  }

  /// What the loop hands on: for its own iterations, and for what follows it.
  private mutating func chains(of loop: UnrolledLoop) -> [Chain] {
    var chains: [Chain] = []
    for case .carried(let carry) in loop.sources.joined() {
      if !chains.contains(where: { $0.carry == carry }) { chains.append(Chain(carry: carry)) }
    }
    for output in loop.uses.keys.sorted(by: { ($0.step, $0.result) < ($1.step, $1.result) })
    where !loop.isCollected(output) {
      let length = loop.iterations - (loop.uses[output]?.first ?? 0)
      let known = chains.contains {
        $0.carry.step == output.step && $0.carry.result == output.result
          && $0.carry.initial.count >= length
      }
      if known { continue }
      let type = resultType(output, loop)
      let zero = Constant(splat: HostTensor(.int(0), type: type.element), shape: type.shape)
      let nothing = append(.constant(zero), [], .tensor(type))
      chains.append(
        Chain(
          carry: UnrolledLoop.Carry(
            step: output.step, result: output.result,
            initial: [ValueID](repeating: nothing, count: length))))
    }
    return chains
  }

  private func resultType(_ output: UnrolledLoop.Output, _ loop: UnrolledLoop) -> TensorType {
    let value = function.operations[loop.template[output.step]].results[output.result]
    return function.values[value].type.tensor ?? .scalar(.bool)
  }

  private mutating func emitCondition(_ region: RegionID, _ iterations: Int) {
    let outer = output
    output = []
    let scalar = ValueType.tensor(.scalar(.i32))
    let limit = append(.constant(Constant(iterations, .scalar(.i32))), [], scalar)
    let test = append(
      .compare(Comparison(.lt, .signed)), [function.regions[region].arguments[0], limit],
      .tensor(.scalar(.bool)))
    output.append(function.create(.return, [test], resultTypes: []))
    function.regions[region].operations = output
    output = outer
  }

  /// Emits an iteration and returns what it hands on.
  private mutating func emitBody(
    _ loop: UnrolledLoop, _ body: RegionID, _ chains: [Chain],
    _ collected: [UnrolledLoop.Output], _ arguments: [ValueID]
  ) -> [ValueID] {
    let counter = arguments[0]
    let outer = output
    output = []
    var computed: [[ValueID]] = []
    for (step, id) in loop.template.enumerated() {
      let operands = loop.sources[step].map { source -> ValueID in
        switch source {
        case .invariant(let value): return value
        case .inside(let step, let result): return computed[step][result]
        case .carried(let carry):
          // The oldest of the chain.
          return chains.first { $0.carry == carry }?.arguments.last ?? counter
        case .counted(let start, let stride, let type):
          return self.counted(start, stride, type, counter)
        case .table(let constants): return table(constants, counter)
        }
      }
      if let start = loop.starts[step], !start.isFixed,
        case .slice(let bounds) = function.operations[id].op
      {
        computed.append([slice(id, bounds, start, operands[0], counter)])
        continue
      }
      let operation = function.operations[id]
      let copy = function.create(
        operation.op, Operands(operands),
        resultTypes: operation.results.map { function.type(of: $0) }, regions: operation.regions)
      function.locations[copy] = function.locations[id]
      function.operationAttributes[copy] = function.operationAttributes[id]
      output.append(copy)
      computed.append(Array(function.operations[copy].results))
    }
    let one = append(.constant(Constant(1, .scalar(.i32))), [], .tensor(.scalar(.i32)))
    var results = [
      append(.binary(.add), [counter, one], .tensor(.scalar(.i32)))
    ]
    for chain in chains {
      results.append(computed[chain.carry.step][chain.carry.result])
      results += chain.arguments.dropLast()
    }
    for (output, array) in zip(collected, arguments.suffix(collected.count)) {
      let value = computed[output.step][output.result]
      guard let type = function.values[value].type.tensor else { continue }
      let row = append(.reshape, [value], .tensor(type.with([1] + type.dimensions)))
      let zero = append(.constant(Constant(0, .scalar(.i32))), [], .tensor(.scalar(.i32)))
      let starts = [counter] + type.dimensions.map { _ in zero }
      results.append(
        append(
          .dynamicUpdateSlice, Operands([array, row] + starts), function.type(of: array)))
    }
    function.regions[body].operations = output
    output = outer
    return results
  }

  // MARK: Values that follow from the counter

  /// `start + counter * stride`, as an array of equal elements.
  private mutating func counted(
    _ start: Int, _ stride: Int, _ type: TensorType, _ counter: ValueID
  ) -> ValueID {
    let scalar = TensorType.scalar(type.element)
    var value = counter
    if type.element != .i32 { value = append(.convert, [value], .tensor(scalar)) }
    if stride != 1 {
      let factor = append(.constant(Constant(stride, scalar)), [], .tensor(scalar))
      value = append(.binary(.multiply), [value, factor], .tensor(scalar))
    }
    if start != 0 {
      let offset = append(.constant(Constant(start, scalar)), [], .tensor(scalar))
      value = append(.binary(.add), [value, offset], .tensor(scalar))
    }
    if type.rank > 0 {
      value = append(.broadcastInDim(dimensions: []), [value], .tensor(type))
    }
    return value
  }

  /// Row `counter` of an array of constants.
  private mutating func table(
    _ constants: [Constant], _ counter: ValueID
  ) -> ValueID {
    let type = constants[0].type
    let rows = type.with([constants.count] + type.dimensions)
    let size = type.count * type.element.byteCount
    let buffer = Buffer(byteCount: max(size * constants.count, 1))
    for (row, constant) in constants.enumerated() {
      let tensor = constant.tensor
      (buffer.address + row * size).copyMemory(from: tensor.buffer.address, byteCount: size)
    }
    let all = HostTensor(type: type.element, shape: rows.shape, buffer: buffer)
    let constant = function.create(.constant(Constant(all)), [], resultTypes: [.tensor(rows)])
    tables.append(constant)
    let array = function.operations[constant].results[0]
    let sizes = [1] + type.dimensions
    let zero = append(.constant(Constant(0, .scalar(.i32))), [], .tensor(.scalar(.i32)))
    let starts = [counter] + type.dimensions.map { _ in zero }
    let row = append(
      .dynamicSlice(sizes: sizes), Operands([array] + starts), .tensor(type.with(sizes)))
    return append(.reshape, [row], .tensor(type))
  }

  /// A slice that moves on with the counter.
  private mutating func slice(
    _ id: OperationID, _ bounds: SliceBounds, _ start: UnrolledLoop.Start, _ operand: ValueID,
    _ counter: ValueID
  ) -> ValueID {
    let result = function.type(of: function.operations[id].results[0])
    guard let type = result.tensor else { return operand }
    let sizes = zip(bounds.limit, bounds.start).map { $0 - $1 }
    let starts = sizes.indices.map { axis in
      if start.stride[axis] == 0 {
        return append(
          .constant(Constant(start.start[axis], .scalar(.i32))), [], .tensor(.scalar(.i32)))
      }
      return counted(start.start[axis], start.stride[axis], .scalar(.i32), counter)
    }
    let part = append(
      .dynamicSlice(sizes: sizes), Operands([operand] + starts), .tensor(type.with(sizes)))
    function.locations[function.operationID(of: part) ?? id] = function.locations[id]
    if sizes == type.dimensions { return part }
    let strided = SliceBounds(
      start: sizes.map { _ in 0 }, limit: sizes, strides: bounds.strides)
    return append(.slice(strided), [part], result)
  }

  // MARK: What follows the loop

  private mutating func replaceUses(
    _ loop: UnrolledLoop, _ chains: [Chain], _ collected: [UnrolledLoop.Output],
    _ arrays: [TensorType], _ results: [ValueID]
  ) {
    func value(_ use: UnrolledLoop.Output, _ iteration: Int) -> ValueID {
      let position = loop.positions.lowerBound + iteration * loop.period + use.step
      return function.operations[sequence.steps[position]].results[use.result]
    }
    for (use, iterations) in loop.uses where !loop.isCollected(use) {
      for iteration in iterations {
        let distance = loop.iterations - 1 - iteration
        let chain = chains.first {
          $0.carry.step == use.step && $0.carry.result == use.result && $0.results.count > distance
        }
        replacements[value(use, iteration)] = chain?.results[distance]
      }
    }
    for (index, use) in collected.enumerated() {
      let array = arrays[index]
      let inner = Array(array.dimensions.dropFirst())
      for iteration in loop.uses[use] ?? [] {
        let bounds = SliceBounds(
          start: [iteration] + inner.map { _ in 0 }, limit: [iteration + 1] + inner)
        let row = append(
          .slice(bounds), [results[index]], .tensor(array.with([1] + inner)))
        let old = value(use, iteration)
        replacements[old] = append(.reshape, [row], .tensor(array.with(inner)))
      }
    }
  }

  private mutating func append(
    _ op: Op, _ operands: Operands, _ type: ValueType
  ) -> ValueID {
    let id = function.create(op, operands, resultTypes: [type])
    output.append(id)
    return function.operations[id].results[0]
  }
}

extension Function {
  fileprivate func operationID(of value: ValueID) -> OperationID? {
    if case .result(let id, _) = values[value].definition { id } else { nil }
  }
}
