import Support

/// Logic, shifts and fields of bits.
extension FunctionDecoder {
  mutating func decodeLogic(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    let type = try reader.type()
    if type == .pred {
      try reader.finish(operands: 3)
      let operation: BooleanOperation = opcode == "and" ? .and : opcode == "or" ? .or : .xor
      var step = Step(execute: PredicateLogic.binary(operation))
      step.q = try predicateDestination(reader.operands[0])
      step.a = try predicateSource(reader.operands[1])
      step.b = try predicateSource(reader.operands[2])
      return step
    }
    guard type.kind == .bits else { throw reader.unsupported(type) }
    return try binary(
      reader, type,
      opcode == "and"
        ? type.integer(BitwiseAnd())
        : opcode == "or"
          ? type.integer(BitwiseOr()) : type.integer(BitwiseXor()))
  }

  mutating func decodeBits(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    switch reader.instruction.opcode {
    case "shl", "shr":
      let isLeft = reader.instruction.opcode == "shl"
      let type = try reader.type()
      guard let execute = isLeft ? type.integer(ShiftLeft()) : type.integer(ShiftRight()),
        !isLeft || type.kind == .bits
      else {
        throw reader.unsupported(type)
      }
      try reader.finish(operands: 3)
      var step = Step(execute: execute)
      step.d = try destination(reader.operands[0], type)
      step.a = try source(reader.operands[1], type)
      step.b = try source(reader.operands[2], .b32)
      return step
    case "shf":
      let type = try reader.type()
      guard type == .b32 else { throw reader.unsupported(type) }
      let isLeft = reader.take("l")
      guard isLeft || reader.take("r") else {
        throw Diagnostic(.error, "'shf' needs a direction", at: reader.instruction.span)
      }
      let wraps = reader.take("wrap")
      guard wraps || reader.take("clamp") else {
        throw Diagnostic(.error, "'shf' needs '.wrap' or '.clamp'", at: reader.instruction.span)
      }
      var step = try ternary(
        reader, .b32,
        isLeft ? BitOperations.funnelShiftLeft : BitOperations.funnelShiftRight)
      if wraps { step.flags.insert(.variant) }
      return step
    case "lop3":
      let type = try reader.type()
      guard type == .b32 else { throw reader.unsupported(type) }
      try reader.finish(operands: 5)
      guard case .integer(let table) = reader.operands[4].kind, table < 256 else {
        throw Diagnostic(.error, "expected a table of 8 bits", at: reader.operands[4].span)
      }
      var step = Step(execute: BitOperations.lop3)
      step.d = try destination(reader.operands[0], type)
      step.a = try source(reader.operands[1], type)
      step.b = try source(reader.operands[2], type)
      step.c = try source(reader.operands[3], type)
      step.offset = table
      return step
    case "prmt":
      let type = try reader.type()
      guard type == .b32 else { throw reader.unsupported(type) }
      return try ternary(reader, type, BitOperations.permute)
    case "bfe":
      let type = try reader.type()
      let execute: Step.Execute? =
        switch type {
        case .u32: BitOperations.extract(UInt32.self)
        case .s32: BitOperations.extract(Int32.self)
        case .u64: BitOperations.extract(UInt64.self)
        case .s64: BitOperations.extract(Int64.self)
        default: nil
        }
      guard let execute else { throw reader.unsupported(type) }
      try reader.finish(operands: 4)
      var step = Step(execute: execute)
      step.d = try destination(reader.operands[0], type)
      step.a = try source(reader.operands[1], type)
      step.b = try source(reader.operands[2], .b32)
      step.c = try source(reader.operands[3], .b32)
      return step
    case "bfi":
      let type = try reader.type()
      guard type == .b32 || type == .b64 else { throw reader.unsupported(type) }
      try reader.finish(operands: 5)
      var step = Step(
        execute: type == .b32
          ? BitOperations.insert(UInt32.self) : BitOperations.insert(UInt64.self))
      step.d = try destination(reader.operands[0], type)
      step.a = try source(reader.operands[1], type)
      step.b = try source(reader.operands[2], type)
      step.c = try source(reader.operands[3], .b32)
      step.vector.0 = try source(reader.operands[4], .b32)
      return step
    case "bmsk":
      let type = try reader.type()
      guard type == .b32 else { throw reader.unsupported(type) }
      let wraps = reader.take("wrap")
      if !wraps { _ = reader.take("clamp") }
      var step = try binary(reader, type, BitOperations.mask)
      if wraps { step.flags.insert(.variant) }
      return step
    default:
      let type = try reader.type()
      let execute: Step.Execute? =
        switch type {
        case .f32: BitOperations.copySign(UInt32.self)
        case .f64: BitOperations.copySign(UInt64.self)
        default: nil
        }
      return try binary(reader, type, execute)
    }
  }
}
