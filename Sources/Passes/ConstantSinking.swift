import HLO
import Support
import Tensor

/// Copies constants of equal elements into the regions of loops and branches that compute with them,
/// so that their kernels hold them instead of loading them.
///
///     %1 = constant 2.0                       while …
///     while … do { %2 = multiply %x, %1 }       do { %1 = constant 2.0
///                                                    %2 = multiply %x, %1 }
public let constantSinking = Pass<Module>("constant-sinking", "loops hold their own constants") {
  module in
  module.forEachFunction { function in
    guard function.operations.elements.contains(where: { $0.op.hasScheduledRegions }) else {
      return false
    }
    var changed = false
    var home: [OperationID: RegionID] = [:]
    var pending = [function.body]
    while let region = pending.popLast() {
      for id in function.regions[region].operations {
        home[id] = region
        if function.operations[id].op.hasScheduledRegions {
          pending += function.operations[id].regions
        }
      }
      guard region != function.body else { continue }
      changed = function.sinkConstants(into: region, home) || changed
    }
    return changed
  }
}

extension Function {
  fileprivate mutating func sinkConstants(
    into region: RegionID, _ home: [OperationID: RegionID]
  ) -> Bool {
    var copies: [OperationID: OperationID] = [:]
    var order: [OperationID] = []
    for id in regions[region].operations {
      for number in operations[id].operands.indices {
        guard case .result(let source, _) = values[operations[id].operands[number]].definition,
          case .constant(let constant) = operations[source].op, constant.isSplat,
          home[source] != region, !needsMemory(operations[id], number)
        else { continue }
        if copies[source] == nil {
          let copy = create(
            operations[source].op, [],
            resultTypes: operations[source].results.map { values[$0].type })
          locations[copy] = locations[source]
          copies[source] = copy
          order.append(copy)
        }
        guard let copy = copies[source] else { continue }
        operations[id].operands[number] = operations[copy].results[0]
      }
    }
    regions[region].operations.insert(contentsOf: order, at: 0)
    return !order.isEmpty
  }
}
