import CLLVM
import LoopIR
import Support
import Tensor

/// Emits one kernel in grid form as a function that the threads of a grid run.
///
/// At the *block* level all threads of a block do the same: they compute the same scalars, and meet
/// at barriers. What vector loops and reductions contain is at the *thread* level: each thread has
/// iterations of its own. A parallel loop's iterations are blocks, or threads where there is nothing
/// for the threads of a block to share.
final class GridEmitter: KernelEmitter {
  enum Level {
    case block, thread
  }

  /// How the kernel is launched; known once it is emitted. Where all blocks run at the same time, it
  /// is the number of those that have something to do.
  var blocks = 1
  let plan: GridPlan
  /// Local memories of which each thread has its own part.
  let threadMemory: ThreadMemory
  /// For each parameter: a power of two that divides its address.
  let alignments: [Int]
  var threads: Int { plan.threads }

  var level = Level.block
  var hazards = Hazards()
  /// The same of all blocks, since they last met.
  var gridHazards = Hazards()
  /// What memories of one element hold, which one block has stored and all know.
  var known: [Kernel.MemoryID: LaneValue] = [:]
  /// What counts the blocks that have come to a meeting.
  private(set) lazy var meetingCounter = ir.addVariable("\(name)_meeting", ir.i32, in: .global)
  /// The bytes of shared memory.
  private(set) var sharedByteCount = 0
  /// The arrays in shared memory, by name; also of attempts that were given up.
  private var sharedArrays: [String: IRValue] = [:]
  private var sharedNames: Set<String> = []
  /// Does the launch say how much shared memory there is? Where it is more than a block may have
  /// without asking.
  private(set) var isSharedDynamic = false
  private var dynamicOffsets: [String: Int] = [:]
  /// How often warps have exchanged what they reduced; two sets of buffers take turns.
  var exchangeCount = 0
  private var name = ""
  /// Is this behind a loop that needs most registers? What is computed of the thread's number there
  /// takes none in the loop if the number is read anew.
  private var rereadsThread = false
  private var loopDepth = 0
  /// Do some of a warp's threads have no row?
  private var hasPartialWarps = false
  /// The iterations of a shared loop that are being emitted: the first one's index, and the round.
  var iteration: (index: IRValue, round: Int?)?

  /// The bytes of shared memory that a block may have, if it asks.
  private let mostSharedBytes: Int

  init(
    ir: IRBuilder, kernel: Kernel, machine: MachineModel, isAlone: [Bool], alignments: [Int],
    mostSharedBytes: Int
  ) {
    self.mostSharedBytes = mostSharedBytes
    plan = GridPlan(kernel)
    threadMemory =
      plan.mode == .wholeGrid
      ? ThreadMemory(kernel, in: kernel.residentLoops.map(\.body))
      : ThreadMemory(kernel, in: kernel.gridLoop?.body ?? kernel.body)
    self.alignments = alignments
    super.init(ir: ir, kernel: kernel, machine: machine, isAlone: isAlone)
  }

  // MARK: The function

  override func emit(name: String) throws -> IRValue {
    self.name = name
    let type = ir.function(
      ir.void, Array(repeating: ir.pointer(in: .global), count: kernel.parameterCount))
    let function = ir.addFunction(name, type, isInternal: false)
    annotate(function)
    ir.addAttribute(
      "denormal-fp-math-f32", text: "preserve-sign,preserve-sign", to: function)
    for position in 0..<kernel.parameterCount {
      ir.addAttribute(
        "align", value: UInt64(alignments[position]), to: function, parameter: position)
    }
    ir.makeDeviceKernel(function, threads: plan.threadsOfBlock, blocks: hasManyRegisters ? 2 : 1)
    try emit(into: function)
    if sharedByteCount > Self.mostStaticBytes {
      isSharedDynamic = true
      ir.removeBlocks(of: function)
      try emit(into: function)
    }
    guard sharedByteCount <= mostSharedBytes else {
      throw unsupported(
        "\(kernel.name), a kernel of \(sharedByteCount) bytes of shared memory, of which \(machine.cpu) "
          + "has \(mostSharedBytes)", at: kernel.origin.span)
    }
    return function
  }

  private func emit(into function: IRValue) throws {
    try retrying(function) {
      self.level = .block
      self.hazards = Hazards()
      self.gridHazards = Hazards()
      self.known = [:]
      self.rereadsThread = false
      self.loopDepth = 0
      self.sharedByteCount = 0
      self.sharedNames = []
      self.exchangeCount = 0
      self.blocks = 1
      for index in 0..<self.kernel.parameterCount {
        self.memories[index] = self.ir.parameter(index, of: function)
      }
      if self.plan.mode == .wholeGrid {
        try self.emitWholeGrid()
        return self.ir.returnValue(nil)
      }
      for instruction in self.kernel.body.instructions {
        if case .loop(let loop) = instruction.operation, loop.kind.isParallel,
          self.plan.mode != .oneBlock
        {
          try self.emitGrid(loop)
        } else {
          try self.emit(instruction)
        }
      }
      self.ir.returnValue(nil)
    }
  }

  /// What a block may have without asking.
  private static let mostStaticBytes = 49_152

  /// The parallel loop of the kernel.
  private func emitGrid(_ loop: Kernel.Loop) throws {
    let (lower, upper) = (uniform(loop.lower), uniform(loop.upper))
    switch plan.mode {
    case .oneBlock, .wholeGrid: preconditionFailure("no grid to emit")
    case .blocks: try emitBlocks(loop, from: lower, to: upper)
    case .threads: try emitFlat(loop, from: lower, to: upper, lanes: 1)
    case .flat(let lanes):
      try emitFlat(
        loop, from: lower, to: upper, lanes: possibleLanes(lanes, of: loop.body.parameters[0]))
    }
  }

  /// As many of `lanes` as fit a loop.
  func possibleLanes(_ lanes: Int, of loop: Kernel.ValueID) -> Int {
    scalarLoops.contains(loop) ? 1 : min(lanes, mostLanes[loop] ?? lanes)
  }

  /// A block for each iteration; where their number is not known, blocks take turns.
  private func emitBlocks(_ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue) throws {
    let index = loop.body.parameters[0]
    func block(below limit: Int) -> IRValue {
      ir.zext(ir.specialRegister("ctaid.x", below: limit), ir.i64)
    }
    if let first = ir.constantInteger(lower), let last = ir.constantInteger(upper),
      last - first <= GridPlan.mostBlocks
    {
      blocks = max(1, (last - first + plan.rows - 1) / plan.rows)
      let number = block(below: blocks)
      guard plan.rows > 1 else {
        values[index.index] = .uniform(ir.add(lower, number))
        _ = try emit(loop.body)
        return
      }
      let own = ir.lshr(threadOfBlock, ir.constant(Int64(threads.trailingZeroBitCount), ir.i32))
      let row = ir.add(ir.mul(number, ir.constant(index: plan.rows)), ir.zext(own, ir.i64))
      func run() throws {
        values[index.index] = .uniform(ir.add(lower, row))
        _ = try emit(loop.body)
      }
      if (last - first) % plan.rows == 0 { return try run() }
      hasPartialWarps = (last - first) % (32 / threads) != 0
      try when(ir.icmp(LLVMIntSLT, row, ir.constant(index: last - first)), run)
      return
    }
    blocks = GridPlan.fixedBlocks
    noteLoop(loop.body)
    _ = try countedLoop(
      from: ir.add(lower, block(below: blocks)), to: upper, step: blocks, initial: []
    ) { i, _ in
      self.values[index.index] = .uniform(i)
      _ = try self.emit(loop.body)
      return []
    }
  }

  /// A loop whose iterations have nothing to do with each other, over all threads of the grid.
  private func emitFlat(
    _ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue, lanes width: Int
  ) throws {
    let index = loop.body.parameters[0]
    let tid = ir.zext(ir.specialRegister("tid.x", below: threads), ir.i64)
    func block() -> IRValue { ir.zext(ir.specialRegister("ctaid.x", below: blocks), ir.i64) }
    level = .thread
    defer { level = .block }
    guard let first = ir.constantInteger(lower), let last = ir.constantInteger(upper), first == 0
    else {
      blocks = GridPlan.fixedBlocks
      let start = ir.add(
        lower, ir.add(ir.mul(block(), ir.constant(index: threads)), tid))
      _ = try countedLoop(
        from: start, to: upper, step: blocks * threads, initial: []
      ) { i, _ in
        self.values[index.index] = .uniform(i)
        _ = try self.emit(loop.body)
        return []
      }
      return
    }
    let copies = plan.copies(of: loop.body, kernel, vectors: last / width)
    let vectors = last / width
    let perBlock = threads * copies
    blocks = max(1, (vectors + perBlock - 1) / perBlock)
    let start = ir.add(ir.mul(block(), ir.constant(index: perBlock)), tid)
    let numbers = (0..<copies).map { ir.add(start, ir.constant(index: $0 * threads)) }
    func place(_ number: IRValue) -> LaneValue {
      let position = ir.mul(number, ir.constant(index: width))
      return width == 1 ? .uniform(position) : .linear(position, stride: 1, multiple: width)
    }
    let outer = (lanes, vectorLoop)
    (lanes, vectorLoop) = (width, index)
    defer { (lanes, vectorLoop) = outer }
    if vectors % perBlock == 0 {
      try emitTogether(loop.body, numbers.map(place))
    } else if isQueued(loop.body, copies) {
      // Those outside load what is at the edge, and come to nothing.
      let limit = ir.constant(index: vectors)
      let inside = numbers.map { ir.icmp(LLVMIntSLT, $0, limit) }
      let last = ir.constant(index: vectors - 1)
      let count = inside.map { ir.zext($0, ir.i64) }.reduce(ir.constant(index: 0), ir.add)
      try emitTogether(
        loop.body, zip(inside, numbers).map { place(ir.select($0, $1, last)) }, first: count)
    } else {
      // All blocks but the last are full.
      let limit = ir.constant(index: vectors)
      try when(ir.icmp(LLVMIntSLT, numbers[copies - 1], limit)) {
        try self.emitTogether(loop.body, numbers.map(place))
      } otherwise: {
        if copies == 1 { return }
        _ = try self.countedLoop(
          from: start, to: limit, step: self.threads, initial: []
        ) { number, _ in
          try self.emitTogether(loop.body, [place(number)])
          return []
        }
      }
    }
    // What does not fill a vector.
    let rest = last % width
    if rest > 0 {
      lanes = 1
      let number = ir.add(ir.mul(block(), ir.constant(index: threads)), tid)
      try when(ir.icmp(LLVMIntSLT, number, ir.constant(index: rest))) {
        self.values[index.index] = .uniform(
          self.ir.add(number, self.ir.constant(index: last - rest)))
        _ = try self.emit(loop.body)
      }
    }
  }

  /// Several iterations of straight-line code, whose loads are all on their way before the first result
  /// is needed: instruction by instruction, or, where that would be much code, by a loop over what has
  /// been loaded.
  ///
  /// - Parameters:
  ///   - first: how many of them there are to be, those that come first; all where it is `nil`.
  ///   - rounds: what `iteration` is for each of them.
  ///   - combine: makes what is carried on of the results of an iteration and what was carried so far.
  @discardableResult
  func emitTogether(
    _ body: Kernel.Block, _ indices: [LaneValue], first count: IRValue? = nil,
    rounds: [(index: IRValue, round: Int?)] = [], carrying initial: [LaneValue] = [],
    combine: ([LaneValue], [LaneValue]) throws -> [LaneValue] = { _, carried in carried }
  ) throws -> [LaneValue] {
    var tables = indices.map { index in
      var table = values
      table[body.parameters[0].index] = index
      return table
    }
    func each(_ emit: () throws -> Void) rethrows {
      for number in tables.indices {
        swap(&values, &tables[number])
        defer { swap(&values, &tables[number]) }
        if !rounds.isEmpty { iteration = rounds[number] }
        try emit()
      }
    }
    guard isQueued(body, indices.count), rounds.allSatisfy({ $0.round == nil }),
      let loading = kernel.loadingPart(of: body)
    else {
      try eachInstruction(of: body, each)
      var carried = initial
      try each { carried = try combine(body.results.map(value), carried) }
      return carried
    }
    var (first, rest) = (Kernel.Block(), Kernel.Block())
    first.instructions = Array(body.instructions[..<loading])
    rest.instructions = Array(body.instructions[loading...])
    rest.results = body.results
    try eachInstruction(of: first, each)
    // Iterations take what was loaded from the front of a queue.
    let defined = Set(first.instructions.flatMap(\.results) + [body.parameters[0]])
    let used = kernel.freeValues(of: rest).filter(defined.contains)
    var queue: [LaneValue] = []
    each { queue += used.map(value) }
    // What is known of each of them.
    let models = used.indices.map { number -> LaneValue in
      var model = queue[number]
      let all = stride(from: number, to: queue.count, by: used.count).map { queue[$0] }
      model.multiple = all.map(multiple(of:)).min() ?? 1
      return model
    }
    return try Array(
      countedLoop(
        from: ir.constant(index: 0), to: count ?? hidden(indices.count), step: 1,
        initial: initial + queue
      ) { _, state in
        let loaded = Array(state[initial.count...])
        for (id, (value, model)) in zip(used, zip(loaded, models)) {
          var value = value
          (value.stride, value.multiple) = (model.stride, model.multiple)
          self.values[id.index] = value
        }
        let next = try combine(self.emit(rest), Array(state[..<initial.count]))
        return next + loaded[used.count...] + loaded[..<used.count]
      }[..<initial.count])
  }

  /// A number that LLVM does not know, lest it unrolls the loop of so many iterations; `ptxas` does, and
  /// may.
  private func hidden(_ number: Int) -> IRValue {
    ir.assembly("mov.u64 $0, \(number);", constraints: "=l", result: ir.i64, [])
  }

  /// Do iterations that are emitted together take turns?
  func isQueued(_ body: Kernel.Block, _ count: Int) -> Bool {
    count > 1 && !kernel.isShort(body) && kernel.loadingPart(of: body) != nil
  }

  override func emit(_ block: Kernel.Block) throws -> [LaneValue] {
    try eachInstruction(of: block) { try $0() }
    return block.results.map(value)
  }

  /// Emits the instructions of `block` in order, or several at a time: `run` gets what emits them.
  private func eachInstruction(
    of block: Kernel.Block, _ run: (() throws -> Void) throws -> Void
  ) throws {
    var place = 0
    while place < block.instructions.count {
      var count = 1
      try run {
        count = self.storesOfWord(block, at: place)
        if count == 1 {
          try self.emit(block.instructions[place])
        } else {
          try self.emitStoresOfWord(block, place..<place + count)
        }
      }
      place += count
    }
  }

  // MARK: Control flow

  /// Runs `body` where `condition` holds.
  func when(
    _ condition: IRValue, _ body: () throws -> Void, otherwise: () throws -> Void = {}
  ) throws {
    let function = ir.currentFunction
    let then = ir.addBlock("then", to: function)
    let other = ir.addBlock("else", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(condition, then, other)
    ir.moveToEnd(of: then)
    try body()
    ir.branch(done)
    ir.moveToEnd(of: other)
    try otherwise()
    ir.branch(done)
    ir.moveToEnd(of: done)
  }

  override func run(_ branch: Kernel.Branch) throws -> [LaneValue] {
    guard value(branch.condition).isUniform else { throw refusal() }
    guard level == .block else { return try emitBranch(branch) }
    // What is pending and touched by either side is settled before; afterwards either may have run.
    var sides = accesses(of: branch.then)
    sides.formUnion(accesses(of: branch.otherwise))
    if threads > 1, hazards.needsBarrier(before: sides) { barrier() }
    let before = hazards.pending
    let results = try emitBranch(branch)
    hazards.note(before)
    hazards.note(sides)
    return results
  }

  override func run(_ loop: Kernel.WhileLoop) throws -> [LaneValue] {
    if level == .thread, lanes > 1 { throw refusal() }
    if level == .block {
      settle(before: loop.condition)
      settle(before: loop.body)
      noteLoop(loop.condition)
      noteLoop(loop.body)
    }
    let results = try emitWhile(loop)
    if level == .block {
      noteLoop(loop.condition)
      noteLoop(loop.body)
    }
    return results
  }

  override func run(_ loop: Kernel.Loop) throws -> [LaneValue] {
    let lower = try uniformOrRefuse(loop.lower)
    let upper = try uniformOrRefuse(loop.upper)
    guard level == .block else {
      return try emitStraightLine(loop, from: lower, to: upper)
        ?? emitSequentialLoop(loop, from: lower, to: upper)
    }
    if loop.kind == .sequential {
      settle(before: loop.body)
      noteLoop(loop.body)
      loopDepth += 1
      let results = try emitSequentialLoop(loop, from: lower, to: upper)
      loopDepth -= 1
      noteLoop(loop.body)
      if loopDepth == 0, hasManyRegisters { rereadsThread = true }
      return results
    }
    try emitShared(loop, from: lower, to: upper)
    return []
  }

  /// The instructions of the body of a loop in straight-line code: LLVM takes its time for more.
  private static let mostStraightLine = 512

  /// A short loop of one thread, iteration after iteration, or several of them at a time; `nil` where
  /// that would be much code.
  private func emitStraightLine(
    _ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue
  ) throws -> [LaneValue]? {
    guard let first = ir.constantInteger(lower), let last = ir.constantInteger(upper),
      first < last, last - first <= 16
    else { return nil }
    let size = kernel.instructionCount(of: loop.body) + 30 * kernel.elementaryCount(loop.body)
    let count = last - first
    func iterations(_ copies: Int, from start: IRValue, _ initial: [LaneValue]) throws
      -> [LaneValue]
    {
      var carried = initial
      for copy in 0..<copies {
        let index = ir.add(start, ir.constant(index: copy))
        values[loop.body.parameters[0].index] = .uniform(index)
        for (id, value) in zip(loop.body.parameters.dropFirst(), carried) {
          values[id.index] = value
        }
        carried = try emit(loop.body)
      }
      return carried
    }
    let initial = loop.initial.map { value($0) }
    if size * count <= 256 { return try iterations(count, from: lower, initial) }
    // What is kept in registers is worth more.
    guard loop.initial.count >= 16 else { return nil }
    let copies = (1...count).last { count % $0 == 0 && size * $0 <= Self.mostStraightLine } ?? 1
    return try countedLoop(from: lower, to: upper, step: copies, initial: initial) {
      try iterations(copies, from: $0, $1)
    }
  }

  override func run(_ reduction: Kernel.Reduction) throws -> [LaneValue] {
    let lower = try uniformOrRefuse(reduction.lower)
    let upper = try uniformOrRefuse(reduction.upper)
    if level == .block, threads > 1 {
      let count = ir.constantInteger(lower).flatMap { lower in
        ir.constantInteger(upper).map { $0 - lower }
      }
      if (count ?? .max) >= GridPlan.sharedIterations {
        return try emitShared(reduction, from: lower, to: upper)
      }
    }
    if level == .block { synchronize(before: accesses(of: reduction.body)) }
    return try inThread {
      try self.emitSequentialReduction(reduction, from: lower, to: upper)
    }
  }

  /// Runs `body` on the level of threads: it holds no barriers.
  func inThread<T>(_ body: () throws -> T) rethrows -> T {
    let outer = level
    level = .thread
    defer { level = outer }
    return try body()
  }

  // MARK: Memory

  override func place(of local: Kernel.MemoryID) -> IRValue {
    if !plan.sharesLoops || threadsOnly.contains(local) { return super.place(of: local) }
    let memory = kernel.memories[local]
    let perElement = memory.type.isComplex ? 2 : 1
    if isInRegisters(local) {
      let part = (memory.count + threads - 1) / threads
      return ir.stack(ir.storage(memory.type), count: (part + 15) * perElement, alignment: 16)
    }
    let count = max(1, memory.count * perElement)
    return shared("local\(local.index)", ir.storage(memory.type), count: count)
  }

  /// Memory of the block.
  func shared(_ suffix: String, _ element: IRType, count: Int) -> IRValue {
    let offset = sharedByteCount
    let isNew = sharedNames.insert(suffix).inserted
    if isNew { sharedByteCount += (count * max(8, ir.bitWidth(element)) / 8 + 15) / 16 * 16 }
    if isSharedDynamic {
      if isNew { dynamicOffsets[suffix] = offset }
      let all = sharedArrays[""] ?? ir.addDynamicShared("\(name)_shared")
      sharedArrays[""] = all
      return ir.address(ir.i8, all, ir.constant(index: dynamicOffsets[suffix] ?? 0))
    }
    if let known = sharedArrays[suffix] { return known }
    let array = ir.addShared("\(name)_\(suffix)", element, count: count, alignment: 16)
    sharedArrays[suffix] = array
    return array
  }

  override func alignment(of memory: Kernel.MemoryID, at index: LaneValue) -> Int {
    let type = kernel.memories[memory].type
    let own = memory.index < alignments.count ? alignments[memory.index] : 16
    return max(type.alignment, min(own, index.multiple * type.elementBytes))
  }

  /// What a block's threads write, others read: the compiler must not think that it stays as it is.
  override func isUntouchedByOthers(_ parameter: Int) -> Bool {
    isAlone[parameter] && (kernel.memories.elements[parameter].access == .read || !plan.sharesLoops)
  }

  override func load(_ memory: Kernel.MemoryID, at index: LaneValue) throws -> LaneValue {
    if level == .block, kernel.memories[memory].access != .read {
      synchronize(before: Hazards.Accesses(reads: [region(memory)]))
    }
    try requireAligned(memory, index)
    let index = registerIndex(of: memory, at: index)
    return try loadPair(memory, at: index) ?? super.load(memory, at: index)
  }

  /// Gives up vectors whose accesses would fall apart, for shorter ones, of a word or more, or none:
  /// neighbours had better be those of threads.
  private func requireAligned(_ memory: Kernel.MemoryID, _ index: LaneValue) throws {
    guard lanes > 1, index.stride == 1, !kernel.memories[memory].isLocal else { return }
    let bytes = kernel.memories[memory].type.elementBytes
    let aligned = alignment(of: memory, at: index)
    if aligned < min(16, lanes * bytes) {
      var refusal = refusal()
      if aligned >= 4 { refusal.lanes = max(1, aligned / bytes) }
      throw refusal
    }
  }

  /// What threads of a block share is better in shorter vectors than with some lanes at an edge.
  override func refuseParting(_ fitting: Int) throws {
    let isWord = fitting * 16 / lanes >= 4
    guard plan.sharesLoops || isWord && fitting > 1 else { return }
    var refusal = refusal()
    if isWord { refusal.lanes = fitting }
    throw refusal
  }

  override func refuseSeparating(_ fitting: Int) throws {
    if plan.sharesLoops { try refuseParting(fitting) }
  }

  /// At the block level, one thread stores.
  override func store(
    _ stored: LaneValue, to memory: Kernel.MemoryID, at index: LaneValue
  ) throws {
    guard level == .block, threads > 1 else {
      try requireAligned(memory, index)
      let index = registerIndex(of: memory, at: index)
      if storePairs(stored, to: memory, at: index) { return }
      return try super.store(stored, to: memory, at: index)
    }
    synchronize(before: Hazards.Accesses(writes: [region(memory)]))
    let tid = threadNumber
    try when(ir.icmp(LLVMIntEQ, tid, ir.zero(tid.type))) {
      try super.store(stored, to: memory, at: index)
    }
  }

  /// At the block level, one thread updates.
  override func update(
    _ operation: Kernel.BinaryOperation, _ memory: Kernel.MemoryID, at index: LaneValue,
    with value: LaneValue
  ) throws {
    guard lanes == 1 else { throw refusal() }
    guard level == .block, threads > 1 else {
      return try emitUpdate(operation, memory, at: index.real, with: value)
    }
    synchronize(before: Hazards.Accesses(writes: [region(memory)]))
    let tid = threadNumber
    try when(ir.icmp(LLVMIntEQ, tid, ir.zero(tid.type))) {
      try self.emitUpdate(operation, memory, at: index.real, with: value)
    }
  }

  override func callLibrary(
    _ name: String, _ operands: [IRValue], _ signature: IRType
  ) throws -> IRValue {
    try eightBitFunction(name, operands) ?? deviceFunction(name, operands, signature)
  }

  // MARK: Registers

  /// The elements that a thread has of a memory, at most, for them to be in registers.
  private static let mostRegisters = 64

  /// Does each thread keep its part of a local memory in registers? All places are known then.
  func isInRegisters(_ memory: Kernel.MemoryID) -> Bool {
    guard let division = threadMemory.divisions[memory] else { return false }
    let rounds = (division.iterations + threads - 1) / threads
    return rounds * division.count * (kernel.memories[memory].type.isComplex ? 2 : 1)
      <= Self.mostRegisters
  }

  /// Do threads keep so much that the registers for it are to be counted? Two blocks of such threads
  /// have room on a processor, one of which computes while the other waits.
  private var hasManyRegisters: Bool {
    plan.sharesLoops && threads == 256
      && threadMemory.divisions.contains { memory, division in
        isInRegisters(memory) && division.count >= Self.mostRegisters
      }
  }

  /// Where the element at `index` is in the part of the thread.
  private func registerIndex(of memory: Kernel.MemoryID, at index: LaneValue) -> LaneValue {
    guard plan.sharesLoops, isInRegisters(memory), let (first, round) = iteration,
      let count = threadMemory.divisions[memory]?.count
    else { return index }
    let offset = ir.sub(index.real, ir.mul(first, ir.constant(index: count)))
    var own = index
    own.real = ir.add(offset, ir.constant(index: (round ?? 0) * count * lanes))
    return own
  }

  /// The number of the thread in its block, or among those of its row.
  var threadNumber: IRValue {
    if plan.rows > 1 {
      return ir.and(threadOfBlock, ir.constant(Int64(threads - 1), ir.i32))
    }
    guard rereadsThread else { return threadOfBlock }
    return ir.assembly("mov.u32 $0, %tid.x;", constraints: "=r", result: ir.i32, [])
  }

  private var threadOfBlock: IRValue {
    ir.specialRegister("tid.x", below: plan.threadsOfBlock)
  }

  /// The threads of a warp that take part where this one does.
  var warpMask: IRValue {
    if !hasPartialWarps { return ir.constant(-1, ir.i32) }
    let first = ir.and(threadOfBlock, ir.constant(Int64(32 - threads), ir.i32))
    return ir.shl(ir.constant((Int64(1) << threads) - 1, ir.i32), first)
  }

  // MARK: Barriers

  /// Memories that may overlap count as one.
  func region(_ memory: Kernel.MemoryID) -> Hazards.Region {
    memory.index < isAlone.count && !isAlone[memory.index] ? -1 : memory.index
  }

  /// What the loads and stores of a block touch.
  func accesses(of block: Kernel.Block) -> Hazards.Accesses {
    var found = Hazards.Accesses()
    for instruction in block.instructions {
      if let (memory, _, isStore) = instruction.operation.access, needsOrder(memory) {
        if isStore {
          found.writes.insert(region(memory))
        } else if kernel.memories[memory].access != .read {
          found.reads.insert(region(memory))
        }
      }
      for inner in instruction.operation.blocks { found.formUnion(accesses(of: inner)) }
    }
    return found
  }

  /// `false` iff no thread reaches what another one has written.
  private func needsOrder(_ memory: Kernel.MemoryID) -> Bool {
    !plan.sharesLoops || threadMemory.divisions[memory] == nil
  }

  /// Lets the threads meet if they must before `accesses`, which then are pending themselves.
  func synchronize(before accesses: Hazards.Accesses) {
    guard threads > 1 else { return }
    if hazards.needsBarrier(before: accesses) { barrier() }
    hazards.note(accesses)
  }

  func barrier() {
    if plan.rows > 1 {
      _ = ir.intrinsic("llvm.nvvm.bar.warp.sync", [], [warpMask])
    } else {
      _ = ir.intrinsic("llvm.nvvm.barrier0", [], [])
    }
    hazards.clear()
  }

  /// Lets the threads meet in front of a loop that touches what is pending, and not in every iteration.
  private func settle(before body: Kernel.Block) {
    if threads > 1, hazards.needsBarrier(before: accesses(of: body)) { barrier() }
  }

  /// An iteration finds what the one before has left.
  func noteLoop(_ body: Kernel.Block) {
    var all = accesses(of: body)
    if containsReductions(body) { all.formUnion(exchangeAccesses) }
    // What is only read needs no order.
    all.reads.formIntersection(all.writes)
    hazards.note(all)
  }
}
