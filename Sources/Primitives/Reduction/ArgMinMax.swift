import Core
import HLO
import Tensor
import Transforms

/// `argmax`, `argmin`: the index of the first extreme element along one axis; NaN counts as
/// extreme.
public struct ArgMinMax: DiscretePrimitive {
  public let isMax: Bool
  public let axis: Int
  public let indexType: ElementType
  private let marks: NumPyMarks

  public init(isMax: Bool, axis: Int, indexType: ElementType, marks: NumPyMarks = false) {
    self.marks = marks
    self.isMax = isMax
    self.axis = axis
    self.indexType = indexType
  }

  public init(isMax: Bool, _ reader: ParameterReader) throws {
    guard let axis = try reader.ints("axes").first else {
      throw RaisedError.value("argmin/argmax need one axis")
    }
    self.init(isMax: isMax, axis: axis, indexType: try reader.dtype("index_dtype"))
  }

  public var name: String { isMax ? "argmax" : "argmin" }

  public var parameters: [Parameter] {
    [Parameter("axes", .ints([axis], marks)), Parameter("index_dtype", .dtype(indexType))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireOrder(operands[0], for: isMax ? "max" : "min")
    let shape = try operands[0].shape.removing([axis], for: name)
    guard operands[0].shape[axis] > 0 else {
      throw RaisedError.value("attempt to get \(name) of an empty sequence")
    }
    return [ShapedArray(shape, indexType)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (axes, dim) = batchedAxes([axis], dims[0]!)
    let batched = ArgMinMax(isMax: isMax, axis: axes[0], indexType: indexType, marks: true)
    return (try bind(batched, operands), [dim])
  }

  /// A reduction of pairs (element, index), in the operations that JAX emits.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.share(self, name: name, operands, lowerBody)
  }

  private func lowerBody(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let operand = context.inAvals[0]
    let indices = try builder.iota(
      TensorType(operand.shape, indexType), dimension: axis)
    let start = try builder.constant(isMax ? lowest(operand.dtype) : highest(operand.dtype))
    let zero = try builder.scalar(0, indexType)
    let results = try builder.reduce(
      [operands[0], indices], [start, zero], dimensions: [axis]
    ) { builder, values in
      let (x, i, y, j) = (values[0], values[1], values[2], values[3])
      // A NaN wins, whatever the elements are: other types just have none.
      let isBetter = try builder.compare(x, isMax ? .gt : .lt, y)
      let wins = try builder.or(isBetter, builder.compare(x, .ne, x))
      let isEqual = try builder.compare(x, .eq, y)
      let isFirst = try builder.compare(i, .lt, j)
      let keepsIndex = try builder.or(wins, builder.and(isEqual, isFirst))
      return [try builder.select(wins, x, y), try builder.select(keepsIndex, i, j)]
    }
    return [results[1]]
  }
}
