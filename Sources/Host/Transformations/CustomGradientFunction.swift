import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// `jax.custom_gradient(fun)`: `fun` returns its result and a function for the cotangent.
final class CustomGradientFunction: TransformedFunction {
  override func call(_ arguments: Arguments) throws -> Object {
    let (leaves, tree) = try TreeDef.flatten(.tuple(arguments.positional))
    let values = try leaves.map { try argumentValue($0) }
    let avals = values.map(\.aval)
    var outTree = TreeDef.none
    var backwardFunction: Object?
    func results(_ values: [Value]) throws -> [Value] {
      let result = try Host.call(function, list(tree.unflatten(values.map { .array($0) })))
      guard case .tuple(let pair) = result, pair.items.count == 2 else {
        throw typeError("a custom_gradient function must return its result and a vjp function")
      }
      backwardFunction = pair.items[1]
      let (outLeaves, made) = try TreeDef.flatten(pair.items[0])
      outTree = made
      return try outLeaves.map { try argumentValue($0) }
    }
    let call = CustomVJP(
      name: name, function: { try results($0) },
      forward: { values in (try results(values), values) },
      backward: { residuals, cotangents in
        // The function that belongs to these residuals.
        _ = try results(residuals)
        let cotangent = try outTree.unflatten(cotangents.map { .array($0) })
        let result = try Host.call(backwardFunction ?? .none, [cotangent])
        let parts = tree.children.count == 1 ? try self.asTuple(result) : try list(result)
        var tangents: [Tangent] = []
        for (part, subtree) in zip(parts, tree.children) {
          for leaf in try subtree.flattenUpTo(part) {
            let aval = avals[tangents.count]
            tangents.append(
              leaf.isNone ? .zero(aval.tangent) : .value(try argumentValue(leaf)))
          }
        }
        return tangents
      }, forwardName: name, backwardName: name)
    let outs = try Trace.current.bindCustomVJP(call, values)
    return try outTree.unflatten(outs.map { .array($0) })
  }

  private func asTuple(_ object: Object) throws -> [Object] {
    if case .tuple(let tuple) = object, tuple.items.count == 1 { return tuple.items }
    return [object]
  }
}
