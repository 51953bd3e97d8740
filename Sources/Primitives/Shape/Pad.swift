import Core
import HLO
import Tensor
import Transforms

/// The padding of one axis; negative amounts cut.
public struct PaddingConfig: Hashable, Sendable {
  public var low: Int
  public var high: Int
  public var interior: Int
}

/// `pad[padding_config=((low, high, interior), …)] x value`.
public struct Pad: LinearPrimitive {
  public let config: [PaddingConfig]
  /// Of the low, high and interior amounts of each axis.
  private let marks: [NumPyMarks]

  public init(_ config: [PaddingConfig], marks: NumPyMarks = false) {
    self.init(config, axisMarks: config.map { _ in marks })
  }

  private init(_ config: [PaddingConfig], axisMarks: [NumPyMarks]) {
    self.config = config
    marks = axisMarks
  }

  public init(_ reader: ParameterReader) throws {
    let amounts = try reader.markedIntTuples("padding_config")
    let config = try amounts.map { numbers, _ in
      guard numbers.count == 3 else {
        throw RaisedError.type("pad: padding_config must be a tuple of (low, high, interior)")
      }
      return PaddingConfig(low: numbers[0], high: numbers[1], interior: numbers[2])
    }
    self.init(config, axisMarks: amounts.map(\.1))
  }

  public var name: String { "pad" }

  public var parameters: [Parameter] {
    [
      Parameter(
        "padding_config",
        .tuple(zip(config, marks).map { .ints([$0.low, $0.high, $0.interior], $1) }))
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard operands[0].dtype == operands[1].dtype else {
      throw RaisedError.type(
        "pad operand and padding_value must be same dtype: got \(operands[0].dtype.numpyName) and "
          + "\(operands[1].dtype.numpyName).")
    }
    try refuseKeys(operands)
    let shape = operands[0].shape
    guard config.count == shape.rank, operands[1].rank == 0 else {
      throw RaisedError.value(
        "length of padding_config must equal the number of axes of operand, got "
          + "padding_config for \(config.count) axes of operand shape "
          + "\(ParameterValue.ints(shape.dimensions))")
    }
    var dimensions: [Int] = []
    for (extent, padding) in zip(shape.dimensions, config) {
      guard padding.interior >= 0 else {
        throw RaisedError.value("interior padding in padding_config must be nonnegative")
      }
      let padded =
        padding.low + padding.high + extent + max(0, extent - 1) * padding.interior
      guard padded >= 0 else {
        throw RaisedError.value(
          "Dimension size after padding is not at least 0, got result dimension \(padded)")
      }
      dimensions.append(padded)
    }
    return [
      ShapedArray(
        Shape(dimensions), operands[0].dtype,
        weakType: operands[0].weakType && operands[1].weakType)
    ]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil, nil] }
    func operandCotangent() throws -> Value {
      // Undo the outer padding, then skip what lies between elements.
      let undo = config.map { PaddingConfig(low: -$0.low, high: -$0.high, interior: 0) }
      let inner = try bind1(Pad(undo, marks: true), cotangent, constant(0, like: cotangent))
      return try bind1(
        Slice(
          starts: config.map { _ in 0 }, limits: inner.shape.dimensions,
          strides: config.map { $0.interior + 1 }, marks: true), inner)
    }
    let own = operands[0].isLinear ? try operandCotangent() : nil
    guard operands[1].isLinear else { return [own, nil] }
    let all = Array(0..<cotangent.rank)
    let total = try reduceSum(cotangent, all)
    return [own, try sub(total, reduceSum(own ?? operandCotangent(), all))]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let none = PaddingConfig(low: 0, high: 0, interior: 0)
    if dims[1] == nil {
      let dim = dims[0]!
      var batched = config
      batched.insert(none, at: dim)
      var marks = marks
      marks.insert(false, at: dim)
      return (try bind(Pad(batched, axisMarks: marks), operands), [dim])
    }
    // Each element has its own padding value: pad with zeros, then select.
    let x = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    let value = try moveBatchAxis(operands[1], dims[1], to: 0, size: size)
    let zero = Value.literal(0, x.dtype)
    let padded = try bind1(Pad([none] + config), x, zero)
    let mask = try full(1, ShapedArray(x.shape, .bool))
    let inside = try bind1(Pad([none] + config), mask, .literal(0, .bool))
    return ([try select(inside, padded, repeatTrailing(value, to: padded.shape))], [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [
      try context.builder.pad(
        operands[0], with: operands[1], low: config.map(\.low), high: config.map(\.high),
        interior: config.map(\.interior))
    ]
  }
}
