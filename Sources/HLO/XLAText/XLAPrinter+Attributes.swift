import Tensor

// Attributes as HLO writes them, behind the operands of an instruction.

extension XLAPrinter {
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

  /// Nothing for a window without dimensions.
  func windowText(_ window: WindowAttributes) -> String {
    if window.dimensions.isEmpty { return "" }
    return "window={"
      + windowParts(
        window.dimensions, strides: window.strides, padding: window.padding,
        base: window.baseDilations, dilation: window.windowDilations, reversal: []) + "}"
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

  /// - Parameter kernel: the extents of the kernel, which give the window its size.
  func convolutionText(_ c: ConvolutionAttributes, kernel: [Int]) -> String {
    let n = c.dimensionNumbers
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

  func sliceText(_ bounds: SliceBounds) -> String {
    let ranges = bounds.start.indices.map { axis in
      "[\(bounds.start[axis]):\(bounds.limit[axis])"
        + (bounds.strides[axis] == 1 ? "]" : ":\(bounds.strides[axis])]")
    }
    return "slice={\(ranges.joined(separator: ", "))}"
  }

  func paddingText(_ amounts: PadAmounts) -> String {
    let edges = amounts.low.indices.map { axis in
      "\(amounts.low[axis])_\(amounts.high[axis])"
        + (amounts.interior[axis] == 0 ? "" : "_\(amounts.interior[axis])")
    }
    return edges.isEmpty ? "" : "padding=\(edges.joined(separator: "x"))"
  }

  // MARK: Calls and devices

  /// - Parameter extra: attributes of the operation; a typed call may have its configuration there.
  func customCallText(
    _ call: CustomCallAttributes, _ extra: [NamedAttribute], _ operands: [ValueType]
  ) -> String {
    var parts = ["custom_call_target=\"\(call.target)\""]
    if let layouts = call.operandLayouts, layouts.count == operands.count {
      let shapes = xlaShapes(of: operands, layouts: layouts).joined(separator: ", ")
      parts.append("operand_layout_constraints={\(shapes)}")
    }
    if call.hasSideEffect { parts.append("custom_call_has_side_effect=true") }
    let configuration = extra["mhlo.backend_config"] ?? call.backendConfig
    if call.apiVersion == 4 || extra["mhlo.backend_config"] != nil {
      parts.append("api_version=API_VERSION_TYPED_FFI")
    }
    switch configuration {
    case .dictionary(let entries)?:
      parts.append("backend_config=\(Printer().dictionary(entries))")
    case .string(let text)? where !text.isEmpty:
      parts.append("backend_config=\(Printer().quoted(text))")
    default: break
    }
    return parts.joined(separator: ", ")
  }

  func collectiveText(_ a: CollectiveAttributes) -> String {
    let parts = ["replica_groups=\(groupsText(a.groups))", channelText(a)]
    return parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// `{{0,1},{2,3}}`
  func groupsText(_ groups: [[Int]]) -> String {
    "{" + groups.map { braces($0) }.joined(separator: ",") + "}"
  }

  func channelText(_ a: CollectiveAttributes) -> String {
    guard let channel = a.channel else { return "" }
    return "channel_id=\(channel.handle)"
      + (a.useGlobalDeviceIDs ? ", use_global_device_ids=true" : "")
  }
}
