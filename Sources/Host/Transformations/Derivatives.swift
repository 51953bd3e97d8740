import Core
import Syntax
import Tensor
import Transforms

/// `jax.grad` and `jax.value_and_grad`.
final class GradFunction: TransformedFunction {
  struct Options {
    /// The positions of the arguments to differentiate with respect to.
    var argnums = [0]
    /// Whether `argnums` was one number, so that the gradient is not a tuple.
    var isSingle = true
    var hasAux = false
    var holomorphic = false
    var allowInt = false
    /// Whether the value is returned too.
    var withValue = false
  }

  let options: Options

  init(_ function: Object, _ options: Options) {
    self.options = options
    super.init(function)
  }

  private var transformation: String { options.withValue ? "value_and_grad" : "grad" }

  override func call(_ arguments: Arguments) throws -> Object {
    let count = arguments.positional.count
    let positions = try options.argnums.map { number -> Int in
      let position = number < 0 ? count + number : number
      guard position >= 0 && position < count else {
        throw typeError(
          "differentiating with respect to argnums=\(number) requires at least "
            + "\(number < 0 ? -number : number + 1) positional arguments to be passed by the "
            + "caller, but got only \(count) positional arguments.")
      }
      return position
    }
    let (leaves, tree) = try TreeDef.flatten(
      .tuple(positions.map { arguments.positional[$0] }))
    let primals = try leaves.map { leaf -> Value in
      guard let value = try valueIfNumeric(leaf) else {
        throw typeError(
          "Argument '\(try Host.str(leaf))' of type <class '\(typeOf(leaf).name)'> is not a valid "
            + "JAX type.")
      }
      try checkInput(value)
      return value
    }

    var auxiliary: Object?
    let flat = FlatCall(function, for: nil) { leaves in
      var positional = arguments.positional
      for (position, part) in zip(positions, try list(tree.unflatten(leaves))) {
        positional[position] = part
      }
      return Arguments(positional, arguments.keywords)
    }
    // The function's auxiliary output leaves the trace as primal values.
    var auxiliaryTree: TreeDef?
    let (results, map) = try Transforms.linearize(
      within("jvp") { [self] values in
        guard options.hasAux else { return try flat(values) }
        let result = try Host.call(
          function, rebuilt(arguments, positions, tree, values))
        guard case .tuple(let pair) = result, pair.items.count == 2 else {
          throw typeError(
            "The output of a function differentiated with has_aux=True must be a pair, got "
              + "\(try Host.repr(result))")
        }
        let (auxLeaves, auxTree) = try TreeDef.flatten(pair.items[1])
        auxiliaryTree = auxTree
        var values = try flat.results(pair.items[0])
        auxiliary = .list(auxLeaves)
        for leaf in auxLeaves {
          if let value = try valueIfNumeric(leaf) { values.append(value) }
        }
        return values
      }, primals, nonzero: primals.map { _ in true })

    let outCount = flat.outTree.leafCount
    guard flat.outTree.isLeaf, outCount == 1 else {
      throw typeError(
        "Gradient only defined for scalar-output functions. Output was "
          + "\(try Host.repr(flat.unflatten(Array(results.prefix(outCount))))).")
    }
    let value = results[0]
    try checkOutput(value)
    let one = Value.literal(1, value.dtype, weakType: value.aval.weakType)
    let cotangents: [Tangent] =
      [.value(one)] + results.dropFirst().map { .zero($0.aval.tangent) }
    let gradients = try map.transpose(cotangents)
    let gradientObjects = try zip(gradients, primals).map { gradient, primal -> Object in
      if !primal.dtype.isInexact {
        return .array(Value(HostTensor.zeros(.float0, primal.shape)))
      }
      return .array(try instantiate(gradient))
    }
    let parts = try list(tree.unflatten(gradientObjects))
    let gradient = options.isSingle ? parts[0] : Object.tuple(parts)

    if options.hasAux, let auxiliaryTree, case .list(let leaves)? = auxiliary {
      // Leaves that are arrays come back as primals, in order.
      var primalsOut = results.dropFirst(1)
      let objects = try leaves.items.map { leaf -> Object in
        guard try valueIfNumeric(leaf) != nil else { return leaf }
        let primal = primalsOut.removeFirst()
        if case .array = leaf { return .array(primal) }
        return leaf
      }
      let aux = try auxiliaryTree.unflatten(objects)
      return options.withValue
        ? .tuple([.tuple([.array(value), aux]), gradient]) : .tuple([gradient, aux])
    }
    return options.withValue ? .tuple([.array(value), gradient]) : gradient
  }

  private func rebuilt(
    _ arguments: Arguments, _ positions: [Int], _ tree: TreeDef, _ values: [Value]
  ) throws -> Arguments {
    var positional = arguments.positional
    let parts = try list(tree.unflatten(values.map { .array($0) }))
    for (position, part) in zip(positions, parts) { positional[position] = part }
    return Arguments(positional, arguments.keywords)
  }

  private func checkInput(_ value: Value) throws {
    let dtype = value.dtype
    if options.holomorphic {
      guard dtype.isComplex else {
        throw typeError(
          "\(transformation) with holomorphic=True requires inputs with complex dtype, but got "
            + "\(dtype.numpyName).")
      }
      return
    }
    if dtype.isInexact && !dtype.isComplex || dtype.isComplex { return }
    if options.allowInt && (dtype.isInteger || dtype.isBool) { return }
    throw typeError(
      "\(transformation) requires real- or complex-valued inputs (input dtype that is a sub-dtype "
        + "of np.inexact), but got \(dtype.numpyName). If you want to use Boolean- or "
        + "integer-valued inputs, use vjp or set allow_int to True.")
  }

  private func checkOutput(_ value: Value) throws {
    guard value.rank == 0 else {
      throw typeError(
        "Gradient only defined for scalar-output functions. Output had shape: "
          + "\(ParameterValue.ints(value.shape.dimensions)).")
    }
    if options.holomorphic {
      guard value.dtype.isComplex else {
        throw typeError(
          "\(transformation) with holomorphic=True requires outputs with complex dtype, but got "
            + "\(value.dtype.numpyName).")
      }
      return
    }
    guard value.dtype.isFloat else {
      let advice =
        value.dtype.isComplex
        ? " For holomorphic differentiation, pass holomorphic=True. For differentiation of "
          + "non-holomorphic functions involving complex outputs, use jax.vjp directly."
        : " For differentiation of functions with integer outputs, use jax.vjp directly."
      throw typeError(
        "\(transformation) requires real-valued outputs (output dtype that is a sub-dtype of "
          + "np.floating), but got \(value.dtype.numpyName).\(advice)")
    }
  }
}

/// `jax.jvp`, `jax.vjp`, `jax.linearize` and `jax.linear_transpose`.
enum DerivativeFunctions {
  static func define(in module: ModuleObject) {
    for (name, withValue) in [("grad", false), ("value_and_grad", true)] {
      module.def("\(name)(fun, argnums=, has_aux=, holomorphic=, allow_int=, reduce_axes=)") { a in
        var options = GradFunction.Options()
        options.withValue = withValue
        if let argnums = a[1] {
          if let number = try index(argnums) {
            options.argnums = [number]
          } else {
            options.argnums = try list(argnums).map { try requireIndex($0) }
            options.isSingle = false
          }
        }
        options.hasAux = try a[2].map(isTrue) ?? false
        options.holomorphic = try a[3].map(isTrue) ?? false
        options.allowInt = try a[4].map(isTrue) ?? false
        let function = a[0] ?? .none
        guard isCallable(function) else {
          throw typeError("Expected a callable value, got \(try repr(function))")
        }
        return .native(GradFunction(function, options))
      }
    }
    module.def("jvp(fun, primals, tangents, has_aux=)") { a in
      try jvp(a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, hasAux: a[3].map(isTrue) ?? false)
    }
    module.def("vjp(fun, *primals, has_aux=, reduce_axes=)") { a in
      try vjp(a[0] ?? .none, list(a[3] ?? .none), hasAux: a[1].map(isTrue) ?? false)
    }
    module.def("linearize(fun, *primals, has_aux=)") { a in
      try linearize(a[0] ?? .none, list(a[2] ?? .none), hasAux: a[1].map(isTrue) ?? false)
    }
    module.def("linear_transpose(fun, *primals, reduce_axes=)") { a in
      try linearTranspose(a[0] ?? .none, list(a[2] ?? .none))
    }
  }

  /// A call whose auxiliary output leaves the trace with the results.
  private final class AuxiliaryCall {
    let flat: FlatCall
    let tree: TreeDef
    let hasAux: Bool
    private(set) var auxiliaryTree = TreeDef.none
    private var auxiliaryLeaves: [Object] = []

    init(_ function: Object, _ tree: TreeDef, hasAux: Bool) {
      flat = FlatCall(function, for: nil, positional: tree)
      self.tree = tree
      self.hasAux = hasAux
    }

    func callAsFunction(_ values: [Value]) throws -> [Value] {
      guard hasAux else { return try flat(values) }
      let result = try call(
        flat.function, Arguments(list(tree.unflatten(values.map { .array($0) }))))
      guard case .tuple(let pair) = result, pair.items.count == 2 else {
        throw typeError("a function with has_aux=True must return a pair")
      }
      (auxiliaryLeaves, auxiliaryTree) = try TreeDef.flatten(pair.items[1])
      return try flat.results(pair.items[0])
        + auxiliaryLeaves.compactMap { try valueIfNumeric($0) }
    }

    /// The auxiliary output with primal values in place of tracers.
    func auxiliary(_ primals: ArraySlice<Value>) throws -> Object {
      var primals = primals
      return try auxiliaryTree.unflatten(
        auxiliaryLeaves.map { leaf in
          guard try valueIfNumeric(leaf) != nil else { return leaf }
          let primal = primals.removeFirst()
          if case .array = leaf { return .array(primal) }
          return leaf
        })
    }
  }

  private static func jvp(
    _ function: Object, _ primals: Object, _ tangents: Object, hasAux: Bool
  ) throws -> Object {
    for (name, object) in [("primal", primals), ("tangent", tangents)] {
      switch object {
      case .tuple, .list: break
      default:
        throw typeError(
          "primal and tangent arguments to jax.jvp must be tuples or lists; found "
            + "\(typeOf(primals).name) and \(typeOf(tangents).name) (\(name)).")
      }
    }
    let (primalLeaves, tree) = try TreeDef.flatten(.tuple(list(primals)))
    let (tangentLeaves, tangentTree) = try TreeDef.flatten(.tuple(list(tangents)))
    guard try tree.isEqual(to: tangentTree) else {
      throw typeError(
        "primal and tangent arguments to jax.jvp must have the same tree structure; primals have "
          + "tree structure PyTreeDef(\(try tree.text())) whereas tangents have tree structure "
          + "PyTreeDef(\(try tangentTree.text())).")
    }
    let values = try primalLeaves.map { try argumentValue($0) }
    let moving = try zip(values, tangentLeaves).map { primal, leaf -> Tangent in
      let tangent = try argumentValue(leaf)
      if !primal.dtype.isInexact {
        guard tangent.dtype == .float0 else {
          throw typeError(
            "primal and tangent arguments to jax.jvp do not match; dtypes must be equal, or in "
              + "case of int/bool primal dtype the tangent dtype must be float0. Got primal dtype "
              + "\(primal.dtype.numpyName) and so expected tangent dtype float0, but got tangent "
              + "dtype \(tangent.dtype.numpyName) instead.")
        }
        return .zero(primal.aval.tangent)
      }
      guard primal.dtype == tangent.dtype else {
        throw typeError(
          "primal and tangent arguments to jax.jvp do not match; dtypes must be equal, or in case "
            + "of int/bool primal dtype the tangent dtype must be float0. Got primal dtype "
            + "\(primal.dtype.numpyName) and so expected tangent dtype \(primal.dtype.numpyName), "
            + "but got tangent dtype \(tangent.dtype.numpyName) instead.")
      }
      guard primal.shape == tangent.shape else {
        throw valueError(
          "jvp called with different primal and tangent shapes;Got primal shape "
            + "\(ParameterValue.ints(primal.shape.dimensions)) and tangent shape as "
            + "\(ParameterValue.ints(tangent.shape.dimensions))")
      }
      return .value(tangent)
    }
    let call = AuxiliaryCall(function, tree, hasAux: hasAux)
    let (outs, outTangents) = try Transforms.jvp(within("jvp") { try call($0) }, values, moving)
    let count = call.flat.outTree.leafCount
    let tangentObjects = try outTangents.prefix(count).map { tangent -> Object in
      try handedBack(instantiate(tangent))
    }
    var parts = [
      try call.flat.handBack(Array(outs.prefix(count))),
      try call.flat.outTree.unflatten(tangentObjects),
    ]
    if hasAux { parts.append(try call.auxiliary(outs[count...])) }
    return .tuple(parts)
  }

  private static func linearized(_ function: Object, _ primals: [Object], hasAux: Bool) throws -> (
    call: AuxiliaryCall, tree: TreeDef, primals: [Value], results: [Value], map: LinearMap
  ) {
    let (leaves, tree) = try TreeDef.flatten(.tuple(primals))
    let values = try leaves.map { try argumentValue($0) }
    let call = AuxiliaryCall(function, tree, hasAux: hasAux)
    let (results, map) = try Transforms.linearize(
      within("jvp") { try call($0) }, values, nonzero: values.map { $0.dtype.isInexact })
    return (call, tree, values, results, map)
  }

  private static func vjp(_ function: Object, _ primals: [Object], hasAux: Bool) throws -> Object {
    let (call, tree, values, results, map) = try linearized(function, primals, hasAux: hasAux)
    let outTree = call.flat.outTree
    let count = outTree.leafCount
    let backward = Builtin(named: "vjp_fn") { arguments in
      guard arguments.positional.count == 1 else {
        throw typeError(
          "The function returned by `jax.vjp` applied to \(functionName(function)) was called with "
            + "\(arguments.positional.count) arguments, but functions returned by `jax.vjp` must "
            + "be called with a single argument corresponding to the single value returned by "
            + "\(functionName(function))")
      }
      let (leaves, cotangentTree) = try TreeDef.flatten(arguments.positional[0])
      guard try cotangentTree.isEqual(to: outTree) else {
        throw valueError(
          "unexpected tree structure of argument to vjp function: expected "
            + "PyTreeDef(\(try outTree.text())), got PyTreeDef(\(try cotangentTree.text()))")
      }
      var cotangents: [Tangent] = []
      for (leaf, result) in zip(leaves, results) {
        let cotangent = try argumentValue(leaf)
        guard result.dtype.isInexact else {
          cotangents.append(.zero(result.aval.tangent))
          continue
        }
        guard cotangent.shape == result.shape, cotangent.dtype == result.dtype else {
          throw valueError(
            "unexpected JAX type (e.g. shape/dtype) for argument to vjp function: got "
              + "\(cotangent.aval), but expected \(result.aval) because the corresponding output "
              + "of the function \(functionName(function)) had JAX type \(result.aval)")
        }
        cotangents.append(.value(cotangent))
      }
      cotangents += results.dropFirst(count).map { .zero($0.aval.tangent) }
      var gradients = try map.transpose(cotangents)[...]
      let objects = try values.map { value -> Object in
        guard value.dtype.isInexact else {
          return .array(Value(HostTensor.zeros(.float0, value.shape)))
        }
        return try handedBack(instantiate(gradients.removeFirst()))
      }
      return try tree.unflatten(objects)
    }
    var parts = [
      try call.flat.unflatten(Array(results.prefix(count))), Object.builtin(backward),
    ]
    if hasAux { parts.append(try call.auxiliary(results[count...])) }
    return .tuple(parts)
  }

  private static func linearize(_ function: Object, _ primals: [Object], hasAux: Bool) throws
    -> Object
  {
    let (call, tree, values, results, map) = try linearized(function, primals, hasAux: hasAux)
    let outTree = call.flat.outTree
    let count = outTree.leafCount
    let forward = Builtin(named: "f_jvp") { arguments in
      let (leaves, tangentTree) = try TreeDef.flatten(.tuple(arguments.positional))
      guard try tangentTree.isEqual(to: tree) else {
        throw valueError(
          "linearized function called with a tree structure that differs from its primals")
      }
      let tangents = try zip(leaves, values).compactMap { leaf, primal -> Value? in
        guard primal.dtype.isInexact else { return nil }
        let tangent = try argumentValue(leaf)
        guard tangent.shape == primal.shape, tangent.dtype == primal.dtype else {
          throw valueError(
            "linearized function called on tangent values inconsistent with the original primal "
              + "values: got tangent aval \(tangent.aval) for primal aval \(primal.aval)")
        }
        return tangent
      }
      let outs = try map.apply(tangents).prefix(count)
      return try outTree.unflatten(outs.map { try handedBack(instantiate($0)) })
    }
    var parts = [
      try call.flat.handBack(Array(results.prefix(count))), Object.builtin(forward),
    ]
    if hasAux { parts.append(try call.auxiliary(results[count...])) }
    return .tuple(parts)
  }

  private static func linearTranspose(_ function: Object, _ primals: [Object]) throws -> Object {
    let (leaves, tree) = try TreeDef.flatten(.tuple(primals))
    let avals = try leaves.map { try argumentAval($0) }
    let flat = FlatCall(function, positional: tree)
    let jaxpr = try stage(avals) { try flat($0) }
    let outTree = flat.outTree
    return .builtin(
      Builtin(named: "transposed_fun") { arguments in
        let (leaves, _) = try TreeDef.flatten(arguments.positional.first ?? .none)
        let cotangents = try leaves.map { Tangent.value(try argumentValue($0)) }
        guard cotangents.count == outTree.leafCount else {
          throw typeError("cotangent tree does not match function output")
        }
        let results = try Trace.within(.transformation("transpose")) {
          try backwardPass(jaxpr, cotangents)
        }
        return try tree.unflatten(results.map { .array(try instantiate($0)) })
      })
  }
}
