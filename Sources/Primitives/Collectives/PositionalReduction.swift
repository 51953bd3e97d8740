import Core
import HLO
import Transforms

/// `psum`, `pmax`, `pmin` `[axes=(0,) axis_index_groups=None] x`: what a collective becomes once its
/// named axis is an axis of the operand. A reduction by another name.
public struct PositionalReduction: Primitive {
  public let function: AllReduce.Function
  public let axes: [Int]

  public init(_ function: AllReduce.Function, axes: [Int]) {
    self.function = function
    self.axes = axes
  }

  public var name: String { function.rawValue }

  public var parameters: [Parameter] {
    [Parameter("axes", .ints(axes)), Parameter("axis_index_groups", .none)]
  }

  private var reduction: any Primitive {
    switch function {
    case .sum: ReduceSum(axes: axes)
    case .max: Reduce(.max, axes: axes)
    case .min: Reduce(.min, axes: axes)
    }
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try reduction.abstractEval(operands)
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard function == .sum, let t = tangents[0].value else {
      return try reduction.jvp(primals, tangents)
    }
    return (try bind(self, primals), [.value(try bind1(self, t))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    try reduction.transpose(cotangents, operands)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (axes, dim) = batchedAxes(axes, dims[0]!)
    return (try bind(PositionalReduction(function, axes: axes), operands), [dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try reduction.lower(context, operands)
  }
}
