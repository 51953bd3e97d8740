/// A primitive that can leave out results that nothing reads, and operands that then serve nothing.
public protocol PrunablePrimitive: Primitive {
  /// The primitive that computes the `kept` results, which results it has, and which operands it
  /// takes.
  func pruned(_ kept: [Bool]) -> (
    primitive: any Primitive, results: [Bool], usedOperands: [Bool]
  )
}

extension ClosedJaxpr {
  private struct PruningKey: Hashable {
    var kept: [Bool]
    var keepsInputs: Bool
  }

  private struct Pruning {
    var jaxpr: ClosedJaxpr
    var used: [Bool]
  }

  /// The function with the `kept` results and the equations that these need; and which parameters
  /// are left. The same object every time.
  public func pruned(_ kept: [Bool], keepsInputs: Bool) -> (jaxpr: ClosedJaxpr, used: [Bool]) {
    let result = memoized(PruningKey(kept: kept, keepsInputs: keepsInputs)) {
      makePruning(kept, keepsInputs)
    }
    return (result.jaxpr, result.used)
  }

  private func makePruning(_ kept: [Bool], _ keepsInputs: Bool) -> Pruning {
    let results = zip(outvars, kept).filter(\.1).map(\.0)
    var live = Set(results.compactMap(\.variable))
    var remaining: [Equation] = []
    for equation in equations.reversed() {
      let needed = equation.outputs.map { live.contains($0) }
      guard needed.contains(true) || !equation.primitive.effects.isEmpty else { continue }
      var equation = equation
      if let primitive = equation.primitive as? any PrunablePrimitive {
        let (smaller, results, used) = primitive.pruned(needed)
        equation.primitive = smaller
        equation.outputs = zip(equation.outputs, results).filter(\.1).map(\.0)
        equation.inputs = zip(equation.inputs, used).filter(\.1).map(\.0)
      }
      live.formUnion(equation.inputs.compactMap(\.variable))
      remaining.append(equation)
    }
    let used = invars.map { keepsInputs || live.contains($0) }
    let constants = zip(constvars, consts).filter { live.contains($0.0) }
    let jaxpr = ClosedJaxpr(
      constvars: constants.map(\.0), consts: constants.map(\.1),
      invars: zip(invars, used).filter(\.1).map(\.0), equations: remaining.reversed(),
      outvars: results, types: types)
    return Pruning(jaxpr: jaxpr, used: used)
  }
}
