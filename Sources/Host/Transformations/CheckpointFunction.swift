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
    let traced = try jitted.trace(split, for: .checkpoint)
    let results = try Core.bind(
      Remat(jaxpr: traced.jaxpr, preventCSE: preventCSE, policy: policy),
      traced.captured + split.values)
    return try traced.outTree.unflatten(results.map { .array($0) })
  }
}
