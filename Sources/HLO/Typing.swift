import Support
import Tensor

/// The result types of `op`, after all of its constraints are checked.
///
/// `stated` are the types that the program writes; they are needed where the types do not follow
/// from operands and attributes. A violation cites StableHLO's label: `add.C1`. The functions of
/// the families are in `Typing+….swift`, one case per operation.
///
/// - Parameter known: the elements of an operand of integers, where they are constant.
public func resultTypesOf(
  _ op: Op, operands: [ValueType], regions: [RegionSignature], stated: [ValueType]?,
  known: @escaping (Int) -> [Int]? = { _ in nil }
) throws(Diagnostic) -> [ValueType] {
  if op.computes, let stated, (operands + stated).contains(where: \.isQuantized) {
    try checkQuantized(op, operands, regions, stated)
    return stated
  }
  let typing = Typing(
    op: op, operands: operands, regions: regions, stated: stated, known: known)
  let inferred = try typing.infer()
  for case .tensor(let type) in inferred where !typing.hasRepresentableSize(type) {
    throw typing.violation("size", "\(type.dimensions) has too many elements")
  }
  guard let stated else { return inferred }
  guard stated.count == inferred.count else {
    throw typing.violation(
      op.resultConstraints.count, "\(inferred.count) results expected, \(stated.count) stated")
  }
  for (stated, inferred) in zip(stated, inferred) where !compatible(stated, inferred) {
    let hasItsShape =
      if let a = stated.tensor, let b = inferred.tensor {
        compatible(a.dimensions, b.dimensions)
      } else { false }
    let constraints = op.resultConstraints
    throw typing.violation(
      hasItsShape ? constraints.element : constraints.shape,
      "the result is \(inferred), not \(stated)")
  }
  return stated
}

/// One application of an operation, under examination.
struct Typing {
  let op: Op
  let operands: [ValueType]
  let regions: [RegionSignature]
  let stated: [ValueType]?
  /// The elements of an operand, where they are constant integers.
  var known: (Int) -> [Int]? = { _ in nil }

  /// A message that cites a constraint: `C1` of this operation.
  func violation(_ label: String, _ message: String) -> Diagnostic {
    let name = op.mnemonic.split(separator: ".").last ?? ""
    return Diagnostic(.error, "\(name).\(label): \(message)")
  }

  /// Throws unless `condition` holds.
  func require(
    _ condition: Bool, _ label: String, _ message: @autoclosure () -> String
  ) throws(Diagnostic) {
    if !condition { throw violation(label, message()) }
  }

  func count(_ expected: Int) throws(Diagnostic) {
    try require(
      operands.count == expected, "operands",
      "\(expected) operands expected, got \(operands.count)")
  }

  func regionCount(_ expected: Int) throws(Diagnostic) {
    try require(
      regions.count == expected, "regions", "\(expected) regions expected, got \(regions.count)")
  }

  /// The operand at `index`, a tensor.
  func tensor(_ index: Int) throws(Diagnostic) -> TensorType {
    guard index < operands.count else {
      throw violation("operands", "operand \(index) is missing")
    }
    guard let type = operands[index].tensor else {
      throw violation("operands", "operand \(index) is \(operands[index]), not a tensor")
    }
    return type
  }

  func tensors(_ range: Range<Int>) throws(Diagnostic) -> [TensorType] {
    var types: [TensorType] = []
    for index in range { types.append(try tensor(index)) }
    return types
  }

  /// The only stated result, a tensor.
  func statedTensor() throws(Diagnostic) -> TensorType {
    guard let stated, stated.count == 1, let type = stated[0].tensor else {
      throw violation("results", "one stated tensor type expected")
    }
    return type
  }

  func statedTypes() throws(Diagnostic) -> [ValueType] {
    guard let stated else { throw violation("results", "stated result types expected") }
    return stated
  }

  /// What `region` gives.
  func results(ofRegion region: Int) throws(Diagnostic) -> [ValueType] {
    guard region < regions.count, let results = regions[region].results else {
      throw violation("regions", "region \(region) does not end")
    }
    return results
  }

  func distinct(_ list: [Int], _ label: String, _ what: String) throws(Diagnostic) {
    try require(Set(list).count == list.count, label, "\(what) \(list) must be distinct")
  }

  /// Axes of an array of `rank` dimensions.
  func axes(_ axes: [Int], below rank: Int, _ label: String, _ what: String) throws(Diagnostic) {
    try require(
      axes.allSatisfy { $0 >= 0 && $0 < rank }, label,
      "\(what) \(axes) must be in 0..<\(rank)")
  }

  func sorted(_ list: [Int], _ label: String, _ what: String) throws(Diagnostic) {
    try require(
      zip(list, list.dropFirst()).allSatisfy { $0 <= $1 }, label, "\(what) \(list) must be sorted")
  }

  func isScalar(_ type: TensorType) -> Bool { type.rank == 0 }

  /// `true` iff the number of bytes is far from overflowing.
  func hasRepresentableSize(_ type: TensorType) -> Bool {
    var count = 1
    for extent in type.dimensions where extent != TensorType.dynamic {
      if extent < 0 { return false }
      if extent == 0 { return true }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow || product > 1 << 48 { return false }
      count = product
    }
    return true
  }

  func infer() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .unary, .binary, .compare, .select, .clamp, .convert, .bitcastConvert,
      .reducePrecision, .map, .uniformQuantize, .uniformDequantize, .topK:
      try elementwise()
    case .constant, .iota, .rng, .rngBitGenerator, .partitionID, .replicaID, .dynamicIota:
      try creation()
    case .broadcastInDim, .reshape, .transpose, .reverse, .concatenate, .slice, .pad,
      .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter, .getDimensionSize,
      .setDimensionSize, .dynamicReshape, .dynamicBroadcastInDim, .dynamicPad, .dynamicGather,
      .realDynamicSlice:
      try movement()
    case .einsum, .torchIndexSelect, .constantLike, .broadcasting, .scan, .raggedDot:
      try client()
    case .dotGeneral, .convolution, .dynamicConv, .cholesky, .triangularSolve, .fft,
      .batchNormInference, .batchNormTraining, .batchNormGrad:
      try contraction()
    case .reduce, .reduceWindow, .selectAndScatter, .sort:
      try reduction()
    case .while, .if, .case, .call, .return, .optimizationBarrier, .shardingConstraint, .customCall,
      .composite, .asyncStart, .asyncDone, .tuple, .getTupleElement, .afterAll, .createToken,
      .infeed, .outfeed, .send, .recv, .check,
      .fusion:
      try control()
    case .allGather, .allReduce, .reduceScatter, .allToAll, .collectiveBroadcast,
      .collectivePermute, .collectiveReduce:
      try collective()
    }
  }
}

/// `true` iff the types are equal where both are known.
func compatible(_ a: ValueType, _ b: ValueType) -> Bool {
  switch (a, b) {
  case (.tensor(let a), .tensor(let b)): compatible(a, b)
  case (.token, .token): true
  case (.tuple(let a), .tuple(let b)): a.count == b.count && zip(a, b).allSatisfy(compatible)
  case (.future(let a), .future(let b)): a.count == b.count && zip(a, b).allSatisfy(compatible)
  case (.tensor, _), (.token, _), (.tuple, _), (.future, _): false
  }
}

func compatible(_ a: TensorType, _ b: TensorType) -> Bool {
  a.element == b.element && a.quantization == b.quantization
    && compatible(a.dimensions, b.dimensions) && a.admits(b.dimensions) && b.admits(a.dimensions)
}

extension TensorType {
  /// `true` iff an array of the type `given`, which is static, may be passed where this one is
  /// expected.
  public func admits(_ given: TensorType) -> Bool { compatible(stored, given) }

  /// `true` unless an extent that is known exceeds the bound of one that is not.
  fileprivate func admits(_ extents: [Int]) -> Bool {
    guard case .bounds(let bounds)? = note else { return true }
    return zip(bounds, extents).allSatisfy { bound, extent in bound.map { extent <= $0 } ?? true }
  }
}

func compatible(_ a: [Int], _ b: [Int]) -> Bool {
  a == b || a.count == b.count && zip(a, b).allSatisfy(compatible)
}

func compatible(_ a: Int, _ b: Int) -> Bool {
  a == b || a == TensorType.dynamic || b == TensorType.dynamic
}

extension ElementType.Kind {
  /// Whether elements of the kind are numbers or Booleans.
  var hasValues: Bool { self != .float0 && self != .key }
}
