import HLO
import Support
import Tensor

/// Merges operations that compute the same value.
///
///     %1 = sine %0
///     %2 = sine %0      // uses become %1
///
/// A region sees what the regions around it have computed, not what its neighbours have. Operations
/// with regions of their own (reductions) are merged if the regions are equal and small.
public let commonSubexpressionElimination = Pass<Module>("cse", "merge equal computations") {
  module in
  module.forEachFunction { function in
    var merger = Merger(function)
    merger.merge(function.body)
    if merger.changed { function = merger.function }
    return merger.changed
  }
}

private struct Merger {
  /// What makes two operations compute the same.
  struct Key: Hashable {
    let op: Op
    let operands: Operands
    let types: [ValueType]
    let regions: [[RegionStep]]
  }

  var function: Function
  var changed = false
  private var replacements: [ValueID?]
  private var known: [Key: OperationID] = [:]

  init(_ function: Function) {
    self.function = function
    replacements = [ValueID?](repeating: nil, count: function.values.count)
  }

  mutating func merge(_ region: RegionID) {
    var added: [Key] = []
    var kept: [OperationID] = []
    kept.reserveCapacity(function.regions[region].operations.count)
    for id in function.regions[region].operations {
      for position in function.operations[id].operands.indices {
        if let new = replacements[function.operations[id].operands[position].index] {
          function.operations[id].operands[position] = new
        }
      }
      for inner in function.operations[id].regions { merge(inner) }
      guard let key = key(of: id) else {
        kept.append(id)
        continue
      }
      if let earlier = known[key] {
        for (old, new) in zip(function.operations[id].results, function.operations[earlier].results)
        {
          replacements[old.index] = new
        }
        changed = true
      } else {
        known[key] = id
        added.append(key)
        kept.append(id)
      }
    }
    function.regions[region].operations = kept
    // What the outermost region has computed is never out of scope.
    if region == function.body { return }
    for key in added { known[key] = nil }
  }

  /// `nil` for an operation that must not be merged.
  private func key(of id: OperationID) -> Key? {
    let operation = function.operations[id]
    if function.hasEffect(id) || operation.results.isEmpty { return nil }
    switch operation.op {
    case .rng, .customCall, .optimizationBarrier, .createToken, .while, .if, .case, .fusion:
      return nil
    default: break
    }
    guard let regions = function.regionSteps(of: id) else { return nil }
    return Key(
      op: operation.op, operands: operation.operands,
      types: operation.results.map { function.values[$0].type }, regions: regions)
  }
}
