import HLO
import Support
import Tensor

/// Why a producer is not computed inside the loop nest of its consumers.
public enum FusionRefusal: String, Hashable, Sendable, CaseIterable {
  case notFusible = "the operation does not compute element by element"
  case usedElsewhere = "other operations need the array, too"
  case groupFull = "the loop nest has enough operations already"
  case recomputed = "elements would be computed again and again"
  case scatteredReads = "consumers read it in too many ways"
  case columnReduction = "a reduction over outer dimensions has loops of its own"
  case largeReduction = "a large reduction to few elements has parallel loops of its own"
  case differentRows = "it reduces other rows than those of the loop nest"
  case overwritten = "the loop nest writes over an array that it reads elsewhere"
}

/// The limits of fusion, which a target may choose.
public struct FusionLimits: Hashable, Sendable {
  /// Operations in one group.
  public var groupSize = 256
  /// Different accesses to one value.
  public var accesses = 4
  /// Cost, per element of the result, of computing elements again.
  public var recomputation = 4
  /// Elements of a reduction that a nest may compute in one thread.
  public var serialReduction = 16_384
  /// Rows below this number are not worth a nest over rows where they are long.
  public var fewRows = 8
  /// Elements of a long row.
  public var longRow = 65_536
  /// Elements of results that are computed together because they read the same array, and how many
  /// of its readers are asked.
  public var siblingElements = 1
  public var siblings = 8
  /// Multiplications of a matrix product that is emitted inline.
  public var inlineProduct = 4_096

  public init() {}

  /// For GPUs: a block for each of a few long rows would leave most of the GPU idle.
  static let device: FusionLimits = {
    var limits = FusionLimits()
    limits.fewRows = 17
    limits.longRow = 65_535
    return limits
  }()
}

/// What fusion may do with an operation.
enum FusionRole {
  /// Computed wherever it is needed: constants of equal elements, `iota`, and their broadcasts.
  case free
  /// Elementwise, or moves elements: producer and consumer.
  case element
  /// Needs loops for one element: a reduction, a small product.
  case heavy
  /// May have producers fused into it, but is computed by itself.
  case root
  /// Neither.
  case never
}

extension Function {
  /// The multiplications of a `dot_general`.
  public func productCount(_ operation: Operation) -> Int {
    guard case .dotGeneral(let attributes) = operation.op else { return 0 }
    let lhs = shape(of: operation.operands[0])
    let contracted = attributes.dimensionNumbers.lhsContracting.map { lhs[$0] }.reduce(1, *)
    return shape(of: operation.results[0]).count * contracted
  }

  /// `true` iff a `dot_general` is best computed in loops: it is small, or no library multiplies its
  /// type.
  public func isInlineProduct(_ operation: Operation, _ limits: FusionLimits) -> Bool {
    guard let type = values[operation.results[0]].type.tensor?.element else { return true }
    switch type {
    case .f32, .f64, .c64, .c128:
      let isUniform = operation.operands.allSatisfy { values[$0].type.tensor?.element == type }
      return !isUniform || productCount(operation) <= limits.inlineProduct
    default: return true
    }
  }

  func fusionRole(_ id: OperationID, isFree: (ValueID) -> Bool) -> FusionRole {
    let operation = operations[id]
    for value in operation.results {
      guard let type = values[value].type.tensor, type.isStatic else { return .never }
    }
    switch operation.op {
    case .constant(let constant): return constant.isSplat ? .free : .never
    case .iota, .partitionID, .replicaID: return .free
    case .broadcastInDim, .reshape:
      return isFree(operation.operands[0]) ? .free : .element
    case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision, .transpose,
      .reverse, .slice, .pad, .dynamicSlice, .gather:
      return .element
    case .bitcastConvert:
      let types = [operation.operands[0], operation.results[0]].compactMap {
        values[$0].type.tensor?.element.bitWidth
      }
      return types.count == 2 && types[0] == types[1] ? .element : .never
    case .map: return .element
    case .reduce: return .heavy
    case .reduceWindow(let window):
      return window.dimensions.reduce(1, *) <= 64 ? .heavy : .root
    case .dotGeneral: return libraryRoutine(id) == nil ? .heavy : .never
    case .concatenate, .dynamicUpdateSlice, .scatter: return .root
    case .convolution, .rng, .rngBitGenerator, .getDimensionSize, .setDimensionSize,
      .selectAndScatter, .sort, .cholesky, .triangularSolve, .fft, .batchNormInference,
      .batchNormTraining, .batchNormGrad, .while, .if, .case, .call, .return,
      .optimizationBarrier, .shardingConstraint, .customCall, .composite, .tuple, .getTupleElement,
      .afterAll,
      .createToken, .infeed, .outfeed, .send, .recv, .allGather, .allReduce, .reduceScatter,
      .allToAll, .collectiveBroadcast, .collectiveReduce, .collectivePermute, .dynamicIota,
      .dynamicReshape,
      .dynamicBroadcastInDim, .dynamicPad, .dynamicGather, .dynamicConv, .realDynamicSlice,
      .uniformQuantize, .uniformDequantize, .einsum, .torchIndexSelect, .constantLike, .topK,
      .broadcasting,
      .scan, .raggedDot, .asyncStart,
      .asyncDone, .check, .fusion:
      return .never
    }
  }

  /// `true` iff the result is a part of the operand's memory.
  func isView(_ operation: Operation) -> Bool {
    switch operation.op {
    case .reshape: true
    case .slice(let bounds): viewStart(operation, bounds) != nil
    default: false
    }
  }

  /// `true` iff operand `number` of a root is computed by the root's loops, not read from memory.
  func absorbsOperand(_ operation: Operation, _ number: Int) -> Bool {
    switch operation.op {
    case .dynamicUpdateSlice: number >= 1
    case .scatter: number >= operation.results.count
    case .reduceWindow: number >= operation.results.count
    default: true
    }
  }

  /// `true` iff a `reduce` reduces the last dimensions, so that its elements are row by row.
  public func isRowReduction(_ operation: Operation) -> Bool {
    guard case .reduce(let dimensions) = operation.op else { return false }
    let shape = shape(of: operation.operands[0])
    let kept = shape.rank - dimensions.count
    // Axes of extent 1 do not count.
    return dimensions.allSatisfy { axis in
      axis >= kept || shape.dimensions[axis] == 1
    }
      || (0..<shape.rank).filter { shape[$0] > 1 && !dimensions.contains($0) }.allSatisfy {
        keptAxis in
        dimensions.filter { shape[$0] > 1 }.allSatisfy { keptAxis < $0 }
      }
  }
}
