import CLLVM
import LoopIR
import Tensor

// Loops and reductions that the threads of a block share.
extension GridEmitter {
  /// The iterations of one thread: those of its number, and then every so many further on.
  private struct Share {
    /// Elements that one access moves.
    var lanes: Int
    /// The index of the first element, and how far the next is.
    var start: IRValue
    var step: Int
    /// The rounds in which all threads have an iteration, and whether some have one more; `nil` where
    /// the bounds are not constant.
    var rounds: (full: Int, hasRest: Bool)?
  }

  private func share(
    of blocks: [Kernel.Block], _ index: Kernel.ValueID, from lower: IRValue, to upper: IRValue
  ) -> Share {
    let tid = ir.zext(threadNumber, ir.i64)
    guard let first = ir.constantInteger(lower), let last = ir.constantInteger(upper) else {
      return Share(lanes: 1, start: ir.add(lower, tid), step: threads, rounds: nil)
    }
    let count = max(0, last - first)
    var width = 1
    // Loops that share a thread's part of a memory are of one mind.
    let family = threadMemory.families[index]
    func isKin(_ loop: Kernel.ValueID) -> Bool {
      loop == index || family != nil && threadMemory.families[loop] == family
    }
    if !scalarLoops.contains(where: isKin) {
      width =
        threadMemory.lanes[index]
        ?? 16 / max(1, blocks.map { kernel.widestBytes(in: $0) }.max() ?? 16)
      for (loop, most) in mostLanes where isKin(loop) { width = min(width, most) }
      while width > 1, count % width != 0 || count / width < threads || first % width != 0 {
        width /= 2
      }
    }
    let step = threads * width
    let offset = ir.mul(tid, ir.constant(index: width))
    return Share(
      lanes: max(1, width), start: ir.add(lower, offset), step: step,
      rounds: (count / step, count % step != 0))
  }

  private func place(_ base: IRValue, lanes: Int) -> LaneValue {
    lanes == 1 ? .uniform(base) : .linear(base, stride: 1, multiple: lanes)
  }

  // MARK: Loops

  /// A loop whose iterations are independent, run by the threads of the block.
  func emitShared(_ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue) throws {
    let index = loop.body.parameters[0]
    synchronize(before: accesses(of: loop.body))
    guard threads > 1 else {
      return try inThread { _ = try self.emitSequentialLoop(loop, from: lower, to: upper) }
    }
    let share = share(of: [loop.body], index, from: lower, to: upper)
    try inThread {
      try self.inLanes(share.lanes, of: index) {
        _ = try self.rounds(share, to: upper, of: loop.body, initial: []) { rounds, count, _ in
          let places = rounds.map { self.place($0.index, lanes: share.lanes) }
          return try self.emitTogether(loop.body, places, first: count, rounds: rounds)
        }
      }
    }
  }

  /// Runs the iterations of one thread: few rounds of `block` one after the other, many in a loop, as
  /// many of them side by side as its size allows.
  ///
  /// - Parameter body: takes rounds, how many of them there are to be, `nil` for all, and what is carried.
  private func rounds(
    _ share: Share, to upper: IRValue, of block: Kernel.Block, initial: [LaneValue],
    body: ([(index: IRValue, round: Int?)], IRValue?, [LaneValue]) throws -> [LaneValue]
  ) throws -> [LaneValue] {
    guard let (full, hasRest) = share.rounds else {
      return try countedLoop(
        from: share.start, to: upper, step: share.step, initial: initial
      ) { i, carried in try body([(i, nil)], nil, carried) }
    }
    defer { iteration = nil }
    let touchesRegisters = threadMemory.lanes[block.parameters[0]] != nil
    func run(_ rounds: Range<Int>, _ carried: [LaneValue]) throws -> [LaneValue] {
      let places = rounds.map {
        (ir.add(share.start, ir.constant(index: $0 * share.step)), touchesRegisters ? $0 : nil)
      }
      return try body(places, nil, carried)
    }
    let together = min(full, kernel.copiesSideBySide(of: block))
    var carried = initial
    var next = 0
    if full > 4, !touchesRegisters {
      // Long code is there once, for the rest, too: rounds outside load what another has loaded, and
      // come to nothing.
      let all = full + (hasRest ? 1 : 0)
      let isPartial = isQueued(block, together) && (hasRest || all % together != 0)
      next = (isPartial ? all + together - 1 : full) / together * together
      carried = try countedLoop(
        from: ir.constant(index: 0), to: ir.constant(index: next * share.step),
        step: together * share.step, initial: carried
      ) { offset, carried in
        let first = self.ir.add(share.start, offset)
        let places = (0..<together).map {
          self.ir.add(first, self.ir.constant(index: $0 * share.step))
        }
        if !isPartial { return try body(places.map { ($0, nil) }, nil, carried) }
        let inside = places.map { self.ir.icmp(LLVMIntSLT, $0, upper) }
        let count = inside.map { self.ir.zext($0, self.ir.i64) }
          .reduce(self.ir.constant(index: 0), self.ir.add)
        return try body(
          zip(inside, places).map { (self.ir.select($0, $1, share.start), nil) }, count, carried)
      }
      if isPartial { return carried }
    }
    while next < full {
      let end = min(full, next + together)
      carried = try run(next..<end, carried)
      next = end
    }
    guard hasRest else { return carried }
    let last = ir.add(share.start, ir.constant(index: full * share.step))
    let before = ir.currentBlock
    let function = ir.currentFunction
    let then = ir.addBlock("rest", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(ir.icmp(LLVMIntSLT, last, upper), then, done)
    ir.moveToEnd(of: then)
    let all = try run(full..<full + 1, carried)
    let end = ir.currentBlock
    ir.branch(done)
    ir.moveToEnd(of: done)
    return joined((carried, before), (all, end))
  }

  // MARK: Reductions

  /// Each thread reduces its share, warps reduce those of their threads by shuffles, and then those
  /// of the warps. The order depends on the numbers of iterations and threads alone.
  func emitShared(
    _ reduction: Kernel.Reduction, from lower: IRValue, to upper: IRValue
  ) throws -> [LaneValue] {
    let index = reduction.body.parameters[0]
    synchronize(before: accesses(of: reduction.body))
    let initial = reduction.initial.map { value($0) }
    let identity = reduction.identity.map { value($0) }
    let share = share(of: [reduction.body, reduction.combine], index, from: lower, to: upper)
    let total = try inThread {
      var width = share.lanes
      var partial = try self.inLanes(width, of: index) {
        try self.rounds(
          share, to: upper, of: reduction.body, initial: identity.map(self.spread)
        ) { rounds, count, carried in
          let places = rounds.map { self.place($0.index, lanes: share.lanes) }
          return try self.emitTogether(
            reduction.body, places, first: count, rounds: rounds, carrying: carried
          ) { try self.combine(reduction, $1, $0).map(self.spread) }
        }
      }
      while width > 1 {
        let half = width / 2
        let low = partial.map { self.halves($0, Array(0..<half)) }
        let high = partial.map { self.halves($0, Array(half..<width)) }
        partial = try self.inLanes(half, of: index) { try self.combine(reduction, low, high) }
        width = half
      }
      partial = try self.reduceWarp(reduction, partial, lanes: min(32, self.threads))
      let warps = self.threads / 32
      if warps > 1 {
        partial = try self.exchange(partial, identity, warps: warps)
        var lanes = 1
        while lanes < warps { lanes *= 2 }
        partial = try self.reduceWarp(reduction, partial, lanes: lanes)
      }
      return partial
    }
    return try inThread { try self.combine(reduction, initial, total) }
  }

  /// Reduces what each `lanes` neighbours in a warp hold; all of them have the result.
  private func reduceWarp(
    _ reduction: Kernel.Reduction, _ values: [LaneValue], lanes: Int
  ) throws -> [LaneValue] {
    var values = values
    var distance = lanes / 2
    while distance > 0 {
      let other = values.map { shuffled($0, "bfly", distance) }
      values = try combine(reduction, values, other)
      distance /= 2
    }
    return values
  }

  /// Gives each thread of a warp what one of the warps has reduced.
  private func exchange(
    _ values: [LaneValue], _ identity: [LaneValue], warps: Int
  ) throws -> [LaneValue] {
    let turn = exchangeCount % 2
    exchangeCount += 1
    if hazards.needsBarrier(before: Hazards.Accesses(writes: [exchangeRegion(turn)])) { barrier() }
    let tid = ir.specialRegister("tid.x", below: threads)
    let lane = ir.and(tid, ir.constant(31, ir.i32))
    let warp = ir.zext(ir.lshr(tid, ir.constant(5, ir.i32)), ir.i64)
    let parts = values.flatMap(\.parts)
    let words = parts.map { ir.integer(max(8, ir.bitWidth($0.type))) }
    let buffers = words.enumerated().map { number, word in
      shared("exchange\(turn)_\(number)_\(ir.bitWidth(word))", word, count: 32)
    }
    try when(ir.icmp(LLVMIntEQ, lane, ir.zero(ir.i32))) {
      for (part, (word, buffer)) in zip(parts, zip(words, buffers)) {
        let bits = part.type == ir.i1 ? ir.zext(part, word) : ir.bitcast(part, word)
        ir.store(bits, ir.address(word, buffer, warp), alignment: ir.bitWidth(word) / 8)
      }
    }
    barrier()
    // Each so many threads do the same; those beyond the number of warps take part with the identity.
    var group = 1
    while group < warps { group *= 2 }
    let number = ir.and(lane, ir.constant(Int64(group - 1), ir.i32))
    let mine =
      group == warps ? nil : ir.icmp(LLVMIntULT, number, ir.constant(Int64(warps), ir.i32))
    let place = ir.zext(mine.map { ir.select($0, number, ir.zero(ir.i32)) } ?? number, ir.i64)
    var taken = zip(zip(parts, identity.flatMap(\.parts)), zip(words, buffers)).map {
      pair, source in
      let ((part, neutral), (word, buffer)) = (pair, source)
      let bits = ir.load(word, ir.address(word, buffer, place), alignment: ir.bitWidth(word) / 8)
      let value =
        part.type == ir.i1 ? ir.icmp(LLVMIntNE, bits, ir.zero(word)) : ir.bitcast(bits, part.type)
      return mine.map { ir.select($0, value, neutral) } ?? value
    }[...]
    hazards.note(Hazards.Accesses(reads: [exchangeRegion(turn)]))
    return values.map { value in
      let real = taken.removeFirst()
      return .uniform(real, value.imaginary == nil ? nil : taken.removeFirst())
    }
  }

  private func exchangeRegion(_ turn: Int) -> Hazards.Region { -2 - turn }

  /// What reductions in a loop do to the buffers of the exchange.
  var exchangeAccesses: Hazards.Accesses {
    Hazards.Accesses(reads: [-2, -3], writes: [-2, -3])
  }

  func containsReductions(_ block: Kernel.Block) -> Bool {
    block.instructions.contains { instruction in
      if case .reduce = instruction.operation { return true }
      return instruction.operation.blocks.contains(where: containsReductions)
    }
  }

  /// What another thread of the warp holds.
  private func shuffled(_ value: LaneValue, _ mode: String, _ distance: Int) -> LaneValue {
    let parts = value.parts.map { shuffled($0, mode, distance) }
    return .uniform(parts[0], parts.count > 1 ? parts[1] : nil)
  }

  /// Shuffles move 32 bits.
  private func shuffled(_ part: IRValue, _ mode: String, _ distance: Int) -> IRValue {
    func move(_ word: IRValue) -> IRValue {
      ir.intrinsic(
        "llvm.nvvm.shfl.sync.\(mode).i32", [],
        [
          warpMask, word, ir.constant(Int64(distance), ir.i32),
          ir.constant(31, ir.i32),
        ])
    }
    let bits = ir.bitWidth(part.type)
    let integer = ir.bitcast(part, ir.integer(bits))
    if bits < 32 {
      return ir.bitcast(ir.trunc(move(ir.zext(integer, ir.i32)), integer.type), part.type)
    }
    if bits == 32 { return ir.bitcast(move(integer), part.type) }
    let low = move(ir.trunc(integer, ir.i32))
    let high = move(ir.trunc(ir.lshr(integer, ir.constant(32, integer.type)), ir.i32))
    let joined = ir.or(
      ir.zext(low, ir.i64), ir.shl(ir.zext(high, ir.i64), ir.constant(32, ir.i64)))
    return ir.bitcast(joined, part.type)
  }
}
