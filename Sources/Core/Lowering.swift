import HLO
import Tensor

/// What lowering rules emit into: one function of the module that is being built.
///
/// A nested jaxpr becomes a private function that is shared by identity (`call`), or is emitted in
/// place (`inline`), as JAX does.
public final class LoweringContext {
  /// Where rules emit.
  public let builder: FunctionBuilder
  private let module: ModuleLowering
  /// The avals of the operands and results of the equation that is being lowered.
  public fileprivate(set) var inAvals: [ShapedArray] = []
  public fileprivate(set) var outAvals: [ShapedArray] = []

  init(_ builder: FunctionBuilder, _ module: ModuleLowering) {
    self.builder = builder
    self.module = module
  }

  /// The type of result `index`.
  public func resultType(_ index: Int = 0) -> TensorType { outAvals[index].loweredType }

  /// `operand` repeated to the shape of the result: scalars are the only other shape that
  /// elementwise primitives take.
  public func broadcast(_ operand: ValueID, _ aval: ShapedArray, to shape: Shape) throws -> ValueID
  {
    if aval.shape == shape { return operand }
    // The words of keys are an axis of their own.
    let words = aval.dtype == .key ? [shape.rank] : []
    return try builder.broadcastInDim(
      operand, shape.dimensions + words.map { _ in 2 },
      Array(shape.rank - aval.rank..<shape.rank) + words)
  }

  /// Emits `jaxpr` as a private function called `name`, once for each jaxpr, and calls it.
  public func call(_ jaxpr: ClosedJaxpr, name: String, _ operands: [ValueID]) throws -> [ValueID] {
    let function = try module.function(for: jaxpr, name: name)
    return try builder.call(
      function, operands, resultTypes: jaxpr.outAvals.map { .tensor($0.loweredType) })
  }

  /// Emits `body` as a private function called `name`, once for each primitive and operand types,
  /// and calls it: JAX lowers the longer rules so.
  public func share(
    _ primitive: any Primitive, name: String, _ operands: [ValueID],
    _ body: (LoweringContext, [ValueID]) throws -> [ValueID]
  ) throws -> [ValueID] {
    let function = try module.function(
      for: AnyHashable(primitive), name: name, inAvals, outAvals, body)
    return try builder.call(
      function, operands, resultTypes: outAvals.map { .tensor($0.loweredType) })
  }

  /// Runs `body`, whose operations are a part of the primitive at hand, such as `body` of a loop:
  /// their locations say so.
  public func part<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = builder.location
    defer { builder.location = outer }
    builder.location = Location(name: name).inlined(at: outer)
    return try body()
  }

  /// Emits the equations of `jaxpr` here.
  public func inline(_ jaxpr: ClosedJaxpr, _ operands: [ValueID]) throws -> [ValueID] {
    var values = [ValueID?](repeating: nil, count: jaxpr.types.count)
    for (variable, value) in zip(jaxpr.invars, operands) { values[Int(variable.index)] = value }
    for (variable, constant) in zip(jaxpr.constvars, jaxpr.consts) {
      guard let array = constant.concrete else {
        throw RaisedError(.unexpectedTracerError, "a constant of this function is a tracer")
      }
      values[Int(variable.index)] = try builder.constant(array.tensor().lowered)
    }
    func read(_ atom: Atom) throws -> ValueID {
      switch atom {
      case .variable(let variable): return values[Int(variable.index)]!
      case .literal(let array): return try builder.constant(array.tensor().lowered)
      }
    }
    let savedIn = inAvals
    let savedOut = outAvals
    let outer = builder.location
    var names = NameStack()
    var paths: [String: String] = [:]
    defer {
      inAvals = savedIn
      outAvals = savedOut
      builder.location = outer
    }
    /// The path of an equation here; neighbours share them.
    func path(_ equation: Equation) -> String {
      if equation.source.nameStack != names {
        names = equation.source.nameStack
        paths = [:]
      }
      let inner = equation.primitive.path(in: names)
      if let known = paths[inner] { return known }
      let path = outer.name.map { "\($0)/\(inner)" } ?? inner
      paths[inner] = path
      return path
    }
    for equation in jaxpr.equations {
      builder.location = Location(
        span: equation.source.span ?? outer.span, name: path(equation))
      inAvals = equation.inputs.map { jaxpr.aval($0) }
      outAvals = equation.outputs.map { jaxpr.aval($0) }
      let results = try equation.primitive.lower(self, equation.inputs.map(read))
      for (variable, result) in zip(equation.outputs, results) {
        values[Int(variable.index)] = result
      }
    }
    return try jaxpr.outvars.map(read)
  }

  /// `value`, with JAX's mark on keys that enter or leave a program: their words stay together
  /// wherever the keys are.
  fileprivate func constrained(_ value: ValueID, _ aval: ShapedArray) throws -> ValueID {
    guard aval.dtype == .key else { return value }
    let axes = aval.shape.dimensions.map { _ in "{?}" } + ["{}"]
    let sharding = "<@\(Self.emptyMesh.name), [\(axes.joined(separator: ", "))]>"
    return try builder.emitOne(.shardingConstraint(sharding: sharding), [value])
  }

  /// The mesh of programs for one device.
  fileprivate static let emptyMesh = Mesh(
    name: "empty_mesh", axes: "<[]>",
    attributes: [
      NamedAttribute("stablehlo.mesh", .dictionary([NamedAttribute("axes", .array([]))]))
    ]
  )

  /// Runs `body` with the avals of a step that a rule lowers by another primitive's rule.
  public func lower(
    _ primitive: any Primitive, _ operands: [ValueID], _ avals: [ShapedArray]
  ) throws -> [ValueID] {
    let savedIn = inAvals
    let savedOut = outAvals
    defer {
      inAvals = savedIn
      outAvals = savedOut
    }
    inAvals = avals
    outAvals = try primitive.abstractEval(avals)
    return try primitive.lower(self, operands)
  }
}

/// The functions of a module while it is being built.
final class ModuleLowering {
  private var functions: [Function] = []
  private var names: Set<String> = ["main"]
  /// The next number that makes a name unique; all names share it, as in MLIR.
  private var suffix = 0
  private var known: [ClosedJaxpr: String] = [:]
  private var shared: [SharedKey: String] = [:]
  /// Whether functions keep names that are no identifiers, as in JAX's text: `@"<lambda>"`.
  private let keepsNames: Bool

  init(keepsNames: Bool = false) { self.keepsNames = keepsNames }

  private struct SharedKey: Hashable {
    var primitive: AnyHashable
    var avals: [ShapedArray]
  }

  private func unique(_ name: String) -> String {
    let base = keepsNames ? name : symbolName(name)
    var unique = base
    while !names.insert(unique).inserted {
      unique = "\(base)_\(suffix)"
      suffix += 1
    }
    return unique
  }

  func function(
    for primitive: AnyHashable, name: String, _ inAvals: [ShapedArray], _ outAvals: [ShapedArray],
    _ body: (LoweringContext, [ValueID]) throws -> [ValueID]
  ) throws -> String {
    let key = SharedKey(primitive: primitive, avals: inAvals)
    if let known = shared[key] { return known }
    let name = unique(name)
    shared[key] = name
    let position = functions.count
    functions.append(Function(name: name, visibility: .private, arguments: []))
    let builder = FunctionBuilder(
      name: name, visibility: .private, arguments: inAvals.map { .tensor($0.loweredType) })
    let context = LoweringContext(builder, self)
    context.inAvals = inAvals
    context.outAvals = outAvals
    try builder.return(body(context, builder.arguments))
    functions[position] = try builder.finish()
    return name
  }

  func function(for jaxpr: ClosedJaxpr, name: String) throws -> String {
    if let known = known[jaxpr] { return known }
    let unique = unique(name)
    known[jaxpr] = unique
    // The place in the module is that of the first call, before the functions it calls itself.
    let position = functions.count
    functions.append(Function(name: unique, visibility: .private, arguments: []))
    functions[position] = try build(jaxpr, name: unique)
    return unique
  }

  /// A private function, whose locations begin where it is called.
  private func build(_ jaxpr: ClosedJaxpr, name: String) throws -> Function {
    let builder = FunctionBuilder(
      name: name, visibility: .private, arguments: jaxpr.inAvals.map { .tensor($0.loweredType) })
    let context = LoweringContext(builder, self)
    try builder.return(context.inline(jaxpr, builder.arguments))
    return try builder.finish()
  }

  func module(_ jaxpr: ClosedJaxpr, name: String, resultInfo: [String]?) throws -> Module {
    // What rules stage while they lower belongs to the equation that they lower.
    let source = Trace.source
    Trace.source = SourceInfo()
    defer { Trace.source = source }
    let builder = FunctionBuilder(
      name: "main", visibility: .public, arguments: jaxpr.inAvals.map { .tensor($0.loweredType) })
    builder.location.name = "jit(\(name))"
    let context = LoweringContext(builder, self)
    let arguments = try zip(builder.arguments, jaxpr.inAvals).map(context.constrained)
    let results = try context.inline(jaxpr, arguments)
    try builder.return(zip(results, jaxpr.outAvals).map(context.constrained))
    var main = try builder.finish()
    if let resultInfo {
      main.resultAttributes = resultInfo.map { [NamedAttribute("jax.result_info", .string($0))] }
    }
    return Module(
      name: moduleName(name),
      attributes: [
        NamedAttribute("mhlo.num_partitions", .integer(1, type: "i32")),
        NamedAttribute("mhlo.num_replicas", .integer(1, type: "i32")),
      ],
      meshes: (jaxpr.inAvals + jaxpr.outAvals).contains { $0.dtype == .key }
        ? [LoweringContext.emptyMesh] : [], functions: [main] + functions)
  }
}

/// What the module of a Python function is called: `jit_f`, also for `f_`.
private func moduleName(_ name: String) -> String {
  let symbol = "jit_" + symbolName(name)
  return String(symbol.prefix(upTo: symbol.lastIndex { $0 != "_" }.map(symbol.index(after:))!))
}

/// The name of a Python function as a symbol: `<lambda>` becomes `_lambda`.
func symbolName(_ name: String) -> String {
  var symbol = ""
  for scalar in name.unicodeScalars {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", ".": symbol.unicodeScalars.append(scalar)
    case ">": break
    default: symbol += "_"
    }
  }
  return symbol
}

/// Lowers `jaxpr` to a module whose `main` computes it.
///
/// - Parameters:
///   - name: of the traced function; the module is called `jit_<name>`.
///   - resultInfo: the path of each result in the returned tree, as JAX prints it.
///   - donated: which parameters are given up; each says which result takes its place.
public func lower(
  _ jaxpr: ClosedJaxpr, name: String, resultInfo: [String]? = nil, donated: [Bool] = []
) throws -> Module {
  var module = try ModuleLowering().module(jaxpr, name: name, resultInfo: resultInfo)
  module.addAliases(jaxpr, donated: donated)
  return module
}

/// Lowers `jaxpr` to the module that JAX shows: without equations that nothing reads and, unless
/// `keepsUnused`, without parameters that nothing reads.
///
/// - Parameter donated: which parameters are given up; each says which result takes its place.
public func lowerForDisplay(
  _ jaxpr: ClosedJaxpr, name: String, resultInfo: [String], donated: [Bool], keepsUnused: Bool
) throws -> Module {
  let (live, used) = jaxpr.pruned(jaxpr.outvars.map { _ in true }, keepsInputs: keepsUnused)
  var module = try ModuleLowering(keepsNames: true).module(
    live, name: name, resultInfo: resultInfo)
  module.addAliases(live, donated: zip(donated, used).filter(\.1).map(\.0))
  return module
}

extension Module {
  /// Says which result takes the place of each parameter of `jaxpr` that is given up: the first one of
  /// its type that is free.
  fileprivate mutating func addAliases(_ jaxpr: ClosedJaxpr, donated: [Bool]) {
    var free = donated.indices.filter { donated[$0] }
    for (result, aval) in jaxpr.outAvals.enumerated() where !free.isEmpty {
      let place = free.firstIndex {
        jaxpr.inAvals[$0].shape == aval.shape && jaxpr.inAvals[$0].dtype == aval.dtype
      }
      guard let place else { continue }
      functions[0].argumentAttributes[free.remove(at: place)].append(
        NamedAttribute("tf.aliasing_output", .integer(result, type: "i32")))
    }
  }
}

extension ShapedArray {
  /// How StableHLO holds the array: keys are pairs of words.
  public var loweredType: TensorType {
    if dtype == .key { return TensorType(shape.dimensions + [2], .u32) }
    return TensorType(shape, dtype == .float0 ? .bool : dtype)
  }
}

extension HostTensor {
  /// What compiled code sees: keys as words, `float0` as `false`, other tensors unchanged.
  public var lowered: HostTensor {
    if type == .key {
      return HostTensor(type: .u32, shape: Shape(shape.dimensions + [2]), buffer: buffer)
    }
    return type == .float0 ? HostTensor.zeros(.bool, shape) : self
  }
}
