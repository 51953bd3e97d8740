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
enum BooleanOperation {
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
protocol LaneComparison: Sendable {
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool
}

struct Equal: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == b }
}
/// `ne` of integers, `neu` of floats.
struct NotEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a != b }
}
struct Less: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b }
}
struct LessOrEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a <= b }
}
struct Greater: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a > b }
}
struct GreaterOrEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a >= b }
}
/// `ne` of floats: both are numbers, and they differ.
struct OrderedNotEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b || a > b }
}
struct UnorderedEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a < b || a > b) }
}
struct UnorderedLess: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a >= b) }
}
struct UnorderedLessOrEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a > b) }
}
struct UnorderedGreater: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a <= b) }
}
struct UnorderedGreaterOrEqual: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { !(a < b) }
}
struct AreNumbers: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == a && b == b }
}
struct IsUnordered: LaneComparison {
  @inline(__always) func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a != a || b != b }
}

/// A function that finds the lanes in which a comparison of the operands `a` and `b` holds. The
/// second mask is that of the high halves of packed types, else 0.
typealias CompareLanes =
  @Sendable (
    UnsafeMutablePointer<Warp>, UnsafePointer<Step>, UInt32
  ) -> (UInt32, UInt32)

/// The comparison of a type, or `nil` where the type has no such comparison.
func comparison(_ comparison: Comparison, _ type: ScalarType) -> CompareLanes? {
  func float(_ test: some LaneComparison) -> CompareLanes? {
    type.float(CompareFloats(test: test))
  }
  func integer(_ test: some LaneComparison) -> CompareLanes? {
    type.integer(CompareIntegers(test: test))
  }
  return switch type.kind {
  case .float:
    switch comparison {
    case .eq: float(Equal())
    case .ne: float(OrderedNotEqual())
    case .lt: float(Less())
    case .le: float(LessOrEqual())
    case .gt: float(Greater())
    case .ge: float(GreaterOrEqual())
    case .equ: float(UnorderedEqual())
    case .neu: float(NotEqual())
    case .ltu: float(UnorderedLess())
    case .leu: float(UnorderedLessOrEqual())
    case .gtu: float(UnorderedGreater())
    case .geu: float(UnorderedGreaterOrEqual())
    case .num: float(AreNumbers())
    case .nan: float(IsUnordered())
    case .lo, .ls, .hi, .hs: nil
    }
  case .bits, .unsigned, .signed:
    switch comparison {
    case .eq: integer(Equal())
    case .ne: integer(NotEqual())
    case .lt: type.kind == .bits ? nil : integer(Less())
    case .le: type.kind == .bits ? nil : integer(LessOrEqual())
    case .gt: type.kind == .bits ? nil : integer(Greater())
    case .ge: type.kind == .bits ? nil : integer(GreaterOrEqual())
    case .lo: type.kind == .unsigned ? integer(Less()) : nil
    case .ls: type.kind == .unsigned ? integer(LessOrEqual()) : nil
    case .hi: type.kind == .unsigned ? integer(Greater()) : nil
    case .hs: type.kind == .unsigned ? integer(GreaterOrEqual()) : nil
    case .equ, .neu, .ltu, .leu, .gtu, .geu, .num, .nan: nil
    }
  case .predicate:
    nil
  }
}

private struct CompareIntegers<Test: LaneComparison>: IntegerTask {
  let test: Test

  func of<T: LaneInteger>(_: T.Type) -> CompareLanes {
    { [test] warp, step, lanes in
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      var mask: UInt32 = 0
      forEachLane(lanes) {
        if test.holds(T(slot: a[$0]), T(slot: b[$0])) { mask |= 1 << UInt32($0) }
      }
      return (mask, 0)
    }
  }
}

private struct CompareFloats<Test: LaneComparison>: FloatTask {
  let test: Test

  func of<T: FloatLane>(_: T.Type) -> CompareLanes {
    { [test] warp, step, lanes in
      let flags = step.pointee.flags
      let a = warp.register(step.pointee.a)
      let b = warp.register(step.pointee.b)
      var (low, high) = (UInt32(0), UInt32(0))
      forEachLane(lanes) {
        let x = T(slot: a[$0]).operand(flags)
        let y = T(slot: b[$0]).operand(flags)
        let holds = T.compare(x, y, test)
        if holds.low { low |= 1 << UInt32($0) }
        if holds.high { high |= 1 << UInt32($0) }
      }
      return (low, high)
    }
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
