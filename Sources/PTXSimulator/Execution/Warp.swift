/// Up to 32 threads that execute together.
struct Warp {
  enum Status { case running, waiting, finished }

  /// Lanes that execute at a place of their own until they meet others.
  struct Path {
    var lanes: UInt32
    /// The next step.
    var next: Int32
    /// Where these lanes join the path below, or -1.
    var reconvergence: Int32
    /// The call site that this path executes the function of, or -1.
    var callSite: Int32 = -1
  }

  /// 32 slots for each register.
  let registers: UnsafeMutablePointer<UInt64>
  /// One mask for each predicate.
  let predicates: UnsafeMutablePointer<UInt32>
  unowned(unsafe) let block: Block
  /// The number in the block.
  let index: Int
  /// The lanes that the block has threads for.
  let lanes: UInt32
  /// The lanes that have not exited.
  var alive: UInt32
  /// The innermost path is last.
  var paths: [Path] = []
  var status = Status.running
  /// Has it just read what other blocks may change?
  var hasPolled = false
  /// The carry of `add.cc`.
  var carry: UInt32 = 0
  /// The barrier that the warp waits at.
  var barrier: Block.Arrival?

  /// The number in the block of the first lane's thread.
  var firstThread: Int { index * 32 }
}

/// Calls `body` for every lane of the mask.
@inline(__always)
func forEachLane(_ lanes: UInt32, _ body: (Int) -> Void) {
  if lanes == .max {
    for lane in 0..<32 { body(lane) }
  } else {
    var rest = lanes
    while rest != 0 {
      body(rest.trailingZeroBitCount)
      rest &= rest &- 1
    }
  }
}

extension UnsafeMutablePointer where Pointee == Warp {
  /// The 32 slots at `offset`.
  @inline(__always)
  func register(_ offset: Int32) -> UnsafeMutablePointer<UInt64> {
    pointee.registers + Int(offset)
  }

  /// The lanes of `lanes` in which operand `p` of `step` holds.
  @inline(__always)
  func predicateOperand(_ step: UnsafePointer<Step>) -> UInt32 {
    let mask = pointee.predicates[Int(step.pointee.p)]
    return step.pointee.flags.contains(.complement) ? ~mask : mask
  }

  /// Sets predicate `index` (nothing if -1) in `lanes`.
  @inline(__always)
  func setPredicate(_ index: Int32, _ mask: UInt32, _ lanes: UInt32) {
    guard index >= 0 else { return }
    pointee.predicates[Int(index)] = pointee.predicates[Int(index)] & ~lanes | mask & lanes
  }
}

/// `d = operation(a)` in every lane.
@inline(__always)
func mapLanes<A: LaneValue, D: LaneValue>(
  _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
  _ operation: (A) -> D
) {
  let a = warp.register(step.pointee.a)
  let d = warp.register(step.pointee.d)
  forEachLane(lanes) { d[$0] = operation(A(slot: a[$0])).slot }
}

/// `d = operation(a, b)` in every lane.
@inline(__always)
func mapLanes<A: LaneValue, B: LaneValue, D: LaneValue>(
  _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
  _ operation: (A, B) -> D
) {
  let a = warp.register(step.pointee.a)
  let b = warp.register(step.pointee.b)
  let d = warp.register(step.pointee.d)
  forEachLane(lanes) { d[$0] = operation(A(slot: a[$0]), B(slot: b[$0])).slot }
}

/// `d = operation(a, b, c)` in every lane.
@inline(__always)
func mapLanes<A: LaneValue, B: LaneValue, C: LaneValue, D: LaneValue>(
  _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
  _ operation: (A, B, C) -> D
) {
  let a = warp.register(step.pointee.a)
  let b = warp.register(step.pointee.b)
  let c = warp.register(step.pointee.c)
  let d = warp.register(step.pointee.d)
  forEachLane(lanes) {
    d[$0] = operation(A(slot: a[$0]), B(slot: b[$0]), C(slot: c[$0])).slot
  }
}
