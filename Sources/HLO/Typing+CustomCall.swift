import Support
import Tensor

// What a custom call says of memory. The specification does not number these constraints.
extension Typing {
  func customCall(_ attributes: CustomCallAttributes) throws(Diagnostic) -> [ValueType] {
    let results = try statedTypes()
    try layouts(attributes, results)
    for alias in attributes.outputOperandAliases ?? [] { try check(alias, results) }
    switch attributes.backendConfig {
    case .dictionary?:
      try require(
        attributes.apiVersion == 4, "backend_config",
        "it is a dictionary, where api_version \(attributes.apiVersion ?? 1) wants a string")
    case .string?:
      try require(
        attributes.apiVersion != 4, "backend_config",
        "it is a string, where api_version 4 wants a dictionary")
    default: break
    }
    return results
  }

  private func layouts(
    _ attributes: CustomCallAttributes, _ results: [ValueType]
  ) throws(Diagnostic) {
    try require(
      (attributes.operandLayouts == nil) == (attributes.resultLayouts == nil), "layouts",
      "operands and results have layouts, or neither has")
    guard let given = attributes.operandLayouts, let given2 = attributes.resultLayouts else {
      return
    }
    // The parts of the only result have layouts of their own.
    var parts = results
    if results.count == 1, case .tuple(let types) = results[0] { parts = types }
    for (types, layouts, what) in [(operands, given, "operand"), (parts, given2, "result")] {
      try require(
        types.count == layouts.count, "layouts",
        "\(types.count) \(what)s have \(layouts.count) layouts")
      for (type, layout) in zip(types, layouts) {
        switch type {
        case .tensor(let tensor):
          try require(
            layout.sorted() == Array(0..<tensor.rank), "layouts",
            "\(layout) is no order of the axes of \(tensor)")
        case .tuple: throw violation("layouts", "tuples have none, such as \(what) \(type)")
        case .token, .future:
          try require(layout.isEmpty, "layouts", "\(type) has the layout \(layout)")
        }
      }
    }
  }

  private func check(
    _ alias: OutputOperandAlias, _ results: [ValueType]
  ) throws(Diagnostic) {
    func part(_ whole: ValueType, _ indices: [Int], _ what: String) throws(Diagnostic) -> ValueType
    {
      var part = whole
      for index in indices {
        guard case .tuple(let types) = part, types.indices.contains(index) else {
          throw violation("output_operand_aliases", "there is no part \(indices) of the \(what)")
        }
        part = types[index]
      }
      return part
    }
    guard operands.indices.contains(alias.operandIndex) else {
      throw violation(
        "output_operand_aliases",
        "operand_index \(alias.operandIndex) is not in 0..<\(operands.count)")
    }
    // Several results are the parts of one.
    let whole = results.count == 1 ? results[0] : .tuple(results)
    let output = try part(whole, alias.output, "result")
    let operand = try part(operands[alias.operandIndex], alias.operand, "operand")
    try require(
      output == operand, "output_operand_aliases", "the part \(output) aliases \(operand)")
  }
}
