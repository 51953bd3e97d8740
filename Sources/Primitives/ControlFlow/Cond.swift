import Core
import HLO
import Tensor
import Transforms

/// `cond[branches=(…)] index x…`: the branch that `index` (an `i32`, clamped) selects.
public struct Cond: HigherOrderPrimitive, HostPrimitive {
  public var name: String { "cond" }

  /// All of the same type.
  public let branches: [ClosedJaxpr]
  /// The platforms of each branch, where the platform selects among them.
  public let platforms: [BranchPlatforms]?

  public init(branches: [ClosedJaxpr], platforms: [BranchPlatforms]? = nil) {
    self.branches = branches
    self.platforms = platforms
  }

  public init(_ reader: ParameterReader) throws {
    guard case .jaxprs(let branches)? = reader["branches"] else {
      throw RaisedError.type("cond: branches must be jaxprs")
    }
    self.init(branches: branches)
  }

  /// The same selection among other branches.
  func with(_ branches: [ClosedJaxpr]) -> Cond { Cond(branches: branches, platforms: platforms) }

  public var parameters: [Parameter] {
    var parameters = [Parameter("branches", .jaxprs(branches))]
    if let platforms { parameters.append(Parameter("branches_platforms", platforms.parameter)) }
    return parameters
  }

  public var effects: [Effect] {
    branches.reduce(into: []) { all, branch in
      for effect in branch.effects where !all.contains(effect) { all.append(effect) }
    }
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    branches[0].outAvals
  }

  /// Which results of any branch satisfy `flags`.
  private func union(_ flags: [[Bool]]) -> [Bool] {
    flags[0].indices.map { index in flags.contains { $0[index] } }
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let nonzero = tangents.dropFirst().map { !$0.isZero }
    let none = branches[0].outvars.map { _ in false }
    let outNonzero = union(
      try branches.map { try jvpJaxpr($0, nonzero: nonzero, instantiate: none).nonzero })
    let derivatives = try branches.map {
      try jvpJaxpr($0, nonzero: nonzero, instantiate: outNonzero).jaxpr
    }
    let results = try bind(
      with(derivatives), primals + tangents.dropFirst().compactMap(\.value))
    let primalsOut = Array(results.prefix(none.count))
    var rest = results.dropFirst(none.count)
    return (
      primalsOut,
      zip(primalsOut, outNonzero).map {
        $1 ? .value(rest.removeFirst()) : .zero($0.aval.tangent)
      }
    )
  }

  /// Each branch is linearised by itself. The residuals of all branches share slots by type; a
  /// branch fills the slots of the others with anything.
  public func linearize(_ primals: [Value], nonzero: [Bool]) throws -> Linearization {
    let moving = Array(nonzero.dropFirst())
    let outNonzero = union(
      try branches.map { try linearizeJaxpr($0, nonzero: moving).nonzero })
    let splits = try branches.map {
      try linearizeJaxpr($0, nonzero: moving, instantiate: outNonzero)
    }
    let outCount = branches[0].outvars.count

    var slots: [ShapedArray] = []
    var slotsOf: [[Int]] = []
    for split in splits {
      var free = Array(slots.indices)
      slotsOf.append(
        split.residuals.map { residual in
          let aval = split.aval(of: residual)
          if let position = free.firstIndex(where: { slots[$0] == aval }) {
            return free.remove(at: position)
          }
          slots.append(aval)
          return slots.count - 1
        })
    }

    let primalBranches = try zip(splits, slotsOf).map { split, mine in
      try stage(split.primal.inAvals) { operands in
        let results = try evaluate(split.primal, operands)
        var values = try slots.map { try EmptyScalar.array($0) }
        for (residual, slot) in zip(split.residuals, mine) {
          switch residual {
          case .operand(let index): values[slot] = operands[index]
          case .result(let index): values[slot] = results[index]
          }
        }
        return Array(results.prefix(outCount)) + values
      }
    }
    let results = try bind(with(primalBranches), primals)
    let residuals = Array(results.dropFirst(outCount))

    let tangentAvals = zip(branches[0].inAvals, moving).filter(\.1).map(\.0.tangent)
    let tangentBranches = try zip(splits, slotsOf).map { split, mine in
      try stage(residuals.map(\.aval) + tangentAvals) { operands in
        try evaluate(
          split.tangent, mine.map { operands[$0] } + operands.dropFirst(residuals.count))
      }
    }
    return Linearization(primals: Array(results.prefix(outCount)), nonzero: outNonzero) {
      try bind(with(tangentBranches), [primals[0]] + residuals + $0)
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard case .known(let index) = operands[0] else { throw notLinear(self) }
    let transposed = try branches.map {
      try transposeJaxpr($0, cotangents, operands.dropFirst())
    }
    let outNonzero = union(transposed.map(\.nonzero))
    let linearAvals = operands.dropFirst().filter(\.isLinear).map(\.aval.tangent)
    let known = operands.dropFirst().compactMap {
      if case .known(let value) = $0 { value } else { nil }
    }
    let moving = known + cotangents.compactMap(\.value)
    let uniform = try transposed.map { jaxpr, flags in
      if flags == outNonzero { return jaxpr }
      return try stage(moving.map(\.aval)) { inputs in
        var results = try evaluate(jaxpr, inputs)[...]
        return try outNonzero.indices.filter { outNonzero[$0] }.map {
          flags[$0] ? results.removeFirst() : try zeros(linearAvals[$0])
        }
      }
    }
    let results = try bind(with(uniform), [index] + moving)
    return [nil] + distribute(results, outNonzero, over: Array(operands.dropFirst()))
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let all = branches[0].outvars.map { _ in true }
    var operands = operands
    // The platform is the same for all elements.
    if let platforms, dims[0] != nil { operands[0] = try bind1(PlatformIndex(platforms)) }
    guard dims[0] != nil && platforms == nil else {
      let rest = Array(dims.dropFirst())
      let none = all.map { _ in false }
      let mapped = union(
        try branches.map {
          try batchJaxpr($0, dims: rest, size: size, forced: none).dims.map { $0 != nil }
        })
      let batched = try branches.map {
        try batchJaxpr($0, dims: rest, size: size, forced: mapped).jaxpr
      }
      return (try bind(with(batched), operands), mapped.map { $0 ? 0 : nil })
    }
    // Elements take different branches: all branches run, and their results are selected. What a
    // branch sees of the elements that do not take it is held constant, so that its derivative
    // there cannot spoil the sum.
    let index = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    let values = try zip(operands, dims).dropFirst().map {
      try moveBatchAxis($0, $1, to: 0, size: size)
    }
    let rest = [Int?](repeating: 0, count: values.count)
    let outcomes = try branches.enumerated().map { number, branch in
      let batched = try batchJaxpr(branch, dims: rest, size: size, forced: all).jaxpr
      let taken = try bind1(
        Comparison(.eq), index, .literal(Double(number), index.dtype))
      let own = try values.map { value in
        guard value.dtype.isInexact else { return value }
        let held = try bind1(StopGradient(), value)
        return try bind1(SelectN(), try repeatTrailing(taken, to: value.shape), held, value)
      }
      return try evaluate(batched, own)
    }
    let results = try outcomes[0].indices.map { position in
      let cases = outcomes.map { $0[position] }
      return try bind(
        SelectN(), [try repeatTrailing(index, to: cases[0].shape)] + cases)[0]
    }
    return (results, all.map { _ in 0 })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let types = context.outAvals.map { ValueType.tensor($0.loweredType) }
    var index = operands[0]
    if context.inAvals[0].dtype == .bool {
      index = try context.builder.convert(index, to: .i32)
    }
    var branches = branches
    if let platforms {
      // Only the branch of this platform is lowered; it has the number 0.
      branches = [branches[try PlatformIndex(platforms).index()]]
      let renumbering = try platforms.map { _ in
        try context.builder.makeRegion([]) { _, _ in
          [try context.builder.splat(0, TensorType([], .i32))]
        }
      }
      index = try context.builder.emit(
        .case, [index], regions: renumbering, resultTypes: [.tensor(TensorType([], .i32))])[0]
    }
    let regions = try branches.enumerated().map { number, branch in
      try context.builder.makeRegion([]) { _, _ in
        try context.part("branch_\(number)_fun") {
          try context.inline(branch, Array(operands.dropFirst()))
        }
      }
    }
    return try context.builder.emit(.case, [index], regions: regions, resultTypes: types)
  }
}

/// `value`, whose axes are the leading ones of `shape`, repeated along the others.
func repeatTrailing(_ value: Value, to shape: Shape) throws -> Value {
  value.shape == shape
    ? value
    : try bind1(BroadcastInDim(shape: shape, dimensions: Array(0..<value.rank)), value)
}
