import Support

/// Instructions and their operands.
extension Parser {
  /// `@%p1` or `@!%p1`.
  mutating func parseGuard(
    _ function: inout ParsedFunction
  ) throws(Diagnostic) -> Instruction.Guard {
    try expect("@")
    let isNegated = take("!")
    let place = token.span
    let name = try expectWord("a predicate")
    guard let register = register(named: name, &function), register.type == .pred else {
      throw Diagnostic(.error, "'\(name)' is not a predicate", at: place)
    }
    return Instruction.Guard(register: register, isNegated: isNegated)
  }

  mutating func parseInstruction(
    guarding: Instruction.Guard?, _ function: inout ParsedFunction
  ) throws(Diagnostic) -> Instruction {
    let start = token.span
    let opcode = try expectWord("an instruction")
    var modifiers: [Instruction.Modifier] = []
    while case .dotted(let name) = token.kind {
      modifiers.append(Instruction.Modifier(name: name, span: token.span))
      advance()
    }
    var operands: [Operand] = []
    if !isAt(";") {
      repeat { operands.append(try parseOperand(&function)) } while take(",")
    }
    let span = span(from: start)
    try expect(";")
    return Instruction(
      guarding: guarding, opcode: opcode, modifiers: modifiers, operands: operands, span: span)
  }

  private mutating func parseOperand(
    _ function: inout ParsedFunction
  ) throws(Diagnostic) -> Operand {
    let start = token.span
    if take("{") {
      let elements = try parseSimpleOperands(until: "}", &function)
      return Operand(kind: .vector(elements), span: span(from: start))
    }
    if take("(") {
      let elements = try parseSimpleOperands(until: ")", &function)
      return Operand(kind: .list(elements), span: span(from: start))
    }
    if take("[") {
      let base = try parseSimpleOperand(&function)
      var offset: Int64 = 0
      if take("+") {
        offset = try parseOffset()
      } else if take("-") {
        offset = 0 &- (try parseOffset())
      }
      try expect("]")
      return Operand(kind: .address(base, offset: offset), span: span(from: start))
    }
    let first = try parseSimpleOperand(&function)
    if take("|") {
      let second = try parseSimpleOperand(&function)
      return Operand(kind: .pair(first, second), span: span(from: start))
    }
    return first
  }

  private mutating func parseSimpleOperands(
    until end: Character, _ function: inout ParsedFunction
  ) throws(Diagnostic) -> [Operand] {
    var operands: [Operand] = []
    if take(end) { return [] }
    repeat { operands.append(try parseSimpleOperand(&function)) } while take(",")
    try expect(end)
    return operands
  }

  private mutating func parseSimpleOperand(
    _ function: inout ParsedFunction
  ) throws(Diagnostic) -> Operand {
    let start = token.span
    let isComplemented = take("!")
    let isNegative = !isComplemented && take("-")
    switch token.kind {
    case .word(let name) where !isNegative:
      advance()
      let kind = try resolve(name, at: start, &function)
      guard isComplemented else { return Operand(kind: kind, span: span(from: start)) }
      guard case .register(let register) = kind, register.type == .pred else {
        throw Diagnostic(.error, "'\(name)' is not a predicate", at: start)
      }
      return Operand(kind: .negated(register), span: span(from: start))
    case .integer(let value) where !isComplemented:
      advance()
      return Operand(kind: .integer(isNegative ? 0 &- value : value), span: span(from: start))
    case .float32(let bits) where !isComplemented:
      advance()
      return Operand(
        kind: .float32(isNegative ? bits ^ 0x8000_0000 : bits), span: span(from: start))
    case .float64(let bits) where !isComplemented:
      advance()
      return Operand(
        kind: .float64(isNegative ? bits ^ (1 << 63) : bits), span: span(from: start))
    case .word, .integer, .float32, .float64, .dotted, .string, .punctuation, .end:
      throw unexpected("an operand")
    }
  }

  /// What `name` means; labels and functions stay names.
  private mutating func resolve(
    _ name: String, at place: Span, _ function: inout ParsedFunction
  ) throws(Diagnostic) -> Operand.Kind {
    if name == "_" { return .sink }
    if let register = register(named: name, &function) { return .register(register) }
    if name.hasPrefix("%") {
      if let special = parseSpecialRegister(name) { return .special(special) }
      throw Diagnostic(.error, "the register '\(name)' is not declared", at: place)
    }
    if name == "WARP_SZ" { return .integer(32) }
    for scope in variableScopes.reversed() {
      guard let variable = scope[name] else { continue }
      let isBehind = isAt("+") && !isInBrackets
      guard isBehind else { return .variable(variable, offset: 0) }
      advance()
      return .variable(variable, offset: try parseOffset())
    }
    var name = name
    while case .dotted(let part) = token.kind {
      name += "." + part
      advance()
    }
    return .name(name)
  }

  /// Whether the operand just read stands behind an open bracket.
  private var isInBrackets: Bool {
    position >= 2 && tokens[position - 2].kind == .punctuation(UInt8(ascii: "["))
  }

  private mutating func parseSpecialRegister(_ name: String) -> SpecialRegister? {
    switch name {
    case "%laneid": return .lane
    case "%warpid": return .warp
    case "%nwarpid": return .warps
    case "%smid": return .multiprocessor
    case "%nsmid": return .multiprocessors
    case "%gridid": return .grid
    case "%clock", "%clock64", "%globaltimer": return .clock
    case "%dynamic_smem_size": return .dynamicSharedSize
    case "%total_smem_size": return .totalSharedSize
    default: break
    }
    if name.hasPrefix("%lanemask_") {
      return SpecialRegister.LaneMask(rawValue: String(name.dropFirst(10))).map {
        .laneMask($0)
      }
    }
    guard case .dotted(let axisName) = token.kind,
      let axis = ["x": SpecialRegister.Axis.x, "y": .y, "z": .z][axisName]
    else { return nil }
    let special: SpecialRegister? =
      switch name {
      case "%tid": .thread(axis)
      case "%ntid": .threads(axis)
      case "%ctaid": .block(axis)
      case "%nctaid": .blocks(axis)
      default: nil
      }
    if special != nil { advance() }
    return special
  }
}
