import Core
import HLO
import Tensor
import Transforms

/// `remat2[jaxpr …] x…`: a call whose derivative computes its intermediate values again instead
/// of keeping them (`jax.checkpoint`).
public struct Remat: HigherOrderPrimitive, HostPrimitive {
  public var name: String { "remat2" }

  public let jaxpr: ClosedJaxpr
  /// Whether this is the linear part of a derivative.
  public let differentiated: Bool
  public let preventCSE: Bool

  public init(jaxpr: ClosedJaxpr, differentiated: Bool = false, preventCSE: Bool = true) {
    self.jaxpr = jaxpr
    self.differentiated = differentiated
    self.preventCSE = preventCSE
  }

  public var parameters: [Parameter] {
    [
      Parameter("differentiated", .bool(differentiated)), Parameter("jaxpr", .jaxpr(jaxpr)),
      Parameter("policy", .none), Parameter("prevent_cse", .bool(preventCSE)),
    ]
  }

  public var effects: [Effect] { jaxpr.effects }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { jaxpr.outAvals }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let (derivative, nonzero) = try jvpJaxpr(
      jaxpr, nonzero: tangents.map { !$0.isZero }, instantiate: jaxpr.outvars.map { _ in false })
    let results = try bind(
      Remat(jaxpr: derivative, differentiated: differentiated, preventCSE: preventCSE),
      primals + tangents.compactMap(\.value))
    let primalsOut = Array(results.prefix(jaxpr.outvars.count))
    var rest = results.dropFirst(jaxpr.outvars.count)
    return (
      primalsOut,
      zip(primalsOut, nonzero).map {
        $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent)
      }
    )
  }

  /// Only the operands are kept: the linear part starts from them.
  public func linearize(_ primals: [Value], nonzero: [Bool]) throws -> Linearization {
    let results = try evaluate(jaxpr, primals)
    let (derivative, outNonzero) = try jvpJaxpr(
      jaxpr, nonzero: nonzero, instantiate: jaxpr.outvars.map { _ in false })
    let count = jaxpr.outvars.count
    let tangentPart = derivative.reorderingOutputs(
      Array(count..<derivative.outvars.count)
    ).withoutDeadEquations()
    let remat = Remat(jaxpr: tangentPart, differentiated: true, preventCSE: preventCSE)
    return Linearization(primals: results, nonzero: outNonzero) {
      try bind(remat, primals + $0)
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let (transposed, nonzero) = try transposeJaxpr(
      jaxpr, linear: operands.map(\.isLinear), nonzero: cotangents.map { !$0.isZero })
    let known = operands.compactMap { if case .known(let value) = $0 { value } else { nil } }
    let results = try bind(
      Remat(
        jaxpr: transposed.withoutDeadEquations(), differentiated: true, preventCSE: preventCSE),
      known + cotangents.compactMap(\.value))
    return distribute(results, nonzero, over: operands)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (batched, outDims) = try batchJaxpr(
      jaxpr, dims: dims, size: size, forced: jaxpr.outvars.map { _ in false })
    let remat = Remat(jaxpr: batched, differentiated: differentiated, preventCSE: preventCSE)
    return (try bind(remat, operands), outDims)
  }

  /// On the CPU memory is not what is short: the call is emitted in place, behind a barrier that
  /// keeps its equations from being merged with the first computation of the same values.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    guard differentiated && preventCSE else { return try context.inline(jaxpr, operands) }
    let types = operands.map { context.builder.type(of: $0) }
    let held = try context.builder.emit(.optimizationBarrier, operands, resultTypes: types)
    return try context.inline(jaxpr, held)
  }
}

extension ClosedJaxpr {
  /// The same function without equations whose results nothing uses.
  func withoutDeadEquations() -> ClosedJaxpr {
    var used = Set(outvars.compactMap(\.variable))
    var kept: [Equation] = []
    for equation in equations.reversed() {
      guard
        !equation.primitive.effects.isEmpty
          || equation.outputs.contains(where: { used.contains($0) })
      else { continue }
      kept.append(equation)
      used.formUnion(equation.inputs.compactMap(\.variable))
    }
    kept.reverse()
    return ClosedJaxpr(
      constvars: constvars, consts: consts, invars: invars, equations: kept, outvars: outvars,
      types: types)
  }
}
