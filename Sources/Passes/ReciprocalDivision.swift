import HLO
import Support
import Tensor

/// Divides by what is broadcast, or constant, through its reciprocal: one division for each
/// divisor, and a product for each element.
///
///     %b = broadcast_in_dim %d
///     %r = divide %x, %b      // becomes multiply %x, (broadcast_in_dim (divide 1, %d))
///
/// The result may differ from the quotient in the last place. XLA does the same, so that programs
/// print the same numbers.
public let reciprocalDivision = Pass<Module>(
  "reciprocal-division", "multiply by the reciprocals of divisors that are broadcast or constant"
) { module in
  module.forEachFunction { function in
    Rewriter.run(on: &function, at: { $0 == .binary(.divide) }) { rewriter, id in
      let operation = rewriter.operation(id)
      guard let type = rewriter.type(of: operation.operands[0]),
        type.element == .f16 || type.element == .f32 || type.element == .f64,
        rewriter.constant(operation.operands[0]) == nil,
        let reciprocal = reciprocal(of: operation.operands[1], type, &rewriter)
      else { return .keep }
      return .update(.binary(.multiply), [operation.operands[0], reciprocal])
    }
  }
}

/// The reciprocal of `divisor` where it costs less than dividing, else `nil`.
private func reciprocal(of divisor: ValueID, _ type: TensorType, _ rewriter: inout Rewriter)
  -> ValueID?
{
  if let splat = rewriter.splat(divisor) {
    let inverse: HostTensor
    switch type.element {
    case .f16: inverse = HostTensor(scalar: Float16(1 / Float(splat[0].double)))
    case .f32: inverse = HostTensor(scalar: 1 / Float(splat[0].double))
    default: inverse = HostTensor(scalar: 1 / splat[0].double)
    }
    return rewriter.insert(
      .constant(Constant(splat: inverse, shape: type.shape)), [], type: type)
  }
  guard let definition = rewriter.definition(of: divisor),
    case .broadcastInDim(let dimensions) = definition.op,
    let inner = rewriter.type(of: definition.operands[0]),
    inner.shape.count < type.shape.count
  else { return nil }
  let one = HostTensor(.float(1), type: type.element)
  let ones = rewriter.insert(
    .constant(Constant(splat: one, shape: inner.shape)), [], type: inner)
  let quotient = rewriter.insert(.binary(.divide), [ones, definition.operands[0]], type: inner)
  return rewriter.insert(.broadcastInDim(dimensions: dimensions), [quotient], type: type)
}
