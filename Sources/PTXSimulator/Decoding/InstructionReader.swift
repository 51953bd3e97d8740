import Support

/// Takes an instruction apart. Every modifier must be taken by somebody: what is left at the end
/// is unsupported.
struct InstructionReader {
  let instruction: Instruction
  private var modifiers: [Instruction.Modifier]

  init(_ instruction: Instruction) {
    self.instruction = instruction
    modifiers = instruction.modifiers
  }

  var operands: [Operand] { instruction.operands }

  /// Takes the modifier `name` if it is there.
  mutating func take(_ name: String) -> Bool {
    guard let index = modifiers.firstIndex(where: { $0.name == name }) else { return false }
    modifiers.remove(at: index)
    return true
  }

  /// Takes the first of `names` that is there.
  mutating func take(oneOf names: [String]) -> String? {
    names.first { take($0) }
  }

  /// Takes the first modifier that names a type.
  mutating func type() throws(Diagnostic) -> ScalarType {
    guard let type = optionalType() else {
      throw Diagnostic(.error, "'\(instruction.opcode)' needs a type", at: instruction.span)
    }
    return type
  }

  mutating func optionalType() -> ScalarType? {
    for (index, modifier) in modifiers.enumerated() {
      guard let type = ScalarType(rawValue: modifier.name) else { continue }
      modifiers.remove(at: index)
      return type
    }
    return nil
  }

  /// `.rn`, `.rz`, `.rm`, `.rp`.
  mutating func rounding() -> Rounding? {
    if take("rn") { return .nearest }
    if take("rz") { return .towardZero }
    if take("rm") { return .down }
    return take("rp") ? .up : nil
  }

  /// Checks that nothing is left and that there are `count` operands.
  func finish(operands count: ClosedRange<Int>) throws(Diagnostic) {
    try finish()
    guard count.contains(operands.count) else {
      throw Diagnostic(
        .error, "'\(instruction.opcode)' has \(operands.count) operands, not \(count.lowerBound)",
        at: instruction.span)
    }
  }

  func finish(operands count: Int) throws(Diagnostic) { try finish(operands: count...count) }

  func finish() throws(Diagnostic) {
    if let modifier = modifiers.first {
      throw Support.unsupported(
        "'.\(modifier.name)' of '\(instruction.opcode)'", at: modifier.span)
    }
  }

  /// The error for a type that the instruction does not have.
  func unsupported(_ type: ScalarType) -> Diagnostic {
    Support.unsupported("'\(instruction.opcode)' of type '.\(type)'", at: instruction.span)
  }
}
