import Core
import HLO
import Tensor
import Transforms

/// A primitive that is linear in its first operand, which it moves between the windows of its second
/// operand and their extreme elements.
public protocol WindowSelection: Primitive {
  /// Whether the extreme elements are the largest, or the smallest.
  var isMax: Bool { get }
  var window: WindowParameters { get }

  init(isMax: Bool, _ window: WindowParameters)
}

extension WindowSelection {
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    guard let t = tangents[0].value else { return ([result], [.zero(result.aval.tangent)]) }
    return ([result], [.value(try bind1(self, t, primals[1]))])
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try zip(operands, dims).map { try moveBatchAxis($0, $1, to: 0, size: size) }
    return (try bind(Self(isMax: isMax, window.batched(0)), moved), [0])
  }
}

/// `select_and_scatter_add[padding select_prim window_dimensions window_strides] source x`: adds
/// each element of `source` to the place in `x` of the extreme element of its window. The
/// transpose of `select_and_gather_add`.
public struct SelectAndScatterAdd: WindowSelection {
  public let isMax: Bool
  public let window: WindowParameters

  public init(isMax: Bool, _ window: WindowParameters) {
    self.isMax = isMax
    self.window = window
  }

  public var name: String { "select_and_scatter_add" }

  public var parameters: [Parameter] {
    [
      window.paddingParameter, Parameter("select_prim", .symbol(isMax ? "ge" : "le")),
      Parameter("window_dimensions", .ints(window.dimensions)),
      Parameter("window_strides", .ints(window.strides)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    [operands[0].with(shape: operands[1].shape)]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value, case .known(let operand) = operands[1] else {
      return [nil, nil]
    }
    return [try bind1(SelectAndGatherAdd(isMax: isMax, window), cotangent, operand), nil]
  }

  /// The padding is added outside, where it can never be selected.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let aval = context.inAvals[1]
    let low = window.padding.map(\.low)
    let filler = try builder.constant(isMax ? lowest(aval.dtype) : highest(aval.dtype))
    let padded = try builder.pad(
      operands[1], with: filler, low: low, high: window.padding.map(\.high))
    let zero = try builder.constant(HostTensor(.int(0), type: aval.dtype))
    let direction: ComparisonDirection = isMax ? .ge : .le
    var attributes = WindowAttributes(dimensions: window.dimensions, strides: window.strides)
    attributes.stated = [.strides, .padding]
    let scattered = try builder.selectAndScatter(
      padded, source: operands[0], zero, attributes,
      select: { [try $0.compare($1[0], direction, $1[1])] },
      combine: { [try $0.add($1[0], $1[1])] })
    let limits = zip(low, aval.shape.dimensions).map { $0 + $1 }
    return [try builder.slice(scattered, start: low, limit: limits)]
  }
}

/// `select_and_gather_add[… select_prim … window …] t x`: the elements of `t` at the places of
/// the extreme elements of the windows of `x`: the derivative of a windowed maximum or minimum.
public struct SelectAndGatherAdd: WindowSelection {
  public let isMax: Bool
  public let window: WindowParameters

  public init(isMax: Bool, _ window: WindowParameters) {
    self.isMax = isMax
    self.window = window
  }

  public var name: String { "select_and_gather_add" }

  public var parameters: [Parameter] {
    window.parameters + [Parameter("select_prim", .symbol(isMax ? "ge" : "le"))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    [operands[0].with(shape: try window.resultShape(operands[1].shape, for: name))]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value, case .known(let operand) = operands[1] else {
      return [nil, nil]
    }
    guard !window.isDilated else {
      throw RaisedError(
        .notImplementedError, "VJP not implemented for select_and_gather (MaxPool) with dilation")
    }
    return [try bind1(SelectAndScatterAdd(isMax: isMax, window), cotangent, operand), nil]
  }

  /// A reduction of pairs: the extreme, and what belongs to it.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let dtype = context.inAvals[1].dtype
    let start = try builder.constant(isMax ? lowest(dtype) : highest(dtype))
    let zero = try builder.constant(HostTensor(.int(0), type: context.inAvals[0].dtype))
    let results = try builder.reduceWindow(
      [operands[1], operands[0]], [start, zero], window.attributes
    ) { builder, pair in
      let isFirst = try builder.compare(pair[0], isMax ? .ge : .le, pair[2])
      return [
        try builder.select(isFirst, pair[0], pair[2]),
        try builder.select(isFirst, pair[1], pair[3]),
      ]
    }
    return [results[1]]
  }
}
