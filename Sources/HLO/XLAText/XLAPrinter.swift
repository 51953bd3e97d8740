import Support
import Tensor

extension Module {
  /// The module as XLA's HLO text: an `HloModule` that XLA's own tools read and run.
  ///
  /// Regions become computations; what they use from outside becomes an operand. Throws where HLO
  /// has no such operation: `chlo` must be expanded before.
  public func xlaText() throws -> String {
    guard let entry else { throw Diagnostic(.error, "the module has no function main") }
    var printer = XLAPrinter(self)
    return try printer.module(entry: entry)
  }
}

/// Writes computations, callees first.
struct XLAPrinter {
  private let module: Module
  private var computations = ""
  /// The computations of the module's functions that are written already.
  private var written: [String: String] = [:]
  private var counter = 0

  init(_ module: Module) { self.module = module }

  mutating func module(entry: Function) throws -> String {
    _ = try computation(of: entry, isEntry: true)
    let parameters = entry.argumentTypes.map(shape).joined(separator: ",")
    let results = resultShape(entry.resultTypes)
    let name = (module.name ?? entry.name).map { $0.isLetter || $0.isNumber ? $0 : "_" }
    return "HloModule \(String(name)), entry_computation_layout={(\(parameters))->\(results)}\n\n"
      + computations
  }

  private mutating func unique(_ name: String) -> String {
    counter += 1
    let letters = name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" }
    return "%\(String(letters)).\(counter)"
  }

  /// Writes a function as a computation, once, and returns its name.
  private mutating func computation(of function: Function, isEntry: Bool = false) throws -> String {
    if let name = written[function.name] { return name }
    let name = unique(function.name)
    written[function.name] = name
    var body = Body(function)
    let parameters = function.arguments.map { (value: $0, type: function.type(of: $0)) }
    try emitParameters(parameters, &body)
    try emit(function.body, &body)
    finish(
      &body, name: name, parameters: function.argumentTypes, results: function.resultTypes,
      isEntry: isEntry)
    return name
  }

  /// The instructions of one computation as they are written.
  private struct Body {
    let function: Function
    /// Instructions without their indentation.
    var lines: [String] = []
    var names: [ValueID: String] = [:]
    var results: [String] = []

    init(_ function: Function) { self.function = function }
  }

  private mutating func emitParameters(
    _ parameters: [(value: ValueID, type: ValueType)], _ body: inout Body
  ) throws {
    for (index, parameter) in parameters.enumerated() {
      body.names[parameter.value] = line(
        "Arg_\(index)", parameter.type, "parameter(\(index))", &body)
    }
  }

  /// Adds an instruction and returns its name.
  private mutating func line(
    _ name: String, _ type: ValueType, _ text: String, _ body: inout Body
  ) -> String {
    line(name, shape: shape(type), text, &body)
  }

  private mutating func line(
    _ name: String, shape: String, _ text: String, _ body: inout Body
  ) -> String {
    let name = unique(name)
    body.lines.append("\(name) = \(shape) \(text)")
    return name
  }

  /// Writes the computation, with a tuple at the end where there is not one result.
  private mutating func finish(
    _ body: inout Body, name: String, parameters: [ValueType], results: [ValueType], isEntry: Bool
  ) {
    if body.results.count != 1 {
      let tuple = line(
        "tuple", shape: resultShape(results), "tuple(\(body.results.joined(separator: ", ")))",
        &body)
      body.results = [tuple]
    }
    let root = body.results[0] + " = "
    let list = parameters.enumerated().map { "p\($0): \(shape($1))" }.joined(separator: ", ")
    computations += "\(isEntry ? "ENTRY " : "")\(name) (\(list)) -> \(resultShape(results)) {\n"
    for line in body.lines { computations += "  \(line.hasPrefix(root) ? "ROOT " : "")\(line)\n" }
    computations += "}\n\n"
  }

  // MARK: Regions

  /// Values from outside that a region uses, itself or in regions inside, in the order of their ids.
  private func captured(_ region: RegionID, _ function: Function) -> [ValueID] {
    var inside = Set<ValueID>(function.regions[region].arguments)
    var used = Set<ValueID>()
    for id in function.operationsInOrder(of: region) {
      let operation = function.operations[id]
      used.formUnion(operation.operands)
      inside.formUnion(operation.results)
      for inner in operation.regions { inside.formUnion(function.regions[inner].arguments) }
    }
    return used.subtracting(inside).sorted()
  }

  /// A region that takes scalars, as the computation of a reduction: constants from outside are
  /// written again inside.
  private mutating func applied(
    _ region: RegionID, _ name: String, _ function: Function
  ) throws -> String {
    var body = Body(function)
    let parameters = function.regions[region].arguments.map {
      (value: $0, type: function.type(of: $0))
    }
    try emitParameters(parameters, &body)
    for value in captured(region, function) {
      guard case .result(let operation, _) = function.values[value].definition,
        case .constant = function.operations[operation].op
      else { throw unsupported("a computation of \(name) that uses a value from outside, in HLO") }
      try emit(operation, &body)
    }
    try emit(region, &body)
    let computation = unique(name)
    finish(
      &body, name: computation, parameters: parameters.map(\.type),
      results: function.signature(of: region).results ?? [], isEntry: false)
    return computation
  }

  /// A region as a computation of one tuple: its arguments, then values from outside, which
  /// `returning` passes on.
  private mutating func tupled(
    _ region: RegionID, _ name: String, _ outside: [ValueID], returning: Bool, _ function: Function
  ) throws -> String {
    var body = Body(function)
    let values = function.regions[region].arguments + outside
    let types = values.map(function.type(of:))
    let parameter = line("Arg_0", shape: tuple(types), "parameter(0)", &body)
    for (index, value) in values.enumerated() {
      body.names[value] = line(
        "get-tuple-element", types[index], "get-tuple-element(\(parameter)), index=\(index)", &body)
    }
    try emit(region, &body)
    var results = function.signature(of: region).results ?? []
    if returning {
      body.results += outside.map { body.names[$0] ?? "" }
      results += outside.map(function.type(of:))
      let whole = line(
        "tuple", shape: tuple(results), "tuple(\(body.results.joined(separator: ", ")))", &body)
      body.results = [whole]
    }
    let computation = unique(name)
    let root = body.results.count == 1 && (returning || results.count == 1)
    if !root {
      let whole = line(
        "tuple", shape: tuple(results), "tuple(\(body.results.joined(separator: ", ")))", &body)
      body.results = [whole]
    }
    computations +=
      "\(computation) (p0: \(tuple(types))) -> \(returning ? tuple(results) : resultShape(results)) {\n"
    let prefix = body.results[0] + " = "
    for line in body.lines { computations += "  \(line.hasPrefix(prefix) ? "ROOT " : "")\(line)\n" }
    computations += "}\n\n"
    return computation
  }

  private mutating func emit(_ region: RegionID, _ body: inout Body) throws {
    for id in body.function.regions[region].operations {
      do {
        try emit(id, &body)
      } catch let error as Diagnostic where error.span == nil {
        throw error.at(body.function.spans[id])
      }
    }
  }

  // MARK: Operations

  private mutating func emit(_ id: OperationID, _ body: inout Body) throws {
    let function = body.function
    let operation = function.operations[id]
    let operands = try operation.operands.map { value -> String in
      guard let name = body.names[value] else {
        throw Diagnostic(.error, "internal error: a value has no name in HLO")
      }
      return name
    }
    let list = operands.joined(separator: ", ")
    let types = operation.results.map(function.type(of:))

    /// One instruction; several results come out of a tuple.
    func add(_ mnemonic: String, _ arguments: String, _ attributes: String = "") {
      let text = "\(mnemonic)(\(arguments))" + (attributes.isEmpty ? "" : ", " + attributes)
      if types.count == 1 {
        body.names[operation.results[0]] = line(mnemonic, types[0], text, &body)
        return
      }
      let whole = line(mnemonic, shape: tuple(types), text, &body)
      for (index, result) in operation.results.enumerated() {
        body.names[result] = line(
          "get-tuple-element", types[index], "get-tuple-element(\(whole)), index=\(index)", &body)
      }
    }
    func apply(_ index: Int, _ name: String) throws -> String {
      try applied(operation.regions[index], name, function)
    }

    switch operation.op {
    case .return: body.results = operands
    case .unary(.square): add("multiply", "\(list), \(list)")
    case .unary(let op):
      guard op.rawValue.hasPrefix("stablehlo.") || op == .erf || op == .chloTan else {
        throw unsupported("\(op.rawValue) in HLO")
      }
      add(dashed(op.rawValue), list)
    case .binary(let op):
      guard op.rawValue.hasPrefix("stablehlo.") else { throw unsupported("\(op.rawValue) in HLO") }
      add(dashed(op.rawValue), list)
    case .compare(let comparison):
      let kind =
        comparison.type == .totalOrder ? ", type=TOTALORDER" : ""
      add("compare", list, "direction=\(comparison.direction.rawValue)\(kind)")
    case .select:
      // The predicate has the shape of the others.
      var arguments = operands
      if let predicate = function.type(of: operation.operands[0]).tensor, predicate.rank == 0,
        let type = types[0].tensor, type.rank > 0
      {
        arguments[0] = line(
          "broadcast", .tensor(type.with(.bool)), "broadcast(\(operands[0])), dimensions={}", &body)
      }
      add("select", arguments.joined(separator: ", "))
    case .clamp: add("clamp", list)
    case .convert: add("convert", list)
    case .bitcastConvert: add("bitcast-convert", list)
    case .reducePrecision(let exponent, let mantissa):
      add("reduce-precision", list, "exponent_bits=\(exponent), mantissa_bits=\(mantissa)")
    case .map(let dimensions):
      add("map", list, "dimensions=\(braces(dimensions)), to_apply=\(try apply(0, "map"))")
    case .constant(let constant):
      if constant.isSplat, constant.type.count > 1, let splat = constant.splat {
        let scalar = line(
          "constant", .tensor(.scalar(splat.type)), "constant(\(literal(splat, [])))", &body)
        add("broadcast", scalar, "dimensions={}")
      } else {
        add("constant", literal(constant.tensor, constant.type.dimensions))
      }
    case .iota(let dimension): add("iota", "", "iota_dimension=\(dimension)")
    case .rng(let distribution):
      add(
        "rng", operands.prefix(2).joined(separator: ", "),
        "distribution=rng_\(distribution.rawValue.lowercased())")
    case .rngBitGenerator(let algorithm):
      add("rng-bit-generator", list, "algorithm=rng_\(algorithm.rawValue.lowercased())")
    case .partitionID: add("partition-id", "")
    case .replicaID: add("replica-id", "")

    case .broadcastInDim(let dimensions):
      guard let from = function.type(of: operation.operands[0]).tensor, let to = types[0].tensor
      else { throw Diagnostic(.error, "a tensor expected") }
      // Extents of 1 that stretch go away first.
      let kept = dimensions.indices.filter {
        from.dimensions[$0] == to.dimensions[dimensions[$0]]
      }
      var source = operands[0]
      if kept.count != dimensions.count {
        let type = from.with(kept.map { from.dimensions[$0] })
        source = line("reshape", .tensor(type), "reshape(\(source))", &body)
      }
      add("broadcast", source, "dimensions=\(braces(kept.map { dimensions[$0] }))")
    case .reshape: add("reshape", list)
    case .transpose(let permutation):
      add("transpose", list, "dimensions=\(braces(permutation.axes))")
    case .reverse(let dimensions): add("reverse", list, "dimensions=\(braces(dimensions))")
    case .concatenate(let dimension): add("concatenate", list, "dimensions={\(dimension)}")
    case .slice(let bounds):
      let ranges = bounds.start.indices.map {
        "[\(bounds.start[$0]):\(bounds.limit[$0])"
          + (bounds.strides[$0] == 1 ? "]" : ":\(bounds.strides[$0])]")
      }
      add("slice", list, "slice={\(ranges.joined(separator: ", "))}")
    case .pad(let amounts):
      let edges = amounts.low.indices.map {
        "\(amounts.low[$0])_\(amounts.high[$0])"
          + (amounts.interior[$0] == 0 ? "" : "_\(amounts.interior[$0])")
      }
      add("pad", list, edges.isEmpty ? "" : "padding=\(edges.joined(separator: "x"))")
    case .dynamicSlice(let sizes):
      add("dynamic-slice", list, "dynamic_slice_sizes=\(braces(sizes))")
    case .dynamicUpdateSlice: add("dynamic-update-slice", list)
    case .gather(let attributes): add("gather", list, gatherText(attributes))
    case .scatter(let attributes):
      add(
        "scatter", list,
        scatterText(attributes) + ", to_apply=\(try apply(0, "scatter_computation"))")
    case .getDimensionSize(let dimension):
      add("get-dimension-size", list, "dimensions={\(dimension)}")

    case .dotGeneral(let attributes): add("dot", list, dotText(attributes))
    case .convolution(let attributes):
      add("convolution", list, convolutionText(attributes, function, operation))
    case .reduce(let dimensions):
      add(
        "reduce", list,
        "dimensions=\(braces(dimensions)), to_apply=\(try apply(0, "reduce_computation"))")
    case .reduceWindow(let window):
      add(
        "reduce-window", list,
        windowText(window) + "to_apply=\(try apply(0, "window_computation"))")
    case .selectAndScatter(let window):
      let select = try apply(0, "select_computation")
      add(
        "select-and-scatter", list,
        windowText(window) + "select=\(select), scatter=\(try apply(1, "scatter_computation"))")
    case .sort(let dimension, let isStable):
      add(
        "sort", list,
        "dimensions={\(dimension)}\(isStable ? ", is_stable=true" : ""), "
          + "to_apply=\(try apply(0, "compare_computation"))")
    case .cholesky(let lower): add("cholesky", list, "lower=\(lower)")
    case .triangularSolve(let a):
      add(
        "triangular-solve", list,
        "left_side=\(a.leftSide), lower=\(a.lower), unit_diagonal=\(a.unitDiagonal), "
          + "transpose_a=\(a.transposeA.rawValue)")
    case .fft(let attributes):
      add(
        "fft", list, "fft_type=\(attributes.kind.rawValue), fft_length=\(braces(attributes.length))"
      )
    case .batchNormInference(let a), .batchNormTraining(let a), .batchNormGrad(let a):
      add(
        dashed(operation.op.mnemonic), list,
        "epsilon=\(a.epsilon), feature_index=\(a.featureIndex)")

    case .while:
      let outside = Array(
        Set(
          captured(operation.regions[0], function) + captured(operation.regions[1], function))
      ).sorted()
      let condition = try tupled(
        operation.regions[0], "condition", outside, returning: false, function)
      let loop = try tupled(operation.regions[1], "body", outside, returning: true, function)
      let state = tuple(types + outside.map(function.type(of:)))
      let all = operands + outside.map { body.names[$0] ?? "" }
      let initial = line("tuple", shape: state, "tuple(\(all.joined(separator: ", ")))", &body)
      let whole = line(
        "while", shape: state, "while(\(initial)), condition=\(condition), body=\(loop)", &body)
      for (index, result) in operation.results.enumerated() {
        body.names[result] = line(
          "get-tuple-element", types[index], "get-tuple-element(\(whole)), index=\(index)", &body)
      }
    case .if, .case:
      var branches: [String] = []
      var arguments: [String] = []
      for region in operation.regions {
        let outside = captured(region, function)
        branches.append(try tupled(region, "branch", outside, returning: false, function))
        let names = outside.map { body.names[$0] ?? "" }
        arguments.append(
          line(
            "tuple", shape: tuple(outside.map(function.type(of:))),
            "tuple(\(names.joined(separator: ", ")))", &body))
      }
      let all = (operands + arguments).joined(separator: ", ")
      add(
        "conditional", all,
        operation.op == .if
          ? "true_computation=\(branches[0]), false_computation=\(branches[1])"
          : "branch_computations={\(branches.joined(separator: ", "))}")
    case .call(let callee):
      guard let target = module[callee] else {
        throw Diagnostic(.error, "there is no function @\(callee)")
      }
      add("call", list, "to_apply=\(try computation(of: target))")
    case .fusion(let kind):
      let name = try applied(operation.regions[0], "fused_computation", function)
      add("fusion", list, "kind=\(kind == .output ? "kOutput" : "kLoop"), calls=\(name)")
    case .optimizationBarrier:
      let whole = line("tuple", shape: tuple(types), "tuple(\(list))", &body)
      let barrier = line("opt-barrier", shape: tuple(types), "opt-barrier(\(whole))", &body)
      for (index, result) in operation.results.enumerated() {
        body.names[result] = line(
          "get-tuple-element", types[index], "get-tuple-element(\(barrier)), index=\(index)", &body)
      }
    case .topK(let k): add("topk", list, "k=\(k), largest=true")
    case .customCall(let attributes):
      // The layouts and configurations of typed calls are not written yet.
      if function.operationAttributes[id]?["mhlo.backend_config"] != nil {
        throw unsupported("the custom call '\(attributes.target)' in HLO")
      }
      add("custom-call", list, "custom_call_target=\"\(attributes.target)\"")
    case .tuple: add("tuple", list)
    case .getTupleElement(let index): add("get-tuple-element", list, "index=\(index)")
    case .afterAll, .createToken: add("after-all", list)
    case .composite, .check, .infeed, .outfeed, .send, .recv, .allGather, .allReduce,
      .reduceScatter, .allToAll, .collectiveBroadcast, .collectivePermute, .collectiveReduce,
      .setDimensionSize, .dynamicIota, .dynamicReshape, .dynamicBroadcastInDim, .dynamicPad,
      .dynamicGather, .dynamicConv, .realDynamicSlice, .uniformQuantize, .uniformDequantize:
      throw unsupported("\(operation.op.mnemonic) in HLO")
    }
  }

  /// `stablehlo.shift_left` as `shift-left`.
  private func dashed(_ mnemonic: String) -> String {
    let name = mnemonic.split(separator: ".").last ?? ""
    return name.split(separator: "_").joined(separator: "-")
  }
}
