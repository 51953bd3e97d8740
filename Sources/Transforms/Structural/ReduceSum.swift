import Core
import HLO
import Tensor

/// `reduce_sum[axes=(…) out_sharding=None] x`: the sum over `axes`.
public struct ReduceSum: Primitive {
  public var name: String { "reduce_sum" }

  public let axes: [Int]
  private let marks: NumPyMarks

  public init(axes: [Int], marks: NumPyMarks = false) {
    self.axes = axes
    self.marks = marks
  }

  public init(_ reader: ParameterReader) throws { self.init(axes: try reader.ints("axes")) }

  public var parameters: [Parameter] {
    [Parameter("axes", .ints(axes, marks)), Parameter("out_sharding", .none)]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    guard operand.dtype.isNumeric else {
      throw RaisedError.type(
        "reduce_sum does not accept dtype \(operand.dtype.numpyName). Accepted dtypes are "
          + "subtypes of number.")
    }
    return [operand.with(shape: try operand.shape.removing(axes, for: name))]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind(self, [tangents[0].value!])[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    let shape = operands[0].aval.shape
    if shape.rank == 0 { return [cotangent] }
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    return [try bind1(BroadcastInDim(shape: shape, dimensions: kept, marks: true), cotangent)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    let (axes, outDim) = batchedAxes(axes, dim)
    return (try bind(ReduceSum(axes: axes, marks: true), operands), [outDim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let zero = try context.builder.splat(0.0, .scalar(context.inAvals[0].dtype))
    return try context.builder.reduce([operands[0]], [zero], dimensions: axes) {
      [try $0.add($1[0], $1[1])]
    }
  }
}

/// Reduced axes with a mapped axis inserted at `dim`, and the place of that axis in the result.
public func batchedAxes(_ axes: [Int], _ dim: Int) -> (axes: [Int], dim: Int) {
  let shifted = axes.map { $0 >= dim ? $0 + 1 : $0 }
  return (shifted, dim - shifted.count { $0 < dim })
}

extension Shape {
  /// The shape without `axes`.
  ///
  /// - Throws: `ValueError` if one does not exist or is named twice.
  public func removing(_ axes: [Int], for primitive: String) throws -> Shape {
    guard Set(axes).count == axes.count else {
      throw RaisedError.value("duplicate value in 'axes': \(ParameterValue.ints(axes))")
    }
    for axis in axes where axis < 0 || axis >= rank {
      throw RaisedError.value(
        "\(primitive): axis \(axis) is out of bounds for array of dimension \(rank)")
    }
    return Shape(dimensions.indices.filter { !axes.contains($0) }.map { dimensions[$0] })
  }
}
