import HLO
import Support
import Tensor

/// Replaces operations by simpler ones that give the same value, and moves by fewer moves.
///
///     %1 = transpose %0, [1, 0]
///     %2 = transpose %1, [1, 0]      // uses become %0
///     %3 = multiply %2, 1            // uses become %0
///
/// The rules are tables: an entry says for one operation what it becomes. They never change the
/// bits of a result; what only holds for exact arithmetic is not a rule for floating point.
public let algebraicSimplification = Pass<Module>("simplify", "replace by simpler operations") {
  module in
  module.forEachFunction { function in
    Rewriter.run(on: &function) { rewriter, id in
      let operation = rewriter.operation(id)
      guard operation.results.count == 1, let type = rewriter.type(of: operation.result),
        type.isStatic
      else { return .keep }
      for rule in simplificationRules {
        let rewrite = rule(&rewriter, operation, type)
        if case .keep = rewrite { continue }
        return rewrite
      }
      return .keep
    }
  }
}

/// What a rule makes of an operation with one result of a static type.
typealias SimplificationRule = (inout Rewriter, Operation, TensorType) -> Rewrite

nonisolated(unsafe) let simplificationRules: [SimplificationRule] = [
  simplifyArithmetic, simplifySelection, simplifyBroadcast, simplifyReshape, simplifyTranspose,
  simplifySliceAndPad, simplifyConcatenate, simplifyDynamicSlice, simplifyParts,
]

extension HostTensor {
  /// The single element as an integer, where its type is an integer or a Boolean.
  var integerElement: Int? {
    let bytes = UnsafeRawPointer(buffer.address)
    switch type {
    case .bool, .u8: return Int(bytes.loadUnaligned(as: UInt8.self))
    case .i8: return Int(bytes.loadUnaligned(as: Int8.self))
    case .i16: return Int(bytes.loadUnaligned(as: Int16.self))
    case .u16: return Int(bytes.loadUnaligned(as: UInt16.self))
    case .i32: return Int(bytes.loadUnaligned(as: Int32.self))
    case .u32: return Int(bytes.loadUnaligned(as: UInt32.self))
    case .i64: return Int(bytes.loadUnaligned(as: Int64.self))
    case .u64: return Int(exactly: bytes.loadUnaligned(as: UInt64.self))
    default: return nil
    }
  }

  /// The single element as a real number, where its type is `f32` or `f64`.
  var realElement: Double? {
    let bytes = UnsafeRawPointer(buffer.address)
    switch type {
    case .f32: return Double(bytes.loadUnaligned(as: Float.self))
    case .f64: return bytes.loadUnaligned(as: Double.self)
    case .f16: return Double(bytes.loadUnaligned(as: Float16.self))
    case .bf16:
      return Double(Float(bitPattern: UInt32(bytes.loadUnaligned(as: UInt16.self)) << 16))
    default: return nil
    }
  }

  func isInteger(_ value: Int) -> Bool { integerElement == value }

  /// `true` iff the element is this number, with this sign where it is zero.
  func isReal(_ value: Double) -> Bool {
    guard let element = realElement else { return false }
    return element == value && element.sign == value.sign
  }
}

/// `x + 0`, `x * 1`, `x - 0`, `x / 1`, `x & -1`, …
private func simplifyArithmetic(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  switch operation.op {
  case .unary(let op):
    guard let inner = rewriter.definition(of: operation.operands[0]),
      case .unary(op) = inner.op, op == .negate || op == .not
    else { return .keep }
    return .replace([inner.operands[0]])
  case .convert:
    return rewriter.type(of: operation.operands[0]) == type
      ? .replace([operation.operands[0]]) : .keep
  case .binary(let op):
    let (x, y) = (operation.operands[0], operation.operands[1])
    func isNeutral(_ value: ValueID, integer: Int?, real: Double?) -> Bool {
      guard let splat = rewriter.splat(value) else { return false }
      if let integer, splat.isInteger(integer), type.element.isInteger { return true }
      if let real, splat.isReal(real) { return true }
      return false
    }
    switch op {
    case .add:
      if isNeutral(y, integer: 0, real: -0.0) { return .replace([x]) }
      if isNeutral(x, integer: 0, real: -0.0) { return .replace([y]) }
    case .subtract: if isNeutral(y, integer: 0, real: 0.0) { return .replace([x]) }
    case .multiply:
      if isNeutral(y, integer: 1, real: 1.0) { return .replace([x]) }
      if isNeutral(x, integer: 1, real: 1.0) { return .replace([y]) }
      if type.element.isInteger {
        if isNeutral(y, integer: 0, real: nil) { return .replace([y]) }
        if isNeutral(x, integer: 0, real: nil) { return .replace([x]) }
      }
    case .divide: if isNeutral(y, integer: 1, real: 1.0) { return .replace([x]) }
    case .power: if isNeutral(y, integer: 1, real: 1.0) { return .replace([x]) }
    case .or, .xor: if isNeutral(y, integer: 0, real: nil) { return .replace([x]) }
    case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic:
      if isNeutral(y, integer: 0, real: nil) { return .replace([x]) }
    case .maximum, .minimum, .and: if x == y { return .replace([x]) }
    default: break
    }
    return .keep
  default: return .keep
  }
}

/// `select(true, x, y)`, `select(p, x, x)`
private func simplifySelection(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .select = operation.op else { return .keep }
  let (x, y) = (operation.operands[1], operation.operands[2])
  if x == y { return .replace([x]) }
  guard let predicate = rewriter.splat(operation.operands[0]) else { return .keep }
  return .replace([predicate.isInteger(0) ? y : x])
}

/// Broadcasts of broadcasts, and those that change nothing.
private func simplifyBroadcast(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .broadcastInDim(let dimensions) = operation.op,
    let source = rewriter.type(of: operation.operands[0])
  else { return .keep }
  if source == type && dimensions == Array(0..<type.rank) {
    return .replace([operation.operands[0]])
  }
  guard let inner = rewriter.definition(of: operation.operands[0]),
    case .broadcastInDim(let innerDimensions) = inner.op
  else { return .keep }
  return .update(
    .broadcastInDim(dimensions: innerDimensions.map { dimensions[$0] }), inner.operands)
}

/// Reshapes of reshapes, and those that change nothing.
private func simplifyReshape(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .reshape = operation.op else { return .keep }
  if rewriter.type(of: operation.operands[0]) == type { return .replace([operation.operands[0]]) }
  guard let inner = rewriter.definition(of: operation.operands[0]), case .reshape = inner.op else {
    return .keep
  }
  return .update(.reshape, inner.operands)
}

/// Transposes of transposes, and those that only move axes of extent 1.
private func simplifyTranspose(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .transpose(let permutation) = operation.op,
    let source = rewriter.type(of: operation.operands[0])
  else { return .keep }
  if permutation.isIdentity { return .replace([operation.operands[0]]) }
  let moved = permutation.axes.filter { source.dimensions[$0] != 1 }
  if moved == moved.sorted() { return .update(.reshape, operation.operands) }
  guard let inner = rewriter.definition(of: operation.operands[0]),
    case .transpose(let first) = inner.op,
    let both = Permutation(checking: permutation.axes.map { first.axes[$0] })
  else { return .keep }
  return .update(.transpose(both), inner.operands)
}

/// Slices of everything, slices of slices, pads by nothing.
private func simplifySliceAndPad(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard let operand = operation.operands.first else { return .keep }
  switch operation.op {
  case .slice(let bounds):
    if rewriter.type(of: operand) == type { return .replace([operand]) }
    guard let inner = rewriter.definition(of: operand), case .slice(let first) = inner.op else {
      return .keep
    }
    var joined = bounds
    for axis in bounds.start.indices {
      joined.start[axis] = first.start[axis] + bounds.start[axis] * first.strides[axis]
      joined.strides[axis] = first.strides[axis] * bounds.strides[axis]
      joined.limit[axis] =
        type.dimensions[axis] == 0
        ? joined.start[axis]
        : joined.start[axis] + (type.dimensions[axis] - 1) * joined.strides[axis] + 1
    }
    return .update(.slice(joined), inner.operands)
  case .pad(let amounts):
    let isNothing = (amounts.low + amounts.high + amounts.interior).allSatisfy { $0 == 0 }
    return isNothing ? .replace([operand]) : .keep
  case .reverse(let dimensions):
    return dimensions.allSatisfy { type.dimensions[$0] <= 1 } ? .replace([operand]) : .keep
  default: return .keep
  }
}

/// A concatenation of one array, and of arrays of which some are empty.
private func simplifyConcatenate(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .concatenate(let dimension) = operation.op else { return .keep }
  if operation.operands.count == 1 { return .replace([operation.operands[0]]) }
  let kept = operation.operands.filter {
    rewriter.type(of: $0)?.dimensions[dimension] != 0
  }
  if kept.isEmpty || kept.count == operation.operands.count { return .keep }
  return .update(.concatenate(dimension: dimension), Operands(kept))
}

/// Dynamic slices whose starts are constants.
private func simplifyDynamicSlice(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .dynamicSlice(let sizes) = operation.op,
    let source = rewriter.type(of: operation.operands[0])
  else { return .keep }
  if source == type { return .replace([operation.operands[0]]) }
  var start: [Int] = []
  for axis in sizes.indices {
    let limit = source.dimensions[axis] - sizes[axis]
    if limit == 0 {
      start.append(0)
    } else if let value = rewriter.splat(operation.operands[1 + axis])?.integerElement {
      start.append(min(max(value, 0), limit))
    } else {
      return .keep
    }
  }
  let bounds = SliceBounds(start: start, limit: zip(start, sizes).map(+))
  return .update(.slice(bounds), [operation.operands[0]])
}

/// The parts of a complex number that was made of parts.
private func simplifyParts(
  _ rewriter: inout Rewriter, _ operation: Operation, _ type: TensorType
) -> Rewrite {
  guard case .unary(let op) = operation.op, op == .real || op == .imag,
    let inner = rewriter.definition(of: operation.operands[0]), case .binary(.complex) = inner.op
  else { return .keep }
  return .replace([inner.operands[op == .real ? 0 : 1]])
}
