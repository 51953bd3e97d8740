import Support
import Tensor

extension Module: CustomStringConvertible {
  /// StableHLO's text, as MLIR prints it.
  public var description: String {
    var printer = Printer()
    printer.print(self)
    return printer.text
  }

  /// The same with the location of every operation: its path through what was traced, and its place
  /// in `sources`.
  public func text(locatedIn sources: SourceMap) -> String {
    var printer = Printer(sources: sources)
    printer.print(self)
    return printer.text
  }
}

extension Function: CustomStringConvertible {
  /// StableHLO's text, as MLIR prints it.
  public var description: String {
    var printer = Printer()
    printer.print(self, indent: 0)
    return printer.text
  }
}

/// Writes a module as MLIR writes it: pretty forms where StableHLO has them, else the generic one.
struct Printer {
  private(set) var text = ""
  private var function = Function(name: "", arguments: [])
  private var names = ValueNames(Function(name: "", arguments: []))
  private var indent = 0
  /// The regions around the current operation, the function's body not counted.
  private var depth = -1
  /// The files that locations point into; without them no locations are written.
  private let sources: SourceMap?

  init(sources: SourceMap? = nil) { self.sources = sources }

  mutating func print(_ module: Module) {
    text += "module"
    if let name = module.name { text += " " + symbol(name) }
    if !module.attributes.isEmpty { text += " attributes " + dictionary(module.attributes) }
    text += " {\n"
    for mesh in module.meshes {
      text += "  sdy.mesh \(symbol(mesh.name)) = \(mesh.axes)"
      if !mesh.attributes.isEmpty { text += " " + dictionary(mesh.attributes) }
      text += "\n"
    }
    for function in module.functions {
      print(function, indent: 1)
    }
    text += "}\(stated(module.location))\n"
  }

  mutating func print(_ function: Function, indent: Int) {
    self.function = function
    names = ValueNames(function)
    self.indent = indent
    newline()
    text += "func.func "
    if let visibility = function.visibility { text += visibility.rawValue + " " }
    text += symbol(function.name) + "("
    let hasBody = !function.isDeclaration
    for (index, argument) in function.arguments.enumerated() {
      if index > 0 { text += ", " }
      if hasBody { text += names[argument] + ": " }
      text += function.type(of: argument).description
      let attributes = function.argumentAttributes[index]
      if !attributes.isEmpty { text += " " + dictionary(attributes) }
      text += stated(function.locations.arguments[argument])
    }
    text += ")"
    let types = function.resultTypes
    if !types.isEmpty {
      text += " -> "
      let isBare = types.count == 1 && (function.resultAttributes.first ?? []).isEmpty
      if !isBare { text += "(" }
      for (index, type) in types.enumerated() {
        if index > 0 { text += ", " }
        text += type.description
        if index < function.resultAttributes.count, !function.resultAttributes[index].isEmpty {
          text += " " + dictionary(function.resultAttributes[index])
        }
      }
      if !isBare { text += ")" }
    }
    if !function.attributes.isEmpty { text += " attributes " + dictionary(function.attributes) }
    if hasBody {
      text += " {\n"
      printOperations(of: function.body)
      newline()
      text += "}"
    }
    text += stated(function.locations.function.stated) + "\n"
  }

  /// ` loc(…)` where locations are written and the text that was read says one.
  private func stated(_ location: StatedLocation?) -> String {
    guard sources != nil, let location else { return "" }
    return " loc(\(text(location)))"
  }

  private mutating func newline() {
    for _ in 0..<indent { text += "  " }
  }

  private mutating func printOperations(of region: RegionID) {
    indent += 1
    depth += 1
    for operation in function.regions[region].operations {
      newline()
      print(operation)
      if let sources { text += " " + locationText(function.locations[operation], sources) }
      text += "\n"
    }
    depth -= 1
    indent -= 1
  }

  /// `{`, the block's arguments, its operations and `}`.
  private mutating func print(region: RegionID) {
    text += "{\n"
    let arguments = function.regions[region].arguments
    if !arguments.isEmpty {
      newline()
      text += "^bb0("
      printTyped(arguments)
      text += "):\n"
    }
    printOperations(of: region)
    newline()
    text += "}"
  }

  /// `%arg0: tensor<f32>, …`
  private mutating func printTyped(_ values: [ValueID]) {
    for (index, value) in values.enumerated() {
      if index > 0 { text += ", " }
      text += names[value] + ": " + function.type(of: value).description
      text += stated(function.locations.arguments[value])
    }
  }

  private func list(_ values: some Sequence<ValueID>) -> String {
    var text = ""
    for value in values {
      if !text.isEmpty { text += ", " }
      text += names[value]
    }
    return text
  }

  private func types(_ values: some Sequence<ValueID>) -> String {
    var text = ""
    for value in values {
      if !text.isEmpty { text += ", " }
      text += function.type(of: value).description
    }
    return text
  }

  /// `(operand types) -> result types`
  private func functionType(_ operation: Operation) -> String {
    let results =
      operation.results.count == 1
      ? types(operation.results) : "(" + types(operation.results) + ")"
    return "(" + types(operation.operands) + ") -> " + results
  }

  private mutating func print(_ id: OperationID) {
    let operation = function.operations[id]
    if let first = operation.results.first {
      if operation.results.count == 1 || !operation.op.resultNames.isEmpty {
        text += list(operation.results)
      } else {
        text += names[first].dropLast(2) + ":\(operation.results.count)"
      }
      text += " = "
    }
    let extra = function.operationAttributes[id] ?? []
    let form = form(of: operation)
    switch form {
    case .pretty(let middle, let type, let inherent):
      text += mnemonic(of: operation.op)
      text += middle
      printAttributes(inherent, extra)
      if !type.isEmpty { text += " : " + type }
    case .constant(let constant):
      text += "stablehlo.constant"
      printAttributes([], extra)
      text += " " + denseText(constant) + " : " + constant.type.description
    case .generic(let properties):
      text += "\"" + operation.op.mnemonic + "\"(" + list(operation.operands) + ")"
      if !properties.isEmpty {
        text += " <{" + properties.map(entry).joined(separator: ", ") + "}>"
      }
      if !operation.regions.isEmpty {
        text += " ("
        for (index, region) in operation.regions.enumerated() {
          if index > 0 { text += ", " }
          print(region: region)
        }
        text += ")"
      }
      printAttributes([], extra)
      text += " : " + functionType(operation)
    case .while: printWhile(operation, extra)
    case .scan(let attributes): printScan(operation, attributes, extra)
    case .reduce(let dimensions): printReduce(operation, dimensions, extra)
    }
  }

  private mutating func printAttributes(
    _ inherent: [(String, String)], _ extra: [NamedAttribute]
  ) {
    if inherent.isEmpty && extra.isEmpty { return }
    let entries = inherent + extra.map { ($0.name, attribute($0.value, inDictionary: true)) }
    text += " {"
    text += entries.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }.map(entry)
      .joined(separator: ", ")
    text += "}"
  }

  /// The name; in a function's body, func's operations leave their dialect out.
  private func mnemonic(of op: Op) -> String {
    switch op {
    case .call: depth == 0 ? "call" : "func.call"
    case .return: depth == 0 && !function.endsAsRegion ? "return" : "stablehlo.return"
    default: op.mnemonic
    }
  }

  /// `loc("jit(f)/sin"("/f.jx":5:12 to :22))`; columns count from 0, as Python counts them.
  private func locationText(_ location: Location, _ sources: SourceMap) -> String {
    if let stated = location.stated { return "loc(\(text(stated)))" }
    var place: String?
    if let span = location.span, let file = sources.file(of: span) {
      let (start, end) = (
        file.location(at: Int(span.start)), file.location(at: Int(span.end))
      )
      let line = start.line == end.line ? "" : "\(end.line)"
      place =
        "\(quoted(file.name)):\(start.line):\(start.column - 1)"
        + " to \(line):\(end.column - 1)"
    }
    guard let name = location.name else { return "loc(\(place ?? "unknown"))" }
    return "loc(\(quoted(name))\(place.map { "(\($0))" } ?? ""))"
  }

  // MARK: Forms

  private enum Form {
    /// Mnemonic, the text after it, attributes, and the type after a colon.
    case pretty(String, type: String, [(String, String)])
    case constant(Constant)
    /// Properties in alphabetic order.
    case generic([(String, String)])
    case `while`
    case reduce([Int])
    case scan(ScanAttributes)
  }

  private func form(of operation: Operation) -> Form {
    let operands = list(operation.operands)
    func signature() -> String { functionType(operation) }

    func pretty(
      _ middle: String, _ type: String, _ attributes: [(String, String)] = []
    ) -> Form {
      .pretty(middle.isEmpty ? "" : " " + middle, type: type, attributes)
    }

    /// One type where all are equal.
    func sameType() -> String {
      let first = function.type(of: operation.results[0])
      let isSame =
        operation.results.allSatisfy { function.type(of: $0) == first }
        && operation.operands.allSatisfy { function.type(of: $0) == first }
      return isSame ? first.description : signature()
    }

    switch operation.op {
    case .unary(let op):
      return op.rawValue.hasPrefix("chlo.")
        ? pretty(operands, types(operation.operands) + " -> " + types(operation.results))
        : pretty(operands, sameType())
    case .binary(.complex): return pretty(operands, types(operation.results))
    case .binary(let op):
      return op.rawValue.hasPrefix("chlo.")
        ? pretty(operands, types(operation.operands) + " -> " + types(operation.results))
        : pretty(operands, sameType())
    case .compare(let comparison):
      let kind = comparison.type.map { ", " + $0.rawValue } ?? ""
      return pretty("\(comparison.direction.rawValue), \(operands)\(kind)", signature())
    case .select:
      let isSimple =
        function.type(of: operation.operands[1]) == function.type(of: operation.results[0])
        && function.type(of: operation.operands[2]) == function.type(of: operation.results[0])
      return pretty(
        operands,
        isSimple
          ? types([operation.operands[0]]) + ", " + types(operation.results) : signature())
    case .clamp, .convert: return pretty(operands, sameType())
    case .bitcastConvert, .reshape, .dynamicReshape, .dynamicUpdateSlice, .dynamicPad,
      .realDynamicSlice, .uniformQuantize, .uniformDequantize:
      return pretty(operands, signature())
    case .reducePrecision(let exponent, let mantissa):
      return pretty("\(operands), format = e\(exponent)m\(mantissa)", sameType())
    case .map(let dimensions): return .generic([("dimensions", array(dimensions))])

    case .constant(let constant): return .constant(constant)
    case .iota(let dimension): return pretty("dim = \(dimension)", types(operation.results))
    case .dynamicIota(let dimension): return pretty("\(operands), dim = \(dimension)", signature())
    case .rng(let distribution):
      return pretty("\(operands), distribution = \(distribution.rawValue)", signature())
    case .rngBitGenerator(let algorithm):
      return pretty("\(operands), algorithm = \(algorithm.rawValue)", signature())
    case .partitionID, .replicaID, .createToken: return pretty("", types(operation.results))

    case .broadcastInDim(let dimensions):
      return pretty("\(operands), dims = \(dimensions)", signature())
    case .dynamicBroadcastInDim(let dimensions, let expanding, let nonexpanding):
      var attributes: [(String, String)] = []
      if let expanding { attributes.append(("known_expanding_dimensions", array(expanding))) }
      if let nonexpanding {
        attributes.append(("known_nonexpanding_dimensions", array(nonexpanding)))
      }
      return pretty("\(operands), dims = \(dimensions)", signature(), attributes)
    case .transpose(let permutation):
      return pretty("\(operands), dims = \(permutation.axes)", signature())
    case .reverse(let dimensions): return pretty("\(operands), dims = \(dimensions)", sameType())
    case .concatenate(let dimension): return pretty("\(operands), dim = \(dimension)", signature())
    case .slice(let bounds):
      let ranges = bounds.start.indices.map { axis in
        "\(bounds.start[axis]):\(bounds.limit[axis])"
          + (bounds.strides[axis] == 1 ? "" : ":\(bounds.strides[axis])")
      }
      return pretty("\(operands) [\(ranges.joined(separator: ", "))]", signature())
    case .pad(let amounts):
      return pretty(
        "\(operands), low = \(amounts.low), high = \(amounts.high), "
          + "interior = \(amounts.interior)", signature())
    case .dynamicSlice(let sizes): return pretty("\(operands), sizes = \(sizes)", signature())
    case .gather(let attributes):
      return .generic(gatherEntries(attributes) + [("slice_sizes", array(attributes.sliceSizes))])
    case .dynamicGather(let attributes):
      return .generic(gatherEntries(attributes))
    case .scatter(let attributes):
      return .generic(scatterEntries(attributes))
    case .getDimensionSize(let dimension), .setDimensionSize(let dimension):
      return pretty("\(operands), dim = \(dimension)", signature())

    case .dotGeneral(let attributes):
      return pretty(operands + dotText(attributes), signature())
    case .dynamicConv(let attributes): return .generic(convolutionEntries(attributes))
    case .convolution(let attributes):
      let groups = [
        ("batch_group_count", "\(attributes.batchGroupCount) : i64"),
        ("feature_group_count", "\(attributes.featureGroupCount) : i64"),
      ]
      return .pretty(
        "(\(operands))" + convolutionText(attributes), type: signature(),
        groups + precisionEntry(attributes.precision))

    case .reduce(let dimensions): return .reduce(dimensions)
    case .reduceWindow(let window), .selectAndScatter(let window):
      return .generic(windowEntries(window, isScatter: operation.op.mnemonic.hasSuffix("scatter")))
    case .sort(let dimension, let isStable):
      return .generic(
        [("dimension", "\(dimension) : i64")] + (isStable ? [("is_stable", "true")] : []))

    case .cholesky(let lower): return pretty("\(operands), lower = \(lower)", sameType())
    case .triangularSolve(let attributes):
      return .generic([
        ("left_side", "\(attributes.leftSide)"), ("lower", "\(attributes.lower)"),
        ("transpose_a", "#stablehlo<transpose \(attributes.transposeA.rawValue)>"),
        ("unit_diagonal", "\(attributes.unitDiagonal)"),
      ])
    case .fft(let attributes):
      return pretty(
        "\(operands), type = \(attributes.kind.rawValue), length = \(attributes.length)",
        signature())
    case .batchNormInference(let attributes), .batchNormTraining(let attributes),
      .batchNormGrad(let attributes):
      let epsilon = floatText(
        Double(attributes.epsilon), .f32, bits: UInt64(attributes.epsilon.bitPattern))
      return .generic([
        ("epsilon", epsilon + " : f32"), ("feature_index", "\(attributes.featureIndex) : i64"),
      ])

    case .while: return .while
    case .if, .case, .asyncStart, .asyncDone: return .generic([])
    case .fusion(let kind): return .generic([("kind", "\"\(kind.rawValue)\"")])
    case .call(let callee): return .pretty(" \(symbol(callee))(\(operands))", type: signature(), [])
    case .return:
      // StableHLO's `return` leaves a space where func's does not.
      return .pretty(
        operation.operands.isEmpty ? "" : " " + operands, type: types(operation.operands), [])
    case .optimizationBarrier:
      return operation.operands.isEmpty
        ? .pretty("()", type: "", []) : pretty(operands, types(operation.operands))
    case .shardingConstraint(let sharding):
      return .pretty(" \(operands) \(sharding)", type: types(operation.operands), [])
    case .customCall(let attributes):
      return .pretty(
        " \(symbol(attributes.target))(\(operands))", type: signature(),
        customCallEntries(attributes)
      )
    case .composite(let attributes):
      var entries: [(String, String)] = []
      if !attributes.attributes.isEmpty {
        entries.append(("composite_attributes", dictionary(attributes.attributes)))
      }
      entries.append(("decomposition", symbol(attributes.decomposition)))
      if attributes.version != 0 { entries.append(("version", "\(attributes.version) : i32")) }
      return pretty(
        quoted(attributes.name) + (operands.isEmpty ? "" : " " + operands), signature(), entries)

    case .tuple: return pretty(operands, types(operation.results))
    case .getTupleElement(let index):
      return .pretty(" \(operands)[\(index)]", type: signature(), [])
    case .afterAll: return .pretty(" " + operands, type: types(operation.results), [])
    case .infeed(let config, let layout):
      return .generic(
        [("infeed_config", quoted(config))]
          + (layout.map { [("layout", attribute($0, inDictionary: true))] } ?? []))
    case .outfeed(let config): return .generic([("outfeed_config", quoted(config))])
    case .send(let attributes), .recv(let attributes):
      var entries = [
        ("channel_handle", channelText(attributes.channel)),
        ("is_host_transfer", "\(attributes.isHostTransfer)"),
      ]
      if !attributes.sourceTargetPairs.isEmpty {
        entries.append(("source_target_pairs", matrixText(attributes.sourceTargetPairs)))
      }
      return .generic(entries)

    case .allGather(let dimension, let attributes):
      return .generic(
        [("all_gather_dim", "\(dimension) : i64")] + collectiveEntries(attributes))
    case .allReduce(let attributes), .collectiveBroadcast(let attributes),
      .collectiveReduce(let attributes):
      return .generic(collectiveEntries(attributes))
    case .reduceScatter(let dimension, let attributes):
      var entries = collectiveEntries(attributes)
      let position = entries.firstIndex { $0.0 == "use_global_device_ids" } ?? entries.count
      entries.insert(("scatter_dimension", "\(dimension) : i64"), at: position)
      return .generic(entries)
    case .allToAll(let attributes):
      return .generic(
        ([
          ("concat_dimension", "\(attributes.concatDimension) : i64"),
          ("split_count", "\(attributes.splitCount) : i64"),
          ("split_dimension", "\(attributes.splitDimension) : i64"),
        ] + collectiveEntries(attributes.collective)).sorted { $0.0 < $1.0 })
    case .collectivePermute(let attributes):
      return .generic(collectiveEntries(attributes, groups: "source_target_pairs"))

    case .einsum(let config): return pretty("\(operands), config = \(quoted(config))", signature())
    case .torchIndexSelect(let dimension, let batchDimensions):
      return .generic([
        ("batch_dims", "\(batchDimensions) : i64"), ("dim", "\(dimension) : i64"),
      ])
    case .constantLike(let constant):
      return .generic([("value", scalarText(constant))])
    case .topK(let k):
      return .pretty(
        "(\(operands), k = \(k))",
        type: types(operation.operands) + " -> (" + types(operation.results) + ")", [])
    case .broadcasting(let op, let dimensions):
      return pretty(operands, signature(), broadcastingEntries(op, dimensions))
    case .scan(let attributes): return .scan(attributes)
    case .raggedDot(let attributes): return .generic(raggedDotEntries(attributes))
    case .check(let attributes):
      return .generic(
        attributes.attributes.map { ($0.name, attribute($0.value, inDictionary: true)) })
    }
  }

  // MARK: Control flow

  private mutating func printWhile(_ operation: Operation, _ extra: [NamedAttribute]) {
    text += "stablehlo.while("
    let arguments = function.regions[operation.regions[0]].arguments
    for (index, operand) in operation.operands.enumerated() {
      if index > 0 { text += ", " }
      text += names[arguments[index]] + " = " + names[operand]
    }
    text += ")"
    if !operation.operands.isEmpty { text += " : " + types(operation.operands) }
    if !extra.isEmpty { text += " attributes " + dictionary(extra) }
    text += "\n"
    newline()
    text += "cond {\n"
    printOperations(of: operation.regions[0])
    newline()
    // The body's arguments have names of their own in general; in the text they are the same.
    text += "} do {\n"
    printOperations(of: operation.regions[1])
    newline()
    text += "}"
  }

  private mutating func printScan(
    _ operation: Operation, _ attributes: ScanAttributes, _ extra: [NamedAttribute]
  ) {
    text += "chlo.scan(" + list(operation.operands.prefix(attributes.inputCount))
    text += ") inits (" + list(operation.operands.dropFirst(attributes.inputCount))
    // Two spaces, as MLIR has it.
    text += ") dimension=\(attributes.dimension)  "
    let flags = scanAttributes(attributes) + extra
    if !flags.isEmpty { text += "attributes " + dictionary(flags) + " " }
    print(region: operation.regions[0])
    text += " : (" + types(operation.operands) + ") -> "
    text +=
      operation.results.count == 1
      ? types(operation.results) : "(" + types(operation.results) + ")"
  }

  private mutating func printReduce(
    _ operation: Operation, _ dimensions: [Int], _ extra: [NamedAttribute]
  ) {
    let half = operation.operands.count / 2
    text += "stablehlo.reduce"
    for index in 0..<half {
      text += index == 0 ? "(" : ", ("
      text += names[operation.operands[index]] + " init: "
      text += names[operation.operands[half + index]] + ")"
    }
    if let applied = compactReducer(operation) { text += " applies \(applied.rawValue)" }
    text += " across dimensions = \(dimensions)"
    printAttributes([], extra)
    text += " : " + functionType(operation)
    guard compactReducer(operation) == nil else { return }
    let arguments = function.regions[operation.regions[0]].arguments
    text += "\n"
    newline()
    text += " reducer"
    for index in 0..<half {
      text += index == 0 ? "(" : " ("
      printTyped([arguments[index], arguments[half + index]])
      text += ")"
    }
    text += "  {\n"
    printOperations(of: operation.regions[0])
    newline()
    text += "}"
  }

  /// The operation that the reducer applies, where the text can say just that.
  private func compactReducer(_ operation: Operation) -> BinaryOp? {
    let region = function.regions[operation.regions[0]]
    guard region.operations.count == 2, region.arguments.count == 2,
      case .binary(let op) = function.operations[region.operations[0]].op, op.isCommutative,
      function.operations[region.operations[0]].operands.elementsEqual(region.arguments),
      function.operations[region.operations[1]].operands.elementsEqual(
        function.operations[region.operations[0]].results),
      let type = operation.operands.first.map(function.type(of:))?.tensor,
      function.type(of: region.arguments[0]) == .tensor(.scalar(type.element)),
      function.type(of: operation.operands[1]) == .tensor(.scalar(type.element))
    else { return nil }
    return op
  }
}

extension BinaryOp {
  /// `true` iff the operands may be exchanged.
  public var isCommutative: Bool {
    switch self {
    case .add, .and, .maximum, .minimum, .mulhi, .multiply, .or, .xor: true
    case .atan2, .complex, .divide, .power, .remainder, .shiftLeft, .shiftRightArithmetic,
      .shiftRightLogical, .subtract, .nextAfter, .polygamma, .zeta:
      false
    }
  }
}
