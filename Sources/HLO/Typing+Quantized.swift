import Support
import Tensor

// Operations on quantised numbers: they mean the operation on the numbers that are expressed,
// between operands that are dequantised and a result that is quantised.

extension ValueType {
  var isQuantized: Bool { tensor?.quantization != nil }

  /// The type of the numbers that are meant.
  var expressed: ValueType { tensor.map { .tensor($0.expressed) } ?? self }

  /// The type of the integers in memory.
  var stored: ValueType { tensor.map { .tensor($0.stored) } ?? self }
}

extension TensorType {
  var expressed: TensorType { quantization.map { TensorType(shape, $0.expressed) } ?? self }
  var stored: TensorType { quantization.map { TensorType(shape, $0.storage) } ?? self }
}

extension Op {
  /// `true` for what takes and gives numbers by itself: not for control flow, which passes values
  /// on as they are.
  var computes: Bool {
    switch self {
    case .while, .if, .case, .call, .return, .optimizationBarrier, .shardingConstraint,
      .customCall, .composite, .tuple, .getTupleElement, .afterAll, .createToken, .infeed,
      .outfeed, .send, .recv, .check, .fusion,
      .allGather, .allReduce, .reduceScatter, .allToAll, .collectiveBroadcast, .collectivePermute,
      .collectiveReduce, .partitionID, .replicaID:
      false
    case .unary, .binary, .compare, .select, .clamp, .convert, .bitcastConvert, .reducePrecision,
      .map, .constant, .iota, .rng, .rngBitGenerator, .broadcastInDim, .reshape, .transpose,
      .reverse, .concatenate, .slice, .pad, .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter,
      .getDimensionSize, .setDimensionSize, .dotGeneral, .convolution, .reduce, .reduceWindow,
      .selectAndScatter, .sort, .cholesky, .triangularSolve, .fft, .batchNormInference,
      .batchNormTraining, .batchNormGrad, .dynamicIota, .dynamicReshape, .dynamicBroadcastInDim,
      .dynamicPad, .dynamicGather, .dynamicConv, .realDynamicSlice, .uniformQuantize,
      .uniformDequantize, .topK:
      true
    }
  }
}

/// Throws unless `op` may take these operands to these results, of which some are quantised.
func checkQuantized(
  _ op: Op, _ operands: [ValueType], _ regions: [RegionSignature], _ stated: [ValueType]
) throws(Diagnostic) {
  let typing = Typing(op: op, operands: operands, regions: regions, stated: stated)
  for case .tensor(let type) in operands + stated {
    guard let quantization = type.quantization, let axis = quantization.axis else { continue }
    try typing.require(
      compatible(type.dimensions[axis], quantization.scales.count), "quantization",
      "\(quantization.scales.count) scales along axis \(axis) of \(type)")
  }
  switch op {
  case .uniformQuantize, .uniformDequantize:
    try typing.count(1)
    let (from, to) = (try typing.tensor(0), try typing.statedTensor())
    let quantizes = op == .uniformQuantize
    try typing.require(
      compatible(from.expressed, to.expressed)
        && (quantizes ? to : from).quantization != nil && (quantizes || to.quantization == nil)
        && to.expressed.element.isFloat,
      "C1", "\(from) cannot become \(to)")
  case .bitcastConvert, .constant:
    _ = try resultTypesOf(
      op, operands: operands.map(\.stored), regions: [], stated: stated.map(\.stored))
  default:
    if op == .binary(.add) { try checkQuantizedSum(typing) }
    let signatures = regions.map { region in
      RegionSignature(
        arguments: region.arguments.map(\.expressed),
        results: region.results.map { $0.map(\.expressed) })
    }
    _ = try resultTypesOf(
      op, operands: operands.map(\.expressed), regions: signatures,
      stated: stated.map(\.expressed))
  }
}

/// A sum is quantised like its terms: in the same types, and along the same axis.
private func checkQuantizedSum(_ typing: Typing) throws(Diagnostic) {
  let types = [try typing.tensor(0), try typing.tensor(1), try typing.statedTensor()]
  let quantizations = types.compactMap(\.quantization)
  try typing.require(
    quantizations.count == types.count, "C2", "only some of \(types) are quantised")
  let result = quantizations[2]
  for quantization in quantizations {
    try typing.require(
      quantization.storage == result.storage, "C3", "storage types differ: \(types)")
    try typing.require(
      quantization.expressed == result.expressed, "C4", "expressed types differ: \(types)")
  }
  try typing.require(
    (quantizations[0].axis != nil || quantizations[1].axis != nil) == (result.axis != nil), "C5",
    "\(types[2]) has an axis of its own, or lacks that of \(types[0]) or \(types[1])")
  for (quantization, label) in zip(quantizations, ["C6", "C7"]) {
    try typing.require(
      quantization.axis == nil || quantization.axis == result.axis, label,
      "the axes of quantisation differ: \(types)")
  }
}
