import HLO
import Support
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
  public private(set) var inAvals: [ShapedArray] = []
  public private(set) var outAvals: [ShapedArray] = []

  init(_ builder: FunctionBuilder, _ module: ModuleLowering) {
    self.builder = builder
    self.module = module
  }

  /// The tensor type that holds `aval`.
  public func type(_ aval: ShapedArray) -> TensorType { aval.loweredType }

  /// The type of result `index`.
  public func resultType(_ index: Int = 0) -> TensorType { outAvals[index].loweredType }

  /// `operand` repeated to the shape of the result: scalars are the only other shape that
  /// elementwise primitives take.
  public func broadcast(_ operand: ValueID, _ aval: ShapedArray, to shape: Shape) throws -> ValueID
  {
    if aval.shape == shape { return operand }
    return try builder.broadcastInDim(
      operand, shape.dimensions + (aval.dtype == .key ? [2] : []),
      Array(shape.rank - aval.rank..<shape.rank))
  }

  /// Emits `jaxpr` as a private function called `name`, once for each jaxpr, and calls it.
  public func call(_ jaxpr: ClosedJaxpr, name: String, _ operands: [ValueID]) throws -> [ValueID] {
    let function = try module.function(for: jaxpr, name: name)
    return try builder.call(
      function, operands, resultTypes: jaxpr.outAvals.map { .tensor($0.loweredType) })
  }

  /// Emits the equations of `jaxpr` here.
  public func inline(_ jaxpr: ClosedJaxpr, _ operands: [ValueID]) throws -> [ValueID] {
    var values = [ValueID?](repeating: nil, count: jaxpr.types.count)
    for (variable, value) in zip(jaxpr.invars, operands) { values[Int(variable.index)] = value }
    for (variable, constant) in zip(jaxpr.constvars, jaxpr.consts) {
      guard let array = constant.concrete else {
        throw RaisedError(.unexpectedTracerError, "a constant of this function is a tracer")
      }
      values[Int(variable.index)] = try builder.constant(array.tensor().keyAsWords)
    }
    func read(_ atom: Atom) throws -> ValueID {
      switch atom {
      case .variable(let variable): return values[Int(variable.index)]!
      case .literal(let array): return try builder.constant(array.tensor())
      }
    }
    let savedIn = inAvals
    let savedOut = outAvals
    let savedSpan = builder.span
    defer {
      inAvals = savedIn
      outAvals = savedOut
      builder.span = savedSpan
    }
    for equation in jaxpr.equations {
      if let span = equation.span { builder.span = span }
      inAvals = equation.inputs.map { jaxpr.aval($0) }
      outAvals = equation.outputs.map { jaxpr.aval($0) }
      let results = try equation.primitive.lower(self, equation.inputs.map(read))
      for (variable, result) in zip(equation.outputs, results) {
        values[Int(variable.index)] = result
      }
    }
    return try jaxpr.outvars.map(read)
  }

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
  private var known: [ClosedJaxpr: String] = [:]

  func function(for jaxpr: ClosedJaxpr, name: String) throws -> String {
    if let known = known[jaxpr] { return known }
    var unique = symbolName(name)
    var suffix = 0
    while !names.insert(unique).inserted {
      unique = "\(symbolName(name))_\(suffix)"
      suffix += 1
    }
    known[jaxpr] = unique
    // The place in the module is that of the first call, before the functions it calls itself.
    let position = functions.count
    functions.append(Function(name: unique, visibility: .private, arguments: []))
    functions[position] = try build(jaxpr, name: unique, visibility: .private)
    return unique
  }

  func build(_ jaxpr: ClosedJaxpr, name: String, visibility: Visibility) throws -> Function {
    let builder = FunctionBuilder(
      name: name, visibility: visibility, arguments: jaxpr.inAvals.map { .tensor($0.loweredType) })
    let context = LoweringContext(builder, self)
    try builder.return(context.inline(jaxpr, builder.arguments))
    return try builder.finish()
  }

  func module(_ jaxpr: ClosedJaxpr, name: String, resultInfo: [String]?) throws -> Module {
    var main = try build(jaxpr, name: "main", visibility: .public)
    if let resultInfo {
      main.resultAttributes = resultInfo.map { [NamedAttribute("jax.result_info", .string($0))] }
    }
    return Module(
      name: "jit_" + symbolName(name),
      attributes: [
        NamedAttribute("mhlo.num_partitions", .integer(1, type: "i32")),
        NamedAttribute("mhlo.num_replicas", .integer(1, type: "i32")),
      ], functions: [main] + functions)
  }
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
public func lower(_ jaxpr: ClosedJaxpr, name: String, resultInfo: [String]? = nil) throws -> Module
{
  try ModuleLowering().module(jaxpr, name: name, resultInfo: resultInfo)
}

extension ShapedArray {
  /// How StableHLO holds the array: keys are pairs of words.
  public var loweredType: TensorType {
    if dtype == .key { return TensorType(shape.dimensions + [2], .u32) }
    return TensorType(shape, dtype == .float0 ? .bool : dtype)
  }
}

extension HostTensor {
  /// Keys as the words that compiled code sees; other tensors unchanged.
  public var keyAsWords: HostTensor {
    type == .key
      ? HostTensor(type: .u32, shape: Shape(shape.dimensions + [2]), buffer: buffer) : self
  }
}
