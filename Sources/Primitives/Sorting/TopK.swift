import Core
import HLO
import Tensor
import Transforms

/// `top_k[axis k] x`: the greatest elements along an axis in descending order, and their indices.
public struct TopK: NonlinearPrimitive {
  public let k: Int
  public let axis: Int

  public init(k: Int, axis: Int) {
    self.k = k
    self.axis = axis
  }

  public init(_ reader: ParameterReader) throws {
    self.init(k: try reader.int("k"), axis: try reader.int("axis"))
  }

  public var name: String { "top_k" }
  public var parameters: [Parameter] { [Parameter("axis", .int(axis)), Parameter("k", .int(k))] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try topKTypes(operands[0], k: k, axis: axis)
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    return (results, try topKTangents(results, tangents[0], axis: axis))
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    return (try bind(TopK(k: k, axis: axis >= dim ? axis + 1 : axis), operands), [dim, dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try emitTopK(context.builder, operands[0], k: k, axis: axis)
  }
}

/// `approx_top_k[… is_max_k k … reduction_dimension …] x`: the exact answer is a good
/// approximation.
public struct ApproximateTopK: NonlinearPrimitive {
  public let k: Int
  public let dimension: Int
  public let isMax: Bool
  public let recallTarget: Double
  public let inputSizeOverride: Int

  public init(_ reader: ParameterReader) throws {
    k = try reader.int("k")
    dimension = try reader.int("reduction_dimension")
    isMax = try reader.bool("is_max_k")
    recallTarget = try reader.double("recall_target")
    inputSizeOverride = try reader.int("reduction_input_size_override")
    guard try reader.bool("aggregate_to_topk") else {
      throw RaisedError(.notImplementedError, "approx_top_k with aggregate_to_topk=False")
    }
  }

  private init(_ original: ApproximateTopK, dimension: Int) {
    k = original.k
    self.dimension = dimension
    isMax = original.isMax
    recallTarget = original.recallTarget
    inputSizeOverride = original.inputSizeOverride
  }

  public var name: String { "approx_top_k" }

  public var parameters: [Parameter] {
    [
      Parameter("aggregate_to_topk", .bool(true)), Parameter("is_max_k", .bool(isMax)),
      Parameter("k", .int(k)), Parameter("recall_target", .float(recallTarget)),
      Parameter("reduction_dimension", .int(dimension)),
      Parameter("reduction_input_size_override", .int(inputSizeOverride)),
    ]
  }

  private func axis(_ rank: Int) -> Int { dimension < 0 ? dimension + rank : dimension }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try topKTypes(operands[0], k: k, axis: axis(operands[0].rank))
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    return (results, try topKTangents(results, tangents[0], axis: axis(primals[0].rank)))
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    let own = axis(operands[0].rank - 1)
    let batched = ApproximateTopK(self, dimension: own >= dim ? own + 1 : own)
    return (try bind(batched, operands), [dim, dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let axis = axis(context.inAvals[0].rank)
    if isMax { return try emitTopK(builder, operands[0], k: k, axis: axis) }
    let results = try emitTopK(builder, builder.negate(operands[0]), k: k, axis: axis)
    return [try builder.negate(results[0]), results[1]]
  }
}

private func topKTypes(_ operand: ShapedArray, k: Int, axis: Int) throws -> [ShapedArray] {
  guard k >= 0 else {
    throw RaisedError.value("k argument to top_k must be nonnegative, got \(k)")
  }
  try refuseKeys([operand])
  guard operand.rank > 0 else {
    throw RaisedError.type("top_k operand must have >= 1 dimension, got ()")
  }
  guard axis >= 0, axis < operand.rank else {
    throw RaisedError.value("top_k axis \(axis) is out of bounds for rank \(operand.rank)")
  }
  guard operand.shape[axis] >= k else {
    throw RaisedError.value(
      "k argument to top_k must be no larger than size along axis; got k=\(k) with "
        + "shape=\(ParameterValue.ints(operand.shape.dimensions)) and axis=\(axis)")
  }
  var shape = operand.shape
  shape[axis] = k
  return [operand.with(shape: shape), ShapedArray(shape, .i32)]
}

/// The tangents of the elements that were chosen; indices have none.
private func topKTangents(_ results: [Value], _ tangent: Tangent, axis: Int) throws -> [Tangent] {
  let indices = results[1]
  let none = Tangent.zero(indices.aval.tangent)
  guard let t = tangent.value else { return [.zero(results[0].aval.tangent), none] }
  let places = try reshape(indices, Shape(indices.shape.dimensions + [1]))
  let gather = Gather(alongAxis: axis, rank: t.rank)
  return [.value(try bind1(gather, t, places)), none]
}

/// `chlo.top_k` works along the last dimension.
private func emitTopK(_ builder: FunctionBuilder, _ x: ValueID, k: Int, axis: Int) throws
  -> [ValueID]
{
  let rank = try builder.tensorType(of: x).rank
  if axis == rank - 1 {
    let (values, indices) = try builder.topK(x, k: k)
    return [values, indices]
  }
  var order = Array(0..<rank)
  order.swapAt(axis, rank - 1)
  let (values, indices) = try builder.topK(builder.transpose(x, order), k: k)
  return [try builder.transpose(values, order), try builder.transpose(indices, order)]
}
