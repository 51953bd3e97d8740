import Core
import HLO
import Tensor
import Transforms

/// A primitive that only the `vmap` that names its axis can carry out.
public protocol NamedAxisPrimitive: CollectivePrimitive {}

extension NamedAxisPrimitive {
  /// Mapping another axis changes nothing.
  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    throw unboundAxis(axisName, for: name)
  }
}

/// The error for a collective outside of any `vmap` that names its axis.
public func unboundAxis(_ axisName: String, for primitive: String) -> RaisedError {
  RaisedError(
    .nameError,
    "Found an unbound axis name: \(axisName). To fix this, please call \(primitive) under "
      + "`jax.shard_map`.")
}

/// `psum`, `pmax`, `pmin` `[axes=(name,) axis_index_groups=None] x`: combines the elements along a
/// named axis; all of them receive the result.
public struct AllReduce: NamedAxisPrimitive {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case sum = "psum"
    case max = "pmax"
    case min = "pmin"
  }

  public let function: Function
  public let axisName: String

  public init(_ function: Function, axisName: String) {
    self.function = function
    self.axisName = axisName
  }

  public var name: String { function.rawValue }

  public var parameters: [Parameter] {
    [Parameter("axes", .tuple([.string(axisName)])), Parameter("axis_index_groups", .none)]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { operands }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    guard let t = tangents[0].value else { return (result, [.zero(result[0].aval.tangent)]) }
    guard function == .sum else {
      throw RaisedError(
        .notImplementedError, "Differentiation rule for '\(name)' not implemented")
    }
    return (result, [.value(try bind1(self, t))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard function == .sum else { throw notLinear(self) }
    return [try cotangents[0].value.map { try bind1(self, $0) }]
  }

  public func batchCollective(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    [Value], [Int?]?
  ) {
    guard let dim = dims[0] else {
      // The same for all elements.
      let x = operands[0]
      return ([function == .sum ? try mul(constant(Double(size), like: x), x) : x], [nil])
    }
    return ([try bind1(PositionalReduction(function, axes: [dim]), operands[0])], [nil])
  }
}

/// `axis_index[axis_name]`: the place of each element along a named axis.
public struct AxisIndex: NamedAxisPrimitive, DiscretePrimitive {
  public let axisName: String

  public init(axisName: String) { self.axisName = axisName }

  public var name: String { "axis_index" }
  public var parameters: [Parameter] { [Parameter("axis_name", .string(axisName))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    [ShapedArray(.scalar, .i32)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), [nil])
  }

  public func batchCollective(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    [Value], [Int?]?
  ) {
    (try bind(Iota(dtype: .i32, shape: [size], dimension: 0), []), [0])
  }
}

/// `all_gather[all_gather_dimension axis_name axis_size tiled …] x`: the elements along a named
/// axis as one array, stacked along a new axis or, `tiled`, joined along an old one.
public struct AllGather: NamedAxisPrimitive {
  public let axisName: String
  public let axis: Int
  public let isTiled: Bool
  public let axisSize: Int

  public init(axisName: String, axis: Int, isTiled: Bool, axisSize: Int) {
    self.axisName = axisName
    self.axis = axis
    self.isTiled = isTiled
    self.axisSize = axisSize
  }

  public var name: String { "all_gather" }

  public var parameters: [Parameter] {
    [
      Parameter("all_gather_dimension", .int(axis)),
      Parameter("axis_index_groups", .none),
      Parameter("axis_name", .tuple([.string(axisName)])), Parameter("axis_size", .int(axisSize)),
      Parameter("tiled", .bool(isTiled)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    var shape = operands[0].shape
    guard axis >= 0, axis < shape.rank + (isTiled ? 0 : 1) else {
      throw RaisedError.value("all_gather: axis \(axis) is out of bounds for \(operands[0])")
    }
    if isTiled {
      shape[axis] *= axisSize
    } else {
      shape.dimensions.insert(axisSize, at: axis)
    }
    return [operands[0].with(shape: shape)]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    guard let t = tangents[0].value else { return (result, [.zero(result[0].aval.tangent)]) }
    return (result, [.value(try bind1(self, t))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    let gather = AllGather(
      axisName: axisName, axis: axis + 1, isTiled: isTiled, axisSize: axisSize)
    return (try bind(gather, [moved]), [0])
  }

  public func batchCollective(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    [Value], [Int?]?
  ) {
    let stacked = try moveBatchAxis(operands[0], dims[0], to: axis, size: size)
    guard isTiled else { return ([stacked], [nil]) }
    var shape = stacked.shape
    let joined = shape[axis] * shape[axis + 1]
    shape.dimensions.replaceSubrange(axis...axis + 1, with: [joined])
    return ([try reshape(stacked, shape)], [nil])
  }
}

/// `ppermute[axis_name perm=((source, target), …)] x`: sends each element along a named axis to
/// another place; places that receive nothing hold zeros.
public struct CollectivePermute: NamedAxisPrimitive {
  public let axisName: String
  public let pairs: [[Int]]

  public init(axisName: String, pairs: [[Int]]) {
    self.axisName = axisName
    self.pairs = pairs
  }

  public var name: String { "ppermute" }

  public var parameters: [Parameter] {
    [
      Parameter("axis_name", .tuple([.string(axisName)])),
      Parameter("perm", .tuple(pairs.map { .ints($0) })),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { operands }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    guard let t = tangents[0].value else { return (result, [.zero(result[0].aval.tangent)]) }
    return (result, [.value(try bind1(self, t))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let inverse = CollectivePermute(axisName: axisName, pairs: pairs.map { $0.reversed() })
    return [try cotangents[0].value.map { try bind1(inverse, $0) }]
  }

  public func batchCollective(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    [Value], [Int?]?
  ) {
    let x = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    var sources = [Int?](repeating: nil, count: size)
    for pair in pairs {
      guard pair.count == 2, pair.allSatisfy({ $0 >= 0 && $0 < size }), sources[pair[1]] == nil
      else {
        throw RaisedError.value("ppermute: perm \(pairs) does not fit an axis of size \(size)")
      }
      sources[pair[1]] = pair[0]
    }
    let parts = try sources.map { source -> Value in
      var starts = x.shape.dimensions.map { _ in 0 }
      var limits = x.shape.dimensions
      starts[0] = source ?? 0
      limits[0] = (source ?? 0) + 1
      let part = try bind1(Slice(starts: starts, limits: limits), x)
      return source == nil ? try full(0, like: part) : part
    }
    return ([try bind(Concatenate(0), parts)[0]], [0])
  }
}
