import Support
import Tensor

extension XLAPrinter {
  /// Writes one operation, and what HLO needs around it.
  mutating func emit(_ id: OperationID, _ body: inout XLAComputation) throws {
    let function = body.function
    let operation = function.operations[id]
    let location = function.locations[id]
    let operands = try operation.operands.map { value in
      guard let name = body[value] else {
        throw Diagnostic(.error, "internal error: a value has no name in HLO")
      }
      return name
    }
    let list = operands.joined(separator: ", ")
    let types = operation.results.map(function.type(of:))

    /// One instruction; several results come out of a tuple.
    func add(
      _ opcode: String, _ arguments: String, _ attributes: String..., name: String? = nil,
      layouts: [[Int]]? = nil, location: Location = location
    ) {
      let stated = attributes.filter { !$0.isEmpty }
      let text = "\(opcode)(\(([arguments + ")"] + stated).joined(separator: ", "))"
      let whole = self.add(
        text, as: name ?? opcode, xlaShape(of: types, layouts: layouts), at: location, to: &body)
      if types.count == 1 {
        body.define(operation.results[0], as: whole)
      } else {
        unpack(whole, into: operation.results, &body)
      }
    }
    /// The computation of a region that takes scalars.
    func apply(_ index: Int, _ name: String) throws -> String {
      try applied(operation.regions[index], named: name, in: function)
    }

    switch operation.op {
    // Elementwise.
    case .unary(.square): add("multiply", "\(list), \(list)")
    case .unary(let op):
      guard op.rawValue.hasPrefix("stablehlo.") || op == .erf || op == .chloTan else {
        throw unsupported("\(op.rawValue) in HLO")
      }
      add(opcode(op.rawValue), list)
    case .binary(let op):
      guard op.rawValue.hasPrefix("stablehlo.") else { throw unsupported("\(op.rawValue) in HLO") }
      add(opcode(op.rawValue), list)
    case .compare(let comparison):
      add(
        "compare", list, "direction=\(comparison.direction.rawValue)",
        comparison.type == .totalOrder ? "type=TOTALORDER" : "")
    case .select:
      // The predicate has the shape of the others.
      var arguments = operands
      if let predicate = function.type(of: operation.operands[0]).tensor, predicate.rank == 0,
        let type = types[0].tensor, type.rank > 0
      {
        arguments[0] = self.add(
          "broadcast(\(operands[0])), dimensions={}", as: "broadcast",
          ValueType.tensor(type.with(.bool)).xlaShape, to: &body)
      }
      add("select", arguments.joined(separator: ", "))
    case .clamp: add("clamp", list)
    case .convert: add("convert", list)
    case .bitcastConvert: add("bitcast-convert", list)
    case .reducePrecision(let exponent, let mantissa):
      add("reduce-precision", list, "exponent_bits=\(exponent)", "mantissa_bits=\(mantissa)")
    case .map(let dimensions):
      add("map", list, "dimensions=\(braces(dimensions))", "to_apply=\(try apply(0, "map"))")

    // Creation. Constants come from everywhere: their locations say little.
    case .constant(let constant):
      if constant.type.count > 1, let splat = constant.splat {
        let scalar = self.add(
          "constant(\(xlaLiteral(splat, [])))", as: "constant",
          ValueType.tensor(.scalar(splat.type)).xlaShape, to: &body)
        add("broadcast", scalar, "dimensions={}", location: Location())
      } else {
        add(
          "constant", xlaLiteral(constant.tensor, constant.type.dimensions), location: Location())
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

    // Movement.
    case .broadcastInDim(let dimensions):
      guard let from = function.type(of: operation.operands[0]).tensor, let to = types[0].tensor
      else { throw Diagnostic(.error, "broadcast_in_dim takes and gives tensors") }
      // Extents of 1 that stretch go away first.
      let kept = dimensions.indices.filter {
        from.dimensions[$0] == to.dimensions[dimensions[$0]]
      }
      var source = operands[0]
      if kept.count != dimensions.count {
        let type = from.with(kept.map { from.dimensions[$0] })
        source = self.add(
          "reshape(\(source))", as: "reshape", ValueType.tensor(type).xlaShape, at: location,
          to: &body)
      }
      add("broadcast", source, "dimensions=\(braces(kept.map { dimensions[$0] }))")
    case .reshape: add("reshape", list)
    case .transpose(let permutation):
      add("transpose", list, "dimensions=\(braces(permutation.axes))")
    case .reverse(let dimensions): add("reverse", list, "dimensions=\(braces(dimensions))")
    case .concatenate(let dimension): add("concatenate", list, "dimensions={\(dimension)}")
    case .slice(let bounds): add("slice", list, sliceText(bounds))
    case .pad(let amounts): add("pad", list, paddingText(amounts))
    case .dynamicSlice(let sizes):
      add("dynamic-slice", list, "dynamic_slice_sizes=\(braces(sizes))")
    case .dynamicUpdateSlice: add("dynamic-update-slice", list)
    case .gather(let attributes): add("gather", list, gatherText(attributes))
    case .scatter(let attributes):
      add("scatter", list, scatterText(attributes), "to_apply=\(try apply(0, "scatter_region"))")
    case .getDimensionSize(let dimension):
      add("get-dimension-size", list, "dimensions={\(dimension)}")

    // Contraction and reduction.
    case .dotGeneral(let attributes): add("dot", list, dotText(attributes))
    case .convolution(let attributes):
      let kernel = function.type(of: operation.operands[1]).tensor?.dimensions ?? []
      add("convolution", list, convolutionText(attributes, kernel: kernel))
    case .reduce(let dimensions):
      add(
        "reduce", list, "dimensions=\(braces(dimensions))",
        "to_apply=\(try apply(0, "reduce_region"))")
    case .reduceWindow(let window):
      add(
        "reduce-window", list, windowText(window), "to_apply=\(try apply(0, "window_region"))")
    case .selectAndScatter(let window):
      add(
        "select-and-scatter", list, windowText(window),
        "select=\(try apply(0, "select_region"))", "scatter=\(try apply(1, "scatter_region"))")
    case .sort(let dimension, let isStable):
      add(
        "sort", list, "dimensions={\(dimension)}", isStable ? "is_stable=true" : "",
        "to_apply=\(try apply(0, "compare_region"))")
    case .topK(let k): add("topk", list, "k=\(k), largest=true")

    // Linear algebra, transforms, normalisation.
    case .cholesky(let lower): add("cholesky", list, "lower=\(lower)")
    case .triangularSolve(let a):
      add(
        "triangular-solve", list, "left_side=\(a.leftSide)", "lower=\(a.lower)",
        "unit_diagonal=\(a.unitDiagonal)", "transpose_a=\(a.transposeA.rawValue)")
    case .fft(let attributes):
      add(
        "fft", list, "fft_type=\(attributes.kind.rawValue)",
        "fft_length=\(braces(attributes.length))")
    case .batchNormInference(let a), .batchNormTraining(let a), .batchNormGrad(let a):
      add(
        opcode(operation.op.mnemonic), list, "epsilon=\(a.epsilon)",
        "feature_index=\(a.featureIndex)")

    // Control flow.
    case .return: body.results = operands
    case .while: try emitWhile(operation, operands, location, &body)
    case .if, .case: try emitConditional(operation, operands, location, &body)
    case .call(let callee):
      guard let target = module[callee] else {
        throw Diagnostic(.error, "there is no function @\(callee)")
      }
      add("call", list, "to_apply=\(try computation(of: target))")
    case .fusion(let kind):
      // A call, as XLA's compilers take the layouts out of fusions that they did not make.
      let computation = try apply(0, "fused_computation")
      add(
        "call", list, "to_apply=\(computation)",
        "frontend_attributes={fusion_kind=\"\(kind.rawValue)\"}", name: "\(kind.rawValue)_fusion")
    case .optimizationBarrier:
      let shape = xlaTuple(types)
      let tuple = self.add("tuple(\(list))", as: "tuple", shape, to: &body)
      let barrier = self.add(
        "opt-barrier(\(tuple))", as: "opt-barrier", shape, at: location, to: &body)
      unpack(barrier, into: operation.results, &body)
    // There is no instruction that only copies, but one that calls itself a copy.
    case .shardingConstraint: add("copy", list)
    case .customCall(let attributes):
      add(
        "custom-call", list,
        customCallText(
          attributes, function.operationAttributes[id] ?? [],
          operation.operands.map(function.type(of:))), layouts: attributes.resultLayouts)

    // Tuples, tokens, devices.
    case .tuple: add("tuple", list)
    case .getTupleElement(let index): add("get-tuple-element", list, "index=\(index)")
    case .afterAll, .createToken: add("after-all", list)
    case .allGather(let dimension, let a):
      add("all-gather", list, "dimensions={\(dimension)}", collectiveText(a))
    case .allReduce(let a):
      add("all-reduce", list, collectiveText(a), "to_apply=\(try apply(0, "reduce_region"))")
    case .reduceScatter(let dimension, let a):
      add(
        "reduce-scatter", list, "dimensions={\(dimension)}", collectiveText(a),
        "to_apply=\(try apply(0, "reduce_region"))")
    case .collectivePermute(let a):
      add(
        "collective-permute", list, "source_target_pairs=\(groupsText(a.groups))", channelText(a))
    case .collectiveBroadcast(let a): add("collective-broadcast", list, collectiveText(a))
    case .allToAll(let attributes):
      try emitAllToAll(attributes, operation, operands, location, &body)
    case .infeed, .outfeed, .send, .recv:
      try emitTransfer(operation, operands, location, &body)
    case .composite(let attributes):
      guard let target = module[attributes.decomposition] else {
        throw Diagnostic(.error, "there is no function @\(attributes.decomposition)")
      }
      add(
        "call", list, "to_apply=\(try computation(of: target))", "is_composite=true",
        compositeText(attributes))

    // What HLO cannot say: it has no types for sizes that only operands tell, or for quantised
    // numbers. Operations of clients are expanded before.
    case .einsum, .torchIndexSelect, .constantLike, .broadcasting, .scan, .raggedDot, .asyncStart,
      .asyncDone, .check, .collectiveReduce,
      .setDimensionSize, .dynamicIota, .dynamicReshape,
      .dynamicBroadcastInDim, .dynamicPad, .dynamicGather, .dynamicConv, .realDynamicSlice,
      .uniformQuantize, .uniformDequantize:
      throw unsupported("\(operation.op.mnemonic) in HLO")
    }
  }

  /// `stablehlo.shift_left` as `shift-left`.
  private func opcode(_ mnemonic: String) -> String {
    let name = mnemonic.split(separator: ".").last ?? ""
    return name.split(separator: "_").joined(separator: "-")
  }
}
