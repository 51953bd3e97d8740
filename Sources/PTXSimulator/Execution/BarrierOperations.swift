/// Barriers of a block: a warp arrives, and the block says when it may go on.
enum BarrierOperations {
  static func arrive(reduction: Block.Reduction?, hasCount: Bool) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      let lane = lanes.trailingZeroBitCount
      let barrier = UInt32(truncatingIfNeeded: warp.register(step.pointee.a)[lane])
      guard barrier < 16 else {
        throw Fault(message: "barrier \(barrier): there are barriers 0 to 15", lane: lane)
      }
      var count: Int?
      if hasCount {
        let threads = UInt32(truncatingIfNeeded: warp.register(step.pointee.b)[lane])
        guard threads > 0, threads % 32 == 0, threads <= 1024 else {
          throw Fault(
            message: "a barrier of \(threads) threads: the number is a multiple of 32", lane: lane)
        }
        count = Int(threads)
      }
      let block = warp.pointee.block
      warp.pointee.barrier = Block.Arrival(
        barrier: Int(barrier), threadCount: count,
        step: Int32(truncatingIfNeeded: block.program.number(of: step)), reduction: reduction,
        operand: reduction == nil ? 0 : warp.predicateOperand(step), lanes: lanes)
    }
  }
}
