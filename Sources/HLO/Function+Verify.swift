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
      let span = operation.flatMap { locations[$0].span } ?? locations.function.span
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
        if list.isEmpty && !isDeclaration { report("@\(name): a region does not end", nil) }
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
        if let message = accuracyDefect(of: id) ?? asyncDefect(of: id) { report(message, id) }
        if let callee = operation.op.callee, let type = callees(callee) {
          let arguments = operation.operands.map { values[$0].type }
          let results = operation.results.map { values[$0].type }
          if arguments != type.arguments || results != type.results {
            var rule = "call"
            if case .composite = operation.op {
              rule = arguments != type.arguments ? "composite.C3" : "composite.C4"
            }
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

  /// What is wrong with the region of an `async_start`: it does one thing with what it takes.
  private func asyncDefect(of id: OperationID) -> String? {
    guard operations[id].op == .asyncStart, let region = operations[id].regions.first else {
      return nil
    }
    let (list, arguments) = (regions[region].operations, regions[region].arguments)
    guard list.count == 2 else {
      return "async_start.C1: the region has \(list.count - 1) operations and a return"
    }
    let inner = operations[list[0]]
    guard inner.op.mayBeAsynchronous else {
      return "async_start.C2: \(inner.op.mnemonic) cannot run asynchronously"
    }
    // A region without arguments uses the operands themselves.
    let taken = arguments.isEmpty ? Array(operations[id].operands) : arguments
    if !inner.operands.elementsEqual(taken) {
      return "async_start.C3: \(inner.op.mnemonic) takes other operands than async_start"
    }
    return operations[list[1]].operands.elementsEqual(inner.results)
      ? nil : "async_start.C4: the region does not return what \(inner.op.mnemonic) gives"
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
        defects.append(
          Diagnostic(
            .error, "@\(function.name) is defined twice", at: function.locations.function.span))
      }
    }
    do { _ = try callOrder() } catch { defects.append(error) }
    for function in functions {
      defects += function.defects { types[$0] }
      defects += function.parallelDefects { types[$0] }
      for operation in function.operationsInOrder() {
        let op = function.operations[operation].op
        if let callee = op.callee, types[callee] == nil {
          let name = if case .composite = op { "composite.C2" } else { "call" }
          defects.append(
            Diagnostic(
              .error, "\(name): there is no @\(callee)", at: function.locations[operation].span))
        }
      }
    }
    return defects
  }
}

extension Function {
  /// What is wrong with calls of `run_parallel`: programs form a matrix, and take and give together
  /// what the operation does.
  fileprivate func parallelDefects(
    _ callees: (String) -> (arguments: [ValueType], results: [ValueType])?
  ) -> [Diagnostic] {
    operationsInOrder().compactMap { id in
      guard case .check(let check) = operations[id].op, check.name == "interpreter.run_parallel",
        let message = parallelDefect(id, check.attributes, callees)
      else { return nil }
      return Diagnostic(.error, "run_parallel: \(message)", at: locations[id].span)
    }
  }

  private func parallelDefect(
    _ id: OperationID, _ attributes: [NamedAttribute],
    _ callees: (String) -> (arguments: [ValueType], results: [ValueType])?
  ) -> String? {
    func symbols(_ attribute: Attribute?) -> [String]? {
      guard case .array(let elements) = attribute else { return nil }
      return elements.compactMap { if case .symbol(let name) = $0 { name } else { nil } }
    }
    guard case .array(let entries)? = attributes["programs"], !entries.isEmpty else {
      return "there are no programs"
    }
    let rows = entries.map { symbols($0) ?? [] }
    guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else {
      return "the rows of programs differ in length"
    }
    var (taken, given) = (0, 0)
    for name in rows.joined() {
      guard let type = callees(name) else { return "there is no @\(name)" }
      taken += type.arguments.count
      given += type.results.count
    }
    let operation = operations[id]
    if taken != operation.operands.count {
      return "the programs take \(taken) arguments, not \(operation.operands.count)"
    }
    if given != operation.results.count {
      return "the programs give \(given) results, not \(operation.results.count)"
    }
    guard let infeed = attributes["infeed"] else { return nil }
    guard let feeds = symbols(infeed), !feeds.isEmpty else { return "the infeed is empty" }
    for name in feeds {
      guard let type = callees(name) else { return "there is no @\(name)" }
      if type.results.count != 1 || type.results[0].tensor == nil {
        return "@\(name) feeds \(type.results), not one tensor"
      }
    }
    return nil
  }
}
