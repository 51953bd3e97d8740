import Core
import HLO
import Tensor

/// `custom_jvp_call`: a staged call of a function that has its own forward-mode rule.
///
/// The first `capturedCount` operands are values that the function closed over; they have no
/// derivative rule.
public struct CustomJVPCall: NamedCallPrimitive {
  public var name: String { "custom_jvp_call" }

  let callName: String
  let jaxpr: ClosedJaxpr
  let capturedCount: Int
  let rule: Rule

  /// The rule, compared by identity.
  final class Rule {
    let call: CustomJVP
    init(_ call: CustomJVP) { self.call = call }
  }

  init(name: String, jaxpr: ClosedJaxpr, capturedCount: Int, rule: CustomJVP) {
    callName = name
    self.jaxpr = jaxpr
    self.capturedCount = capturedCount
    self.rule = Rule(rule)
  }

  public static func == (a: Self, b: Self) -> Bool { a.jaxpr == b.jaxpr && a.rule === b.rule }
  public func hash(into hasher: inout Hasher) { hasher.combine(jaxpr) }

  public var parameters: [Parameter] {
    [
      Parameter("name", .string(callName)), Parameter("call_jaxpr", .jaxpr(jaxpr)),
      Parameter("jvp", .string(rule.call.ruleName)),
      Parameter("symbolic_zeros", .bool(rule.call.symbolicZeros)),
    ]
  }

  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    [
      Parameter("call_jaxpr", .jaxpr(jaxpr)), Parameter("jvp_jaxpr_fun", .none),
      Parameter("num_consts", .int(capturedCount)),
      Parameter("symbolic_zeros", .bool(rule.call.symbolicZeros)),
    ]
  }

  public var effects: [Effect] { jaxpr.effects }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { jaxpr.outAvals }

  /// The call with the staged function in place of the traced one.
  private func call(_ captured: [Value]) -> CustomJVP {
    var call = rule.call
    let jaxpr = jaxpr
    call.function = { try evaluate(jaxpr, captured + $0) }
    return call
  }

  /// Binds again as a custom call, so that every trace sees the rule.
  private func rebind(_ operands: [Value]) throws -> [Value] {
    try Trace.current.bindCustomJVP(
      call(Array(operands.prefix(capturedCount))), Array(operands.dropFirst(capturedCount)))
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    try rule.call.jvp(
      Array(primals.dropFirst(capturedCount)), Array(tangents.dropFirst(capturedCount)))
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let (transposed, nonzero) = try transposeJaxpr(jaxpr, cotangents, operands)
    let known = operands.compactMap { if case .known(let value) = $0 { value } else { nil } }
    var results = try evaluate(transposed, known + cotangents.compactMap(\.value))[...]
    var flags = nonzero[...]
    return operands.map { operand in
      operand.isLinear && flags.removeFirst() ? results.removeFirst() : nil
    }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    try vmapInner({ try rebind($0) }, operands, dims, size: size)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.inline(jaxpr, operands)
  }
}

/// `custom_vjp_call`: a staged call of a function that has its own reverse-mode rule.
public struct CustomVJPCall: NamedCallPrimitive {
  public var name: String { "custom_vjp_call" }

  let callName: String
  let jaxpr: ClosedJaxpr
  let capturedCount: Int
  let rule: Rule

  /// The rule, compared by identity.
  final class Rule {
    let call: CustomVJP
    init(_ call: CustomVJP) { self.call = call }
  }

  init(name: String, jaxpr: ClosedJaxpr, capturedCount: Int, rule: CustomVJP) {
    callName = name
    self.jaxpr = jaxpr
    self.capturedCount = capturedCount
    self.rule = Rule(rule)
  }

  public static func == (a: Self, b: Self) -> Bool { a.jaxpr == b.jaxpr && a.rule === b.rule }
  public func hash(into hasher: inout Hasher) { hasher.combine(jaxpr) }

  public var parameters: [Parameter] {
    [
      Parameter("name", .string(callName)), Parameter("bwd", .string(rule.call.backwardName)),
      Parameter("call_jaxpr", .jaxpr(jaxpr)), Parameter("fwd", .string(rule.call.forwardName)),
      Parameter("symbolic_zeros", .bool(false)),
    ]
  }

  public var effects: [Effect] { jaxpr.effects }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { jaxpr.outAvals }

  private func rebind(_ operands: [Value]) throws -> [Value] {
    var call = rule.call
    let captured = Array(operands.prefix(capturedCount))
    let jaxpr = jaxpr
    call.function = { try evaluate(jaxpr, captured + $0) }
    return try Trace.current.bindCustomVJP(call, Array(operands.dropFirst(capturedCount)))
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let operands = Array(primals.dropFirst(capturedCount))
    let moving = try tangents.dropFirst(capturedCount).map(instantiate)
    let (results, residuals) = try rule.call.forward(operands)
    let linear = CustomVJPLinear(
      call: rule.call, residualCount: residuals.count, outAvals: results.map(\.aval))
    let outTangents = try bind(linear, residuals + moving)
    return (results, outTangents.map { .value($0) })
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    try vmapInner({ try rebind($0) }, operands, dims, size: size)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.inline(jaxpr, operands)
  }
}

/// The linear part of a `custom_vjp` call: from residuals and tangents to tangents. It can only be
/// transposed, by the function's backward rule.
struct CustomVJPLinear: Primitive {
  var name: String { "custom_lin" }

  let rule: CustomVJPCall.Rule
  let residualCount: Int
  let outAvals: [ShapedArray]

  init(call: CustomVJP, residualCount: Int, outAvals: [ShapedArray]) {
    rule = CustomVJPCall.Rule(call)
    self.residualCount = residualCount
    self.outAvals = outAvals.map(\.tangent)
  }

  static func == (a: Self, b: Self) -> Bool { a.rule === b.rule }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(rule)) }

  var parameters: [Parameter] { [] }
  var effects: [Effect] { [] }

  func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { outAvals }

  private var forwardModeError: RaisedError {
    .type(
      "can't apply forward-mode autodiff (jvp) to a custom_vjp function.")
  }

  func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    throw forwardModeError
  }

  func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let residuals = operands.prefix(residualCount).compactMap {
      if case .known(let value) = $0 { value } else { nil }
    }
    let results = try rule.call.backward(residuals, cotangents.map(instantiate))
    return [Value?](repeating: nil, count: residualCount)
      + zip(operands.dropFirst(residualCount), results).map { $0.isLinear ? $1.value : nil }
  }

  func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let rule = rule
    let outer = outAvals
    let moved = try zip(operands, dims).map { try moveBatchAxis($0, $1, to: 0, size: size) }
    var batched = rule.call
    let count = residualCount
    batched.backward = { residuals, cotangents in
      var zero: [Bool] = []
      let (results, resultDims) = try vmapInner(
        { inputs in
          let results = try rule.call.backward(
            Array(inputs.prefix(count)), Array(inputs.dropFirst(count)))
          zero = results.map(\.isZero)
          return try results.map(instantiate)
        }, residuals + cotangents,
        [Int?](repeating: 0, count: residuals.count + cotangents.count), size: size)
      return try results.indices.map {
        zero[$0]
          ? .zero(results[$0].aval)
          : .value(try moveBatchAxis(results[$0], resultDims[$0], to: 0, size: size))
      }
    }
    let avals = outer.map { $0.with(shape: Shape([size] + $0.shape.dimensions)) }
    let linear = CustomVJPLinear(call: batched, residualCount: count, outAvals: avals)
    return (try bind(linear, moved), outer.map { _ in 0 })
  }

  func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    throw forwardModeError
  }
}
