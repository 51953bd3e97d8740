import Support
import Tensor

extension Kernel {
  /// One operation and the values it defines.
  public struct Instruction: Hashable, Sendable {
    public var operation: Operation
    /// None for a store, one for arithmetic, any number for structured operations.
    public var results: Results

    public init(_ operation: Operation, results: Results) {
      self.operation = operation
      self.results = results
    }
  }

  /// The results of an instruction: neighbours in the table of values.
  public struct Results: Hashable, Sendable, RandomAccessCollection {
    public var first: ValueID
    public var resultCount: UInt32

    public init(first: ValueID, count: Int) {
      self.first = first
      resultCount = UInt32(count)
    }

    public static let none = Results(first: ValueID(0), count: 0)

    public var startIndex: Int { 0 }
    public var endIndex: Int { Int(resultCount) }
    public subscript(position: Int) -> ValueID { ValueID(first.index + position) }
  }

  /// What an instruction does. Operand types are those of the result unless said otherwise.
  public enum Operation: Hashable, Sendable {
    case unary(UnaryOperation, ValueID)
    case binary(BinaryOperation, ValueID, ValueID)
    /// `bool` from two values of one type.
    case compare(Comparison, ValueID, ValueID)
    /// The second where the first, a `bool`, holds, else the third.
    case select(ValueID, ValueID, ValueID)
    /// The nearest value of the result's type, as StableHLO's `convert`: floating point to integer
    /// truncates and saturates, NaN becomes 0; complex to real drops the imaginary part.
    case convert(ValueID)
    /// The same bits as another type of the same width.
    case bitcast(ValueID)
    case load(MemoryID, index: ValueID)
    case store(MemoryID, index: ValueID, value: ValueID)
    /// `memory[index] ∘= value`, with nothing of other threads between load and store: iterations of
    /// a loop may update one place, in any order.
    case update(BinaryOperation, MemoryID, index: ValueID, value: ValueID)
    indirect case loop(Loop)
    indirect case reduce(Reduction)
    indirect case branch(Branch)
    indirect case loopWhile(WhileLoop)
  }

  /// Who runs the iterations of a loop.
  public enum LoopKind: UInt8, Hashable, Sendable {
    /// One after the other.
    case sequential
    /// Lanes of vectors: iterations are independent, memory is best contiguous in the index.
    case vector
    /// Threads: iterations are independent. Only outermost loops may be parallel, and those right
    /// inside of an outermost while loop.
    case parallel
    /// Threads, and lanes within each.
    case parallelVector

    public var isParallel: Bool { self == .parallel || self == .parallelVector }
    public var isVector: Bool { self == .vector || self == .parallelVector }
  }

  /// `for index in lower ..< upper`, with values carried from iteration to iteration.
  ///
  /// The body's first parameter is the index; the others are the carried values. Its results are
  /// the carried values of the next iteration, and after the last those of the loop. Only
  /// sequential loops carry values.
  public struct Loop: Hashable, Sendable {
    public var kind: LoopKind
    public var lower: ValueID
    public var upper: ValueID
    public var initial: [ValueID]
    public var body: Block

    public init(
      kind: LoopKind, lower: ValueID, upper: ValueID, initial: [ValueID], body: Block
    ) {
      self.kind = kind
      self.lower = lower
      self.upper = upper
      self.initial = initial
      self.body = body
    }
  }

  /// `initial ∘ body(lower) ∘ … ∘ body(upper - 1)`, in any order and grouping.
  ///
  /// The body's parameter is the index, its results the values to reduce. `combine` takes one tuple
  /// of accumulators and one of values, and is associative and commutative; `identity` is
  /// neutral for it, and fills the lanes that an order of evaluation adds.
  public struct Reduction: Hashable, Sendable {
    /// Sequential or vector.
    public var kind: LoopKind
    public var lower: ValueID
    public var upper: ValueID
    public var initial: [ValueID]
    public var identity: [ValueID]
    public var body: Block
    public var combine: Block

    public init(
      kind: LoopKind, lower: ValueID, upper: ValueID, initial: [ValueID], identity: [ValueID],
      body: Block, combine: Block
    ) {
      self.kind = kind
      self.lower = lower
      self.upper = upper
      self.initial = initial
      self.identity = identity
      self.body = body
      self.combine = combine
    }
  }

  /// One of two blocks without parameters; the instruction's results are that block's.
  public struct Branch: Hashable, Sendable {
    public var condition: ValueID
    public var then: Block
    public var otherwise: Block

    public init(condition: ValueID, then: Block, otherwise: Block) {
      self.condition = condition
      self.then = then
      self.otherwise = otherwise
    }
  }

  /// Carries values through `body` as long as `condition` yields true.
  ///
  /// Both blocks take the carried values; `condition` yields one `bool`.
  public struct WhileLoop: Hashable, Sendable {
    public var initial: [ValueID]
    public var condition: Block
    public var body: Block

    public init(initial: [ValueID], condition: Block, body: Block) {
      self.initial = initial
      self.condition = condition
      self.body = body
    }
  }

  /// How two values are compared. Orders of floating point are false on NaN, `notEqual` is true.
  public enum Comparison: String, Hashable, Sendable, CaseIterable {
    case equal = "eq"
    case notEqual = "ne"
    case less = "lt"
    case lessOrEqual = "le"
    case greater = "gt"
    case greaterOrEqual = "ge"
    /// IEEE 754's total order: -NaN < -∞ < … < -0 < +0 < … < +∞ < NaN.
    case totalLess = "lt_total"
    case totalEqual = "eq_total"
  }

  /// An operation on one value, named as in StableHLO and CHLO.
  public enum UnaryOperation: String, Hashable, Sendable, CaseIterable {
    case negate, abs, sign, not, popcnt
    case countLeadingZeros = "count_leading_zeros"
    case ceil, floor
    case roundNearestAfz = "round_nearest_afz"
    case roundNearestEven = "round_nearest_even"
    /// `bool` from a floating point value.
    case isFinite = "is_finite"
    case sqrt, rsqrt, cbrt
    case exponential
    case exponentialMinusOne = "exponential_minus_one"
    case log
    case logPlusOne = "log_plus_one"
    case logistic, sine, cosine, tan, tanh
    case asin, acos, atan, sinh, cosh, asinh, acosh, atanh
    case erf, erfc
    case erfInv = "erf_inv"
    case lgamma, digamma
    case besselI0e = "bessel_i0e"
    case besselI1e = "bessel_i1e"
    /// Parts of a complex value, as its real type.
    case real, imag
    case conjugate
  }

  /// An operation on two values of one type, named as in StableHLO and CHLO.
  ///
  /// Integers wrap; `x / 0` is -1 (all ones), `x % 0` is `x`; shifts by the width or more give 0 or
  /// the sign.
  public enum BinaryOperation: String, Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide, remainder, power, atan2
    /// A product that is rounded, even where it is added to something next.
    case multiplyRounded = "multiply_rounded"
    /// NaN if either is NaN.
    case maximum, minimum
    case and, or, xor
    case shiftLeft = "shift_left"
    case shiftRightLogical = "shift_right_logical"
    case shiftRightArithmetic = "shift_right_arithmetic"
    case nextAfter = "next_after"
    /// A complex value from two parts.
    case complex
    case zeta, polygamma
    case igamma, igammac
  }
}
