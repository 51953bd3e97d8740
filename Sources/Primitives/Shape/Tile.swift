import Core
import HLO
import Tensor
import Transforms

/// `tile[reps=(…)] x`: `x` repeated along each axis.
public struct Tile: LinearPrimitive {
  public let repetitions: [Int]

  public init(_ repetitions: [Int]) { self.repetitions = repetitions }

  public init(_ reader: ParameterReader) throws { repetitions = try reader.ints("reps") }

  public var name: String { "tile" }
  public var parameters: [Parameter] { [Parameter("reps", .ints(repetitions))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let shape = operands[0].shape
    guard repetitions.count == shape.rank, repetitions.allSatisfy({ $0 >= 0 }) else {
      throw RaisedError.value(
        "tile reps \(ParameterValue.ints(repetitions)) do not fit operand shape "
          + "\(ParameterValue.ints(shape.dimensions))")
    }
    return [operands[0].with(shape: Shape(zip(shape.dimensions, repetitions).map { $0 * $1 }))]
  }

  /// Each axis preceded by one for its repetitions: `(r0, n0, r1, n1, …)`.
  private func interleaved(_ shape: Shape) -> Shape {
    Shape(zip(repetitions, shape.dimensions).flatMap { [$0, $1] })
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    let parts = try reshape(cotangent, interleaved(operands[0].aval.shape))
    return [try reduceSum(parts, repetitions.indices.map { 2 * $0 })]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    var batched = repetitions
    batched.insert(1, at: dims[0]!)
    return (try bind(Tile(batched), operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let isKey = context.inAvals[0].dtype == .key
    let shape = context.inAvals[0].shape
    var full = interleaved(shape).dimensions
    var single = shape.dimensions.flatMap { [1, $0] }
    if isKey {
      full.append(2)
      single.append(2)
    }
    let parts = try builder.reshape(operands[0], single)
    let repeated = try builder.broadcastInDim(parts, full, Array(full.indices))
    return [try builder.reshape(repeated, context.resultType().dimensions)]
  }
}

/// `unstack[axis=…] x`: the slices along an axis.
public struct Unstack: LinearPrimitive {
  public let axis: Int

  public init(_ axis: Int) { self.axis = axis }

  public init(_ reader: ParameterReader) throws { axis = try reader.int("axis") }

  public var returnsList: Bool { true }
  public var name: String { "unstack" }
  public var parameters: [Parameter] { [Parameter("axis", .int(axis))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let shape = try operands[0].shape.removing([axis], for: name)
    return (0..<operands[0].shape[axis]).map { _ in operands[0].with(shape: shape) }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    if cotangents.allSatisfy(\.isZero) { return [nil] }
    return [try bind(Stack(axis), cotangents.map(instantiate))[0]]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    let own = axis >= dim ? axis + 1 : axis
    let results = try bind(Unstack(own), operands)
    return (results, results.map { _ in own < dim ? dim - 1 : dim })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let dimensions = try builder.tensorType(of: operands[0]).dimensions
    return try context.outAvals.indices.map { index in
      var starts = dimensions.map { _ in 0 }
      var limits = dimensions
      starts[axis] = index
      limits[axis] = index + 1
      let part = try builder.slice(operands[0], start: starts, limit: limits)
      return try builder.reshape(part, context.resultType(index).dimensions)
    }
  }
}

/// `empty[dtype out_sharding shape]`: an array whose elements do not matter; they are zeros.
public struct Empty: DiscretePrimitive {
  public let dtype: ElementType
  public let shape: Shape

  public init(_ reader: ParameterReader) throws {
    dtype = try reader.dtype("dtype")
    shape = Shape(try reader.ints("shape"))
  }

  public var name: String { "empty" }

  public var parameters: [Parameter] {
    [
      Parameter("dtype", .symbol("<class 'jax.numpy.\(dtype.numpyName)'>")),
      Parameter("out_sharding", .none), Parameter("shape", .ints(shape.dimensions)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    [ShapedArray(shape, dtype)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), [nil])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.full(0, context.resultType())]
  }
}

/// `empty2[dtype memory_space]`: a scalar whose value does not matter; it is zero.
struct EmptyScalar: DiscretePrimitive {
  let dtype: ElementType

  var name: String { "empty2" }

  var parameters: [Parameter] {
    [
      Parameter("dtype", .dtype(dtype)),
      Parameter("memory_space", .symbol("MemorySpace.Device")),
    ]
  }

  func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    [ShapedArray(.scalar, dtype)]
  }

  func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), [nil])
  }

  func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.full(0, context.resultType())]
  }

  /// An array of type `aval` of which nothing is read.
  static func array(_ aval: ShapedArray) throws -> Value {
    let scalar = try bind1(EmptyScalar(dtype: aval.dtype))
    return aval.rank == 0
      ? scalar : try bind1(BroadcastInDim(shape: aval.shape, dimensions: []), scalar)
  }
}

/// `optimization_barrier xs…`: the operands, which the compiler may not look through.
public struct OptimizationBarrier: LinearPrimitive {
  public init() {}

  public var name: String { "optimization_barrier" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { operands }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    try bind(self, cotangents.map(instantiate)).map { $0 }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.builder.optimizationBarrier(operands)
  }
}
