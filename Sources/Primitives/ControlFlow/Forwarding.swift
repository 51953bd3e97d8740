import Core

// Loops and branches whose results are operands: these need no carrying, stacking or selecting.
// What JAX prints shows the smaller equations.

extension ClosedJaxpr {
  /// For each result, the parameter that it is, if it is one.
  var forwarded: [Int?] {
    var positions: [Var: Int] = [:]
    for (index, variable) in invars.enumerated() { positions[variable] = index }
    return outvars.map { $0.variable.flatMap { positions[$0] } }
  }

  /// Which parameters the results depend on.
  fileprivate var used: [Bool] {
    var live = Set(outvars.compactMap(\.variable))
    for equation in equations.reversed()
    where !equation.primitive.effects.isEmpty || equation.outputs.contains(where: live.contains) {
      live.formUnion(equation.inputs.compactMap(\.variable))
    }
    return invars.map(live.contains)
  }

  /// The function with its parameters and results picked anew; the same object every time.
  func picking(inputs: [Int], outputs: [Int]) -> ClosedJaxpr {
    memoized([inputs, outputs]) { reorderingInputs(inputs).reorderingOutputs(outputs) }
  }
}

extension Scan {
  /// Binds the loop: carried values that never change become constants, and stacks that are the
  /// slices that were read are these.
  public func bindForwarding(_ operands: [Value]) throws -> [Value] {
    let sliceStart = constCount + carryCount
    let forwarded = jaxpr.forwarded
    let carry = 0..<carryCount
    let constant = carry.map { forwarded[$0] == constCount + $0 }
    let stacked = (carryCount..<jaxpr.outvars.count).map { result -> Int? in
      forwarded[result].flatMap { $0 >= sliceStart ? $0 : nil }
    }
    guard constant.contains(true) || stacked.contains(where: { $0 != nil }) else {
      return try bind(self, operands)
    }
    let moved = carry.filter { constant[$0] }.map { constCount + $0 }
    let kept = carry.filter { !constant[$0] }.map { constCount + $0 }
    let order = moved + Array(0..<constCount) + kept + Array(sliceStart..<operands.count)
    let outputs =
      carry.filter { !constant[$0] }
      + stacked.indices.filter { stacked[$0] == nil }.map { carryCount + $0 }
    var results = try bind(
      Scan(
        jaxpr: jaxpr.picking(inputs: order, outputs: outputs), length: length, reverse: reverse,
        constCount: constCount + moved.count, carryCount: kept.count, unroll: unroll),
      order.map { operands[$0] })[...]
    return carry.map { constant[$0] ? operands[constCount + $0] : results.removeFirst() }
      + stacked.map { $0.map { operands[$0] } ?? results.removeFirst() }
  }
}

extension WhileLoop {
  /// Binds the loop: carried values that never change, and that the condition does not read,
  /// become constants of the body.
  public func bindForwarding(_ operands: [Value]) throws -> [Value] {
    let forwarded = body.forwarded
    let read = condition.used.dropFirst(conditionConstCount)
    let constant = zip(forwarded.indices, read).map { index, read in
      forwarded[index] == bodyConstCount + index && !read
    }
    guard constant.contains(true) else { return try bind(self, operands) }
    let carry = constant.indices
    let moved = carry.filter { constant[$0] }
    let kept = carry.filter { !constant[$0] }
    let carryStart = conditionConstCount + bodyConstCount
    let bodyInputs =
      moved.map { bodyConstCount + $0 } + Array(0..<bodyConstCount)
      + kept.map { bodyConstCount + $0 }
    let conditionInputs =
      Array(0..<conditionConstCount) + kept.map { conditionConstCount + $0 }
    let loop = WhileLoop(
      condition: condition.picking(inputs: conditionInputs, outputs: [0]),
      body: body.picking(inputs: bodyInputs, outputs: kept),
      conditionConstCount: conditionConstCount, bodyConstCount: bodyConstCount + moved.count)
    var results = try bind(
      loop,
      operands[..<conditionConstCount] + moved.map { operands[carryStart + $0] }
        + operands[conditionConstCount..<carryStart] + kept.map { operands[carryStart + $0] })[...]
    return carry.map { constant[$0] ? operands[carryStart + $0] : results.removeFirst() }
  }
}

extension Cond {
  /// Binds the selection: results that are the same operand in every branch are that operand.
  public func bindForwarding(_ operands: [Value]) throws -> [Value] {
    let forwarded = branches.map(\.forwarded)
    let common = forwarded[0].indices.map { result in
      forwarded.allSatisfy { $0[result] == forwarded[0][result] } ? forwarded[0][result] : nil
    }
    guard common.contains(where: { $0 != nil }) else { return try bind(self, operands) }
    let inputs = Array(branches[0].invars.indices)
    let outputs = common.indices.filter { common[$0] == nil }
    var results = try bind(
      with(branches.map { $0.picking(inputs: inputs, outputs: outputs) }), operands)[...]
    return common.map { $0.map { operands[1 + $0] } ?? results.removeFirst() }
  }
}
