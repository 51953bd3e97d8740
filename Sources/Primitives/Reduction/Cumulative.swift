import Core
import HLO
import Tensor
import Transforms

/// `cumsum`, `cumprod`, `cummax`, `cummin`, `cumlogsumexp` `[axis reverse] x`.
public struct Cumulative: Primitive {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case sum = "cumsum"
    case prod = "cumprod"
    case max = "cummax"
    case min = "cummin"
    case logSumExp = "cumlogsumexp"
  }

  public let function: Function
  public let axis: Int
  public let reverse: Bool

  public init(_ function: Function, axis: Int, reverse: Bool) {
    self.function = function
    self.axis = axis
    self.reverse = reverse
  }

  public init(_ function: Function, _ reader: ParameterReader) throws {
    self.init(
      function, axis: try reader.int("axis"), reverse: try reader.bool("reverse", default: false))
  }

  public var name: String { function.rawValue }

  public var parameters: [Parameter] {
    [Parameter("axis", .int(axis)), Parameter("reverse", .bool(reverse))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try refuseKeys(operands)
    _ = try operands[0].shape.removing([axis], for: name)
    return operands
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard let t = tangents[0].value else {
      let result = try bind(self, primals)
      return (result, [.zero(result[0].aval.tangent)])
    }
    if function == .sum {
      return (try bind(self, primals), [.value(try bind1(self, t))])
    }
    return try Transforms.jvp(
      { [try associativeScan($0[0], axis: axis, reverse: reverse, combine)] }, primals, tangents)
  }

  /// The function of two elements that is accumulated.
  private func combine(_ a: Value, _ b: Value) throws -> Value {
    switch function {
    case .sum: return try add(a, b)
    case .prod: return try mul(a, b)
    case .max: return try bind1(Binary(.max), a, b)
    case .min: return try bind1(Binary(.min), a, b)
    case .logSumExp:
      let greatest = try bind1(Binary(.max), a, b)
      let difference = try sub(a, b)
      let isNaN = try compare(difference, .ne, difference)
      let sum = try add(a, b)
      let tail = try bind1(Unary(.log1p), exp(neg(bind1(Unary(.abs), difference))))
      return try select(isNaN, sum, add(greatest, tail))
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard function == .sum else { throw notLinear(self) }
    return [
      try cotangents[0].value.map {
        try bind1(Cumulative(.sum, axis: axis, reverse: !reverse), $0)
      }
    ]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    let batched = Cumulative(
      function, axis: axis >= dim ? axis + 1 : axis, reverse: reverse)
    return (try bind(batched, operands), [dim])
  }

  /// A window over the whole axis, as JAX lowers it on the CPU; a pass makes it a linear scan.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.share(self, name: name, operands, lowerBody)
  }

  private func lowerBody(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let shape = context.inAvals[0].shape
    let dtype = context.inAvals[0].dtype
    let count = shape[axis]
    var dimensions = shape.dimensions.map { _ in 1 }
    dimensions[axis] = Swift.max(count, 1)
    var padding = shape.dimensions.map { _ in Padding(0, 0) }
    padding[axis] =
      reverse ? Padding(0, Swift.max(count - 1, 0)) : Padding(Swift.max(count - 1, 0), 0)
    var start: ValueID
    switch function {
    case .sum: start = try builder.constant(HostTensor(.int(0), type: dtype))
    case .prod: start = try builder.constant(HostTensor(.int(1), type: dtype))
    case .max, .logSumExp: start = try builder.constant(lowest(dtype))
    case .min: start = try builder.constant(highest(dtype))
    }
    if function == .sum || function == .max || function == .min {
      start = try builder.broadcastInDim(start, [], [])
    }
    return try builder.reduceWindow(
      [operands[0]], [start], WindowAttributes(dimensions: dimensions, padding: padding)
    ) { builder, values in
      let (a, b) = (values[0], values[1])
      switch function {
      case .sum: return [try builder.add(a, b)]
      case .prod: return [try builder.multiply(a, b)]
      case .max: return [try builder.maximum(a, b)]
      case .min: return [try builder.minimum(a, b)]
      case .logSumExp:
        let greatest = try builder.maximum(a, b)
        let difference = try builder.subtract(a, b)
        let isNaN = try builder.compare(difference, .ne, difference)
        let sum = try builder.add(a, b)
        let decay = try builder.exponential(builder.negate(builder.abs(difference)))
        let tail = try builder.unary(.logPlusOne, decay)
        return [try builder.select(isNaN, sum, builder.add(greatest, tail))]
      }
    }
  }
}

/// All prefixes of `x` along `axis` under an associative function, in a logarithmic number of
/// steps.
private func associativeScan(
  _ x: Value, axis: Int, reverse: Bool, _ combine: (Value, Value) throws -> Value
) throws -> Value {
  if reverse {
    let flipped = try bind1(Rev([axis]), x)
    return try bind1(
      Rev([axis]), associativeScan(flipped, axis: axis, reverse: false, combine))
  }
  let count = x.shape[axis]
  if count < 2 { return x }
  func slice(_ value: Value, from start: Int, to limit: Int, by step: Int) throws -> Value {
    var starts = value.shape.dimensions.map { _ in 0 }
    var limits = value.shape.dimensions
    var strides = value.shape.dimensions.map { _ in 1 }
    starts[axis] = start
    limits[axis] = limit
    strides[axis] = step
    return try bind1(Slice(starts: starts, limits: limits, strides: strides), value)
  }
  let pairs = try combine(
    slice(x, from: 0, to: count - 1, by: 2), slice(x, from: 1, to: count, by: 2))
  let odd = try associativeScan(pairs, axis: axis, reverse: false, combine)
  let before =
    count % 2 == 0
    ? try slice(odd, from: 0, to: odd.shape[axis] - 1, by: 1) : odd
  let later = try combine(before, slice(x, from: 2, to: count, by: 2))
  let first = try slice(x, from: 0, to: 1, by: 1)
  let even = try bind1(Concatenate(axis), first, later)
  // Interleaves: each is spread over every other place, and the two are added.
  func spread(_ value: Value, low: Int, high: Int) throws -> Value {
    let config = (0..<value.rank).map {
      $0 == axis
        ? PaddingConfig(low: low, high: high, interior: 1)
        : PaddingConfig(low: 0, high: 0, interior: 0)
    }
    return try bind1(Pad(config), value, constant(0, like: value))
  }
  let extra = even.shape[axis] == odd.shape[axis] ? 1 : 0
  return try add(
    spread(even, low: 0, high: extra), spread(odd, low: 1, high: 1 - extra))
}
