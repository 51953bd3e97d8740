import Core
import HLO
import Tensor

/// `rng_uniform[shape=(…)] low high`: numbers that no one can repeat.
public struct RngUniform: DiscretePrimitive {
  public let shape: Shape

  public init(_ reader: ParameterReader) throws { shape = Shape(try reader.ints("shape")) }

  public var name: String { "rng_uniform" }
  public var parameters: [Parameter] { [Parameter("shape", .ints(shape.dimensions))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard operands[0].dtype == operands[1].dtype else {
      throw RaisedError.value(
        "Arguments to rng_uniform must have identical dtypes, got "
          + operands.map(\.dtype.numpyName).joined(separator: " and ") + ".")
    }
    guard operands.allSatisfy({ $0.rank == 0 }) else {
      throw RaisedError.value("Arguments to rng_uniform must be scalars.")
    }
    return [ShapedArray(shape, operands[0].dtype)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    throw RaisedError(.notImplementedError, "Batching rule for 'rng_uniform' not implemented")
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let sizes = shape.dimensions.map(Int64.init)
    let extents = try builder.constant(HostTensor(sizes))
    return [
      try builder.emitOne(
        .rng(.uniform), [operands[0], operands[1], extents], type: .tensor(context.resultType()))
    ]
  }
}

/// `rng_bit_generator[algorithm dtype out_sharding shape] state`: the next state, and bits.
public struct RngBitGenerator: DiscretePrimitive {
  public let algorithm: RandomAlgorithm
  public let dtype: ElementType
  public let shape: Shape

  public init(_ reader: ParameterReader) throws {
    dtype = try reader.dtype("dtype")
    shape = Shape(try reader.ints("shape"))
    switch reader["algorithm"] {
    case nil, .int(0)?: algorithm = .default
    case .int(1)?: algorithm = .threeFry
    case .int(2)?: algorithm = .philox
    case let other?:
      let text = "\(other)"
      guard
        let known = RandomAlgorithm.allCases.first(where: { text.hasSuffix($0.rawValue) })
      else { throw RaisedError.value("unknown RandomAlgorithm \(text)") }
      algorithm = known
    }
  }

  public var name: String { "rng_bit_generator" }

  public var parameters: [Parameter] {
    [
      Parameter("algorithm", .symbol("RNG_\(algorithm.rawValue)")),
      Parameter("dtype", .dtype(dtype)), Parameter("out_sharding", .none),
      Parameter("shape", .ints(shape.dimensions)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard operands[0].dtype == .u32 || operands[0].dtype == .u64 else {
      throw RaisedError.type(
        "Key dtype must be one of [dtype('uint32'), dtype('uint64')], got "
          + "\(operands[0].dtype.numpyName)")
    }
    return [operands[0], ShapedArray(shape, dtype)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    throw RaisedError(
      .notImplementedError, "Batching rule for 'rng_bit_generator' not implemented")
  }

  /// The state is a list of 64-bit words.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let type = try builder.tensorType(of: operands[0])
    let bits = context.resultType(1)
    guard type.element == .u32 else {
      let (state, output) = try builder.rngBitGenerator(algorithm, state: operands[0], bits: bits)
      return [state, output]
    }
    guard type.rank == 1, type.dimensions[0] % 2 == 0 else {
      throw RaisedError.type("rng_bit_generator needs a state of pairs of words, got \(type)")
    }
    let count = type.dimensions[0] / 2
    let pairs = try builder.reshape(operands[0], [count, 2])
    let words = try builder.bitcastConvert(pairs, to: TensorType([count], .u64))
    let (state, output) = try builder.rngBitGenerator(algorithm, state: words, bits: bits)
    let split = try builder.bitcastConvert(state, to: TensorType([count, 2], .u32))
    return [try builder.reshape(split, type.dimensions), output]
  }
}
