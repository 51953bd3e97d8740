import Core
import Tensor
import Transforms

// How control flow runs on the host, equation by equation, when it contains callbacks.

extension Jit {
  public func run(_ operands: [Value]) throws -> [Value] { try evaluate(jaxpr, operands) }
}

extension Remat {
  public func run(_ operands: [Value]) throws -> [Value] { try evaluate(jaxpr, operands) }
}

extension Cond {
  public func run(_ operands: [Value]) throws -> [Value] {
    let index = try integer(operands[0])
    return try evaluate(
      branches[min(max(index, 0), branches.count - 1)], Array(operands.dropFirst()))
  }
}

extension WhileLoop {
  public func run(_ operands: [Value]) throws -> [Value] {
    let conditionConsts = Array(operands.prefix(conditionConstCount))
    let bodyConsts = Array(operands[conditionConstCount...].prefix(bodyConstCount))
    var carried = Array(operands.dropFirst(conditionConstCount + bodyConstCount))
    while true {
      let holds = try evaluate(condition, conditionConsts + carried)[0]
      if holds.rank > 0 {
        // Each element stops by itself.
        let any = try bind1(Reduce(.or, axes: Array(0..<holds.rank)), holds)
        if try integer(any) == 0 { return carried }
        let next = try evaluate(body, bodyConsts + carried)
        carried = try zip(next, carried).map {
          try bind1(SelectN(), repeatTrailing(holds, to: $0.shape), $1, $0)
        }
      } else {
        if try integer(holds) == 0 { return carried }
        carried = try evaluate(body, bodyConsts + carried)
      }
    }
  }
}

extension Scan {
  public func run(_ operands: [Value]) throws -> [Value] {
    let consts = Array(operands.prefix(constCount))
    var carried = Array(operands[constCount...].prefix(carryCount))
    let slices = Array(operands.dropFirst(constCount + carryCount))
    var stacks: [[Value]] = jaxpr.outvars.dropFirst(carryCount).map { _ in [] }
    for step in 0..<length {
      let index = reverse ? length - 1 - step : step
      let own = try slices.map { value -> Value in
        var starts = value.shape.dimensions.map { _ in 0 }
        var limits = value.shape.dimensions
        starts[0] = index
        limits[0] = index + 1
        return try bind1(Squeeze([0]), bind1(Slice(starts: starts, limits: limits), value))
      }
      let results = try evaluate(jaxpr, consts + carried + own)
      carried = Array(results.prefix(carryCount))
      for (column, result) in results.dropFirst(carryCount).enumerated() {
        stacks[column].append(result)
      }
    }
    let joined = try zip(stacks, jaxpr.outAvals.dropFirst(carryCount)).map { column, aval in
      if column.isEmpty { return try zeros(aval.with(shape: Shape([0] + aval.shape.dimensions))) }
      return try bind(Stack(0), reverse ? column.reversed() : column)[0]
    }
    return carried + joined
  }
}

/// The value of a concrete scalar.
private func integer(_ value: Value) throws -> Int {
  guard let array = value.concrete else {
    throw RaisedError(.concretizationTypeError, "a traced value decides what runs on the host")
  }
  return try array.tensor()[0].int
}
