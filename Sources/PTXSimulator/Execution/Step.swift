/// An instruction in the form that warps execute: decoded once, its operands are offsets into the
/// registers of the warp.
struct Step {
  /// Executes the instruction for the lanes of a mask, none of which is off.
  typealias Execute =
    @Sendable (UnsafeMutablePointer<Warp>, UnsafePointer<Step>, UInt32) throws(Fault) -> Void

  /// What happens to the program counter.
  enum Flow: UInt8 {
    /// On to the next step.
    case next
    /// To `target`, for the lanes that the guard leaves on.
    case branch
    /// To the label that operand `a` picks from the table number `target`.
    case indexedBranch
    /// Into the function of the call site number `target`.
    case call
    /// The lanes are finished: `exit`, or `ret` of a kernel.
    case exit
    /// The last step of a device function: back to the call.
    case functionEnd
    /// The threads of the block wait for each other.
    case barrier
    /// On to the next step, after others have had their turn: it may be they who write what this reads.
    case poll
  }

  /// What changes the arithmetic.
  struct Flags: OptionSet {
    var rawValue: UInt8
    /// `.ftz`: subnormal operands and results are zeros.
    static let flush = Flags(rawValue: 1)
    /// `.sat`.
    static let saturate = Flags(rawValue: 2)
    /// `.relu`.
    static let rectify = Flags(rawValue: 4)
    /// Operand `p` is complemented.
    static let complement = Flags(rawValue: 8)
    /// Whatever the lane function makes of it: `.cc`, `.clamp`, a signed source, …
    static let variant = Flags(rawValue: 16)
    /// A result wider than the value has copies of the sign above.
    static let signExtend = Flags(rawValue: 32)
  }

  var execute: Execute
  var flow = Flow.next
  var flags: Flags = []
  var rounding = Rounding.nearest
  /// Elements of a vector access.
  var width: UInt8 = 1
  /// Bytes of an element in memory.
  var bytes: UInt8 = 0
  /// The predicate in front, or -1.
  var guarding: Int32 = -1
  /// All ones where the guard is negated.
  var guardFlip: UInt32 = 0
  /// Results and operands: offsets into the registers, a multiple of 32.
  var d: Int32 = 0
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
  /// Predicates: the results `q` and `r` (-1: none), the operand `p`.
  var q: Int32 = -1
  var r: Int32 = -1
  var p: Int32 = -1
  /// The registers of a vector.
  var vector: (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
  /// The step that a branch leads to, or the number of a call site or table.
  var target: Int32 = 0
  /// Where the lanes of a divergent branch meet again.
  var reconvergence: Int32 = -1
  /// Behind the address in `a`.
  var offset: UInt64 = 0
}

/// A fault of the running kernel, before its place is known.
struct Fault: Error {
  var message: String
  var notes: [String] = []
  /// The lane to blame, if it is one.
  var lane: Int?
}
