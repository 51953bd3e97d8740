/// Which constraints of the specification say what the results of an operation are.
struct ResultConstraints {
  /// How many there are.
  var count = "results"
  /// Their shapes.
  var shape: String
  /// Their element types.
  var element: String

  init(count: String = "results", shape: String, element: String) {
    self.count = count
    self.shape = shape
    self.element = element
  }

  /// One constraint says it all.
  init(_ label: String) { self.init(count: label, shape: label, element: label) }

  /// The specification has no number for it.
  static let unnumbered = ResultConstraints("results")
}

extension Op {
  var resultConstraints: ResultConstraints {
    switch self {
    case .unary(.abs), .unary(.real), .unary(.imag):
      ResultConstraints(shape: "C1", element: "C2")
    case .unary(let op): op.rawValue.hasPrefix("chlo.") ? .unnumbered : ResultConstraints("C1")
    case .binary(.complex): ResultConstraints(shape: "C2", element: "C3")
    case .binary(let op): op.rawValue.hasPrefix("chlo.") ? .unnumbered : ResultConstraints("C1")
    case .compare: ResultConstraints(shape: "C2", element: "results")
    case .select, .sort, .getTupleElement: ResultConstraints("C2")
    case .clamp, .case, .triangularSolve: ResultConstraints("C4")
    case .reducePrecision, .constant, .reverse, .dynamicUpdateSlice, .cholesky, .tuple,
      .optimizationBarrier:
      ResultConstraints("C1")
    case .map: ResultConstraints(shape: "C1", element: "C4")
    case .transpose: ResultConstraints(shape: "C3", element: "C1")
    case .concatenate: ResultConstraints(shape: "C6", element: "C5")
    case .slice, .dynamicSlice: ResultConstraints(shape: "C5", element: "C1")
    case .pad: ResultConstraints(shape: "C4", element: "C1")
    // The labels of `gather`, as for the rest of it.
    case .gather, .dynamicGather: ResultConstraints(shape: "C22", element: "C23")
    case .scatter: ResultConstraints(shape: "C24", element: "C25")
    case .dotGeneral: ResultConstraints(shape: "C12", element: "C13")
    case .convolution, .dynamicConv: ResultConstraints(shape: "C25", element: "C27")
    case .fft: ResultConstraints(shape: "C5", element: "C2")
    case .batchNormInference, .batchNormTraining: ResultConstraints(shape: "C7", element: "C2")
    case .batchNormGrad: ResultConstraints(shape: "C3", element: "C2")
    case .reduce: ResultConstraints(count: "C3", shape: "C7", element: "C8")
    case .reduceWindow: ResultConstraints(count: "C1", shape: "C15", element: "C16")
    case .selectAndScatter: ResultConstraints(shape: "C11", element: "C12")
    case .asyncStart: ResultConstraints("C4")
    case .asyncDone: ResultConstraints("C1")
    case .while, .if: ResultConstraints("C3")
    case .allGather: ResultConstraints("C6")
    case .allReduce: ResultConstraints(shape: "C6", element: "C7")
    case .allToAll: ResultConstraints("C9")
    case .collectivePermute: ResultConstraints("C5")
    case .collectiveBroadcast(let attributes):
      ResultConstraints(
        count: "C5", shape: attributes.hasDynamicRoot ? "C4" : "C3",
        element: attributes.hasDynamicRoot ? "C4" : "C3")
    case .convert, .bitcastConvert, .iota, .rng, .rngBitGenerator, .broadcastInDim, .reshape,
      .getDimensionSize, .setDimensionSize, .dynamicIota, .dynamicReshape,
      .dynamicBroadcastInDim, .dynamicPad, .realDynamicSlice, .uniformQuantize,
      .uniformDequantize, .einsum, .torchIndexSelect, .constantLike, .topK, .broadcasting, .scan,
      .raggedDot,
      .call, .return, .shardingConstraint, .customCall, .composite,
      .afterAll, .createToken, .infeed, .outfeed, .send, .recv, .check, .fusion, .reduceScatter,
      .collectiveReduce, .partitionID, .replicaID:
      .unnumbered
    }
  }
}
