import HLO
import Tensor

// Slices, gathers and scatters whose indices are known become slices and updates at fixed places.

let dynamicSliceRules = rules {
  SimplificationRule(
    "dynamic-slice-all", "dynamic_slice x → x, of the same type", at: .dynamicSlice
  ) { rewriter, operation, type in
    rewriter.type(of: operation.operands[0]) == type ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    try b.dynamicSlice(x, starts: [b.arguments[2], b.arguments[3]], sizes: [4, 6])
  }
  SimplificationRule(
    "dynamic-slice-at-constant", "dynamic_slice x 2 → slice x [2:…]", at: .dynamicSlice
  ) { rewriter, operation, type in
    guard case .dynamicSlice(let sizes) = operation.op,
      let start = rewriter.constantStart(operation)
    else { return .keep }
    let bounds = SliceBounds(start: start, limit: zip(start, sizes).map(+))
    return .update(.slice(bounds), [operation.operands[0]])
  } example: { b, x in
    try b.dynamicSlice(x, starts: [b.scalar(-3, .i32), b.scalar(7, .i32)], sizes: [2, 3])
  }
  SimplificationRule(
    "update-all", "dynamic_update_slice x u → u, of the same type", at: .dynamicUpdateSlice
  ) { rewriter, operation, type in
    rewriter.type(of: operation.operands[1]) == type ? .replace([operation.operands[1]]) : .keep
  } example: { b, x in
    try b.dynamicUpdateSlice(x, b.arguments[1], starts: [b.arguments[2], b.arguments[3]])
  }
  SimplificationRule(
    "update-nothing", "dynamic_update_slice x u → x, if u has no elements", at: .dynamicUpdateSlice
  ) { rewriter, operation, type in
    rewriter.type(of: operation.operands[1])?.count == 0
      ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    let empty = try b.slice(x, start: [0, 2], limit: [4, 2])
    return try b.dynamicUpdateSlice(x, empty, starts: [b.arguments[2], b.arguments[3]])
  }
  SimplificationRule(
    "update-with-itself", "dynamic_update_slice x i (dynamic_slice x i) → x",
    at: .dynamicUpdateSlice
  ) { rewriter, operation, type in
    guard let inner = rewriter.definition(of: operation.operands[1]),
      case .dynamicSlice = inner.op, inner.operands[0] == operation.operands[0],
      Array(inner.operands.dropFirst()) == Array(operation.operands.dropFirst(2))
    else { return .keep }
    return .replace([operation.operands[0]])
  } example: { b, x in
    let starts = [b.arguments[2], b.arguments[3]]
    return try b.dynamicUpdateSlice(
      x, b.dynamicSlice(x, starts: starts, sizes: [2, 2]), starts: starts)
  }
}

let gatherRules = rules {
  SimplificationRule(
    "gather-one", "gather x i → reshape (dynamic_slice x i), for one index", at: .gather
  ) { rewriter, operation, type in
    guard case .gather(let attributes) = operation.op, type.count > 0,
      let source = rewriter.type(of: operation.operands[0]),
      let indices = rewriter.type(of: operation.operands[1]), indices.count > 0
    else { return .keep }
    let numbers = attributes.dimensionNumbers
    // Each index of a batch takes something else.
    guard indices.count == numbers.startIndexMap.count, numbers.operandBatchingDims.isEmpty else {
      return .keep
    }
    let starts = rewriter.starts(
      operation.operands[1], indices, for: numbers.startIndexMap, rank: source.rank)
    let sliced = rewriter.insert(
      .dynamicSlice(sizes: attributes.sliceSizes), Operands([operation.operands[0]] + starts),
      type: source.with(attributes.sliceSizes))
    // The other axes of the result have extent 1.
    return .update(.reshape, [sliced])
  } example: { b, x in
    let indices = try b.concatenate(
      [b.reshape(b.arguments[3], [1]), b.reshape(b.arguments[2], [1])], dimension: 0)
    return try b.gather(
      x, indices: indices,
      GatherAttributes(
        GatherDimensionNumbers(
          offsetDims: [0], collapsedSliceDims: [0], startIndexMap: [1, 0], indexVectorDim: 0),
        sliceSizes: [1, 2]))
  }
  SimplificationRule(
    "gather-progression", "gather x [1, 3, 5] → slice x [1:6:2]", at: .gather
  ) { rewriter, operation, type in
    guard case .gather(let attributes) = operation.op, type.count > 0,
      let source = rewriter.type(of: operation.operands[0]),
      let axis = attributes.onlyIndexedAxis,
      let indices = rewriter.constantIntegers(operation.operands[1]), indices.count > 1
    else { return .keep }
    let step = indices[1] - indices[0]
    guard step != 0, zip(indices, indices.dropFirst()).allSatisfy({ $1 - $0 == step }),
      indices.allSatisfy({ $0 >= 0 && $0 < source.dimensions[axis] })
    else { return .keep }
    // The axis of the result that runs over the indices; all others are the operand's, in order.
    let batch = type.dimensions.indices.filter {
      !attributes.dimensionNumbers.offsetDims.contains($0) && type.dimensions[$0] != 1
    }
    guard batch.count == 1 else { return .keep }
    var bounds = SliceBounds(
      start: source.dimensions.map { _ in 0 }, limit: attributes.sliceSizes)
    let least = step > 0 ? indices[0] : indices[indices.count - 1]
    bounds.start[axis] = least
    bounds.strides[axis] = abs(step)
    bounds.limit[axis] = bounds.limit(of: indices.count, axis)
    var dimensions = attributes.sliceSizes
    dimensions[axis] = indices.count
    var part = rewriter.insert(
      .slice(bounds), [operation.operands[0]], type: source.with(dimensions))
    if step < 0 {
      part = rewriter.insert(
        .reverse(dimensions: [axis]), [part], type: source.with(dimensions))
    }
    let before = type.dimensions[..<batch[0]].indices.filter {
      attributes.dimensionNumbers.offsetDims.contains($0)
    }.count
    var order = source.dimensions.indices.filter { $0 != axis }
    order.insert(axis, at: before)
    guard let permutation = Permutation(checking: order) else { return .keep }
    if !permutation.isIdentity {
      part = rewriter.insert(
        .transpose(permutation), [part], type: source.with(order.map { dimensions[$0] }))
    }
    return .update(.reshape, [part])
  } example: { b, x in
    let indices = HostTensor([Int32(5), 3, 1], shape: [3, 1])
    return try b.gather(
      x, indices: b.constant(indices),
      GatherAttributes(
        GatherDimensionNumbers(
          offsetDims: [1], collapsedSliceDims: [1], startIndexMap: [1], indexVectorDim: 1),
        sliceSizes: [4, 1]))
  }
}

let scatterRules = rules {
  SimplificationRule(
    "scatter-one", "scatter x [2] u → dynamic_update_slice x u 2, for one constant index",
    at: .scatter
  ) { rewriter, operation, type in
    guard case .scatter(let attributes) = operation.op, operation.operands.count == 3,
      let combiner = rewriter.combiner(of: operation),
      let indices = rewriter.type(of: operation.operands[1]),
      let start = rewriter.constantIntegers(operation.operands[1]),
      let update = rewriter.type(of: operation.operands[2])
    else { return .keep }
    let numbers = attributes.dimensionNumbers
    guard indices.count == numbers.scatterDimsToOperandDims.count, numbers.inputBatchingDims.isEmpty
    else { return .keep }
    // The window with the axes of extent 1 that the update leaves out.
    var window = numbers.updateWindowDims.map { update.dimensions[$0] }[...]
    let sizes = type.dimensions.indices.map { axis in
      numbers.insertedWindowDims.contains(axis) ? 1 : window.popFirst() ?? 1
    }
    var place = type.dimensions.map { _ in 0 }
    for (axis, index) in zip(numbers.scatterDimsToOperandDims, start) { place[axis] = index }
    // Outside, a scatter leaves out what an update would move inside.
    guard sizes.reduce(1, *) == update.count,
      place.indices.allSatisfy({ place[$0] >= 0 && place[$0] + sizes[$0] <= type.dimensions[$0] })
    else { return .keep }
    var part = rewriter.insert(.reshape, [operation.operands[2]], type: type.with(sizes))
    if case .combine(let op) = combiner {
      let bounds = SliceBounds(start: place, limit: zip(place, sizes).map(+))
      let old = rewriter.insert(
        .slice(bounds), [operation.operands[0]], type: type.with(sizes))
      part = rewriter.insert(.binary(op), [old, part], type: type.with(sizes))
    }
    let starts = place.map { rewriter.insertIndex($0) }
    rewriter.removeRegions()
    return .update(.dynamicUpdateSlice, Operands([operation.operands[0], part] + starts))
  } example: { b, x in
    let update = try b.reshape(b.slice(x, start: [0, 0], limit: [1, 3]), [3])
    return try b.scatter(
      [b.arguments[1]], indices: b.constant(HostTensor([Int32(2), 1], shape: [2])),
      updates: [update],
      ScatterAttributes(
        ScatterDimensionNumbers(
          updateWindowDims: [0], insertedWindowDims: [1], scatterDimsToOperandDims: [1, 0],
          indexVectorDim: 0))
    ) { b, values in [try b.add(values[0], values[1])] }[0]
  }
}

extension GatherAttributes {
  /// The only axis that is indexed, one element at a time, where all others are taken whole or from
  /// their start; `nil` where that is not so.
  fileprivate var onlyIndexedAxis: Int? {
    guard dimensionNumbers.startIndexMap.count == 1, dimensionNumbers.operandBatchingDims.isEmpty,
      dimensionNumbers.collapsedSliceDims == dimensionNumbers.startIndexMap
    else { return nil }
    return dimensionNumbers.startIndexMap[0]
  }
}

/// How a scatter combines an element with its update.
private enum ScatterCombiner {
  /// The update replaces the element.
  case replace
  /// The element, then the update, are operands.
  case combine(BinaryOp)
}

extension Rewriter {
  /// The start of a `dynamic_slice` or `dynamic_update_slice`, clamped to where it fits; `nil` where
  /// it is not known.
  func constantStart(_ operation: Operation) -> [Int]? {
    guard let source = type(of: operation.operands[0]) else { return nil }
    let sizes: [Int]
    let indices: ArraySlice<ValueID>
    switch operation.op {
    case .dynamicSlice(let own):
      (sizes, indices) = (own, Array(operation.operands)[1...])
    case .dynamicUpdateSlice:
      sizes = type(of: operation.operands[1])?.dimensions ?? []
      indices = Array(operation.operands)[2...]
    default: return nil
    }
    var start: [Int] = []
    for (axis, index) in zip(sizes.indices, indices) {
      let limit = source.dimensions[axis] - sizes[axis]
      if limit == 0 {
        start.append(0)
      } else if let value = splat(index)?[0].integer {
        start.append(min(max(value, 0), limit))
      } else {
        return nil
      }
    }
    return start
  }

  /// The elements of a small integer constant.
  fileprivate func constantIntegers(_ value: ValueID) -> [Int]? {
    guard let type = type(of: value), type.isStatic, type.count <= 4096, type.element.isInteger
    else { return nil }
    if let splat = splat(value)?[0].integer { return [Int](repeating: splat, count: type.count) }
    guard let tensor = constant(value)?.tensor else { return nil }
    return (0..<tensor.count).compactMap { tensor[$0].integer }
  }

  /// The scalar starts that a single vector of indices gives to the axes `map`; 0 for the others.
  fileprivate mutating func starts(
    _ indices: ValueID, _ type: TensorType, for map: [Int], rank: Int
  ) -> [ValueID] {
    let scalar = TensorType.scalar(type.element)
    let flat = insert(.reshape, [indices], type: type.with([type.count]))
    let zero =
      map.count == rank ? nil : insert(.constant(Constant(0, scalar)), [], type: scalar)
    return (0..<rank).map { axis in
      guard let position = map.firstIndex(of: axis) else { return zero ?? indices }
      let bounds = SliceBounds(start: [position], limit: [position + 1])
      let one = insert(.slice(bounds), [flat], type: type.with([1]))
      return insert(.reshape, [one], type: scalar)
    }
  }

  /// A scalar constant index.
  fileprivate mutating func insertIndex(_ index: Int) -> ValueID {
    let scalar = TensorType.scalar(.i32)
    return insert(.constant(Constant(index, scalar)), [], type: scalar)
  }

  fileprivate func combiner(of scatter: Operation) -> ScatterCombiner? {
    let region = function.regions[scatter.regions[0]]
    guard let last = region.operations.last else { return nil }
    let result = function.operations[last].operands[0]
    if result == region.arguments[1] { return .replace }
    guard region.operations.count == 2, let operation = definition(of: result),
      case .binary(let op) = operation.op,
      operation.operands == [
        region.arguments[0], region.arguments[1],
      ]
    else { return nil }
    return .combine(op)
  }
}

extension Scalar {
  /// The value of an integer that fits.
  var integer: Int? {
    switch self {
    case .bool(let bit): bit ? 1 : 0
    case .int(let value): Int(value)
    case .uint(let value): Int(exactly: value)
    case .float, .complex: nil
    }
  }
}
