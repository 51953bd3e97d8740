import CLLVM
import LoopIR
import Tensor

// A while loop that all blocks of a grid run together. They compute the same scalars, each for itself;
// they share the iterations of parallel loops, and meet where one needs what another has written.
extension GridEmitter {
  /// The while loop that is all of the kernel.
  func emitWholeGrid() throws {
    guard case .loopWhile(let loop) = kernel.body.instructions[0].operation else {
      preconditionFailure("no loop of a whole grid")
    }
    let function = ir.currentFunction
    let head = ir.addBlock("while", to: function)
    let body = ir.addBlock("do", to: function)
    let done = ir.addBlock("done", to: function)
    // An iteration finds what the one before has left.
    for block in [loop.condition, loop.body] {
      noteLoop(block)
      gridHazards.note(globalAccesses(of: block))
    }
    ir.branch(head)
    ir.moveToEnd(of: head)
    let goesOn = try emitOnGrid(loop.condition)[0]
    ir.branch(goesOn.real, body, done)
    ir.moveToEnd(of: body)
    _ = try emitOnGrid(loop.body)
    ir.branch(head)
    ir.moveToEnd(of: done)
  }

  private func emitOnGrid(_ block: Kernel.Block) throws -> [LaneValue] {
    for instruction in block.instructions { try emitOnGrid(instruction) }
    return block.results.map { value($0) }
  }

  private func emitOnGrid(_ instruction: Kernel.Instruction) throws {
    let touched = globalAccesses(of: Kernel.Block(instructions: [instruction]))
    if case .load(let memory, _) = instruction.operation, let value = known[memory] {
      values[instruction.results.first.index] = value
      return
    }
    meet(before: touched)
    known = known.filter { !touched.writes.contains(region($0.key)) }
    if case .loop(let loop) = instruction.operation, loop.kind.isParallel {
      return try emitOverGrid(loop)
    }
    guard instruction.operation.hasEffects else { return try emit(instruction) }
    // One block does what is not parallel.
    let before = hazards.pending
    let block = ir.specialRegister("ctaid.x")
    try when(ir.icmp(LLVMIntEQ, block, ir.zero(block.type))) { try self.emit(instruction) }
    hazards.note(before)
    if case .store(let memory, _, let stored) = instruction.operation,
      kernel.memories[memory].count == 1, isStoredExactly(kernel.memories[memory].type)
    {
      known[memory] = value(stored)
    }
  }

  /// Is an element in memory the same as in a register?
  private func isStoredExactly(_ type: ElementType) -> Bool {
    type == .bool || type.isInteger && type.bitWidth >= 32 || type == .f32 || type == .f64
  }

  /// A parallel loop, as many iterations at once as there are blocks or threads.
  private func emitOverGrid(_ loop: Kernel.Loop) throws {
    let (lower, upper) = (uniform(loop.lower), uniform(loop.upper))
    let index = loop.body.parameters[0]
    let count = ir.constantInteger(lower).flatMap { lower in
      ir.constantInteger(upper).map { $0 - lower }
    }
    let block = ir.zext(ir.specialRegister("ctaid.x"), ir.i64)
    let grid = ir.zext(ir.specialRegister("nctaid.x"), ir.i64)
    switch GridPlan(loop, kernel).mode {
    case .oneBlock, .wholeGrid: preconditionFailure("no loop of a grid")
    case .blocks:
      blocks = max(blocks, count ?? GridPlan.fixedBlocks)
      noteLoop(loop.body)
      _ = try countedLoop(from: ir.add(lower, block), to: upper, step: grid, initial: []) { i, _ in
        self.values[index.index] = .uniform(i)
        _ = try self.emit(loop.body)
        return []
      }
    case .threads:
      try emitFlatOverGrid(loop, from: lower, to: upper, count, block, grid, lanes: 1)
    case .flat(let lanes):
      try emitFlatOverGrid(
        loop, from: lower, to: upper, count, block, grid, lanes: possibleLanes(lanes, of: index))
    }
  }

  private func emitFlatOverGrid(
    _ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue, _ count: Int?, _ block: IRValue,
    _ grid: IRValue, lanes width: Int
  ) throws {
    let index = loop.body.parameters[0]
    let tid = ir.zext(ir.specialRegister("tid.x", below: threads), ir.i64)
    let number = ir.add(ir.mul(block, ir.constant(index: threads)), tid)
    let step = ir.mul(grid, ir.constant(index: threads))
    let isWide = width > 1 && count != nil && ir.constantInteger(lower) == 0
    let lanes = isWide ? width : 1
    let iterations = (count ?? GridPlan.fixedBlocks * threads) / lanes
    blocks = max(blocks, (iterations + threads - 1) / threads)
    level = .thread
    defer { level = .block }
    func run(_ place: LaneValue) throws {
      values[index.index] = place
      _ = try emit(loop.body)
    }
    guard isWide, let count else {
      _ = try countedLoop(from: ir.add(lower, number), to: upper, step: step, initial: []) { i, _ in
        try run(.uniform(i))
        return []
      }
      return
    }
    try inLanes(lanes, of: index) {
      _ = try self.countedLoop(
        from: number, to: self.ir.constant(index: iterations), step: step, initial: []
      ) { i, _ in
        let first = self.ir.mul(i, self.ir.constant(index: lanes))
        try run(.linear(first, stride: 1, multiple: lanes))
        return []
      }
    }
    // What does not fill a vector.
    let rest = count % lanes
    if rest > 0 {
      try when(ir.icmp(LLVMIntSLT, number, ir.constant(index: rest))) {
        try run(.uniform(self.ir.add(number, self.ir.constant(index: count - rest))))
      }
    }
  }

  // MARK: Meetings

  /// What other blocks may touch, too.
  private func globalAccesses(of block: Kernel.Block) -> Hazards.Accesses {
    var found = accesses(of: block)
    let isGlobal = { (region: Hazards.Region) in region < self.kernel.parameterCount }
    found.reads = found.reads.filter(isGlobal)
    found.writes = found.writes.filter(isGlobal)
    return found
  }

  /// Lets the blocks meet if they must before `accesses`, which then are pending themselves.
  private func meet(before accesses: Hazards.Accesses) {
    if gridHazards.needsBarrier(before: accesses) { meet() }
    gridHazards.note(accesses)
  }

  /// Waits until all blocks are here. Each adds to the counter such a number that together they change
  /// its highest bit, and no other: it is ready for the next meeting then.
  private func meet() {
    barrier()
    let tid = ir.specialRegister("tid.x", below: threads)
    let function = ir.currentFunction
    let arrive = ir.addBlock("arrive", to: function)
    let wait = ir.addBlock("wait", to: function)
    let go = ir.addBlock("go", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(ir.icmp(LLVMIntEQ, tid, ir.zero(ir.i32)), arrive, done)
    ir.moveToEnd(of: arrive)
    let counter = ir.address(asInteger: meetingCounter)
    let others = ir.sub(ir.specialRegister("nctaid.x"), ir.constant(1, ir.i32))
    let block = ir.specialRegister("ctaid.x")
    let share = ir.select(
      ir.icmp(LLVMIntEQ, block, ir.zero(ir.i32)),
      ir.sub(ir.constant(Int64(Int32.min), ir.i32), others), ir.constant(1, ir.i32))
    fence()
    let before = ir.assembly(
      "atom.global.add.u32 $0, [$1], $2;", constraints: "=r,l,r,~{memory}", result: ir.i32,
      [counter, share])
    ir.branch(wait)
    ir.moveToEnd(of: wait)
    let now = ir.assembly(
      "ld.relaxed.gpu.global.u32 $0, [$1];", constraints: "=r,l,~{memory}", result: ir.i32,
      [counter])
    let isSame = ir.icmp(LLVMIntSGE, ir.xor(before, now), ir.zero(ir.i32))
    ir.branch(isSame, wait, go)
    ir.moveToEnd(of: go)
    fence()
    ir.branch(done)
    ir.moveToEnd(of: done)
    barrier()
    gridHazards.clear()
  }

  /// What is written before, is seen by who sees what is written after.
  private func fence() {
    _ = ir.assembly(
      "fence.acq_rel.gpu;", constraints: "~{memory}", result: ir.void, [])
  }

  /// The local memories of loops whose iterations are threads.
  var threadsOnly: Set<Kernel.MemoryID> {
    guard plan.mode == .wholeGrid else { return [] }
    return kernel.residentLoops.reduce(into: []) { found, loop in
      if GridPlan(loop, kernel).sharesLoops { return }
      found.formUnion(kernel.localMemories(of: loop.body))
    }
  }
}

extension Kernel {
  /// The local memories that a block reaches.
  fileprivate func localMemories(of block: Block) -> Set<MemoryID> {
    block.instructions.reduce(into: []) { found, instruction in
      if let memory = instruction.operation.access?.memory, memories[memory].isLocal {
        found.insert(memory)
      }
      for inner in instruction.operation.blocks { found.formUnion(localMemories(of: inner)) }
    }
  }
}
