extension XLAPrinter {
  /// A loop over one tuple: the carried values, and those from outside, which do not change.
  mutating func emitWhile(
    _ operation: Operation, _ operands: [String], _ location: Location,
    _ body: inout XLAComputation
  ) throws {
    let function = body.function
    let outside = Set(operation.regions.flatMap { captured(by: $0, in: function) }).sorted()
    let condition = try tupled(
      operation.regions[0], named: "while_condition", outside: outside, returning: false,
      in: function)
    let step = try tupled(
      operation.regions[1], named: "while_body", outside: outside, returning: true, in: function)
    let types = Array(operation.operands) + outside
    let shape = xlaTuple(types.map(function.type(of:)))
    let values = operands + outside.compactMap { body[$0] }
    let initial = add("tuple(\(values.joined(separator: ", ")))", as: "tuple", shape, to: &body)
    let whole = add(
      "while(\(initial)), condition=\(condition), body=\(step)", as: "while", shape, at: location,
      to: &body)
    unpack(whole, into: operation.results, &body)
  }

  /// A choice between computations, each of which takes a tuple of what it uses from outside.
  mutating func emitConditional(
    _ operation: Operation, _ operands: [String], _ location: Location,
    _ body: inout XLAComputation
  ) throws {
    let function = body.function
    var branches: [String] = []
    var arguments: [String] = []
    for region in operation.regions {
      let outside = captured(by: region, in: function)
      branches.append(
        try tupled(region, named: "branch", outside: outside, returning: false, in: function))
      let values = outside.compactMap { body[$0] }
      arguments.append(
        add(
          "tuple(\(values.joined(separator: ", ")))", as: "tuple",
          xlaTuple(outside.map(function.type(of:))), to: &body))
    }
    let computations =
      operation.op == .if
      ? "true_computation=\(branches[0]), false_computation=\(branches[1])"
      : "branch_computations={\(branches.joined(separator: ", "))}"
    let types = operation.results.map(function.type(of:))
    let whole = add(
      "conditional(\((operands + arguments).joined(separator: ", "))), \(computations)",
      as: "conditional", xlaShape(of: types), at: location, to: &body)
    if types.count == 1 {
      body.define(operation.results[0], as: whole)
    } else {
      unpack(whole, into: operation.results, &body)
    }
  }
}
