import Support

/// Comparisons and choices.
extension FunctionDecoder {
  mutating func decodeComparison(
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

  mutating func decodeSelection(
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
}
