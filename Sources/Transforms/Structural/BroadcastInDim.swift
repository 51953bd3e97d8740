import Core
import HLO
import Tensor

/// `broadcast_in_dim[broadcast_dimensions=(…)] x`: operand axis `i` becomes axis `dimensions[i]`
/// of a result of shape `shape`; axes of extent 1 and new axes repeat.
public struct BroadcastInDim: Primitive {
  public var name: String { "broadcast_in_dim" }

  public let shape: Shape
  public let dimensions: [Int]
  private let marks: NumPyMarks

  public init(shape: Shape, dimensions: [Int], marks: NumPyMarks = false) {
    self.shape = shape
    self.dimensions = dimensions
    self.marks = marks
  }

  public init(_ reader: ParameterReader) throws {
    self.init(
      shape: Shape(try reader.ints("shape")),
      dimensions: try reader.ints("broadcast_dimensions"))
  }

  public var parameters: [Parameter] {
    dimensions.isEmpty ? [] : [Parameter("broadcast_dimensions", .ints(dimensions, marks))]
  }

  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    [
      Parameter("shape", .ints(shape.dimensions)),
      Parameter("broadcast_dimensions", .ints(dimensions, marks)), Parameter("sharding", .none),
    ]
  }

  public func folded(_ operands: [Value]) -> [Value]? {
    operands[0].shape == shape ? operands : nil
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    guard dimensions.count == operand.rank else {
      throw RaisedError.type(
        "broadcast_in_dim broadcast_dimensions must have length equal to operand ndim; got "
          + "broadcast_dimensions \(ParameterValue.ints(dimensions)) for operand ndim "
          + "\(operand.rank).")
    }
    guard shape.dimensions.allSatisfy({ $0 >= 0 }) else {
      throw RaisedError.type(
        "broadcast_in_dim shape must have every element be nonnegative, got "
          + "\(ParameterValue.ints(shape.dimensions)).")
    }
    for (axis, target) in dimensions.enumerated() {
      guard target >= 0 && target < shape.rank else {
        throw RaisedError.type(
          "broadcast_in_dim broadcast_dimensions must be a subset of output dimensions, got "
            + "\(ParameterValue.ints(dimensions)) for operand ndim \(operand.rank) and shape "
            + "\(ParameterValue.ints(shape.dimensions)).")
      }
      guard operand.shape[axis] == 1 || operand.shape[axis] == shape[target] else {
        throw RaisedError.type(
          "broadcast_in_dim operand dimension sizes must either be 1, or be equal to their "
            + "corresponding dimensions in the target broadcast shape; got operand of shape "
            + "\(ParameterValue.ints(operand.shape.dimensions)), target broadcast shape "
            + "\(ParameterValue.ints(shape.dimensions)), broadcast_dimensions "
            + "\(ParameterValue.ints(dimensions))")
      }
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
    let operand = operands[0].aval
    let units = (0..<operand.rank).filter { operand.shape[$0] == 1 }
    let kept = Set(dimensions.indices.filter { !units.contains($0) }.map { dimensions[$0] })
    let axes = (0..<shape.rank).filter { !kept.contains($0) }
    return [try expandDims(bind1(ReduceSum(axes: axes), cotangent), units)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    let batched = BroadcastInDim(
      shape: Shape([size] + shape.dimensions), dimensions: [0] + dimensions.map { $0 + 1 },
      marks: NumPyMarks(1...max(dimensions.count, 1)))
    return (try bind(batched, [moved]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let isKey = context.outAvals[0].dtype == .key
    return [
      try context.builder.broadcastInDim(
        operands[0], shape.dimensions + (isKey ? [2] : []),
        dimensions + (isKey ? [shape.rank] : []))
    ]
  }
}
