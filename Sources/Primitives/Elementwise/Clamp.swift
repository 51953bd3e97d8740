import Core
import HLO
import Tensor
import Transforms

/// `clamp low x high`: `x` limited to the range; the limits may be scalars.
public struct Clamp: NonlinearPrimitive {
  public init() {}

  public var name: String { "clamp" }
  public var parameters: [Parameter] { [] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try require(operands, in: .comparable, for: name)
    try requireEqualTypes(operands, for: name)
    for (name, limit) in [("min", operands[0]), ("max", operands[2])] {
      guard limit.rank == 0 || limit.shape == operands[1].shape else {
        throw RaisedError.type(
          "clamp requires \(name).shape == operand.shape or \(name).shape == (), got "
            + "\(name).shape=\(ParameterValue.ints(limit.shape.dimensions)), "
            + "operand.shape=\(ParameterValue.ints(operands[1].shape.dimensions)).")
      }
    }
    let x = operands[1]
    return [ShapedArray(x.shape, x.dtype, weakType: operands.allSatisfy(\.weakType))]
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
    func zero() throws -> Value { try full(0, like: result) }
    if let t = tangents[0].value {
      try accumulate(
        select(repeated(compare(low, .gt, x), result), repeated(t, result), zero()))
    }
    if let t = tangents[1].value {
      let inside = try bind1(
        Binary(.and), compare(x, .gt, low), compare(x, .lt, high))
      try accumulate(select(inside, t, zero()))
    }
    if let t = tangents[2].value {
      try accumulate(
        select(repeated(compare(high, .lt, x), result), repeated(t, result), zero()))
    }
    return ([result], [total.map { .value($0) } ?? .zero(result.aval.tangent)])
  }

  private func repeated(_ value: Value, _ result: Value) throws -> Value {
    value.shape == result.shape
      ? value : try bind1(BroadcastInDim(shape: result.shape, dimensions: []), value)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let limits = [operands[0], operands[2]]
    if dims.allSatisfy({ $0 == dims[1] }), let dim = dims[1] {
      func spread(_ limit: Value) throws -> Value {
        limit.rank == operands[1].rank
          ? limit : try bind1(BroadcastInDim(shape: operands[1].shape, dimensions: [dim]), limit)
      }
      return (
        try bind(self, [spread(operands[0]), operands[1], spread(operands[2])]), [dim]
      )
    }
    if limits.allSatisfy({ $0.rank == 0 }), let dim = dims[1] {
      return (try bind(self, operands), [dim])
    }
    func front(_ index: Int) throws -> Value {
      operands[index].rank == 0
        ? operands[index] : try moveBatchAxis(operands[index], dims[index], to: 0, size: size)
    }
    let (low, high) = (try front(0), try front(2))
    let x = try moveBatchAxis(operands[1], dims[1], to: 0, size: size)
    func spread(_ limit: Value) throws -> Value {
      limit.rank == x.rank
        ? limit
        : try bind1(
          BroadcastInDim(shape: x.shape, dimensions: Array(0..<limit.rank)), limit)
    }
    return (try bind(self, [spread(low), x, spread(high)]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let limits = try context.aligned(operands)
    return [try context.builder.clamp(limits[0], operands[1], limits[2])]
  }
}
