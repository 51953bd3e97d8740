import Core
import Primitives
import Transforms

/// `jax.checkpoint(fun)`
final class CheckpointFunction: TransformedFunction {
  private let preventCSE: Bool
  private let staticArgnums: [Int]
  private let policy: RematPolicy?

  init(_ function: Object, preventCSE: Bool, staticArgnums: [Int], policy: RematPolicy?) {
    self.policy = policy
    self.preventCSE = preventCSE
    self.staticArgnums = staticArgnums
    super.init(function)
  }

  override func call(_ arguments: Arguments) throws -> Object {
    var options = JitFunction.Options()
    options.staticArgnums = staticArgnums
    let jitted = try JitFunction(function, options)
    let split = try jitted.split(arguments, abstract: false)
    let flat = FlatCall(function, for: .staging("checkpoint / remat")) { try split.arguments($0) }
    let staged = try stage(
      split.avals, source: jitted.source(split, for: "checkpoint / remat")
    ) { try flat($0) }
    let (jaxpr, captured) = hoistConstants(staged)
    let results = try Core.bind(
      Remat(jaxpr: jaxpr, preventCSE: preventCSE, policy: policy), captured + split.values)
    return try flat.unflatten(results)
  }
}
