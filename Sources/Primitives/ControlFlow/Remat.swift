import Core
import HLO
import Transforms

/// `remat2[jaxpr …] x…`: a call whose derivative computes its intermediate values again instead
/// of keeping them (`jax.checkpoint`).
public struct Remat: HigherOrderPrimitive, HostPrimitive {
  public var name: String { "remat2" }
  public func path(in names: NameStack) -> String { names.path(to: "checkpoint") }

  public let jaxpr: ClosedJaxpr
  /// Whether this is the linear part of a derivative.
  public let differentiated: Bool
  public let preventCSE: Bool
  /// What may be kept after all; nothing without one.
  public let policy: RematPolicy?

  public init(
    jaxpr: ClosedJaxpr, differentiated: Bool = false, preventCSE: Bool = true,
    policy: RematPolicy? = nil
  ) {
    self.jaxpr = jaxpr
    self.differentiated = differentiated
    self.preventCSE = preventCSE
    self.policy = policy
  }

  /// The same call of another function.
  private func with(_ jaxpr: ClosedJaxpr, differentiated: Bool? = nil) -> Remat {
    Remat(
      jaxpr: jaxpr, differentiated: differentiated ?? self.differentiated,
      preventCSE: preventCSE, policy: policy)
  }

  public var parameters: [Parameter] {
    [
      Parameter("differentiated", .bool(differentiated)), Parameter("jaxpr", .jaxpr(jaxpr)),
      Parameter("policy", policy.map { .symbol($0.text) } ?? .none),
      Parameter("prevent_cse", .bool(preventCSE)),
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
      with(derivative), primals + tangents.compactMap(\.value))
    let primalsOut = Array(results.prefix(jaxpr.outvars.count))
    var rest = results.dropFirst(jaxpr.outvars.count)
    return (
      primalsOut,
      zip(primalsOut, nonzero).map {
        $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent)
      }
    )
  }

  /// Only the operands are kept, and what the policy saves: the linear part starts from them.
  public func linearize(_ primals: [Value], nonzero: [Bool]) throws -> Linearization {
    var (derivative, outNonzero) = try jvpJaxpr(
      jaxpr, nonzero: nonzero, instantiate: jaxpr.outvars.map { _ in false })
    // What is transposed, or kept, are whole equations.
    if derivative.hasCalls(dependingOnOperandsFrom: primals.count) {
      (derivative, outNonzero) = try separatedJVP(jaxpr, nonzero: nonzero)
    }
    let count = jaxpr.outvars.count
    let tangents = Array(count..<derivative.outvars.count)
    guard let policy else {
      let tangentPart = derivative.reorderingOutputs(tangents).withoutDeadEquations()
      return Linearization(primals: try evaluate(jaxpr, primals), nonzero: outNonzero) {
        try bind(with(tangentPart, differentiated: true), primals + $0)
      }
    }
    let split = try derivative.split(knowing: primals.count, results: count, policy)
    let known = try evaluate(split.known, primals)
    let residuals = Array(known.dropFirst(count))
    return Linearization(primals: Array(known.prefix(count)), nonzero: outNonzero) {
      let operands = residuals + primals + $0
      return try bind(
        with(split.rest, differentiated: true),
        zip(operands, split.used).filter(\.1).map(\.0))
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let (transposed, nonzero) = try transposeJaxpr(jaxpr, cotangents, operands)
    let known = operands.compactMap { if case .known(let value) = $0 { value } else { nil } }
    let results = try bind(
      with(transposed.withoutDeadEquations(), differentiated: true),
      known + cotangents.compactMap(\.value))
    return distribute(results, nonzero, over: operands)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (batched, outDims) = try batchJaxpr(
      jaxpr, dims: dims, size: size, forced: jaxpr.outvars.map { _ in false })
    return (try bind(with(batched), operands), outDims)
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
