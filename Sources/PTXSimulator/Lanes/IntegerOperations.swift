/// Integer arithmetic of two operands, for every width and sign.
protocol IntegerBinary: SendableMetatype {
  static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T
}

enum IntegerAdd: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a &+ b }
}
enum IntegerSubtract: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a &- b }
}
/// `add.sat`.
enum IntegerSaturatingAdd: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a < 0 ? T.min : T.max) : sum
  }
}
/// `sub.sat`.
enum IntegerSaturatingSubtract: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? (a < 0 ? T.min : T.max) : difference
  }
}
enum IntegerMultiplyLow: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a &* b }
}
enum IntegerMultiplyHigh: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    a.multipliedFullWidth(by: b).high
  }
}
/// Division by zero gives all ones, as machines do; the ISA leaves it open.
enum IntegerDivide: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? ~0 : a.dividedReportingOverflow(by: b).partialValue
  }
}
/// The remainder of a division by zero is the dividend.
enum IntegerRemainder: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? a : a.remainderReportingOverflow(dividingBy: b).partialValue
  }
}
enum IntegerMinimum: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a < b ? a : b }
}
enum IntegerMaximum: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a > b ? a : b }
}
enum BitwiseAnd: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a & b }
}
enum BitwiseOr: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a | b }
}
enum BitwiseXor: IntegerBinary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T) -> T { a ^ b }
}

/// Integer arithmetic of one operand.
protocol IntegerUnary: SendableMetatype {
  static func apply<T: LaneInteger>(_ a: T) -> T
}

enum BitwiseNot: IntegerUnary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T) -> T { ~a }
}
/// `cnot`: 1 for 0, else 0.
enum LogicalNot: IntegerUnary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T) -> T { a == 0 ? 1 : 0 }
}
enum IntegerNegate: IntegerUnary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T) -> T { 0 &- a }
}
enum IntegerAbsolute: IntegerUnary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T) -> T { a < 0 ? 0 &- a : a }
}
enum BitReverse: IntegerUnary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T) -> T {
    var (rest, result): (T, T) = (a, 0)
    for _ in 0..<T.bitWidth {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}

/// Integer arithmetic of three operands.
protocol IntegerTernary: SendableMetatype {
  static func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T
}

enum IntegerMultiplyAddLow: IntegerTernary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T { a &* b &+ c }
}
enum IntegerMultiplyAddHigh: IntegerTernary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T {
    a.multipliedFullWidth(by: b).high &+ c
  }
}
/// `c + |a - b|`.
enum SumOfAbsoluteDifferences: IntegerTernary {
  @inline(__always) static func apply<T: LaneInteger>(_ a: T, _ b: T, _ c: T) -> T {
    c &+ (a < b ? b &- a : a &- b)
  }
}

/// The step function of `operation` for a type, or `nil` where the type is not an integer's.
func integerFunction<Operation: IntegerBinary>(
  _ operation: Operation.Type, _ type: ScalarType
) -> Step.Execute? {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: T) in Operation.apply(a, b) }
    }
  }
  return switch type {
  case .u16, .b16: of(UInt16.self)
  case .u32, .b32: of(UInt32.self)
  case .u64, .b64: of(UInt64.self)
  case .s16: of(Int16.self)
  case .s32: of(Int32.self)
  case .s64: of(Int64.self)
  case .b8, .b128, .u8, .s8, .f16, .f16x2, .bf16, .bf16x2, .f32, .f64, .pred: nil
  }
}

func integerFunction<Operation: IntegerUnary>(
  _ operation: Operation.Type, _ type: ScalarType
) -> Step.Execute? {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in mapLanes(warp, step, lanes) { (a: T) in Operation.apply(a) } }
  }
  return switch type {
  case .u16, .b16: of(UInt16.self)
  case .u32, .b32: of(UInt32.self)
  case .u64, .b64: of(UInt64.self)
  case .s16: of(Int16.self)
  case .s32: of(Int32.self)
  case .s64: of(Int64.self)
  case .b8, .b128, .u8, .s8, .f16, .f16x2, .bf16, .bf16x2, .f32, .f64, .pred: nil
  }
}

func integerFunction<Operation: IntegerTernary>(
  _ operation: Operation.Type, _ type: ScalarType
) -> Step.Execute? {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: T, c: T) in Operation.apply(a, b, c) }
    }
  }
  return switch type {
  case .u16, .b16: of(UInt16.self)
  case .u32, .b32: of(UInt32.self)
  case .u64, .b64: of(UInt64.self)
  case .s16: of(Int16.self)
  case .s32: of(Int32.self)
  case .s64: of(Int64.self)
  case .b8, .b128, .u8, .s8, .f16, .f16x2, .bf16, .bf16x2, .f32, .f64, .pred: nil
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

/// `shl` and `shr`: the amount is 32 bits, and amounts beyond the width shift everything out.
func shift(_ type: ScalarType, isLeft: Bool) -> Step.Execute? {
  func of<T: LaneInteger>(_: T.Type) -> Step.Execute {
    if isLeft {
      return { warp, step, lanes in
        mapLanes(warp, step, lanes) { (a: T, b: UInt32) in
          b < T.bitWidth ? a &<< T(truncatingIfNeeded: b) : 0
        }
      }
    }
    return { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: UInt32) in
        b < T.bitWidth ? a &>> T(truncatingIfNeeded: b) : (a < 0 ? ~0 : 0)
      }
    }
  }
  return switch type {
  case .u16, .b16: of(UInt16.self)
  case .u32, .b32: of(UInt32.self)
  case .u64, .b64: of(UInt64.self)
  case .s16: of(Int16.self)
  case .s32: of(Int32.self)
  case .s64: of(Int64.self)
  case .b8, .b128, .u8, .s8, .f16, .f16x2, .bf16, .bf16x2, .f32, .f64, .pred: nil
  }
}
