import HLO
import Support
import Tensor

/// Moves broadcasts, reshapes and transposes behind the elementwise operations that use them, towards
/// others that they may meet, or to where nothing needs them.
///
///     %1 = broadcast_in_dim %a              %1 = exponential %a
///     %2 = exponential %1                   %2 = broadcast_in_dim %1
///
///     %3 = transpose %x                     %3 = add %x, %y
///     %4 = transpose %y                     %4 = transpose %3
///     %5 = add %3, %4
///
/// All operands have to be moved alike, or be of equal elements. A broadcast is moved even if it has
/// other uses, since there is less to compute before it; a transpose or reshape is not, because its
/// result would have to be computed all the same.
public let movementSinking = Pass<Module>(
  "movement", "move broadcasts, reshapes and transposes behind elementwise operations"
) { module in
  module.forEachFunction { function in
    // Nothing moves where there is nothing to move.
    guard function.operations.elements.contains(where: { $0.op.isSinkable }) else { return false }
    return Rewriter.run(on: &function, at: \.isElementwise, sinkMovement)
  }
}

private func sinkMovement(_ rewriter: inout Rewriter, _ id: OperationID) -> Rewrite {
  let operation = rewriter.operation(id)
  guard let result = rewriter.type(of: operation.result), result.isStatic, result.rank > 0
  else { return .keep }
  // A scalar predicate or bound stands beside arrays.
  guard operation.operands.allSatisfy({ rewriter.type(of: $0)?.shape == result.shape }) else {
    return .keep
  }
  var movement: (op: Op, shape: Shape)?
  for operand in operation.operands where rewriter.splat(operand) == nil {
    guard let inner = rewriter.definition(of: operand), inner.op.isSinkable,
      let source = rewriter.type(of: inner.operands[0])
    else { return .keep }
    if case .broadcastInDim = inner.op {
      if source.count >= result.count { return .keep }
    } else if !rewriter.isUsedOnce(operand) {
      return .keep
    }
    if let movement, movement.op != inner.op || movement.shape != source.shape { return .keep }
    movement = (inner.op, source.shape)
  }
  guard let movement else { return .keep }
  let operands = operation.operands.map { operand -> ValueID in
    let element = rewriter.type(of: operand)?.element ?? result.element
    let type = TensorType(movement.shape, element)
    if let splat = rewriter.splat(operand) {
      return rewriter.insert(
        .constant(Constant(splat: splat, shape: movement.shape)), [], type: type)
    }
    return rewriter.definition(of: operand)?.operands[0] ?? operand
  }
  let moved = rewriter.insert(
    operation.op, Operands(operands), type: TensorType(movement.shape, result.element))
  return .update(movement.op, [moved])
}

extension Op {
  fileprivate var isSinkable: Bool {
    switch self {
    case .broadcastInDim, .reshape, .transpose: true
    default: false
    }
  }
}
