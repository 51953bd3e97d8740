import Core
import HLO
import Tensor
import Transforms

/// `reduce_window_sum`, `reduce_window_max`, `reduce_window_min` `[… window …] x`.
public struct ReduceWindow: Primitive {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case sum = "reduce_window_sum"
    case max = "reduce_window_max"
    case min = "reduce_window_min"
  }

  public let function: Function
  public let window: WindowParameters

  public init(_ function: Function, _ window: WindowParameters) {
    self.function = function
    self.window = window
  }

  public init(_ function: Function, _ reader: ParameterReader) throws {
    self.init(function, try WindowParameters(reader))
  }

  public var name: String { function.rawValue }
  public var parameters: [Parameter] { window.parameters }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    if function == .sum && !operands[0].dtype.isNumeric {
      throw RaisedError.type(
        "operand to reduce_window_sum must have a number dtype, got "
          + "\(operands[0].dtype.numpyName)")
    }
    try refuseKeys(operands)
    return [operands[0].with(shape: try window.resultShape(operands[0].shape, for: name))]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    guard let t = tangents[0].value, result.dtype.isInexact else {
      return ([result], [.zero(result.aval.tangent)])
    }
    switch function {
    case .sum: return ([result], [.value(try bind1(self, t))])
    case .max, .min:
      let gather = SelectAndGatherAdd(isMax: function == .max, window)
      return ([result], [.value(try bind1(gather, t, primals[0]))])
    }
  }

  /// Spreads the cotangent by the strides and sums it over the same window.
  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard function == .sum else { throw notLinear(self) }
    guard let cotangent = cotangents[0].value else { return [nil] }
    let shape = operands[0].aval.shape
    let config = (0..<shape.rank).map { axis -> PaddingConfig in
      let span = dilated(window.dimensions[axis], window.windowDilation[axis])
      let low = span - window.padding[axis].low - 1
      let high =
        dilated(shape[axis], window.baseDilation[axis]) + span - 1
        - dilated(cotangent.shape[axis], window.strides[axis]) - low
      return PaddingConfig(low: low, high: high, interior: window.strides[axis] - 1)
    }
    let spread = try bind1(
      Pad(config, marks: NumPyMarks([0, 1])), cotangent, constant(0, like: cotangent))
    let back = WindowParameters(
      dimensions: window.dimensions, strides: window.baseDilation,
      padding: shape.dimensions.map { _ in Padding(0, 0) },
      windowDilation: window.windowDilation)
    return [try bind1(ReduceWindow(.sum, back), spread)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    return (try bind(ReduceWindow(function, window.batched(dim)), operands), [dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let dtype = context.inAvals[0].dtype
    let identity: HostTensor
    let op: BinaryOp
    switch function {
    case .sum: (identity, op) = (HostTensor(.int(0), type: dtype), .add)
    case .max: (identity, op) = Reduce.Function.max.identity(dtype)
    case .min: (identity, op) = Reduce.Function.min.identity(dtype)
    }
    let start = try builder.broadcastInDim(builder.constant(identity), [], [])
    return try builder.reduceWindow([operands[0]], [start], window.attributes) {
      [try $0.binary(op, $1[0], $1[1])]
    }
  }
}

/// `reduce_window[… jaxpr … window …] xs… inits…`: a reduction by any associative function.
public struct GenericReduceWindow: NonlinearPrimitive {
  public let jaxpr: ClosedJaxpr
  public let window: WindowParameters

  public init(_ jaxpr: ClosedJaxpr, _ window: WindowParameters) {
    self.jaxpr = jaxpr
    self.window = window
  }

  public init(_ reader: ParameterReader) throws {
    self.init(try reader.jaxpr("jaxpr"), try WindowParameters(reader))
  }

  public var name: String { "reduce_window" }

  public var parameters: [Parameter] {
    window.parameters + [Parameter("consts", .tuple([])), Parameter("jaxpr", .jaxpr(jaxpr))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try refuseKeys(operands)
    return try operands.prefix(operands.count / 2).map {
      $0.with(shape: try window.resultShape($0.shape, for: name))
    }
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents.allSatisfy(\.isZero) else {
      throw RaisedError(
        .notImplementedError, "Differentiation rule for 'reduce_window' not implemented")
    }
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    try bindReduction(
      GenericReduceWindow(jaxpr, window.batched(0)), operands, dims, size: size)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let count = operands.count / 2
    return try context.builder.reduceWindow(
      Array(operands.prefix(count)), Array(operands.dropFirst(count)), window.attributes
    ) { _, elements in try context.inline(jaxpr, elements) }
  }
}
