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
    // The operations by what they compute. Those of regions that the walk has left give way.
    var table = OperationTable(capacity: function.operations.count)
    merger.merge(function.body, &table)
    if merger.changed { function = merger.function }
    return merger.changed
  }
}

private struct Merger {
  var function: Function
  var changed = false
  private var replacements: [ValueID?]
  /// The region of each operation in the table.
  private var home: [RegionID]
  /// The regions that the walk is inside of: what they have computed is in scope.
  private var isOpen: [Bool]

  init(_ function: Function) {
    self.function = function
    replacements = [ValueID?](repeating: nil, count: function.values.count)
    home = [RegionID](repeating: function.body, count: function.operations.count)
    isOpen = [Bool](repeating: false, count: function.regions.count)
  }

  mutating func merge(_ region: RegionID, _ table: inout OperationTable) {
    isOpen[region.index] = true
    var kept: [OperationID] = []
    kept.reserveCapacity(function.regions[region].operations.count)
    for id in function.regions[region].operations {
      for position in function.operations[id].operands.indices {
        if let new = replacements[function.operations[id].operands[position].index] {
          function.operations[id].operands[position] = new
        }
      }
      for inner in function.operations[id].regions { merge(inner, &table) }
      guard isMergeable(id), let earlier = earlier(id, in: region, &table) else {
        kept.append(id)
        continue
      }
      for (old, new) in zip(function.operations[id].results, function.operations[earlier].results) {
        replacements[old.index] = new
      }
      changed = true
    }
    function.regions[region].operations = kept
    isOpen[region.index] = false
  }

  /// An operation in scope that computes the same as `id`; without one, `id` enters the table.
  private mutating func earlier(
    _ id: OperationID, in region: RegionID, _ table: inout OperationTable
  ) -> OperationID? {
    let earlier = table.find(
      hash(of: id), orInsert: id, isUseful: { isOpen[home[$0.index].index] },
      isEqual: { computesSame(id, $0) })
    if earlier == nil { home[id.index] = region }
    return earlier
  }

  private func hash(of id: OperationID) -> Int {
    var hasher = Hasher()
    hasher.combine(function.operations[id].op)
    for operand in function.operations[id].operands { hasher.combine(operand.rawValue) }
    return hasher.finalize()
  }

  private func computesSame(_ a: OperationID, _ b: OperationID) -> Bool {
    let (x, y) = (function.operations[a], function.operations[b])
    guard x.op == y.op, x.operands == y.operands, x.results.count == y.results.count,
      zip(x.results, y.results).allSatisfy({ function.values[$0].type == function.values[$1].type })
    else { return false }
    if x.regions.isEmpty && y.regions.isEmpty { return true }
    guard let steps = function.regionSteps(of: a) else { return false }
    return steps == function.regionSteps(of: b)
  }

  /// `false` for an operation that must not be merged.
  private func isMergeable(_ id: OperationID) -> Bool {
    switch function.operations[id].op {
    case .rng, .customCall, .optimizationBarrier, .createToken, .while, .if, .case, .fusion: false
    default: function.operations[id].results.count > 0 && !function.hasEffect(id)
    }
  }
}
