import Support

/// Barriers: who waits, and who may go on.
extension Block {
  func divergentBarrier(
    _ warp: UnsafeMutablePointer<Warp>, _ lanes: UInt32
  ) -> Fault {
    let missing = (warp.pointee.alive & ~lanes).trailingZeroBitCount
    let thread = name(ofThread: warp.pointee.firstThread + missing)
    return Fault(
      message: "divergent barrier: thread \(thread) is not here with the others of its warp",
      notes: [
        "lanes here 0x\(hexadecimal(UInt64(lanes))), "
          + "in the warp 0x\(hexadecimal(UInt64(warp.pointee.alive)))"
      ], lane: lanes.trailingZeroBitCount)
  }

  /// Lets the warps go that wait at a barrier which is complete.
  func releaseBarrier(_ waiting: [Int]) throws(Diagnostic) {
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
    guard let (index, first) = arrivals.first else { return }
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
}
