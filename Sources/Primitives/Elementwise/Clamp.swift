import Core
import HLO
import Tensor
import Transforms

/// `clamp low x high`: `x` limited to the range; the limits may be scalars.
public struct Clamp: Primitive {
  public init() {}

  public var name: String { "clamp" }
  public var parameters: [Parameter] { [] }
  public var effects: [Effect] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireEqualTypes(operands, for: name)
    for limit in [operands[0], operands[2]] {
      guard limit.rank == 0 || limit.shape == operands[1].shape else {
        throw RaisedError.type(
          "clamp requires limits to be scalars or of the shape of the operand, got "
            + "\(ParameterValue.ints(limit.shape.dimensions)) and "
            + "\(ParameterValue.ints(operands[1].shape.dimensions)).")
      }
    }
    return [operands[1]]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let (low, x, high) = (primals[0], primals[1], primals[2])
    let result = try bind(self, primals)[0]
    var total: Value?
    func accumulate(_ share: Value) throws {
      total = try total.map { try bind1(AddAny(), $0, share) } ?? share
    }
    let zero = try full(0, like: result)
    if let t = tangents[0].value {
      try accumulate(
        select(repeated(compare(low, .gt, x), result), repeated(t, result), zero))
    }
    if let t = tangents[1].value {
      let inside = try bind1(
        Binary(.and), compare(x, .gt, low), compare(x, .lt, high))
      try accumulate(select(inside, t, zero))
    }
    if let t = tangents[2].value {
      try accumulate(
        select(repeated(compare(high, .lt, x), result), repeated(t, result), zero))
    }
    return ([result], [total.map { .value($0) } ?? .zero(result.aval.tangent)])
  }

  private func repeated(_ value: Value, _ result: Value) throws -> Value {
    value.shape == result.shape
      ? value : try bind1(BroadcastInDim(shape: result.shape, dimensions: []), value)
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    if dims[0] == nil, dims[2] == nil, operands[0].rank == 0, operands[2].rank == 0 {
      return (try bind(self, operands), [dims[1]])
    }
    let x = try moveBatchAxis(operands[1], dims[1], to: 0, size: size)
    func limit(_ index: Int) throws -> Value {
      let value = operands[index]
      guard let dim = dims[index] else {
        return value.rank == 0 ? value : try moveBatchAxis(value, nil, to: 0, size: size)
      }
      let moved = try moveBatchAxis(value, dim, to: 0, size: size)
      return try repeatTrailing(moved, to: x.shape)
    }
    var (low, high) = (try limit(0), try limit(2))
    if low.rank != 0 || high.rank != 0 {
      low = low.rank == 0 ? try repeated(low, x) : low
      high = high.rank == 0 ? try repeated(high, x) : high
    }
    return (try bind(self, [low, x, high]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.clamp(operands[0], operands[1], operands[2])]
  }
}
