import Core
import Tensor

/// A value with the tangent variable that depends on it.
final class LinearizeTracer: Tracer {
  let primal: Value
  let tangent: Value

  init(_ primal: Value, _ tangent: Value, _ trace: Trace) {
    self.primal = primal
    self.tangent = tangent
    super.init(primal.aval, trace)
  }

  override var concrete: DeviceArray? {
    switch primal {
    case .array(let array): array
    case .tracer(let tracer): tracer.concrete
    }
  }

  override var className: String { "LinearizeTracer" }

  override var description: String {
    "GradTracer(primal=\(primal.text), typeof(tangent)=\(tangent.aval))"
  }
}

/// Stages what depends on a tangent, and evaluates everything else in the parent at once.
final class TangentTrace: StagingTrace {
  private let parent: Trace

  init(parent: Trace) { self.parent = parent }

  override var hoistsResiduals: Bool { true }

  /// Whether operations without a tangent are staged too.
  private var stagesAll = false

  /// Runs the linear part of a higher-order primitive: all of it becomes part of the jaxpr, also
  /// zeros that stand for missing tangents.
  func stagingAll<Result>(_ body: () throws -> Result) throws -> Result {
    let saved = stagesAll
    stagesAll = true
    defer { stagesAll = saved }
    return try withCurrent(body)
  }

  override func pure(_ array: DeviceArray) -> Value { parent.pure(array) }

  override func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    if stagesAll || operands.contains(where: owns) {
      return try super.bind(primitive, operands)
    }
    return try parent.withCurrent { try parent.bind(primitive, operands) }
  }

  override func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    if operands.contains(where: owns) { return try super.bindCustomJVP(call, operands) }
    return try parent.withCurrent { try parent.bindCustomJVP(call, operands) }
  }

  override func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    if operands.contains(where: owns) { return try super.bindCustomVJP(call, operands) }
    return try parent.withCurrent { try parent.bindCustomVJP(call, operands) }
  }
}

/// Linearisation: primal values are computed in the parent, the derivative is staged as a linear
/// jaxpr over the tangents. JAX's `LinearizeTrace`.
final class LinearizeTrace: Trace {
  private let parent: Trace
  let tangentTrace: TangentTrace

  init(parent: Trace) {
    self.parent = parent
    tangentTrace = TangentTrace(parent: parent)
  }

  func split(_ value: Value) -> (Value, Tangent) {
    if case .tracer(let tracer) = value, tracer.trace === self,
      let tracer = tracer as? LinearizeTracer
    {
      return (tracer.primal, .value(tracer.tangent))
    }
    return (value, .zero(value.aval.tangent))
  }

  /// The value that stands for `primal` with tangent `tangent`.
  func join(_ primal: Value, _ tangent: Tangent) -> Value {
    switch tangent {
    case .zero: primal
    case .value(let tangent): .tracer(LinearizeTracer(primal, tangent, self))
    }
  }

  private func join(_ results: (primals: [Value], tangents: [Tangent])) -> [Value] {
    zip(results.primals, results.tangents).map { join($0, $1) }
  }

  override func pure(_ array: DeviceArray) -> Value { parent.pure(array) }

  override func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(split)
    let primals = pairs.map(\.0)
    let tangents = pairs.map(\.1)
    if tangents.allSatisfy(\.isZero) {
      return try parent.withCurrent { try parent.bind(primitive, primals) }
    }
    if let primitive = primitive as? any HigherOrderPrimitive {
      let linearization = try parent.withCurrent {
        try primitive.linearize(primals, nonzero: tangents.map { !$0.isZero })
      }
      let outTangents = try tangentTrace.stagingAll {
        try linearization.tangentFunction(tangents.compactMap(\.value))
      }
      var rest = outTangents[...]
      return zip(linearization.primals, linearization.nonzero).map {
        join($0, $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent))
      }
    }
    return try tangentTrace.withCurrent { join(try primitive.jvp(primals, tangents)) }
  }

  override func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(split)
    let primals = pairs.map(\.0)
    let tangents = pairs.map(\.1)
    if tangents.allSatisfy(\.isZero) {
      return try parent.withCurrent { try parent.bindCustomJVP(call, primals) }
    }
    return try tangentTrace.withCurrent { join(try call.jvp(primals, tangents)) }
  }

  override func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(split)
    let primals = pairs.map(\.0)
    let tangents = pairs.map(\.1)
    if tangents.allSatisfy(\.isZero) {
      return try parent.withCurrent { try parent.bindCustomVJP(call, primals) }
    }
    let (results, residuals) = try parent.withCurrent { try call.forward(primals) }
    let outTangents = try tangentTrace.withCurrent {
      try Core.bind(
        CustomVJPLinear(call: call, residualCount: residuals.count, outAvals: results.map(\.aval)),
        residuals + tangents.map(instantiate))
    }
    return zip(results, outTangents).map {
      join($0, $0.aval.dtype.isInexact ? .value($1) : .zero($0.aval.tangent))
    }
  }
}

/// The derivative of a function at a point: a linear jaxpr whose constants are the residuals.
public struct LinearMap {
  /// From the nonzero tangents to the tangents in `outputs`.
  public let jaxpr: ClosedJaxpr
  /// For each result of the function, its aval and whether it has a tangent.
  public let outAvals: [ShapedArray]
  public let nonzero: [Bool]

  /// The tangents of the results along `tangents`.
  public func apply(_ tangents: [Value]) throws -> [Tangent] {
    var rest = try evaluate(jaxpr, tangents)[...]
    return zip(outAvals, nonzero).map { $1 ? .value(rest.removeFirst()) : .zero($0.tangent) }
  }

  /// The cotangents of the operands, from those of all results.
  public func transpose(_ cotangents: [Tangent]) throws -> [Tangent] {
    try Trace.within(.transformation("transpose")) {
      try backwardPass(jaxpr, zip(cotangents, nonzero).filter(\.1).map(\.0))
    }
  }
}

/// Evaluates `function` at `primals` and linearises it there with respect to the operands in
/// `nonzero`; results in `forced` get a tangent even where it is zero.
public func linearize(
  _ function: FlatFunction, _ primals: [Value], nonzero: [Bool], instantiate forced: [Bool]? = nil
) throws -> (results: [Value], map: LinearMap) {
  let trace = LinearizeTrace(parent: Trace.current)
  let inputs = zip(primals, nonzero).map { primal, moves in
    moves
      ? trace.join(primal, .value(trace.tangentTrace.newInput(primal.aval.tangent))) : primal
  }
  let pairs = try trace.withCurrent {
    try function(inputs).enumerated().map { position, output in
      let (primal, tangent) = trace.split(output)
      guard case .zero(let aval) = tangent, forced?[position] == true else {
        return (primal, tangent)
      }
      return (primal, .value(try residualZeros(aval)))
    }
  }
  trace.invalidate()
  let tangents = try trace.tangentTrace.finish(pairs.compactMap(\.1.value))
  let map = LinearMap(
    jaxpr: tangents.withoutDeadEquations(), outAvals: pairs.map(\.0.aval),
    nonzero: pairs.map { !$0.1.isZero })
  return (pairs.map(\.0), map)
}

/// A jaxpr split into what computes its results and what is linear in the tangents.
public struct LinearizedJaxpr {
  /// Where a residual of the linear part comes from: an operand or a result of `primal`.
  public enum Residual {
    case operand(Int)
    case result(Int)
  }

  /// From the operands to the results followed by the residuals that are neither.
  public let primal: ClosedJaxpr
  public let residuals: [Residual]
  /// From the residuals followed by the nonzero tangents to the nonzero tangents of the results.
  public let tangent: ClosedJaxpr
  public let nonzero: [Bool]

  public func aval(of residual: Residual) -> ShapedArray {
    switch residual {
    case .operand(let index): primal.inAvals[index]
    case .result(let index): primal.aval(primal.outvars[index])
    }
  }
}

/// Linearises `jaxpr` with respect to the operands in `nonzero`; results in `forced` get a tangent
/// even where it is zero.
public func linearizeJaxpr(_ jaxpr: ClosedJaxpr, nonzero: [Bool], instantiate forced: [Bool]? = nil)
  throws -> LinearizedJaxpr
{
  try jaxpr.memoized(Key(name: "linearize", first: nonzero, second: forced ?? [])) {
    let staging = Trace.withoutNames { StagingTrace() }
    let inputs = jaxpr.inAvals.map { staging.newInput($0) }
    return try staging.withCurrent {
      let (results, map) = try linearize(
        { try evaluate(jaxpr, $0) }, inputs, nonzero: nonzero, instantiate: forced)
      let (tangent, values) = hoistTracers(map.jaxpr)
      var outputs = results
      var residuals: [LinearizedJaxpr.Residual] = []
      for value in values {
        if let index = inputs.firstIndex(where: { $0.isSame(as: value) }) {
          residuals.append(.operand(index))
        } else if let index = outputs.firstIndex(where: { $0.isSame(as: value) }) {
          residuals.append(.result(index))
        } else {
          residuals.append(.result(outputs.count))
          outputs.append(value)
        }
      }
      return LinearizedJaxpr(
        primal: try staging.finish(outputs).withoutDeadEquations(), residuals: residuals,
        tangent: tangent, nonzero: map.nonzero)
    }
  }
}

/// The derivative of `jaxpr` as `jvpJaxpr` has it, in two parts, so that no equation is of both: first
/// what depends on the operands alone, then what is linear in the tangents.
public func separatedJVP(_ jaxpr: ClosedJaxpr, nonzero: [Bool]) throws -> (
  jaxpr: ClosedJaxpr, nonzero: [Bool]
) {
  let split = try linearizeJaxpr(jaxpr, nonzero: nonzero)
  let result = try jaxpr.memoized(Key(name: "separated", first: nonzero)) {
    let tangents = zip(jaxpr.inAvals, nonzero).compactMap { $1 ? $0.tangent : nil }
    return try stage(jaxpr.inAvals + tangents) { inputs in
      let results = try evaluate(split.primal, Array(inputs.prefix(jaxpr.invars.count)))
      let residuals = split.residuals.map {
        switch $0 {
        case .operand(let index): inputs[index]
        case .result(let index): results[index]
        }
      }
      return try results.prefix(jaxpr.outvars.count)
        + evaluate(split.tangent, residuals + inputs.dropFirst(jaxpr.invars.count))
    }
  }
  return (result, split.nonzero)
}

extension ClosedJaxpr {
  /// Does a call, a loop or a branch depend on an operand from `position` on? It may compute results
  /// that do not.
  public func hasCalls(dependingOnOperandsFrom position: Int) -> Bool {
    var dependent = Set(invars.dropFirst(position))
    for equation in equations
    where equation.inputs.contains(where: { $0.variable.map(dependent.contains) ?? false }) {
      if equation.primitive is any HigherOrderPrimitive { return true }
      dependent.formUnion(equation.outputs)
    }
    return false
  }
}
