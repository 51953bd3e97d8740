import Core
import HLO
import Primitives
import Syntax
import Tensor

/// `jax.ShapeDtypeStruct(shape, dtype)`: the type of an array, without elements.
final class ShapeDtypeStruct: NativeObject {
  let aval: ShapedArray
  /// Where the array will be, if that is known: it will lie there row by row.
  let device: Device?

  init(_ aval: ShapedArray, on device: Device? = nil) {
    self.aval = aval
    self.device = device
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "ShapeDtypeStruct", base: Types.object, module: "jax")
    cls.construct = { _, arguments in
      var shape = arguments.positional.first
      var dtype = arguments.positional.dropFirst().first
      var weak = false
      for (name, value) in arguments.keywords {
        switch name.text {
        case "shape": shape = value
        case "dtype": dtype = value
        case "weak_type": weak = try isTrue(value)
        default: break
        }
      }
      guard let shape, let dtype, !dtype.isNone else {
        throw valueError("ShapeDtypeStruct: dtype must be specified.")
      }
      let extents = try list(shape).map { try requireIndex($0) }
      return .native(
        ShapeDtypeStruct(
          ShapedArray(
            Shape(extents),
            Promotion.canonicalize(try elementType(dtype), x64: Configuration.x64),
            weakType: weak)))
    }
    cls.def("update(self, *, shape=, dtype=, weak_type=)", of: ShapeDtypeStruct.self) { spec, a in
      var aval = spec.aval
      if let shape = a[1] { aval.shape = Shape(try list(shape).map(requireIndex)) }
      if let dtype = a[2] {
        aval.dtype = Promotion.canonicalize(try elementType(dtype), x64: Configuration.x64)
      }
      if let weak = a[3] { aval.weakType = try isTrue(weak) }
      return .native(ShapeDtypeStruct(aval, on: spec.device))
    }
    return cls
  }()

  override var cls: Class { ShapeDtypeStruct.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "shape": .ints(aval.shape.dimensions)
    case "dtype": .dtype(aval.dtype)
    case "ndim": .int(aval.rank)
    case "size": .int(aval.shape.count)
    case "weak_type": .bool(aval.weakType)
    case "sharding": device.map { .native(ShardingObject($0)) } ?? Object.none
    default: nil
    }
  }

  override func repr() throws -> String {
    let weak = aval.weakType ? ", weak_type=True" : ""
    var place = ""
    if let device {
      place =
        ", sharding=\(try ShardingObject(device).repr()), format=Layout(major_to_minor="
        + "\(ParameterValue.ints(Array(0..<aval.rank))), tiling=(), "
        + "sub_byte_element_size_in_bits=0)"
    }
    return
      "ShapeDtypeStruct(shape=\(ParameterValue.ints(aval.shape.dimensions)), "
      + "dtype=\(aval.dtype.numpyName)\(place)\(weak))"
  }

  override func count() throws -> Int? {
    guard let extent = aval.shape.dimensions.first else {
      throw typeError("len() of unsized object")
    }
    return extent
  }

  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as ShapeDtypeStruct) = other else { return nil }
    return aval == other.aval
  }

  override func hash() throws -> Int { aval.hashValue }
}

/// `jit(f).trace(…)`
final class TracedStage: NativeObject {
  let traced: TracedFunction

  init(_ traced: TracedFunction) { self.traced = traced }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "Traced", base: Types.object, module: "jax._src.stages")
    cls.def("lower(self)", of: TracedStage.self) { stage, _ in
      .native(try LoweredStage(stage.traced))
    }
    return cls
  }()

  override var cls: Class { TracedStage.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "jaxpr": .native(JaxprObject(traced.jaxpr))
    case "fun_name": .str(traced.name)
    case "out_avals":
      try traced.outTree.unflatten(traced.jaxpr.outAvals.map { .native(AvalObject($0)) })
    default: try traced.stageAttribute(name)
    }
  }
}

/// What a stage tells of one argument: its type, and whether its buffer is given away.
final class ArgumentInformation: NativeObject {
  let aval: ShapedArray
  let isDonated: Bool

  init(_ aval: ShapedArray, isDonated: Bool) {
    self.aval = aval
    self.isDonated = isDonated
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "ArgInfo", base: Types.object, module: "jax._src.stages")

  override var cls: Class { ArgumentInformation.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "shape": .ints(aval.shape.dimensions)
    case "dtype": .dtype(aval.dtype)
    case "donated": .bool(isDonated)
    case "_aval": .native(AvalObject(aval))
    default: nil
    }
  }

  override func repr() throws -> String {
    "ArgInfo(_aval=\(try AvalObject(aval).repr()), donated=\(isDonated ? "True" : "False"))"
  }
}

extension TracedFunction {
  /// What every stage tells of the function: its signature.
  func stageAttribute(_ name: Symbol) throws -> Object? {
    func isDonated(_ index: Int) -> Bool { donated.indices.contains(index) && donated[index] }
    switch name.text {
    case "in_tree": return .native(TreeDefObject(inTree))
    case "out_tree": return .native(TreeDefObject(outTree))
    case "out_info":
      return try outTree.unflatten(
        jaxpr.outAvals.map { .native(ShapeDtypeStruct($0.strengthened)) })
    case "in_avals":
      return try inTree.unflatten(avals.map { .native(AvalObject($0)) })
    case "args_info":
      return try inTree.unflatten(
        avals.enumerated().map {
          .native(ArgumentInformation($1, isDonated: isDonated($0)))
        })
    case "donate_argnums": return .ints(avals.indices.filter(isDonated))
    default: return nil
    }
  }

  /// The place of each result in what the function returns, as `result[0]['w']`.
  func resultPaths() throws -> [String] {
    try TreeDef.flattenWithPath(outTree.unflatten(jaxpr.outvars.map { _ in .int(0) })).leaves.map {
      try "result" + $0.path.map { try $0.text() }.joined()
    }
  }
}

/// `jit(f).lower(…)`
final class LoweredStage: NativeObject {
  let traced: TracedFunction

  init(_ traced: TracedFunction) throws {
    self.traced = traced
    super.init()
    _ = try module()
  }

  /// The StableHLO module.
  func module() throws -> Module {
    try lowerForDisplay(
      traced.jaxpr, name: traced.name, resultInfo: traced.resultPaths(), donated: traced.donated,
      keepsUnused: traced.keepsUnused)
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "Lowered", base: Types.object, module: "jax._src.stages")
    cls.def("as_text(self, dialect=, *, debug_info=)", of: LoweredStage.self) { stage, a in
      let module = try stage.module()
      if try dialect(a[1]) == .hlo { return .str(try compiler().hloText(module)) }
      return .str(
        try a[2].map(isTrue) ?? false
          ? module.text(locatedIn: Session.loader.sources) : module.description)
    }
    cls.def("compile(self, compiler_options=)", of: LoweredStage.self) { stage, a in
      if let options = a[1], !options.isNone {
        for name in try list(options).map(Host.str) where !name.hasPrefix("xla_") {
          throw raised(
            "JaxRuntimeError", "INVALID_ARGUMENT: No such compile option: '\(name)'")
        }
      }
      return .native(try CompiledStage(compiling: stage.traced))
    }
    cls.def("compiler_ir(self, dialect=)", of: LoweredStage.self) { stage, a in
      let module = try stage.module()
      let dialect = try dialect(a[1])
      let text = try dialect == .hlo ? compiler().hloText(module) : module.description
      return .native(IntermediateRepresentation(text, dialect, named: module.name ?? ""))
    }
    cls.def("cost_analysis(self)", of: LoweredStage.self) { stage, _ in
      try costDictionary(stage.module().cost.figures)
    }
    return cls
  }()

  fileprivate enum Dialect { case stablehlo, hlo }

  /// The dialect that a program asks for.
  private static func dialect(_ object: Object?) throws -> Dialect {
    guard let object, !object.isNone else { return .stablehlo }
    switch try Host.str(object) {
    case "stablehlo": return .stablehlo
    case "hlo": return .hlo
    case let name: throw valueError("unknown dialect: \(name)")
    }
  }

  override var cls: Class { LoweredStage.type }

  override func attribute(_ name: Symbol) throws -> Object? { try traced.stageAttribute(name) }
}

/// `jit(f).lower(…).compiler_ir()`: a module of StableHLO or a computation of HLO.
private final class IntermediateRepresentation: NativeObject {
  private let text: String
  private let dialect: LoweredStage.Dialect
  private let name: String

  init(_ text: String, _ dialect: LoweredStage.Dialect, named name: String) {
    self.text = text
    self.dialect = dialect
    self.name = name
  }

  nonisolated(unsafe) private static let module = Class(
    builtin: "Module", base: Types.object, module: "jaxlib.mlir._mlir_libs._mlir.ir")

  nonisolated(unsafe) private static let computation: Class = {
    let cls = Class(builtin: "XlaComputation", base: Types.object, module: "jaxlib._hlo")
    cls.def("as_hlo_text(self)", of: IntermediateRepresentation.self) { ir, _ in .str(ir.text) }
    cls.def("name(self)", of: IntermediateRepresentation.self) { ir, _ in .str(ir.name) }
    return cls
  }()

  override var cls: Class {
    dialect == .hlo ? IntermediateRepresentation.computation : IntermediateRepresentation.module
  }

  override func str() throws -> String { dialect == .hlo ? try repr() : text }
}

/// `jit(f).lower(…).compile()`: takes the signature it was lowered for, and nothing else.
final class CompiledStage: NativeObject {
  let traced: TracedFunction

  init(compiling traced: TracedFunction) throws {
    self.traced = traced
    try compiler().prepare(
      Jit(name: traced.name, jaxpr: traced.jaxpr), on: Devices.standard.device)
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "Compiled", base: Types.object, module: "jax._src.stages")
    cls.def("as_text(self)", of: CompiledStage.self) { stage, _ in
      .str(try compiler().optimizedText(stage.traced.jaxpr, name: stage.traced.name))
    }
    cls.def("cost_analysis(self)", of: CompiledStage.self) { stage, _ in
      try costDictionary(stage.figures().cost)
    }
    cls.def("memory_analysis(self)", of: CompiledStage.self) { stage, _ in
      .native(MemoryStatistics(try stage.figures(), aliasBytes: try stage.aliasBytes()))
    }
    return cls
  }()

  fileprivate func figures() throws -> CompiledFigures {
    try compiler().figures(traced.jaxpr, name: traced.name)
  }

  /// The bytes of the arguments that the caller gives up for results.
  fileprivate func aliasBytes() throws -> Int {
    guard let main = try LoweredStage(traced).module().entry else { return 0 }
    return zip(main.argumentTypes, main.argumentAttributes).reduce(0) { sum, argument in
      guard argument.1["tf.aliasing_output"] != nil, let type = argument.0.tensor else {
        return sum
      }
      return sum + type.count * type.element.byteCount
    }
  }

  override var cls: Class { CompiledStage.type }
  override var isCallable: Bool { true }

  override func attribute(_ name: Symbol) throws -> Object? {
    let sharding = Object.native(ShardingObject(Devices.standard.device))
    switch name.text {
    case "out_info":
      return try traced.outTree.unflatten(
        traced.jaxpr.outAvals.map {
          .native(ShapeDtypeStruct($0.strengthened, on: Devices.standard.device))
        })
    case "input_shardings": return try traced.inTree.unflatten(traced.avals.map { _ in sharding })
    case "output_shardings":
      return try traced.outTree.unflatten(traced.jaxpr.outAvals.map { _ in sharding })
    default: return try traced.stageAttribute(name)
    }
  }

  override func call(_ arguments: Arguments) throws -> Object {
    let keywords = Dict()
    for (name, value) in arguments.keywords { try keywords.table.set(.str(name.text), value) }
    let (leaves, tree) = try TreeDef.flatten(
      .tuple([.tuple(arguments.positional), .dict(keywords)]))
    guard try tree.isEqual(to: traced.inTree) else {
      throw typeError(
        try treeMismatches(arguments.positional, keywords))
    }
    let values = try leaves.map { try argumentValue($0) }
    for (value, aval) in zip(values, traced.avals) {
      if case .tracer = value {
        throw typeError(
          "Cannot apply JAX transformations to a function lowered and compiled for a particular "
            + "signature. Detected argument of Tracer type "
            + "\(try Host.repr(.type(typeOf(.array(value))))).")
      }
      guard value.shape == aval.shape, value.dtype == aval.dtype else {
        throw typeMismatches(values)
      }
    }
    let results = try Core.bind(Jit(name: traced.name, jaxpr: traced.jaxpr), values)
    return try traced.outTree.unflatten(results.map { .array($0) })
  }

  /// The message for arguments of another structure than the function was compiled for.
  private func treeMismatches(_ positional: [Object], _ keywords: Dict) throws -> String {
    let compiled = try list(
      traced.inTree.unflatten((0..<traced.inTree.leafCount).map { .int($0) }))
    var lines: [String] = []
    for (name, prefix, full) in [
      ("args", compiled[0], Object.tuple(positional)), ("kwargs", compiled[1], .dict(keywords)),
    ] {
      try collectMismatches(prefix, full, name, &lines)
    }
    return "Function compiled with input pytree does not match the input pytree it was called "
      + "with. There are \(lines.count) mismatches, including:\n"
      + lines.map { "    * at \($0)" }.joined(separator: "\n")
  }

  /// Says where two trees differ.
  private func collectMismatches(
    _ seen: Object, _ given: Object, _ path: String, _ lines: inout [String]
  ) throws {
    let (old, new) = (try TreeDef.node(seen), try TreeDef.node(given))
    guard let old, let new else {
      if old == nil && new == nil { return }
      func kind(_ object: Object, isNode: Bool) throws -> String {
        isNode ? try Host.repr(.type(typeOf(object))) : "pytree leaf"
      }
      lines.append(
        "\(path), seen \(try kind(seen, isNode: old != nil)) but now given "
          + "\(try kind(given, isNode: new != nil)), so their Python types differ")
      return
    }
    let types = [seen, given].map(typeOf)
    guard types[0] === types[1] else {
      lines.append(
        "\(path), seen \(try Host.repr(.type(types[0]))) but now given "
          + "\(try Host.repr(.type(types[1]))), so their Python types differ")
      return
    }
    let name = types[0].name
    if old.children.count != new.children.count {
      switch seen {
      case .tuple, .list:
        lines.append(
          "\(path), seen \(name) of length \(old.children.count) but now given \(name) of length "
            + "\(new.children.count), so the lengths do not match")
      default:
        let type = try Host.repr(.type(types[0]))
        func count(_ number: Int) -> String { number == 1 ? "1 child" : "\(number) children" }
        let keys = try [old.keys, new.keys].map { try $0.map(keyRepr) }
        let difference = (keys[0] + keys[1]).filter {
          !(keys[0].contains($0) && keys[1].contains($0))
        }
        lines.append(
          "\(path), seen \(type) with \(count(old.children.count)) but now given \(type) with "
            + "\(count(new.children.count)), so the numbers of children do not match, with the "
            + "symmetric difference of key sets: {\(difference.joined(separator: ", "))}")
      }
      return
    }
    let metadata = try [old, new].map { node in
      try metadataText(node.make(node.children.map { _ in .leaf }))
    }
    guard metadata[0] == metadata[1] else {
      let type = try Host.repr(.type(types[0]))
      lines.append(
        "\(path), seen \(type) with pytree metadata \(metadata[0]) but now given \(type) with "
          + "pytree metadata \(metadata[1]), so the pytree node metadata does not match")
      return
    }
    for ((a, b), key) in zip(zip(old.children, new.children), old.keys) {
      try collectMismatches(a, b, path + key.text(), &lines)
    }
  }

  /// The error for arguments of other types than the function was compiled for.
  private func typeMismatches(_ values: [Core.Value]) -> Raised {
    let names = traced.argumentNames
    let lines = zip(values, traced.avals).enumerated().compactMap { index, pair -> String? in
      let (value, aval) = pair
      if value.shape == aval.shape && value.dtype == aval.dtype { return nil }
      let name = names.indices.contains(index) ? names[index] : "args[\(index)]"
      return
        "Argument '\(name)' compiled with \(aval.strengthened.longDescription) and called with "
        + value.aval.strengthened.longDescription
    }
    return typeError(
      """
      Argument types differ from the types for which this computation was compiled. Perhaps you \
      are calling the compiled executable with a different enable_x64 mode than when it was AOT \
      compiled? The mismatches are:
      \(lines.joined(separator: "\n"))
      """)
  }
}
