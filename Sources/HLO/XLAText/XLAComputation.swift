/// One computation while its instructions are written.
struct XLAComputation {
  let function: Function
  /// The instruction that each value is.
  private var names: [ValueID: String] = [:]
  private var lines: [(name: String, text: String)] = []
  /// What the computation gives so far: the operands of a `return`.
  var results: [String] = []

  init(of function: Function) { self.function = function }

  mutating func append(_ name: String, _ text: String) { lines.append((name, text)) }

  mutating func define(_ value: ValueID, as name: String) { names[value] = name }

  /// The instruction that `value` is, if it is one of this computation.
  subscript(value: ValueID) -> String? { names[value] }

  /// The text, with `root` marked, which comes last.
  func text(name: String, signature: String, root: String, isEntry: Bool) -> String {
    var text = "\(isEntry ? "ENTRY " : "")\(name) \(signature) {\n"
    for line in lines {
      text += "  \(line.name == root ? "ROOT " : "")\(line.name) = \(line.text)\n"
    }
    return text + "}\n\n"
  }
}
