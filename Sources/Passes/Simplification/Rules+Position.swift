import HLO
import Tensor

// Positions: integers that are computed from indices. A random number's counter is its position in
// an array, which arrives as 64-bit arithmetic on one index after the other.

let positionRules = rules {
  SimplificationRule(
    "row-major-position", "iota 0 · n + iota 1 → reshape (iota), for n columns",
    at: .binary(.add)
  ) { rewriter, operation, type in
    guard type.element.isInteger, type.rank > 1, type.count > 0,
      type.element.holds(type.count - 1),
      let steps = rewriter.steps(of: operation, depth: 2 * type.rank),
      zip(zip(steps, type.shape.strides), type.dimensions).allSatisfy({ $0.0 == $0.1 || $1 == 1 })
    else { return .keep }
    let flat = TensorType([type.count], type.element)
    return .update(.reshape, [rewriter.insert(.iota(dimension: 0), [], type: flat)])
  } example: { b, x in
    let type = TensorType([4, 3, 6], .i32)
    let indices = try (0..<3).map { try b.iota(type, dimension: $0) }
    let rows = try b.add(
      b.multiply(b.splat(18, type), indices[0]), b.multiply(b.splat(6, type), indices[1]))
    return try b.add(rows, indices[2])
  }
  SimplificationRule(
    "iota-of-type", "convert (iota) → iota, of integers that hold all indices", at: .convert
  ) { rewriter, operation, type in
    guard let (dimension, source, isReshaped) = rewriter.iota(operation.operands[0]),
      source.element.isInteger, type.element.isInteger,
      let last = source.dimensions[dimension].predecessor, source.element.holds(last),
      type.element.holds(last)
    else { return .keep }
    if !isReshaped { return .update(.iota(dimension: dimension), []) }
    let iota = rewriter.insert(
      .iota(dimension: dimension), [], type: source.with(type.element))
    return .update(.reshape, [iota])
  } example: { b, x in
    let iota = try b.iota(TensorType([24], .u64), dimension: 0)
    return try b.convert(b.reshape(iota, [4, 6]), to: .u32)
  }
  SimplificationRule(
    "high-bits-of-iota", "iota >> k → 0, if no index has so many bits",
    at: .binary(.shiftRightLogical)
  ) { rewriter, operation, type in
    guard let (dimension, source, _) = rewriter.iota(operation.operands[0]),
      type.element.isInteger, let distance = rewriter.splat(operation.operands[1])?[0].integer,
      let last = source.dimensions[dimension].predecessor, source.element.holds(last),
      distance >= 0, distance >= type.element.bitWidth || last >> distance == 0
    else { return .keep }
    return .update(.constant(Constant(0, type)), [])
  } example: { b, x in
    let type = TensorType([24], .u64)
    return try b.binary(.shiftRightLogical, b.iota(type, dimension: 0), b.splat(32, type))
  }
}

extension Rewriter {
  /// The axis and the type of the `iota` that `value` is, also in another shape.
  fileprivate func iota(_ value: ValueID) -> (dimension: Int, TensorType, isReshaped: Bool)? {
    guard let type = type(of: value), let operation = definition(of: value) else { return nil }
    if case .iota(let dimension) = operation.op { return (dimension, type, false) }
    guard case .reshape = operation.op, let source = self.type(of: operation.operands[0]),
      let inner = definition(of: operation.operands[0]), case .iota(let dimension) = inner.op
    else { return nil }
    return (dimension, source, true)
  }

  /// By how much the result of `operation` grows with each index, if it is a sum of multiples of
  /// indices; looks at operations up to `depth` away.
  fileprivate func steps(of operation: Operation, depth: Int) -> [Int]? {
    guard depth >= 0, let type = type(of: operation.result) else { return nil }
    func steps(_ value: ValueID) -> [Int]? {
      definition(of: value).flatMap { self.steps(of: $0, depth: depth - 1) }
    }
    switch operation.op {
    case .iota(let dimension): return type.dimensions.indices.map { $0 == dimension ? 1 : 0 }
    case .binary(.add):
      guard let left = steps(operation.operands[0]), let right = steps(operation.operands[1])
      else { return nil }
      return zip(left, right).map(&+)
    case .binary(.multiply):
      for (factor, other) in [(0, 1), (1, 0)] {
        guard let factor = splat(operation.operands[factor])?[0].integer,
          (1..<1 << 31).contains(factor), let steps = steps(operation.operands[other])
        else { continue }
        return steps.map { $0 &* factor }
      }
      return nil
    default: return nil
    }
  }
}

extension Int {
  /// The number before this one, if there is a natural one.
  fileprivate var predecessor: Int? { self > 0 ? self - 1 : nil }
}

extension ElementType {
  /// `true` iff the integer type has the natural number `value`.
  fileprivate func holds(_ value: Int) -> Bool {
    let bits = kind == .signed ? bitWidth - 1 : bitWidth
    return bits >= 63 || value >> bits == 0
  }
}
