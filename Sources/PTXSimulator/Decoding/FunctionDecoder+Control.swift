import Support

/// Control flow, barriers, and what warps do together.
extension FunctionDecoder {
  mutating func decodeBranch(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    _ = reader.take("uni")
    var step = Step(execute: WarpOperations.none)
    if reader.instruction.opcode == "bra" {
      try reader.finish(operands: 1)
      step.flow = .branch
      step.target = try label(reader.operands[0])
      return step
    }
    guard reader.take("idx") else {
      throw Diagnostic(.error, "'brx' needs '.idx'", at: reader.instruction.span)
    }
    try reader.finish(operands: 2)
    guard case .name(let name) = reader.operands[1].kind,
      let targets = function.branchTargets[name]
    else { throw Diagnostic(.error, "expected a list of labels", at: reader.operands[1].span) }
    var table: [Int32] = []
    for target in targets { table.append(try label(target)) }
    step.flow = .indexedBranch
    step.a = try source(reader.operands[0], .u32)
    step.target = Int32(firstTable + tables.count)
    tables.append(table)
    return step
  }

  /// `call (result), function, (arguments);` with the lists where there are any.
  mutating func decodeCall(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    _ = reader.take("uni")
    try reader.finish()
    var operands = reader.operands[...]
    let results = try parameterList(&operands)
    guard let callee = operands.popFirst(), case .name(let name) = callee.kind else {
      throw unsupported("calls through pointers", at: reader.instruction.span)
    }
    let arguments = try parameterList(&operands)
    guard operands.isEmpty else {
      throw unsupported("calls with prototypes", at: reader.instruction.span)
    }
    var step = Step(execute: WarpOperations.none)
    step.flow = .call
    step.target = Int32(firstCall + calls.count)
    calls.append(
      PendingCall(
        callee: name, arguments: arguments, results: results, span: reader.instruction.span))
    return step
  }

  private func parameterList(
    _ operands: inout ArraySlice<Operand>
  ) throws(Diagnostic) -> [Variable] {
    guard let first = operands.first, case .list(let elements) = first.kind else { return [] }
    operands.removeFirst()
    var variables: [Variable] = []
    for element in elements {
      guard case .variable(let variable, 0) = element.kind, variable.space == .callParam else {
        throw unsupported("arguments that are not '.param' variables", at: element.span)
      }
      variables.append(variable)
    }
    return variables
  }

  mutating func decodeEnd(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    _ = reader.take("uni")
    try reader.finish(operands: 0)
    var step = Step(execute: WarpOperations.none)
    switch reader.instruction.opcode {
    case "trap":
      step.execute = WarpOperations.trap
    case "ret" where !function.isKernel:
      step.flow = .branch
      step.target = end
    default:
      step.flow = .exit
    }
    return step
  }

  // MARK: Barriers

  mutating func decodeBarrier(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let operands = reader.operands
    if reader.take("warp") {
      guard reader.take("sync") else { throw missing("sync", reader) }
      try reader.finish(operands: 1)
      var step = Step(execute: WarpOperations.synchronize)
      step.a = try source(operands[0], .b32)
      return step
    }
    _ = reader.take("cta")
    _ = reader.take("aligned")
    if reader.take("sync") {
      try reader.finish(operands: 1...2)
      var step = Step(
        execute: BarrierOperations.arrive(reduction: nil, hasCount: operands.count == 2))
      step.flow = .barrier
      step.a = try source(operands[0], .b32)
      if operands.count == 2 { step.b = try source(operands[1], .b32) }
      return step
    }
    guard reader.take("red") else {
      throw unsupported("this form of '\(reader.instruction.opcode)'", at: reader.instruction.span)
    }
    let reduction: Block.Reduction =
      reader.take("popc") ? .population : reader.take("and") ? .and : .or
    if reduction == .or, !reader.take("or") { throw missing("or", reader) }
    let type = try reader.type()
    guard type == (reduction == .population ? .u32 : .pred) else { throw reader.unsupported(type) }
    try reader.finish(operands: 3...4)
    let hasCount = operands.count == 4
    var step = Step(execute: BarrierOperations.arrive(reduction: reduction, hasCount: hasCount))
    step.flow = .barrier
    if reduction == .population {
      step.d = try destination(operands[0], type)
    } else {
      step.q = try predicateDestination(operands[0])
    }
    step.a = try source(operands[1], .b32)
    if hasCount { step.b = try source(operands[2], .b32) }
    try setPredicateOperand(operands[operands.count - 1], &step)
    return step
  }

  private func missing(_ modifier: String, _ reader: InstructionReader) -> Diagnostic {
    unsupported(
      "'\(reader.instruction.opcode)' without '.\(modifier)'", at: reader.instruction.span)
  }

  // MARK: Warps

  mutating func decodeWarpOperation(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let operands = reader.operands
    if reader.instruction.opcode == "activemask" {
      let type = try reader.type()
      guard type == .b32 else { throw reader.unsupported(type) }
      try reader.finish(operands: 1)
      var step = Step(execute: WarpOperations.activeMask)
      step.d = try destination(operands[0], .b32)
      return step
    }
    guard reader.take("sync") else { throw missing("sync", reader) }
    switch reader.instruction.opcode {
    case "shfl": return try decodeShuffle(&reader)
    case "vote": return try decodeVote(&reader)
    case "match": return try decodeMatch(&reader)
    default: return try decodeReduction(&reader)
    }
  }

  private mutating func decodeShuffle(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let operands = reader.operands
    guard let name = reader.take(oneOf: ["up", "down", "bfly", "idx"]),
      let mode = WarpOperations.Shuffle(rawValue: name)
    else { throw missing("idx", reader) }
    let type = try reader.type()
    guard type == .b32 else { throw reader.unsupported(type) }
    try reader.finish(operands: 5)
    var step = Step(execute: WarpOperations.shuffle(mode))
    if case .pair(let value, let isValid) = operands[0].kind {
      step.d = try destination(value, type)
      step.q = try predicateDestination(isValid)
    } else {
      step.d = try destination(operands[0], type)
    }
    step.a = try source(operands[1], type)
    step.b = try source(operands[2], type)
    step.c = try source(operands[3], type)
    step.vector.0 = try source(operands[4], type)
    return step
  }

  private mutating func decodeVote(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let operands = reader.operands
    guard let name = reader.take(oneOf: ["all", "any", "uni", "ballot"]),
      let mode = WarpOperations.Vote(rawValue: name)
    else { throw missing("ballot", reader) }
    let type = try reader.type()
    guard type == (mode == .ballot ? .b32 : .pred) else { throw reader.unsupported(type) }
    try reader.finish(operands: 3)
    var step = Step(execute: WarpOperations.vote(mode))
    if mode == .ballot {
      step.d = try destination(operands[0], type)
    } else {
      step.q = try predicateDestination(operands[0])
    }
    try setPredicateOperand(operands[1], &step)
    step.a = try source(operands[2], .b32)
    return step
  }

  private mutating func decodeMatch(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let operands = reader.operands
    let isAll = reader.take("all")
    guard isAll || reader.take("any") else { throw missing("any", reader) }
    let type = try reader.type()
    guard type == .b32 || type == .b64 else { throw reader.unsupported(type) }
    try reader.finish(operands: 3)
    var step = Step(
      execute: type == .b32
        ? WarpOperations.match(UInt32.self, isAll: isAll)
        : WarpOperations.match(UInt64.self, isAll: isAll))
    if case .pair(let mask, let isSame) = operands[0].kind {
      step.d = try destination(mask, .b32)
      step.q = try predicateDestination(isSame)
    } else {
      step.d = try destination(operands[0], .b32)
    }
    step.a = try source(operands[1], type)
    step.b = try source(operands[2], .b32)
    return step
  }

  private mutating func decodeReduction(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let operands = reader.operands
    let name = reader.take(oneOf: ["add", "min", "max", "and", "or", "xor"])
    let type = try reader.type()
    let isSigned = type == .s32
    let execute: Step.Execute? =
      switch (name, type) {
      case ("add", .u32), ("add", .s32): WarpOperations.reduce(IntegerAdd(), isSigned: isSigned)
      case ("min", .u32), ("min", .s32):
        WarpOperations.reduce(IntegerMinimum(), isSigned: isSigned)
      case ("max", .u32), ("max", .s32):
        WarpOperations.reduce(IntegerMaximum(), isSigned: isSigned)
      case ("and", .b32): WarpOperations.reduce(BitwiseAnd(), isSigned: false)
      case ("or", .b32): WarpOperations.reduce(BitwiseOr(), isSigned: false)
      case ("xor", .b32): WarpOperations.reduce(BitwiseXor(), isSigned: false)
      default: nil
      }
    guard let execute else { throw reader.unsupported(type) }
    try reader.finish(operands: 3)
    var step = Step(execute: execute)
    step.d = try destination(operands[0], type)
    step.a = try source(operands[1], type)
    step.b = try source(operands[2], .b32)
    return step
  }
}
