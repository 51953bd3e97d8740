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

  override var documentation: String? {
    let numbers = shownArgnums
    let result =
      options.withValue
      ? "a two-element tuple where the first element is the value of \(name) and the second element "
        + "is the gradient" : "the gradient"
    return
      "\(options.withValue ? "Value and gradient" : "Gradient") of \(name) with respect to "
      + "positional argument(s) \(numbers). Takes the same arguments as \(name) but returns "
      + "\(result), which has the same shape as the arguments at positions \(numbers)."
  }

  /// What messages call the transformation.
  private var transformation: String { "grad" }

  private var shownArgnums: String {
    guard !options.isSingle else { return options.argnums.first.map(String.init) ?? "()" }
    let text = options.argnums.map(String.init).joined(separator: ", ")
    return options.argnums.count == 1 ? "(\(text),)" : "(\(text))"
  }

  override func call(_ arguments: Arguments) throws -> Object {
    if options.argnums.isEmpty { throw valueError("max() arg is an empty sequence") }
    let count = arguments.positional.count
    let positions = try options.argnums.map { number -> Int in
      let position = number < 0 ? count + number : number
      guard position < count else {
        throw typeError(
          "differentiating with respect to argnums=\(shownArgnums) requires at least "
            + "\((options.argnums.max() ?? 0) + 1) positional arguments to be passed by the "
            + "caller, but got only \(count) positional arguments.")
      }
      guard position >= 0 else {
        throw valueError(
          "Positional argument indices, e.g. for `static_argnums`, must have value greater than or "
            + "equal to -len(args) and less than len(args), but got value \(number) for "
            + "len(args) == \(count).")
      }
      return position
    }
    let (leaves, tree) = try TreeDef.flatten(
      .tuple(positions.map { arguments.positional[$0] }))
    let primals = try leaves.map { leaf -> Value in
      guard let value = try valueIfNumeric(leaf) else {
        throw typeError(
          "Argument '\(try Host.str(leaf))' of type <class '\(typeOf(leaf).displayName)'> is not a valid "
            + "JAX type.")
      }
      try checkInput(value)
      return value
    }

    var auxiliary: Object?
    let flat = FlatCall(function, for: .differentiation) { leaves in
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
        guard let pair = pair(result) else {
          throw try noPair(result)
        }
        let (auxLeaves, auxTree) = try TreeDef.flatten(pair[1])
        auxiliaryTree = auxTree
        var values = try flat.results(pair[0])
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
    // An operand itself comes back as the array that it was made for the function.
    let valueObject =
      primals.contains { $0.isSame(as: value) } ? .array(value) : try handedBack(value)
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
        ? .tuple([.tuple([valueObject, aux]), gradient]) : .tuple([gradient, aux])
    }
    return options.withValue ? .tuple([valueObject, gradient]) : gradient
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
          throw typeError("Expected a callable value, got \(try Host.str(function))")
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
      flat = FlatCall(function, for: .differentiation, positional: tree)
      self.tree = tree
      self.hasAux = hasAux
    }

    func callAsFunction(_ values: [Value]) throws -> [Value] {
      guard hasAux else { return try flat(values) }
      let result = try call(
        flat.function, Arguments(list(tree.unflatten(values.map { .array($0) }))))
      guard let pair = pair(result) else { throw try noPair(result) }
      (auxiliaryLeaves, auxiliaryTree) = try TreeDef.flatten(pair[1])
      return try flat.results(pair[0])
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
    for object in [primals, tangents] {
      switch object {
      case .tuple, .list: break
      default:
        throw typeError(
          "primal and tangent arguments to jax.jvp must be tuples or lists; found "
            + "\(typeOf(primals).name) and \(typeOf(tangents).name).")
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
      let expected = primal.aval.tangent.dtype
      guard tangent.dtype == expected else {
        throw typeError(
          "primal and tangent arguments to jax.jvp do not match; dtypes must be equal, or in case "
            + "of int/bool primal dtype the tangent dtype must be float0.Got primal dtype "
            + "\(primal.dtype.numpyName) and so expected tangent dtype \(expected.numpyText), "
            + "but got tangent dtype \(tangent.dtype.numpyText) instead.")
      }
      guard primal.shape == tangent.shape else {
        throw valueError(
          "jvp called with different primal and tangent shapes;Got primal shape "
            + "\(ParameterValue.ints(primal.shape.dimensions)) and tangent shape as "
            + "\(ParameterValue.ints(tangent.shape.dimensions))")
      }
      return expected == .float0 ? .zero(primal.aval.tangent) : .value(tangent)
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
        throw notOneCotangent(arguments.positional.count, function)
      }
      let (leaves, cotangentTree) = try TreeDef.flatten(arguments.positional[0])
      guard try cotangentTree.isEqual(to: outTree) else {
        throw try unexpectedCotangents(outTree, cotangentTree, function)
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
            "unexpected JAX type (e.g. shape/dtype) for argument to VJP function: got "
              + "\(cotangent.aval.strongDescription), but expected "
              + "\(result.aval.strongDescription) because the corresponding output of the "
              + "differentiated function had JAX type \(result.aval.strongDescription)")
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
        throw typeError(
          "expected PyTreeDef(\(try tree.text())), got PyTreeDef(\(try tangentTree.text()))")
      }
      let tangents = try zip(leaves, values).compactMap { leaf, primal -> Value? in
        guard primal.dtype.isInexact else { return nil }
        let tangent = try argumentValue(leaf)
        guard tangent.shape == primal.shape, tangent.dtype == primal.dtype else {
          throw valueError(
            "linearized function called on tangent values inconsistent with the original primal "
              + "values:\nGot tangent aval \(tangent.aval.longDescription) for primal aval "
              + "\(primal.aval.longDescription) but expected \(primal.aval.longDescription).")
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
    let jaxpr = try stage(avals, folds: false) { try flat($0) }
    let outTree = flat.outTree
    return .builtin(
      Builtin(named: "transposed_fun") { arguments in
        let (leaves, given) = try TreeDef.flatten(arguments.positional.first ?? .none)
        guard try given.isEqual(to: outTree) else {
          throw typeError(
            "cotangent tree does not match function output, expected "
              + "PyTreeDef(\(try outTree.text())) but got PyTreeDef(\(try given.text()))")
        }
        let values = try leaves.map { try argumentValue($0) }
        let expected = jaxpr.outAvals
        guard zip(values, expected).allSatisfy({ $0.shape == $1.shape && $0.dtype == $1.dtype })
        else {
          throw typeError(
            "cotangent type does not match function output, expected "
              + "\(ParameterValue.tuple(expected.map { .string("ShapedArray(\($0.longDescription))") }))"
              + " but got \(try repr(.list(leaves)))")
        }
        let cotangents = values.map { Tangent.value($0) }
        let results = try Trace.within(.transformation("transpose")) {
          try backwardPass(jaxpr, cotangents)
        }
        return try tree.unflatten(results.map { .array(try instantiate($0)) })
      })
  }
}

/// The items of a tuple or list of two.
private func pair(_ object: Object) -> [Object]? {
  switch object {
  case .tuple(let tuple) where tuple.items.count == 2: tuple.items
  case .list(let list) where list.items.count == 2: list.items
  default: nil
  }
}

/// The error for a function with auxiliary output that returned `result`.
private func noPair(_ result: Object) throws -> any Error {
  typeError(
    "expected function with aux output to return a two-element tuple, but got type "
      + "\(try repr(.type(typeOf(result)))) with value \(try repr(result))")
}

/// The error for a pullback of `function` that was called with other than one argument.
private func notOneCotangent(_ count: Int, _ function: Object) -> any Error {
  if count == 0 {
    return typeError("VJP.__call__() missing 1 required positional argument: 'out_ct'")
  }
  return typeError(
    """

    The function returned by `jax.vjp` applied to \(functionName(function)) was called with \
    \(count) arguments,
    but functions returned by `jax.vjp` must be called with a single argument
    corresponding to the single value returned by the function being differentiated
    (even if that returned value is a tuple or other container).

    For example, if we have:

      def f(x):
        return (x, x)
      _, f_vjp = jax.vjp(f, 1.0)

    the function `f` returns a single tuple as output, and so we call `f_vjp` with a
    single tuple as its argument:

      x_bar, = f_vjp((2.0, 2.0))

    If we instead call `f_vjp(2.0, 2.0)`, with the values 'splatted out' as
    arguments rather than in a tuple, this error can arise.

    """)
}

/// The error for cotangents of another structure than the results of `function`.
private func unexpectedCotangents(
  _ expected: TreeDef, _ given: TreeDef, _ function: Object
) throws -> any Error {
  let lines = try expected.differences(from: given, leaf: "pytree leaf").map {
    "  * out\($0.path) was a \($0.first) in the original output, but a \($0.second) here, so "
      + "\($0.explanation)."
  }
  return valueError(
    """
    unexpected tree structure.

    The argument to a VJP function returned by `jax.vjp` must match the pytree
    structure of the differentiated function \(describedFunction(function)).

    But the tree structures differ:
    \(lines.joined(separator: "\n"))
    """)
}
