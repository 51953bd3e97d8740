import Support
import Tensor

extension Function {
  /// All defects: violated constraints, uses before definitions, missing ends.
  ///
  /// `callees` gives the types of the module's functions.
  public func defects(
    callees: (String) -> (arguments: [ValueType], results: [ValueType])? = { _ in nil }
  ) -> [Diagnostic] {
    var defects: [Diagnostic] = []
    var isDefined = [Bool](repeating: false, count: values.count)
    var reported = Set<OperationID>()

    func report(_ message: String, _ operation: OperationID?) {
      if let operation, !reported.insert(operation).inserted { return }
      let span = operation.flatMap { locations[$0].span }
      defects.append(Diagnostic(.error, message, at: span))
    }

    // A region's operations are visited in order; leaving a region ends the scope of its values.
    enum Step {
      case enter(RegionID)
      case operation(OperationID, isLast: Bool)
      case leave(RegionID)
    }
    var stack: [Step] = [.enter(body)]
    while let step = stack.popLast() {
      switch step {
      case .enter(let region):
        for argument in regions[region].arguments { isDefined[argument.index] = true }
        let list = regions[region].operations
        if list.isEmpty { report("@\(name): a region does not end", nil) }
        stack.append(.leave(region))
        for (index, id) in list.enumerated().reversed() {
          stack.append(.operation(id, isLast: index == list.count - 1))
        }
      case .leave(let region):
        for argument in regions[region].arguments { isDefined[argument.index] = false }
        for id in regions[region].operations {
          for result in operations[id].results { isDefined[result.index] = false }
        }
      case .operation(let id, let isLast):
        let operation = operations[id]
        let isReturn = operation.op == .return
        if isReturn != isLast {
          report("\(operation.op.mnemonic): a region ends with its only return", id)
        }
        for operand in operation.operands where !isDefined[operand.index] {
          report("\(operation.op.mnemonic): an operand is used before its definition", id)
        }
        do {
          _ = try resultTypesOf(
            operation.op, operands: operation.operands.map { values[$0].type },
            regions: operation.regions.map(signature(of:)),
            stated: operation.results.map { values[$0].type },
            known: { integers(of: operation.operands[$0]) })
        } catch {
          report(error.message, id)
        }
        if let message = accuracyDefect(of: id) { report(message, id) }
        if let callee = operation.op.callee, let type = callees(callee) {
          let arguments = operation.operands.map { values[$0].type }
          let results = operation.results.map { values[$0].type }
          if arguments != type.arguments || results != type.results {
            let rule = if case .composite = operation.op { "composite.C3" } else { "call" }
            report(
              "\(rule): @\(callee) has type \(type.arguments) -> \(type.results), not "
                + "\(arguments) -> \(results)", id)
          }
        }
        for result in operation.results { isDefined[result.index] = true }
        for region in operation.regions.reversed() { stack.append(.enter(region)) }
      }
    }
    if let last = terminator(of: body), operations[last].op == .return {
      let types = operations[last].operands.map { values[$0].type }
      if types != resultTypes {
        report("@\(name) returns \(types), not \(resultTypes)", last)
      }
    }
    return defects
  }
}

extension Function {
  /// What is wrong with a `result_accuracy`: only the mode `TOLERANCE` has tolerances.
  private func accuracyDefect(of id: OperationID) -> String? {
    guard case .opaque(let text)? = operationAttributes[id]?["result_accuracy"],
      let mode = ["HIGHEST", "DEFAULT"].first(where: { text.contains("<\($0)>") })
    else { return nil }
    for name in ["atol", "rtol", "ulps"] {
      guard let field = text.firstRange(of: "\(name) = ") else { continue }
      let number = text[field.upperBound...].prefix { $0 != "," && $0 != ">" }
      if Double(number) != 0 {
        let operation = operations[id].op.mnemonic.split(separator: ".").last ?? ""
        return "\(operation).result_accuracy: \(name) is \(number) in the mode \(mode)"
      }
    }
    return nil
  }

  /// The elements of a constant of integers.
  private func integers(of value: ValueID) -> [Int]? {
    guard case .result(let id, _) = values[value].definition,
      case .constant(let constant) = operations[id].op, constant.type.element.isInteger,
      constant.type.count <= 64
    else { return nil }
    let tensor = constant.tensor
    return (0..<tensor.count).map { Int(truncatingIfNeeded: tensor[$0].int) }
  }
}

extension Module {
  /// All defects of all functions.
  public func defects() -> [Diagnostic] {
    var types: [String: (arguments: [ValueType], results: [ValueType])] = [:]
    var defects: [Diagnostic] = []
    for function in functions {
      if types.updateValue((function.argumentTypes, function.resultTypes), forKey: function.name)
        != nil
      {
        defects.append(Diagnostic(.error, "@\(function.name) is defined twice"))
      }
    }
    for function in functions {
      defects += function.defects { types[$0] }
      for operation in function.operationsInOrder() {
        let op = function.operations[operation].op
        if let callee = op.callee, types[callee] == nil {
          let name = op.mnemonic.split(separator: ".").last ?? ""
          defects.append(
            Diagnostic(
              .error, "\(name): there is no @\(callee)", at: function.locations[operation].span))
        }
      }
    }
    return defects
  }
}
