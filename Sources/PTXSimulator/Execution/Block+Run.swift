import Support

/// The threads of a block, warp by warp.
extension Block {
  /// After so many instructions another warp gets its turn, so that warps may wait for each other.
  private static let slice = 1 << 16

  /// Runs the block at `position` to its end.
  func run(instructionLimit: Int) throws(Diagnostic) {
    begin(instructionLimit: instructionLimit)
    while try advance() == .polling {}
  }

  /// Why a block lets others go on.
  enum Pause { case finished, polling }

  /// Makes ready to run the block at `position`.
  func begin(instructionLimit: Int) {
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
  }

  /// Runs the block until it is finished, or all of its warps that do not wait at barriers have read
  /// what other blocks may change.
  func advance() throws(Diagnostic) -> Pause {
    while true {
      var isRunning = false
      var isPolling = false
      for index in 0..<warpCount where warps[index].status == .running {
        try run(warps + index)
        guard warps[index].status == .running else { continue }
        if warps[index].hasPolled { isPolling = true } else { isRunning = true }
      }
      if isRunning { continue }
      if isPolling { return .polling }
      let waiting = (0..<warpCount).filter { warps[$0].status == .waiting }
      if waiting.isEmpty { return .finished }
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
    warp.pointee.hasPolled = false
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
      case .poll:
        next += 1
        guard lanes != 0 else { break }
        try step.pointee.execute(warp, step, lanes)
        path.next = Int32(next)
        warp.pointee.paths[warp.pointee.paths.count - 1] = path
        warp.pointee.hasPolled = true
        return
      case .barrier:
        guard lanes != 0 else {
          next += 1
          break
        }
        guard lanes == warp.pointee.alive else {
          throw divergentBarrier(warp, lanes)
        }
        try step.pointee.execute(warp, step, lanes)
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

  // MARK: Errors

  /// The message for the user: what, at which line, in which thread of which block.
  func diagnostic(_ fault: Fault, _ warp: Int, _ number: Int) -> Diagnostic {
    var notes = fault.notes
    var place = "in kernel '\(kernel.name)', block (\(position.0), \(position.1), \(position.2))"
    if let lane = fault.lane {
      place += ", thread \(name(ofThread: warp * 32 + lane))"
    }
    notes.append(place)
    return Diagnostic(.error, fault.message, at: program.spans[number], notes: notes)
  }
}
