import Core
import HLO
import Tensor
import Transforms

/// `squeeze[dimensions=(…)] x`: drops axes of extent 1.
public struct Squeeze: LinearPrimitive {
  public let dimensions: [Int]

  public init(_ dimensions: [Int]) { self.dimensions = dimensions }

  public init(_ reader: ParameterReader) throws { dimensions = try reader.ints("dimensions") }

  public var name: String { "squeeze" }
  public var parameters: [Parameter] { [Parameter("dimensions", .ints(dimensions))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let shape = operands[0].shape
    for axis in dimensions where axis >= 0 && axis < shape.rank && shape[axis] != 1 {
      throw RaisedError.value(
        "cannot select an axis to squeeze out which has size not equal to one, got "
          + "shape=\(ParameterValue.ints(shape.dimensions)) and "
          + "dimensions=\(ParameterValue.ints(dimensions))")
    }
    return [operands[0].with(shape: try shape.removing(dimensions, for: name))]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    return [try expandDims(cotangent, dimensions)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    return (try bind(Squeeze(dimensions.map { $0 + 1 }), [moved]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.reshape(operands[0], context.resultType().dimensions)]
  }
}
