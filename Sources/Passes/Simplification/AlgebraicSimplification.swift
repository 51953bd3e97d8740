import HLO
import Support
import Tensor

/// Replaces operations by simpler ones that give the same value, and moves by fewer moves.
///
///     %1 = transpose %0, [1, 0]
///     %2 = transpose %1, [1, 0]      // uses become %0
///     %3 = multiply %2, 1            // uses become %0
///
/// What it knows is a table of rules, each with its picture and an example on which the tests try it.
/// Rules never change the bits of a result; what only holds for exact arithmetic is no rule for
/// floating point.
public let algebraicSimplification = Pass<Module>("simplify", "replace by simpler operations") {
  module in
  module.forEachFunction { $0.simplify(by: rulesByRoot) }
}

/// All rules; of those that apply to an operation, the first one wins.
public let simplificationRules: [SimplificationRule] =
  arithmeticRules + conversionRules + broadcastRules + reshapeRules + transposeRules + sliceRules
  + padRules + concatenateRules + dynamicSliceRules + gatherRules + scatterRules + contractionRules
  + positionRules + shardingRules

private let rulesByRoot = Dictionary(grouping: simplificationRules, by: \.root)

extension Function {
  /// Rewrites by `rules` until none applies; the result is `true` iff one did.
  mutating func simplify(by rules: [SimplificationRule.Root: [SimplificationRule]]) -> Bool {
    Rewriter.run(on: &self) { rewriter, id in
      guard let root = SimplificationRule.Root(rewriter.function.operations[id].op),
        let candidates = rules[root]
      else { return .keep }
      let operation = rewriter.operation(id)
      guard operation.results.count == 1, let type = rewriter.type(of: operation.result),
        type.isStatic
      else { return .keep }
      for rule in candidates where rule.domain.contains(type.element) {
        let rewrite = rule.rewrite(&rewriter, operation, type)
        if case .keep = rewrite { continue }
        return rewrite
      }
      return .keep
    }
  }
}

extension SimplificationRule {
  /// Applies this rule alone, wherever it can; the result is `true` iff it did.
  public func apply(to module: inout Module) -> Bool {
    module.forEachFunction { $0.simplify(by: [root: [self]]) }
  }
}
