import Tensor

// The attributes of operations, as types that say what they mean.

/// Which relation a `compare` tests.
public enum ComparisonDirection: String, Hashable, Sendable, CaseIterable {
  case eq = "EQ"
  case ne = "NE"
  case ge = "GE"
  case gt = "GT"
  case le = "LE"
  case lt = "LT"
}

/// In which order a `compare` tests it: floats by value (NaN is unordered) or in the total order of
/// their bits, integers with or without a sign.
public enum ComparisonType: String, Hashable, Sendable, CaseIterable {
  case float = "FLOAT"
  case totalOrder = "TOTALORDER"
  case signed = "SIGNED"
  case unsigned = "UNSIGNED"
  case noType = "NOTYPE"
}

/// What a `compare` tests.
public struct Comparison: Hashable, Sendable {
  public var direction: ComparisonDirection
  /// How to compare; `nil` where the text does not say, and the element type decides.
  public var type: ComparisonType?

  public init(_ direction: ComparisonDirection, _ type: ComparisonType? = nil) {
    self.direction = direction
    self.type = type
  }
}

/// Result axis `i` is operand axis `axes[i]`.
public struct Permutation: Hashable, Sendable {
  public let axes: [Int]

  /// `nil` unless `axes` holds each of `0..<axes.count` once.
  public init?(checking axes: [Int]) {
    var seen = [Bool](repeating: false, count: axes.count)
    for axis in axes {
      guard axes.indices.contains(axis), !seen[axis] else { return nil }
      seen[axis] = true
    }
    self.axes = axes
  }

  public var isIdentity: Bool { axes.enumerated().allSatisfy { $0 == $1 } }

  /// The permutation that undoes this one.
  public var inverse: Permutation {
    var inverse = axes
    for (position, axis) in axes.enumerated() { inverse[axis] = position }
    return Permutation(checking: inverse)!
  }
}

/// The elements of a `slice`: along each dimension those at `start`, `start + stride`, … before
/// `limit`.
public struct SliceBounds: Hashable, Sendable {
  public var start: [Int]
  public var limit: [Int]
  public var strides: [Int]

  public init(start: [Int], limit: [Int], strides: [Int]? = nil) {
    self.start = start
    self.limit = limit
    self.strides = strides ?? [Int](repeating: 1, count: start.count)
  }
}

/// Elements added before, after and between along each dimension; negative ones are removed.
public struct PadAmounts: Hashable, Sendable {
  public var low: [Int]
  public var high: [Int]
  public var interior: [Int]

  public init(low: [Int], high: [Int], interior: [Int]? = nil) {
    self.low = low
    self.high = high
    self.interior = interior ?? [Int](repeating: 0, count: low.count)
  }
}

/// How `gather` reads its indices, and how it arranges the slices that it takes from its operand.
///
/// The result has the axes of a slice, and the axes of the indices without the one of index vectors.
public struct GatherDimensionNumbers: Hashable, Sendable {
  /// The axes of the result that are axes of the slices.
  public var offsetDims: [Int]
  /// The axes of the operand, of extent 1 in a slice, that the result has not.
  public var collapsedSliceDims: [Int]
  /// The axes of the operand that go in step with axes of the indices, …
  public var operandBatchingDims: [Int]
  /// … and these axes.
  public var startIndicesBatchingDims: [Int]
  /// The axis of the operand that each component of an index vector is about.
  public var startIndexMap: [Int]
  /// The axis of the indices along which an index vector lies; their rank where indices are scalars.
  public var indexVectorDim: Int

  public init(
    offsetDims: [Int], collapsedSliceDims: [Int], operandBatchingDims: [Int] = [],
    startIndicesBatchingDims: [Int] = [], startIndexMap: [Int], indexVectorDim: Int
  ) {
    self.offsetDims = offsetDims
    self.collapsedSliceDims = collapsedSliceDims
    self.operandBatchingDims = operandBatchingDims
    self.startIndicesBatchingDims = startIndicesBatchingDims
    self.startIndexMap = startIndexMap
    self.indexVectorDim = indexVectorDim
  }
}

/// The attributes of `gather` and `dynamic_gather`.
public struct GatherAttributes: Hashable, Sendable {
  public var dimensionNumbers: GatherDimensionNumbers
  /// Empty for `dynamic_gather`, whose sizes are an operand.
  public var sliceSizes: [Int]
  /// A promise of the program.
  public var indicesAreSorted: Bool
  /// Whether the text writes the flag where it is false.
  public var statesFlags = true

  public init(
    _ dimensionNumbers: GatherDimensionNumbers, sliceSizes: [Int], indicesAreSorted: Bool = false
  ) {
    self.dimensionNumbers = dimensionNumbers
    self.sliceSizes = sliceSizes
    self.indicesAreSorted = indicesAreSorted
  }
}

/// How `scatter` reads its indices, and where the windows of its updates go: `gather` the other way
/// round.
public struct ScatterDimensionNumbers: Hashable, Sendable {
  /// The axes of the updates that are axes of their windows.
  public var updateWindowDims: [Int]
  /// The axes of the inputs that the windows have not: of extent 1 there.
  public var insertedWindowDims: [Int]
  /// The axes of the inputs that go in step with axes of the indices, …
  public var inputBatchingDims: [Int]
  /// … and these axes.
  public var scatterIndicesBatchingDims: [Int]
  /// The axis of the inputs that each component of an index vector is about.
  public var scatterDimsToOperandDims: [Int]
  /// The axis of the indices along which an index vector lies; their rank where indices are scalars.
  public var indexVectorDim: Int

  public init(
    updateWindowDims: [Int], insertedWindowDims: [Int], inputBatchingDims: [Int] = [],
    scatterIndicesBatchingDims: [Int] = [], scatterDimsToOperandDims: [Int], indexVectorDim: Int
  ) {
    self.updateWindowDims = updateWindowDims
    self.insertedWindowDims = insertedWindowDims
    self.inputBatchingDims = inputBatchingDims
    self.scatterIndicesBatchingDims = scatterIndicesBatchingDims
    self.scatterDimsToOperandDims = scatterDimsToOperandDims
    self.indexVectorDim = indexVectorDim
  }
}

/// The attributes of `scatter`; how an element and its update combine is a region.
public struct ScatterAttributes: Hashable, Sendable {
  public var dimensionNumbers: ScatterDimensionNumbers
  /// A promise of the program.
  public var indicesAreSorted: Bool
  /// A promise of the program: no two updates are of one element.
  public var uniqueIndices: Bool
  /// Whether the text writes the flags where they are false.
  public var statesFlags = true

  public init(
    _ dimensionNumbers: ScatterDimensionNumbers, indicesAreSorted: Bool = false,
    uniqueIndices: Bool = false
  ) {
    self.dimensionNumbers = dimensionNumbers
    self.indicesAreSorted = indicesAreSorted
    self.uniqueIndices = uniqueIndices
  }
}

/// What a `dot_general` pairs: batching axes go in step and come first in the result, contracting axes
/// are summed over; then come the other axes of `lhs`, then those of `rhs`.
public struct DotDimensionNumbers: Hashable, Sendable {
  public var lhsBatching: [Int]
  public var rhsBatching: [Int]
  public var lhsContracting: [Int]
  public var rhsContracting: [Int]

  public init(
    lhsBatching: [Int] = [], rhsBatching: [Int] = [], lhsContracting: [Int],
    rhsContracting: [Int]
  ) {
    self.lhsBatching = lhsBatching
    self.rhsBatching = rhsBatching
    self.lhsContracting = lhsContracting
    self.rhsContracting = rhsContracting
  }
}

/// How exactly a target may compute the products of an operand; every target here computes them in
/// the element type.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  case `default` = "DEFAULT"
  case high = "HIGH"
  case highest = "HIGHEST"
}

/// How a product is to be computed on a target that has several ways.
public struct DotAlgorithm: Hashable, Sendable {
  /// The types, in StableHLO's spelling, that the operands are rounded to, …
  public var lhsPrecision: String
  public var rhsPrecision: String
  /// … and the one that sums have.
  public var accumulation: String
  /// As the sum of how many values of those types an operand is represented.
  public var lhsComponents: Int
  public var rhsComponents: Int
  /// Of how many products of components a product consists.
  public var primitiveOperations: Int
  public var allowImpreciseAccumulation: Bool

  public init(
    lhsPrecision: String, rhsPrecision: String, accumulation: String, lhsComponents: Int,
    rhsComponents: Int, primitiveOperations: Int, allowImpreciseAccumulation: Bool
  ) {
    self.lhsPrecision = lhsPrecision
    self.rhsPrecision = rhsPrecision
    self.accumulation = accumulation
    self.lhsComponents = lhsComponents
    self.rhsComponents = rhsComponents
    self.primitiveOperations = primitiveOperations
    self.allowImpreciseAccumulation = allowImpreciseAccumulation
  }
}

/// The attributes of `dot_general`.
public struct DotAttributes: Hashable, Sendable {
  public var dimensionNumbers: DotDimensionNumbers
  /// One per operand, or empty where the text does not say.
  public var precision: [Precision]
  public var algorithm: DotAlgorithm?

  public init(
    _ dimensionNumbers: DotDimensionNumbers, precision: [Precision] = [.default, .default],
    algorithm: DotAlgorithm? = nil
  ) {
    self.dimensionNumbers = dimensionNumbers
    self.precision = precision
    self.algorithm = algorithm
  }
}

/// A product in which one axis of `lhs` falls into groups.
public struct RaggedDotAttributes: Hashable, Sendable {
  public var dimensionNumbers: DotDimensionNumbers
  /// The axis of `lhs` that falls into groups: one.
  public var lhsRagged: [Int]
  /// The axis of `rhs` that counts the groups, where each has factors of its own.
  public var rhsGroup: [Int]
  /// One per operand, or empty where the text does not say.
  public var precision: [Precision]

  public init(
    _ dimensionNumbers: DotDimensionNumbers, lhsRagged: [Int], rhsGroup: [Int],
    precision: [Precision] = []
  ) {
    self.dimensionNumbers = dimensionNumbers
    self.lhsRagged = lhsRagged
    self.rhsGroup = rhsGroup
    self.precision = precision
  }
}

/// A loop over the slices of arrays along one axis.
public struct ScanAttributes: Hashable, Sendable {
  /// How many operands are sliced; the others are what is carried at first.
  public var inputCount: Int
  public var dimension: Int
  /// The number of steps, where the text says it.
  public var size: Int?
  public var isReverse: Bool
  /// `nil` where the text does not say.
  public var isAssociative: Bool?

  public init(
    inputCount: Int, dimension: Int, size: Int? = nil, isReverse: Bool = false,
    isAssociative: Bool? = nil
  ) {
    self.inputCount = inputCount
    self.dimension = dimension
    self.size = size
    self.isReverse = isReverse
    self.isAssociative = isAssociative
  }
}

/// Which axis is what in the operands and the result of a convolution; spatial axes in one order.
public struct ConvDimensionNumbers: Hashable, Sendable {
  public var inputBatch: Int
  public var inputFeature: Int
  public var inputSpatial: [Int]
  public var kernelInputFeature: Int
  public var kernelOutputFeature: Int
  public var kernelSpatial: [Int]
  public var outputBatch: Int
  public var outputFeature: Int
  public var outputSpatial: [Int]

  public init(
    inputBatch: Int, inputFeature: Int, inputSpatial: [Int], kernelInputFeature: Int,
    kernelOutputFeature: Int, kernelSpatial: [Int], outputBatch: Int, outputFeature: Int,
    outputSpatial: [Int]
  ) {
    self.inputBatch = inputBatch
    self.inputFeature = inputFeature
    self.inputSpatial = inputSpatial
    self.kernelInputFeature = kernelInputFeature
    self.kernelOutputFeature = kernelOutputFeature
    self.kernelSpatial = kernelSpatial
    self.outputBatch = outputBatch
    self.outputFeature = outputFeature
    self.outputSpatial = outputSpatial
  }
}

/// Elements added before and after one dimension.
public struct Padding: Hashable, Sendable {
  public var low: Int
  public var high: Int

  public init(_ low: Int, _ high: Int) {
    self.low = low
    self.high = high
  }
}

/// Which lists of a window the text writes; the others hold their defaults.
public struct WindowLists: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let strides = WindowLists(rawValue: 1)
  public static let padding = WindowLists(rawValue: 2)
  public static let baseDilations = WindowLists(rawValue: 4)
  public static let windowDilations = WindowLists(rawValue: 8)
  public static let reversal = WindowLists(rawValue: 16)
  public static let all: WindowLists = [
    .strides, .padding, .baseDilations, .windowDilations, .reversal,
  ]
}

/// A window that moves over an array. Lists that the text leaves out hold their defaults.
public struct WindowAttributes: Hashable, Sendable {
  public var dimensions: [Int]
  public var strides: [Int]
  public var baseDilations: [Int]
  public var windowDilations: [Int]
  public var padding: [Padding]
  public var stated = WindowLists.all

  public init(
    dimensions: [Int], strides: [Int]? = nil, baseDilations: [Int]? = nil,
    windowDilations: [Int]? = nil, padding: [Padding]? = nil
  ) {
    let rank = dimensions.count
    self.dimensions = dimensions
    self.strides = strides ?? [Int](repeating: 1, count: rank)
    self.baseDilations = baseDilations ?? [Int](repeating: 1, count: rank)
    self.windowDilations = windowDilations ?? [Int](repeating: 1, count: rank)
    self.padding = padding ?? [Padding](repeating: Padding(0, 0), count: rank)
  }
}

/// The attributes of `convolution`. The lists hold one entry per spatial dimension.
public struct ConvolutionAttributes: Hashable, Sendable {
  public var dimensionNumbers: ConvDimensionNumbers
  public var strides: [Int]
  public var padding: [Padding]
  public var lhsDilation: [Int]
  public var rhsDilation: [Int]
  public var windowReversal: [Bool]
  public var featureGroupCount: Int
  public var batchGroupCount: Int
  public var precision: [Precision]
  public var stated = WindowLists.all

  public init(
    _ dimensionNumbers: ConvDimensionNumbers, strides: [Int]? = nil, padding: [Padding]? = nil,
    lhsDilation: [Int]? = nil, rhsDilation: [Int]? = nil, windowReversal: [Bool]? = nil,
    featureGroupCount: Int = 1, batchGroupCount: Int = 1,
    precision: [Precision] = [.default, .default]
  ) {
    let rank = dimensionNumbers.inputSpatial.count
    self.dimensionNumbers = dimensionNumbers
    self.strides = strides ?? [Int](repeating: 1, count: rank)
    self.padding = padding ?? [Padding](repeating: Padding(0, 0), count: rank)
    self.lhsDilation = lhsDilation ?? [Int](repeating: 1, count: rank)
    self.rhsDilation = rhsDilation ?? [Int](repeating: 1, count: rank)
    self.windowReversal = windowReversal ?? [Bool](repeating: false, count: rank)
    self.featureGroupCount = featureGroupCount
    self.batchGroupCount = batchGroupCount
    self.precision = precision
  }
}

/// What a `triangular_solve` takes in the place of its matrix: itself, its transpose, or the complex
/// conjugate of that.
public enum MatrixTranspose: String, Hashable, Sendable, CaseIterable {
  case none = "NO_TRANSPOSE"
  case transpose = "TRANSPOSE"
  case adjoint = "ADJOINT"
}

/// The attributes of `triangular_solve`: `op(a) x = b`, or `x op(a) = b`.
public struct TriangularSolveAttributes: Hashable, Sendable {
  /// Whether `op(a)` is on the left of `x`.
  public var leftSide: Bool
  /// Whether the lower triangle of `a` is read, or the upper one.
  public var lower: Bool
  /// Whether the diagonal counts as ones, and is not read.
  public var unitDiagonal: Bool
  public var transposeA: MatrixTranspose

  public init(leftSide: Bool, lower: Bool, unitDiagonal: Bool, transposeA: MatrixTranspose) {
    self.leftSide = leftSide
    self.lower = lower
    self.unitDiagonal = unitDiagonal
    self.transposeA = transposeA
  }
}

/// A Fourier transform: complex, its inverse, of real numbers to the half of the result that says all,
/// and from such a half to real numbers.
public enum FFTKind: String, Hashable, Sendable, CaseIterable {
  case fft = "FFT"
  case ifft = "IFFT"
  case rfft = "RFFT"
  case irfft = "IRFFT"
}

/// The attributes of `fft`.
public struct FFTAttributes: Hashable, Sendable {
  public var kind: FFTKind
  /// The extents of the transformed axes, which are the last ones: of the real array for the real kinds.
  public var length: [Int]

  public init(_ kind: FFTKind, length: [Int]) {
    self.kind = kind
    self.length = length
  }
}

/// The attributes of the three operations of batch normalization.
public struct BatchNormAttributes: Hashable, Sendable {
  /// What is added to variances.
  public var epsilon: Float
  /// The axis of features, each of which has its own mean and variance.
  public var featureIndex: Int32

  public init(epsilon: Float, featureIndex: Int) {
    self.epsilon = epsilon
    self.featureIndex = Int32(truncatingIfNeeded: featureIndex)
  }
}

/// The distribution of `rng`: between its two operands, or with them for mean and deviation.
public enum RandomDistribution: String, Hashable, Sendable, CaseIterable {
  case uniform = "UNIFORM"
  case normal = "NORMAL"
}

/// The generator of `rng_bit_generator`.
public enum RandomAlgorithm: String, Hashable, Sendable, CaseIterable {
  case `default` = "DEFAULT"
  case threeFry = "THREE_FRY"
  case philox = "PHILOX"
}

/// The attributes of `custom_call`: a function that the target knows by name.
public struct CustomCallAttributes: Hashable, Sendable {
  public var target: String
  public var hasSideEffect: Bool
  public var backendConfig: Attribute?
  /// `nil` where the text does not say.
  public var apiVersion: Int?
  public var calledComputations: [String]
  /// Minor-to-major orders, one list per operand.
  public var operandLayouts: [[Int]]?
  public var resultLayouts: [[Int]]?
  public var outputOperandAliases: [OutputOperandAlias]?

  public init(
    target: String, hasSideEffect: Bool = false, backendConfig: Attribute? = nil,
    apiVersion: Int? = nil, calledComputations: [String] = [], operandLayouts: [[Int]]? = nil,
    resultLayouts: [[Int]]? = nil, outputOperandAliases: [OutputOperandAlias]? = nil
  ) {
    self.target = target
    self.hasSideEffect = hasSideEffect
    self.backendConfig = backendConfig
    self.apiVersion = apiVersion
    self.calledComputations = calledComputations
    self.operandLayouts = operandLayouts
    self.resultLayouts = resultLayouts
    self.outputOperandAliases = outputOperandAliases
  }

  /// Does the call give its operands, and only say where or how they are to be stored?
  public var isAnnotation: Bool {
    [
      "Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape", "annotate_device_placement",
      "LayoutConstraint",
    ].contains(target)
  }
}

/// A part of a custom call's results that takes the memory of a part of an operand. Parts of tuples
/// are named by the indices that lead to them.
public struct OutputOperandAlias: Hashable, Sendable {
  public var output: [Int]
  public var operandIndex: Int
  public var operand: [Int]

  public init(output: [Int], operandIndex: Int, operand: [Int]) {
    self.output = output
    self.operandIndex = operandIndex
    self.operand = operand
  }
}

/// The attributes of `composite`: an operation of another dialect, whose meaning a function says.
public struct CompositeAttributes: Hashable, Sendable {
  public var name: String
  public var attributes: [NamedAttribute]
  /// The function that defines the meaning.
  public var decomposition: String
  public var version: Int

  public init(
    name: String, attributes: [NamedAttribute] = [], decomposition: String, version: Int = 0
  ) {
    self.name = name
    self.attributes = attributes
    self.decomposition = decomposition
    self.version = version
  }
}

/// Names a channel between processes, or between a process and its host.
public struct ChannelHandle: Hashable, Sendable {
  /// From where to where: the numbers of `type`.
  enum Direction: Int {
    case deviceToDevice = 1
    case deviceToHost = 2
    case hostToDevice = 3
  }

  public var handle: Int
  public var type: Int

  public init(handle: Int, type: Int) {
    self.handle = handle
    self.type = type
  }
}

/// The attributes of `send` and `recv`.
public struct ChannelAttributes: Hashable, Sendable {
  public var channel: ChannelHandle
  public var isHostTransfer: Bool
  /// Pairs of processes: who sends to whom.
  public var sourceTargetPairs: [[Int]]

  public init(channel: ChannelHandle, isHostTransfer: Bool, sourceTargetPairs: [[Int]] = []) {
    self.channel = channel
    self.isHostTransfer = isHostTransfer
    self.sourceTargetPairs = sourceTargetPairs
  }
}

/// What all operations have in which several processes take part.
public struct CollectiveAttributes: Hashable, Sendable {
  /// Rows of process ids; rows may end in -1. Pairs for `collective_permute`.
  public var groups: [[Int]]
  public var channel: ChannelHandle?
  /// Whether `groups` count the processes of all replicas and partitions in one row.
  public var useGlobalDeviceIDs: Bool
  /// Of `collective_broadcast`: the last operand says which member of the group sends.
  public var hasDynamicRoot = false

  public init(groups: [[Int]], channel: ChannelHandle? = nil, useGlobalDeviceIDs: Bool = false) {
    self.groups = groups
    self.channel = channel
    self.useGlobalDeviceIDs = useGlobalDeviceIDs
  }
}

/// The attributes of `all_to_all`: every process splits its operand along one axis, hands out the parts,
/// and joins those that it gets along another.
public struct AllToAllAttributes: Hashable, Sendable {
  public var splitDimension: Int
  public var concatDimension: Int
  public var splitCount: Int
  public var collective: CollectiveAttributes

  public init(
    splitDimension: Int, concatDimension: Int, splitCount: Int, collective: CollectiveAttributes
  ) {
    self.splitDimension = splitDimension
    self.concatDimension = concatDimension
    self.splitCount = splitCount
    self.collective = collective
  }
}

/// An operation of the tests' own dialects (`check`, `interpreter`), by its full name.
public struct CheckAttributes: Hashable, Sendable {
  public var name: String
  public var attributes: [NamedAttribute]

  public init(name: String, attributes: [NamedAttribute] = []) {
    self.name = name
    self.attributes = attributes
  }
}
