import CLLVM
import LoopIR
import Support
import Tensor

/// Emits a program into a module, which may hold others.
///
/// Procedures become functions of their parameters and the workspace; steps become calls and
/// control flow. A status other than 0 returns at once.
final class ProgramEmitter {
  let ir: IRBuilder
  let program: Program
  let machine: MachineModel
  /// Do constants become part of the module, or are they defined by whoever loads it?
  let embedsConstants: Bool
  private var kernels: [IRValue] = []
  private var procedures: [IRValue] = []
  private var constants: [Program.ConstantID: IRValue] = [:]
  private var comparators: [Program.KernelID: IRValue] = [:]

  init(_ program: Program, into ir: IRBuilder, machine: MachineModel, embedsConstants: Bool) {
    self.program = program
    self.ir = ir
    self.machine = machine
    self.embedsConstants = embedsConstants
  }

  /// Kernels that become part of the procedures which launch them: what loops carry through small
  /// buffers can then stay in registers, and a thousand tiny functions compile as one.
  private(set) var inlinedKernels: Set<Program.KernelID> = []

  /// Emits the kernels and procedures.
  ///
  /// - Returns: the entry procedure.
  func emit() throws -> EmittedProcedure {
    let memories = MemoryFacts(program)
    inlinedKernels = smallKernels()
    for id in program.kernels.ids {
      let kernel = program.kernels[id]
      let emitter = KernelEmitter(
        ir: ir, kernel: kernel, machine: machine, isAlone: memories.isAlone[id.index])
      let function = try emitter.emit(name: "\(program.name).\(kernel.name)")
      if inlinedKernels.contains(id) {
        ir.addAttribute("alwaysinline", to: function, parameter: nil)
      }
      kernels.append(function)
    }
    for id in program.procedures.ids {
      let procedure = program.procedures[id]
      procedures.append(
        ir.addFunction("\(program.name).\(procedure.name)", type(of: procedure)))
    }
    for id in program.procedures.ids { try emit(id) }
    return emitted(program.entry)
  }

  /// Short kernels that loops launch and that use no threads, and those that are launched once and
  /// have no loops at all.
  private func smallKernels() -> Set<Program.KernelID> {
    var found: Set<Program.KernelID> = []
    var launches: [Program.KernelID: Int] = [:]
    func visit(_ steps: [Step], inLoop: Bool) {
      for step in steps {
        switch step {
        case .launch(let id, _):
          launches[id, default: 0] += 1
          let kernel = program.kernels[id]
          let usesThreads = kernel.body.instructions.contains {
            if case .loop(let loop) = $0.operation {
              machine.grain(of: loop, in: kernel) != nil
            } else {
              false
            }
          }
          if inLoop, !usesThreads, kernel.instructionCount(of: kernel.body) <= 60 {
            found.insert(id)
          }
        case .loopWhile(let condition, _, let body): visit(condition + body, inLoop: true)
        case .loop(_, let body): visit(body, inLoop: true)
        case .branch(_, let cases): for body in cases { visit(body, inLoop: inLoop) }
        case .copy, .fill, .library, .call, .host: break
        }
      }
    }
    for procedure in program.procedures.elements { visit(procedure.body, inLoop: false) }
    for (id, count) in launches where count == 1 {
      let kernel = program.kernels[id]
      let hasLoops = kernel.body.instructions.contains {
        switch $0.operation {
        case .loop, .reduce, .loopWhile: true
        case .unary, .binary, .compare, .select, .convert, .bitcast, .load, .store, .update,
          .branch:
          false
        }
      }
      if !hasLoops, kernel.instructionCount(of: kernel.body) <= 24,
        !kernel.containsElementary(kernel.body)
      {
        found.insert(id)
      }
    }
    return found
  }

  // MARK: Procedures

  /// Steps that one function runs, where a procedure is long.
  private static let longestPart = 128
  /// Parameters that a function takes one by one.
  private static let mostParameters = 256

  /// A long procedure takes its parameters as a list, and runs in parts that are functions of their
  /// own: the work of LLVM grows faster than a function does.
  private func isLong(_ procedure: Procedure) -> Bool {
    procedure.parameters.count > Self.mostParameters
      || procedure.body.count > 2 * Self.longestPart
        && LaunchSeries.parts(of: procedure.body).count > 2 * Self.longestPart
  }

  private func type(of procedure: Procedure) -> IRType {
    if isLong(procedure) { return ir.function(ir.i32, [ir.pointer, ir.pointer]) }
    return ir.function(
      ir.i32, Array(repeating: ir.pointer, count: procedure.parameters.count + 1))
  }

  private func emit(_ id: Program.ProcedureID) throws {
    let procedure = program.procedures[id]
    let function = procedures[id.index]
    if isLong(procedure) {
      return try emitParts(procedure, function, isEntry: id == program.entry)
    }
    ir.addAttribute("nounwind", to: function, parameter: nil)
    machine.annotate(function, ir)
    ir.addAttribute("noalias", to: function, parameter: procedure.parameters.count)
    if id == program.entry {
      let shared = Set(
        procedure.donations.flatMap { [$0.argument, procedure.argumentCount + $0.result] })
      for position in procedure.parameters.indices where !shared.contains(position) {
        ir.addAttribute("noalias", to: function, parameter: position)
      }
    }
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    let scope = Scope(
      procedure: procedure, function: function,
      workspace: ir.parameter(procedure.parameters.count, of: function),
      isEntry: id == program.entry)
    try emit(procedure.body, scope)
    ir.returnValue(ir.constant(0, ir.i32))
  }

  /// A long procedure, as calls of its parts.
  private func emitParts(
    _ procedure: Procedure, _ function: IRValue, isEntry: Bool
  ) throws {
    func begin(_ function: IRValue) -> Scope {
      ir.addAttribute("nounwind", to: function, parameter: nil)
      machine.annotate(function, ir)
      for position in 0..<2 { ir.addAttribute("noalias", to: function, parameter: position) }
      ir.addAttribute("readonly", to: function, parameter: 0)
      ir.moveToEnd(of: ir.addBlock("entry", to: function))
      return Scope(
        procedure: procedure, function: function, workspace: ir.parameter(1, of: function),
        isEntry: isEntry, list: ir.parameter(0, of: function))
    }
    var parts: [IRValue] = []
    let copies = resultCopies(procedure)
    let series = LaunchSeries.parts(of: Array(procedure.body.dropLast(copies.count)))
    for start in stride(from: 0, to: series.count, by: Self.longestPart) {
      let part = ir.addFunction(
        "\(program.name).\(procedure.name).part\(parts.count)", type(of: procedure))
      ir.addAttribute("noinline", to: part, parameter: nil)
      let scope = begin(part)
      for steps in series[start...].prefix(Self.longestPart) { try emit(part: steps, scope) }
      ir.returnValue(ir.constant(0, ir.i32))
      parts.append(part)
    }
    let scope = begin(function)
    for part in parts {
      let status = ir.call(
        part, type(of: procedure), [ir.parameter(0, of: function), scope.workspace])
      returnUnlessZero(status, scope)
    }
    emitCopies(copies, scope)
    ir.returnValue(ir.constant(0, ir.i32))
  }

  /// The copies of parts of one memory to whole parameters with which a procedure ends, if many.
  private func resultCopies(_ procedure: Procedure) -> [Step] {
    var root: Procedure.Root?
    let first = procedure.body.lastIndex { step in
      guard case .copy(let source, let destination) = step,
        case .parameter = procedure.buffers[destination].place
      else { return true }
      let own = procedure.extent(of: source).root
      if root == nil { root = own }
      return own != root
    }
    let copies = Array(procedure.body[(first.map { $0 + 1 } ?? 0)...])
    return copies.count >= 16 ? copies : []
  }

  /// Such copies as a loop over a table: of a function with thousands of results, each is one.
  private func emitCopies(_ copies: [Step], _ scope: Scope) {
    guard let list = scope.list, case .copy(let first, _)? = copies.first else { return }
    var words: [Int64] = []
    for case .copy(let source, let destination) in copies {
      let extent = scope.procedure.extent(of: source)
      guard case .parameter(let position) = scope.procedure.buffers[destination].place else {
        continue
      }
      words += [Int64(extent.offset), Int64(position), Int64(extent.byteCount)]
    }
    let start = scope.procedure.extent(of: first).offset
    let base = ir.address(ir.i8, address(first, scope), ir.constant(index: -start))
    let table = ir.addConstant("\(program.name).copies", words: words)
    ir.loop("copies", below: words.count, step: 3) { index in
      func word(_ number: Int) -> IRValue {
        let place = ir.add(index, ir.constant(index: number))
        return ir.load(ir.i64, ir.address(ir.i64, table, place), alignment: 8)
      }
      let target = ir.load(ir.pointer, ir.address(ir.pointer, list, word(1)), alignment: 8)
      ir.copy(from: ir.address(ir.i8, base, word(0)), to: target, byteCount: word(2))
    }
  }

  private func emitted(_ id: Program.ProcedureID) -> EmittedProcedure {
    let procedure = program.procedures[id]
    return EmittedProcedure(
      function: procedures[id.index], type: type(of: procedure), takesList: isLong(procedure))
  }

  /// Emits the entry for code that is called at once: `int32_t name(void *const *parameters, void
  /// *workspace)`. It unpacks the parameters and sets the mode of floating-point arithmetic.
  func emitEntry() throws {
    let entry = try emit()
    let signature = ir.function(ir.i32, [ir.pointer, ir.pointer])
    let function = ir.addFunction(program.name, signature, isInternal: false)
    ir.addAttribute("nounwind", to: function, parameter: nil)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    let list = ir.parameter(0, of: function)
    let count = program.procedures[program.entry].parameters.count
    let parameters = entry.takesList ? [list] : (0..<count).map { element($0, of: list) }
    let mode = FlushMode(ir, machine)
    let status = ir.call(
      entry.function, entry.type, parameters + [ir.parameter(1, of: function)])
    mode.restore()
    ir.returnValue(status)
  }

  /// A pointer of an array of pointers.
  private func element(_ index: Int, of list: IRValue) -> IRValue {
    ir.load(ir.pointer, ir.address(ir.pointer, list, ir.constant(index: index)), alignment: 8)
  }

  /// What steps refer to.
  private struct Scope {
    var procedure: Procedure
    var function: IRValue
    var workspace: IRValue
    var isEntry: Bool
    /// The parameters of a long procedure.
    var list: IRValue?
    /// What the loop around the steps keeps on the stack.
    var registers: [(slot: LoopRegisters.Slot, memory: IRValue)] = []
  }

  private func address(_ id: Procedure.BufferID, _ scope: Scope) -> IRValue {
    let extent = scope.procedure.extent(of: id)
    if let (slot, memory) = scope.registers.first(where: { $0.slot.contains(extent) }) {
      return address(memory, extent.offset - slot.offset)
    }
    return address(address(of: extent.root, scope), extent.offset)
  }

  private func address(_ memory: IRValue, _ offset: Int) -> IRValue {
    offset == 0 ? memory : ir.address(ir.i8, memory, ir.constant(index: offset))
  }

  private func address(of root: Procedure.Root, _ scope: Scope) -> IRValue {
    switch root {
    case .parameter(let position):
      scope.list.map { element(position, of: $0) } ?? ir.parameter(position, of: scope.function)
    case .constant(let constant): address(of: constant)
    case .workspace: scope.workspace
    }
  }

  private func address(of id: Program.ConstantID) -> IRValue {
    if let known = constants[id] { return known }
    let constant = program.constants[id]
    let global =
      embedsConstants
      ? ir.addConstant("\(program.name).constant.\(id)", bytes: constant.bytes, alignment: 64)
      : ir.addExternal(constantSymbol(id))
    constants[id] = global
    return global
  }

  // MARK: Steps

  private func emit(_ steps: [Step], _ scope: Scope) throws {
    for part in LaunchSeries.parts(of: steps) { try emit(part: part, scope) }
  }

  /// Emits steps that may be a series of launches.
  private func emit(part steps: ArraySlice<Step>, _ scope: Scope) throws {
    if steps.count > 1,
      let series = LaunchSeries(steps, in: scope.procedure, hasList: scope.list != nil)
    {
      return emit(series, scope)
    }
    for step in steps { try emit(step, scope) }
  }

  /// One loop that launches a kernel again and again.
  private func emit(_ series: LaunchSeries, _ scope: Scope) {
    let roots = series.operands.map { operand -> IRValue in
      switch operand.root {
      case .list: scope.list!
      case .one(let root): address(of: root, scope)
      }
    }
    ir.loop("series", below: series.count) { index in
      let pointers = zip(series.operands, roots).map { operand, root -> IRValue in
        let offset = column(operand.offsets, at: index)
        switch operand.root {
        case .one: return ir.address(ir.i8, root, offset)
        case .list(let positions):
          let place = ir.address(ir.pointer, root, column(positions, at: index))
          return ir.address(ir.i8, ir.load(ir.pointer, place, alignment: 8), offset)
        }
      }
      let type = ir.function(ir.void, Array(repeating: ir.pointer, count: pointers.count))
      _ = ir.call(kernels[series.kernel.index], type, pointers)
    }
  }

  /// The number of a launch: computed where the numbers are evenly spaced, else from a table.
  private func column(_ numbers: [Int], at index: IRValue) -> IRValue {
    let (first, step) = (numbers[0], numbers[1] - numbers[0])
    if numbers.indices.allSatisfy({ numbers[$0] == first + $0 * step }) {
      return ir.add(ir.mul(index, ir.constant(index: step)), ir.constant(index: first))
    }
    let table = ir.addConstant("\(program.name).series", words: numbers.map { Int64($0) })
    return ir.load(ir.i64, ir.address(ir.i64, table, index), alignment: 8)
  }

  private func emit(_ step: Step, _ scope: Scope) throws {
    switch step {
    case .launch(let id, let buffers):
      let type = ir.function(ir.void, Array(repeating: ir.pointer, count: buffers.count))
      _ = ir.call(kernels[id.index], type, buffers.map { address($0, scope) })
    case .copy(let source, let destination):
      let (from, to) = (address(source, scope), address(destination, scope))
      if from == to { return }
      let count = scope.procedure.buffers[source].byteCount
      if count > 0 { ir.copy(from: from, to: to, byteCount: ir.constant(index: count)) }
    case .fill(let buffer, let bits): emitFill(buffer, bits, scope)
    case .library(let call): try emitLibrary(call, scope)
    case .call(let callee, let buffers):
      let own = (scope.procedure.workspaceByteCount + 63) / 64 * 64
      let workspace = ir.address(ir.i8, scope.workspace, ir.constant(index: own))
      let status = emitted(callee).call(ir, buffers.map { address($0, scope) }, workspace)
      returnUnlessZero(status, scope)
    case .loopWhile(let condition, let predicate, let body):
      try inRegisters(step, scope) { scope in
        let head = ir.addBlock("while", to: scope.function)
        let bodyBlock = ir.addBlock("do", to: scope.function)
        let done = ir.addBlock("done", to: scope.function)
        ir.branch(head)
        ir.moveToEnd(of: head)
        try emit(condition, scope)
        let goesOn = ir.load(ir.i8, address(predicate, scope), alignment: 1)
        ir.branch(ir.icmp(LLVMIntNE, goesOn, ir.constant(0, ir.i8)), bodyBlock, done)
        ir.moveToEnd(of: bodyBlock)
        try emit(body, scope)
        ir.branch(head)
        ir.moveToEnd(of: done)
      }
    case .loop(let count, let body):
      if count <= 0 { return }
      try inRegisters(step, scope) { scope in
        try ir.loop("loop", below: count) { _ in try emit(body, scope) }
      }
    case .branch(let index, let cases): try emitBranch(index, cases, scope)
    case .host(let callback, let operands, let results):
      let list = ir.pointers((operands + results).map { address($0, scope) })
      let type = ir.function(ir.i32, [ir.pointer, ir.i64, ir.pointer])
      let status = ir.call(
        ir.declare("jx_host_call", type), type,
        [
          ir.addExternal("jx.callbacks"), ir.constant(index: callback.index), list,
        ])
      returnUnlessZero(status, scope)
    }
  }

  /// Emits a loop, which keeps its small buffers on the stack: see `LoopRegisters`.
  private func inRegisters(
    _ loop: Step, _ scope: Scope, _ emit: (Scope) throws -> Void
  ) rethrows {
    let found = LoopRegisters(
      [loop], in: scope.procedure, isEntry: scope.isEntry, inlined: inlinedKernels, of: program)
    var inner = scope
    var moved: [(slot: LoopRegisters.Slot, home: IRValue, memory: IRValue)] = []
    for slot in found.slots
    where !scope.registers.contains(where: {
      $0.slot.contains((slot.root, slot.offset, slot.byteCount))
    }) {
      let home = address(address(of: slot.root, scope), slot.offset)
      let memory = ir.stack(ir.i8, count: slot.byteCount, alignment: 64)
      ir.copy(from: home, to: memory, byteCount: ir.constant(index: slot.byteCount))
      moved.append((slot, home, memory))
      inner.registers.append((slot, memory))
    }
    try emit(inner)
    for (slot, home, memory) in moved where slot.isWritten {
      ir.copy(from: memory, to: home, byteCount: ir.constant(index: slot.byteCount))
    }
  }

  private func returnUnlessZero(_ status: IRValue, _ scope: Scope) {
    let failed = ir.addBlock("failed", to: scope.function)
    let next = ir.addBlock("", to: scope.function)
    ir.branch(ir.icmp(LLVMIntEQ, status, ir.constant(0, ir.i32)), next, failed)
    ir.moveToEnd(of: failed)
    ir.returnValue(status)
    ir.moveToEnd(of: next)
  }

  private func emitBranch(
    _ index: Procedure.BufferID, _ cases: [[Step]], _ scope: Scope
  ) throws {
    guard !cases.isEmpty else { return }
    let blocks = cases.map { _ in ir.addBlock("case", to: scope.function) }
    let done = ir.addBlock("done", to: scope.function)
    let place = address(index, scope)
    let type = ir.storage(scope.procedure.buffers[index].type)
    let selector = ir.load(type, place, alignment: 1)
    ir.switchOn(selector, blocks, otherwise: blocks[blocks.count - 1])
    for (block, steps) in zip(blocks, cases) {
      ir.moveToEnd(of: block)
      try emit(steps, scope)
      ir.branch(done)
    }
    ir.moveToEnd(of: done)
  }

  private func emitFill(
    _ buffer: Procedure.BufferID, _ bits: ScalarBits, _ scope: Scope
  ) {
    let info = scope.procedure.buffers[buffer]
    let count = info.byteCount
    guard count > 0 else { return }
    let place = address(buffer, scope)
    let bytes = bits.bytes(of: info.type)
    if Set(bytes).count == 1 {
      ir.setMemory(
        place, byte: ir.constant(Int64(bytes[0]), ir.i8), byteCount: ir.constant(index: count))
      return
    }
    // A pattern of 64 bytes, as often as it fits, then its beginning.
    let pattern = ir.addConstant(
      "\(program.name).pattern", bytes: (0..<64).map { bytes[$0 % bytes.count] }, alignment: 64)
    let whole = count / 64 * 64
    if whole > 0 {
      let vector = ir.vector(ir.i8, 64)
      let value = ir.load(vector, pattern, alignment: 64)
      ir.loop("fill", below: whole, step: 64) { offset in
        ir.store(value, ir.address(ir.i8, place, offset), alignment: 1)
      }
    }
    if count > whole {
      ir.copy(
        from: pattern, to: ir.address(ir.i8, place, ir.constant(index: whole)),
        byteCount: ir.constant(index: count - whole))
    }
  }

  private func emitLibrary(_ call: LibraryCall, _ scope: Scope) throws {
    var operands = call.buffers.map { address($0, scope) }
    if case .sort(let sort) = call.routine, case .comparator(let kernel) = sort.order {
      operands.insert(comparator(kernel), at: 0)
    }
    let parameters = ir.addConstant(
      "\(program.name).parameters", words: call.routine.parameters)
    let type = ir.function(ir.i32, [ir.pointer, ir.pointer])
    let status = ir.call(
      ir.declare(call.routine.symbol, type), type, [parameters, ir.pointers(operands)])
    returnUnlessZero(status, scope)
  }

  /// A comparator kernel as `int8_t f(const void *const *elements)`.
  private func comparator(_ id: Program.KernelID) -> IRValue {
    if let known = comparators[id] { return known }
    let here = ir.currentBlock
    let kernel = program.kernels[id]
    let function = ir.addFunction(
      "\(program.name).\(kernel.name).compare", ir.function(ir.i8, [ir.pointer]))
    machine.annotate(function, ir)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    let outcome = ir.stack(ir.i8, count: 1, alignment: 1)
    let elements = (0..<kernel.parameterCount - 1).map { position in
      ir.load(
        ir.pointer,
        ir.address(ir.pointer, ir.parameter(0, of: function), ir.constant(index: position)),
        alignment: 8)
    }
    let type = ir.function(ir.void, Array(repeating: ir.pointer, count: kernel.parameterCount))
    _ = ir.call(kernels[id.index], type, elements + [outcome])
    ir.returnValue(ir.load(ir.i8, outcome, alignment: 1))
    ir.moveToEnd(of: here)
    comparators[id] = function
    return function
  }
}

/// The symbol of a constant that is not part of the module.
public func constantSymbol(_ id: Program.ConstantID) -> String { "jx.constant.\(id)" }

/// A procedure as a function of its parameters and the workspace: `int32_t f(void *parameter…, void
/// *workspace)`, or, if it is long, `int32_t f(void *const *parameters, void *workspace)`.
struct EmittedProcedure {
  var function: IRValue
  var type: IRType
  var takesList: Bool

  /// Calls it; gives its status.
  func call(_ ir: IRBuilder, _ parameters: [IRValue], _ workspace: IRValue) -> IRValue {
    let operands = takesList ? [ir.pointers(parameters)] : parameters
    return ir.call(function, type, operands + [workspace])
  }
}

extension IRBuilder {
  /// An array of pointers on the stack.
  func pointers(_ values: [IRValue]) -> IRValue {
    let list = stack(pointer, count: max(1, values.count), alignment: 16)
    for (position, value) in values.enumerated() {
      store(value, address(pointer, list, constant(index: position)), alignment: 8)
    }
    return list
  }
}
