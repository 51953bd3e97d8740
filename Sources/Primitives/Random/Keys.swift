import Core
import HLO
import Tensor
import Transforms

/// `random_seed[impl=fry] n`: the key of a seed.
public struct RandomSeed: DiscretePrimitive {
  public init() {}

  public var name: String { "random_seed" }
  public var parameters: [Parameter] { [Parameter("impl", .symbol("fry"))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard operands[0].dtype.isInteger else {
      throw RaisedError.type(
        "PRNG key seed must be an integer; got JitTracer(\(operands[0].longDescription))")
    }
    return [ShapedArray(operands[0].shape, .key)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.expandKeys(operands) { try Threefry.seed($0[0]) }]
  }
}

/// `random_wrap[impl=fry] words`: keys from pairs of words.
public struct RandomWrap: DiscretePrimitive {
  public init() {}

  public var name: String { "random_wrap" }
  public var parameters: [Parameter] { [Parameter("impl", .symbol("fry"))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let words = operands[0]
    guard words.dtype == .u32 else {
      throw RaisedError.type(
        "JAX encountered invalid PRNG key data: expected key_data.dtype = uint32; got "
          + "dtype=\(words.dtype.numpyName)")
    }
    guard words.rank > 0 else {
      throw RaisedError.type(
        "JAX encountered invalid PRNG key data: expected key_data.ndim >= 1; got ndim=0")
    }
    guard words.shape.dimensions.last == 2 else {
      throw RaisedError.type(
        "JAX encountered invalid PRNG key data: expected key_data.shape to end with (2,); got "
          + "shape=\(ParameterValue.ints(words.shape.dimensions)) for impl=threefry2x32")
    }
    return [ShapedArray(Shape(Array(words.shape.dimensions.dropLast())), .key)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, [moveBatchAxis(operands[0], dims[0], to: 0, size: size)]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}

/// `random_unwrap keys`: the words of keys.
public struct RandomUnwrap: DiscretePrimitive {
  public init() {}

  public var name: String { "random_unwrap" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireKeys(operands[0], for: name)
    return [ShapedArray(Shape(operands[0].shape.dimensions + [2]), .u32)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}

/// `random_clone keys`: the same keys, free to be used again.
public struct RandomClone: DiscretePrimitive {
  public init() {}

  public var name: String { "random_clone" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireKeys(operands[0], for: name)
    return operands
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}

/// `random_split[shape=(…)] keys`: new keys along new trailing axes.
public struct RandomSplit: DiscretePrimitive {
  public let shape: Shape
  /// As of `RandomBits`.
  private let isPartitionable = Configuration.traceContext.isThreefryPartitionable

  public init(shape: Shape) { self.shape = shape }

  public init(_ reader: ParameterReader) throws { shape = Shape(try reader.ints("shape")) }

  public var name: String { "random_split" }
  public var parameters: [Parameter] { [Parameter("shape", .ints(shape.dimensions))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireKeys(operands[0], for: name)
    return [ShapedArray(Shape(operands[0].shape.dimensions + shape.dimensions), .key)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [
      try context.expandKeys(operands) {
        try Threefry.split($0[0], shape, isPartitionable: isPartitionable)
      }
    ]
  }
}

/// `random_fold_in keys data`: a new key for each pair.
public struct RandomFoldIn: Elementwise, DiscretePrimitive {
  public init() {}

  public var name: String { "random_fold_in" }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try requireKeys(operands[0], for: name)
    guard operands[1].dtype == .u32 else {
      throw RaisedError.type("random_fold_in requires uint32 data, got \(operands[1])")
    }
    return .key
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.expandKeys(operands) { try Threefry.foldIn($0[0], $0[1]) }]
  }
}

/// Checks that `aval` holds keys.
func requireKeys(_ aval: ShapedArray, for primitive: String) throws {
  guard aval.dtype == .key else {
    throw RaisedError.type(
      "\(primitive) accepts new-style PRNG keys created by jax.random.key, but received an array "
        + "of type \(aval.longDescription)")
  }
}
