import HLO
import Tensor

/// Products and reductions read their operands in any order of axes, so that these need not be
/// transposed first.
let contractionRules = rules {
  SimplificationRule(
    "dot-of-transpose", "dot (transpose x) y → dot x y, with the axes of x renamed", at: .dotGeneral
  ) { rewriter, operation, type in
    guard case .dotGeneral(var attributes) = operation.op else { return .keep }
    var operands = operation.operands
    var changed = false
    for side in 0..<2 {
      let numbers = attributes.dimensionNumbers
      let (batch, contracted) =
        side == 0
        ? (numbers.lhsBatching, numbers.lhsContracting)
        : (numbers.rhsBatching, numbers.rhsContracting)
      guard let inner = rewriter.definition(of: operands[side]),
        case .transpose(let permutation) = inner.op,
        let source = rewriter.type(of: inner.operands[0])
      else { continue }
      let axes = permutation.axes
      let free = axes.indices.filter { !batch.contains($0) && !contracted.contains($0) }
      let moved = (batch.map { axes[$0] }, contracted.map { axes[$0] })
      // The free axes of the result keep their order, and the operand stays what a library reads.
      let places = free.map { axes[$0] }
      guard places == places.sorted(), isLibraryOrder(source, moved.0, moved.1) else { continue }
      if side == 0 {
        attributes.dimensionNumbers.lhsBatching = moved.0
        attributes.dimensionNumbers.lhsContracting = moved.1
      } else {
        attributes.dimensionNumbers.rhsBatching = moved.0
        attributes.dimensionNumbers.rhsContracting = moved.1
      }
      operands[side] = inner.operands[0]
      changed = true
    }
    return changed ? .update(.dotGeneral(attributes), operands) : .keep
  } example: { b, x in
    try b.dotGeneral(
      b.transpose(x, [1, 0]), b.arguments[1],
      DotDimensionNumbers(lhsContracting: [1], rhsContracting: [0]))
  }
  SimplificationRule(
    "reduce-of-transpose", "reduce (transpose x) → reduce x, along the axes that it moved",
    at: .reduce
  ) { rewriter, operation, type in
    guard case .reduce(let dimensions) = operation.op, operation.operands.count == 2,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .transpose(let permutation) = inner.op, rewriter.isAssociative(operation)
    else { return .keep }
    let kept = permutation.axes.indices.filter { !dimensions.contains($0) }
    let places = kept.map { permutation.axes[$0] }
    guard places == places.sorted() else { return .keep }
    return .update(
      .reduce(dimensions: dimensions.map { permutation.axes[$0] }.sorted()),
      [inner.operands[0], operation.operands[1]])
  } example: { b, x in
    let least = try b.scalar(-Double.infinity, .f32)
    return try b.reduce(.maximum, b.transpose(x, [1, 0]), least, dimensions: [0])
  }
}

extension Rewriter {
  /// `true` iff a reduction gives the same in any order: sums of real numbers, nearly.
  fileprivate func isAssociative(_ operation: Operation) -> Bool {
    let region = function.regions[operation.regions[0]]
    guard region.operations.count == 2,
      case .binary(let op) = function.operations[region.operations[0]].op,
      Set(function.operations[region.operations[0]].operands) == Set(region.arguments)
    else { return false }
    switch op {
    case .add, .multiply, .maximum, .minimum, .and, .or, .xor: return true
    default: return false
    }
  }
}
