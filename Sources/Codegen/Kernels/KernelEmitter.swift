import CLLVM
import LoopIR
import Support
import Tensor

/// Thrown where a loop turns out not to fit into lanes; the function is then emitted again with
/// that loop in scalar form.
struct NotVectorizable: Error {
  /// The index of the loop.
  var loop: Kernel.ValueID
  /// The lanes that fit.
  var lanes = 1
}

/// Emits one kernel: a function of its memories, and one more per loop that threads share, of the
/// memories, the values that it uses, and the range of iterations to run.
///
/// A subclass runs the loops in another way: see `GridEmitter`.
class KernelEmitter {
  let ir: IRBuilder
  let kernel: Kernel
  let machine: MachineModel
  /// For each parameter: does it overlap no other parameter that is written?
  let isAlone: [Bool]

  /// The values of the function that is being emitted.
  var values: [LaneValue?]
  var memories: [IRValue?]
  /// How many lanes the code at hand computes at once.
  var lanes = 1
  /// The lanes that take part, or `nil` for all.
  var mask: IRValue?
  /// `true` where possibly no lane at all takes part, so that even uniform loads need the mask.
  var mayBeInactive = false
  /// The vector loop that the code at hand is in.
  var vectorLoop: Kernel.ValueID?
  /// Loops that have to be emitted in scalar form.
  var scalarLoops: Set<Kernel.ValueID> = []
  /// Loops that may have a few lanes at most.
  var mostLanes: [Kernel.ValueID: Int] = [:]
  private var partCount = 0
  /// How large indices get.
  private(set) lazy var indexBounds = IndexBounds(kernel)
  /// In which order sums take their operands.
  private(set) lazy var operandRanks = OperandRanks(kernel)
  /// How many elementary functions the kernel evaluates.
  lazy var elementaryCount = kernel.elementaryCount(kernel.body)

  init(ir: IRBuilder, kernel: Kernel, machine: MachineModel, isAlone: [Bool]) {
    self.ir = ir
    self.kernel = kernel
    self.machine = machine
    self.isAlone = isAlone
    values = Array(repeating: nil, count: kernel.values.count)
    memories = Array(repeating: nil, count: kernel.memories.count)
  }

  /// Emits the function `name(memory…)`.
  func emit(name: String) throws -> IRValue {
    let type = ir.function(
      ir.void, Array(repeating: ir.pointer, count: kernel.parameterCount))
    let function = ir.addFunction(name, type)
    annotate(function)
    try retrying(function) {
      for index in 0..<self.kernel.parameterCount {
        self.memories[index] = self.ir.parameter(index, of: function)
      }
      for instruction in self.kernel.body.instructions {
        if case .loop(let loop) = instruction.operation,
          let grain = self.machine.grain(of: loop, in: self.kernel)
        {
          try self.emitParallel(loop, name: name, grain: grain)
        } else {
          try self.emit(instruction)
        }
      }
      self.ir.returnValue(nil)
    }
    return function
  }

  /// Emits a body, again without vectors where a loop does not fit.
  func retrying(_ function: IRValue, _ body: () throws -> Void) throws {
    while true {
      lanes = 1
      mask = nil
      mayBeInactive = false
      vectorLoop = nil
      for index in kernel.parameterCount..<max(kernel.parameterCount, memories.count) {
        memories[index] = nil
      }
      let entry = ir.addBlock("entry", to: function)
      ir.moveToEnd(of: entry)
      do { return try body() } catch let refusal as NotVectorizable {
        if refusal.lanes > 1 {
          mostLanes[refusal.loop] = refusal.lanes
        } else {
          scalarLoops.insert(refusal.loop)
        }
        ir.removeBlocks(of: function)
      }
    }
  }

  /// Does what the function does with a parameter's memory go through that parameter alone, and is it
  /// all that happens to the memory meanwhile?
  func isUntouchedByOthers(_ parameter: Int) -> Bool { isAlone[parameter] }

  func annotate(_ function: IRValue) {
    ir.addAttribute("nounwind", to: function, parameter: nil)
    machine.annotate(function, ir)
    for (index, memory) in kernel.memories.elements.prefix(kernel.parameterCount).enumerated() {
      if isUntouchedByOthers(index) {
        ir.addAttribute("noalias", to: function, parameter: index)
      }
      ir.addAttribute("nocapture", to: function, parameter: index)
      if memory.access == .read { ir.addAttribute("readonly", to: function, parameter: index) }
      ir.addAttribute(
        "align", value: UInt64(memory.type.alignment), to: function, parameter: index)
    }
  }

  // MARK: Parallel loops

  /// Moves the loop into a function of a range, and runs that on threads.
  private func emitParallel(_ loop: Kernel.Loop, name: String, grain: Int) throws {
    let captured = kernel.freeValues(of: loop.body)
    partCount += 1
    let partName = "\(name).part\(partCount)"
    let pointers = Array(repeating: ir.pointer, count: kernel.parameterCount)
    // What turned out constant is known inside as it is.
    let captures = captured.map { (id: $0, value: value($0)) }
      .filter { !$0.value.parts.allSatisfy(ir.isConstant) }
    let captureTypes = captures.flatMap { $0.value.parts.map(\.type) }
    let partType = ir.function(ir.void, pointers + captureTypes + [ir.i64, ir.i64])
    let part = ir.addFunction(partName, partType)
    annotate(part)
    let lower = uniform(loop.lower)
    let upper = uniform(loop.upper)
    let arguments =
      memories.prefix(kernel.parameterCount).map { $0! } + captures.flatMap(\.value.parts)
    let here = ir.currentBlock
    let outer = (values, memories)

    try retrying(part) {
      self.values = outer.0
      var position = 0
      for index in 0..<self.kernel.parameterCount {
        self.memories[index] = self.ir.parameter(position, of: part)
        position += 1
      }
      for (id, value) in captures {
        var inner = value
        inner.real = self.ir.parameter(position, of: part)
        position += 1
        if value.imaginary != nil {
          inner.imaginary = self.ir.parameter(position, of: part)
          position += 1
        }
        self.values[id.index] = inner
      }
      let begin = self.ir.parameter(position, of: part)
      let end = self.ir.parameter(position + 1, of: part)
      if loop.kind.isVector {
        try self.emitVectorLoop(loop, from: begin, to: end)
      } else {
        try self.emitSequentialLoop(loop, from: begin, to: end)
      }
      self.ir.returnValue(nil)
    }
    (values, memories) = outer
    ir.moveToEnd(of: here)

    // The thunk takes its arguments from a record on the caller's stack.
    let record = ir.structure(arguments.map(\.type))
    let thunkType = ir.function(ir.void, [ir.pointer, ir.i64, ir.i64])
    let thunk = ir.addFunction("\(partName).run", thunkType)
    machine.annotate(thunk, ir)
    ir.moveToEnd(of: ir.addBlock("entry", to: thunk))
    let loaded = arguments.indices.map { index in
      ir.load(
        arguments[index].type, ir.field(index, of: record, at: ir.parameter(0, of: thunk)),
        alignment: 1)
    }
    _ = ir.call(
      part, partType, loaded + [ir.parameter(1, of: thunk), ir.parameter(2, of: thunk)])
    ir.returnValue(nil)
    ir.moveToEnd(of: here)
    let context = ir.stack(record, count: 1, alignment: 16)
    for (index, argument) in arguments.enumerated() {
      ir.store(argument, ir.field(index, of: record, at: context), alignment: 1)
    }
    let runType = ir.function(
      ir.void, [ir.pointer, ir.pointer, ir.i64, ir.i64, ir.i64])
    _ = ir.call(
      ir.declare("jx_parallel_for", runType), runType,
      [thunk, context, lower, upper, ir.constant(index: grain)])
  }

  // MARK: Blocks

  /// Emits the instructions of a block; returns its results.
  func emit(_ block: Kernel.Block) throws -> [LaneValue] {
    for instruction in block.instructions { try emit(instruction) }
    return block.results.map(value)
  }

  func emit(_ instruction: Kernel.Instruction) throws {
    switch instruction.operation {
    case .unary(let operation, let x):
      define(instruction, try emitUnary(operation, x))
    case .binary(let operation, let x, let y):
      define(instruction, try emitBinary(operation, x, y))
    case .compare(let comparison, let x, let y):
      define(instruction, try emitCompare(comparison, x, y))
    case .select(let condition, let x, let y):
      define(instruction, emitSelect(condition, x, y))
    case .convert(let x):
      define(instruction, try emitConvert(x, to: kernel.type(of: instruction.results[0])))
    case .bitcast(let x):
      define(instruction, try emitBitcast(x, to: kernel.type(of: instruction.results[0])))
    case .load(let memory, let index):
      define(instruction, try load(memory, at: value(index)))
    case .store(let memory, let index, let stored):
      try store(value(stored), to: memory, at: value(index))
    case .update(let operation, let memory, let index, let new):
      try update(operation, memory, at: value(index), with: value(new))
    case .loop(let loop): define(instruction, try run(loop))
    case .reduce(let reduction): define(instruction, try run(reduction))
    case .branch(let branch): define(instruction, try run(branch))
    case .loopWhile(let loop): define(instruction, try run(loop))
    }
  }

  private func define(_ instruction: Kernel.Instruction, _ results: [LaneValue]) {
    for (id, result) in zip(instruction.results, results) { values[id.index] = result }
  }

  // MARK: What targets do each in their own way

  /// A loop inside a function; returns what it carries.
  func run(_ loop: Kernel.Loop) throws -> [LaneValue] {
    let lower = try uniformOrRefuse(loop.lower)
    let upper = try uniformOrRefuse(loop.upper)
    if loop.kind.isVector && lanes == 1 && !scalarLoops.contains(loop.body.parameters[0]) {
      try emitVectorLoop(loop, from: lower, to: upper)
      return []
    }
    return try emitSequentialLoop(loop, from: lower, to: upper)
  }

  func run(_ reduction: Kernel.Reduction) throws -> [LaneValue] { try emitReduction(reduction) }
  func run(_ branch: Kernel.Branch) throws -> [LaneValue] { try emitBranch(branch) }
  func run(_ loop: Kernel.WhileLoop) throws -> [LaneValue] { try emitWhile(loop) }

  func load(_ memory: Kernel.MemoryID, at index: LaneValue) throws -> LaneValue {
    try emitLoad(memory, index)
  }

  func store(_ stored: LaneValue, to memory: Kernel.MemoryID, at index: LaneValue) throws {
    try emitStore(memory, index, stored, type: kernel.memories[memory].type)
  }

  /// An update that other threads may make, too, of the same place.
  func update(
    _ operation: Kernel.BinaryOperation, _ memory: Kernel.MemoryID, at index: LaneValue,
    with value: LaneValue
  ) throws {
    throw unsupported("an atomic \(operation.rawValue) on the processor", at: kernel.origin.span)
  }

  /// Memory for a local.
  func place(of local: Kernel.MemoryID) -> IRValue {
    let memory = kernel.memories[local]
    let perElement = memory.type.isComplex ? 2 : 1
    return ir.stack(
      ir.storage(memory.type), count: max(1, memory.count * perElement), alignment: 64)
  }

  /// The alignment of the vector of elements that begins at `index`.
  func alignment(of memory: Kernel.MemoryID, at index: LaneValue) -> Int {
    kernel.memories[memory].type.alignment
  }

  /// Takes notice that the lanes of an index part at a limit; so many of them would not.
  func refuseParting(_ fitting: Int) throws {}

  /// Takes notice that the lanes of an index have several quotients; so many of them would not.
  func refuseSeparating(_ fitting: Int) throws {}

  /// A function of the C library, of scalars.
  func callLibrary(_ name: String, _ operands: [IRValue], _ signature: IRType) throws -> IRValue {
    ir.call(ir.declare(name, signature), signature, operands)
  }

  private func define(_ instruction: Kernel.Instruction, _ value: LaneValue) {
    values[instruction.results[0].index] = value
  }

  // MARK: Values

  /// The value of `id`; constants are made on the spot.
  func value(_ id: Kernel.ValueID) -> LaneValue {
    if let known = values[id.index] { return known }
    let value = kernel[id]
    guard let bits = value.constant else {
      preconditionFailure("%\(id) of kernel \(kernel.name) is used before its definition")
    }
    return constant(value.type, bits)
  }

  func constant(_ type: ElementType, _ bits: ScalarBits) -> LaneValue {
    let register = ir.register(type)
    switch type {
    case .c64:
      return .uniform(
        ir.constant(bits: bits.real, register, width: 32),
        ir.constant(bits: bits.imaginary, register, width: 32))
    case .c128:
      return .uniform(
        ir.constant(bits: bits.real, register, width: 64),
        ir.constant(bits: bits.imaginary, register, width: 64))
    case .f64: return .uniform(ir.constant(bits: bits.real, register, width: 64))
    case _ where type.isFloat:
      let single =
        type == .f32
        ? UInt32(truncatingIfNeeded: bits.real)
        : Float(bits.scalar(of: type).double).bitPattern
      return .uniform(ir.constant(bits: UInt64(single), register, width: 32))
    case .bool: return .uniform(ir.constant(bits.real == 0 ? 0 : 1, register))
    default: return .uniform(ir.constant(Int64(bitPattern: bits.real), register))
    }
  }

  /// The scalar that every lane holds.
  func uniform(_ id: Kernel.ValueID) -> IRValue {
    let value = value(id)
    precondition(value.isUniform, "%\(id) of kernel \(kernel.name) differs between lanes")
    return value.real
  }

  func uniformOrRefuse(_ id: Kernel.ValueID) throws -> IRValue {
    let value = value(id)
    guard value.isUniform else { throw refusal() }
    return value.real
  }

  func refusal() -> NotVectorizable {
    guard let vectorLoop else { preconditionFailure("no vector loop to give up") }
    return NotVectorizable(loop: vectorLoop)
  }

  /// The value as `lanes` lanes of IR.
  func spread(_ value: LaneValue) -> LaneValue {
    if lanes == 1 || value.isVarying { return value }
    if value.stride != 0 {
      let steps = ir.iota(ir.i64, lanes: lanes, step: value.stride)
      return .varying(ir.add(ir.splat(value.real, lanes: lanes), steps))
    }
    return .varying(
      ir.splat(value.real, lanes: lanes), value.imaginary.map { ir.splat($0, lanes: lanes) })
  }

  /// The operands in one form: scalars if all are uniform, else vectors.
  func matched(_ operands: [LaneValue]) -> [LaneValue] {
    operands.allSatisfy(\.isUniform) ? operands : operands.map(spread)
  }

  /// `parts`, as varying as `model`.
  func result(_ real: IRValue, _ imaginary: IRValue? = nil, like model: LaneValue) -> LaneValue {
    LaneValue(real: real, imaginary: imaginary, isVarying: model.isVarying)
  }
}
