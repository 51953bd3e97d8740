import Support

/// Integer and floating-point arithmetic.
extension FunctionDecoder {
  mutating func decodeArithmetic(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    if (opcode == "add" || opcode == "sub") && reader.take("cc") {
      return try decodeCarry(&reader, writes: true)
    }
    let type = try reader.type()
    guard type.kind == .float else { return try decodeIntegerArithmetic(&reader, type) }
    let isRounding = opcode != "min" && opcode != "max"
    let rounding = isRounding ? reader.rounding() : nil
    let isApproximate = opcode == "div" && reader.take(oneOf: ["approx", "full"]) != nil
    if opcode == "div", rounding == nil, !isApproximate {
      throw Diagnostic(.error, "'div.\(type)' needs a rounding", at: reader.instruction.span)
    }
    let flags = flags(&reader)
    let isStrict = (opcode == "min" || opcode == "max") && reader.take("NaN")
    let execute =
      switch opcode {
      case "add": type.float(FloatAdd())
      case "sub": type.float(FloatSubtract())
      case "mul": type.float(FloatMultiply())
      case "div":
        type == .f32 || type == .f64 ? type.float(FloatDivide()) : nil
      case "min":
        isStrict
          ? type.float(FloatStrictMinimum()) : type.float(FloatMinimum())
      case "max":
        isStrict
          ? type.float(FloatStrictMaximum()) : type.float(FloatMaximum())
      default: nil as Step.Execute?
      }
    var step = try binary(reader, type, execute)
    step.rounding = rounding ?? .nearest
    step.flags = flags
    return step
  }

  mutating func decodeIntegerArithmetic(
    _ reader: inout InstructionReader, _ type: ScalarType
  ) throws(Diagnostic) -> Step {
    guard type.isInteger else { throw reader.unsupported(type) }
    switch reader.instruction.opcode {
    case "add":
      let saturates = reader.take("sat")
      return try binary(
        reader, type,
        saturates
          ? type.integer(IntegerSaturatingAdd())
          : type.integer(IntegerAdd()))
    case "sub":
      let saturates = reader.take("sat")
      return try binary(
        reader, type,
        saturates
          ? type.integer(IntegerSaturatingSubtract())
          : type.integer(IntegerSubtract()))
    case "mul":
      if reader.take("wide") { return try decodeWide(reader, type, isAdding: false) }
      if reader.take("hi") {
        return try binary(reader, type, type.integer(IntegerMultiplyHigh()))
      }
      _ = reader.take("lo")
      return try binary(reader, type, type.integer(IntegerMultiplyLow()))
    case "div": return try binary(reader, type, type.integer(IntegerDivide()))
    case "rem": return try binary(reader, type, type.integer(IntegerRemainder()))
    case "min": return try binary(reader, type, type.integer(IntegerMinimum()))
    default: return try binary(reader, type, type.integer(IntegerMaximum()))
    }
  }

  /// `mul.wide` and `mad.wide`: operands of half the result's width.
  mutating func decodeWide(
    _ reader: InstructionReader, _ type: ScalarType, isAdding: Bool
  ) throws(Diagnostic) -> Step {
    guard let execute = wideMultiplication(type, isAdding: isAdding) else {
      throw reader.unsupported(type)
    }
    try reader.finish(operands: isAdding ? 4 : 3)
    let wide: ScalarType =
      switch type {
      case .u16: .u32
      case .s16: .s32
      case .u32: .u64
      default: .s64
      }
    var step = Step(execute: execute)
    step.d = try destination(reader.operands[0], wide)
    step.a = try source(reader.operands[1], type)
    step.b = try source(reader.operands[2], type)
    if isAdding { step.c = try source(reader.operands[3], wide) }
    return step
  }

  mutating func decodeTernary(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    var type = try reader.type()
    if opcode == "dp4a" {
      let other = try reader.type()
      guard type.bitWidth == 32, type.isInteger, other.bitWidth == 32, other.isInteger else {
        throw reader.unsupported(type)
      }
      var step = try ternary(reader, .b32, BitOperations.dotProduct4)
      if type == .s32 { step.flags.insert(.variant) }
      if other == .s32 { step.flags.insert(.signExtend) }
      return step
    }
    if type.kind == .float, opcode == "mad" || opcode == "fma" {
      let rounding = reader.rounding()
      if rounding == nil {
        throw Diagnostic(
          .error, "'\(opcode).\(type)' needs a rounding", at: reader.instruction.span)
      }
      let flags = flags(&reader)
      var step = try ternary(reader, type, type.float(FusedMultiplyAdd()))
      step.rounding = rounding ?? .nearest
      step.flags = flags
      return step
    }
    guard type.isInteger, opcode != "fma" else { throw reader.unsupported(type) }
    if opcode == "sad" {
      return try ternary(reader, type, type.integer(SumOfAbsoluteDifferences()))
    }
    if reader.take("wide") { return try decodeWide(reader, type, isAdding: true) }
    if reader.take("hi") {
      return try ternary(reader, type, type.integer(IntegerMultiplyAddHigh()))
    }
    _ = reader.take("lo")
    if type == .b32 { type = .u32 }
    return try ternary(reader, type, type.integer(IntegerMultiplyAddLow()))
  }

  mutating func decodeUnary(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    let type = try reader.type()
    switch opcode {
    case "not" where type == .pred:
      try reader.finish(operands: 2)
      var step = Step(execute: PredicateLogic.not)
      step.q = try predicateDestination(reader.operands[0])
      step.a = try predicateSource(reader.operands[1])
      return step
    case "neg", "abs":
      if type.kind == .float {
        let flags = flags(&reader)
        var step = try unary(
          reader, type,
          opcode == "neg"
            ? type.float(FloatNegate()) : type.float(FloatAbsolute()))
        step.flags = flags
        return step
      }
      guard type.kind == .signed else { throw reader.unsupported(type) }
      return try unary(
        reader, type,
        opcode == "neg"
          ? type.integer(IntegerNegate()) : type.integer(IntegerAbsolute()))
    case "not", "cnot":
      guard type.kind == .bits else { throw reader.unsupported(type) }
      return try unary(
        reader, type,
        opcode == "not"
          ? type.integer(BitwiseNot()) : type.integer(LogicalNot()))
    case "popc", "clz":
      guard type == .b32 || type == .b64 else { throw reader.unsupported(type) }
      let isCount = opcode == "popc"
      return try unary(
        reader, type, result: .b32,
        type == .b32
          ? (isCount
            ? BitOperations.populationCount(UInt32.self) : BitOperations.leadingZeros(UInt32.self))
          : (isCount
            ? BitOperations.populationCount(UInt64.self) : BitOperations.leadingZeros(UInt64.self)))
    case "bfind":
      let isAmount = reader.take("shiftamt")
      let execute: Step.Execute? =
        switch type {
        case .u32: BitOperations.find(UInt32.self)
        case .s32: BitOperations.find(Int32.self)
        case .u64: BitOperations.find(UInt64.self)
        case .s64: BitOperations.find(Int64.self)
        default: nil
        }
      var step = try unary(reader, type, result: .b32, execute)
      if isAmount { step.flags.insert(.variant) }
      return step
    default:
      guard type == .b32 || type == .b64 else { throw reader.unsupported(type) }
      return try unary(reader, type, type.integer(BitReverse()))
    }
  }

  /// Functions of floating-point numbers.
  mutating func decodeFunction(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    let type = try reader.type()
    let rounding = reader.rounding()
    let isApproximate = reader.take("approx")
    let flags = flags(&reader)
    guard isApproximate || ((opcode == "rcp" || opcode == "sqrt") && rounding != nil) else {
      throw Diagnostic(
        .error, "'\(opcode)' needs a rounding or '.approx'", at: reader.instruction.span)
    }
    let isWide = type == .f32 || type == .f64
    let execute: Step.Execute? =
      switch opcode {
      case "rcp": isWide ? type.float(Reciprocal()) : nil
      case "sqrt": isWide ? type.float(FloatSquareRoot()) : nil
      case "rsqrt": isWide ? type.float(ReciprocalSquareRoot()) : nil
      case "sin": type == .f32 ? type.float(Sine()) : nil
      case "cos": type == .f32 ? type.float(Cosine()) : nil
      case "lg2": type == .f32 ? type.float(LogarithmOfTwo()) : nil
      case "ex2": type != .f64 ? type.float(PowerOfTwo()) : nil
      default: type != .f64 ? type.float(HyperbolicTangent()) : nil
      }
    var step = try unary(reader, type, execute)
    step.rounding = rounding ?? .nearest
    step.flags = flags
    return step
  }

  /// `add.cc`, `addc`, `sub.cc`, `subc`.
  mutating func decodeCarry(
    _ reader: inout InstructionReader, writes: Bool = false
  ) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    let writes = writes || reader.take("cc")
    let type = try reader.type()
    guard type.isInteger, type.bitWidth >= 32 else { throw reader.unsupported(type) }
    let isSubtracting = opcode == "sub" || opcode == "subc"
    var step = try binary(
      reader, type,
      type.bitWidth == 32
        ? BitOperations.carrying(UInt32.self, isSubtracting: isSubtracting)
        : BitOperations.carrying(UInt64.self, isSubtracting: isSubtracting))
    if opcode == "addc" || opcode == "subc" { step.flags.insert(.complement) }
    if writes { step.flags.insert(.variant) }
    return step
  }
}
