/// Choices and copies.
enum Selection {
  /// `mov` of one register.
  static let move: Step.Execute = { warp, step, lanes in
    mapLanes(warp, step, lanes) { (a: UInt64) in a }
  }

  /// `selp`: `a` where the predicate holds, else `b`.
  static let select: Step.Execute = { warp, step, lanes in
    let mask = warp.predicateOperand(step)
    let a = warp.register(step.pointee.a)
    let b = warp.register(step.pointee.b)
    let d = warp.register(step.pointee.d)
    forEachLane(lanes) { d[$0] = mask >> UInt32($0) & 1 == 1 ? a[$0] : b[$0] }
  }

  /// `slct` by an integer: `a` where `c >= 0`, else `b`.
  static let selectBySign: Step.Execute = { warp, step, lanes in
    mapLanes(warp, step, lanes) { (a: UInt64, b: UInt64, c: Int32) in c >= 0 ? a : b }
  }

  /// `slct` by a float; NaN picks `b`.
  static let selectByFloat: Step.Execute = { warp, step, lanes in
    let flags = step.pointee.flags
    mapLanes(warp, step, lanes) { (a: UInt64, b: UInt64, c: Float) in
      c.operand(flags) >= 0 ? a : b
    }
  }

  /// `mov` of a vector of registers to one register; `bytes` is the size of an element.
  static let pack: Step.Execute = { warp, step, lanes in
    let d = warp.register(step.pointee.d)
    let width = Int(step.pointee.width)
    let bits = UInt64(step.pointee.bytes) * 8
    let mask = bits == 64 ? .max : (1 as UInt64) << bits - 1
    forEachLane(lanes) { lane in
      var value: UInt64 = 0
      for index in 0..<width {
        value |= (warp.vectorRegister(step, index)[lane] & mask) << (UInt64(index) * bits)
      }
      d[lane] = value
    }
  }

  /// `mov` of one register to a vector of registers.
  static let unpack: Step.Execute = { warp, step, lanes in
    let a = warp.register(step.pointee.a)
    let width = Int(step.pointee.width)
    let bits = UInt64(step.pointee.bytes) * 8
    forEachLane(lanes) { lane in
      let value = a[lane]
      for index in 0..<width {
        warp.vectorRegister(step, index)[lane] = value >> (UInt64(index) * bits)
      }
    }
  }
}

/// Logic of predicates: `a`, `b` and the result `q` are predicates.
enum PredicateLogic {
  static func binary(_ operation: BooleanOperation) -> Step.Execute {
    { warp, step, lanes in
      let a = warp.pointee.predicates[Int(step.pointee.a)]
      let b = warp.pointee.predicates[Int(step.pointee.b)]
      warp.setPredicate(step.pointee.q, operation.apply(a, b), lanes)
    }
  }

  static let not: Step.Execute = { warp, step, lanes in
    warp.setPredicate(step.pointee.q, ~warp.pointee.predicates[Int(step.pointee.a)], lanes)
  }

  static let move: Step.Execute = { warp, step, lanes in
    warp.setPredicate(step.pointee.q, warp.pointee.predicates[Int(step.pointee.a)], lanes)
  }
}

extension UnsafeMutablePointer where Pointee == Warp {
  /// The 32 slots of element `index` of the step's vector.
  @inline(__always)
  func vectorRegister(
    _ step: UnsafePointer<Step>, _ index: Int
  ) -> UnsafeMutablePointer<UInt64> {
    let vector = step.pointee.vector
    return switch index {
    case 0: register(vector.0)
    case 1: register(vector.1)
    case 2: register(vector.2)
    default: register(vector.3)
    }
  }
}
