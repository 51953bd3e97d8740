import Core

/// A value with its derivative along the direction of a `JVPTrace`.
public final class JVPTracer: Tracer {
  public let primal: Value
  public let tangent: Value

  init(_ primal: Value, _ tangent: Value, _ trace: Trace) {
    self.primal = primal
    self.tangent = tangent
    super.init(primal.aval, trace)
  }

  public override var concrete: DeviceArray? {
    switch primal {
    case .array(let array): array
    case .tracer(let tracer): tracer.concrete
    }
  }

  public override var className: String { "JVPTracer" }

  public override var description: String {
    "JVPTracer(primal=\(primal.text), tangent=\(tangent.text))"
  }
}

/// Forward-mode differentiation. JAX's `JVPTrace`.
public final class JVPTrace: Trace {
  private let parent: Trace

  public init(parent: Trace) { self.parent = parent }

  private func split(_ value: Value) -> (Value, Tangent) {
    if case .tracer(let tracer) = value, tracer.trace === self, let tracer = tracer as? JVPTracer {
      return (tracer.primal, .value(tracer.tangent))
    }
    return (value, .zero(value.aval.tangent))
  }

  /// The value that stands for `primal` moving along `tangent`.
  public func join(_ primal: Value, _ tangent: Tangent) -> Value {
    switch tangent {
    case .zero: primal
    case .value(let tangent): .tracer(JVPTracer(primal, tangent, self))
    }
  }

  /// The primal and tangent of a result of the traced function.
  public func unpack(_ value: Value) -> (primal: Value, tangent: Tangent) {
    let (primal, tangent) = split(value)
    return (primal, tangent)
  }

  private func join(_ results: (primals: [Value], tangents: [Tangent])) -> [Value] {
    zip(results.primals, results.tangents).map { join($0, $1) }
  }

  public override func pure(_ array: DeviceArray) -> Value { parent.pure(array) }

  public override func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(split)
    let primals = pairs.map(\.0)
    let tangents = pairs.map(\.1)
    return try parent.withCurrent {
      if tangents.allSatisfy(\.isZero) { return try parent.bind(primitive, primals) }
      return join(try primitive.jvp(primals, tangents))
    }
  }

  public override func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(split)
    let primals = pairs.map(\.0)
    let tangents = pairs.map(\.1)
    return try parent.withCurrent {
      if tangents.allSatisfy(\.isZero) { return try parent.bindCustomJVP(call, primals) }
      return join(try call.jvp(primals, tangents))
    }
  }

  public override func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(split)
    let primals = pairs.map(\.0)
    let tangents = pairs.map(\.1)
    return try parent.withCurrent {
      if tangents.allSatisfy(\.isZero) { return try parent.bindCustomVJP(call, primals) }
      let (results, residuals) = try call.forward(primals)
      let outTangents = try bindLinear(
        CustomVJPLinear(call: call, residualCount: residuals.count, outAvals: results.map(\.aval)),
        residuals, tangents)
      return zip(results, outTangents).map { join($0, $1) }
    }
  }

  /// Binds the linear part of a custom_vjp: forward mode through it is an error unless it is
  /// transposed.
  private func bindLinear(
    _ primitive: CustomVJPLinear, _ residuals: [Value], _ tangents: [Tangent]
  ) throws -> [Tangent] {
    let instantiated = try tangents.map(instantiate)
    let results = try Core.bind(primitive, residuals + instantiated)
    return results.map { .value($0) }
  }
}

/// The tangent as a value: zeros where it is symbolically zero.
public func instantiate(_ tangent: Tangent) throws -> Value {
  switch tangent {
  case .value(let value): value
  case .zero(let aval): try zeros(aval)
  }
}

/// Evaluates `function` and its derivative along `tangents`.
public func jvp(_ function: FlatFunction, _ primals: [Value], _ tangents: [Tangent]) throws -> (
  primals: [Value], tangents: [Tangent]
) {
  let trace = JVPTrace(parent: Trace.current)
  let inputs = zip(primals, tangents).map { trace.join($0, $1) }
  let outputs = try trace.withCurrent { try function(inputs) }
  trace.invalidate()
  let pairs = outputs.map(trace.unpack)
  return (pairs.map(\.primal), pairs.map(\.tangent))
}

/// The jaxpr of the derivative of `jaxpr`: from its operands followed by the nonzero tangents to
/// its results followed by their nonzero tangents (all of those in `instantiate`).
///
/// - Returns: the jaxpr and which results have a tangent.
public func jvpJaxpr(_ jaxpr: ClosedJaxpr, nonzero: [Bool], instantiate forced: [Bool]) throws -> (
  jaxpr: ClosedJaxpr, nonzero: [Bool]
) {
  try jaxpr.memoized(Key(name: "jvp", first: nonzero, second: forced)) {
    var outNonzero: [Bool] = []
    let tangentAvals = zip(jaxpr.inAvals, nonzero).compactMap { $1 ? $0.tangent : nil }
    let result = try stage(jaxpr.inAvals + tangentAvals) { inputs in
      let primals = Array(inputs.prefix(jaxpr.invars.count))
      var rest = inputs.dropFirst(jaxpr.invars.count)
      let tangents: [Tangent] = zip(primals, nonzero).map {
        $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent)
      }
      let (outs, outTangents) = try jvp({ try evaluate(jaxpr, $0) }, primals, tangents)
      outNonzero = zip(outTangents, forced).map { !$0.isZero || $1 }
      let kept = try zip(outTangents, outNonzero).filter(\.1).map { try instantiate($0.0) }
      return outs + kept
    }
    return (result, outNonzero)
  }
}

/// A memo key: the name of a transformation and up to two lists of flags.
struct Key: Hashable {
  var name: String
  var first: [Bool] = []
  var second: [Bool] = []
  var dims: [Int?] = []
  var size = 0
}
