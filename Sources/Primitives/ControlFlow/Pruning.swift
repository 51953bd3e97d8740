import Core

// What loops and branches compute although nothing reads it is left out, as in JAX's lowered text.

extension Cond: PrunablePrimitive {
  public func pruned(_ kept: [Bool]) -> (
    primitive: any Primitive, results: [Bool], usedOperands: [Bool]
  ) {
    let read = branches.map { $0.pruned(kept, keepsInputs: false).used }
    let used = branches[0].invars.indices.map { index in read.contains { $0[index] } }
    let inputs = used.indices.filter { used[$0] }
    let smaller = branches.map { branch in
      let whole = branch.pruned(kept, keepsInputs: true).jaxpr
      return whole.picking(inputs: inputs, outputs: Array(whole.outvars.indices))
    }
    return (with(smaller), kept, [true] + used)
  }
}

extension Scan: PrunablePrimitive {
  /// A carried value stays where its last value or any other that stays depends on it.
  public func pruned(_ kept: [Bool]) -> (
    primitive: any Primitive, results: [Bool], usedOperands: [Bool]
  ) {
    let carried = constCount..<(constCount + carryCount)
    var results = kept
    var used: [Bool]
    while true {
      used = jaxpr.pruned(results, keepsInputs: false).used
      var next = results
      for (index, operand) in carried.enumerated() where used[operand] { next[index] = true }
      if next == results { break }
      results = next
    }
    for (index, operand) in carried.enumerated() where results[index] { used[operand] = true }
    let whole = jaxpr.pruned(results, keepsInputs: true).jaxpr
    let body = whole.picking(
      inputs: used.indices.filter { used[$0] }, outputs: Array(whole.outvars.indices))
    return (
      Scan(
        jaxpr: body, length: length, reverse: reverse,
        constCount: used[..<constCount].count { $0 }, carryCount: used[carried].count { $0 },
        unroll: unroll), results, used
    )
  }
}
