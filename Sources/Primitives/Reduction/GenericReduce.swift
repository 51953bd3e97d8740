import Core
import HLO
import Tensor
import Transforms

/// `reduce[computation dimensions jaxpr] xs… inits…`: a reduction by any associative function.
public struct GenericReduce: NonlinearPrimitive {
  /// From two scalars of each operand to one of each.
  public let jaxpr: ClosedJaxpr
  public let dimensions: [Int]
  /// The text of the program's function, which jaxprs print.
  public let computation: String?

  public init(_ jaxpr: ClosedJaxpr, dimensions: [Int], computation: String? = nil) {
    self.jaxpr = jaxpr
    self.dimensions = dimensions
    self.computation = computation
  }

  public init(_ reader: ParameterReader) throws {
    self.init(
      try reader.jaxpr("jaxpr"), dimensions: try reader.ints("dimensions"),
      computation: reader["computation"].map { "\($0)" })
  }

  public var name: String { "reduce" }

  public var parameters: [Parameter] {
    (computation.map { [Parameter("computation", .symbol($0))] } ?? [])
      + [Parameter("dimensions", .ints(dimensions)), Parameter("jaxpr", .jaxpr(jaxpr))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try refuseKeys(operands)
    return try operands.prefix(operands.count / 2).map {
      $0.with(shape: try $0.shape.removing(dimensions, for: name))
    }
  }

  /// By the derivative of the same reduction as a tree.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    if tangents.allSatisfy(\.isZero) {
      let results = try bind(self, primals)
      return (results, results.map { .zero($0.aval.tangent) })
    }
    return try Transforms.jvp(reduceAsTree, primals, tangents)
  }

  private func reduceAsTree(_ operands: [Value]) throws -> [Value] {
    let count = operands.count / 2
    var values = Array(operands.prefix(count))
    for axis in dimensions.sorted(by: >) { values = try reduceAsTree(values, axis) }
    let initial = try zip(operands.dropFirst(count), values).map { start, value -> Value in
      value.rank == 0 ? start : try bind1(BroadcastInDim(shape: value.shape, dimensions: []), start)
    }
    return values.isEmpty ? [] : try apply(initial, values)
  }

  /// Combines both halves of `axis` until one element is left, which is then dropped.
  private func reduceAsTree(_ values: [Value], _ axis: Int) throws -> [Value] {
    guard values[0].shape[axis] > 0 else {
      throw RaisedError(
        .notImplementedError, "the derivative of 'reduce' over an axis of extent 0")
    }
    var values = values
    func part(_ value: Value, _ start: Int, _ limit: Int) throws -> Value {
      var starts = value.shape.dimensions.map { _ in 0 }
      var limits = value.shape.dimensions
      starts[axis] = start
      limits[axis] = limit
      return try bind1(Slice(starts: starts, limits: limits), value)
    }
    while values[0].shape[axis] > 1 {
      let count = values[0].shape[axis]
      let half = count / 2
      let first = try values.map { try part($0, 0, half) }
      let second = try values.map { try part($0, half, 2 * half) }
      var combined = try apply(first, second)
      if count % 2 == 1 {
        combined = try zip(combined, values).map {
          try bind1(Concatenate(axis), $0, part($1, count - 1, count))
        }
      }
      values = combined
    }
    return try values.map { try bind1(Squeeze([axis]), $0) }
  }

  /// Combines the elements of two lists of arrays.
  private func apply(_ first: [Value], _ second: [Value]) throws -> [Value] {
    let shape = first[0].shape
    if shape.rank == 0 { return try evaluate(jaxpr, first + second) }
    let flat = try (first + second).map { try reshape($0, [shape.count]) }
    let (results, dims) = try vmapInner(
      { try evaluate(jaxpr, $0) }, flat, flat.map { _ in 0 }, size: shape.count)
    return try zip(results, dims).map {
      try reshape(moveBatchAxis($0, $1, to: 0, size: shape.count), shape)
    }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let batched = GenericReduce(
      jaxpr, dimensions: dimensions.map { $0 + 1 }, computation: computation)
    return try bindReduction(batched, operands, dims, size: size)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let count = operands.count / 2
    return try context.builder.reduce(
      Array(operands.prefix(count)), Array(operands.dropFirst(count)), dimensions: dimensions
    ) { _, elements in try context.inline(jaxpr, elements) }
  }
}

/// Binds the batched form of a reduction of several arrays, whose initial values are the second half
/// of its operands: the mapped axes go to the front.
func bindReduction(
  _ batched: some Primitive, _ operands: [Value], _ dims: [Int?], size: Int
) throws -> (results: [Value], dims: [Int?]) {
  let count = operands.count / 2
  guard dims.dropFirst(count).allSatisfy({ $0 == nil }) else {
    throw RaisedError(
      .notImplementedError, "\(batched.name) batching is not implemented for initial values")
  }
  let moved = try zip(operands, dims).prefix(count).map {
    try moveBatchAxis($0, $1, to: 0, size: size)
  }
  return (try bind(batched, moved + operands.dropFirst(count)), moved.map { _ in 0 })
}
