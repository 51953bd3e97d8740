/// What `setp` and `set` compare.
enum Comparison: String {
  case eq, ne, lt, le, gt, ge
  /// Unsigned integers.
  case lo, ls, hi, hs
  /// Floating point: also true where an operand is NaN.
  case equ, neu, ltu, leu, gtu, geu
  /// Whether both operands are numbers; whether one is NaN.
  case num, nan
}

/// How `setp` and `set` join the comparison with a third operand.
enum BooleanOperation: UInt8 {
  case and, or, xor

  func apply(_ a: UInt32, _ b: UInt32) -> UInt32 {
    switch self {
    case .and: a & b
    case .or: a | b
    case .xor: a ^ b
    }
  }
}

/// A comparison of lanes, for each type that has it.
protocol LaneComparison: SendableMetatype {
  static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool
}

enum Equal: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == b }
}
/// `ne` of integers, `neu` of floats.
enum NotEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a != b }
}
enum Less: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b }
}
enum LessOrEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a <= b }
}
enum Greater: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a > b }
}
enum GreaterOrEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a >= b }
}
/// `ne` of floats: both are numbers, and they differ.
enum OrderedNotEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b || a > b }
}
enum UnorderedEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a < b || a > b) }
}
enum UnorderedLess: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a >= b) }
}
enum UnorderedLessOrEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a > b) }
}
enum UnorderedGreater: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a <= b) }
}
enum UnorderedGreaterOrEqual: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a < b) }
}
enum AreNumbers: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == a && b == b }
}
enum IsUnordered: LaneComparison {
  @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a != a || b != b }
}

/// A function that finds the lanes in which a comparison of the operands `a` and `b` holds. The
/// second mask is that of the high halves of packed types, else 0.
typealias CompareLanes =
  @Sendable (
    UnsafeMutablePointer<Warp>, UnsafePointer<Step>, UInt32
  ) -> (UInt32, UInt32)

/// The comparison of a type, or `nil` where the type has no such comparison.
func comparison(_ comparison: Comparison, _ type: ScalarType) -> CompareLanes? {
  switch type.kind {
  case .float:
    switch comparison {
    case .eq: floatComparison(Equal.self, type)
    case .ne: floatComparison(OrderedNotEqual.self, type)
    case .lt: floatComparison(Less.self, type)
    case .le: floatComparison(LessOrEqual.self, type)
    case .gt: floatComparison(Greater.self, type)
    case .ge: floatComparison(GreaterOrEqual.self, type)
    case .equ: floatComparison(UnorderedEqual.self, type)
    case .neu: floatComparison(NotEqual.self, type)
    case .ltu: floatComparison(UnorderedLess.self, type)
    case .leu: floatComparison(UnorderedLessOrEqual.self, type)
    case .gtu: floatComparison(UnorderedGreater.self, type)
    case .geu: floatComparison(UnorderedGreaterOrEqual.self, type)
    case .num: floatComparison(AreNumbers.self, type)
    case .nan: floatComparison(IsUnordered.self, type)
    case .lo, .ls, .hi, .hs: nil
    }
  case .bits, .unsigned, .signed:
    switch comparison {
    case .eq: integerComparison(Equal.self, type)
    case .ne: integerComparison(NotEqual.self, type)
    case .lt: type.kind == .bits ? nil : integerComparison(Less.self, type)
    case .le: type.kind == .bits ? nil : integerComparison(LessOrEqual.self, type)
    case .gt: type.kind == .bits ? nil : integerComparison(Greater.self, type)
    case .ge: type.kind == .bits ? nil : integerComparison(GreaterOrEqual.self, type)
    case .lo: type.kind == .unsigned ? integerComparison(Less.self, type) : nil
    case .ls: type.kind == .unsigned ? integerComparison(LessOrEqual.self, type) : nil
    case .hi: type.kind == .unsigned ? integerComparison(Greater.self, type) : nil
    case .hs: type.kind == .unsigned ? integerComparison(GreaterOrEqual.self, type) : nil
    case .equ, .neu, .ltu, .leu, .gtu, .geu, .num, .nan: nil
    }
  case .predicate:
    nil
  }
}

private func integerComparison<C: LaneComparison>(
  _ comparison: C.Type, _ type: ScalarType
) -> CompareLanes? {
  func of<T: LaneInteger>(_: T.Type) -> CompareLanes {
    { warp, step, lanes in
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      var mask: UInt32 = 0
      forEachLane(lanes) {
        if C.holds(T(slot: a[$0]), T(slot: b[$0])) { mask |= 1 << UInt32($0) }
      }
      return (mask, 0)
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

private func floatComparison<C: LaneComparison>(
  _ comparison: C.Type, _ type: ScalarType
) -> CompareLanes? {
  func of<T: FloatScalar>(_: T.Type) -> CompareLanes {
    { warp, step, lanes in
      let flags = step.pointee.flags
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      var mask: UInt32 = 0
      forEachLane(lanes) {
        let x = T(slot: a[$0]).operand(flags).double
        let y = T(slot: b[$0]).operand(flags).double
        if C.holds(x, y) { mask |= 1 << UInt32($0) }
      }
      return (mask, 0)
    }
  }
  func ofPacked<T: FloatScalar>(_: T.Type) -> CompareLanes {
    { warp, step, lanes in
      let flags = step.pointee.flags
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      var (low, high) = (UInt32(0), UInt32(0))
      forEachLane(lanes) {
        let x = Packed<T>(slot: a[$0]).operand(flags)
        let y = Packed<T>(slot: b[$0]).operand(flags)
        if C.holds(x.low.double, y.low.double) { low |= 1 << UInt32($0) }
        if C.holds(x.high.double, y.high.double) { high |= 1 << UInt32($0) }
      }
      return (low, high)
    }
  }
  return switch type {
  case .f32: of(Float.self)
  case .f64: of(Double.self)
  case .f16: of(Float16.self)
  case .bf16: of(BFloat16.self)
  case .f16x2: ofPacked(Float16.self)
  case .bf16x2: ofPacked(BFloat16.self)
  case .b8, .b16, .b32, .b64, .b128, .u8, .u16, .u32, .u64, .s8, .s16, .s32, .s64, .pred: nil
  }
}

/// `setp`: the predicates `q` and `r` from the comparison. For packed types they are those of the
/// halves, else `r` is that of the complement.
func setPredicates(
  _ compare: @escaping CompareLanes, joined: BooleanOperation?, isPacked: Bool
) -> Step.Execute {
  guard let joined else {
    if isPacked {
      return { warp, step, lanes in
        let (low, high) = compare(warp, step, lanes)
        warp.setPredicate(step.pointee.q, low, lanes)
        warp.setPredicate(step.pointee.r, high, lanes)
      }
    }
    return { warp, step, lanes in
      let (mask, _) = compare(warp, step, lanes)
      warp.setPredicate(step.pointee.q, mask, lanes)
      warp.setPredicate(step.pointee.r, ~mask, lanes)
    }
  }
  return { warp, step, lanes in
    let (low, high) = compare(warp, step, lanes)
    let operand = warp.predicateOperand(step)
    warp.setPredicate(step.pointee.q, joined.apply(low, operand), lanes)
    warp.setPredicate(step.pointee.r, joined.apply(isPacked ? high : ~low, operand), lanes)
  }
}

/// `set`: all ones, or 1.0, where the comparison holds, else 0.
func setValues(
  _ compare: @escaping CompareLanes, joined: BooleanOperation?, one: UInt64
) -> Step.Execute {
  { warp, step, lanes in
    var (mask, _) = compare(warp, step, lanes)
    if let joined { mask = joined.apply(mask, warp.predicateOperand(step)) }
    let d = warp.register(step.pointee.d)
    forEachLane(lanes) { d[$0] = mask >> UInt32($0) & 1 == 1 ? one : 0 }
  }
}
