/// Integer arithmetic of two operands, for every width and sign.
protocol IntegerBinary: IntegerTask, Sendable {
  func apply<T: LaneInteger>(_ a: T, _ b: T) -> T
}

extension IntegerBinary {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in mapLanes(warp, step, lanes) { (a: T, b: T) in apply(a, b) } }
  }
}

struct IntegerAdd: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a &+ b }
}
struct IntegerSubtract: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a &- b }
}
/// `add.sat`.
struct IntegerSaturatingAdd: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a < 0 ? T.min : T.max) : sum
  }
}
/// `sub.sat`.
struct IntegerSaturatingSubtract: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? (a < 0 ? T.min : T.max) : difference
  }
}
struct IntegerMultiplyLow: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a &* b }
}
struct IntegerMultiplyHigh: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    a.multipliedFullWidth(by: b).high
  }
}
/// Division by zero gives all ones, as machines do; the ISA leaves it open.
struct IntegerDivide: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? ~0 : a.dividedReportingOverflow(by: b).partialValue
  }
}
/// The remainder of a division by zero is the dividend.
struct IntegerRemainder: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? a : a.remainderReportingOverflow(dividingBy: b).partialValue
  }
}
struct IntegerMinimum: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a < b ? a : b }
}
struct IntegerMaximum: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a > b ? a : b }
}
struct BitwiseAnd: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a & b }
}
struct BitwiseOr: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a | b }
}
struct BitwiseXor: IntegerBinary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a ^ b }
}

/// Integer arithmetic of one operand.
protocol IntegerUnary: IntegerTask, Sendable {
  func apply<T: LaneInteger>(_ a: T) -> T
}

extension IntegerUnary {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in mapLanes(warp, step, lanes) { (a: T) in apply(a) } }
  }
}

struct BitwiseNot: IntegerUnary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T) -> T { ~a }
}
/// `cnot`: 1 for 0, else 0.
struct LogicalNot: IntegerUnary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T) -> T { a == 0 ? 1 : 0 }
}
struct IntegerNegate: IntegerUnary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T) -> T { 0 &- a }
}
struct IntegerAbsolute: IntegerUnary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T) -> T { a < 0 ? 0 &- a : a }
}
struct BitReverse: IntegerUnary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T) -> T {
    var (rest, result): (T, T) = (a, 0)
    for _ in 0..<T.bitWidth {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}

/// Integer arithmetic of three operands.
protocol IntegerTernary: IntegerTask, Sendable {
  func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T
}

extension IntegerTernary {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in mapLanes(warp, step, lanes) { (a: T, b: T, c: T) in apply(a, b, c) } }
  }
}

struct IntegerMultiplyAddLow: IntegerTernary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T { a &* b &+ c }
}
struct IntegerMultiplyAddHigh: IntegerTernary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T {
    a.multipliedFullWidth(by: b).high &+ c
  }
}
/// `c + |a - b|`.
struct SumOfAbsoluteDifferences: IntegerTernary {
  @inline(__always) func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T {
    c &+ (a < b ? b &- a : a &- b)
  }
}

/// `shl`: the amount is 32 bits, and amounts beyond the width shift everything out.
struct ShiftLeft: IntegerTask {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: UInt32) in
        b < T.bitWidth ? a &<< T(truncatingIfNeeded: b) : 0
      }
    }
  }
}
/// `shr`: as `shl`; the sign of signed types comes in from above.
struct ShiftRight: IntegerTask {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: UInt32) in
        b < T.bitWidth ? a &>> T(truncatingIfNeeded: b) : (a < 0 ? ~0 : 0)
      }
    }
  }
}

/// `mul.wide` and, with an addend, `mad.wide`.
func wideMultiplication(_ type: ScalarType, isAdding: Bool) -> Step.Execute? {
  func of<T: LaneInteger, Wide: LaneInteger>(_: T.Type, _: Wide.Type) -> Step.Execute {
    if isAdding {
      return { warp, step, lanes in
        mapLanes(warp, step, lanes) { (a: T, b: T, c: Wide) in
          Wide(truncatingIfNeeded: a) &* Wide(truncatingIfNeeded: b) &+ c
        }
      }
    }
    return { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: T) in
        Wide(truncatingIfNeeded: a) &* Wide(truncatingIfNeeded: b)
      }
    }
  }
  return switch type {
  case .u16: of(UInt16.self, UInt32.self)
  case .s16: of(Int16.self, Int32.self)
  case .u32: of(UInt32.self, UInt64.self)
  case .s32: of(Int32.self, Int64.self)
  case .b8, .b16, .b32, .b64, .b128, .u8, .u64, .s8, .s64, .f16, .f16x2, .bf16, .bf16x2, .f32,
    .f64, .pred:
    nil
  }
}
