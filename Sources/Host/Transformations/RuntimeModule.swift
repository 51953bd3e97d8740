import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// The part of `_native` about the running system: settings, devices, debugging.
enum RuntimeModule {
  static func define(in module: ModuleObject) {
    module["config"] = .native(ConfigObject())
    module.def("read_environment()") { _ in
      try Configuration.readEnvironment()
      return .none
    }
    defineDevices(in: module)
    defineContexts(in: module)
    defineWrappers(in: module)
    defineTypes(in: module)
    defineCallbacks(in: module)
    module.def("typeof(x)") { a in .native(AvalObject(try argumentAval(a[0] ?? .none))) }
  }

  static func keywords(_ object: Object?) throws -> [(name: Symbol, value: Object)] {
    guard case .dict(let dict)? = object else { return [] }
    return try keywordArguments(dict)
  }

  /// `jax.errors`
  static func errors() -> ModuleObject {
    let module = ModuleObject("jax.errors", isLibrary: true)
    for cls in Exceptions.jax { module[Symbol(cls.name)] = .type(cls) }
    return module
  }

  // MARK: Devices

  private static func defineDevices(in module: ModuleObject) {
    DevicesModule.define(in: module)
    module.def("device_get(x)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[0] ?? .none)
      let asarray = try getAttribute(
        .module(Session.loader.load(["numpy"], from: module)), "asarray")
      return try tree.unflatten(
        leaves.map { leaf in
          guard case .array = leaf else { return leaf }
          return try call(asarray, [leaf])
        })
    }
    module.def("block_until_ready(x)") { a in
      for case .array(let value) in try TreeDef.flatten(a[0] ?? .none).leaves {
        try value.concrete?.wait()
      }
      return a[0] ?? .none
    }
    module.def("effects_barrier()") { _ in .none }
    module.def("live_arrays(platform=)") { _ in .list([]) }
  }

  // MARK: Types

  private static func defineTypes(in module: ModuleObject) {
    module["ClosedJaxpr"] = .type(JaxprObject.type)
    module["Jaxpr"] = .type(JaxprObject.openType)
    module["JaxprEqn"] = .type(EquationObject.type)
    module["Literal"] = .type(LiteralObject.type)
    module["Primitive"] = .type(PrimitiveName.type)
    module["ShapedArray"] = .type(AvalObject.type)
    module["Tracer"] = .type(Types.tracerBase)
    module["Var"] = .type(VarObject.type)
    module.def("primitive(name)") { a in .native(PrimitiveName(try str(a[0] ?? .none))) }
  }

  // MARK: Contexts

  private static func defineContexts(in module: ModuleObject) {
    module.def("disable_jit(disable=)") { a in
      .native(try Configuration.context("jax_disable_jit", a[0] ?? .bool(true)))
    }
    module.def("ensure_compile_time_eval()") { _ in
      // Evaluates at once, also while a function is traced.
      .native(
        ContextManager {
          let outer = Trace.current
          Trace.current = EvalTrace.shared
          return { Trace.current = outer }
        })
    }
    module.def("enter_scope(name)") { a in
      let outer = Trace.source.nameStack
      Trace.source.nameStack = outer.appending(.scope(try str(a[0] ?? .none)))
      return .none
    }
    module.def("leave_scope()") { _ in
      Trace.source.nameStack = Trace.source.nameStack.withoutLast
      return .none
    }
    module.def("checking_leaks()") { _ in
      .native(try Configuration.context("jax_check_tracer_leaks", .bool(true)))
    }
    for name in [
      "allow_f16_reductions", "check_tracer_leaks", "debug_infs", "debug_key_reuse", "debug_nans",
      "enable_checks", "enable_custom_prng", "enable_x64", "explain_cache_misses", "log_compiles",
      "no_execution", "no_tracing", "softmax_custom_jvp", "thread_guard", "threefry_partitionable",
    ] {
      module.def("\(name)(new_val=)") { a in
        .native(try Configuration.context("jax_\(name)", a[0] ?? .bool(true)))
      }
    }
    for name in [
      "default_matmul_precision", "default_prng_impl", "legacy_prng_key", "numpy_rank_promotion",
      "numpy_dtype_promotion", "transfer_guard", "transfer_guard_device_to_device",
      "transfer_guard_device_to_host", "transfer_guard_host_to_device",
    ] {
      module.def("\(name)(new_val)") { a in
        .native(try Configuration.context("jax_\(name)", a[0] ?? .none))
      }
    }
  }

  // MARK: Wrappers

  private static func defineWrappers(in module: ModuleObject) {
    module.def("checkpoint(fun=, *, concrete=, prevent_cse=, static_argnums=, policy=)") { a in
      let preventCSE = try a[2].map(isTrue) ?? true
      let statics = try a[3].map { object in
        try index(object).map { [$0] } ?? list(object).map { try requireIndex($0) }
      }
      func make(_ function: Object) throws -> Object {
        .native(
          CheckpointFunction(
            function, preventCSE: preventCSE, staticArgnums: statics ?? [],
            policy: try a[4].given.map(policy)))
      }
      guard let function = a[0] else {
        return .builtin(Builtin("checkpoint(fun)") { try make($0[0] ?? .none) })
      }
      return try make(function)
    }
    module.def("closure_convert(fun, *example_args)") { a in
      let function = a[0] ?? .none
      let (leaves, tree) = try TreeDef.flatten(.tuple(list(a[1] ?? .none)))
      let flat = FlatCall(function, positional: tree)
      let staged = try stage(leaves.map { try argumentAval($0) }) { try flat($0) }
      let (jaxpr, consts) = hoistTracers(staged)
      let outTree = flat.outTree
      let converted = Builtin(named: functionName(function)) { arguments in
        let count = arguments.positional.count - consts.count
        let (leaves, _) = try TreeDef.flatten(.tuple(Array(arguments.positional.prefix(count))))
        let hoisted = arguments.positional.dropFirst(count)
        let results = try evaluate(
          jaxpr, (hoisted + leaves).map { try argumentValue($0) })
        return try outTree.unflatten(results.map { .array($0) })
      }
      return .tuple([.builtin(converted), .list(consts.map { .array($0) })])
    }
    module.def("custom_gradient(fun)") { a in .native(CustomGradientFunction(a[0] ?? .none)) }
  }

  /// A policy of `checkpoint`: asked with a primitive, the types of its operands, and its
  /// parameters.
  private static func policy(_ object: Object) throws -> RematPolicy {
    RematPolicy(text: try repr(object)) { primitive, avals in
      var arguments = Arguments(
        [.native(PrimitiveName(primitive.name))] + avals.map { .native(AvalObject($0)) })
      for parameter in primitive.parameters {
        arguments.keywords.append(
          (Symbol(parameter.name), try Host.object(parameter.value)))
      }
      return try isTrue(call(object, arguments))
    }
  }
}
