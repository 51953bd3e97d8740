import Support

/// A line of a function's body as it is written, with its names resolved: operands know their
/// registers and variables. What its modifiers mean is the decoder's business.
struct Instruction {
  struct Modifier {
    /// Without the dot.
    var name: String
    var span: Span
  }

  struct Guard {
    var register: Register
    /// Written `@!%p`.
    var isNegated: Bool
  }

  /// The predicate in front of the instruction.
  var guarding: Guard?
  var opcode: String
  var modifiers: [Modifier]
  var operands: [Operand]
  /// The whole instruction, from its opcode to its last operand.
  var span: Span
}

/// A register of a function.
struct Register: Hashable {
  /// From 0 in the order in which the function uses them; predicates are counted apart.
  var index: Int
  var type: ScalarType
}

/// What an instruction works on.
struct Operand {
  indirect enum Kind {
    case register(Register)
    /// `!%p`.
    case negated(Register)
    /// An integer literal, as two's complement.
    case integer(UInt64)
    case float32(UInt32)
    case float64(UInt64)
    case special(SpecialRegister)
    /// The address of a variable, or a place behind it.
    case variable(Variable, offset: Int64)
    /// A label or a function.
    case name(String)
    /// `{a, b}`.
    case vector([Operand])
    /// `[base+offset]`.
    case address(Operand, offset: Int64)
    /// `a|b`: two results.
    case pair(Operand, Operand)
    /// `(a, b)`: what a call passes or receives.
    case list([Operand])
    /// `_`: a result that nobody needs.
    case sink
  }

  var kind: Kind
  var span: Span
}

/// A register that the device fills.
enum SpecialRegister: Hashable {
  enum Axis: Int { case x, y, z }
  enum LaneMask: String { case eq, le, lt, ge, gt }

  case thread(Axis)
  case threads(Axis)
  case block(Axis)
  case blocks(Axis)
  case lane
  case warp
  case warps
  case laneMask(LaneMask)
  case clock
  case multiprocessor
  case multiprocessors
  case grid
  case dynamicSharedSize
  case totalSharedSize
}
