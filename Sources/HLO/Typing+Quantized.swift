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
      .outfeed, .send, .recv, .check, .fusion, .asyncStart, .asyncDone, .scan,
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
      .uniformDequantize, .einsum, .torchIndexSelect, .constantLike, .topK, .broadcasting,
      .raggedDot:
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
    guard compatible(type.dimensions[axis], quantization.scales.count) else {
      throw Diagnostic(
        .error,
        "quantized_tensor_type.C13: \(quantization.scales.count) scales along axis "
          + "\(axis) of \(type)")
    }
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
    switch op {
    case .broadcasting:
      let types = try typing.tensors(0..<operands.count) + [typing.statedTensor()]
      let quantizations = types.compactMap(\.quantization)
      try typing.require(
        quantizations.allSatisfy {
          $0.storage == quantizations[0].storage && $0.expressed == quantizations[0].expressed
        }, "results", "element types differ: \(types)")
    case .binary(.add): try checkQuantizedSum(typing)
    case .broadcastInDim(let dimensions), .dynamicBroadcastInDim(let dimensions, _, _):
      try checkQuantizedBroadcast(typing, dimensions)
    case .transpose(let permutation): try checkQuantizedTranspose(typing, permutation)
    case .reshape, .dynamicReshape: try checkQuantizedReshape(typing)
    case .reduce: try checkQuantizedReducer(typing, 0, "C6")
    case .reduceWindow: try checkQuantizedReducer(typing, 0, "C13")
    case .scatter: try checkQuantizedReducer(typing, 0, "C23")
    case .selectAndScatter: try checkQuantizedReducer(typing, 1, "C10")
    case .dotGeneral(let attributes):
      let contracting = attributes.dimensionNumbers.rhsContracting
      try checkQuantizedProduct(typing, first: 14, zeroPoint: "C15") {
        !contracting.contains($0)
      }
    case .convolution(let c), .dynamicConv(let c):
      try checkQuantizedProduct(typing, first: 28, zeroPoint: nil) { axis in
        axis == c.dimensionNumbers.kernelOutputFeature
      }
      let result = try typing.statedTensor()
      try typing.require(
        result.quantization?.axis.map { $0 == c.dimensionNumbers.outputFeature } ?? true, "C30",
        "\(result) is quantised along another axis than its features")
    default: break
    }
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

/// A region that combines numbers gives those that it takes, or wider ones of the same meaning.
private func checkQuantizedReducer(
  _ typing: Typing, _ region: Int, _ label: String
) throws(Diagnostic) {
  for (operand, result) in zip(typing.operands, try typing.results(ofRegion: region)) {
    guard let from = operand.tensor?.quantization, let to = result.tensor?.quantization else {
      continue
    }
    try typing.require(
      from.expressed == to.expressed && from.storage.bitWidth <= to.storage.bitWidth, label,
      "the region gives \(result) for \(operand)")
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

extension Quantization {
  /// The same numbers, perhaps along another axis.
  fileprivate func agrees(with other: Quantization) -> Bool {
    var other = other
    if axis != nil && other.axis != nil { other.axis = axis }
    return self == other
  }
}

/// The quantisations of the first operand and of the result, of which neither or both have one.
private func quantizations(
  _ typing: Typing
) throws(Diagnostic) -> (operand: Quantization, result: Quantization)? {
  let (x, result) = (try typing.tensor(0), try typing.statedTensor())
  try typing.require(
    (x.quantization == nil) == (result.quantization == nil), "C1",
    "only one of \(x) and \(result) is quantised")
  guard let from = x.quantization, let to = result.quantization else { return nil }
  return (from, to)
}

/// An axis of one index may be repeated; the others keep their numbers.
private func checkQuantizedBroadcast(
  _ typing: Typing, _ dimensions: [Int]
) throws(Diagnostic) {
  guard let (from, to) = try quantizations(typing) else { return }
  let (x, result) = (try typing.tensor(0), try typing.statedTensor())
  guard let axis = from.axis else {
    return try typing.require(from == to, "C1", "\(x) and \(result) are quantised otherwise")
  }
  try typing.require(
    from.storage == to.storage && from.expressed == to.expressed && from.range == to.range, "C1",
    "\(x) and \(result) are quantised otherwise")
  guard let target = to.axis else { return }
  try typing.require(
    dimensions.indices.contains(axis) && dimensions[axis] == target, "C6",
    "axis \(axis) of \(x) does not become axis \(target) of \(result)")
  if x.dimensions[axis] == 1 {
    try typing.require(
      to.scales.allSatisfy { $0 == from.scales[0] }
        && to.zeroPoints.allSatisfy { $0 == from.zeroPoints[0] }, "C6",
      "the scales and zero points of \(result) are not those of \(x)")
  }
}

private func checkQuantizedTranspose(
  _ typing: Typing, _ permutation: Permutation
) throws(Diagnostic) {
  guard let (from, to) = try quantizations(typing) else { return }
  let (x, result) = (try typing.tensor(0), try typing.statedTensor())
  if let axis = to.axis, permutation.axes.indices.contains(axis) {
    try typing.require(
      permutation.axes[axis] == from.axis, "C4",
      "axis \(axis) of \(result) is not that along which \(x) is quantised")
  }
  try typing.require(from.agrees(with: to), "C1", "\(x) and \(result) are quantised otherwise")
}

/// The axis of quantisation keeps its size, and what lies before and behind it.
private func checkQuantizedReshape(_ typing: Typing) throws(Diagnostic) {
  guard let (from, to) = try quantizations(typing) else { return }
  let (x, result) = (try typing.tensor(0), try typing.statedTensor())
  if let axis = from.axis, let target = to.axis, x.isStatic, result.isStatic {
    func product(_ extents: ArraySlice<Int>) -> Int { extents.reduce(1) { $0 &* $1 } }
    let (a, b) = (x.dimensions, result.dimensions)
    try typing.require(
      a[axis] == b[target] && product(a[..<axis]) == product(b[..<target])
        && product(a[(axis + 1)...]) == product(b[(target + 1)...]), "C3",
      "axis \(axis) of \(x) does not become axis \(target) of \(result)")
  }
  try typing.require(from.agrees(with: to), "C1", "\(x) and \(result) are quantised otherwise")
}

/// A product is of quantised numbers, or of real ones and quantised weights. `dot_general` and
/// `convolution` label these constraints alike, from `first` on.
///
/// - Parameters:
///   - zeroPoint: the constraint by which the weights have no zero points, if there is one.
///   - isAllowed: whether the weights may be quantised along an axis.
private func checkQuantizedProduct(
  _ typing: Typing, first: Int, zeroPoint: String?, isAllowed: (Int) -> Bool
) throws(Diagnostic) {
  let (a, b, c) = (try typing.tensor(0), try typing.tensor(1), try typing.statedTensor())
  guard let right = b.quantization, (a.quantization == nil) == (c.quantization == nil) else {
    throw typing.violation(
      "C\(first)", "of \(a), \(b) and \(c), the wrong ones are quantised")
  }
  if let zeroPoint {
    try typing.require(
      right.zeroPoints.allSatisfy { $0 == 0 }, zeroPoint, "the zero points of \(b) are not 0")
  }
  try typing.require(
    right.axis.map(isAllowed) ?? true, "C\(zeroPoint == nil ? first + 1 : first + 2)",
    "\(b) is quantised along an axis that a product may not have")
  let rest = first + 3
  if let left = a.quantization, let result = c.quantization {
    try typing.require(
      left.storage == right.storage, "C\(rest)", "storage types differ: \(a) and \(b)")
    try typing.require(
      left.expressed == right.expressed && left.expressed == result.expressed, "C\(rest + 1)",
      "expressed types differ: \(a), \(b) and \(c)")
    try typing.require(
      right.axis != nil || result.axis == nil, "C\(rest + 2)",
      "\(c) is quantised along an axis, \(b) is not")
  } else {
    try typing.require(
      a.element == right.expressed && c.element == right.expressed, "C\(rest + 3)",
      "\(b) does not express what \(a) and \(c) are")
  }
}
