import Core
import HLO
import Tensor

/// `reshape[dimensions=None new_sizes=(…) sharding=None] x`: the same elements in row-major order.
public struct Reshape: Primitive {
  public var name: String { "reshape" }

  public let shape: Shape

  public init(shape: Shape) { self.shape = shape }

  public init(_ reader: ParameterReader) throws { shape = Shape(try reader.ints("new_sizes")) }

  public var parameters: [Parameter] {
    [
      Parameter("dimensions", .none), Parameter("new_sizes", .ints(shape.dimensions)),
      Parameter("sharding", .none),
    ]
  }

  public var effects: [Effect] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    guard shape.dimensions.allSatisfy({ $0 >= 0 }), shape.count == operand.shape.count else {
      throw RaisedError.type(
        "cannot reshape array of shape \(ParameterValue.ints(operand.shape.dimensions)) (size "
          + "\(operand.shape.count)) into shape \(ParameterValue.ints(shape.dimensions)) (size "
          + "\(shape.count))")
    }
    return [operand.with(shape: shape)]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind(self, [tangents[0].value!])[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    return [try bind1(Reshape(shape: operands[0].aval.shape), cotangent)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    return (try bind(Reshape(shape: Shape([size] + shape.dimensions)), [moved]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.reshape(operands[0], context.resultType().dimensions)]
  }
}
