import Tensor

extension Printer {
  /// `@name`, quoted where it is not an identifier.
  func symbol(_ name: String) -> String {
    let isIdentifier =
      !name.isEmpty && !(name.utf8.first.map(isDigit) ?? true)
      && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x24 || $0 == 0x2e }
    return "@" + (isIdentifier ? name : quoted(name))
  }

  /// A string literal: what is not printable becomes two hexadecimal digits.
  func quoted(_ string: String) -> String {
    var text = "\""
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): text += "\\\\"
      case UInt8(ascii: "\""), 0..<0x20, 0x7f...:
        text += "\\" + String(byte, radix: 16, uppercase: true).leftPadded(to: 2)
      default: text.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return text + "\""
  }

  func entry(_ pair: (String, String)) -> String {
    let (name, value) = pair
    let isBare =
      !name.isEmpty && !(name.utf8.first.map(isDigit) ?? true)
      && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x24 || $0 == 0x2e }
    let key = isBare ? name : quoted(name)
    return value == "unit" || value.isEmpty ? key : key + " = " + value
  }

  /// `{a = 1 : i32, b}`
  func dictionary(_ attributes: [NamedAttribute]) -> String {
    let entries = attributes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      .map { entry(($0.name, attribute($0.value, inDictionary: true))) }
    return "{" + entries.joined(separator: ", ") + "}"
  }

  /// In arrays, the types `i64` and `f64` go without saying.
  func attribute(_ attribute: Attribute, inDictionary: Bool) -> String {
    switch attribute {
    case .unit: return "unit"
    case .bool(let value): return "\(value)"
    case .integer(let value, let type):
      return !inDictionary && type == "i64" ? "\(value)" : "\(value) : \(type)"
    case .float(let value, let type):
      let element = ElementType(stablehlo: type) ?? .f64
      let text = floatText(value, element, bits: element.bits(of: value) ?? 0)
      return !inDictionary && type == "f64" ? text : "\(text) : \(type)"
    case .string(let value): return quoted(value)
    case .symbol(let name): return symbol(name)
    case .type(let type): return type.description
    case .array(let elements):
      return "["
        + elements.map { self.attribute($0, inDictionary: false) }.joined(separator: ", ") + "]"
    case .integers(let values, let type):
      let elements =
        type == "i1"
        ? values.map { $0 == 0 ? "false" : "true" } : values.map { String($0) }
      return "array<\(type)" + (values.isEmpty ? "" : ": ") + elements.joined(separator: ", ")
        + ">"
    case .dictionary(let attributes): return dictionary(attributes)
    case .dense(let constant): return denseText(constant) + " : " + constant.type.description
    case .opaque(let text): return text
    }
  }

  /// `array<i64: 1, 2>`
  func array(_ values: [Int]) -> String {
    attribute(.integers(values, type: "i64"), inDictionary: true)
  }

  /// `dense<[[0, 1]]> : tensor<1x2xi64>`
  func matrixText(_ rows: [[Int]]) -> String {
    let width = rows.first?.count ?? 0
    let values = rows.flatMap { $0 }
    let type = " : tensor<\(rows.count)x\(width)xi64>"
    if values.isEmpty { return "dense<>" + type }
    if values.allSatisfy({ $0 == values[0] }) { return "dense<\(values[0])>" + type }
    return "dense<\(rows)>" + type
  }

  func gatherText(_ n: GatherDimensionNumbers) -> String {
    "#stablehlo.gather<"
      + fields(
        [
          ("offset_dims", n.offsetDims), ("collapsed_slice_dims", n.collapsedSliceDims),
          ("operand_batching_dims", n.operandBatchingDims),
          ("start_indices_batching_dims", n.startIndicesBatchingDims),
          ("start_index_map", n.startIndexMap),
        ], "index_vector_dim", n.indexVectorDim) + ">"
  }

  func scatterText(_ n: ScatterDimensionNumbers) -> String {
    "#stablehlo.scatter<"
      + fields(
        [
          ("update_window_dims", n.updateWindowDims),
          ("inserted_window_dims", n.insertedWindowDims),
          ("input_batching_dims", n.inputBatchingDims),
          ("scatter_indices_batching_dims", n.scatterIndicesBatchingDims),
          ("scatter_dims_to_operand_dims", n.scatterDimsToOperandDims),
        ], "index_vector_dim", n.indexVectorDim) + ">"
  }

  func gatherEntries(_ attributes: GatherAttributes) -> [(String, String)] {
    var entries = [("dimension_numbers", gatherText(attributes.dimensionNumbers))]
    if attributes.statesFlags || attributes.indicesAreSorted {
      entries.append(("indices_are_sorted", "\(attributes.indicesAreSorted)"))
    }
    return entries
  }

  func scatterEntries(_ attributes: ScatterAttributes) -> [(String, String)] {
    var entries = [("scatter_dimension_numbers", scatterText(attributes.dimensionNumbers))]
    if attributes.statesFlags || attributes.indicesAreSorted {
      entries.insert(("indices_are_sorted", "\(attributes.indicesAreSorted)"), at: 0)
    }
    if attributes.statesFlags || attributes.uniqueIndices {
      entries.append(("unique_indices", "\(attributes.uniqueIndices)"))
    }
    return entries
  }

  /// Empty lists and a zero are left out.
  private func fields(_ lists: [(String, [Int])], _ last: String, _ value: Int) -> String {
    var parts = lists.filter { !$0.1.isEmpty }.map { "\($0) = \($1)" }
    if value != 0 { parts.append("\(last) = \(value)") }
    return parts.joined(separator: ", ")
  }

  func dotText(_ attributes: DotAttributes) -> String {
    let n = attributes.dimensionNumbers
    var text = ""
    if !n.lhsBatching.isEmpty || !n.rhsBatching.isEmpty {
      text += ", batching_dims = \(n.lhsBatching) x \(n.rhsBatching)"
    }
    text += ", contracting_dims = \(n.lhsContracting) x \(n.rhsContracting)"
    if !attributes.precision.isEmpty {
      text +=
        ", precision = [" + attributes.precision.map(\.rawValue).joined(separator: ", ") + "]"
    }
    if let algorithm = attributes.algorithm {
      text += ", algorithm = " + algorithmText(algorithm)
    }
    return text
  }

  func algorithmText(_ a: DotAlgorithm) -> String {
    "<lhs_precision_type = \(a.lhsPrecision), rhs_precision_type = \(a.rhsPrecision), "
      + "accumulation_type = \(a.accumulation), lhs_component_count = \(a.lhsComponents), "
      + "rhs_component_count = \(a.rhsComponents), "
      + "num_primitive_operations = \(a.primitiveOperations), "
      + "allow_imprecise_accumulation = \(a.allowImpreciseAccumulation)>"
  }

  /// ` dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {stride = [2]}`
  func convolutionText(_ c: ConvolutionAttributes) -> String {
    var window: [String] = []
    if c.stated.contains(.strides) { window.append("stride = \(c.strides)") }
    if c.stated.contains(.padding) {
      window.append("pad = \(c.padding.map { [$0.low, $0.high] })")
    }
    if c.stated.contains(.baseDilations) { window.append("lhs_dilate = \(c.lhsDilation)") }
    if c.stated.contains(.windowDilations) { window.append("rhs_dilate = \(c.rhsDilation)") }
    if c.stated.contains(.reversal) { window.append("reverse = \(c.windowReversal)") }
    return " dim_numbers = " + numbersText(c.dimensionNumbers)
      + ", window = {" + window.joined(separator: ", ") + "}"
  }

  /// The same in the generic form, the names in order.
  func convolutionEntries(_ c: ConvolutionAttributes) -> [(String, String)] {
    var entries = [
      ("batch_group_count", "\(c.batchGroupCount) : i64"),
      ("dimension_numbers", "#stablehlo.conv<\(numbersText(c.dimensionNumbers))>"),
      ("feature_group_count", "\(c.featureGroupCount) : i64"),
    ]
    if c.stated.contains(.baseDilations) { entries.append(("lhs_dilation", array(c.lhsDilation))) }
    if c.stated.contains(.padding) {
      entries.append(("padding", matrixText(c.padding.map { [$0.low, $0.high] })))
    }
    entries += precisionEntry(c.precision)
    if c.stated.contains(.windowDilations) {
      entries.append(("rhs_dilation", array(c.rhsDilation)))
    }
    if c.stated.contains(.reversal) {
      let flags = Attribute.integers(c.windowReversal.map { $0 ? 1 : 0 }, type: "i1")
      entries.append(("window_reversal", attribute(flags, inDictionary: true)))
    }
    if c.stated.contains(.strides) { entries.append(("window_strides", array(c.strides))) }
    return entries
  }

  /// `[b, 0, f]x[0, i, o]->[b, 0, f]`
  private func numbersText(_ n: ConvDimensionNumbers) -> String {
    func labels(_ first: (Int, String), _ second: (Int, String), _ spatial: [Int]) -> String {
      var labels = [String](repeating: "?", count: spatial.count + 2)
      for (axis, label) in [first, second] + spatial.enumerated().map({ ($1, "\($0)") })
      where labels.indices.contains(axis) {
        labels[axis] = label
      }
      return "[" + labels.joined(separator: ", ") + "]"
    }
    return labels((n.inputBatch, "b"), (n.inputFeature, "f"), n.inputSpatial) + "x"
      + labels((n.kernelInputFeature, "i"), (n.kernelOutputFeature, "o"), n.kernelSpatial) + "->"
      + labels((n.outputBatch, "b"), (n.outputFeature, "f"), n.outputSpatial)
  }

  func precisionEntry(_ precision: [Precision]) -> [(String, String)] {
    if precision.isEmpty { return [] }
    let list = precision.map { "#stablehlo<precision \($0.rawValue)>" }
    return [("precision_config", "[" + list.joined(separator: ", ") + "]")]
  }

  /// `compare_type = #chlo<comparison_type FLOAT>`: chlo has names of its own for these.
  func broadcastingEntries(_ op: Op, _ dimensions: [Int]?) -> [(String, String)] {
    var entries: [(String, String)] = []
    if let dimensions { entries.append(("broadcast_dimensions", array(dimensions))) }
    if case .compare(let comparison) = op {
      if let type = comparison.type {
        entries.append(("compare_type", "#chlo<comparison_type \(type.rawValue)>"))
      }
      let direction = comparison.direction.rawValue
      entries.append(("comparison_direction", "#chlo<comparison_direction \(direction)>"))
    }
    return entries
  }

  /// `3.000000e+00 : f32`
  func scalarText(_ constant: Constant) -> String {
    let type = constant.type.element.stablehloName
    let value: Attribute =
      switch constant.tensor[0] {
      case .bool(let value): .bool(value)
      case .int(let value): .integer(Int(value), type: type)
      case .uint(let value): .integer(Int(bitPattern: UInt(value)), type: type)
      case .float(let value): .float(value, type: type)
      case .complex: preconditionFailure("a complex attribute")
      }
    return attribute(value, inDictionary: true)
  }

  func scanAttributes(_ scan: ScanAttributes) -> [NamedAttribute] {
    var attributes: [NamedAttribute] = []
    if let isAssociative = scan.isAssociative {
      attributes.append(NamedAttribute("is_associative", .bool(isAssociative)))
    }
    if scan.isReverse { attributes.append(NamedAttribute("is_reverse", .bool(true))) }
    if let size = scan.size {
      attributes.append(NamedAttribute("scan_dim_size", .integer(size, type: "i64")))
    }
    return attributes
  }

  func raggedDotEntries(_ attributes: RaggedDotAttributes) -> [(String, String)] {
    let n = attributes.dimensionNumbers
    let lists = [
      ("lhs_batching_dimensions", n.lhsBatching), ("rhs_batching_dimensions", n.rhsBatching),
      ("lhs_contracting_dimensions", n.lhsContracting),
      ("rhs_contracting_dimensions", n.rhsContracting),
      ("lhs_ragged_dimensions", attributes.lhsRagged),
      ("rhs_group_dimensions", attributes.rhsGroup),
    ].filter { !$0.1.isEmpty }.map { "\($0) = \($1)" }
    let numbers = "#chlo.ragged_dot<" + lists.joined(separator: ", ") + ">"
    let precision = precisionEntry(attributes.precision).map { name, value in
      (name, value.replacing("#stablehlo<", with: "#chlo<"))
    }
    return precision + [("ragged_dot_dimension_numbers", numbers)]
  }

  func windowEntries(_ window: WindowAttributes, isScatter: Bool) -> [(String, String)] {
    var entries: [(String, String)] = []
    if !isScatter && window.stated.contains(.baseDilations) {
      entries.append(("base_dilations", array(window.baseDilations)))
    }
    if window.stated.contains(.padding) {
      entries.append(("padding", matrixText(window.padding.map { [$0.low, $0.high] })))
    }
    if !isScatter && window.stated.contains(.windowDilations) {
      entries.append(("window_dilations", array(window.windowDilations)))
    }
    entries.append(("window_dimensions", array(window.dimensions)))
    if window.stated.contains(.strides) {
      entries.append(("window_strides", array(window.strides)))
    }
    return entries
  }

  func channelText(_ channel: ChannelHandle) -> String {
    "#stablehlo.channel_handle<handle = \(channel.handle), type = \(channel.type)>"
  }

  func collectiveEntries(
    _ attributes: CollectiveAttributes, groups: String = "replica_groups"
  ) -> [(String, String)] {
    var entries: [(String, String)] = []
    if let channel = attributes.channel {
      entries.append(("channel_handle", channelText(channel)))
    }
    if attributes.hasDynamicRoot { entries.append(("has_dynamic_root", "unit")) }
    entries.append((groups, matrixText(attributes.groups)))
    if attributes.useGlobalDeviceIDs { entries.append(("use_global_device_ids", "unit")) }
    return entries
  }

  func customCallEntries(_ attributes: CustomCallAttributes) -> [(String, String)] {
    var entries: [(String, String)] = []
    if let version = attributes.apiVersion, version != 1 {
      entries.append(("api_version", "\(version) : i32"))
    }
    if let config = attributes.backendConfig {
      entries.append(("backend_config", attribute(config, inDictionary: true)))
    }
    if !attributes.calledComputations.isEmpty {
      let symbols = attributes.calledComputations.map(symbol).joined(separator: ", ")
      entries.append(("called_computations", "[\(symbols)]"))
    }
    if attributes.hasSideEffect { entries.append(("has_side_effect", "true")) }
    if let layouts = attributes.operandLayouts {
      entries.append(("operand_layouts", layoutsText(layouts)))
    }
    if let aliases = attributes.outputOperandAliases {
      let texts = aliases.map { alias in
        "#stablehlo.output_operand_alias<output_tuple_indices = \(alias.output), "
          + "operand_index = \(alias.operandIndex), operand_tuple_indices = \(alias.operand)>"
      }
      entries.append(("output_operand_aliases", "[" + texts.joined(separator: ", ") + "]"))
    }
    if let layouts = attributes.resultLayouts {
      entries.append(("result_layouts", layoutsText(layouts)))
    }
    return entries
  }

  private func layoutsText(_ layouts: [[Int]]) -> String {
    let texts = layouts.map { layout in
      let values = layout.count == 1 ? "\(layout[0])" : layout.isEmpty ? "" : "\(layout)"
      return "dense<\(values)> : tensor<\(layout.count)xindex>"
    }
    return "[" + texts.joined(separator: ", ") + "]"
  }
}

func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

func isLetter(_ byte: UInt8) -> Bool {
  byte >= 0x41 && byte <= 0x5a || byte >= 0x61 && byte <= 0x7a || byte == 0x5f
}
