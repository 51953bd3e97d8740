import HLO
import Tensor

// Broadcasts, reshapes, transposes and reverses: two moves become one, and none where nothing moves.

let broadcastRules = rules {
  SimplificationRule(
    "broadcast-nothing", "broadcast x → x, of the same type", at: .broadcastInDim
  ) { rewriter, operation, type in
    guard case .broadcastInDim(let dimensions) = operation.op,
      rewriter.type(of: operation.operands[0]) == type, dimensions == Array(0..<type.rank)
    else { return .keep }
    return .replace([operation.operands[0]])
  } example: { b, x in
    try b.broadcastInDim(x, [4, 6], [0, 1])
  }
  SimplificationRule(
    "broadcast-twice", "broadcast (broadcast x) → broadcast x", at: .broadcastInDim
  ) { rewriter, operation, type in
    guard case .broadcastInDim(let dimensions) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .broadcastInDim(let first) = inner.op
    else { return .keep }
    return .update(.broadcastInDim(dimensions: first.map { dimensions[$0] }), inner.operands)
  } example: { b, x in
    try b.broadcastInDim(b.broadcastInDim(x, [2, 4, 6], [1, 2]), [3, 2, 4, 6], [1, 2, 3])
  }
  SimplificationRule(
    "broadcast-of-reshape", "broadcast (reshape x) → broadcast x, if it inserts axes of extent 1",
    at: .broadcastInDim
  ) { rewriter, operation, type in
    guard case .broadcastInDim(let dimensions) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]), case .reshape = inner.op,
      let source = rewriter.type(of: inner.operands[0]),
      let middle = rewriter.type(of: operation.operands[0]), !source.dimensions.contains(1),
      middle.dimensions.filter({ $0 != 1 }) == source.dimensions
    else { return .keep }
    let kept = dimensions.indices.filter { middle.dimensions[$0] != 1 }.map { dimensions[$0] }
    return .update(.broadcastInDim(dimensions: kept), inner.operands)
  } example: { b, x in
    try b.broadcastInDim(b.reshape(x, [4, 1, 6]), [4, 3, 6], [0, 1, 2])
  }
  SimplificationRule(
    "broadcast-inserts-ones", "broadcast x → reshape x, if the number of elements stays",
    at: .broadcastInDim
  ) { rewriter, operation, type in
    guard case .broadcastInDim(let dimensions) = operation.op,
      let source = rewriter.type(of: operation.operands[0]), source.count == type.count
    else { return .keep }
    let places = dimensions.indices.filter { source.dimensions[$0] != 1 }.map { dimensions[$0] }
    return places == places.sorted() ? .update(.reshape, operation.operands) : .keep
  } example: { b, x in
    try b.broadcastInDim(x, [4, 1, 6], [0, 2])
  }
}

/// One device has all elements.
let shardingRules = rules {
  SimplificationRule("sharding", "sharding_constraint x → x", at: .shardingConstraint) {
    _, operation, _ in
    .replace([operation.operands[0]])
  } example: { b, x in
    try b.emitOne(.shardingConstraint(sharding: "<@mesh, [{}, {}]>"), [x])
  }
}

let reshapeRules = rules {
  SimplificationRule("reshape-nothing", "reshape x → x, of the same type", at: .reshape) {
    rewriter, operation, type in
    rewriter.type(of: operation.operands[0]) == type ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    try b.reshape(x, [4, 6])
  }
  SimplificationRule("reshape-twice", "reshape (reshape x) → reshape x", at: .reshape) {
    rewriter, operation, type in
    guard let inner = rewriter.definition(of: operation.operands[0]), case .reshape = inner.op
    else { return .keep }
    return .update(.reshape, inner.operands)
  } example: { b, x in
    try b.reshape(b.reshape(x, [24]), [2, 12])
  }
  SimplificationRule(
    "reshape-of-broadcast", "reshape (broadcast x) → broadcast x, if it inserts axes of extent 1",
    at: .reshape
  ) { rewriter, operation, type in
    guard let inner = rewriter.definition(of: operation.operands[0]),
      case .broadcastInDim(let dimensions) = inner.op,
      let source = rewriter.type(of: inner.operands[0]),
      let middle = rewriter.type(of: operation.operands[0])
    else { return .keep }
    if source.rank == 0 { return .update(.broadcastInDim(dimensions: []), inner.operands) }
    guard !source.dimensions.contains(1),
      middle.dimensions.filter({ $0 != 1 }) == type.dimensions.filter({ $0 != 1 })
    else { return .keep }
    let places = type.dimensions.indices.filter { type.dimensions[$0] != 1 }
    let order = middle.dimensions.indices.filter { middle.dimensions[$0] != 1 }
    // Where the axes of extent other than 1 have gone.
    let moved = dimensions.compactMap { order.firstIndex(of: $0).map { places[$0] } }
    guard moved.count == dimensions.count else { return .keep }
    return .update(.broadcastInDim(dimensions: moved), inner.operands)
  } example: { b, x in
    try b.reshape(b.broadcastInDim(x, [4, 3, 6], [0, 2]), [4, 1, 3, 6])
  }
}

let transposeRules = rules {
  SimplificationRule(
    "transpose-nothing", "transpose x → reshape x, if only axes of extent 1 move", at: .transpose
  ) { rewriter, operation, type in
    guard case .transpose(let permutation) = operation.op,
      let source = rewriter.type(of: operation.operands[0])
    else { return .keep }
    if permutation.isIdentity { return .replace([operation.operands[0]]) }
    let moved = permutation.axes.filter { source.dimensions[$0] != 1 }
    return moved == moved.sorted() ? .update(.reshape, operation.operands) : .keep
  } example: { b, x in
    try b.transpose(b.slice(x, start: [0, 0], limit: [1, 6]), [1, 0])
  }
  SimplificationRule("transpose-twice", "transpose (transpose x) → transpose x", at: .transpose) {
    rewriter, operation, type in
    guard case .transpose(let permutation) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .transpose(let first) = inner.op,
      let both = Permutation(checking: permutation.axes.map { first.axes[$0] })
    else { return .keep }
    return .update(.transpose(both), inner.operands)
  } example: { b, x in
    try b.transpose(b.transpose(b.reshape(x, [2, 4, 3]), [1, 2, 0]), [0, 2, 1])
  }
  SimplificationRule(
    "transpose-of-broadcast", "transpose (broadcast x) → broadcast x", at: .transpose
  ) { rewriter, operation, type in
    guard case .transpose(let permutation) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .broadcastInDim(let dimensions) = inner.op
    else { return .keep }
    let places = permutation.inverse.axes
    return .update(.broadcastInDim(dimensions: dimensions.map { places[$0] }), inner.operands)
  } example: { b, x in
    try b.transpose(b.broadcastInDim(x, [3, 4, 6], [1, 2]), [1, 0, 2])
  }
  SimplificationRule("transpose-of-iota", "transpose iota → iota", at: .transpose) {
    rewriter, operation, type in
    guard case .transpose(let permutation) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .iota(let dimension) = inner.op
    else { return .keep }
    return .update(.iota(dimension: permutation.inverse.axes[dimension]), [])
  } example: { b, _ in
    try b.transpose(b.iota(TensorType([2, 3], .i32), dimension: 0), [1, 0])
  }
  SimplificationRule("reverse-nothing", "reverse x → x, along axes of extent 1", at: .reverse) {
    rewriter, operation, type in
    guard case .reverse(let dimensions) = operation.op else { return .keep }
    let kept = dimensions.filter { type.dimensions[$0] > 1 }
    if kept.isEmpty || type.count == 0 { return .replace([operation.operands[0]]) }
    return kept.count == dimensions.count
      ? .keep : .update(.reverse(dimensions: kept), operation.operands)
  } example: { b, x in
    try b.reverse(b.slice(x, start: [0, 0], limit: [1, 6]), dimensions: [0])
  }
  SimplificationRule(
    "reverse-twice", "reverse (reverse x) → reverse x, along the axes of one of them", at: .reverse
  ) { rewriter, operation, type in
    guard case .reverse(let dimensions) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .reverse(let first) = inner.op
    else { return .keep }
    let one = Set(dimensions).symmetricDifference(first).sorted()
    return one.isEmpty
      ? .replace([inner.operands[0]]) : .update(.reverse(dimensions: one), inner.operands)
  } example: { b, x in
    try b.reverse(b.reverse(x, dimensions: [0, 1]), dimensions: [1])
  }
  SimplificationRule(
    "reverse-of-broadcast", "reverse (broadcast x) → broadcast x, along new axes", at: .reverse
  ) { rewriter, operation, type in
    guard case .reverse(let dimensions) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .broadcastInDim(let places) = inner.op,
      let source = rewriter.type(of: inner.operands[0])
    else { return .keep }
    let varying = places.indices.filter { source.dimensions[$0] != 1 }.map { places[$0] }
    let kept = dimensions.filter(varying.contains)
    if kept.isEmpty { return .replace([operation.operands[0]]) }
    return kept.count == dimensions.count
      ? .keep : .update(.reverse(dimensions: kept), operation.operands)
  } example: { b, x in
    try b.reverse(b.broadcastInDim(x, [3, 4, 6], [1, 2]), dimensions: [0, 2])
  }
}
