import Core

/// A stand-in for a variable of the jaxpr that is being built, or for a constant of it.
public final class StagingTracer: Tracer {
  enum Meaning {
    case variable(Var)
    case constant(DeviceArray)
  }

  let meaning: Meaning

  init(_ variable: Var, _ aval: ShapedArray, _ trace: Trace) {
    meaning = .variable(variable)
    super.init(aval, trace)
  }

  init(_ constant: DeviceArray, _ trace: Trace) {
    meaning = .constant(constant)
    super.init(constant.aval, trace)
  }

  public override var constant: DeviceArray? {
    switch meaning {
    case .variable: nil
    case .constant(let array): array
    }
  }

  public override var className: String { "DynamicJaxprTracer" }

  public override var description: String { "JitTracer(\(aval.longDescription))" }

  public override var origin: String { (trace as? StagingTrace)?.origin(of: meaning) ?? "" }
}

/// What is being traced, and why: for messages about its tracers. JAX's `DebugInfo`.
public struct TracedSource {
  /// The function's name, with `at FILE:LINE` where that is known.
  public var function: String
  /// `jit`, `scan`, `while_body`, …
  public var purpose: String
  /// The names of the leaves of the arguments; asked for when a message needs them.
  public var argumentNames: () -> [String]

  public init(function: String, purpose: String, argumentNames: @escaping () -> [String]) {
    self.function = function
    self.purpose = purpose
    self.argumentNames = argumentNames
  }
}

/// Staging: every bind becomes an equation, also one without a tracer operand.
///
/// Values from outside become constants: an array once, however often it is used. JAX's
/// `DynamicJaxprTrace`.
public class StagingTrace: Trace {
  private var types: [ShapedArray] = []
  private var invars: [Var] = []
  private var equations: [Equation] = []
  private var constvars: [Var] = []
  private var consts: [Value] = []
  private var constantVariables: [ObjectIdentifier: Var] = [:]

  private let source: TracedSource?
  /// Whether equations are left out whose results are known.
  private let folds: Bool
  /// The names around the whole trace.
  private let outerNames = Trace.source.nameStack

  public init(source: TracedSource? = nil, folds: Bool = true) {
    self.source = source
    self.folds = folds
  }

  public override var sourceDescription: String? {
    source.map { "\($0.function) traced for \($0.purpose)" }
  }

  private func newVariable(_ aval: ShapedArray) -> Var {
    types.append(aval)
    return Var(types.count - 1)
  }

  /// A new parameter of the jaxpr.
  public func newInput(_ aval: ShapedArray) -> Value {
    let variable = newVariable(aval)
    invars.append(variable)
    return .tracer(StagingTracer(variable, aval, self))
  }

  /// Whether literals that are residuals become constants.
  var hoistsResiduals: Bool { false }

  /// Whether `value` is a variable of this trace.
  func owns(_ value: Value) -> Bool {
    switch value {
    case .tracer(let tracer): tracer.trace === self
    case .array: false
    }
  }

  func atom(_ value: Value) throws -> Atom {
    switch value {
    case .array(let array):
      if array.isInline && !(array.isResidual && hoistsResiduals) { return .literal(array) }
      return .variable(constant(value, identity: ObjectIdentifier(array)))
    case .tracer(let tracer):
      if tracer.trace === self, let tracer = tracer as? StagingTracer {
        switch tracer.meaning {
        case .variable(let variable): return .variable(variable)
        case .constant(let array): return try atom(.array(array))
        }
      }
      guard tracer.trace.isLive else { throw leakedTracer(tracer) }
      return .variable(constant(value, identity: ObjectIdentifier(tracer)))
    }
  }

  private func constant(_ value: Value, identity: ObjectIdentifier) -> Var {
    if let known = constantVariables[identity] { return known }
    let variable = newVariable(value.aval)
    constantVariables[identity] = variable
    constvars.append(variable)
    consts.append(value)
    return variable
  }

  public override func pure(_ array: DeviceArray) -> Value { .tracer(StagingTracer(array, self)) }

  /// Says which arguments a tracer was computed from.
  func origin(of meaning: StagingTracer.Meaning) -> String {
    guard let source else { return "" }
    var text =
      "\nThe error occurred while tracing the function \(source.function) for \(source.purpose). "
    guard case .variable(let variable) = meaning else { return text }
    var active: Set<Var> = [variable]
    for equation in equations.reversed() where equation.outputs.contains(where: active.contains) {
      active.subtract(equation.outputs)
      active.formUnion(equation.inputs.compactMap(\.variable))
    }
    let names = source.argumentNames()
    let positions = invars.indices.filter { active.contains(invars[$0]) }
    guard positions.allSatisfy(names.indices.contains) else { return "" }
    guard let last = positions.last.map({ names[$0] }) else { return text }
    let rest = positions.dropLast().map { names[$0] }
    let several =
      switch rest.count {
      case 0: "value of the argument \(last)"
      case 1: "values of the arguments \(rest[0]) and \(last)"
      default: "values of the arguments \(rest.joined(separator: ", ")), and \(last)"
      }
    text +=
      "This concrete value was not available in Python because it depends on the \(several)."
    return text
  }

  public override func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    guard isLive else {
      throw RaisedError(.unexpectedTracerError, "the trace of this function has ended")
    }
    let avals = try primitive.resultAvals(operands.map(\.aval))
    if folds, let folded = try primitive.folded(operands) {
      return folded.map { value in
        switch value {
        case .array(let array): pure(array)
        case .tracer: value
        }
      }
    }
    let inputs = try operands.map(atom)
    let outputs = avals.map(newVariable)
    var origin = Trace.source
    origin.nameStack = origin.nameStack.inside(outerNames)
    equations.append(Equation(primitive, inputs, outputs, source: origin))
    return zip(outputs, avals).map { .tracer(StagingTracer($0, $1, self)) }
  }

  public override func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    let staged = try stage(operands.map(\.aval), call.function)
    let (jaxpr, captured) = hoistTracers(staged)
    return try bind(
      CustomJVPCall(name: call.name, jaxpr: jaxpr, capturedCount: captured.count, rule: call),
      captured + operands)
  }

  public override func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    let staged = try stage(operands.map(\.aval), call.function)
    let (jaxpr, captured) = hoistTracers(staged)
    return try bind(
      CustomVJPCall(name: call.name, jaxpr: jaxpr, capturedCount: captured.count, rule: call),
      captured + operands)
  }

  /// Ends the trace: the jaxpr from the inputs to `outputs`.
  public func finish(_ outputs: [Value]) throws -> ClosedJaxpr {
    let outvars = try outputs.map(atom)
    invalidate()
    return ClosedJaxpr(
      constvars: constvars, consts: consts, invars: invars, equations: equations,
      outvars: outvars, types: types)
  }
}

/// Traces `function` at `avals`. Tracers of outer traces that it closes over become constants.
///
/// - Parameter folds: whether equations are left out whose results are known.
public func stage(
  _ avals: [ShapedArray], source: TracedSource? = nil, folds: Bool = true,
  _ function: FlatFunction
) throws -> ClosedJaxpr {
  let trace = Trace.withoutNames { StagingTrace(source: source, folds: folds) }
  let inputs = avals.map { trace.newInput($0) }
  do {
    return try Trace.withoutNames {
      try trace.withCurrent { try trace.finish(function(inputs)) }
    }
  } catch {
    trace.invalidate()
    throw error
  }
}

/// Makes constants that are tracers leading parameters; arrays stay constants.
///
/// - Returns: the jaxpr, and the values of the new parameters.
public func hoistTracers(_ jaxpr: ClosedJaxpr) -> (ClosedJaxpr, [Value]) {
  func isHoisted(_ value: Value) -> Bool {
    value.concrete.map { $0.isInline && $0.isResidual } ?? true
  }
  guard jaxpr.consts.contains(where: isHoisted) else { return (jaxpr, []) }
  return hoistConstants(jaxpr, where: isHoisted)
}

/// Makes the constants that satisfy `isHoisted` leading parameters.
public func hoistConstants(_ jaxpr: ClosedJaxpr, where isHoisted: (Value) -> Bool = { _ in true })
  -> (ClosedJaxpr, [Value])
{
  var kept: [(Var, Value)] = []
  var hoisted: [(Var, Value)] = []
  for (variable, value) in zip(jaxpr.constvars, jaxpr.consts) {
    if isHoisted(value) {
      hoisted.append((variable, value))
    } else {
      kept.append((variable, value))
    }
  }
  if hoisted.isEmpty { return (jaxpr, []) }
  let result = ClosedJaxpr(
    constvars: kept.map(\.0), consts: kept.map(\.1), invars: hoisted.map(\.0) + jaxpr.invars,
    equations: jaxpr.equations, outvars: jaxpr.outvars, types: jaxpr.types)
  return (result, hoisted.map(\.1))
}
