import Support

/// The threads of a block, warp by warp.
extension Block {
  /// After so many instructions another warp gets its turn, so that warps may wait for each other.
  private static let slice = 1 << 16

  /// Runs the block at `position`.
  func run(instructionLimit: Int) throws(Diagnostic) {
    remainingInstructions = instructionLimit
    shared.beginBlock()
    races.beginBlock()
    for index in 0..<warpCount {
      let warp = warps + index
      warp.pointee.alive = warp.pointee.lanes
      warp.pointee.status = .running
      warp.pointee.paths = [
        Warp.Path(lanes: warp.pointee.lanes, next: kernel.entry, reconvergence: -1)
      ]
    }
    fillBlockRegisters()
    statistics.blocks += 1
    statistics.threads += threadCount
    while true {
      var isRunning = false
      for index in 0..<warpCount where warps[index].status == .running {
        try run(warps + index)
        if warps[index].status == .running { isRunning = true }
      }
      if isRunning { continue }
      let waiting = (0..<warpCount).filter { warps[$0].status == .waiting }
      if waiting.isEmpty { return }
      try releaseBarrier(waiting)
    }
  }

  // MARK: Warps

  private func run(_ warp: UnsafeMutablePointer<Warp>) throws(Diagnostic) {
    var number = 0
    do throws(Fault) {
      try run(warp, &number)
    } catch {
      throw diagnostic(error, warp.pointee.index, number)
    }
  }

  private func run(
    _ warp: UnsafeMutablePointer<Warp>, _ number: inout Int
  ) throws(Fault) {
    let steps = UnsafePointer(program.steps)
    guard var path = warp.pointee.paths.last else { return }
    var next = Int(path.next)
    var budget = min(Block.slice, remainingInstructions)
    let granted = budget
    var threadInstructions = 0
    defer {
      number = next
      let used = granted - budget
      remainingInstructions -= used
      statistics.warpInstructions += used
      statistics.threadInstructions += threadInstructions
    }
    while true {
      if next == Int(path.reconvergence) || path.lanes == 0 {
        warp.pointee.paths.removeLast()
        guard let below = warp.pointee.paths.last else {
          warp.pointee.status = .finished
          return
        }
        path = below
        next = Int(path.next)
        continue
      }
      guard budget > 0 else {
        path.next = Int32(next)
        warp.pointee.paths[warp.pointee.paths.count - 1] = path
        guard remainingInstructions > granted else {
          throw Fault(
            message: "the block has executed as many instructions as it may: does it hang?",
            lane: path.lanes.trailingZeroBitCount)
        }
        return
      }
      budget -= 1
      let step = steps + next
      var lanes = path.lanes
      let guarding = step.pointee.guarding
      if guarding >= 0 {
        lanes &= warp.pointee.predicates[Int(guarding)] ^ step.pointee.guardFlip
      }
      threadInstructions += lanes.nonzeroBitCount
      switch step.pointee.flow {
      case .next:
        if lanes != 0 { try step.pointee.execute(warp, step, lanes) }
        next += 1
      case .branch:
        let target = Int(step.pointee.target)
        if lanes == path.lanes {
          next = target
        } else if lanes == 0 || target == next + 1 {
          next += 1
        } else {
          let rest = path.lanes & ~lanes
          part(warp, step, [(rest, next + 1), (lanes, target)])
          path = warp.pointee.paths[warp.pointee.paths.count - 1]
          next = Int(path.next)
        }
      case .indexedBranch:
        let ways = try indexedWays(warp, step, lanes, rest: path.lanes & ~lanes, next + 1)
        if ways.count == 1 {
          next = ways[0].1
        } else {
          part(warp, step, ways)
          path = warp.pointee.paths[warp.pointee.paths.count - 1]
          next = Int(path.next)
        }
      case .call:
        next += 1
        guard lanes != 0 else { break }
        let site = program.callSites[Int(step.pointee.target)]
        copy(site.arguments, warp, lanes)
        path.next = Int32(next)
        warp.pointee.paths[warp.pointee.paths.count - 1] = path
        path = Warp.Path(
          lanes: lanes, next: site.entry, reconvergence: -1, callSite: step.pointee.target)
        warp.pointee.paths.append(path)
        next = Int(site.entry)
      case .functionEnd:
        copy(program.callSites[Int(path.callSite)].results, warp, path.lanes)
        path.lanes = 0
      case .exit:
        warp.pointee.alive &= ~lanes
        for index in warp.pointee.paths.indices { warp.pointee.paths[index].lanes &= ~lanes }
        path.lanes &= ~lanes
        next += 1
      case .barrier:
        guard lanes == warp.pointee.alive else {
          throw divergentBarrier(warp, lanes)
        }
        if lanes != 0 { try step.pointee.execute(warp, step, lanes) }
        path.next = Int32(next + 1)
        warp.pointee.paths[warp.pointee.paths.count - 1] = path
        warp.pointee.status = .waiting
        return
      }
    }
  }

  /// Sends lanes of the innermost path, which `step` ends, different ways.
  private func part(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ ways: [(UInt32, Int)]
  ) {
    statistics.divergentBranches += 1
    let meeting = step.pointee.reconvergence
    let last = warp.pointee.paths.count - 1
    if warp.pointee.paths[last].reconvergence == meeting {
      warp.pointee.paths.removeLast()
    } else {
      warp.pointee.paths[last].next = meeting
    }
    for (lanes, target) in ways where target != Int(meeting) {
      warp.pointee.paths.append(
        Warp.Path(lanes: lanes, next: Int32(target), reconvergence: meeting))
    }
  }

  private func indexedWays(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
    rest: UInt32, _ following: Int
  ) throws(Fault) -> [(UInt32, Int)] {
    let table = program.branchTables[Int(step.pointee.target)]
    let indices = warp.register(step.pointee.a)
    var ways: [(UInt32, Int)] = rest != 0 ? [(rest, following)] : []
    var open = lanes
    while open != 0 {
      let lane = open.trailingZeroBitCount
      let index = Int(UInt32(truncatingIfNeeded: indices[lane]))
      guard index < table.count else {
        throw Fault(message: "brx.idx with index \(index) of \(table.count) labels", lane: lane)
      }
      var same: UInt32 = 0
      forEachLane(open) { other in
        let otherIndex = Int(UInt32(truncatingIfNeeded: indices[other]))
        if otherIndex < table.count, table[otherIndex] == table[index] {
          same |= 1 << UInt32(other)
        }
      }
      open &= ~same
      if let known = ways.firstIndex(where: { $0.1 == Int(table[index]) }) {
        ways[known].0 |= same
      } else {
        ways.append((same, Int(table[index])))
      }
    }
    return ways
  }

  private func copy(
    _ copies: [CallSite.Copy], _ warp: UnsafeMutablePointer<Warp>, _ lanes: UInt32
  ) {
    guard !copies.isEmpty else { return }
    forEachLane(lanes) { lane in
      let memory = localMemory(warp, lane: lane)
      for copy in copies {
        (memory + copy.to).copyMemory(from: memory + copy.from, byteCount: copy.byteCount)
      }
    }
  }

  // MARK: Barriers

  private func divergentBarrier(
    _ warp: UnsafeMutablePointer<Warp>, _ lanes: UInt32
  ) -> Fault {
    let missing = (warp.pointee.alive & ~lanes).trailingZeroBitCount
    let thread = name(ofThread: warp.pointee.firstThread + missing)
    return Fault(
      message: "divergent barrier: thread \(thread) is not here with the others of its warp",
      notes: [
        "lanes here 0x\(hexadecimal(UInt64(lanes))), "
          + "in the warp 0x\(hexadecimal(UInt64(warp.pointee.alive)))"
      ], lane: (lanes == 0 ? warp.pointee.alive : lanes).trailingZeroBitCount)
  }

  /// Lets the warps go that wait at a barrier which is complete.
  private func releaseBarrier(_ waiting: [Int]) throws(Diagnostic) {
    let arrivals = waiting.compactMap { index in warps[index].barrier.map { (index, $0) } }
    for (_, first) in arrivals {
      let group = arrivals.filter { $0.1.barrier == first.barrier }
      let arrived = group.reduce(0) { $0 + warps[$1.0].lanes.nonzeroBitCount }
      if let other = group.first(where: { $0.1.threadCount != first.threadCount }) {
        throw mismatch(first, other, "with another number of threads")
      }
      if let count = first.threadCount {
        // Warps count as a whole.
        guard arrived >= count else { continue }
      } else if group.count != waiting.count {
        continue
      }
      if first.threadCount == nil, let other = group.first(where: { $0.1.step != first.step }) {
        throw mismatch(first, other, "at another place")
      }
      release(group)
      return
    }
    let (index, first) = arrivals[0]
    let others = arrivals.map { "warp \($0.0) at line \(program.line(of: $0.1.step))" }
    throw diagnostic(
      Fault(
        message: "deadlock: barrier \(first.barrier) waits for threads that never arrive",
        notes: ["waiting: " + others.prefix(8).joined(separator: ", ")],
        lane: first.lanes.trailingZeroBitCount), index, Int(first.step))
  }

  private func mismatch(
    _ first: Arrival, _ other: (Int, Arrival), _ how: String
  ) -> Diagnostic {
    diagnostic(
      Fault(
        message: "mismatched barrier \(first.barrier): other threads wait for it \(how), "
          + "at line \(program.line(of: first.step))",
        lane: other.1.lanes.trailingZeroBitCount), other.0, Int(other.1.step))
  }

  private func release(_ group: [(Int, Arrival)]) {
    statistics.barriers += 1
    races.synchronize(warps: group.map(\.0))
    var population = 0
    var threads = 0
    for (_, arrival) in group {
      population += (arrival.operand & arrival.lanes).nonzeroBitCount
      threads += arrival.lanes.nonzeroBitCount
    }
    for (index, arrival) in group {
      let warp = warps + index
      let step = UnsafePointer(program.steps + Int(arrival.step))
      switch arrival.reduction {
      case .population:
        let d = warp.register(step.pointee.d)
        forEachLane(arrival.lanes) { d[$0] = UInt64(population) }
      case .and:
        warp.setPredicate(step.pointee.q, population == threads ? .max : 0, arrival.lanes)
      case .or:
        warp.setPredicate(step.pointee.q, population > 0 ? .max : 0, arrival.lanes)
      case nil:
        break
      }
      warp.pointee.barrier = nil
      warp.pointee.status = .running
    }
  }

  // MARK: Registers

  /// Fills what is the same in all blocks: literals, addresses and most special registers.
  func fillLaunchRegisters() {
    for fill in kernel.fills {
      for index in 0..<warpCount {
        let register = (warps + index).register(fill.register)
        for lane in 0..<32 { register[lane] = value(fill.content, warp: index, lane: lane) }
      }
    }
  }

  private func fillBlockRegisters() {
    for (register, axis) in positionRegisters {
      let value =
        switch axis {
        case .x: UInt64(position.0)
        case .y: UInt64(position.1)
        case .z: UInt64(position.2)
        }
      for index in 0..<warpCount {
        (warps + index).register(register).update(repeating: value, count: 32)
      }
    }
  }

  private func value(_ content: RegisterFill.Content, warp: Int, lane: Int) -> UInt64 {
    switch content {
    case .value(let value): value
    case .special(let special): value(special, warp: warp, lane: lane)
    case .dynamicShared(let offset): UInt64(kernel.sharedByteCount) &+ offset
    }
  }

  private func value(_ special: SpecialRegister, warp: Int, lane: Int) -> UInt64 {
    let thread = warp * 32 + lane
    let bit = UInt64(1) << UInt64(lane)
    return switch special {
    case .thread(.x): UInt64(thread % extent.0)
    case .thread(.y): UInt64(thread / extent.0 % extent.1)
    case .thread(.z): UInt64(thread / (extent.0 * extent.1))
    case .threads(let axis): UInt64([extent.0, extent.1, extent.2][axis.rawValue])
    case .block: 0
    case .blocks(let axis): UInt64([grid.0, grid.1, grid.2][axis.rawValue])
    case .lane: UInt64(lane)
    case .warp: UInt64(warp)
    case .warps: UInt64(warpCount)
    case .laneMask(.eq): bit
    case .laneMask(.lt): bit - 1
    case .laneMask(.le): bit << 1 - 1
    case .laneMask(.gt): ~(bit << 1 - 1) & 0xFFFF_FFFF
    case .laneMask(.ge): ~(bit - 1) & 0xFFFF_FFFF
    case .clock, .multiprocessor, .grid: 0
    case .multiprocessors: 1
    case .dynamicSharedSize: UInt64(shared.byteCount - kernel.sharedByteCount)
    case .totalSharedSize: UInt64(shared.byteCount)
    }
  }

  // MARK: Errors

  /// The message for the user: what, at which line, in which thread of which block.
  private func diagnostic(_ fault: Fault, _ warp: Int, _ number: Int) -> Diagnostic {
    var notes = fault.notes
    var place = "in kernel '\(kernel.name)', block (\(position.0), \(position.1), \(position.2))"
    if let lane = fault.lane {
      place += ", thread \(name(ofThread: warp * 32 + lane))"
    }
    notes.append(place)
    return Diagnostic(.error, fault.message, at: program.spans[number], notes: notes)
  }
}
