import Core
import HLO
import Transforms

/// `jit[name=… jaxpr={…}] x…`: a call of a staged function, compiled as one unit.
public struct Jit: AliasingCallPrimitive, HigherOrderPrimitive, HostPrimitive, PrunablePrimitive {
  public var name: String { "jit" }

  public let callName: String
  public let jaxpr: ClosedJaxpr
  /// Which operands the caller gives up.
  public let donated: [Bool]
  public let keepUnused: Bool
  /// Whether a caller that is staged takes the equations instead of the call.
  public let isInline: Bool

  public init(
    name: String, jaxpr: ClosedJaxpr, donated: [Bool]? = nil, keepUnused: Bool = false,
    isInline: Bool = false
  ) {
    callName = name
    self.jaxpr = jaxpr
    self.donated = donated ?? jaxpr.invars.map { _ in false }
    self.keepUnused = keepUnused
    self.isInline = isInline
  }

  /// A call of another function under the same name and options.
  private func with(_ jaxpr: ClosedJaxpr, donated: [Bool]? = nil) -> Jit {
    Jit(
      name: callName, jaxpr: jaxpr, donated: donated, keepUnused: keepUnused, isInline: isInline)
  }

  /// The function is a scope, which transformations enclose: `jvp(jit(f))`.
  public func path(in names: NameStack) -> String {
    names.appending(.scope("jit(\(callName))")).path
  }

  public var parameters: [Parameter] {
    var parameters = [
      Parameter("name", .string(callName)), Parameter("jaxpr", .jaxpr(jaxpr)),
    ]
    if donated.contains(true) {
      parameters.append(Parameter("donated_invars", .tuple(donated.map { .bool($0) })))
    }
    if keepUnused { parameters.append(Parameter("keep_unused", .bool(true))) }
    return parameters
  }

  public var effects: [Effect] { jaxpr.effects }

  public func folded(_ operands: [Value]) throws -> [Value]? {
    isInline ? try evaluate(jaxpr, operands) : nil
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { jaxpr.outAvals }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let nonzero = tangents.map { !$0.isZero }
    let (derivative, outNonzero) = try jvpJaxpr(
      jaxpr, nonzero: nonzero, instantiate: jaxpr.outvars.map { _ in false })
    let results = try bind(
      with(derivative, donated: donated + zip(donated, nonzero).filter(\.1).map(\.0)),
      primals + tangents.compactMap(\.value))
    let count = jaxpr.outvars.count
    var rest = results.dropFirst(count)
    let primalsOut = Array(results.prefix(count))
    return (
      primalsOut,
      zip(primalsOut, outNonzero).map {
        $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent)
      }
    )
  }

  public func linearize(_ primals: [Value], nonzero: [Bool]) throws -> Linearization {
    let split = try linearizeJaxpr(jaxpr, nonzero: nonzero)
    let results = try bindForwarding(split.primal, primals)
    let residuals = split.residuals.map {
      switch $0 {
      case .operand(let index): primals[index]
      case .result(let index): results[index]
      }
    }
    return Linearization(
      primals: Array(results.prefix(jaxpr.outvars.count)), nonzero: split.nonzero
    ) { tangents in
      try bind(with(split.tangent), residuals + tangents)
    }
  }

  /// Binds a call of `jaxpr` for its results that are no operands; the others are these.
  private func bindForwarding(_ jaxpr: ClosedJaxpr, _ operands: [Value]) throws -> [Value] {
    let forwarded = jaxpr.forwarded
    let computed = forwarded.indices.filter { forwarded[$0] == nil }
    let smaller =
      computed.count == forwarded.count
      ? jaxpr : jaxpr.picking(inputs: Array(jaxpr.invars.indices), outputs: computed)
    var results = try bind(with(smaller, donated: donated), operands)[...]
    return forwarded.map { $0.map { operands[$0] } ?? results.removeFirst() }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let (transposed, nonzero) = try transposeJaxpr(jaxpr, cotangents, operands)
    let known = operands.compactMap { if case .known(let value) = $0 { value } else { nil } }
    let results = try bind(with(transposed), known + cotangents.compactMap(\.value))
    return distribute(results, nonzero, over: operands)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (batched, outDims) = try batchJaxpr(
      jaxpr, dims: dims, size: size, forced: jaxpr.outvars.map { _ in false })
    return (try bind(with(batched, donated: donated), operands), outDims)
  }

  public func pruned(_ kept: [Bool]) -> (
    primitive: any Primitive, results: [Bool], usedOperands: [Bool]
  ) {
    let (smaller, used) = jaxpr.pruned(kept, keepsInputs: keepUnused)
    return (with(smaller, donated: zip(donated, used).filter(\.1).map(\.0)), kept, used)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.call(jaxpr, name: callName, operands)
  }
}

/// The cotangents of a transposed call, which come for the linear operands that have a nonzero
/// one, at the places of their operands.
func distribute(_ results: [Value], _ nonzero: [Bool], over operands: [LinearOperand]) -> [Value?] {
  var results = results[...]
  var nonzero = nonzero[...]
  return operands.map { operand in
    operand.isLinear && nonzero.removeFirst() ? results.removeFirst() : nil
  }
}
