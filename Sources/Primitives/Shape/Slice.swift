import Core
import HLO
import Tensor

/// `slice[limit_indices start_indices strides] x`: a strided box.
public struct Slice: LinearPrimitive {
  public let starts: [Int]
  public let limits: [Int]
  public let strides: [Int]?
  /// Of the starts and the strides.
  private let marks: NumPyMarks

  public init(starts: [Int], limits: [Int], strides: [Int]? = nil, marks: NumPyMarks = false) {
    self.marks = marks
    self.starts = starts
    self.limits = limits
    self.strides = strides
  }

  public init(_ reader: ParameterReader) throws {
    marks = false
    starts = try reader.ints("start_indices")
    limits = try reader.ints("limit_indices")
    strides = try reader.optionalInts("strides")
  }

  public var name: String { "slice" }

  public var parameters: [Parameter] {
    [
      Parameter("start_indices", .ints(starts, marks)), Parameter("limit_indices", .ints(limits)),
      Parameter("strides", strides.map { .ints($0, marks) } ?? .none),
    ]
  }

  private var steps: [Int] { strides ?? starts.map { _ in 1 } }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let shape = operands[0].shape
    guard starts.count == shape.rank, limits.count == shape.rank, steps.count == shape.rank else {
      throw RaisedError.type(
        "slice start_indices must have the same length as operand shape, got "
          + "\(ParameterValue.ints(starts)) for operand shape "
          + "\(ParameterValue.ints(shape.dimensions)).")
    }
    var dimensions: [Int] = []
    for axis in 0..<shape.rank {
      guard starts[axis] >= 0, limits[axis] <= shape[axis], starts[axis] <= limits[axis],
        steps[axis] > 0
      else {
        if starts[axis] >= 0, limits[axis] > shape[axis], steps[axis] == 1 {
          let sizes = zip(limits, starts).map { $0 - $1 }
          throw RaisedError.type(
            "slice slice_sizes must be less than or equal to operand shape, got slice_sizes "
              + "\(ParameterValue.ints(sizes, true)) for operand shape "
              + "\(ParameterValue.ints(shape.dimensions)).")
        }
        throw RaisedError.type(
          "slice indices are out of bounds: start_indices \(ParameterValue.ints(starts)), "
            + "limit_indices \(ParameterValue.ints(limits)), strides "
            + "\(ParameterValue.ints(steps)) for operand shape "
            + "\(ParameterValue.ints(shape.dimensions)).")
      }
      dimensions.append((limits[axis] - starts[axis] + steps[axis] - 1) / steps[axis])
    }
    return [operands[0].with(shape: Shape(dimensions))]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    let shape = operands[0].aval.shape
    let config = (0..<shape.rank).map { axis -> PaddingConfig in
      let count = cotangent.shape[axis]
      let step = steps[axis]
      let covered = count == 0 ? 0 : (count - 1) * step + 1
      return PaddingConfig(
        low: starts[axis], high: shape[axis] - starts[axis] - covered, interior: step - 1)
    }
    let marks = NumPyMarks(strides == nil || steps.allSatisfy { $0 == 1 } ? [1] : [1, 2])
    return [try bind1(Pad(config, marks: marks), cotangent, constant(0, like: cotangent))]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    var batched = (starts, limits, strides)
    batched.0.insert(0, at: dim)
    batched.1.insert(size, at: dim)
    batched.2?.insert(1, at: dim)
    let slice = Slice(starts: batched.0, limits: batched.1, strides: batched.2)
    return (try bind(slice, operands), [dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let extra = context.inAvals[0].dtype == .key
    return [
      try context.builder.slice(
        operands[0], start: starts + (extra ? [0] : []), limit: limits + (extra ? [2] : []),
        strides: steps + (extra ? [1] : []))
    ]
  }
}
