import HLO
import Support

/// Groups operations that are computed in one loop nest, so that what passes between them stays in
/// registers.
///
///     %1 = exponential %0
///     %2 = add %1, %0
///     return %2
///
/// becomes
///
///     %2 = fusion loop (%0) {
///       %1 = exponential %0
///       %3 = add %1, %0
///       return %3
///     }
///
/// Consumers are visited before producers. A producer joins the group of its consumers if that is
/// legal (all of them are in it, or the array can be a further result of the group) and profitable
/// (its elements are not computed much more often than once); otherwise it starts a group.
/// A reduction whose result is broadcast back over the rows that it reduces joins them in a *row*
/// group: softmax and layer normalisation are one nest over rows.
public let fusion = fusing(within: FusionLimits())

/// The same for GPUs, which want many blocks.
public let deviceFusion = fusing(within: .device)

private func fusing(within limits: FusionLimits) -> Pass<Module> {
  Pass("fusion", "compute what belongs together in one loop nest") { module in
    module.forEachFunction { $0.fuse(limits) }
  }
}

extension Function {
  fileprivate mutating func fuse(_ limits: FusionLimits) -> Bool {
    var fuser = Fuser(self, limits)
    var regions = [body]
    var changed = false
    while let region = regions.popLast() {
      fuser.group(region)
      changed = fuser.rewrite() || changed
      for id in fuser.function.regions[region].operations {
        switch fuser.function.operations[id].op {
        case .while, .if, .case: regions += fuser.function.operations[id].regions
        default: break
        }
      }
    }
    if changed { self = fuser.function }
    return changed
  }
}

/// An array that fusion leaves between two loop nests, and why.
public struct UnfusedArray: Sendable {
  /// The function that computes it, and the operation of it that does.
  public let function: Int
  public let operation: OperationID
  public let reason: FusionRefusal
}

/// What the pass would not fuse in `module`, which it has not seen yet, in program order.
public func unfusedArrays(in module: Module) -> [UnfusedArray] {
  module.functions.indices.flatMap { number in
    var fuser = Fuser(module.functions[number], FusionLimits())
    return module.functions[number].scheduledRegions().flatMap { region -> [UnfusedArray] in
      fuser.group(region)
      return fuser.unfused.map { UnfusedArray(function: number, operation: $0, reason: $1) }
    }
  }
}
