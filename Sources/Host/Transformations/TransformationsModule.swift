import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// The transformations in the native module `_native`, which the library exports as `jax.jit`,
/// `jax.grad`, ….
enum TransformationsModule {
  static func define(in module: ModuleObject) {
    defineJit(in: module)
    DerivativeFunctions.define(in: module)
    VmapFunction.define(in: module)
    ControlFlow.define(in: module)
    LinearSolve.define(in: module)
    NamedAxes.define(in: module)
    defineStaging(in: module)
    defineNaming(in: module)
    module["custom_jvp"] = .type(CustomJVPFunction.type)
    module["custom_vjp"] = .type(CustomVJPFunction.type)
    module["ShapeDtypeStruct"] = .type(ShapeDtypeStruct.type)
    module["tree"] = .module(TreeModule.tree())
    module["tree_util"] = .module(TreeModule.treeUtil())
  }

  /// Numbers or names given as one or as a sequence.
  private static func integers(_ object: Object?) throws -> [Int] {
    guard let object, !object.isNone else { return [] }
    if let number = try index(object) { return [number] }
    return try list(object).map { try requireIndex($0) }
  }

  private static func names(_ object: Object?) throws -> [Symbol] {
    guard let object, !object.isNone else { return [] }
    if case .str(let name) = object { return [Symbol(name.text)] }
    return try list(object).map { Symbol(try str($0)) }
  }

  private static func defineJit(in module: ModuleObject) {
    module.def(
      """
      jit(fun=, /, *, in_shardings=, out_shardings=, static_argnums=, static_argnames=, \
      donate_argnums=, donate_argnames=, keep_unused=, device=, backend=, inline=, abstracted_axes=, \
      compiler_options=, name=)
      """
    ) { a in
      var options = JitFunction.Options()
      options.staticArgnums = try integers(a[3])
      options.staticArgnames = try names(a[4])
      options.donateArgnums = try integers(a[5])
      options.donateArgnames = try names(a[6])
      options.keepUnused = try a[7].map(isTrue) ?? false
      options.inline = try a[10].map(isTrue) ?? false
      options.device = a[8].given
      options.backend = a[9].given
      if let device = options.device, let backend = options.backend {
        throw valueError(
          "can't specify both a device and a backend for jit, got device=\(try repr(device)) and "
            + "backend=\(try repr(backend))")
      }
      options.inputDevice = try a[1].flatMap { try DeviceObject.target($0) }
      options.outputDevice = try a[2].flatMap { try DeviceObject.target($0) }
      let given = options
      let name = a[13]
      func make(_ function: Object) throws -> Object {
        guard isCallable(function) else {
          throw typeError("Expected a callable value, got \(try Host.str(function))")
        }
        let jitted = try JitFunction(function, given)
        if let name { try jitted.setAttribute("__name__", name) }
        return .native(jitted)
      }
      // Without a function, `jit` makes a decorator.
      guard let function = a[0] else {
        return .builtin(Builtin("jit(fun)") { try make($0[0] ?? .none) })
      }
      return try make(function)
    }
    module.def("clear_caches()") { _ in
      TraceCache.clearAll()
      StagedFunction.clearCache()
      return .none
    }
  }

  private static func defineStaging(in module: ModuleObject) {
    module.def("make_jaxpr(fun, static_argnums=, axis_env=, return_shape=)") { a in
      let function = a[0] ?? .none
      guard isCallable(function) else {
        throw typeError("Expected a callable value, got \(try Host.str(function))")
      }
      var options = JitFunction.Options()
      options.staticArgnums = try integers(a[1])
      let axes = try a[2].given.map { try list($0).map(NamedAxes.axis) } ?? []
      let returnsShape = try a[3].map(isTrue) ?? false
      let jitted = try JitFunction(function, options)
      return .builtin(
        Builtin(named: "make_jaxpr(\(functionName(function)))") { arguments in
          let (jaxpr, outTree) = try NamedAxis.within(axes) { try jitted.jaxpr(arguments) }
          let object = Object.native(JaxprObject(jaxpr))
          guard returnsShape else { return object }
          return .tuple([object, try shapes(jaxpr, outTree)])
        })
    }
    module.def("eval_shape(fun, *args, **kwargs)") { a in
      let arguments = Arguments(
        try list(a[1] ?? .none), try a[2].map { try keywords($0) } ?? [])
      var function = a[0] ?? .none
      var options = JitFunction.Options()
      // The static arguments of a jitted function stay so.
      if case .native(let jitted as JitFunction) = function {
        options = jitted.options
        function = jitted.function
      }
      let (jaxpr, outTree) = try JitFunction(function, options).jaxpr(arguments)
      return try shapes(jaxpr, outTree)
    }
    module.def("stop_gradient(x)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[0] ?? .none)
      return try tree.unflatten(
        leaves.map { leaf in
          let value = try argumentValue(leaf)
          // What has no gradient is staged all the same.
          let isStaged = Trace.current !== EvalTrace.shared && value.dtype != .key
          guard isStaged || value.dtype.isInexact else { return leaf }
          return .array(try bind1(StopGradient(), value))
        })
    }
  }

  /// What makes one function look like another.
  private static func defineNaming(in module: ModuleObject) {
    module.def("parameters(function)") { a in
      guard case .function(let function)? = a[0] else { return .none }
      return .list(function.parameterDescriptions)
    }
    module.def("wraps(function, wrapper)") { a in try updateWrapper(a[1] ?? .none, a[0] ?? .none) }
    module.def("renamed(function, name)") { a in
      try setAttribute(a[0] ?? .none, Names.name, a[1] ?? Object.none)
      return a[0] ?? .none
    }
  }

  /// What a function of this jaxpr returns, as types.
  private static func shapes(_ jaxpr: ClosedJaxpr, _ tree: TreeDef) throws -> Object {
    try tree.unflatten(jaxpr.outAvals.map { .native(ShapeDtypeStruct($0)) })
  }

  private static func keywords(_ object: Object) throws -> [(name: Symbol, value: Object)] {
    guard case .dict(let dict) = object else { return [] }
    return try keywordArguments(dict)
  }
}
