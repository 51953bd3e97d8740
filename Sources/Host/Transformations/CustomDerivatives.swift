import Core
import Syntax
import Tensor
import Transforms

/// `jax.custom_jvp(fun, nondiff_argnums)`.
final class CustomJVPFunction: TransformedFunction {
  private let nondiffArgnums: [Int]
  private var rule: Object?
  /// One rule per argument, from `defjvps`.
  private var rules: [Object] = []

  init(_ function: Object, nondiffArgnums: [Int]) {
    self.nondiffArgnums = nondiffArgnums
    super.init(function)
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "custom_jvp", base: Types.object, module: "jax")
    cls.construct = { _, arguments in
      let (function, nondiff) = try customArguments(arguments)
      return .native(CustomJVPFunction(function, nondiffArgnums: nondiff))
    }
    cls.def("defjvp(self, jvp, symbolic_zeros=)", of: CustomJVPFunction.self) { function, a in
      function.rule = a[1]
      return a[1] ?? .none
    }
    cls.def("defjvps(self, *jvps)", of: CustomJVPFunction.self) { function, a in
      function.rules = try list(a[1] ?? .none)
      return .none
    }
    return cls
  }()

  override var cls: Class { CustomJVPFunction.type }

  override func call(_ arguments: Arguments) throws -> Object {
    guard rule != nil || !rules.isEmpty else {
      throw attributeError(
        "No JVP defined for custom_jvp function \(name) using defjvp.")
    }
    let positional = try resolved(function, arguments, decorator: "custom_jvp")
    let fixed = Set(nondiffArgnums.map { $0 < 0 ? positional.count + $0 : $0 })
    let moving = positional.indices.filter { !fixed.contains($0) }
    let fixedArguments = fixed.sorted().map { positional[$0] }
    let (leaves, tree) = try TreeDef.flatten(.tuple(moving.map { positional[$0] }))
    let values = try operandValues(leaves, of: "custom_jvp_call")
    // Where nothing is traced, the function is just called.
    if Trace.current === EvalTrace.shared { return try Host.call(function, Arguments(positional)) }
    let flat = FlatCall(function) { leaves in
      var all = positional
      for (index, part) in zip(moving, try list(tree.unflatten(leaves))) { all[index] = part }
      return Arguments(all)
    }
    var outTree: TreeDef?
    var call = CustomJVP(
      name: name,
      function: { values in
        let results = try flat(values)
        outTree = flat.outTree
        return results
      },
      jvp: { primals, tangents in
        let (results, moving, made) = try self.differentiate(
          fixedArguments, tree, primals, tangents)
        outTree = made
        return (results, moving)
      })
    if let rule { call.ruleName = functionName(rule) }
    let results = try Trace.current.bindCustomJVP(call, values)
    return try (outTree ?? flat.outTree).unflatten(results.map(handedBack))
  }

  /// Applies the rule to flat primals and tangents.
  private func differentiate(
    _ fixed: [Object], _ tree: TreeDef, _ primals: [Value], _ tangents: [Tangent]
  ) throws -> ([Value], [Tangent], TreeDef) {
    let primalObjects = try list(tree.unflatten(primals.map(handedBack)))
    if let rule {
      let tangentObjects = try tree.unflatten(
        zip(primals, tangents).map { primal, tangent in
          if primal.dtype.isInexact { return .array(try instantiate(tangent)) }
          return .array(Value(HostTensor.zeros(.float0, primal.shape)))
        })
      let result = try Host.call(rule, fixed + [.tuple(primalObjects), tangentObjects])
      guard case .tuple(let pair) = result, pair.items.count == 2 else {
        throw typeError(
          "Custom JVP rule \(functionName(rule)) for function \(name) must produce a pair (list "
            + "or tuple of length two) representing primal and tangent outputs, but got "
            + "\(try Host.str(result)).")
      }
      let (outLeaves, outTree) = try TreeDef.flatten(pair.items[0])
      let (tangentLeaves, tangentTree) = try TreeDef.flatten(pair.items[1])
      guard try outTree.isEqual(to: tangentTree) else {
        throw typeError(
          "Custom JVP rule \(functionName(rule)) for function \(name) must produce primal and "
            + "tangent outputs with equal container (pytree) structures, but got "
            + "PyTreeDef(\(try outTree.text())) and PyTreeDef(\(try tangentTree.text())) "
            + "respectively.")
      }
      let outs = try outLeaves.map { try argumentValue($0) }
      let moving = try zip(outs, tangentLeaves).map { out, leaf -> Tangent in
        let tangent = try argumentValue(leaf)
        guard out.dtype.isInexact else { return .zero(out.aval.tangent) }
        guard tangent.shape == out.shape, tangent.dtype == out.dtype else {
          throw typeError(
            "Custom JVP rule must produce primal and tangent outputs with corresponding shapes "
              + "and dtypes. Expected \(out.aval.strongDescription) (tangent type of "
              + "\(out.aval.strongDescription)) but got \(tangent.aval.strongDescription).")
        }
        return .value(tangent)
      }
      return (outs, moving, outTree)
    }
    // One rule per argument: the tangents add up, also zeros.
    let instantiated = try zip(primals, tangents).map { primal, tangent in
      primal.dtype.isInexact
        ? try instantiate(tangent) : Value(HostTensor.zeros(.float0, primal.shape))
    }
    let result = try Host.call(.native(self), fixed + primalObjects)
    let (outLeaves, outTree) = try TreeDef.flatten(result)
    let outs = try outLeaves.map { try argumentValue($0) }
    var total: [Value]?
    for (index, rule) in rules.enumerated() where !rule.isNone {
      guard index < instantiated.count else { continue }
      let tangent = instantiated[index]
      let share = try Host.call(rule, [.array(tangent), result] + fixed + primalObjects)
      let (leaves, _) = try TreeDef.flatten(share)
      let values = try leaves.map { try argumentValue($0) }
      total =
        try total.map { try zip($0, values).map { try bind1(AddAny(), $0, $1) } } ?? values
    }
    let moving: [Tangent] =
      total.map { $0.map { .value($0) } } ?? outs.map { .zero($0.aval.tangent) }
    return (outs, moving, outTree)
  }
}

/// `jax.custom_vjp(fun, nondiff_argnums)`.
final class CustomVJPFunction: TransformedFunction {
  private let nondiffArgnums: [Int]
  private var forward: Object?
  private var backward: Object?

  init(_ function: Object, nondiffArgnums: [Int]) {
    self.nondiffArgnums = nondiffArgnums
    super.init(function)
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "custom_vjp", base: Types.object, module: "jax")
    cls.construct = { _, arguments in
      let (function, nondiff) = try customArguments(arguments)
      return .native(CustomVJPFunction(function, nondiffArgnums: nondiff))
    }
    cls.def(
      "defvjp(self, fwd, bwd, symbolic_zeros=, optimize_remat=)", of: CustomVJPFunction.self
    ) { function, a in
      function.forward = a[1]
      function.backward = a[2]
      return .none
    }
    return cls
  }()

  override var cls: Class { CustomVJPFunction.type }

  override func call(_ arguments: Arguments) throws -> Object {
    guard let forward, let backward else {
      throw attributeError("No VJP defined for custom_vjp function \(name) using defvjp.")
    }
    let positional = try resolved(function, arguments, decorator: "custom_vjp")
    let fixed = Set(nondiffArgnums.map { $0 < 0 ? positional.count + $0 : $0 })
    let moving = positional.indices.filter { !fixed.contains($0) }
    let fixedArguments = fixed.sorted().map { positional[$0] }
    let (leaves, tree) = try TreeDef.flatten(.tuple(moving.map { positional[$0] }))
    let values = try leaves.map { try argumentValue($0) }
    if Trace.current === EvalTrace.shared { return try Host.call(function, Arguments(positional)) }
    let avals = values.map(\.aval)
    func rebuilt(_ leaves: [Object]) throws -> Arguments {
      var all = positional
      for (index, part) in zip(moving, try list(tree.unflatten(leaves))) { all[index] = part }
      return Arguments(all)
    }
    let flat = FlatCall(function, rebuilt)
    var outTree: TreeDef?
    var residualTree = TreeDef.none
    let call = CustomVJP(
      name: name,
      function: { values in
        let results = try flat(values)
        outTree = flat.outTree
        return results
      },
      forward: { values in
        let result = try Host.call(forward, rebuilt(values.map(handedBack)))
        guard case .tuple(let pair) = result, pair.items.count == 2 else {
          throw typeError(
            "Custom VJP fwd rule \(functionName(forward)) for function \(self.name) must produce "
              + "a pair (list or tuple of length two) where the first element represents the "
              + "primal output (equal to those of the custom_vjp-decorated function "
              + "\(self.name)) and the second element represents residuals (i.e. values stored "
              + "from the forward pass for use on the backward pass), but instead of a pair the "
              + "fwd rule \(functionName(forward)) produced \(try Host.str(result)).")
        }
        let (outLeaves, made) = try TreeDef.flatten(pair.items[0])
        let (residualLeaves, residuals) = try TreeDef.flatten(pair.items[1])
        outTree = made
        residualTree = residuals
        return (
          try outLeaves.map { try argumentValue($0) },
          try residualLeaves.map { try argumentValue($0) }
        )
      },
      backward: { residuals, cotangents in
        let residualObject = try residualTree.unflatten(residuals.map(handedBack))
        let cotangentObject = try (outTree ?? flat.outTree).unflatten(
          cotangents.map { .array($0) })
        let result = try Host.call(
          backward, fixedArguments + [residualObject, cotangentObject])
        return try self.gradients(result, tree, avals)
      },
      forwardName: functionName(forward), backwardName: functionName(backward))
    let results = try Trace.current.bindCustomVJP(call, values)
    return try (outTree ?? flat.outTree).unflatten(results.map(handedBack))
  }

  /// The flat cotangents that a backward rule returned; `None` stands for zeros.
  private func gradients(_ result: Object, _ tree: TreeDef, _ avals: [ShapedArray]) throws
    -> [Tangent]
  {
    var parts: [Object]
    switch result {
    case .tuple(let tuple): parts = tuple.items
    case .list(let list): parts = list.items
    default: throw try otherStructure(result, tree)
    }
    let subtrees = tree.children
    guard parts.count == subtrees.count else { throw try otherStructure(result, tree) }
    parts = Array(parts)
    var tangents: [Tangent] = []
    var index = 0
    for (part, subtree) in zip(parts, subtrees) {
      let count = subtree.leafCount
      defer { index += count }
      if part.isNone && !subtree.isLeaf || part.isNone {
        tangents += avals[index..<(index + count)].map { .zero($0.tangent) }
        continue
      }
      guard let leaves = try? subtree.flattenUpTo(part) else {
        throw try otherStructure(result, tree)
      }
      for (position, (leaf, aval)) in zip(leaves, avals[index...]).enumerated() {
        if leaf.isNone || !aval.dtype.isInexact {
          tangents.append(.zero(aval.tangent))
          continue
        }
        let value = try argumentValue(leaf)
        guard value.shape == aval.shape else {
          throw valueError(
            "Custom VJP bwd rule must produce an output with the same type as the args tuple of "
              + "the primal function, but at output\(try tree.leafPath(index + position)) the bwd "
              + "rule produced an output of type \(value.aval.strongDescription) corresponding to an "
              + "input of type \(aval.strongDescription), so the shapes do not match")
        }
        tangents.append(.value(value))
      }
    }
    return tangents
  }

  /// The error for a backward rule whose `result` has another structure than the arguments.
  private func otherStructure(_ result: Object, _ tree: TreeDef) throws -> any Error {
    typeError(
      "Custom VJP bwd rule must produce an output with the same container (pytree) structure as "
        + "the args tuple of the primal function, and in particular must produce a tuple of length "
        + "equal to the number of arguments to the primal function, but got bwd output structure "
        + "PyTreeDef(\(try TreeDef.flatten(result).tree.text())) for primal input structure "
        + "PyTreeDef(\(try tree.text())).")
  }
}

/// The function and the positions of the arguments without derivatives.
private func customArguments(_ arguments: Arguments) throws -> (Object, [Int]) {
  var function = arguments.positional.first
  var nondiff = arguments.positional.dropFirst().first
  for (name, value) in arguments.keywords {
    switch name.text {
    case "fun": function = value
    case "nondiff_argnums": nondiff = value
    case "nondiff_argnames": break
    default: throw typeError("unexpected keyword argument '\(name)'")
    }
  }
  guard let function, isCallable(function) else { throw typeError("expected a callable") }
  guard let nondiff else { return (function, []) }
  if let number = try index(nondiff) { return (function, [number]) }
  return (function, try list(nondiff).map { try requireIndex($0) })
}

/// The arguments of a call in the order of the function's parameters, with its defaults.
///
/// - Parameter decorator: what made the function special, for messages.
private func resolved(
  _ function: Object, _ arguments: Arguments, decorator: String
) throws -> [Object] {
  guard case .function(let callee) = function else {
    guard arguments.keywords.isEmpty else {
      throw typeError("keyword arguments need a function with known parameters")
    }
    return arguments.positional
  }
  let names = callee.positionalNames
  if arguments.keywords.isEmpty && arguments.positional.count >= names.count {
    return arguments.positional
  }
  var positional = arguments.positional
  var keywords = arguments.keywords
  for (offset, name) in names.enumerated().dropFirst(positional.count) {
    if let given = keywords.firstIndex(where: { $0.name == name }) {
      positional.append(keywords.remove(at: given).value)
    } else {
      let index = offset - (names.count - callee.defaults.count)
      guard index >= 0 else {
        throw typeError(
          "The input arguments to the \(decorator)-decorated function \(callee.name) could not be "
            + "resolved to positional-only arguments. Binding failed with the error:\n"
            + "missing a required argument: '\(name)'")
      }
      positional.append(callee.defaults[index])
    }
  }
  if let extra = keywords.first {
    throw typeError("\(callee.name)() got an unexpected keyword argument '\(extra.name)'")
  }
  return positional
}
