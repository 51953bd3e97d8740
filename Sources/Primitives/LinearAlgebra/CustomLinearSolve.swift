import Core
import HLO
import Transforms

/// `custom_linear_solve[…] consts… b…`: solves `matvec(x) = b` by a function of the program, with
/// the derivatives of an exact solution.
public struct CustomLinearSolve: Primitive {
  /// A function whose constants are leading operands.
  public struct Part: Hashable {
    public var jaxpr: ClosedJaxpr
    public var constCount: Int

    public init(_ jaxpr: ClosedJaxpr, constCount: Int) {
      self.jaxpr = jaxpr
      self.constCount = constCount
    }
  }

  public let matvec: Part
  /// The transpose of `matvec`.
  public let vecmat: Part?
  public let solve: Part
  public let transposeSolve: Part?

  public init(matvec: Part, vecmat: Part?, solve: Part, transposeSolve: Part?) {
    self.matvec = matvec
    self.vecmat = vecmat
    self.solve = solve
    self.transposeSolve = transposeSolve
  }

  private var parts: [(name: String, part: Part?)] {
    [
      ("matvec", matvec), ("vecmat", vecmat), ("solve", solve),
      ("transpose_solve", transposeSolve),
    ]
  }

  public var name: String { "custom_linear_solve" }

  public var parameters: [Parameter] {
    let counts = parts.map { Parameter($0.name, .int($0.part?.constCount ?? 0)) }
    let jaxprs = parts.map { Parameter($0.name, $0.part.map { .jaxpr($0.jaxpr) } ?? .none) }
    return [
      Parameter("const_lengths", .record("_LinearSolveTuple", counts)),
      Parameter("jaxprs", .record("_LinearSolveTuple", jaxprs)),
    ]
  }

  /// The constants of each part, and the right-hand sides.
  private func divided<Element>(_ operands: [Element]) -> (
    matvec: [Element], vecmat: [Element], solve: [Element], transposeSolve: [Element],
    b: [Element]
  ) {
    var rest = operands[...]
    func take(_ part: Part?) -> [Element] {
      defer { rest = rest.dropFirst(part?.constCount ?? 0) }
      return Array(rest.prefix(part?.constCount ?? 0))
    }
    return (take(matvec), take(vecmat), take(solve), take(transposeSolve), Array(rest))
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    solve.jaxpr.outAvals
  }

  /// `matvec(dx) = db - dmatvec(x)`
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let x = try bind(self, primals)
    let moving = divided(tangents)
    var right = moving.b
    let consts = divided(primals).matvec
    if moving.matvec.contains(where: { !$0.isZero }) {
      let change = try Transforms.jvp(
        { try evaluate(matvec.jaxpr, $0) }, consts + x,
        moving.matvec + x.map { .zero($0.aval.tangent) }
      ).tangents
      right = try zip(right, change).map { db, dmatvec in
        switch (db.value, dmatvec.value) {
        case (let db?, let dmatvec?): .value(try bind1(AddAny(), db, neg(dmatvec)))
        case (nil, let dmatvec?): .value(try neg(dmatvec))
        case (_, nil): db
        }
      }
    }
    if right.allSatisfy(\.isZero) { return (x, x.map { .zero($0.aval.tangent) }) }
    let known = Array(primals.prefix(primals.count - right.count))
    let dx = try bind(self, known + right.map(instantiate))
    return (x, dx.map { .value($0) })
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let transposeSolve, let vecmat else {
      throw RaisedError.type(
        "transpose_solve required for backwards mode automatic differentiation of "
          + "custom_linear_solve")
    }
    let none = [Value?](repeating: nil, count: operands.count)
    if cotangents.allSatisfy(\.isZero) { return none }
    let count = operands.count - cotangents.count
    let consts = try operands.prefix(count).map { operand -> Value in
      guard case .known(let value) = operand else { throw notLinear(self) }
      return value
    }
    let own = divided(consts)
    let back = CustomLinearSolve(
      matvec: vecmat, vecmat: matvec, solve: transposeSolve, transposeSolve: solve)
    let results = try bind(
      back,
      own.vecmat + own.matvec + own.transposeSolve + own.solve + cotangents.map(instantiate))
    return Array(none.prefix(count)) + results.map { $0 }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let constDims = divided(dims)
    let right = try zip(divided(operands).b, constDims.b).map {
      try moveBatchAxis($0, $1, to: 0, size: size)
    }
    func batched(_ part: Part?, _ dims: [Int?]) throws -> Part? {
      guard let part else { return nil }
      let (jaxpr, _) = try batchJaxpr(
        part.jaxpr, dims: dims + right.map { _ in 0 }, size: size,
        forced: part.jaxpr.outvars.map { _ in true })
      return Part(jaxpr, constCount: part.constCount)
    }
    let result = CustomLinearSolve(
      matvec: try batched(matvec, constDims.matvec)!, vecmat: try batched(vecmat, constDims.vecmat),
      solve: try batched(solve, constDims.solve)!,
      transposeSolve: try batched(transposeSolve, constDims.transposeSolve))
    let consts = operands.prefix(operands.count - right.count)
    return (try bind(result, consts + right), right.map { _ in 0 })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let own = divided(operands)
    return try context.inline(solve.jaxpr, own.solve + own.b)
  }
}
