import Tensor

/// What an operation does, with the attributes that define it.
///
/// One case per operation of StableHLO, except that the elementwise ones with one and with two
/// operands are grouped: `.unary(.exponential)`, `.binary(.add)`. Names are StableHLO's.
///
/// Result types that do not follow from operands and attributes (`constant` apart) are stated by
/// the operation's results: `convert`, `reshape`, `iota`, `broadcastInDim`, `customCall`, …
public enum Op: Hashable, Sendable {
  // Elementwise.
  case unary(UnaryOp)
  case binary(BinaryOp)
  case compare(Comparison)
  /// `on_true` where `pred`, else `on_false`.
  case select
  /// `(min, operand, max)`
  case clamp
  case convert
  case bitcastConvert
  case reducePrecision(exponentBits: Int32, mantissaBits: Int32)
  /// A computation per element: region 0 takes scalars.
  case map(dimensions: [Int])

  // Creation.
  indirect case constant(Constant)
  case iota(dimension: Int)
  case rng(RandomDistribution)
  /// `(state) -> (state, bits)`
  case rngBitGenerator(RandomAlgorithm)
  case partitionID
  case replicaID

  // Movement.
  case broadcastInDim(dimensions: [Int])
  case reshape
  case transpose(Permutation)
  case reverse(dimensions: [Int])
  case concatenate(dimension: Int)
  indirect case slice(SliceBounds)
  indirect case pad(PadAmounts)
  /// `(operand, start indices…)`
  case dynamicSlice(sizes: [Int])
  /// `(operand, update, start indices…)`
  case dynamicUpdateSlice
  /// `(operand, start_indices)`
  indirect case gather(GatherAttributes)
  /// `(inputs…, scatter_indices, updates…)`; region 0 combines.
  indirect case scatter(ScatterAttributes)
  case getDimensionSize(dimension: Int)
  case setDimensionSize(dimension: Int)

  // Contraction.
  indirect case dotGeneral(DotAttributes)
  indirect case convolution(ConvolutionAttributes)

  // Reduction.
  /// `(inputs…, init_values…)`; region 0 combines.
  case reduce(dimensions: [Int])
  /// `(inputs…, init_values…)`; region 0 combines.
  indirect case reduceWindow(WindowAttributes)
  /// `(operand, source, init_value)`; region 0 selects, region 1 combines.
  indirect case selectAndScatter(WindowAttributes)
  /// `(inputs…)`; region 0 compares two elements of each input.
  case sort(dimension: Int, isStable: Bool)

  // Linear algebra, transforms, normalisation.
  case cholesky(lower: Bool)
  indirect case triangularSolve(TriangularSolveAttributes)
  indirect case fft(FFTAttributes)
  case batchNormInference(BatchNormAttributes)
  case batchNormTraining(BatchNormAttributes)
  case batchNormGrad(BatchNormAttributes)

  // Control flow.
  /// `(carries…)`; region 0 is the condition, region 1 the body.
  case `while`
  /// `(pred)`; region 0 where true, region 1 where false.
  case `if`
  /// `(index)`; one region each, the last also for an index out of range.
  case `case`
  /// Calls the function `callee` of the module.
  case call(callee: String)
  /// Ends a region or a function with the values that it gives.
  case `return`
  case optimizationBarrier
  /// `(operand)`: how devices share the operand, in Shardy's words; its value is the operand's.
  indirect case shardingConstraint(sharding: String)
  indirect case customCall(CustomCallAttributes)
  indirect case composite(CompositeAttributes)

  // Tuples and tokens.
  case tuple
  case getTupleElement(index: Int)
  case afterAll
  case createToken
  indirect case infeed(config: String, layout: Attribute?)
  indirect case outfeed(config: String)
  indirect case send(ChannelAttributes)
  indirect case recv(ChannelAttributes)

  // Computations that need not be finished at once.
  /// `(operands…)`; region 0 takes them, and does one thing with them.
  case asyncStart
  /// `(future)`: what the computation gives.
  case asyncDone

  // Between devices.
  indirect case allGather(dimension: Int, CollectiveAttributes)
  indirect case allReduce(CollectiveAttributes)
  indirect case reduceScatter(dimension: Int, CollectiveAttributes)
  indirect case allToAll(AllToAllAttributes)
  indirect case collectiveBroadcast(CollectiveAttributes)
  indirect case collectivePermute(CollectiveAttributes)
  /// Region 0 combines; only the first process of a group receives the result.
  indirect case collectiveReduce(CollectiveAttributes)

  // Shapes that are operands.
  case dynamicIota(dimension: Int)
  case dynamicReshape
  /// `(operand, output_dimensions)`
  indirect case dynamicBroadcastInDim(
    dimensions: [Int], expanding: [Int]?, nonexpanding: [Int]?)
  /// `(operand, padding_value, low, high, interior)`
  case dynamicPad
  /// `(operand, start_indices, slice_sizes)`
  indirect case dynamicGather(GatherAttributes)
  /// `(lhs, rhs, padding)`
  indirect case dynamicConv(ConvolutionAttributes)
  /// `(operand, start, limit, strides)`
  case realDynamicSlice

  // Quantisation.
  case uniformQuantize
  case uniformDequantize

  // Older operations, which StableHLO's specification has no more.
  /// `(operands…)`: one or two of them, multiplied and summed up as an `Einsum` says.
  indirect case einsum(config: String)
  /// `(operand, index)`: slices of the operand along one axis; the first axes of both are batches.
  case torchIndexSelect(dimension: Int, batchDimensions: Int)

  // chlo: operations of clients, expanded before code is generated.
  /// A scalar constant in the shape of the operand.
  indirect case constantLike(Constant)
  /// Largest `k` values of the last dimension, and their indices.
  case topK(k: Int)
  /// An elementwise operation (`binary`, `compare` or `select`) on arrays that are broadcast to one
  /// shape first, along `dimensions`, or as NumPy does it.
  indirect case broadcasting(Op, dimensions: [Int]?)
  /// `(inputs…, initial carries…)`; region 0 takes a slice of each input, and the carries.
  indirect case scan(ScanAttributes)
  /// `(lhs, rhs, group_sizes)`: a product with other factors for each group of indices.
  indirect case raggedDot(RaggedDotAttributes)

  // The tests' own operations.
  indirect case check(CheckAttributes)

  /// A group of operations that run as one kernel; region 0 takes the operands. Not StableHLO.
  case fusion(FusionKind)
}

/// Why operations are grouped in a `fusion`.
public enum FusionKind: String, Hashable, Sendable, CaseIterable {
  /// Elementwise consumers of movement and elementwise producers.
  case loop
  /// A reduction with its elementwise producers.
  case reduction
  /// Reductions over the last dimension with their producers and consumers.
  case row
  /// A library call with its elementwise consumers.
  case output
}

/// Elementwise operations with one operand; the raw value is the name in the text.
public enum UnaryOp: String, Hashable, Sendable, CaseIterable {
  case abs = "stablehlo.abs"
  case cbrt = "stablehlo.cbrt"
  case ceil = "stablehlo.ceil"
  case cosine = "stablehlo.cosine"
  case countLeadingZeros = "stablehlo.count_leading_zeros"
  case exponential = "stablehlo.exponential"
  case exponentialMinusOne = "stablehlo.exponential_minus_one"
  case floor = "stablehlo.floor"
  case imag = "stablehlo.imag"
  case isFinite = "stablehlo.is_finite"
  case log = "stablehlo.log"
  case logPlusOne = "stablehlo.log_plus_one"
  case logistic = "stablehlo.logistic"
  case negate = "stablehlo.negate"
  case not = "stablehlo.not"
  case popcnt = "stablehlo.popcnt"
  case real = "stablehlo.real"
  case roundNearestAfz = "stablehlo.round_nearest_afz"
  case roundNearestEven = "stablehlo.round_nearest_even"
  case rsqrt = "stablehlo.rsqrt"
  case sign = "stablehlo.sign"
  case sine = "stablehlo.sine"
  case sqrt = "stablehlo.sqrt"
  case tan = "stablehlo.tan"
  case tanh = "stablehlo.tanh"

  case acos = "chlo.acos"
  case acosh = "chlo.acosh"
  case asin = "chlo.asin"
  case asinh = "chlo.asinh"
  case atan = "chlo.atan"
  case atanh = "chlo.atanh"
  case besselI1e = "chlo.bessel_i1e"
  case conj = "chlo.conj"
  case cosh = "chlo.cosh"
  case digamma = "chlo.digamma"
  case erf = "chlo.erf"
  case erfInv = "chlo.erf_inv"
  case erfc = "chlo.erfc"
  case isInf = "chlo.is_inf"
  case isNegInf = "chlo.is_neg_inf"
  case isPosInf = "chlo.is_pos_inf"
  case lgamma = "chlo.lgamma"
  case sinh = "chlo.sinh"
  case square = "chlo.square"
  /// `tan` before StableHLO had it.
  case chloTan = "chlo.tan"
}

/// Elementwise operations with two operands; the raw value is the name in the text.
public enum BinaryOp: String, Hashable, Sendable, CaseIterable {
  case add = "stablehlo.add"
  case and = "stablehlo.and"
  case atan2 = "stablehlo.atan2"
  case complex = "stablehlo.complex"
  case divide = "stablehlo.divide"
  case maximum = "stablehlo.maximum"
  case minimum = "stablehlo.minimum"
  case multiply = "stablehlo.multiply"
  case or = "stablehlo.or"
  case power = "stablehlo.power"
  case remainder = "stablehlo.remainder"
  case shiftLeft = "stablehlo.shift_left"
  case shiftRightArithmetic = "stablehlo.shift_right_arithmetic"
  case shiftRightLogical = "stablehlo.shift_right_logical"
  case subtract = "stablehlo.subtract"
  case xor = "stablehlo.xor"

  /// The high half of the product of two integers.
  case mulhi = "chlo.mulhi"
  case nextAfter = "chlo.next_after"
  case polygamma = "chlo.polygamma"
  case zeta = "chlo.zeta"
}

extension Op {
  /// The function of the module that a call, or a composite, names; `nil` for other operations.
  public var callee: String? {
    switch self {
    case .call(let callee): callee
    case .composite(let attributes): attributes.decomposition
    default: nil
    }
  }
}
