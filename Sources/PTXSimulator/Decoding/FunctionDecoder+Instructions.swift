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

  // MARK: Arithmetic

  /// Two operands of the result's type.
  private mutating func binary(
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

  private mutating func unary(
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

  private func flags(_ reader: inout InstructionReader) -> Step.Flags {
    var flags: Step.Flags = []
    if reader.take("ftz") { flags.insert(.flush) }
    if reader.take("sat") { flags.insert(.saturate) }
    if reader.take("relu") { flags.insert(.rectify) }
    return flags
  }

  private mutating func decodeArithmetic(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    if (opcode == "add" || opcode == "sub") && reader.take("cc") {
      return try decodeCarry(&reader, writes: true)
    }
    let type = try reader.type()
    guard type.kind == .float else { return try decodeIntegerArithmetic(&reader, type) }
    let rounding = reader.rounding()
    let isApproximate = opcode == "div" && reader.take(oneOf: ["approx", "full"]) != nil
    if opcode == "div", rounding == nil, !isApproximate {
      throw Diagnostic(.error, "'div.\(type)' needs a rounding", at: reader.instruction.span)
    }
    let flags = flags(&reader)
    let isStrict = (opcode == "min" || opcode == "max") && reader.take("NaN")
    let execute =
      switch opcode {
      case "add": floatFunction(FloatAdd.self, type)
      case "sub": floatFunction(FloatSubtract.self, type)
      case "mul": floatFunction(FloatMultiply.self, type)
      case "div":
        type == .f32 || type == .f64 ? floatFunction(FloatDivide.self, type) : nil
      case "min":
        isStrict
          ? floatFunction(FloatStrictMinimum.self, type) : floatFunction(FloatMinimum.self, type)
      case "max":
        isStrict
          ? floatFunction(FloatStrictMaximum.self, type) : floatFunction(FloatMaximum.self, type)
      default: nil as Step.Execute?
      }
    var step = try binary(reader, type, execute)
    step.rounding = rounding ?? .nearest
    step.flags = flags
    return step
  }

  private mutating func decodeIntegerArithmetic(
    _ reader: inout InstructionReader, _ type: ScalarType
  ) throws(Diagnostic) -> Step {
    guard type.isInteger else { throw reader.unsupported(type) }
    switch reader.instruction.opcode {
    case "add":
      let saturates = reader.take("sat")
      return try binary(
        reader, type,
        saturates
          ? integerFunction(IntegerSaturatingAdd.self, type)
          : integerFunction(IntegerAdd.self, type))
    case "sub":
      let saturates = reader.take("sat")
      return try binary(
        reader, type,
        saturates
          ? integerFunction(IntegerSaturatingSubtract.self, type)
          : integerFunction(IntegerSubtract.self, type))
    case "mul":
      if reader.take("wide") { return try decodeWide(reader, type, isAdding: false) }
      if reader.take("hi") {
        return try binary(reader, type, integerFunction(IntegerMultiplyHigh.self, type))
      }
      _ = reader.take("lo")
      return try binary(reader, type, integerFunction(IntegerMultiplyLow.self, type))
    case "div": return try binary(reader, type, integerFunction(IntegerDivide.self, type))
    case "rem": return try binary(reader, type, integerFunction(IntegerRemainder.self, type))
    case "min": return try binary(reader, type, integerFunction(IntegerMinimum.self, type))
    default: return try binary(reader, type, integerFunction(IntegerMaximum.self, type))
    }
  }

  /// `mul.wide` and `mad.wide`: operands of half the result's width.
  private mutating func decodeWide(
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

  private mutating func decodeTernary(
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
      var step = try ternary(reader, type, fusedMultiplyAdd(type))
      step.rounding = rounding ?? .nearest
      step.flags = flags
      return step
    }
    guard type.isInteger, opcode != "fma" else { throw reader.unsupported(type) }
    if opcode == "sad" {
      return try ternary(reader, type, integerFunction(SumOfAbsoluteDifferences.self, type))
    }
    if reader.take("wide") { return try decodeWide(reader, type, isAdding: true) }
    if reader.take("hi") {
      return try ternary(reader, type, integerFunction(IntegerMultiplyAddHigh.self, type))
    }
    _ = reader.take("lo")
    if type == .b32 { type = .u32 }
    return try ternary(reader, type, integerFunction(IntegerMultiplyAddLow.self, type))
  }

  private mutating func ternary(
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

  private mutating func decodeUnary(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
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
            ? floatFunction(FloatNegate.self, type) : floatFunction(FloatAbsolute.self, type))
        step.flags = flags
        return step
      }
      guard type.kind == .signed else { throw reader.unsupported(type) }
      return try unary(
        reader, type,
        opcode == "neg"
          ? integerFunction(IntegerNegate.self, type) : integerFunction(IntegerAbsolute.self, type))
    case "not", "cnot":
      guard type.kind == .bits else { throw reader.unsupported(type) }
      return try unary(
        reader, type,
        opcode == "not"
          ? integerFunction(BitwiseNot.self, type) : integerFunction(LogicalNot.self, type))
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
      return try unary(reader, type, integerFunction(BitReverse.self, type))
    }
  }

  /// Functions of floating-point numbers.
  private mutating func decodeFunction(
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
      case "rcp": reciprocal(type)
      case "sqrt": isWide ? floatFunction(FloatSquareRoot.self, type) : nil
      case "rsqrt": isWide ? floatFunction(ReciprocalSquareRoot.self, type) : nil
      case "sin": type == .f32 ? floatFunction(Sine.self, type) : nil
      case "cos": type == .f32 ? floatFunction(Cosine.self, type) : nil
      case "lg2": type == .f32 ? floatFunction(LogarithmOfTwo.self, type) : nil
      case "ex2": type != .f64 ? floatFunction(PowerOfTwo.self, type) : nil
      default: type != .f64 ? floatFunction(HyperbolicTangent.self, type) : nil
      }
    var step = try unary(reader, type, execute)
    step.rounding = rounding ?? .nearest
    step.flags = flags
    return step
  }

  /// `add.cc`, `addc`, `sub.cc`, `subc`.
  private mutating func decodeCarry(
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

  // MARK: Bits

  private mutating func decodeLogic(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
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
        ? integerFunction(BitwiseAnd.self, type)
        : opcode == "or"
          ? integerFunction(BitwiseOr.self, type) : integerFunction(BitwiseXor.self, type))
  }

  /// A predicate operand of a predicate instruction.
  private mutating func predicateSource(_ operand: Operand) throws(Diagnostic) -> Int32 {
    switch operand.kind {
    case .register(let register) where register.type == .pred: return predicate(register)
    case .integer(0): return alwaysFalse()
    case .register, .negated, .integer, .float32, .float64, .special, .variable, .name, .vector,
      .address, .pair, .list, .sink:
      throw mismatch(operand, .pred)
    }
  }

  private mutating func decodeBits(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    switch reader.instruction.opcode {
    case "shl", "shr":
      let isLeft = reader.instruction.opcode == "shl"
      let type = try reader.type()
      guard let execute = shift(type, isLeft: isLeft), !isLeft || type.kind == .bits else {
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
      return try binary(reader, type, copySign(type))
    }
  }

  // MARK: Comparisons

  private mutating func decodeComparison(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let opcode = reader.instruction.opcode
    if opcode == "testp" {
      let tests = ["finite", "infinite", "number", "notanumber", "normal", "subnormal"]
      let name = reader.take(oneOf: tests) ?? ""
      let type = try reader.type()
      guard let execute = floatTest(type, name) else { throw reader.unsupported(type) }
      try reader.finish(operands: 2)
      var step = Step(execute: execute)
      step.q = try predicateDestination(reader.operands[0])
      step.a = try source(reader.operands[1], type)
      return step
    }
    var found: Comparison?
    for modifier in reader.instruction.modifiers {
      if found == nil, let comparison = Comparison(rawValue: modifier.name) {
        found = comparison
        _ = reader.take(modifier.name)
      }
    }
    guard let found else {
      throw Diagnostic(.error, "'\(opcode)' needs a comparison", at: reader.instruction.span)
    }
    let joined: BooleanOperation? =
      reader.take("and") ? .and : reader.take("or") ? .or : reader.take("xor") ? .xor : nil
    let resultType = opcode == "set" ? try reader.type() : nil
    let type = try reader.type()
    let flags = flags(&reader)
    guard let compare = comparison(found, type) else {
      throw Support.unsupported(
        "the comparison '.\(found)' of type '.\(type)'", at: reader.instruction.span)
    }
    let isPacked = type == .f16x2 || type == .bf16x2
    try reader.finish(operands: joined == nil ? 3 : 4)
    var step = Step(execute: setPredicates(compare, joined: joined, isPacked: isPacked))
    step.flags = flags
    step.a = try source(reader.operands[1], type)
    step.b = try source(reader.operands[2], type)
    if joined != nil { try setPredicateOperand(reader.operands[3], &step) }
    if let resultType {
      guard !isPacked, resultType.bitWidth == 32 else { throw reader.unsupported(resultType) }
      let one = resultType == .f32 ? UInt64((1 as Float).bitPattern) : UInt64(UInt32.max)
      step.execute = setValues(compare, joined: joined, one: one)
      step.d = try destination(reader.operands[0], resultType)
      return step
    }
    if case .pair(let first, let second) = reader.operands[0].kind {
      step.q = try predicateDestination(first)
      step.r = try predicateDestination(second)
    } else {
      step.q = try predicateDestination(reader.operands[0])
    }
    return step
  }

  private mutating func decodeSelection(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let type = try reader.type()
    guard type != .pred, type.bitWidth >= 16, type != .b128 else { throw reader.unsupported(type) }
    var step = Step(execute: Selection.select)
    if reader.instruction.opcode == "slct" {
      step.flags = flags(&reader)
      let selector = try reader.type()
      guard selector == .s32 || selector == .f32 else { throw reader.unsupported(selector) }
      try reader.finish(operands: 4)
      step.execute = selector == .s32 ? Selection.selectBySign : Selection.selectByFloat
      step.c = try source(reader.operands[3], selector)
    } else {
      try reader.finish(operands: 4)
      try setPredicateOperand(reader.operands[3], &step)
    }
    step.d = try destination(reader.operands[0], type)
    step.a = try source(reader.operands[1], type)
    step.b = try source(reader.operands[2], type)
    return step
  }

  // MARK: Moves and conversions

  private mutating func decodeMove(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let type = try reader.type()
    try reader.finish(operands: 2)
    let (result, operand) = (reader.operands[0], reader.operands[1])
    if type == .pred {
      var step = Step(execute: PredicateLogic.move)
      step.q = try predicateDestination(result)
      if case .integer(let value) = operand.kind, value != 0 {
        step.execute = PredicateLogic.not
        step.a = alwaysFalse()
      } else {
        step.a = try predicateSource(operand)
      }
      return step
    }
    if case .vector(let elements) = operand.kind {
      var step = Step(execute: Selection.pack)
      let element = try vectorElement(of: type, elements.count, operand)
      try setVector(operand, element, width: elements.count, isResult: false, &step)
      step.bytes = UInt8(element.byteCount)
      step.d = try destination(result, type)
      return step
    }
    if case .vector(let elements) = result.kind {
      var step = Step(execute: Selection.unpack)
      let element = try vectorElement(of: type, elements.count, result)
      try setVector(result, element, width: elements.count, isResult: true, &step)
      step.bytes = UInt8(element.byteCount)
      step.a = try source(operand, type)
      return step
    }
    guard type != .b128 else { throw reader.unsupported(type) }
    if case .name(let name) = operand.kind {
      throw Support.unsupported("the address of the function '\(name)'", at: operand.span)
    }
    var step = Step(execute: Selection.move)
    step.d = try destination(result, type)
    step.a = try source(operand, type)
    return step
  }

  /// The type of the elements of a register of `type` that is cut into `count`.
  private func vectorElement(
    of type: ScalarType, _ count: Int, _ operand: Operand
  ) throws(Diagnostic) -> ScalarType {
    switch (type.bitWidth, count) {
    case (16, 2): return .b8
    case (32, 2): return .b16
    case (32, 4): return .b8
    case (64, 2): return .b32
    case (64, 4): return .b16
    default:
      throw Support.unsupported("a vector of \(count) in a '.\(type)'", at: operand.span)
    }
  }

  private mutating func decodeConversion(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let result = try reader.type()
    let source = try reader.type()
    var step = Step(execute: WarpOperations.none)
    step.flags = flags(&reader)
    let integral: Rounding? =
      reader.take("rni")
      ? .nearest
      : reader.take("rzi")
        ? .towardZero : reader.take("rmi") ? .down : reader.take("rpi") ? .up : nil
    let rounding = reader.rounding()
    step.rounding = integral ?? rounding ?? .nearest
    if result == .f16x2 || result == .bf16x2 {
      guard source == .f32, let execute = Conversion.pack(to: result), integral == nil else {
        throw reader.unsupported(result)
      }
      try reader.finish(operands: 3)
      step.execute = execute
      step.d = try destination(reader.operands[0], result)
      step.a = try self.source(reader.operands[1], .f32)
      step.b = try self.source(reader.operands[2], .f32)
      return step
    }
    try reader.finish(operands: 2)
    let isToFloat = result.kind == .float
    guard result.kind == .float || result.isInteger, source.kind == .float || source.isInteger
    else { throw reader.unsupported(result) }
    if source.kind != .float {
      guard integral == nil, isToFloat || rounding == nil else { throw missingRounding(reader) }
      if isToFloat {
        guard rounding != nil else { throw missingRounding(reader) }
        guard let execute = Conversion.toFloat(from: source, to: result) else {
          throw reader.unsupported(result)
        }
        step.execute = execute
      } else {
        step.execute = Conversion.integers(from: source, to: result)
      }
    } else if isToFloat {
      let isNarrowing = result.bitWidth < source.bitWidth
      guard !isNarrowing || rounding != nil else { throw missingRounding(reader) }
      guard
        let execute = Conversion.floats(from: source, to: result, isIntegral: integral != nil)
      else { throw reader.unsupported(result) }
      step.execute = execute
    } else {
      guard integral != nil, let execute = Conversion.toInteger(from: source, to: result) else {
        throw missingRounding(reader)
      }
      step.execute = execute
    }
    step.d = try destination(reader.operands[0], result, isWide: true)
    step.a = try self.source(reader.operands[1], source, isWide: true)
    return step
  }

  private func missingRounding(_ reader: InstructionReader) -> Diagnostic {
    Diagnostic(.error, "this conversion has the wrong rounding", at: reader.instruction.span)
  }
}
