import HLO
import Passes
import Support
import Tensor

/// What a program is scheduled for.
public enum Processor: Hashable, Sendable {
  /// Kernels run on threads and in lanes; a library multiplies matrices, sorts, and so on.
  case cpu
  /// Kernels are grids, and there is nothing else.
  ///
  /// With atomics, updates of a scatter that may meet are made in no order: by one thread each, and
  /// where sums are rounded, differently in every run.
  case gpu(usesAtomics: Bool = false)

  public var isGPU: Bool { self != .cpu }
  var usesAtomics: Bool { self == .gpu(usesAtomics: true) }
}

/// Decides how the entry function of `module`, which is optimised, runs: as a program of kernels,
/// library calls and loops over buffers with their places in memory.
public func schedule(
  _ module: Module, name: String? = nil, for processor: Processor = .cpu
) throws -> Program {
  guard let function = module.entry else {
    throw Diagnostic(.error, "the module has no function @main")
  }
  let scheduler = try ProgramScheduler(function, name: name ?? function.name, for: processor)
  return try scheduler.run()
}

/// A program, with what it was made of: what `jxc inspect` shows.
public struct Schedule {
  public let function: Function
  public let program: Program
  public let assignment: BufferAssignment
  /// The kernels that operations became.
  public let kernels: [OperationID: Program.KernelID]

  /// Schedules the entry of `module`.
  public init(_ module: Module) throws {
    guard let function = module.entry else {
      throw Diagnostic(.error, "the module has no function @main")
    }
    let scheduler = try ProgramScheduler(function, name: function.name, for: .cpu)
    self.function = function
    program = try scheduler.run()
    assignment = scheduler.assignment
    kernels = scheduler.kernelOfOperation
  }
}

/// Schedules one function: a step per operation, in order.
final class ProgramScheduler {
  let function: Function
  let processor: Processor
  let assignment: BufferAssignment
  var program: Program
  var procedure: Procedure
  /// The buffers that show a slot as an array of some type.
  private var buffers: [BufferKey: Procedure.BufferID] = [:]
  /// The kernels without their names: equal ones are compiled once.
  private var kernels: [Kernel: Program.KernelID] = [:]
  private var resultBuffers: [Procedure.BufferID] = []
  /// The place of the operation that is being scheduled.
  private var currentSpan: Span?
  /// The kernels that operations became.
  private(set) var kernelOfOperation: [OperationID: Program.KernelID] = [:]

  private struct BufferKey: Hashable {
    let slot: BufferAssignment.SlotID
    let type: TensorType
    let offset: Int
  }

  init(_ function: Function, name: String, for processor: Processor) throws {
    try function.requireCompilable()
    try function.requireInlined()
    self.function = function
    self.processor = processor
    assignment = BufferAssignment(function) { function, id in
      scratchByteCount(function, id, processor)
    }
    program = Program(name: name)
    procedure = Procedure(name: name)
    for argument in function.arguments {
      let type = try staticType(argument)
      procedure.parameter(type.element, type.shape)
    }
    for type in function.resultTypes {
      guard let type = type.tensor, type.isStatic else {
        throw unsupported("compiling a function that returns \(type)")
      }
      resultBuffers.append(
        procedure.parameter(type.element, type.shape, isResult: true))
    }
    procedure.workspaceByteCount = assignment.workspaceByteCount
    procedure.donations = assignment.donations.map {
      Procedure.Donation(argument: $0.argument, result: $0.result)
    }
  }

  func run() throws -> Program {
    procedure.body = try steps(of: function.body)
    if let last = function.terminator(of: function.body) {
      for (number, value) in function.operations[last].operands.enumerated() {
        if let slot = assignment.slot(of: value), assignment.slots[slot].place != .result(number) {
          procedure.body += copy(try buffer(of: value), to: resultBuffers[number])
        }
      }
    }
    program.entry = program.procedures.append(procedure)
    if processor.isGPU { program.takeGridForm() }
    let present = program.removeUnusedKernels()
    let places = program.shareKernels()
    kernelOfOperation = kernelOfOperation.compactMapValues { old in
      present[old.index].map { places[$0.index] }
    }
    return program
  }

  // MARK: Types and buffers

  func staticType(_ value: HLO.ValueID) throws -> TensorType {
    let type = function.values[value].type
    guard let tensor = type.tensor, tensor.isStatic else {
      throw unsupported("compiling a value of type \(type)")
    }
    return tensor
  }

  func hasMemory(_ value: HLO.ValueID) -> Bool { assignment.slot(of: value) != nil }

  func buffer(of value: HLO.ValueID) throws -> Procedure.BufferID {
    guard let slot = assignment.slot(of: value) else {
      throw Diagnostic(
        .error, "internal error: scheduling @\(function.name): no memory for a value")
    }
    return try buffer(slot, staticType(value), at: assignment.offsets[value] ?? 0)
  }

  /// `slot`, or what of it starts at the byte `offset`, as an array of `type`.
  func buffer(
    _ slot: BufferAssignment.SlotID, _ type: TensorType, at offset: Int = 0
  ) throws -> Procedure.BufferID {
    let key = BufferKey(slot: slot, type: type, offset: offset)
    if let known = buffers[key] { return known }
    if offset > 0 {
      let size = assignment.slots[slot].byteCount
      var whole = TensorType([size / max(type.element.byteCount, 1)], type.element)
      if case .constant(let operation) = assignment.slots[slot].place,
        case .constant(let constant) = function.operations[operation].op
      {
        whole = constant.type
      }
      let base = try buffer(slot, whole)
      let part = procedure.buffers.append(
        Procedure.Buffer(type: type.element, shape: type.shape, place: .view(base, offset: offset)))
      buffers[key] = part
      return part
    }
    func parameter(_ number: Int) -> Procedure.BufferID {
      let id = procedure.parameters[number]
      let whole = procedure.buffers[id]
      if whole.type == type.element && whole.shape == type.shape { return id }
      return procedure.buffers.append(
        Procedure.Buffer(type: type.element, shape: type.shape, place: .view(id, offset: 0)))
    }
    func place(_ place: Procedure.Place) -> Procedure.BufferID {
      procedure.buffers.append(
        Procedure.Buffer(type: type.element, shape: type.shape, place: place))
    }
    let id: Procedure.BufferID
    switch assignment.slots[slot].place {
    case .argument(let number): id = parameter(number)
    case .result(let number): id = parameter(procedure.argumentCount + number)
    case .workspace(let offset): id = place(.workspace(offset: offset))
    case .constant(let operation):
      guard case .constant(let constant) = function.operations[operation].op else {
        throw Diagnostic(.error, "internal error: a constant slot without constant")
      }
      let tensor = constant.tensor
      let bytes = UnsafeRawBufferPointer(
        start: tensor.buffer.address, count: constant.type.count * constant.type.element.byteCount)
      id = place(
        .constant(
          program.constants.append(
            Program.Constant(
              type: type.element, shape: type.shape, bytes: Array(bytes)))))
    }
    buffers[key] = id
    return id
  }

  func copy(_ source: Procedure.BufferID, to destination: Procedure.BufferID) -> [Step] {
    source == destination || procedure.buffers[source].byteCount == 0
      ? [] : [.copy(source: source, destination: destination)]
  }

  // MARK: Steps

  func steps(of region: RegionID) throws -> [Step] {
    var steps: [Step] = []
    for id in function.regions[region].operations {
      let outer = currentSpan
      currentSpan = function.locations[id].span ?? outer
      defer { currentSpan = outer }
      do {
        steps += try onDevice(self.steps(of: id))
      } catch let error as Diagnostic {
        throw error.at(function.locations[id].span)
      }
    }
    return steps
  }

  private func steps(of id: OperationID) throws -> [Step] {
    let operation = function.operations[id]
    switch operation.op {
    case .return, .afterAll, .createToken: return []
    case .constant(let constant):
      guard hasMemory(operation.result), let splat = constant.splat else { return [] }
      return [
        .fill(
          try buffer(of: operation.result),
          ScalarBits(constant.type.element, UnsafeRawPointer(splat.buffer.address)))
      ]
    case .reshape, .bitcastConvert, .optimizationBarrier, .shardingConstraint: return []
    // Rows of an array are a part of its memory.
    case .slice
    where hasMemory(operation.result)
      && assignment.slot(of: operation.operands[0]) == assignment.slot(of: operation.result):
      return []
    case .while: return try loop(id, operation)
    case .if, .case: return try branch(operation)
    case .dotGeneral(let attributes):
      if function.libraryRoutine(id) == nil { return try nest(id) }
      guard let product = try matrixProduct(operation, attributes) else {
        throw Diagnostic(.error, "internal error: a product that no library multiplies")
      }
      return [try call(.matrixProduct(product), operation)]
    case .convolution(let attributes):
      guard function.libraryRoutine(id) != nil,
        let convolution = try convolution(operation, attributes)
      else { return try nest(id) }
      return [try call(.convolution(convolution), operation)]
    case .fusion(.output): return try finishedProduct(operation)
    case .concatenate(let dimension):
      return try joinedByCopies(operation, dimension) ?? nest(id)
    case .sort(let dimension, _) where processor.isGPU:
      return try deviceSort(operation, dimension: dimension)
    case .topK(let k) where processor.isGPU: return try deviceTopK(operation, k: k)
    case .sort, .topK, .fft, .cholesky, .triangularSolve: return [try library(operation)]
    case .customCall(let attributes): return try customCall(id, operation, attributes)
    case .check(let attributes): return [try hostCall(id, operation, label: attributes.name)]
    case .rng: return [try hostCall(id, operation, label: operation.op.mnemonic)]
    case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision, .map, .iota,
      .partitionID, .replicaID, .broadcastInDim, .transpose, .reverse, .slice, .pad, .dynamicSlice,
      .dynamicUpdateSlice, .gather, .scatter, .reduce, .reduceWindow,
      .selectAndScatter, .fusion:
      return try nest(id)
    default: throw unsupported("compiling \(operation.op.mnemonic)")
    }
  }

  /// One kernel for an operation or a fusion.
  private func nest(_ id: OperationID) throws -> [Step] {
    let operation = function.operations[id]
    var steps: [Step] = []
    let rootID =
      operation.regions.first.flatMap { region -> OperationID? in
        if case .fusion = operation.op { function.nestRoot(region) } else { nil }
      } ?? id
    if operation.results.allSatisfy({ function.values[$0].type.tensor?.count == 0 }) { return [] }
    // What writes over parts of its operand finds it in the target.
    let root = function.operations[rootID]
    var updated: [Procedure.BufferID] = []
    switch root.op {
    case .dynamicUpdateSlice, .scatter:
      for (array, result) in zip(root.operands, root.results) {
        guard let result = outerResult(result, of: operation) else { continue }
        updated.append(try buffer(of: result))
        guard let array = outerValue(array, of: operation) else {
          throw Diagnostic(
            .error, "internal error: an update of an array that has no memory",
            at: function.locations[id].span)
        }
        steps += copy(try buffer(of: array), to: try buffer(of: result))
      }
    case .selectAndScatter: updated = try operation.results.map { try buffer(of: $0) }
    default: break
    }

    let builder = KernelBuilder(name: "")
    let generator = ElementGenerator(function, builder)
    let results = try operation.results.map { try buffer(of: $0) }
    let operands = try operation.operands.map { value -> Procedure.BufferID? in
      guard needsMemory(value) else { return nil }
      return try buffer(of: value)
    }
    let parameters = KernelParameters(
      builder, procedure, reads: operands.compactMap { $0 }, writes: results, updates: updated)
    for (value, buffer) in zip(operation.operands, operands) {
      if let buffer { generator.memories[value] = parameters[buffer] }
    }
    let targets = results.map { parameters[$0] }
    var launched = parameters.buffers
    var scratch: Kernel.MemoryID?
    if let slot = assignment.scratch[id] {
      let type = try staticType(function.operations[rootID].results[0])
      let count = assignment.slots[slot].byteCount / max(type.element.byteCount, 1)
      let buffer = try buffer(slot, TensorType([count], type.element))
      scratch = builder.parameter(type.element, count: count, access: .readWrite)
      launched.append(buffer)
    }
    try NestEmitter(generator, id, targets: targets, scratch: scratch, for: processor).emit()
    let kernel = add(builder.finish(), named: function.operations[rootID])
    kernelOfOperation[id] = kernel
    steps.append(.launch(kernel, buffers: launched))
    return steps
  }

  /// Many arrays in memory, one after the other in the result.
  private func joinedByCopies(_ operation: Operation, _ dimension: Int) throws -> [Step]? {
    let type = try staticType(operation.result)
    guard operation.operands.count > 8, type.dimensions.prefix(dimension).allSatisfy({ $0 == 1 }),
      operation.operands.allSatisfy({ needsMemory($0) }),
      type.shape.count / operation.operands.count <= 65_536
    else { return nil }
    let target = try buffer(of: operation.result)
    var steps: [Step] = []
    var offset = 0
    for operand in operation.operands {
      let part = try staticType(operand)
      let view = procedure.buffers.append(
        Procedure.Buffer(
          type: part.element, shape: part.shape, place: .view(target, offset: offset)))
      offset += procedure.buffers[view].byteCount
      steps += copy(try buffer(of: operand), to: view)
    }
    return steps
  }

  /// `true` unless loops evaluate `value` themselves.
  func needsMemory(_ value: HLO.ValueID) -> Bool {
    guard case .result(let id, _) = function.values[value].definition else { return true }
    guard case .constant(let constant) = function.operations[id].op else { return true }
    return !constant.isSplat || hasMemory(value)
  }

  /// The operand that an argument of a fusion's region stands for.
  private func outerValue(_ value: HLO.ValueID, of operation: Operation) -> HLO.ValueID? {
    guard case .fusion = operation.op else { return value }
    guard let index = function.regions[operation.regions[0]].arguments.firstIndex(of: value) else {
      return nil
    }
    return operation.operands[index]
  }

  /// The result of a fusion that is the value `value` of its region; `nil` where that stays inside.
  private func outerResult(_ value: HLO.ValueID, of operation: Operation) -> HLO.ValueID? {
    guard case .fusion = operation.op, let last = function.terminator(of: operation.regions[0])
    else { return value }
    return function.operations[last].operands.firstIndex(of: value).map { operation.results[$0] }
  }

  /// Adds a kernel unless there is an equal one.
  func add(_ kernel: Kernel, named operation: Operation) -> Program.KernelID {
    let mnemonic = operation.op.mnemonic.split(separator: ".").last.map(String.init)
    return add(kernel, named: mnemonic ?? "kernel")
  }

  func add(_ kernel: Kernel, named name: String) -> Program.KernelID {
    if let known = kernels[kernel] { return known }
    var named = kernel
    named.name = "\(name)_\(program.kernels.count)"
    named.origin = Kernel.Origin(currentSpan)
    let id = program.kernels.append(named)
    kernels[kernel] = id
    return id
  }

  // MARK: Control flow

  private func loop(_ id: OperationID, _ operation: Operation) throws -> [Step] {
    var steps: [Step] = []
    let (condition, body) = (operation.regions[0], operation.regions[1])
    for (operand, result) in zip(operation.operands, operation.results) where hasMemory(result) {
      if assignment.slot(of: operand) != assignment.slot(of: result) {
        steps += copy(try buffer(of: operand), to: try buffer(of: result))
      }
    }
    guard let last = function.terminator(of: condition),
      let predicate = function.operations[last].operands.first
    else { throw Diagnostic(.error, "internal error: a loop without condition") }
    var bodySteps = try self.steps(of: body)
    bodySteps += try carriesOut(id, operation, body)
    let conditionSteps = try self.steps(of: condition)
    if let count = function.tripCount(of: id),
      let inner = LoopInterchange(
        bodySteps, condition: conditionSteps, iterations: count,
        carried: try operation.results.filter(hasMemory).map { try buffer(of: $0) }, in: procedure,
        of: program)
    {
      let kernel = add(inner.kernel, named: "loop")
      steps.append(.launch(kernel, buffers: inner.buffers))
      bodySteps = inner.rest
      for inside in function.regions[body].operations {
        if let known = kernelOfOperation[inside], inner.replaced.contains(known) {
          kernelOfOperation[inside] = kernel
        }
      }
    }
    let test = try buffer(of: predicate)
    if processor.isGPU {
      if let inside = ResidentLoop(
        condition: conditionSteps, predicate: test, body: bodySteps,
        hasCount: function.tripCount(of: id) != nil, in: procedure, of: program)
      {
        return steps + [.launch(add(inside.kernel, named: "while"), buffers: inside.buffers)]
      }
      // Nobody asks whether to go on where the number of iterations is known.
      if let count = function.tripCount(of: id) {
        return steps + [.loop(count: count, body: bodySteps)]
      }
    }
    steps.append(.loopWhile(condition: conditionSteps, predicate: test, body: bodySteps))
    return steps
  }

  /// Copies what the body of a loop gives to where the next iteration expects it.
  private func carriesOut(
    _ id: OperationID, _ operation: Operation, _ body: RegionID
  ) throws -> [Step] {
    guard let last = function.terminator(of: body) else { return [] }
    var (early, late): ([Step], [Step]) = ([], [])
    for (number, value) in function.operations[last].operands.enumerated() {
      let result = operation.results[number]
      guard hasMemory(result), assignment.slot(of: value) != assignment.slot(of: result) else {
        continue
      }
      let (source, target) = (try buffer(of: value), try buffer(of: result))
      if let slot = assignment.exchanges[id]?[number] {
        let waiting = try buffer(slot, staticType(result))
        early += copy(source, to: waiting)
        late += copy(waiting, to: target)
      } else {
        late += copy(source, to: target)
      }
    }
    return early + late
  }

  private func branch(_ operation: Operation) throws -> [Step] {
    var cases = try operation.regions.map { region -> [Step] in
      var steps = try self.steps(of: region)
      guard let last = function.terminator(of: region) else { return steps }
      for (value, result) in zip(function.operations[last].operands, operation.results)
      where hasMemory(result) && assignment.slot(of: value) != assignment.slot(of: result) {
        steps += copy(try buffer(of: value), to: try buffer(of: result))
      }
      return steps
    }
    // `if` has the case for true first; false is 0.
    if case .if = operation.op { cases.reverse() }
    return [.branch(index: try buffer(of: operation.operands[0]), cases: cases)]
  }
}

/// The memory that an operation's loops need for themselves.
private func scratchByteCount(
  _ function: Function, _ id: OperationID, _ processor: Processor
) -> Int {
  var operation = function.operations[id]
  if case .customCall(let attributes) = operation.op {
    return lapackScratchByteCount(function, operation, attributes)
  }
  if case .fusion = operation.op {
    guard operation.results.count == 1, let root = function.nestRoot(operation.regions[0]) else {
      return 0
    }
    operation = function.operations[root]
  }
  guard let type = operation.results.first.flatMap({ function.values[$0].type.tensor }) else {
    return 0
  }
  if case .copies(let count) = function.scatterPlan(operation, for: processor) {
    return count * type.shape.count * type.element.byteCount
  }
  if case .reduceWindow(let window) = operation.op {
    let plan = function.blockScan(operation, window, for: processor)
    return (plan?.scratchCount ?? 0) * type.element.byteCount
  }
  guard case .reduce = operation.op else { return 0 }
  if let plan = function.columnReduction(operation, for: processor) {
    return plan.scratchCount * type.element.byteCount
  }
  guard let plan = function.partialReduction(operation, for: processor), function.readsInOrder(id)
  else {
    return 0
  }
  return plan.results * plan.chunks * type.element.byteCount
}

extension Function {
  /// `true` iff the operand of the reduction that `id` is, or ends in, is computed at positions.
  func readsInOrder(_ id: OperationID) -> Bool {
    let operation = operations[id]
    let generator = ElementGenerator(self, KernelBuilder(name: ""))
    guard case .fusion = operation.op else { return true }
    guard let root = nestRoot(operation.regions[0]) else { return false }
    if regions[operation.regions[0]].operations.dropLast().last != root { return false }
    let input = operations[root].operands[0]
    return generator.isFlat(input) || shape(of: input).rank == 1
  }
}
