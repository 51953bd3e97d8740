import Core
import Tensor
import Transforms

/// `scan[jaxpr length num_carry num_consts reverse unroll] consts… init… xs…`: a loop of known
/// length that carries values along, reads one slice of each `xs` and stacks the others of its
/// results.
public struct Scan: HigherOrderPrimitive, HostPrimitive {
  public var name: String { "scan" }
  public func path(in names: NameStack) -> String { names.path(to: "while") }

  /// From constants, carried values and slices to carried values and new slices.
  public let jaxpr: ClosedJaxpr
  public let length: Int
  public let reverse: Bool
  public let constCount: Int
  public let carryCount: Int
  public let unroll: Int

  public init(
    jaxpr: ClosedJaxpr, length: Int, reverse: Bool, constCount: Int, carryCount: Int,
    unroll: Int = 1
  ) {
    self.jaxpr = jaxpr
    self.length = length
    self.reverse = reverse
    self.constCount = constCount
    self.carryCount = carryCount
    self.unroll = unroll
  }

  public init(_ reader: ParameterReader) throws {
    self.init(
      jaxpr: try reader.jaxpr("jaxpr"), length: try reader.int("length"),
      reverse: try reader.bool("reverse"), constCount: try reader.int("num_consts"),
      carryCount: try reader.int("num_carry"), unroll: try reader.int("unroll"))
  }

  public var parameters: [Parameter] {
    [
      Parameter("reverse", .bool(reverse)), Parameter("length", .int(length)),
      Parameter("jaxpr", .jaxpr(jaxpr)), Parameter("num_consts", .int(constCount)),
      Parameter("num_carry", .int(carryCount)), Parameter("unroll", .int(unroll)),
    ]
  }

  public var effects: [Effect] { jaxpr.effects }

  var sliceStart: Int { constCount + carryCount }
  private var stackedCount: Int { jaxpr.outvars.count - carryCount }

  /// The type of the stack of all slices of type `aval`.
  private func stacked(_ aval: ShapedArray) -> ShapedArray {
    aval.with(shape: Shape([length] + aval.shape.dimensions))
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let outs = jaxpr.outAvals
    return Array(outs.prefix(carryCount)) + outs.dropFirst(carryCount).map(stacked)
  }

  /// Which carried values move once constants, carried values and slices move as `nonzero` says:
  /// the least fixed point.
  private func carryFixpoint(_ nonzero: [Bool], _ step: ([Bool], [Bool]) throws -> [Bool]) throws
    -> [Bool]
  {
    var carry = Array(nonzero[constCount..<sliceStart])
    while true {
      let flags =
        Array(nonzero.prefix(constCount)) + carry + Array(nonzero.dropFirst(sliceStart))
      let forced = carry + [Bool](repeating: false, count: stackedCount)
      let next = zip(carry, try step(flags, forced)).map { $0 || $1 }
      if next == carry { return carry }
      carry = next
    }
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let start = tangents.map { !$0.isZero }
    let carry = try carryFixpoint(start) {
      try jvpJaxpr(jaxpr, nonzero: $0, instantiate: $1).nonzero
    }
    let nonzero =
      Array(start.prefix(constCount)) + carry + Array(start.dropFirst(sliceStart))
    let (derivative, outNonzero) = try jvpJaxpr(
      jaxpr, nonzero: nonzero,
      instantiate: carry + [Bool](repeating: false, count: stackedCount))

    func moving(_ range: Range<Int>) -> Int { nonzero[range].count { $0 } }
    let constMoving = moving(0..<constCount)
    let carryMoving = moving(constCount..<sliceStart)
    let sliceMoving = moving(sliceStart..<nonzero.count)
    let inputCount = jaxpr.invars.count
    let order =
      Array(0..<constCount) + (0..<constMoving).map { inputCount + $0 }
      + Array(constCount..<sliceStart)
      + (0..<carryMoving).map { inputCount + constMoving + $0 }
      + Array(sliceStart..<inputCount)
      + (0..<sliceMoving).map { inputCount + constMoving + carryMoving + $0 }
    let outCount = jaxpr.outvars.count
    let stackedMoving = outNonzero.dropFirst(carryCount).count { $0 }
    let outOrder =
      Array(0..<carryCount) + (0..<carryMoving).map { outCount + $0 }
      + Array(carryCount..<outCount)
      + (0..<stackedMoving).map { outCount + carryMoving + $0 }
    let body = derivative.reorderingInputs(order).reorderingOutputs(outOrder)

    let instantiated = try zip(tangents, nonzero).map { tangent, moves in
      moves ? try instantiate(tangent) : nil
    }
    func along(_ range: Range<Int>) -> [Value] {
      primals[range] + instantiated[range].compactMap { $0 }
    }
    let results = try bind(
      Scan(
        jaxpr: body, length: length, reverse: reverse, constCount: constCount + constMoving,
        carryCount: carryCount + carryMoving, unroll: unroll),
      along(0..<constCount) + along(constCount..<sliceStart) + along(sliceStart..<primals.count))
    let carryEnd = carryCount + carryMoving
    var carryTangents = results[carryCount..<carryEnd]
    var stackTangents = results[(carryEnd + stackedCount)...]
    let primalsOut =
      Array(results.prefix(carryCount)) + results[carryEnd..<(carryEnd + stackedCount)]
    let tangentsOut: [Tangent] = primalsOut.indices.map { index in
      guard outNonzero[index] else { return .zero(primalsOut[index].aval.tangent) }
      return .value(
        index < carryCount ? carryTangents.removeFirst() : stackTangents.removeFirst())
    }
    return (primalsOut, tangentsOut)
  }

  /// The body is linearised; what its linear part needs of each step is stacked. Constants and
  /// slices that it needs are read again instead.
  public func linearize(_ primals: [Value], nonzero start: [Bool]) throws -> Linearization {
    let carry = try carryFixpoint(start) {
      try linearizeJaxpr(jaxpr, nonzero: $0, instantiate: $1).nonzero
    }
    let nonzero =
      Array(start.prefix(constCount)) + carry + Array(start.dropFirst(sliceStart))
    let split = try linearizeJaxpr(
      jaxpr, nonzero: nonzero,
      instantiate: carry + [Bool](repeating: false, count: stackedCount))

    // Residuals of the tangent body: what is the same in all steps, or slices of a stack.
    enum Source {
      case const(Value)
      case slices(Int)
      case stack(Int)
    }
    let primal = split.primal
    let invariants = try primal.invariants(Array(primals.prefix(constCount)))
    var outvars = Array(primal.outvars.prefix(jaxpr.outvars.count))
    var sources: [Source] = []
    var stackCount = 0
    for residual in split.residuals {
      let atom: Atom
      switch residual {
      case .operand(let index) where index >= sliceStart:
        sources.append(.slices(index))
        continue
      case .operand(let index): atom = .variable(primal.invars[index])
      case .result(let index): atom = primal.outvars[index]
      }
      switch atom {
      case .literal(let array): sources.append(.const(.array(array)))
      case .variable(let variable):
        if let value = invariants[variable] {
          sources.append(.const(value))
        } else {
          sources.append(.stack(stackCount))
          stackCount += 1
          outvars.append(atom)
        }
      }
    }
    let (body, loopConsts) = primal.hoisting(
      invariants, outvars: outvars, parameters: Array(primal.invars.dropFirst(constCount)))
    let results = try bind(
      Scan(
        jaxpr: body, length: length, reverse: reverse, constCount: loopConsts.count,
        carryCount: carryCount, unroll: unroll), loopConsts + primals.dropFirst(constCount))
    let stacks = results.dropFirst(jaxpr.outvars.count)

    // The tangent body's parameters, in the order of a scan's: residual constants, constant
    // tangents; carried tangents; residual slices, slice tangents.
    let residualCount = sources.count
    var constOrder: [Int] = []
    var sliceOrder: [Int] = []
    var constValues: [Value] = []
    var sliceValues: [Value] = []
    for (position, source) in sources.enumerated() {
      switch source {
      case .const(let value):
        constOrder.append(position)
        constValues.append(value)
      case .slices(let index):
        sliceOrder.append(position)
        sliceValues.append(primals[index])
      case .stack(let index):
        sliceOrder.append(position)
        sliceValues.append(stacks[stacks.startIndex + index])
      }
    }
    let constMoving = nonzero.prefix(constCount).count { $0 }
    let carryMoving = carry.count { $0 }
    let sliceMoving = nonzero.dropFirst(sliceStart).count { $0 }
    let order =
      constOrder + (0..<constMoving).map { residualCount + $0 }
      + (0..<carryMoving).map { residualCount + constMoving + $0 }
      + sliceOrder + (0..<sliceMoving).map { residualCount + constMoving + carryMoving + $0 }
    let tangentScan = Scan(
      jaxpr: split.tangent.reorderingInputs(order), length: length, reverse: reverse,
      constCount: constOrder.count + constMoving, carryCount: carryMoving, unroll: unroll)

    let startCarry = Array(start[constCount..<sliceStart])
    let carryAvals = primals[constCount..<sliceStart].map(\.aval.tangent)
    return Linearization(
      primals: Array(results.prefix(jaxpr.outvars.count)), nonzero: split.nonzero
    ) { tangents in
      var tangents = tangents[...]
      func next(_ count: Int) -> [Value] {
        defer { tangents = tangents.dropFirst(count) }
        return Array(tangents.prefix(count))
      }
      let consts = next(constMoving)
      let carried = try carry.indices.filter { carry[$0] }.map {
        startCarry[$0] ? tangents.removeFirst() : try zeros(carryAvals[$0])
      }
      let slices = next(sliceMoving)
      return try bind(tangentScan, constValues + consts + carried + sliceValues + slices)
    }
  }

  /// Runs backwards: cotangents of constants are summed along the way, those of slices stacked.
  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let linear = operands.map(\.isLinear)
    let avals = operands.map(\.aval)
    // Sums of cotangents have no weak type.
    let jaxpr = jaxpr.strengthening(constCount..<(constCount + carryCount))
    let linearConsts = (0..<constCount).filter { linear[$0] }
    let knownConsts = (0..<constCount).filter { !linear[$0] }
    // Carried tangents that start as known zeros are linear too.
    let carried = Array(constCount..<sliceStart)
    let linearSlices = (sliceStart..<operands.count).filter { linear[$0] }
    let knownSlices = (sliceStart..<operands.count).filter { !linear[$0] }
    let stackNonzero = cotangents.dropFirst(carryCount).map { !$0.isZero }

    func known(_ indices: [Int]) -> [Value] {
      indices.compactMap { if case .known(let value) = operands[$0] { value } else { nil } }
    }
    func sliceAval(_ index: Int) -> ShapedArray { jaxpr.aval(jaxpr.invars[index]) }

    let constTypes = linearConsts.map { avals[$0].tangent }
    let carryTypes = carried.map { sliceAval($0).tangent }
    let stackTypes = zip(jaxpr.outAvals.dropFirst(carryCount), stackNonzero).filter(\.1).map(
      \.0.tangent)
    let body = try stage(
      knownConsts.map { avals[$0] } + constTypes + carryTypes + stackTypes
        + knownSlices.map(sliceAval)
    ) { inputs in
      var rest = inputs[...]
      func take(_ count: Int) -> [Value] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      var values = [Value?](repeating: nil, count: jaxpr.types.count)
      for (variable, value) in zip(jaxpr.constvars, jaxpr.consts) {
        values[Int(variable.index)] = value
      }
      for (index, value) in zip(knownConsts, take(knownConsts.count)) {
        values[Int(jaxpr.invars[index].index)] = value
      }
      let sums = take(linearConsts.count)
      let carryCotangents = take(carried.count)
      var stackCotangents = take(stackTypes.count)[...]
      for (index, value) in zip(knownSlices, take(knownSlices.count)) {
        values[Int(jaxpr.invars[index].index)] = value
      }
      let outCotangents: [Tangent] =
        carryCotangents.map { .value($0) }
        + zip(jaxpr.outAvals.dropFirst(carryCount), stackNonzero).map {
          $1 ? .value(stackCotangents.removeFirst()) : .zero($0.tangent)
        }
      let variables = (linearConsts + carried + linearSlices).map { jaxpr.invars[$0] }
      let results = try backwardPass(
        jaxpr, values, outCotangents, linear: variables, initial: sums)
      return try results.map(instantiate)
    }
    let initial =
      try constTypes.map(zeros) + cotangents.prefix(carryCount).map(instantiate)
    let results = try bind(
      Scan(
        jaxpr: body, length: length, reverse: !reverse, constCount: knownConsts.count,
        carryCount: initial.count, unroll: unroll),
      known(knownConsts) + initial + cotangents.dropFirst(carryCount).compactMap(\.value)
        + known(knownSlices))
    var outs = [Value?](repeating: nil, count: operands.count)
    for (index, result) in zip(linearConsts + carried + linearSlices, results) {
      outs[index] = result
    }
    return outs
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    func axes(_ flags: [Bool]) -> [Int?] { flags.map { $0 ? 0 : nil } }
    let start = dims.map { $0 != nil }
    let carry = try carryFixpoint(start) {
      try batchJaxpr(jaxpr, dims: axes($0), size: size, forced: $1).dims.map { $0 != nil }
    }
    let mapped = Array(start.prefix(constCount)) + carry + Array(start.dropFirst(sliceStart))
    let (body, outDims) = try batchJaxpr(
      jaxpr, dims: axes(mapped), size: size,
      forced: carry + [Bool](repeating: false, count: stackedCount))
    // A stack that is the same for all elements stays so; else its slices are mapped along 0.
    let forced = outDims.map { $0 != nil }
    let uniform =
      outDims.allSatisfy { $0 == nil || $0 == 0 }
      ? body : try batchJaxpr(jaxpr, dims: axes(mapped), size: size, forced: forced).jaxpr
    let moved = try operands.indices.map { index in
      guard mapped[index] else { return operands[index] }
      return try moveBatchAxis(
        operands[index], dims[index], to: index >= sliceStart ? 1 : 0, size: size)
    }
    let results = try bind(
      Scan(
        jaxpr: uniform, length: length, reverse: reverse, constCount: constCount,
        carryCount: carryCount, unroll: unroll), moved)
    return (
      results, forced.enumerated().map { $1 ? ($0 < carryCount ? 0 : 1) : nil }
    )
  }

  // By the types of the stack and of the index.
  private nonisolated(unsafe) static var sliceReaders: [[ShapedArray]: ClosedJaxpr] = [:]
  private nonisolated(unsafe) static var sliceWriters: [[ShapedArray]: ClosedJaxpr] = [:]

  /// From a stack and an index to the slice there.
  static func readSlice(_ stack: ShapedArray, _ index: ShapedArray) throws -> ClosedJaxpr {
    if let known = sliceReaders[[stack, index]] { return known }
    let rest = Array(stack.shape.dimensions.dropFirst())
    let jaxpr = try stage([stack, index]) { inputs in
      let starts = [inputs[1]] + rest.map { _ in Value.literal(0, index.dtype) }
      let slice = try bind(DynamicSlice(sizes: [1] + rest), [inputs[0]] + starts)[0]
      return [try reshape(slice, Shape(rest))]
    }
    sliceReaders[[stack, index]] = jaxpr
    return jaxpr
  }

  /// From a stack, a slice and an index to the stack with the slice there.
  static func writeSlice(_ stack: ShapedArray, _ index: ShapedArray) throws -> ClosedJaxpr {
    if let known = sliceWriters[[stack, index]] { return known }
    let rest = Array(stack.shape.dimensions.dropFirst())
    let jaxpr = try stage([stack, stack.with(shape: Shape(rest)), index]) { inputs in
      let slice = try expandDims(inputs[1], [0])
      let starts = [inputs[2]] + rest.map { _ in Value.literal(0, index.dtype) }
      return try bind(DynamicUpdateSlice(), [inputs[0], slice] + starts)
    }
    sliceWriters[[stack, index]] = jaxpr
    return jaxpr
  }
}

extension ClosedJaxpr {
  /// The same function with parameters of strong types at `positions`.
  fileprivate func strengthening(_ positions: Range<Int>) -> ClosedJaxpr {
    let weak = positions.filter { aval(invars[$0]).weakType }
    if weak.isEmpty { return self }
    var types = types
    for position in weak {
      let index = Int(invars[position].index)
      types[index] = types[index].strengthened
    }
    return ClosedJaxpr(
      constvars: constvars, consts: consts, invars: invars, equations: equations,
      outvars: outvars, types: types)
  }
}

extension ClosedJaxpr {
  /// The values of the variables of a loop's body that are the same in all steps: of `constants`,
  /// the first parameters, and of what the body computes from them alone.
  fileprivate func invariants(_ constants: [Value]) throws -> [Var: Value] {
    var values: [Var: Value] = [:]
    for (variable, value) in zip(constvars, consts) { values[variable] = value }
    for (variable, value) in zip(invars, constants) { values[variable] = value }
    for equation in equations where equation.primitive.effects.isEmpty {
      let inputs = equation.inputs.compactMap { atom -> Value? in
        switch atom {
        case .variable(let variable): values[variable]
        case .literal(let array): .array(array)
        }
      }
      guard inputs.count == equation.inputs.count else { continue }
      let results = try bind(equation.primitive, inputs)
      for (output, result) in zip(equation.outputs, results) { values[output] = result }
    }
    return values
  }

  /// The body without what `invariants` holds: that becomes leading parameters, whose values are
  /// returned too, in the order in which JAX meets them on its way back from the results.
  fileprivate func hoisting(_ invariants: [Var: Value], outvars: [Atom], parameters: [Var]) -> (
    ClosedJaxpr, [Value]
  ) {
    let rest = equations.filter { equation in
      equation.outputs.isEmpty || equation.outputs.contains { invariants[$0] == nil }
    }
    var parents: [Var: [Var]] = [:]
    for equation in rest {
      for output in equation.outputs { parents[output] = equation.inputs.compactMap(\.variable) }
    }
    var seen = Set<Var>()
    let ends = outvars.compactMap(\.variable).filter { seen.insert($0).inserted }
    var children: [Var: Int] = [:]
    var stack = ends
    while let variable = stack.popLast() {
      children[variable, default: 0] += 1
      if children[variable] == 1 { stack += parents[variable] ?? [] }
    }
    for variable in ends { children[variable]! -= 1 }
    var ready = ends.filter { children[$0] == 0 }
    var order: [Var] = []
    while let variable = ready.popLast() {
      if invariants[variable] != nil { order.append(variable) }
      for parent in parents[variable] ?? [] {
        if children[parent] == 1 { ready.append(parent) } else { children[parent]! -= 1 }
      }
    }
    // What only equations with effects read.
    var known = Set(order)
    for variable in rest.lazy.flatMap({ $0.inputs.compactMap(\.variable) })
    where invariants[variable] != nil && known.insert(variable).inserted {
      order.append(variable)
    }
    order.reverse()
    let body = ClosedJaxpr(
      constvars: [], consts: [], invars: order + parameters, equations: rest, outvars: outvars,
      types: types)
    return (body, order.compactMap { invariants[$0] })
  }
}
