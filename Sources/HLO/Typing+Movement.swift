import Support
import Tensor

extension Typing {
  /// A result that no operand describes is static, or bounded along one axis.
  private func settled(_ result: TensorType) throws(Diagnostic) {
    let unknown = result.dimensions.filter { $0 == TensorType.dynamic }.count
    let isBounded =
      if case .bounds(let bounds)? = result.note {
        bounds.filter { $0 != nil }.count == unknown
      } else { false }
    try require(
      unknown == 0 || unknown == 1 && isBounded, "results",
      "\(result) is neither static nor bounded along one axis")
  }

  func movement() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .broadcastInDim(let dimensions):
      try count(1)
      try settled(try statedTensor())
      return [try broadcast(tensor(0), to: statedTensor(), dimensions)]

    case .dynamicBroadcastInDim(let dimensions, let expanding, let nonexpanding):
      try count(2)
      let hints = (expanding ?? []) + (nonexpanding ?? [])
      try require(
        Set(hints).count == hints.count, "C8",
        "known_expanding_dimensions and known_nonexpanding_dimensions have one twice")
      let rank = try tensor(0).rank
      try require(
        (expanding ?? []).allSatisfy { $0 >= 0 && $0 < rank }, "C9",
        "known_expanding_dimensions \(expanding ?? []) are not in 0..<\(rank)")
      try require(
        (nonexpanding ?? []).allSatisfy { $0 >= 0 && $0 < rank }, "C10",
        "known_nonexpanding_dimensions \(nonexpanding ?? []) are not in 0..<\(rank)")
      let (shape, result) = (try tensor(1), try statedTensor())
      try require(
        shape.rank == 1 && compatible(shape.dimensions[0], result.rank), "C7",
        "output_dimensions \(shape) does not have \(result.rank) elements")
      try require(shape.isStatic, "I2", "output_dimensions are \(shape)")
      try stated(result, has: 1, "C7", "output_dimensions")
      if let extents = known(1), extents.count == result.rank {
        _ = try broadcast(tensor(0), to: TensorType(extents, result.element), dimensions)
      }
      return [try broadcast(tensor(0), to: result, dimensions)]

    case .reshape:
      try count(1)
      let (x, result) = (try tensor(0), try statedTensor())
      try settled(result)
      try require(x.element == result.element, "C1", "\(x) to \(result)")
      if x.isStatic && result.isStatic && hasRepresentableSize(result) {
        try require(
          x.count == result.count, "C2",
          "\(x) has \(x.count) elements, \(result) has \(result.count)")
      }
      return [.tensor(result)]

    case .dynamicReshape:
      try count(2)
      let (x, shape, result) = (try tensor(0), try tensor(1), try statedTensor())
      try require(x.element == result.element, "C1", "\(x) to \(result)")
      try require(shape.isStatic, "I2", "output_shape is \(shape)")
      try require(
        shape.rank == 1 && compatible(shape.dimensions[0], result.rank), "C4",
        "output_shape \(shape) does not have \(result.rank) elements")
      try stated(result, has: 1, "C4", "output_shape")
      if x.isStatic, let target = known(1) ?? (result.isStatic ? result.dimensions : nil) {
        try require(
          hasRepresentableSize(TensorType(target, x.element))
            && x.count == target.reduce(1, *), "C2",
          "\(x) has \(x.count) elements, which cannot have the shape \(target)")
      }
      return [.tensor(result)]

    case .transpose(let permutation):
      try count(1)
      let x = try tensor(0)
      try require(
        permutation.axes.count == x.rank, "C2",
        "permutation \(permutation.axes) does not have the rank of \(x)")
      return [.tensor(x.with(permutation.axes.map { x.dimensions[$0] }))]

    case .reverse(let dimensions):
      try count(1)
      let x = try tensor(0)
      try distinct(dimensions, "C2", "dimensions")
      try axes(dimensions, below: x.rank, "C3", "dimensions")
      return [.tensor(x)]

    case .concatenate(let dimension):
      try require(!operands.isEmpty, "C3", "no inputs")
      let inputs = try tensors(0..<operands.count)
      let first = inputs[0]
      try require(
        dimension >= 0 && dimension < first.rank, "C4",
        "dimension \(dimension) is not in 0..<\(first.rank)")
      var dimensions = first.dimensions
      for input in inputs.dropFirst() {
        try require(
          input.element == first.element, "C1", "element types differ: \(first) and \(input)")
        try require(input.rank == first.rank, "C2", "ranks differ: \(first) and \(input)")
        for axis in dimensions.indices {
          if axis == dimension {
            let unknown =
              dimensions[axis] == TensorType.dynamic || input.dimensions[axis] == TensorType.dynamic
            dimensions[axis] =
              unknown ? TensorType.dynamic : dimensions[axis] + input.dimensions[axis]
          } else {
            try require(
              compatible(dimensions[axis], input.dimensions[axis]), "C2",
              "\(first) and \(input) differ in dimension \(axis)")
          }
        }
      }
      return [.tensor(first.with(dimensions))]

    case .slice(let bounds):
      try count(1)
      let x = try tensor(0)
      try require(
        bounds.start.count == x.rank && bounds.limit.count == x.rank
          && bounds.strides.count == x.rank, "C2", "the bounds do not have the rank of \(x)")
      var dimensions: [Int] = []
      for axis in 0..<x.rank {
        let (start, limit, stride) = (bounds.start[axis], bounds.limit[axis], bounds.strides[axis])
        let extent = x.dimensions[axis]
        try require(
          start >= 0 && start <= limit && (extent == TensorType.dynamic || limit <= extent), "C3",
          "start \(start), limit \(limit) in dimension \(axis) of \(x)")
        try require(stride > 0, "C4", "stride \(stride) in dimension \(axis)")
        dimensions.append((limit - start - 1 + stride) / stride)
      }
      return [.tensor(x.with(dimensions))]

    case .realDynamicSlice:
      try count(4)
      let (x, result) = (try tensor(0), try statedTensor())
      for index in 1...3 {
        let bound = try tensor(index)
        try require(
          bound.rank == 1 && compatible(bound.dimensions[0], x.rank), "C2",
          "\(bound) does not have \(x.rank) elements")
      }
      try require(x.element == result.element && x.rank == result.rank, "C1", "\(x) to \(result)")
      return [.tensor(result)]

    case .pad(let amounts):
      try count(2)
      let (x, value) = (try tensor(0), try tensor(1))
      try require(
        value.rank == 0 && value.element == x.element, "C1", "\(value) cannot pad \(x)")
      try require(
        amounts.low.count == x.rank && amounts.high.count == x.rank
          && amounts.interior.count == x.rank, "C2", "the amounts do not have the rank of \(x)")
      var dimensions: [Int] = []
      for axis in 0..<x.rank {
        let (low, high, interior) = (amounts.low[axis], amounts.high[axis], amounts.interior[axis])
        try require(interior >= 0, "C3", "interior padding \(interior) is negative")
        let extent = x.dimensions[axis]
        if extent == TensorType.dynamic {
          dimensions.append(extent)
          continue
        }
        guard
          let padded = dilated(extent, by: interior.addingReportingOverflow(1).partialValue)
            .flatMap({ sum($0, low, high) }), padded >= 0
        else {
          throw violation("C4", "dimension \(axis) of \(x) cannot be padded by \(low), \(high)")
        }
        dimensions.append(padded)
      }
      return [.tensor(x.with(dimensions))]

    case .dynamicPad:
      try count(5)
      let (x, value, result) = (try tensor(0), try tensor(1), try statedTensor())
      try require(
        value.rank == 0 && value.element == x.element, "C1", "\(value) cannot pad \(x)")
      for index in 2...4 {
        let amounts = try tensor(index)
        try require(
          amounts.rank == 1 && compatible(amounts.dimensions[0], x.rank), "C2",
          "\(amounts) does not have \(x.rank) elements")
      }
      try require(x.element == result.element && x.rank == result.rank, "C1", "\(x) to \(result)")
      if let interior = known(4) {
        try require(interior.allSatisfy { $0 >= 0 }, "C3", "interior_padding is \(interior)")
        if let low = known(2), let high = known(3), x.isStatic,
          [low, high, interior].allSatisfy({ $0.count == x.rank })
        {
          let padded = x.dimensions.indices.map { axis in
            dilated(x.dimensions[axis], by: interior[axis] &+ 1).flatMap {
              sum($0, low[axis], high[axis])
            } ?? -1
          }
          try require(
            compatible(padded, result.dimensions), "C4", "\(x) is padded to \(padded)")
        }
      }
      return [.tensor(result)]

    case .dynamicSlice(let sizes):
      let x = try tensor(0)
      try require(
        operands.count == x.rank + 1, "C2", "\(operands.count - 1) start indices for \(x)")
      try startIndices(from: 1, "C3")
      try require(sizes.count == x.rank, "C2", "slice_sizes \(sizes) for \(x)")
      for (size, extent) in zip(sizes, x.dimensions) {
        try require(
          size >= 0 && (extent == TensorType.dynamic || size <= extent), "C4",
          "slice_sizes \(sizes) exceed \(x)")
      }
      return [.tensor(x.with(sizes))]

    case .dynamicUpdateSlice:
      let (x, update) = (try tensor(0), try tensor(1))
      try require(x.element == update.element, "C2", "\(update) cannot update \(x)")
      try require(x.rank == update.rank, "C3", "\(update) cannot update \(x)")
      try require(
        operands.count == x.rank + 2, "C4", "\(operands.count - 2) start indices for \(x)")
      try startIndices(from: 2, "C5")
      for (size, extent) in zip(update.dimensions, x.dimensions) {
        try require(
          size == TensorType.dynamic || extent == TensorType.dynamic || size <= extent, "C6",
          "the update \(update) exceeds \(x)")
      }
      return [.tensor(x)]

    case .gather(let attributes):
      try count(2)
      return [.tensor(try gather(attributes, sizes: attributes.sliceSizes))]

    case .dynamicGather(let attributes):
      try count(3)
      let (x, sizes) = (try tensor(0), try tensor(2))
      try require(
        sizes.rank == 1 && compatible(sizes.dimensions[0], x.rank), "C20",
        "slice_sizes \(sizes) does not have \(x.rank) elements")
      let unknown = [Int](repeating: TensorType.dynamic, count: x.rank)
      return [.tensor(try gather(attributes, sizes: known(2) ?? unknown))]

    case .scatter(let attributes): return try scatter(attributes)

    case .getDimensionSize(let dimension):
      try count(1)
      let x = try tensor(0)
      try require(
        dimension >= 0 && dimension < x.rank, "C1",
        "dimension \(dimension) is not in 0..<\(x.rank)")
      return [.tensor([], .i32)]

    case .setDimensionSize(let dimension):
      try count(2)
      let x = try tensor(0)
      try require(
        dimension >= 0 && dimension < x.rank, "C1",
        "dimension \(dimension) is not in 0..<\(x.rank)")
      let size = try tensor(1)
      try require(size.rank == 0 && size.element == .i32, "I2", "the size is \(size)")
      var dimensions = x.dimensions
      dimensions[dimension] = TensorType.dynamic
      return [.tensor(x.with(dimensions))]

    default: throw internalError()
    }
  }

  /// Throws unless the stated result has the shape that operand `index` gives, where that is known.
  func stated(
    _ result: TensorType, has index: Int, _ label: String, _ what: String
  ) throws(Diagnostic) {
    guard let shape = known(index) else { return }
    try require(
      shape.allSatisfy { $0 >= 0 } && compatible(shape, result.dimensions), label,
      "\(what) \(shape) is not the shape of \(result)")
  }

  /// `extent` elements with `dilation - 1` more between neighbours; `nil` on overflow.
  func dilated(_ extent: Int, by dilation: Int) -> Int? {
    if extent == 0 { return 0 }
    let (product, overflow) = (extent - 1).multipliedReportingOverflow(by: dilation)
    return overflow ? nil : sum(product, 1, 0)
  }

  /// The sum, `nil` on overflow.
  func sum(_ a: Int, _ b: Int, _ c: Int) -> Int? {
    let (partial, overflow1) = a.addingReportingOverflow(b)
    let (total, overflow2) = partial.addingReportingOverflow(c)
    return overflow1 || overflow2 ? nil : total
  }

  private func broadcast(
    _ x: TensorType, to result: TensorType, _ dimensions: [Int]
  ) throws(Diagnostic) -> ValueType {
    try require(x.element == result.element, "C1", "\(x) to \(result)")
    try require(
      dimensions.count == x.rank, "C2",
      "broadcast_dimensions \(dimensions) do not have the rank of \(x)")
    try axes(dimensions, below: result.rank, "C3", "broadcast_dimensions")
    try distinct(dimensions, "C4", "broadcast_dimensions")
    for (axis, target) in dimensions.enumerated() {
      let (from, to) = (x.dimensions[axis], result.dimensions[target])
      try require(
        from == 1 || compatible(from, to), "C5",
        "dimension \(axis) of \(x) is neither 1 nor \(to), dimension \(target) of \(result)")
    }
    return .tensor(result)
  }

  private func startIndices(from first: Int, _ label: String) throws(Diagnostic) {
    for index in first..<max(first, operands.count) {
      let type = try tensor(index)
      try require(
        type.rank == 0 && type.element.isInteger, label,
        "start index \(type) is not a scalar integer")
      try require(
        operands[index] == operands[first], label, "start indices have different types")
    }
  }

  private func gather(
    _ attributes: GatherAttributes, sizes: [Int]
  ) throws(Diagnostic) -> TensorType {
    let (x, indices) = (try tensor(0), try tensor(1))
    let n = attributes.dimensionNumbers
    try require(
      x.rank == n.offsetDims.count + n.collapsedSliceDims.count + n.operandBatchingDims.count,
      "C1", "offset_dims, collapsed_slice_dims and operand_batching_dims do not cover \(x)")
    try require(
      n.indexVectorDim >= 0 && n.indexVectorDim <= indices.rank, "C2",
      "index_vector_dim \(n.indexVectorDim) is not in 0...\(indices.rank)")
    let vector = n.indexVectorDim < indices.rank ? indices.dimensions[n.indexVectorDim] : 1
    try require(
      compatible(n.startIndexMap.count, vector), "C3",
      "start_index_map \(n.startIndexMap) does not have \(vector) entries")
    try sorted(n.offsetDims, "C4", "offset_dims")
    try distinct(n.offsetDims, "C4", "offset_dims")
    let rank = n.offsetDims.count + indices.rank - (n.indexVectorDim < indices.rank ? 1 : 0)
    try axes(n.offsetDims, below: rank, "C5", "offset_dims")
    try distinct(
      n.collapsedSliceDims + n.operandBatchingDims, "C6",
      "collapsed_slice_dims and operand_batching_dims")
    try sorted(n.collapsedSliceDims, "C7", "collapsed_slice_dims")
    try axes(n.collapsedSliceDims, below: x.rank, "C8", "collapsed_slice_dims")
    try sorted(n.operandBatchingDims, "C10", "operand_batching_dims")
    try axes(n.operandBatchingDims, below: x.rank, "C11", "operand_batching_dims")
    try distinct(n.startIndicesBatchingDims, "C13", "start_indices_batching_dims")
    try axes(
      n.startIndicesBatchingDims, below: indices.rank, "C14", "start_indices_batching_dims")
    try require(
      !n.startIndicesBatchingDims.contains(n.indexVectorDim), "C15",
      "start_indices_batching_dims contain index_vector_dim")
    try require(
      n.operandBatchingDims.count == n.startIndicesBatchingDims.count, "C16",
      "operand_batching_dims and start_indices_batching_dims differ in number")
    for (a, b) in zip(n.operandBatchingDims, n.startIndicesBatchingDims) {
      try require(
        compatible(x.dimensions[a], indices.dimensions[b]), "C17",
        "batching dimensions of \(x) and \(indices) differ")
    }
    try distinct(
      n.startIndexMap + n.operandBatchingDims, "C18",
      "start_index_map and operand_batching_dims")
    try axes(n.startIndexMap, below: x.rank, "C19", "start_index_map")
    try require(sizes.count == x.rank, "C20", "slice_sizes \(sizes) for \(x)")
    for (axis, size) in sizes.enumerated() where size != TensorType.dynamic {
      try require(
        size >= 0 && (x.dimensions[axis] == TensorType.dynamic || size <= x.dimensions[axis]),
        "C21", "slice_sizes \(sizes) exceed \(x)")
      if n.collapsedSliceDims.contains(axis) {
        try require(size <= 1, "C9", "the collapsed dimension \(axis) has slice size \(size)")
      }
      if n.operandBatchingDims.contains(axis) {
        try require(size <= 1, "C12", "the batching dimension \(axis) has slice size \(size)")
      }
    }
    var batch = indices.dimensions.enumerated().filter { $0.offset != n.indexVectorDim }
      .map(\.element)[...]
    var offsets = sizes.enumerated().filter {
      !n.collapsedSliceDims.contains($0.offset) && !n.operandBatchingDims.contains($0.offset)
    }.map(\.element)[...]
    let isOffset = Set(n.offsetDims)
    return x.with(
      (0..<rank).map { isOffset.contains($0) ? offsets.removeFirst() : batch.removeFirst() })
  }

  private func scatter(_ attributes: ScatterAttributes) throws(Diagnostic) -> [ValueType] {
    try require(operands.count >= 3 && operands.count % 2 == 1, "operands", "an odd number, ≥ 3")
    try regionCount(1)
    let half = operands.count / 2
    let inputs = try tensors(0..<half)
    let indices = try tensor(half)
    let updates = try tensors(half + 1..<operands.count)
    let n = attributes.dimensionNumbers
    let (x, update) = (inputs[0], updates[0])
    for input in inputs {
      try require(
        compatible(input.dimensions, x.dimensions), "C1", "shapes differ: \(x) and \(input)")
    }
    try require(
      x.rank
        == n.updateWindowDims.count + n.insertedWindowDims.count + n.inputBatchingDims.count,
      "C2", "update_window_dims, inserted_window_dims and input_batching_dims do not cover \(x)")
    for other in updates {
      try require(
        compatible(other.dimensions, update.dimensions), "C3",
        "shapes differ: \(update) and \(other)")
    }
    try require(
      n.indexVectorDim >= 0 && n.indexVectorDim <= indices.rank, "C22",
      "index_vector_dim \(n.indexVectorDim) is not in 0...\(indices.rank)")
    let batch = indices.dimensions.enumerated().filter { $0.offset != n.indexVectorDim }
      .map(\.element)
    try require(
      update.rank == n.updateWindowDims.count + batch.count, "C4",
      "the updates \(update) have the wrong rank for \(indices)")
    for (input, other) in zip(inputs, updates) {
      try require(input.element == other.element, "C6", "\(other) cannot update \(input)")
    }
    try sorted(n.updateWindowDims, "C7", "update_window_dims")
    try distinct(n.updateWindowDims, "C7", "update_window_dims")
    try axes(n.updateWindowDims, below: update.rank, "C8", "update_window_dims")
    try distinct(
      n.insertedWindowDims + n.inputBatchingDims, "C9",
      "inserted_window_dims and input_batching_dims")
    try sorted(n.insertedWindowDims, "C10", "inserted_window_dims")
    try axes(n.insertedWindowDims, below: x.rank, "C11", "inserted_window_dims")
    try sorted(n.inputBatchingDims, "C12", "input_batching_dims")
    try axes(n.inputBatchingDims, below: x.rank, "C13", "input_batching_dims")
    try distinct(n.scatterIndicesBatchingDims, "C14", "scatter_indices_batching_dims")
    try axes(
      n.scatterIndicesBatchingDims, below: indices.rank, "C15", "scatter_indices_batching_dims")
    try require(
      !n.scatterIndicesBatchingDims.contains(n.indexVectorDim), "C16",
      "scatter_indices_batching_dims contain index_vector_dim")
    try require(
      n.inputBatchingDims.count == n.scatterIndicesBatchingDims.count, "C17",
      "input_batching_dims and scatter_indices_batching_dims differ in number")
    for (a, b) in zip(n.inputBatchingDims, n.scatterIndicesBatchingDims) {
      try require(
        compatible(x.dimensions[a], indices.dimensions[b]), "C18",
        "batching dimensions of \(x) and \(indices) differ")
    }
    let vector = n.indexVectorDim < indices.rank ? indices.dimensions[n.indexVectorDim] : 1
    try require(
      compatible(n.scatterDimsToOperandDims.count, vector), "C19",
      "scatter_dims_to_operand_dims \(n.scatterDimsToOperandDims) do not have \(vector) entries")
    try distinct(
      n.scatterDimsToOperandDims + n.inputBatchingDims, "C20",
      "scatter_dims_to_operand_dims and input_batching_dims")
    try axes(
      n.scatterDimsToOperandDims, below: x.rank, "C21", "scatter_dims_to_operand_dims")
    let isWindow = Set(n.updateWindowDims)
    let scatterDims = (0..<update.rank).filter { !isWindow.contains($0) }
    for (axis, extent) in zip(scatterDims, batch) {
      try require(
        compatible(update.dimensions[axis], extent), "C4",
        "the updates \(update) do not match the indices \(indices)")
    }
    let windowed = (0..<x.rank).filter {
      !n.insertedWindowDims.contains($0) && !n.inputBatchingDims.contains($0)
    }
    for (axis, operandAxis) in zip(n.updateWindowDims, windowed) {
      let (size, extent) = (update.dimensions[axis], x.dimensions[operandAxis])
      try require(
        size == TensorType.dynamic || extent == TensorType.dynamic || size <= extent, "C4",
        "the updates \(update) exceed \(x)")
    }
    let elements = try reducer(0, inputs: inputs, initial: inputs, "C23")
    return zip(inputs, elements).map { .tensor($0.with($1)) }
  }
}
