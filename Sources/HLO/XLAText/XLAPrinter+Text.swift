import Tensor

extension XLAPrinter {
  /// `f32[2,3]{1,0}`
  func shape(_ type: ValueType) -> String {
    switch type {
    case .tensor(let type):
      let layout = (0..<type.rank).reversed().map { String($0) }.joined(separator: ",")
      return
        "\(element(type.element))[\(type.dimensions.map { String($0) }.joined(separator: ","))]"
        + (type.rank == 0 ? "" : "{\(layout)}")
    case .token: return "token[]"
    case .tuple(let types): return tuple(types)
    }
  }

  func tuple(_ types: [ValueType]) -> String {
    "(" + types.map(shape).joined(separator: ", ") + ")"
  }

  /// One shape as it is, others as a tuple.
  func resultShape(_ types: [ValueType]) -> String {
    types.count == 1 ? shape(types[0]) : tuple(types)
  }

  private func element(_ type: ElementType) -> String {
    switch type.kind {
    case .bool: "pred"
    case .signed: "s\(type.bitWidth)"
    case .unsigned: "u\(type.bitWidth)"
    case .complex: type == .c64 ? "c64" : "c128"
    case .float: type.stablehloName.lowercased()
    case .float0, .key: "token"
    }
  }

  /// `{0,1}`
  func braces(_ values: [Int]) -> String {
    "{" + values.map { String($0) }.joined(separator: ",") + "}"
  }

  /// `{{1, 2}, {3, 4}}`
  func literal(_ tensor: HostTensor, _ dimensions: [Int]) -> String {
    if tensor.count == 0 { return dimensions.count == 1 ? "{}" : nestedEmpty(dimensions) }
    var text = ""
    var sizes: [Int] = []
    var size = 1
    for extent in dimensions.reversed() {
      size *= extent
      sizes.append(size)
    }
    for position in 0..<tensor.count {
      if position > 0 { text += ", " }
      for size in sizes where position % size == 0 { text += "{" }
      text += number(tensor[position], tensor.type)
      for size in sizes where (position + 1) % size == 0 { text += "}" }
    }
    return text
  }

  /// Braces down to the dimension that has no elements.
  private func nestedEmpty(_ dimensions: [Int]) -> String {
    guard let first = dimensions.first else { return "{}" }
    let inner = dimensions.dropFirst()
    if first == 0 { return "{}" }
    let one = nestedEmpty(Array(inner))
    return "{" + [String](repeating: one, count: first).joined(separator: ", ") + "}"
  }

  private func number(_ scalar: Scalar, _ type: ElementType) -> String {
    func real(_ value: Double) -> String {
      if value.isNaN { return "nan" }
      if value.isInfinite { return value < 0 ? "-inf" : "inf" }
      return type == .f32 || type == .c64 ? "\(Float(value))" : "\(value)"
    }
    switch scalar {
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return "\(value)"
    case .uint(let value): return "\(value)"
    case .float(let value): return real(value)
    case .complex(let value): return "(\(real(value.real)), \(real(value.imaginary)))"
    }
  }

  /// Entries with lists; empty ones that HLO leaves out are left out.
  private func entries(_ lists: [(String, [Int])]) -> String {
    lists.map { "\($0)=\(braces($1))" }.joined(separator: ", ")
  }

  func gatherText(_ attributes: GatherAttributes) -> String {
    let n = attributes.dimensionNumbers
    var text = entries([
      ("offset_dims", n.offsetDims), ("collapsed_slice_dims", n.collapsedSliceDims),
      ("start_index_map", n.startIndexMap),
    ])
    if !n.operandBatchingDims.isEmpty {
      text +=
        ", "
        + entries([
          ("operand_batching_dims", n.operandBatchingDims),
          ("start_indices_batching_dims", n.startIndicesBatchingDims),
        ])
    }
    text += ", index_vector_dim=\(n.indexVectorDim), slice_sizes=\(braces(attributes.sliceSizes))"
    return text + (attributes.indicesAreSorted ? ", indices_are_sorted=true" : "")
  }

  func scatterText(_ attributes: ScatterAttributes) -> String {
    let n = attributes.dimensionNumbers
    var text = entries([
      ("update_window_dims", n.updateWindowDims), ("inserted_window_dims", n.insertedWindowDims),
      ("scatter_dims_to_operand_dims", n.scatterDimsToOperandDims),
    ])
    if !n.inputBatchingDims.isEmpty {
      text +=
        ", "
        + entries([
          ("input_batching_dims", n.inputBatchingDims),
          ("scatter_indices_batching_dims", n.scatterIndicesBatchingDims),
        ])
    }
    text += ", index_vector_dim=\(n.indexVectorDim)"
    if attributes.indicesAreSorted { text += ", indices_are_sorted=true" }
    return text + (attributes.uniqueIndices ? ", unique_indices=true" : "")
  }

  func dotText(_ attributes: DotAttributes) -> String {
    let n = attributes.dimensionNumbers
    var lists: [(String, [Int])] = []
    if !n.lhsBatching.isEmpty {
      lists += [("lhs_batch_dims", n.lhsBatching), ("rhs_batch_dims", n.rhsBatching)]
    }
    lists += [
      ("lhs_contracting_dims", n.lhsContracting), ("rhs_contracting_dims", n.rhsContracting),
    ]
    return entries(lists) + precisionText(attributes.precision)
  }

  private func precisionText(_ precision: [Precision]) -> String {
    if precision.allSatisfy({ $0 == .default }) { return "" }
    let list = precision.map { $0.rawValue.lowercased() }.joined(separator: ",")
    return ", operand_precision={\(list)}"
  }

  /// The window with a comma after it; nothing for a window without dimensions.
  func windowText(_ window: WindowAttributes) -> String {
    if window.dimensions.isEmpty { return "" }
    return "window={"
      + windowParts(
        window.dimensions, strides: window.strides, padding: window.padding,
        base: window.baseDilations, dilation: window.windowDilations, reversal: []) + "}, "
  }

  private func windowParts(
    _ size: [Int], strides: [Int], padding: [Padding], base: [Int], dilation: [Int],
    reversal: [Bool]
  ) -> String {
    func joined(_ values: [Int]) -> String { values.map { String($0) }.joined(separator: "x") }
    var parts = ["size=\(joined(size))"]
    if strides.contains(where: { $0 != 1 }) { parts.append("stride=\(joined(strides))") }
    if padding.contains(where: { $0.low != 0 || $0.high != 0 }) {
      parts.append("pad=" + padding.map { "\($0.low)_\($0.high)" }.joined(separator: "x"))
    }
    if base.contains(where: { $0 != 1 }) { parts.append("lhs_dilate=\(joined(base))") }
    if dilation.contains(where: { $0 != 1 }) { parts.append("rhs_dilate=\(joined(dilation))") }
    if reversal.contains(true) {
      parts.append("rhs_reversal=\(joined(reversal.map { $0 ? 1 : 0 }))")
    }
    return parts.joined(separator: " ")
  }

  func convolutionText(
    _ c: ConvolutionAttributes, _ function: Function, _ operation: Operation
  ) -> String {
    let n = c.dimensionNumbers
    let kernel = function.type(of: operation.operands[1]).tensor?.dimensions ?? []
    func labels(_ first: (Int, String), _ second: (Int, String), _ spatial: [Int]) -> String {
      var labels = [String](repeating: "?", count: spatial.count + 2)
      for (axis, label) in [first, second] + spatial.enumerated().map({ ($1, "\($0)") })
      where labels.indices.contains(axis) {
        labels[axis] = label
      }
      return labels.joined()
    }
    var text = ""
    if !n.kernelSpatial.isEmpty {
      text =
        "window={"
        + windowParts(
          n.kernelSpatial.map { kernel[$0] }, strides: c.strides, padding: c.padding,
          base: c.lhsDilation, dilation: c.rhsDilation, reversal: c.windowReversal) + "}, "
    }
    text += "dim_labels=" + labels((n.inputBatch, "b"), (n.inputFeature, "f"), n.inputSpatial) + "_"
    text += labels((n.kernelInputFeature, "i"), (n.kernelOutputFeature, "o"), n.kernelSpatial)
    text += "->" + labels((n.outputBatch, "b"), (n.outputFeature, "f"), n.outputSpatial)
    if c.featureGroupCount != 1 { text += ", feature_group_count=\(c.featureGroupCount)" }
    if c.batchGroupCount != 1 { text += ", batch_group_count=\(c.batchGroupCount)" }
    return text + precisionText(c.precision)
  }
}
