import Core
import HLO
import Tensor
import Transforms

extension LoweringContext {
  /// Lowers by a definition in terms of other primitives, traced at the types of the operands.
  func expand(_ operands: [ValueID], _ definition: FlatFunction) throws -> [ValueID] {
    try inline(stage(inAvals, definition), operands)
  }
}

/// Applies `body` while `condition`, a scalar Boolean, holds.
func whileLoop(
  _ initial: [Value], condition: @escaping ([Value]) throws -> Value,
  body: @escaping FlatFunction
) throws -> [Value] {
  let avals = initial.map(\.aval)
  let conditionJaxpr = try stage(avals) { [try condition($0)] }
  let bodyJaxpr = try stage(avals, body)
  let (closedCondition, conditionConsts) = hoistConstants(conditionJaxpr)
  let (closedBody, bodyConsts) = hoistConstants(bodyJaxpr)
  return try bind(
    WhileLoop(
      condition: closedCondition, body: closedBody, conditionConstCount: conditionConsts.count,
      bodyConstCount: bodyConsts.count), conditionConsts + bodyConsts + initial)
}
