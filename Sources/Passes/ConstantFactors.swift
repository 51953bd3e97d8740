import HLO
import Support
import Tensor

/// Multiplies the constant factors of a product with each other, or with a factor that is broadcast,
/// and adds the constant terms of a sum: one product, or sum, for each element is saved.
///
///     %p = multiply %x, 0.3
///     %r = multiply %p, (broadcast_in_dim %a)   // becomes multiply %x, (broadcast_in_dim
///                                               //                       (multiply %a, 0.3))
///
/// The result may differ in the last place. XLA does the same, so that programs print the same
/// numbers.
public let constantFactors = Pass<Module>(
  "constant-factors", "multiply constant factors with each other or with what is broadcast"
) { module in
  module.forEachFunction { function in
    Rewriter.run(on: &function, at: { $0 == .binary(.multiply) || $0 == .binary(.add) }) {
      rewriter, id in
      let operation = rewriter.operation(id)
      for (inner, other) in [(0, 1), (1, 0)] {
        guard
          let (rest, constant) = parts(
            of: operation.operands[inner], operation.op, rewriter),
          let combined = combined(operation.op, constant, operation.operands[other], &rewriter)
        else { continue }
        return .update(operation.op, [rest, combined])
      }
      return .keep
    }
  }
}

/// `value` as `rest ∘ constant`, of which the elements of the constant are equal.
private func parts(of value: ValueID, _ op: Op, _ rewriter: Rewriter) -> (
  rest: ValueID, constant: HostTensor
)? {
  guard let type = rewriter.type(of: value),
    type.element == .f16 || type.element == .f32 || type.element == .f64,
    let definition = rewriter.definition(of: value), definition.op == op
  else { return nil }
  for (constant, rest) in [(0, 1), (1, 0)] {
    if rewriter.constant(definition.operands[rest]) == nil,
      let splat = rewriter.splat(definition.operands[constant])
    {
      return (definition.operands[rest], splat)
    }
  }
  return nil
}

/// `constant ∘ value` where that is a constant too, or smaller than its elements are many.
private func combined(
  _ op: Op, _ constant: HostTensor, _ value: ValueID, _ rewriter: inout Rewriter
) -> ValueID? {
  guard let type = rewriter.type(of: value) else { return nil }
  if let splat = rewriter.splat(value) {
    let (x, y) = (splat[0].double, constant[0].double)
    // The sum, or the product, of two halves or singles is exact enough in twice the precision.
    let scalar = HostTensor(.float(op == .binary(.add) ? x + y : x * y), type: type.element)
    return rewriter.insert(.constant(Constant(splat: scalar, shape: type.shape)), [], type: type)
  }
  guard op == .binary(.multiply), let definition = rewriter.definition(of: value),
    case .broadcastInDim(let dimensions) = definition.op,
    let inner = rewriter.type(of: definition.operands[0]), inner.shape.count < type.shape.count
  else { return nil }
  let factors = rewriter.insert(
    .constant(Constant(splat: constant, shape: inner.shape)), [], type: inner)
  let product = rewriter.insert(
    .binary(.multiply), [definition.operands[0], factors], type: inner)
  return rewriter.insert(.broadcastInDim(dimensions: dimensions), [product], type: type)
}
