import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// `jax.jit(function, …)`.
final class JitFunction: TransformedFunction {
  struct Options {
    var staticArgnums: [Int] = []
    var staticArgnames: [Symbol] = []
    var donateArgnums: [Int] = []
    var donateArgnames: [Symbol] = []
    var keepUnused = false
    var inline = false
    /// Where it runs: `device` and `backend`.
    var device: Object?
    var backend: Object?
    /// What `in_shardings` and `out_shardings` name.
    var inputDevice: Device?
    var outputDevice: Device?
  }

  let options: Options
  init(_ function: Object, _ options: Options) throws {
    self.options = try JitFunction.completed(options, for: function)
    super.init(function)
  }

  /// Names and positions of static arguments follow from each other where the function's
  /// parameters are known.
  private static func completed(_ options: Options, for function: Object) throws -> Options {
    var options = options
    let names = positionalNames(function)
    try requirePositions(options.staticArgnums, "static_argnums", of: function)
    try requirePositions(options.donateArgnums, "donate_argnums", of: function)
    if options.staticArgnames.isEmpty {
      options.staticArgnames = options.staticArgnums.compactMap { number in
        let position = number < 0 ? names.count + number : number
        return names.indices.contains(position) ? names[position] : nil
      }
    } else if options.staticArgnums.isEmpty {
      options.staticArgnums = options.staticArgnames.compactMap { names.firstIndex(of: $0) }
      if case .function(let function) = function, !function.code.hasKeywords {
        for name in options.staticArgnames where !function.code.parameters.contains(name) {
          throw valueError(
            "Jitted function has invalid argnames {'\(name)'} in static_argnames. Function does "
              + "not take these args.")
        }
      }
    }
    if options.donateArgnums.isEmpty {
      options.donateArgnums = options.donateArgnames.compactMap { names.firstIndex(of: $0) }
    }
    return options
  }

  private static func requirePositions(_ numbers: [Int], _ option: String, of function: Object)
    throws
  {
    guard case .function(let function) = function, !function.code.hasVariadic else { return }
    let count = function.code.positionalCount
    guard numbers.contains(where: { $0 >= count || $0 < -count }) else { return }
    throw valueError(
      "Jitted function has \(option)=\(ParameterValue.ints(numbers)), but only accepts \(count) "
        + "positional arguments.")
  }

  nonisolated(unsafe) private static let jitClass: Class = {
    let cls = Class(builtin: "PjitFunction", base: Types.object, module: "jaxlib._jax")
    func method(
      _ name: String, _ body: @escaping (JitFunction, Arguments) throws -> Object
    ) {
      cls[Symbol(name)] = .builtin(
        Builtin(named: name, isMethod: true) { arguments in
          guard case .native(let function as JitFunction)? = arguments.positional.first else {
            throw typeError("expected a jitted function")
          }
          return try body(
            function, Arguments(Array(arguments.positional.dropFirst()), arguments.keywords))
        })
    }
    method("lower") { function, arguments in
      let call = try function.split(arguments, abstract: true)
      let traced = try function.trace(call)
      try StagedCalls.record(function, call, traced)
      return .native(try LoweredStage(traced))
    }
    method("trace") { function, arguments in
      .native(TracedStage(try function.trace(function.split(arguments, abstract: true))))
    }
    method("eval_shape") { function, arguments in
      let traced = try function.trace(function.split(arguments, abstract: true))
      return try traced.outTree.unflatten(
        traced.jaxpr.outAvals.map { .native(ShapeDtypeStruct($0)) })
    }
    method("clear_cache") { function, _ in
      TraceCache.clear(function.function)
      return .none
    }
    method("_cache_size") { function, _ in .int(TraceCache.executionCount(function.function)) }
    return cls
  }()

  override var cls: Class { JitFunction.jitClass }

  override func repr() throws -> String { "<PjitFunction of \(try Host.repr(function))>" }

  // MARK: Calling

  /// The arguments of a call, with the static ones set apart.
  struct SplitCall {
    var values: [Value] = []
    var avals: [ShapedArray] = []
    var tree = TreeDef.none
    /// Static arguments by position, and by name.
    var staticPositional: [(Int, Object)] = []
    var staticKeywords: [(name: Symbol, value: Object)] = []
    var keywordNames: [Symbol] = []
    var positionalCount = 0
    var donated: [Bool] = []

    /// The arguments again, with `leaves` in place of the dynamic ones.
    func arguments(_ leaves: [Object]) throws -> Arguments {
      let parts = try list(tree.unflatten(leaves))
      var dynamic = try list(parts[0])[...]
      var positional: [Object] = []
      for index in 0..<positionalCount {
        if let fixed = staticPositional.first(where: { $0.0 == index }) {
          positional.append(fixed.1)
        } else {
          positional.append(dynamic.removeFirst())
        }
      }
      var keywords = staticKeywords
      if case .dict(let dict) = parts[1] {
        for name in keywordNames {
          if let value = dict[name.text] { keywords.append((name: name, value: value)) }
        }
      }
      return Arguments(positional, keywords)
    }
  }

  /// What tracing this function for `call` says about itself in messages.
  private func source(_ call: SplitCall, for purpose: TracePurpose = .jit) -> TracedSource {
    let statics = call.staticPositional.map(\.0)
    return TracedSource(
      function, for: purpose.rawValue, leafCount: call.avals.count, statics: statics.contains,
      staticNames: call.staticKeywords.map(\.name)
    ) { try call.arguments($0) }
  }

  /// Sets static arguments apart and flattens the others.
  ///
  /// - Parameter abstract: whether arguments may be `ShapeDtypeStruct`s.
  func split(_ arguments: Arguments, abstract: Bool) throws -> SplitCall {
    var call = SplitCall()
    let count = arguments.positional.count
    call.positionalCount = count
    let statics = Set(options.staticArgnums.map { $0 < 0 ? count + $0 : $0 })
    var dynamic: [Object] = []
    var donatedPositions: [Bool] = []
    for (index, argument) in arguments.positional.enumerated() {
      if statics.contains(index) {
        call.staticPositional.append((index, argument))
      } else {
        dynamic.append(argument)
        donatedPositions.append(options.donateArgnums.contains(index))
      }
    }
    let keywords = Dict()
    for (name, value) in arguments.keywords {
      if options.staticArgnames.contains(name) {
        call.staticKeywords.append((name: name, value: value))
      } else {
        try keywords.table.set(.str(name.text), value)
        call.keywordNames.append(name)
      }
    }
    for object in call.staticPositional.map(\.1) + call.staticKeywords.map(\.value) {
      do { _ = try Host.hash(object) } catch {
        throw valueError(
          """
          Non-hashable static arguments are not supported. An error occurred while trying to hash \
          an object of type <class '\(typeOf(object).displayName)'>, \(try Host.str(object)). \
          The error was:
          TypeError: unhashable type: '\(unhashableName(object))'

          """)
      }
    }
    let (leaves, tree) = try TreeDef.flatten(.tuple([.tuple(dynamic), .dict(keywords)]))
    call.tree = tree
    for leaf in leaves {
      func place() -> String {
        let index = call.avals.count
        call.avals = leaves.map { _ in ShapedArray(.scalar, .f32) }
        let names = source(call).argumentNames()
        return names.indices.contains(index) ? names[index] : "args"
      }
      if abstract {
        call.avals.append(try jitAval(leaf, place))
      } else {
        let value = try jitValue(leaf, place)
        call.values.append(value)
        call.avals.append(value.aval)
      }
    }
    if donatedPositions.contains(true) {
      for (argument, isDonated) in zip(dynamic, donatedPositions) {
        let count = try TreeDef.flatten(argument).leaves.count
        call.donated += [Bool](repeating: isDonated, count: count)
      }
      while call.donated.count < leaves.count { call.donated.append(false) }
    }
    return call
  }

  private func jitValue(_ leaf: Object, _ place: () -> String) throws -> Value {
    if let value = try checkingRange(of: leaf, at: place, { try valueIfNumeric(leaf) }) {
      return value
    }
    throw typeError(
      "Error interpreting argument to \(try Host.repr(function)) as an abstract array. The "
        + "problematic value is of type <class '\(typeOf(leaf).displayName)'> and was passed to the "
        + "function at path \(place()).\nThis typically means that a jit-wrapped function was called with a "
        + "non-array argument, and this argument was not marked as static using the "
        + "static_argnums or static_argnames parameters of jax.jit.")
  }

  private func jitAval(_ leaf: Object, _ place: () -> String) throws -> ShapedArray {
    if case .native(let spec as ShapeDtypeStruct) = leaf { return spec.aval }
    return try jitValue(leaf, place).aval
  }

  /// The trace of the function for a call like `call`, from the cache where it is there.
  func trace(_ call: SplitCall, for purpose: TracePurpose = .jit) throws -> TracedFunction {
    let key = try TraceKey(call, purpose)
    if let known = TraceCache.find(function, key) {
      return known.with(donated: call.donated, keepsUnused: options.keepUnused)
    }
    let flat = FlatCall(function, for: .staging(purpose.rawValue)) { try call.arguments($0) }
    let source = source(call, for: purpose)
    let staged = try stage(call.avals, source: source) { try flat($0) }
    let (jaxpr, captured) = purpose == .jit ? hoistTracers(staged) : hoistConstants(staged)
    let traced = TracedFunction(
      name: name, jaxpr: jaxpr, captured: captured, inTree: call.tree, outTree: flat.outTree,
      avals: call.avals, donated: call.donated, keepsUnused: options.keepUnused,
      keywordNames: call.keywordNames, argumentNames: source.argumentNames())
    TraceCache.insert(function, key, traced)
    return traced
  }

  /// The jaxpr for a call with `arguments`, of which only types matter, and the structure of what the
  /// function returns. Tracers that it closes over are constants.
  func jaxpr(_ arguments: Arguments) throws -> (ClosedJaxpr, TreeDef) {
    let call = try split(arguments, abstract: true)
    let traced = try trace(call)
    let (jaxpr, count) = (traced.jaxpr, traced.captured.count)
    if count == 0 { return (jaxpr, traced.outTree) }
    let closed = ClosedJaxpr(
      constvars: jaxpr.invars.prefix(count) + jaxpr.constvars,
      consts: traced.captured + jaxpr.consts, invars: Array(jaxpr.invars.dropFirst(count)),
      equations: jaxpr.equations, outvars: jaxpr.outvars, types: jaxpr.types)
    return (closed, traced.outTree)
  }

  override func call(_ arguments: Arguments) throws -> Object {
    if Configuration.disableJit { return try Host.call(function, arguments) }
    if let result = try repeated(arguments) { return result }
    let call = try split(arguments, abstract: false)
    let traced = try trace(call)
    if StagedCalls.isRecording { try StagedCalls.record(self, call, traced) }
    let operands = traced.captured + call.values
    let donated =
      call.donated.isEmpty
      ? nil : [Bool](repeating: false, count: traced.captured.count) + call.donated
    let results: [Value]
    do {
      results = try bind(
        Jit(
          name: name, jaxpr: traced.jaxpr, donated: donated, keepUnused: options.keepUnused,
          isInline: options.inline),
        operands, traced)
    } catch let error as RaisedError {
      guard let invalid = error.invalidValue, invalid.isOfFunction else { throw error }
      try InvalidValueNotice.search(function, arguments, named: name, invalid.number)
    }
    remember(arguments, call, traced)
    if Trace.current === EvalTrace.shared { TraceCache.noteExecution(function, traced) }
    if call.donated.contains(true), Trace.current === EvalTrace.shared {
      for (value, isDonated) in zip(call.values, call.donated) where isDonated {
        value.concrete?.delete()
      }
    }
    return try packed(results, traced)
  }

  /// Where the function runs, if it says so.
  private func place() throws -> Placement? {
    if let device = options.device {
      return try DeviceObject.chosen(device).map { Placement($0, isCommitted: true) }
    }
    if let backend = options.backend {
      return try DevicesModule.devices(backend).first.map { Placement($0, isCommitted: true) }
    }
    return options.inputDevice.map { Placement($0, isCommitted: true) }
  }

  /// Calls the staged function, on its device where it is not traced.
  private func bind(
    _ primitive: Jit, _ operands: [Value], _ traced: TracedFunction
  ) throws -> [Value] {
    guard Trace.current === EvalTrace.shared else { return try Core.bind(primitive, operands) }
    let place = try place()
    if place == nil, operands.contains(where: { $0.concrete?.placement.isCommitted ?? false }) {
      let names = traced.argumentNames
      _ = try Placement(of: operands.compactMap(\.concrete)) { index in
        let name = names.indices.contains(index) ? names[index] : "args[\(index)]"
        let function = try? Host.str(getAttribute(self.function, "__qualname__"))
        return "\(name) of \(function ?? self.name)"
      }
    }
    let outer = EvalTrace.forced
    EvalTrace.forced = place ?? outer
    defer { EvalTrace.forced = outer }
    let results = try Core.bind(primitive, operands)
    guard let device = options.outputDevice else { return results }
    return try results.map { result in
      guard case .array(let array) = result else { return result }
      return .array(try array.placed(Placement(device, isCommitted: true)))
    }
  }

  private func packed(_ results: [Value], _ traced: TracedFunction) throws -> Object {
    if case .leaf = traced.outTree { return .array(try withoutPythonScalar(results[0])) }
    return try traced.outTree.unflatten(results.map { .array(try withoutPythonScalar($0)) })
  }

  // MARK: Repeated calls

  /// A call outside all traces whose arguments were arrays, by position, and nothing else. Most calls
  /// repeat the one before: they need no flattening and no search for the trace.
  private struct ArrayCall {
    var avals: [ShapedArray]
    var traced: TracedFunction
    var primitive: Jit
    var context: Configuration.TraceContext
    /// Forgotten with the traces.
    var generation: Int
  }

  private var last: ArrayCall?

  private func remember(
    _ arguments: Arguments, _ call: SplitCall, _ traced: TracedFunction
  ) {
    guard arguments.keywords.isEmpty, call.staticPositional.isEmpty, !call.donated.contains(true),
      traced.captured.isEmpty, Trace.current === EvalTrace.shared,
      arguments.positional.allSatisfy({ if case .array(.array) = $0 { true } else { false } })
    else { return }
    last = ArrayCall(
      avals: call.avals, traced: traced,
      primitive: Jit(name: name, jaxpr: traced.jaxpr, keepUnused: options.keepUnused),
      context: Configuration.traceContext, generation: TraceCache.generation)
  }

  /// The result, if the call repeats the last one.
  private func repeated(_ arguments: Arguments) throws -> Object? {
    guard let last, arguments.keywords.isEmpty, arguments.positional.count == last.avals.count,
      last.context == Configuration.traceContext, last.generation == TraceCache.generation,
      Trace.current === EvalTrace.shared, !StagedCalls.isRecording,
      !InvalidValues.areRefused
    else { return nil }
    var operands: [Value] = []
    operands.reserveCapacity(last.avals.count)
    for (argument, aval) in zip(arguments.positional, last.avals) {
      guard case .array(let value) = argument, case .array(let array) = value, array.aval == aval
      else { return nil }
      operands.append(value)
    }
    return try packed(bind(last.primitive, operands, last.traced), last.traced)
  }
}

/// What tracing a function for one signature gave, and what `jit` was told about running it.
final class TracedFunction {
  let name: String
  let jaxpr: ClosedJaxpr
  /// What the function closed over that is no constant of the jaxpr: leading operands. For `jit`
  /// that is tracers.
  let captured: [Value]
  let inTree: TreeDef
  let outTree: TreeDef
  let avals: [ShapedArray]
  let donated: [Bool]
  let keepsUnused: Bool
  let keywordNames: [Symbol]
  /// The place of each operand among the arguments, as `x['w']`.
  let argumentNames: [String]

  init(
    name: String, jaxpr: ClosedJaxpr, captured: [Value], inTree: TreeDef, outTree: TreeDef,
    avals: [ShapedArray], donated: [Bool], keepsUnused: Bool, keywordNames: [Symbol],
    argumentNames: [String]
  ) {
    self.name = name
    self.jaxpr = jaxpr
    self.captured = captured
    self.inTree = inTree
    self.outTree = outTree
    self.avals = avals
    self.donated = donated
    self.keepsUnused = keepsUnused
    self.keywordNames = keywordNames
    self.argumentNames = argumentNames
  }

  /// Whether what it closed over is still being traced.
  var isLive: Bool { captured.allSatisfy(\.isLive) }

  /// The same trace, for a `jit` with other options.
  func with(donated: [Bool], keepsUnused: Bool) -> TracedFunction {
    if donated == self.donated && keepsUnused == self.keepsUnused { return self }
    return TracedFunction(
      name: name, jaxpr: jaxpr, captured: captured, inTree: inTree, outTree: outTree, avals: avals,
      donated: donated, keepsUnused: keepsUnused, keywordNames: keywordNames,
      argumentNames: argumentNames)
  }
}

/// What a function is traced for, as messages say it.
enum TracePurpose: String {
  case jit
  case checkpoint = "checkpoint / remat"
}

/// The signature of a call: avals, tree structure, statics, and the settings that tracing sees.
struct TraceKey {
  let hash: Int
  let purpose: TracePurpose
  let avals: [ShapedArray]
  let tree: TreeDef
  let statics: [Object]
  let labels: [String]
  let axes: [NamedAxis]
  let context: Configuration.TraceContext

  init(_ call: JitFunction.SplitCall, _ purpose: TracePurpose) throws {
    self.purpose = purpose
    avals = call.avals
    tree = call.tree
    statics = call.staticPositional.map(\.1) + call.staticKeywords.map(\.value)
    labels =
      call.staticPositional.map { "\($0.0)" } + call.staticKeywords.map(\.name.text)
      + call.keywordNames.map(\.text).sorted()
    axes = NamedAxis.inScope
    context = Configuration.traceContext
    var hasher = Hasher()
    hasher.combine(purpose)
    hasher.combine(avals)
    tree.combine(into: &hasher)
    for object in statics { hasher.combine(try Host.hash(object)) }
    hasher.combine(labels)
    hasher.combine(axes)
    hasher.combine(context)
    hash = hasher.finalize()
  }

  func equals(_ other: TraceKey) throws -> Bool {
    guard hash == other.hash, purpose == other.purpose, avals == other.avals,
      labels == other.labels, axes == other.axes, context == other.context,
      try tree.isEqual(to: other.tree), statics.count == other.statics.count
    else { return false }
    return try zip(statics, other.statics).allSatisfy {
      try typeOf($0) === typeOf($1) && equalKeys($0, $1)
    }
  }
}

/// The traces of all functions. They belong to the function, not to one `jit` object, and are
/// forgotten with it. Bound methods of one receiver share the traces of the first of them, while
/// it lives: a method that was bound anew sees what has changed in its receiver.
enum TraceCache {
  private struct Entry {
    weak var function: AnyObject?
    var traces: [Int: [(key: TraceKey, traced: TracedFunction)]] = [:]
    /// The jaxprs that have run.
    var executed: Set<ObjectIdentifier> = []
  }

  private nonisolated(unsafe) static var entries: [FunctionIdentity: Entry] = [:]
  /// How many entries are kept before those of functions that are gone are looked for.
  private nonisolated(unsafe) static var capacity = 1000

  /// The identity of a callable: bound methods are the same for one receiver and function.
  private struct FunctionIdentity: Hashable {
    var first: ObjectIdentifier?
    var second: ObjectIdentifier?

    init(_ function: Object) {
      if case .method(let method) = function, let receiver = method.receiver.reference {
        first = ObjectIdentifier(receiver)
        second = method.function.reference.map { ObjectIdentifier($0) }
      } else {
        first = function.reference.map { ObjectIdentifier($0) }
      }
    }
  }

  /// The entry of a function that is alive: another may have had the same address before.
  private static func entry(_ function: Object) -> Entry? {
    let identity = FunctionIdentity(function)
    guard let entry = entries[identity] else { return nil }
    if entry.function == nil { entries[identity] = nil }
    return entry.function == nil ? nil : entry
  }

  static func find(_ function: Object, _ key: TraceKey) -> TracedFunction? {
    entry(function)?.traces[key.hash]?.first { known in
      known.traced.isLive && (try? known.key.equals(key)) ?? false
    }?.traced
  }

  static func insert(_ function: Object, _ key: TraceKey, _ traced: TracedFunction) {
    if entries.count >= capacity {
      entries = entries.filter { $0.value.function != nil }
      capacity = max(1000, 2 * entries.count)
    }
    let identity = FunctionIdentity(function)
    if entries[identity]?.function == nil {
      entries[identity] = Entry(function: function.reference)
    }
    entries[identity]?.traces[key.hash, default: []].removeAll { !$0.traced.isLive }
    entries[identity]?.traces[key.hash, default: []].append((key, traced))
  }

  static func noteExecution(_ function: Object, _ traced: TracedFunction) {
    entries[FunctionIdentity(function)]?.executed.insert(ObjectIdentifier(traced.jaxpr))
  }

  /// For how many signatures the function has run, through whichever `jit` objects.
  static func executionCount(_ function: Object) -> Int {
    entry(function)?.executed.count ?? 0
  }

  /// Counts how often traces were forgotten.
  private(set) nonisolated(unsafe) static var generation = 0

  static func clear(_ function: Object) {
    entries[FunctionIdentity(function)] = nil
    generation += 1
  }

  static func clearAll() {
    entries.removeAll()
    generation += 1
  }
}

/// How Python names a type whose objects have no hash.
private func unhashableName(_ object: Object) -> String {
  if case .array = object { return typeOf(object).displayName }
  return typeOf(object).name
}
