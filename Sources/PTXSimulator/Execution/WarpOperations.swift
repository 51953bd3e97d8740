/// Instructions by which the lanes of a warp exchange values.
enum WarpOperations {
  enum Shuffle: String { case up, down, bfly, idx }
  enum Vote: String { case all, any, uni, ballot }

  /// The lanes that the mask operand in register `register` names, which must be those that are
  /// here: others would be waited for in vain.
  private static func members(
    _ warp: UnsafeMutablePointer<Warp>, _ register: Int32, _ lanes: UInt32, _ name: String
  ) throws(Fault) {
    let masks = warp.register(register)
    var rest = lanes
    while rest != 0 {
      let lane = rest.trailingZeroBitCount
      rest &= rest &- 1
      let mask = UInt32(truncatingIfNeeded: masks[lane])
      guard mask >> UInt32(lane) & 1 == 1 else {
        throw Fault(
          message: "\(name) by a lane that its mask 0x\(hexadecimal(UInt64(mask))) does not name",
          lane: lane)
      }
      let missing = mask & warp.pointee.alive & ~lanes
      guard missing == 0 else {
        throw Fault(
          message: "\(name) waits for lanes that do not take part",
          notes: [
            "mask 0x\(hexadecimal(UInt64(mask))), lanes here 0x\(hexadecimal(UInt64(lanes))), "
              + "absent 0x\(hexadecimal(UInt64(missing)))"
          ], lane: lane)
      }
    }
  }

  /// `shfl.sync d|q, a, b, c, mask`; the mask is in `vector.0`. What a lane that is not here would
  /// give is undefined: all ones.
  static func shuffle(_ mode: Shuffle) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      try members(warp, step.pointee.vector.0, lanes, "shfl.sync")
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      let c = warp.register(step.pointee.c)
      let d = warp.register(step.pointee.d)
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 32) { values in
        for lane in 0..<32 { values[lane] = a[lane] }
        var valid: UInt32 = 0
        forEachLane(lanes) { lane in
          let amount = Int(b[lane] & 31)
          let bound = Int(c[lane] & 31)
          let segment = Int(c[lane] >> 8 & 31)
          let last = (lane & segment) | (bound & ~segment)
          let (source, isInside): (Int, Bool) =
            switch mode {
            case .up: (lane - amount, lane - amount >= last)
            case .down: (lane + amount, lane + amount <= last)
            case .bfly: (lane ^ amount, lane ^ amount <= last)
            case .idx: ((lane & segment) | (amount & ~segment), true)
            }
          let inside = mode == .idx ? source <= last : isInside
          if inside { valid |= 1 << UInt32(lane) }
          let from = inside ? source & 31 : lane
          d[lane] = lanes >> UInt32(from) & 1 == 1 ? values[from] : UInt64(UInt32.max)
        }
        warp.setPredicate(step.pointee.q, valid, lanes)
      }
    }
  }

  /// `vote.sync`; the operand is predicate `p`, the mask is in `a`.
  static func vote(_ mode: Vote) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      try members(warp, step.pointee.a, lanes, "vote.sync")
      let holding = warp.predicateOperand(step) & lanes
      switch mode {
      case .all: warp.setPredicate(step.pointee.q, holding == lanes ? .max : 0, lanes)
      case .any: warp.setPredicate(step.pointee.q, holding != 0 ? .max : 0, lanes)
      case .uni:
        warp.setPredicate(step.pointee.q, holding == lanes || holding == 0 ? .max : 0, lanes)
      case .ballot:
        let d = warp.register(step.pointee.d)
        let masks = warp.register(step.pointee.a)
        forEachLane(lanes) { d[$0] = UInt64(holding) & masks[$0] }
      }
    }
  }

  /// `match.any.sync` and `match.all.sync`: the lanes that have the same value.
  static func match<T: LaneInteger>(_: T.Type, isAll: Bool) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      try members(warp, step.pointee.b, lanes, "match.sync")
      let a = warp.register(step.pointee.a)
      let d = warp.register(step.pointee.d)
      var masks = [UInt32](repeating: 0, count: 32)
      forEachLane(lanes) { lane in
        forEachLane(lanes) { other in
          if T(slot: a[lane]) == T(slot: a[other]) { masks[lane] |= 1 << UInt32(other) }
        }
      }
      var same: UInt32 = 0
      forEachLane(lanes) { lane in
        let isSame = masks[lane] == lanes
        if isSame { same |= 1 << UInt32(lane) }
        d[lane] = UInt64(isAll && !isSame ? 0 : masks[lane])
      }
      warp.setPredicate(step.pointee.q, same, lanes)
    }
  }

  /// `redux.sync`: one value from those of all lanes.
  static func reduce(_ operation: some IntegerBinary, isSigned: Bool) -> Step.Execute {
    func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
      { (warp, step, lanes) throws(Fault) in
        try members(warp, step.pointee.b, lanes, "redux.sync")
        let a = warp.register(step.pointee.a)
        let d = warp.register(step.pointee.d)
        var result: T?
        forEachLane(lanes) { lane in
          let value = T(slot: a[lane])
          result = result.map { operation.apply($0, value) } ?? value
        }
        let slot = result?.slot ?? 0
        forEachLane(lanes) { d[$0] = slot }
      }
    }
    return isSigned ? of(Int32.self) : of(UInt32.self)
  }

  static let activeMask: Step.Execute = { warp, step, lanes in
    let d = warp.register(step.pointee.d)
    forEachLane(lanes) { d[$0] = UInt64(lanes) }
  }

  /// Checks the mask of `bar.warp.sync`, in `a`.
  static let synchronize: Step.Execute = { (warp, step, lanes) throws(Fault) in
    try members(warp, step.pointee.a, lanes, "bar.warp.sync")
    warp.pointee.block.races.synchronize(warp: warp.pointee.index)
  }

  static let trap: Step.Execute = { (warp, step, lanes) throws(Fault) in
    throw Fault(message: "the kernel trapped", lane: lanes.trailingZeroBitCount)
  }

  /// A fence that other blocks notice.
  static let fence: Step.Execute = { warp, _, _ in
    warp.pointee.block.races.fence(warp: warp.pointee.index)
  }

  static let none: Step.Execute = { _, _, _ in }
}
