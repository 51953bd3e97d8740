/// Instructions that move bits about.
enum BitOperations {
  /// `lop3.b32`: the bit that table `immediate` has for three bits.
  static let lop3: Step.Execute = { warp, step, lanes in
    let table = UInt32(truncatingIfNeeded: step.pointee.offset)
    mapLanes(warp, step, lanes) { (a: UInt32, b: UInt32, c: UInt32) -> UInt32 in
      var result: UInt32 = 0
      if table & 0x01 != 0 { result |= ~a & ~b & ~c }
      if table & 0x02 != 0 { result |= ~a & ~b & c }
      if table & 0x04 != 0 { result |= ~a & b & ~c }
      if table & 0x08 != 0 { result |= ~a & b & c }
      if table & 0x10 != 0 { result |= a & ~b & ~c }
      if table & 0x20 != 0 { result |= a & ~b & c }
      if table & 0x40 != 0 { result |= a & b & ~c }
      if table & 0x80 != 0 { result |= a & b & c }
      return result
    }
  }

  /// `shf.l` and `shf.r`: bits of the pair `b:a`; `variant` is `.wrap`.
  static let funnelShiftLeft: Step.Execute = { warp, step, lanes in
    let wraps = step.pointee.flags.contains(.variant)
    mapLanes(warp, step, lanes) { (a: UInt32, b: UInt32, c: UInt32) -> UInt32 in
      let amount = UInt64(wraps ? c & 31 : min(c, 32))
      let pair = UInt64(b) << 32 | UInt64(a)
      return UInt32(truncatingIfNeeded: (pair << amount) >> 32)
    }
  }
  static let funnelShiftRight: Step.Execute = { warp, step, lanes in
    let wraps = step.pointee.flags.contains(.variant)
    mapLanes(warp, step, lanes) { (a: UInt32, b: UInt32, c: UInt32) -> UInt32 in
      let amount = UInt64(wraps ? c & 31 : min(c, 32))
      let pair = UInt64(b) << 32 | UInt64(a)
      return UInt32(truncatingIfNeeded: pair >> amount)
    }
  }

  /// `prmt.b32`: each half byte of `c` picks one of the 8 bytes of `b:a`, or copies of its sign.
  static let permute: Step.Execute = { warp, step, lanes in
    mapLanes(warp, step, lanes) { (a: UInt32, b: UInt32, c: UInt32) -> UInt32 in
      let pair = UInt64(b) << 32 | UInt64(a)
      var result: UInt32 = 0
      for index in 0..<4 as Range<UInt32> {
        let selector = c >> (index * 4)
        let byte = UInt32(truncatingIfNeeded: pair >> UInt64((selector & 7) * 8)) & 0xFF
        let value = selector & 8 == 0 ? byte : (byte & 0x80 != 0 ? 0xFF : 0)
        result |= value << (index * 8)
      }
      return result
    }
  }

  static func populationCount<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T) in UInt32(truncatingIfNeeded: a.nonzeroBitCount) }
    }
  }

  static func leadingZeros<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T) in UInt32(truncatingIfNeeded: a.leadingZeroBitCount) }
    }
  }

  /// `bfind`: the highest bit that differs from the sign, or all ones; `variant` is `.shiftamt`.
  static func find<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let isAmount = step.pointee.flags.contains(.variant)
      mapLanes(warp, step, lanes) { (a: T) -> UInt32 in
        let bits = a < 0 ? ~a : a
        guard bits != 0 else { return .max }
        let zeros = bits.leadingZeroBitCount
        return UInt32(truncatingIfNeeded: isAmount ? zeros : T.bitWidth - 1 - zeros)
      }
    }
  }

  /// `bfe`: `c` bits of `a` from bit `b` on.
  static func extract<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: UInt32, c: UInt32) -> T in
        let start = Int(b & 0xFF)
        let length = Int(c & 0xFF)
        guard length > 0 else { return 0 }
        let end = start + length
        // Bits beyond the width are copies of the sign (zeros of unsigned types).
        let sign: T = a < 0 ? ~0 : 0
        let shifted: T = start >= T.bitWidth ? sign : a &>> T(truncatingIfNeeded: start)
        guard end < T.bitWidth else { return shifted }
        let rest = T(truncatingIfNeeded: T.bitWidth - length)
        return (shifted << rest) >> rest
      }
    }
  }

  /// `bfi`: `b` with `length` bits from `start` on replaced by the low bits of `a`.
  static func insert<T: LaneInteger & UnsignedInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let starts = warp.register(step.pointee.c)
      let lengths = warp.register(step.pointee.vector.0)
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      let d = warp.register(step.pointee.d)
      forEachLane(lanes) { lane in
        let start = T(truncatingIfNeeded: starts[lane] & 0xFF)
        let length = T(truncatingIfNeeded: lengths[lane] & 0xFF)
        let ones: T = length >= T(T.bitWidth) ? ~0 : (1 << length) &- 1
        let mask = ones << start
        d[lane] = (T(slot: b[lane]) & ~mask | (T(slot: a[lane]) << start) & mask).slot
      }
    }
  }

  /// `copysign`: `b` with the sign of `a`.
  static func copySign<T: LaneInteger & UnsignedInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: T) in b & .max >> 1 | a & ~(.max >> 1) }
    }
  }

  /// `bmsk.b32`: `b` ones from bit `a` on; `variant` is `.wrap`.
  static let mask: Step.Execute = { warp, step, lanes in
    let wraps = step.pointee.flags.contains(.variant)
    mapLanes(warp, step, lanes) { (a: UInt32, b: UInt32) -> UInt32 in
      let (start, length) = wraps ? (a & 31, b & 31) : (min(a, 32), min(b, 32))
      let ones: UInt64 = (1 << UInt64(length)) - 1
      return UInt32(truncatingIfNeeded: ones << UInt64(start))
    }
  }

  /// `add.cc`, `addc`, `sub.cc`, `subc`; `variant` writes the carry, `complement` reads it.
  static func carrying<T: LaneInteger & UnsignedInteger>(
    _: T.Type, isSubtracting: Bool
  ) -> Step.Execute {
    { warp, step, lanes in
      let reads = step.pointee.flags.contains(.complement)
      let writes = step.pointee.flags.contains(.variant)
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      let d = warp.register(step.pointee.d)
      let carry = warp.pointee.carry
      var out: UInt32 = 0
      forEachLane(lanes) { lane in
        // The carry of a subtraction is its borrow, complemented.
        let x = T(slot: a[lane])
        let y = isSubtracting ? ~T(slot: b[lane]) : T(slot: b[lane])
        let incoming: T =
          reads ? T(truncatingIfNeeded: carry >> UInt32(lane) & 1) : (isSubtracting ? 1 : 0)
        let (first, overflowA) = x.addingReportingOverflow(y)
        let (second, overflowB) = first.addingReportingOverflow(incoming)
        d[lane] = second.slot
        if overflowA || overflowB { out |= 1 << UInt32(lane) }
      }
      if writes { warp.pointee.carry = carry & ~lanes | out }
    }
  }

  /// `dp4a`: `c` plus the sum of the products of four bytes; signs of `a` and `b` by the flags
  /// `variant` and `signExtend`.
  static let dotProduct4: Step.Execute = { warp, step, lanes in
    let isSignedA = step.pointee.flags.contains(.variant)
    let isSignedB = step.pointee.flags.contains(.signExtend)
    mapLanes(warp, step, lanes) { (a: UInt32, b: UInt32, c: Int32) -> Int32 in
      var sum = c
      for index in 0..<4 as Range<UInt32> {
        let x = UInt8(truncatingIfNeeded: a >> (index * 8))
        let y = UInt8(truncatingIfNeeded: b >> (index * 8))
        let left = isSignedA ? Int32(Int8(bitPattern: x)) : Int32(x)
        let right = isSignedB ? Int32(Int8(bitPattern: y)) : Int32(y)
        sum &+= left &* right
      }
      return sum
    }
  }
}
