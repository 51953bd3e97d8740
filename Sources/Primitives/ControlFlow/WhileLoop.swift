import Core
import HLO
import Tensor
import Transforms

/// `while[cond_jaxpr body_jaxpr …] conds… consts… x…`: applies `body` while `condition` holds.
///
/// The condition may have the shape of leading axes of the carried values: then each element
/// stops by itself (`vmap` of a loop).
public struct WhileLoop: HigherOrderPrimitive, HostPrimitive {
  public var name: String { "while" }

  public let condition: ClosedJaxpr
  public let body: ClosedJaxpr
  public let conditionConstCount: Int
  public let bodyConstCount: Int

  public init(
    condition: ClosedJaxpr, body: ClosedJaxpr, conditionConstCount: Int, bodyConstCount: Int
  ) {
    self.condition = condition
    self.body = body
    self.conditionConstCount = conditionConstCount
    self.bodyConstCount = bodyConstCount
  }

  public init(_ reader: ParameterReader) throws {
    self.init(
      condition: try reader.jaxpr("cond_jaxpr"), body: try reader.jaxpr("body_jaxpr"),
      conditionConstCount: try reader.int("cond_nconsts"),
      bodyConstCount: try reader.int("body_nconsts"))
  }

  public var parameters: [Parameter] {
    [
      Parameter("cond_nconsts", .int(conditionConstCount)),
      Parameter("cond_jaxpr", .jaxpr(condition)), Parameter("body_nconsts", .int(bodyConstCount)),
      Parameter("body_jaxpr", .jaxpr(body)),
    ]
  }

  public var effects: [Effect] {
    body.effects + condition.effects.filter { !body.effects.contains($0) }
  }

  private var constCount: Int { conditionConstCount + bodyConstCount }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { body.outAvals }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let bodyConsts = Array(tangents[conditionConstCount..<constCount])
    let constNonzero = bodyConsts.map { !$0.isZero }
    var carryNonzero = tangents.dropFirst(constCount).map { !$0.isZero }
    while true {
      let next = try jvpJaxpr(
        body, nonzero: constNonzero + carryNonzero, instantiate: carryNonzero
      ).nonzero
      if next == carryNonzero { break }
      carryNonzero = next
    }
    let derivative = try jvpJaxpr(
      body, nonzero: constNonzero + carryNonzero, instantiate: carryNonzero
    ).jaxpr
    let carryCount = carryNonzero.count
    let movingConsts = constNonzero.count { $0 }
    let movingCarry = carryNonzero.count { $0 }
    // Reorders the operands of the derivative: constants and their tangents come first.
    let order =
      Array(0..<bodyConstCount)
      + (0..<movingConsts).map { bodyConstCount + carryCount + $0 }
      + (0..<carryCount).map { bodyConstCount + $0 }
      + (0..<movingCarry).map { bodyConstCount + carryCount + movingConsts + $0 }
    let newBody = derivative.reorderingInputs(order)
    let newCondition = condition.appendingInputs(
      zip(body.outAvals, carryNonzero).filter(\.1).map(\.0.tangent))
    let carryTangents = try zip(tangents.dropFirst(constCount), carryNonzero).filter(\.1).map {
      try instantiate($0.0)
    }
    let results = try bind(
      WhileLoop(
        condition: newCondition, body: newBody, conditionConstCount: conditionConstCount,
        bodyConstCount: bodyConstCount + movingConsts),
      Array(primals.prefix(constCount)) + bodyConsts.compactMap(\.value)
        + primals.dropFirst(constCount) + carryTangents)
    let primalsOut = Array(results.prefix(carryCount))
    var rest = results.dropFirst(carryCount)
    return (
      primalsOut,
      zip(primalsOut, carryNonzero).map {
        $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent)
      }
    )
  }

  public func linearize(_ primals: [Value], nonzero: [Bool]) throws -> Linearization {
    throw RaisedError.value(
      "Reverse-mode differentiation does not work for lax.while_loop or lax.fori_loop with "
        + "dynamic start/stop values. Try using lax.scan, or using fori_loop with static "
        + "start/stop.")
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let conditionDims = Array(dims.prefix(conditionConstCount))
    let bodyDims = Array(dims[conditionConstCount..<constCount])
    var carry = dims.dropFirst(constCount).map { $0 != nil }
    func axes(_ flags: [Bool]) -> [Int?] { flags.map { $0 ? 0 : nil } }

    // The mapped values of the loop: those that are so at the start, or become so.
    var isConditionMapped = false
    while true {
      let unforced = [false]
      isConditionMapped =
        try batchJaxpr(
          condition, dims: conditionDims + axes(carry), size: size, forced: unforced
        ).dims[0] != nil
      if isConditionMapped { carry = carry.map { _ in true } }
      let next = try batchJaxpr(
        body, dims: bodyDims + axes(carry), size: size, forced: carry
      ).dims.map { $0 != nil }
      if next == carry { break }
      carry = zip(carry, next).map { $0 || $1 }
    }
    let newCondition = try batchJaxpr(
      condition, dims: conditionDims + axes(carry), size: size, forced: [isConditionMapped]
    ).jaxpr
    let newBody = try batchJaxpr(
      body, dims: bodyDims + axes(carry), size: size, forced: carry
    ).jaxpr
    let moved = try zip(zip(operands, dims).dropFirst(constCount), carry).map { pair, isMapped in
      isMapped ? try moveBatchAxis(pair.0, pair.1, to: 0, size: size) : pair.0
    }
    let results = try bind(
      WhileLoop(
        condition: newCondition, body: newBody, conditionConstCount: conditionConstCount,
        bodyConstCount: bodyConstCount),
      Array(operands.prefix(constCount)) + moved)
    return (results, axes(carry))
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let conditionRank = condition.outAvals[0].rank
    let types = operands.map { builder.type(of: $0) }
    let count = (conditionConstCount, constCount)
    let conditionRegion = try builder.makeRegion(types) { builder, values in
      let holds = try context.part("cond") {
        try context.inline(
          condition, Array(values.prefix(count.0)) + values.dropFirst(count.1))[0]
      }
      if conditionRank == 0 { return [holds] }
      let none = try builder.constant(HostTensor(scalar: false))
      return [try builder.reduce(.or, holds, none, dimensions: Array(0..<conditionRank))]
    }
    let bodyRegion = try builder.makeRegion(types) { builder, values in
      let carried = Array(values.dropFirst(count.1))
      var next = try context.part("body") {
        try context.inline(body, Array(values[count.0..<count.1]) + carried)
      }
      if conditionRank > 0 {
        let holds = try context.part("body_pred") {
          try context.inline(condition, Array(values.prefix(count.0)) + carried)[0]
        }
        next = try zip(next, carried).map { new, old in
          let shape = try builder.tensorType(of: new).dimensions
          let mask = try builder.broadcastInDim(holds, shape, Array(0..<conditionRank))
          return try builder.select(mask, new, old)
        }
      }
      return Array(values.prefix(count.1)) + next
    }
    let results = try builder.emit(
      .while, operands, regions: [conditionRegion, bodyRegion], resultTypes: types)
    return Array(results.dropFirst(constCount))
  }
}

extension ClosedJaxpr {
  /// The same function with parameter `i` at the place of the old parameter `order[i]`.
  func reorderingInputs(_ order: [Int]) -> ClosedJaxpr {
    ClosedJaxpr(
      constvars: constvars, consts: consts, invars: order.map { invars[$0] },
      equations: equations, outvars: outvars, types: types)
  }

  /// The same function with its results in another order, or some of them left out.
  func reorderingOutputs(_ order: [Int]) -> ClosedJaxpr {
    ClosedJaxpr(
      constvars: constvars, consts: consts, invars: invars, equations: equations,
      outvars: order.map { outvars[$0] }, types: types)
  }

  /// The same function with more parameters, which it does not use.
  func appendingInputs(_ avals: [ShapedArray]) -> ClosedJaxpr {
    ClosedJaxpr(
      constvars: constvars, consts: consts,
      invars: invars + avals.indices.map { Var(types.count + $0) }, equations: equations,
      outvars: outvars, types: types + avals)
  }
}
