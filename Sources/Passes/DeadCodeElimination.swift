import HLO
import Support
import Tensor

/// Removes operations whose results nothing uses.
///
///     %1 = sine %0
///     %2 = cosine %0      // goes away
///     return %1
public let deadCodeElimination = Pass<Module>("dce", "remove operations that nothing uses") {
  module in
  module.forEachFunction { function in
    var liveness = Liveness(function)
    liveness.mark(function.body)
    return function.removeOperations { !liveness.isLive($0) }
  }
}

/// Which operations matter: those with effects, and those that live ones use.
private struct Liveness {
  let function: Function
  private var liveValues: [Bool]
  private var liveOperations: [Bool]

  init(_ function: Function) {
    self.function = function
    liveValues = [Bool](repeating: false, count: function.values.count)
    liveOperations = [Bool](repeating: false, count: function.operations.count)
  }

  func isLive(_ id: OperationID) -> Bool { liveOperations[id.index] }

  /// Marks the operations of `region`, last first: uses come after definitions.
  mutating func mark(_ region: RegionID) {
    for id in function.regions[region].operations.reversed() {
      let operation = function.operations[id]
      guard
        function.hasEffect(id) || operation.results.contains(where: { liveValues[$0.index] })
      else { continue }
      liveOperations[id.index] = true
      for operand in operation.operands { liveValues[operand.index] = true }
      for inner in operation.regions { mark(inner) }
    }
  }
}

extension Function {
  /// `true` iff `id` does more than compute its results: it ends a region, talks to the outside, or
  /// holds such an operation inside.
  func hasEffect(_ id: OperationID) -> Bool {
    let operation = operations[id]
    if operation.op.hasEffect { return true }
    return operation.regions.contains { region in
      regions[region].operations.contains { inner in
        if case .return = operations[inner].op { return false }
        return hasEffect(inner)
      }
    }
  }

  /// Takes the operations that satisfy `isDead` out of their regions; `true` iff there was one.
  mutating func removeOperations(where isDead: (OperationID) -> Bool) -> Bool {
    var changed = false
    var pending = [body]
    while let region = pending.popLast() {
      let before = regions[region].operations.count
      regions[region].operations.removeAll(where: isDead)
      changed = changed || regions[region].operations.count != before
      for id in regions[region].operations { pending += operations[id].regions }
    }
    return changed
  }
}

extension Op {
  /// `true` iff the operation does more than compute its results from its operands.
  var hasEffect: Bool {
    switch self {
    case .return, .call, .infeed, .outfeed, .send, .recv, .check: true
    case .customCall(let attributes):
      attributes.hasSideEffect || attributes.target.hasPrefix("check.")
    case .allGather, .allReduce, .reduceScatter, .allToAll, .collectiveBroadcast, .collectiveReduce,
      .collectivePermute:
      true
    case .unary, .binary, .compare, .select, .clamp, .convert, .bitcastConvert, .reducePrecision,
      .map, .constant, .iota, .rng, .rngBitGenerator, .partitionID, .replicaID, .broadcastInDim,
      .reshape, .transpose, .reverse, .concatenate, .slice, .pad, .dynamicSlice,
      .dynamicUpdateSlice, .gather, .scatter, .getDimensionSize, .setDimensionSize, .dotGeneral,
      .convolution, .reduce, .reduceWindow, .selectAndScatter, .sort, .cholesky, .triangularSolve,
      .fft, .batchNormInference, .batchNormTraining, .batchNormGrad, .while, .if, .case,
      .optimizationBarrier, .shardingConstraint, .composite, .tuple, .getTupleElement, .afterAll,
      .createToken,
      .dynamicIota, .dynamicReshape, .dynamicBroadcastInDim, .dynamicPad, .dynamicGather,
      .dynamicConv, .realDynamicSlice, .uniformQuantize, .uniformDequantize, .topK, .broadcasting,
      .einsum, .torchIndexSelect, .constantLike, .scan, .raggedDot, .asyncStart, .asyncDone,
      .fusion:
      false
    }
  }
}
