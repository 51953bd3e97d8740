import Core
import Primitives
import Tensor
import Transforms

// What loops and branches do where `jax_disable_jit` is set: the functions run as often as a program
// of Python would run them, on what they would be given. JAX's way of debugging them.
extension ControlFlow {
  /// The result of the branch that is taken; `nil` where it is not known yet.
  static func branchEagerly(
    _ index: Value, _ functions: [Object], _ operands: [Object]
  ) throws -> Object? {
    guard Configuration.disableJit, let known = index.concrete else { return nil }
    let position = min(max(try known.tensor()[0].int, 0), functions.count - 1)
    return try call(functions[position], operands)
  }

  /// The last of the values; `nil` where one of the first is not known yet.
  static func whileEagerly(
    _ condition: Object, _ body: Object, _ initial: Object
  ) throws -> Object? {
    guard Configuration.disableJit, try isConcrete(initial) else { return nil }
    var value = initial
    while try isTrue(call(condition, [value])) { value = try call(body, [value]) }
    return value
  }

  /// The last of the values of a loop that counts from `lower`.
  static func countEagerly(
    _ lower: Object, iterations: Int, _ body: Object, _ initial: Object
  ) throws -> Object {
    var (index, value) = (lower, initial)
    for _ in 0..<iterations {
      value = try call(body, [index, value])
      index = try binary(.add, index, .int(1))
    }
    return value
  }

  /// The last carried value, and the stacks of what the steps gave besides.
  static func scanEagerly(
    _ function: Object, _ initial: Object, _ slices: [Value], _ tree: TreeDef, count: Int,
    reverse: Bool
  ) throws -> Object {
    guard count > 0 else {
      throw valueError(
        "zero-length scan is not supported in disable_jit() mode because the output type is "
          + "unknown.")
    }
    var carry = initial
    var steps: [[Value]] = []
    var outTree = TreeDef.none
    for step in 0..<count {
      let position = Object.int(reverse ? count - 1 - step : step)
      let slice = try tree.unflatten(slices.map { try item(.array($0), position) })
      let result = try list(call(function, [carry, slice]))
      guard result.count == 2 else {
        throw typeError("scan body output must be a pair, got \(try str(.list(result))).")
      }
      carry = result[0]
      let (leaves, made) = try TreeDef.flatten(result[1])
      outTree = made
      steps.append(try leaves.map { try withoutPythonScalar(argumentValue($0)) })
    }
    if reverse { steps.reverse() }
    let stacks = try steps[0].indices.map { leaf in try stacked(steps.map { $0[leaf] }) }
    return .tuple([carry, try outTree.unflatten(stacks)])
  }

  private static func stacked(_ values: [Value]) throws -> Object {
    let rows = try values.map { value in
      let strong = try converting(value, to: DType(value.dtype))
      return try bind1(
        BroadcastInDim(
          shape: Shape([1] + value.shape.dimensions),
          dimensions: value.shape.dimensions.indices.map { $0 + 1 }), strong)
    }
    return .array(try bind(Concatenate(0), rows)[0])
  }

  private static func isConcrete(_ object: Object) throws -> Bool {
    try TreeDef.flatten(object).leaves.allSatisfy { try argumentValue($0).concrete != nil }
  }
}
