import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// The part of `_native` about the running system: settings, devices, debugging.
enum RuntimeModule {
  static func define(in module: ModuleObject) {
    module["config"] = .native(ConfigObject())
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
      "check_tracer_leaks", "debug_infs", "debug_key_reuse", "debug_nans", "enable_checks",
      "enable_x64",
      "explain_cache_misses", "log_compiles", "threefry_partitionable",
    ] {
      module.def("\(name)(new_val=)") { a in
        .native(try Configuration.context("jax_\(name)", a[0] ?? .bool(true)))
      }
    }
    for name in [
      "default_matmul_precision", "default_prng_impl", "numpy_rank_promotion",
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
            policy: try a[4].flatMap { $0.isNone ? nil : try policy($0) }))
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
<<<<<<< HEAD
=======

  // MARK: Callbacks

  /// `jax.debug`
  static func debug() -> ModuleObject {
    let module = ModuleObject("jax.debug", isLibrary: true)
    module.def(
      "print(fmt, *args, ordered=, partitioned=, skip_format_check=, _use_logging=, **kwargs)"
    ) {
      a in
      let format = try str(a[0] ?? .none)
      try debugPrint(
        format, list(a[5] ?? .none), keywords(a[6]), ordered: a[1].map(isTrue) ?? false)
      return .none
    }
    module.def("callback(callback, *args, ordered=, partitioned=, **kwargs)") { a in
      let function = a[0] ?? .none
      let arguments = try list(a[3] ?? .none)
      let named = try keywords(a[4])
      _ = try callback(
        .debugCallback, function, .none, arguments, named,
        ordered: a[1].map(isTrue) ?? false, method: nil)
      return .none
    }
    module.def("breakpoint()") { _ in .none }
    return module
  }

  private static func debugPrint(
    _ format: String, _ arguments: [Object], _ named: [(name: Symbol, value: Object)],
    ordered: Bool
  ) throws {
    let dict = Dict()
    for (name, value) in named { try dict.table.set(.str(name.text), value) }
    let (leaves, tree) = try TreeDef.flatten(.tuple([.tuple(arguments), .dict(dict)]))
    // Objects that are no arrays are formatted as they are.
    var operands: [Value] = []
    let fixed = try leaves.map { leaf -> Object? in
      guard case .array(let value) = leaf else {
        guard let value = try valueIfNumeric(leaf), case .native = leaf else { return leaf }
        operands.append(value)
        return nil
      }
      operands.append(value)
      return nil
    }
    let function = Callback.Function { values in
      var rest = values[...]
      let parts = try list(
        tree.unflatten(
          fixed.map { leaf -> Object in
            if let leaf { return leaf }
            let value = rest.removeFirst()
            return .array(try value.concrete.map { Value(try $0.tensor()) } ?? value)
          }))
      let text = try formatTemplate(
        format, Arguments(list(parts[0]), keywords(parts[1])))
      Session.output.write(text + "\n")
      return []
    }
    let printed = [
      Parameter("fmt", .string(format)),
      Parameter("has_placeholders", .bool(!leaves.isEmpty)),
      Parameter("in_tree", .string("PyTreeDef(\(try tree.text()))")),
      Parameter("logging_record", .none),
      Parameter(
        "np_printoptions",
        .string(
          "(('edgeitems', 3), ('threshold', 1000), ('floatmode', 'maxprec'), ('precision', 8), "
            + "('suppress', False), ('linewidth', 75), ('nanstr', 'nan'), ('infstr', 'inf'), "
            + "('sign', '-'), ('formatter', None), ('legacy', False), ('override_repr', None))")),
      Parameter("ordered", .bool(ordered)), Parameter("partitioned", .bool(false)),
      Parameter("static_args", .tuple([])),
    ]
    _ = try bind(
      Callback(.debugPrint, function, isOrdered: ordered, printed: printed), operands)
  }

  private static func callback(
    _ kind: Callback.Kind, _ function: Object, _ results: Object, _ arguments: [Object],
    _ named: [(name: Symbol, value: Object)], ordered: Bool, method: Object?
  ) throws -> Object {
    let (specs, outTree) = try TreeDef.flatten(results)
    let avals = try specs.map { spec -> ShapedArray in
      if case .native(let spec as ShapeDtypeStruct) = spec { return spec.aval }
      let shape = try list(getAttribute(spec, "shape")).map { try requireIndex($0) }
      return ShapedArray(Shape(shape), try elementType(getAttribute(spec, "dtype")))
    }
    let dict = Dict()
    for (name, value) in named { try dict.table.set(.str(name.text), value) }
    let (leaves, tree) = try TreeDef.flatten(.tuple([.tuple(arguments), .dict(dict)]))
    let operands = try leaves.map { try argumentValue($0) }
    let body = Callback.Function { values in
      let parts = try list(tree.unflatten(values.map { .array($0) }))
      let result = try call(function, Arguments(list(parts[0]), keywords(parts[1])))
      if kind == .debugCallback { return [] }
      return try zip(outTree.flattenUpTo(result), avals).map { leaf, aval in
        let value = try argumentValue(leaf)
        // Elements may come with another batch shape under `vmap`.
        guard let array = value.concrete else {
          throw RaisedError(.runtimeError, "a callback returned a traced value")
        }
        let tensor = try array.tensor().converted(to: aval.dtype)
        return Value(tensor)
      }
    }
    let text = functionName(function)
    let vmapMethod = try method.flatMap { $0.isNone ? nil : try str($0) }
    let printed = [
      Parameter(
        "callback",
        .string(
          "_FlatCallback(callback_func=<function \(text) at 0xXXXXXXXXXXXX>, "
            + "in_tree=PyTreeDef(\(try tree.text())))")),
      Parameter("result_avals", .tuple(avals.map { .string("ShapedArray(\($0))") })),
      Parameter("sharding", .none),
      Parameter("vmap_method", vmapMethod.map { .string($0) } ?? .none),
    ]
    let values = try bind(
      Callback(
        kind, body, resultAvals: avals, isOrdered: ordered, printed: printed,
        vmapMethod: vmapMethod), operands)
    return try outTree.unflatten(values.map { .array($0) })
  }
}

/// `jax.config`
final class ConfigObject: NativeObject {
  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "Config", base: Types.object, module: "jax._src.config")
    cls.def("update(self, name, val)") { a in
      try Configuration.set(Host.str(a[1] ?? .none), a[2] ?? .none)
      return .none
    }
    cls.def("read(self, name)") { a in try Configuration.get(Host.str(a[1] ?? .none)) }
    return cls
  }()

  override var cls: Class { ConfigObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "x64_enabled": .bool(Configuration.x64)
    case let name where name.hasPrefix("jax_"): try Configuration.get(name)
    default: nil
    }
  }

  override func setAttribute(_ name: Symbol, _ value: Object?) throws {
    try Configuration.set(name.text, value ?? .none)
  }
}

extension Configuration {
  /// `jax_disable_jit`
  nonisolated(unsafe) static var disableJit = false
  /// Settings that change nothing here, with what the program set them to.
  private nonisolated(unsafe) static var others: [String: Object] = [
    "jax_platforms": Devices.namedPlatforms.map { .str($0) } ?? .none, "jax_platform_name": .str(""), "jax_default_matmul_precision": .none,
    "jax_numpy_rank_promotion": .str("allow"), "jax_numpy_dtype_promotion": .str("standard"),
    "jax_threefry_partitionable": .bool(true), "jax_default_prng_impl": .str("threefry2x32"),
    "jax_log_compiles": .bool(false), "jax_traceback_filtering": .str("auto"),
    "jax_check_tracer_leaks": .bool(false), "jax_compilation_cache_dir": .none,
    "jax_enable_compilation_cache": .bool(true), "jax_enable_checks": .bool(false),
    "jax_debug_key_reuse": .bool(false),
    "jax_transfer_guard": .none, "jax_transfer_guard_device_to_device": .none,
    "jax_transfer_guard_device_to_host": .none, "jax_transfer_guard_host_to_device": .none,
    "jax_traceback_in_locations_limit": .int(10), "jax_pprint_use_color": .bool(true),
    "jax_captured_constants_warn_bytes": .int(2_000_000_000), "jax_logging_level": .none,
    "jax_persistent_cache_min_compile_time_secs": .float(1),
    "jax_persistent_cache_min_entry_size_bytes": .int(0), "jax_random_seed_offset": .int(0),
    "jax_enable_custom_prng": .bool(false), "jax_legacy_prng_key": .str("allow"),
    "jax_use_shardy_partitioner": .bool(true), "jax_softmax_custom_jvp": .bool(true),
    "jax_no_tracing": .bool(false), "jax_explain_cache_misses": .bool(false),
    "jax_include_full_tracebacks_in_locations": .bool(false),
    "jax_cpu_enable_async_dispatch": .bool(true),
  ]

  /// Reads the setting `name`.
  static func get(_ name: String) throws -> Object {
    switch name {
    case "jax_enable_x64": return .bool(x64)
    case "jax_disable_jit": return .bool(disableJit)
    case "jax_debug_nans": return .bool(InvalidValues.refusesNaN)
    case "jax_debug_infs": return .bool(InvalidValues.refusesInfinity)
    case "jax_num_cpu_devices": return .int(Devices.cpuCount)
    case "jax_default_device":
      return DefaultDevice.name
    default:
      guard let value = others[name] else {
        throw attributeError("Unrecognized config option: \(name)")
      }
      return value
    }
  }

  /// Sets `name`.
  ///
  /// - Throws: `AttributeError` for a setting that JAX does not have.
  static func set(_ name: String, _ value: Object) throws {
    switch name {
    case "jax_enable_x64": x64 = try isTrue(value)
    case "jax_disable_jit": disableJit = try isTrue(value)
    case "jax_debug_nans": InvalidValues.refusesNaN = try isTrue(value)
    case "jax_debug_infs": InvalidValues.refusesInfinity = try isTrue(value)
    case "jax_num_cpu_devices": Devices.cpuCount = max(1, try requireIndex(value))
    case "jax_default_device": try DefaultDevice.choose(value)
    case "jax_platforms":
      others[name] = value
      if case .str(let names) = value { Devices.choosePlatforms(names.text) }
    default:
      guard others[name] != nil else {
        throw attributeError("Unrecognized config option: \(name)")
      }
      try checkChoice(name, value)
      others[name] = value
    }
  }

  /// A context in which the setting `name` is `value`.
  static func context(_ name: String, _ value: Object) throws -> SettingContext {
    try checkChoice(name, value)
    let outer = try get(name)
    return SettingContext({ (try? get(name)) ?? outer }, { try? set(name, $0) }, value)
  }

  /// The settings with names to choose from.
  private static let choices = [
    "jax_numpy_rank_promotion": ["allow", "warn", "raise"],
    "jax_numpy_dtype_promotion": ["standard", "strict"],
  ]

  private static func checkChoice(_ name: String, _ value: Object) throws {
    guard let allowed = choices[name] else { return }
    if case .str(let text) = value, allowed.contains(text.text) { return }
    let shown = allowed.map { "'\($0)'" }.joined(separator: ", ")
    throw valueError("new enum value must be in (\(shown)), got \(try Host.str(value))")
  }

  private static func isChosen(_ name: String, _ choice: String) -> Bool {
    guard case .str(let text)? = others[name] else { return false }
    return text.text == choice
  }

  /// Whether arrays of different ranks, none of them a scalar, may not broadcast.
  static var refusesRankPromotion: Bool { isChosen("jax_numpy_rank_promotion", "raise") }

  /// Whether only weak types are promoted.
  static var isPromotionStrict: Bool { isChosen("jax_numpy_dtype_promotion", "strict") }

  /// The precision of matrix products that do not name one.
  static var matrixPrecision: Object { others["jax_default_matmul_precision"] ?? .none }
}

/// `jax.ensure_compile_time_eval()`: evaluates at once, also while a function is traced.
final class EvaluationContext: NativeObject {
  private var saved: [Trace] = []

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "EvalContext", base: Types.object, module: "jax")
    func of(_ object: Object?) throws -> EvaluationContext {
      guard case .native(let context as EvaluationContext)? = object else {
        throw typeError("expected a context manager")
      }
      return context
    }
    cls.def("__enter__(self)") { a in
      try of(a[0]).saved.append(Trace.current)
      Trace.current = EvalTrace.shared
      return .none
    }
    cls.def("__exit__(self, *exc)") { a in
      if let saved = try of(a[0]).saved.popLast() { Trace.current = saved }
      return .bool(false)
    }
    return cls
  }()

  override var cls: Class { EvaluationContext.type }
}

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
>>>>>>> 86f223d (Devices say of their clients, memories and shards what JAX's do; arrays that nothing has room for are errors that programs catch, in XLA's words)
}
