import Support

/// The table of instructions.
extension FunctionDecoder {
  mutating func decode(_ instruction: Instruction) throws(Diagnostic) -> Step {
    var reader = InstructionReader(instruction)
    switch instruction.opcode {
    case "add", "sub", "mul", "div", "rem", "min", "max":
      return try decodeArithmetic(&reader)
    case "mad", "fma", "sad", "dp4a":
      return try decodeTernary(&reader)
    case "neg", "abs", "not", "cnot", "popc", "clz", "bfind", "brev":
      return try decodeUnary(&reader)
    case "rcp", "sqrt", "rsqrt", "sin", "cos", "lg2", "ex2", "tanh":
      return try decodeFunction(&reader)
    case "addc", "subc":
      return try decodeCarry(&reader)
    case "and", "or", "xor":
      return try decodeLogic(&reader)
    case "shl", "shr", "shf", "lop3", "prmt", "bfe", "bfi", "bmsk", "copysign":
      return try decodeBits(&reader)
    case "setp", "set", "testp":
      return try decodeComparison(&reader)
    case "selp", "slct":
      return try decodeSelection(&reader)
    case "mov": return try decodeMove(&reader)
    case "cvt": return try decodeConversion(&reader)
    case "cvta", "isspacep": return try decodeAddressConversion(&reader)
    case "ld", "ldu": return try decodeLoad(&reader)
    case "st": return try decodeStore(&reader)
    case "atom", "red": return try decodeAtomic(&reader)
    case "membar", "fence", "prefetch", "prefetchu", "nanosleep", "discard", "applypriority":
      return try decodeHint(&reader)
    case "bra", "brx": return try decodeBranch(&reader)
    case "call": return try decodeCall(&reader)
    case "ret", "exit", "trap": return try decodeEnd(&reader)
    case "bar", "barrier": return try decodeBarrier(&reader)
    case "shfl", "vote", "match", "redux", "activemask":
      return try decodeWarpOperation(&reader)
    default:
      throw unsupported("the instruction '\(instruction.opcode)'", at: instruction.span)
    }
  }

  // MARK: Common forms

  /// Two operands of the result's type.
  mutating func binary(
    _ reader: InstructionReader, _ type: ScalarType, _ execute: Step.Execute?
  ) throws(Diagnostic) -> Step {
    guard let execute else { throw reader.unsupported(type) }
    try reader.finish(operands: 3)
    var step = Step(execute: execute)
    step.d = try destination(reader.operands[0], type)
    step.a = try source(reader.operands[1], type)
    step.b = try source(reader.operands[2], type)
    return step
  }

  mutating func unary(
    _ reader: InstructionReader, _ type: ScalarType, result: ScalarType? = nil,
    _ execute: Step.Execute?
  ) throws(Diagnostic) -> Step {
    guard let execute else { throw reader.unsupported(type) }
    try reader.finish(operands: 2)
    var step = Step(execute: execute)
    step.d = try destination(reader.operands[0], result ?? type)
    step.a = try source(reader.operands[1], type)
    return step
  }

  mutating func ternary(
    _ reader: InstructionReader, _ type: ScalarType, _ execute: Step.Execute?
  ) throws(Diagnostic) -> Step {
    guard let execute else { throw reader.unsupported(type) }
    try reader.finish(operands: 4)
    var step = Step(execute: execute)
    step.d = try destination(reader.operands[0], type)
    step.a = try source(reader.operands[1], type)
    step.b = try source(reader.operands[2], type)
    step.c = try source(reader.operands[3], type)
    return step
  }

  func flags(_ reader: inout InstructionReader) -> Step.Flags {
    var flags: Step.Flags = []
    if reader.take("ftz") { flags.insert(.flush) }
    if reader.take("sat") { flags.insert(.saturate) }
    if reader.take("relu") { flags.insert(.rectify) }
    return flags
  }

  /// A predicate operand of a predicate instruction.
  mutating func predicateSource(_ operand: Operand) throws(Diagnostic) -> Int32 {
    switch operand.kind {
    case .register(let register) where register.type == .pred: return predicate(register)
    case .integer(0): return alwaysFalse()
    case .register, .negated, .integer, .float32, .float64, .special, .variable, .name, .vector,
      .address, .pair, .list, .sink:
      throw mismatch(operand, .pred)
    }
  }
}
