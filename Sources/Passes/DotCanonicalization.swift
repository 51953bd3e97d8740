import HLO
import Support
import Tensor

/// Brings large matrix products into the form that a library multiplies: batches first, then rows
/// and columns, in a type that it knows.
///
///     %2 = dot_general %0, %1, batching_dims = [1] x [0], …
///
/// becomes
///
///     %3 = transpose %0, [1, 0, 2]
///     %2 = dot_general %3, %1, batching_dims = [0] x [0], …
///
/// Products of `f16` and `bf16` are computed in `f32`, as elsewhere. A product that is only transposed
/// is the product of its operands in the other order.
public let dotCanonicalization = Pass<Module>(
  "canonical-dot", "bring matrix products into the form of a library"
) { module in
  module.forEachFunction { function in
    let swapped = Rewriter.run(on: &function, at: { $0.isTranspose }, swapTransposed)
    return Rewriter.run(on: &function, at: { $0.isProduct }, canonicalizeDot) || swapped
  }
}

extension Op {
  fileprivate var isTranspose: Bool { if case .transpose = self { true } else { false } }
  fileprivate var isProduct: Bool { if case .dotGeneral = self { true } else { false } }
}

/// `transpose (dot a b)`, where rows and columns change places, is `dot b a`.
private func swapTransposed(_ rewriter: inout Rewriter, _ id: OperationID) -> Rewrite {
  let operation = rewriter.operation(id)
  guard case .transpose(let permutation) = operation.op,
    rewriter.isUsedOnce(operation.operands[0]),
    let product = rewriter.definition(of: operation.operands[0]),
    case .dotGeneral(var attributes) = product.op, attributes.algorithm == nil,
    let rank = rewriter.type(of: product.operands[0])?.dimensions.count
  else { return .keep }
  let numbers = attributes.dimensionNumbers
  let batch = numbers.lhsBatching.count
  let rows = rank - batch - numbers.lhsContracting.count
  let order =
    Array(0..<batch) + Array((batch + rows)..<max(batch + rows, permutation.axes.count))
    + Array(batch..<batch + rows)
  guard rows > 0, permutation.axes.count > batch + rows, permutation.axes == order else {
    return .keep
  }
  attributes.dimensionNumbers.lhsBatching = numbers.rhsBatching
  attributes.dimensionNumbers.rhsBatching = numbers.lhsBatching
  attributes.dimensionNumbers.lhsContracting = numbers.rhsContracting
  attributes.dimensionNumbers.rhsContracting = numbers.lhsContracting
  attributes.precision.reverse()
  return .update(.dotGeneral(attributes), [product.operands[1], product.operands[0]])
}

/// Products below this number of multiplications are emitted as loops.
private let smallest = FusionLimits().inlineProduct

private func canonicalizeDot(_ rewriter: inout Rewriter, _ id: OperationID) -> Rewrite {
  let operation = rewriter.operation(id)
  guard case .dotGeneral(let attributes) = operation.op,
    let result = rewriter.type(of: operation.result), result.isStatic,
    let lhs = rewriter.type(of: operation.operands[0]),
    let rhs = rewriter.type(of: operation.operands[1]),
    rewriter.function.productCount(operation) > smallest
  else { return .keep }
  if result.element == .f16 || result.element == .bf16 {
    let wide = operation.operands.map { operand -> ValueID in
      let type = rewriter.type(of: operand) ?? lhs
      return rewriter.insert(.convert, [operand], type: type.with(.f32))
    }
    let product = rewriter.insert(
      .dotGeneral(attributes), Operands(wide), type: result.with(.f32))
    return .update(.convert, [product])
  }
  switch result.element {
  case .f32, .f64, .c64, .c128: break
  default: return .keep
  }
  // Operands of another type are converted first.
  if lhs.element != result.element || rhs.element != result.element {
    let converted = operation.operands.map { operand -> ValueID in
      let type = rewriter.type(of: operand) ?? lhs
      if type.element == result.element { return operand }
      return rewriter.insert(.convert, [operand], type: type.with(result.element))
    }
    return .update(.dotGeneral(attributes), Operands(converted))
  }
  let numbers = attributes.dimensionNumbers
  let left = canonicalOrder(lhs, numbers.lhsBatching, numbers.lhsContracting)
  let right = canonicalOrder(rhs, numbers.rhsBatching, numbers.rhsContracting)
  if left == nil && right == nil { return .keep }
  var changed = attributes
  var operands = operation.operands
  if let left {
    operands[0] = transposed(&rewriter, operands[0], left)
    changed.dimensionNumbers.lhsBatching = numbers.lhsBatching.map { position(of: $0, in: left) }
    changed.dimensionNumbers.lhsContracting = numbers.lhsContracting.map {
      position(of: $0, in: left)
    }
  }
  if let right {
    operands[1] = transposed(&rewriter, operands[1], right)
    changed.dimensionNumbers.rhsBatching = numbers.rhsBatching.map { position(of: $0, in: right) }
    changed.dimensionNumbers.rhsContracting = numbers.rhsContracting.map {
      position(of: $0, in: right)
    }
  }
  return .update(.dotGeneral(changed), operands)
}

/// The order of axes that makes a batch of matrices of an operand; `nil` where it is one already.
private func canonicalOrder(_ type: TensorType, _ batch: [Int], _ contracted: [Int]) -> [Int]? {
  let free = type.dimensions.indices.filter { !batch.contains($0) && !contracted.contains($0) }
  func significant(_ axes: [Int]) -> [Int] { axes.filter { type.dimensions[$0] != 1 } }
  let order = significant(Array(type.dimensions.indices))
  if significant(batch + free + contracted) == order
    || significant(batch + contracted + free) == order
  {
    return nil
  }
  return batch + free + contracted
}

/// `true` iff a library multiplies an operand of `type` as it is.
func isLibraryOrder(_ type: TensorType, _ batch: [Int], _ contracted: [Int]) -> Bool {
  canonicalOrder(type, batch, contracted) == nil
}

private func position(of axis: Int, in order: [Int]) -> Int { order.firstIndex(of: axis) ?? axis }

private func transposed(_ rewriter: inout Rewriter, _ value: ValueID, _ order: [Int]) -> ValueID {
  guard let type = rewriter.type(of: value), let permutation = Permutation(checking: order) else {
    return value
  }
  return rewriter.insert(
    .transpose(permutation), [value], type: type.with(order.map { type.dimensions[$0] }))
}
