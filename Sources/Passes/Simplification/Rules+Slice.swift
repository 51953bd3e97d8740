import HLO
import Tensor

/// A slice takes its elements from where they were before they were moved.
let sliceRules = rules {
  SimplificationRule("slice-all", "slice x → x, of the same type", at: .slice) {
    rewriter, operation, type in
    rewriter.type(of: operation.operands[0]) == type ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    try b.slice(x, start: [0, 0], limit: [4, 6])
  }
  SimplificationRule("slice-twice", "slice (slice x) → slice x", at: .slice) {
    rewriter, operation, type in
    guard case .slice(let bounds) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]), case .slice(let first) = inner.op
    else { return .keep }
    var joined = bounds
    for axis in bounds.start.indices {
      // An empty slice may start behind the last element, however far the next would be.
      let start = type.dimensions[axis] == 0 ? 0 : bounds.start[axis]
      joined.start[axis] = first.start[axis] + start * first.strides[axis]
      joined.strides[axis] = first.strides[axis] * bounds.strides[axis]
      joined.limit[axis] = joined.limit(of: type.dimensions[axis], axis)
    }
    return .update(.slice(joined), inner.operands)
  } example: { b, x in
    let first = try b.slice(x, start: [0, 1], limit: [4, 6], strides: [1, 2])
    return try b.slice(first, start: [1, 0], limit: [3, 3], strides: [1, 2])
  }
  SimplificationRule("slice-of-broadcast", "slice (broadcast x) → broadcast (slice x)", at: .slice)
  {
    rewriter, operation, type in
    guard case .slice(let bounds) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .broadcastInDim(let dimensions) = inner.op,
      let source = rewriter.type(of: inner.operands[0])
    else { return .keep }
    var (part, sizes) = (SliceBounds(start: [], limit: []), [Int]())
    for (axis, extent) in source.dimensions.enumerated() {
      let place = dimensions[axis]
      part.start.append(extent == 1 ? 0 : bounds.start[place])
      part.limit.append(extent == 1 ? 1 : bounds.limit[place])
      part.strides.append(extent == 1 ? 1 : bounds.strides[place])
      sizes.append(extent == 1 ? 1 : type.dimensions[place])
    }
    let whole = inner.operands[0]
    let sliced =
      sizes == source.dimensions
      ? whole : rewriter.insert(.slice(part), [whole], type: source.with(sizes))
    return .update(.broadcastInDim(dimensions: dimensions), [sliced])
  } example: { b, x in
    try b.slice(b.broadcastInDim(x, [3, 4, 6], [1, 2]), start: [1, 1, 2], limit: [3, 3, 4])
  }
  SimplificationRule("slice-of-transpose", "slice (transpose x) → transpose (slice x)", at: .slice)
  {
    rewriter, operation, type in
    guard case .slice(let bounds) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .transpose(let permutation) = inner.op
    else { return .keep }
    let back = permutation.inverse.axes
    let part = SliceBounds(
      start: back.map { bounds.start[$0] }, limit: back.map { bounds.limit[$0] },
      strides: back.map { bounds.strides[$0] })
    let sliced = rewriter.insert(
      .slice(part), inner.operands, type: type.with(back.map { type.dimensions[$0] }))
    return .update(.transpose(permutation), [sliced])
  } example: { b, x in
    try b.slice(b.transpose(x, [1, 0]), start: [1, 0], limit: [5, 2], strides: [2, 1])
  }
  SimplificationRule("slice-of-reverse", "slice (reverse x) → reverse (slice x)", at: .slice) {
    rewriter, operation, type in
    guard case .slice(let bounds) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .reverse(let dimensions) = inner.op, type.count > 0,
      let source = rewriter.type(of: inner.operands[0])
    else { return .keep }
    var part = bounds
    for axis in dimensions {
      let last = bounds.start[axis] + (type.dimensions[axis] - 1) * bounds.strides[axis]
      part.start[axis] = source.dimensions[axis] - 1 - last
      part.limit[axis] = part.limit(of: type.dimensions[axis], axis)
    }
    let sliced = rewriter.insert(.slice(part), inner.operands, type: type)
    return .update(.reverse(dimensions: dimensions), [sliced])
  } example: { b, x in
    let reversed = try b.reverse(x, dimensions: [1])
    return try b.slice(reversed, start: [1, 1], limit: [4, 6], strides: [1, 2])
  }
  SimplificationRule(
    "slice-of-concatenate", "slice (concatenate x y) → slice x, if it takes nothing of y",
    at: .slice
  ) { rewriter, operation, type in
    guard case .slice(var bounds) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]),
      case .concatenate(let axis) = inner.op, type.count > 0
    else { return .keep }
    let last = bounds.start[axis] + (type.dimensions[axis] - 1) * bounds.strides[axis]
    var (kept, first, end) = ([ValueID](), 0, 0)
    for operand in inner.operands {
      guard let extent = rewriter.type(of: operand)?.dimensions[axis] else { return .keep }
      if end + extent > bounds.start[axis] && end <= last {
        if kept.isEmpty { first = end }
        kept.append(operand)
      }
      end += extent
    }
    guard kept.count < inner.operands.count, let part = kept.first,
      let partType = rewriter.type(of: part)
    else { return .keep }
    bounds.start[axis] -= first
    bounds.limit[axis] = bounds.limit(of: type.dimensions[axis], axis)
    if kept.count == 1 { return .update(.slice(bounds), [part]) }
    var dimensions = partType.dimensions
    dimensions[axis] = kept.reduce(0) { $0 + (rewriter.type(of: $1)?.dimensions[axis] ?? 0) }
    let joined = rewriter.insert(
      .concatenate(dimension: axis), Operands(kept), type: partType.with(dimensions))
    return .update(.slice(bounds), [joined])
  } example: { b, x in
    let joined = try b.concatenate([x, b.arguments[1], x], dimension: 0)
    return try b.slice(joined, start: [5, 1], limit: [10, 3], strides: [2, 1])
  }
  SimplificationRule("slice-of-pad", "slice (pad x) → slice x, if it takes no padding", at: .slice)
  {
    rewriter, operation, type in
    guard case .slice(let bounds) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]), case .pad(let amounts) = inner.op,
      let source = rewriter.type(of: inner.operands[0]), type.count > 0
    else { return .keep }
    var part = bounds
    var isOutside = false
    for axis in bounds.start.indices {
      let first = bounds.start[axis] - amounts.low[axis]
      let last = first + (type.dimensions[axis] - 1) * bounds.strides[axis]
      guard amounts.interior[axis] == 0 else { return .keep }
      isOutside = isOutside || last < 0 || first >= source.dimensions[axis]
      part.start[axis] = first
      part.limit[axis] = last + 1
    }
    if isOutside { return .update(.broadcastInDim(dimensions: []), [inner.operands[1]]) }
    let isInside = part.start.indices.allSatisfy {
      part.start[$0] >= 0 && part.limit[$0] <= source.dimensions[$0]
    }
    return isInside ? .update(.slice(part), [inner.operands[0]]) : .keep
  } example: { b, x in
    let padded = try b.pad(x, with: b.scalar(9.0, .f32), low: [2, -1], high: [0, 3])
    return try b.slice(padded, start: [3, 0], limit: [6, 4], strides: [1, 2])
  }
  SimplificationRule(
    "slice-of-update", "slice (dynamic_update_slice x u) → slice u, if it takes nothing else",
    at: .slice
  ) { rewriter, operation, type in
    guard case .slice(let bounds) = operation.op, type.count > 0 else { return .keep }
    var array = operation.operands[0]
    // Older versions of an array are not worth keeping: only what an update wrote is.
    for _ in 0..<4 {
      guard let inner = rewriter.definition(of: array), case .dynamicUpdateSlice = inner.op,
        let start = rewriter.constantStart(inner), let update = rewriter.type(of: inner.operands[1])
      else { return .keep }
      var part = bounds
      for axis in start.indices {
        part.start[axis] -= start[axis]
        part.limit[axis] = part.limit(of: type.dimensions[axis], axis)
      }
      let axes = start.indices
      if axes.allSatisfy({ part.start[$0] >= 0 && part.limit[$0] <= update.dimensions[$0] }) {
        return .update(.slice(part), [inner.operands[1]])
      }
      guard axes.contains(where: { part.limit[$0] <= 0 || part.start[$0] >= update.dimensions[$0] })
      else { return .keep }
      array = inner.operands[0]
    }
    return .keep
  } example: { b, x in
    let update = try b.slice(b.arguments[1], start: [0, 0], limit: [2, 3])
    let (two, one) = (try b.scalar(2, .i32), try b.scalar(1, .i32))
    let updated = try b.dynamicUpdateSlice(x, update, starts: [two, one])
    return try b.slice(updated, start: [2, 1], limit: [3, 4], strides: [1, 2])
  }
}

extension SliceBounds {
  /// The limit of a slice that starts and steps as this one, and takes `count` elements.
  func limit(of count: Int, _ axis: Int) -> Int {
    count == 0 ? start[axis] : start[axis] + (count - 1) * strides[axis] + 1
  }
}

/// Pads that do nothing, or what another does, too.
let padRules = rules {
  SimplificationRule("pad-nothing", "pad x 0 → x", at: .pad) { rewriter, operation, type in
    guard case .pad(let amounts) = operation.op else { return .keep }
    let isNothing = (amounts.low + amounts.high).allSatisfy { $0 == 0 }
    return isNothing && rewriter.type(of: operation.operands[0]) == type
      ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    try b.pad(x, with: b.scalar(9.0, .f32), low: [0, 0], high: [0, 0])
  }
  SimplificationRule("pad-empty", "pad x v → broadcast v, if x has no elements", at: .pad) {
    rewriter, operation, type in
    guard rewriter.type(of: operation.operands[0])?.count == 0 else { return .keep }
    return .update(.broadcastInDim(dimensions: []), [operation.operands[1]])
  } example: { b, x in
    let empty = try b.slice(x, start: [0, 2], limit: [4, 2])
    return try b.pad(empty, with: b.scalar(9.0, .f32), low: [0, 1], high: [0, 2])
  }
  SimplificationRule("pad-negative", "pad x → slice x, if it only removes elements", at: .pad) {
    rewriter, operation, type in
    guard case .pad(let amounts) = operation.op,
      let source = rewriter.type(of: operation.operands[0]),
      amounts.interior.allSatisfy({ $0 == 0 }),
      (amounts.low + amounts.high).allSatisfy({ $0 <= 0 })
    else { return .keep }
    let start = amounts.low.map { -$0 }
    let limit = zip(source.dimensions, amounts.high).map { $0 + $1 }
    guard zip(start, limit).allSatisfy({ $0 <= $1 }) else { return .keep }
    return .update(.slice(SliceBounds(start: start, limit: limit)), [operation.operands[0]])
  } example: { b, x in
    try b.pad(x, with: b.scalar(9.0, .f32), low: [-1, 0], high: [0, -2])
  }
  SimplificationRule("pad-twice", "pad (pad x v) v → pad x v", at: .pad) {
    rewriter, operation, type in
    guard case .pad(let amounts) = operation.op,
      let inner = rewriter.definition(of: operation.operands[0]), case .pad(let first) = inner.op,
      rewriter.isSame(operation.operands[1], inner.operands[1]),
      amounts.interior.allSatisfy({ $0 == 0 }),
      // What the second removes may be elements, or padding.
      (amounts.low + amounts.high + first.low + first.high).allSatisfy({ $0 >= 0 })
    else { return .keep }
    let both = PadAmounts(
      low: zip(amounts.low, first.low).map(+), high: zip(amounts.high, first.high).map(+),
      interior: first.interior)
    return .update(.pad(both), inner.operands)
  } example: { b, x in
    let nine = try b.scalar(9.0, .f32)
    let padded = try b.pad(x, with: nine, low: [1, 0], high: [0, 2], interior: [1, 0])
    return try b.pad(padded, with: b.scalar(9.0, .f32), low: [2, 1], high: [0, 0])
  }
}

/// Concatenations of one array, of empty ones, of concatenations, and of what was one array.
let concatenateRules = rules {
  SimplificationRule("concatenate-one", "concatenate x → x", at: .concatenate) {
    rewriter, operation, type in
    operation.operands.count == 1 ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    try b.concatenate([x], dimension: 0)
  }
  SimplificationRule(
    "concatenate-empty", "concatenate x y → concatenate x, if y has no elements", at: .concatenate
  ) { rewriter, operation, type in
    guard case .concatenate(let axis) = operation.op else { return .keep }
    let kept = operation.operands.filter { rewriter.type(of: $0)?.dimensions[axis] != 0 }
    if kept.isEmpty || kept.count == operation.operands.count { return .keep }
    return .update(.concatenate(dimension: axis), Operands(kept))
  } example: { b, x in
    try b.concatenate([x, b.slice(x, start: [2, 0], limit: [2, 6])], dimension: 0)
  }
  SimplificationRule(
    "concatenate-twice", "concatenate (concatenate x y) z → concatenate x y z", at: .concatenate
  ) { rewriter, operation, type in
    guard case .concatenate(let axis) = operation.op else { return .keep }
    var (flat, isFlat) = ([ValueID](), true)
    for operand in operation.operands {
      if rewriter.isUsedOnce(operand), let inner = rewriter.definition(of: operand),
        case .concatenate(axis) = inner.op
      {
        flat += inner.operands
        isFlat = false
      } else {
        flat.append(operand)
      }
    }
    return isFlat ? .keep : .update(.concatenate(dimension: axis), Operands(flat))
  } example: { b, x in
    try b.concatenate([b.concatenate([x, b.arguments[1]], dimension: 0), x], dimension: 0)
  }
  SimplificationRule(
    "concatenate-neighbours", "concatenate x[a:b] x[b:c] → x[a:c]", at: .concatenate
  ) { rewriter, operation, type in
    guard case .concatenate(let axis) = operation.op else { return .keep }
    var parts: [(value: ValueID, source: ValueID?, bounds: SliceBounds)] = []
    for operand in operation.operands {
      guard let inner = rewriter.definition(of: operand), case .slice(let bounds) = inner.op,
        bounds.strides[axis] == 1
      else {
        parts.append((operand, nil, SliceBounds(start: [], limit: [])))
        continue
      }
      if let last = parts.last, last.source == inner.operands[0] {
        var joined = last.bounds
        joined.limit[axis] = bounds.limit[axis]
        var first = bounds
        first.start[axis] = last.bounds.start[axis]
        if last.bounds.limit[axis] == bounds.start[axis] && joined == first {
          parts[parts.count - 1].bounds = joined
          continue
        }
      }
      parts.append((operand, inner.operands[0], bounds))
    }
    if parts.count == operation.operands.count { return .keep }
    if parts.count == 1, let source = parts[0].source {
      return .update(.slice(parts[0].bounds), [source])
    }
    let values = parts.map { part -> ValueID in
      guard let source = part.source, var dimensions = rewriter.type(of: part.value)?.dimensions
      else { return part.value }
      dimensions[axis] = part.bounds.limit[axis] - part.bounds.start[axis]
      return rewriter.insert(.slice(part.bounds), [source], type: type.with(dimensions))
    }
    return .update(.concatenate(dimension: axis), Operands(values))
  } example: { b, x in
    let parts = try [0, 1, 3].map { start in
      try b.slice(x, start: [0, start], limit: [4, start == 0 ? 1 : start + 2])
    }
    return try b.concatenate(parts + [b.arguments[1]], dimension: 1)
  }
}
