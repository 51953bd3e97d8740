import Support

/// Moves and conversions.
extension FunctionDecoder {
  mutating func decodeMove(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
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
  func vectorElement(
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

  mutating func decodeConversion(
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
        guard let execute = result.floatScalar(Conversion.FromInteger(source: source)) else {
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
      guard integral != nil,
        let execute = source.floatScalar(Conversion.ToInteger(result: result))
      else { throw missingRounding(reader) }
      step.execute = execute
    }
    step.d = try destination(reader.operands[0], result, isWide: true)
    step.a = try self.source(reader.operands[1], source, isWide: true)
    return step
  }

  func missingRounding(_ reader: InstructionReader) -> Diagnostic {
    Diagnostic(.error, "this conversion has the wrong rounding", at: reader.instruction.span)
  }
}
