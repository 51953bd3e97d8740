import Core
import HLO
import Tensor

extension Scan {
  /// A `while` over `xs… consts… i carry… stacks…`, as JAX lowers it. Where `unroll` steps are done
  /// at once, what is left over, or all where the loop would run only once, follows the loop.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    if length == 0 {
      let stacks = try resultAvals.map { try context.builder.full(0, stack([0], $0).loweredType) }
      return operands[constCount..<sliceStart] + stacks
    }
    var trips = length / unroll
    if trips == 1 && unroll > 1 { trips = 0 }
    let looped = trips * unroll
    let rest = length - looped
    let consts = Array(operands.prefix(constCount))
    var slices = Array(operands.dropFirst(sliceStart))
    var restSlices: [ValueID] = []
    if rest > 0 {
      let middle = reverse ? rest : looped
      let parts = try slices.map { x in
        (try slice(context, x, 0, middle), try slice(context, x, middle, length))
      }
      slices = parts.map { reverse ? $0.1 : $0.0 }
      restSlices = parts.map { reverse ? $0.0 : $0.1 }
    }
    var (carry, stacks) = try loop(
      context, trips: trips, consts, Array(operands[constCount..<sliceStart]), slices)
    if rest > 0 {
      let (last, steps) = try unrolled(context, rest, consts, carry, restSlices)
      carry = last
      stacks = try zip(stacks, steps).map { main, rest in
        try context.builder.concatenate(reverse ? [rest, main] : [main, rest], dimension: 0)
      }
    }
    return carry + stacks
  }

  /// The types of the slices that steps read, and of those that they write.
  private var sliceAvals: [ShapedArray] { Array(jaxpr.inAvals.dropFirst(sliceStart)) }
  private var resultAvals: [ShapedArray] { Array(jaxpr.outAvals.dropFirst(carryCount)) }

  private func stack(_ count: [Int], _ aval: ShapedArray) -> ShapedArray {
    aval.with(shape: Shape(count + aval.shape.dimensions))
  }

  private func slice(_ context: LoweringContext, _ x: ValueID, _ start: Int, _ limit: Int) throws
    -> ValueID
  {
    let type = try context.builder.tensorType(of: x)
    let others = type.dimensions.dropFirst()
    return try context.builder.slice(
      x, start: [start] + others.map { _ in 0 }, limit: [limit] + others,
      strides: type.dimensions.map { _ in 1 })
  }

  /// One step.
  private func step(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    jaxpr.equations.isEmpty
      ? try context.inline(jaxpr, operands)
      : try context.part("closed_call") {
        try context.call(jaxpr, name: "closed_call", operands)
      }
  }

  /// `count` steps one after the other; what they write is stacked.
  private func unrolled(
    _ context: LoweringContext, _ count: Int, _ consts: [ValueID], _ carry: [ValueID],
    _ slices: [ValueID]
  ) throws -> (carry: [ValueID], stacks: [ValueID]) {
    let builder = context.builder
    var carry = carry
    var written = [[ValueID]](repeating: [], count: count)
    for position in reverse ? Array((0..<count).reversed()) : Array(0..<count) {
      let own = try zip(slices, sliceAvals).map { x, aval in
        try builder.reshape(
          slice(context, x, position, position + 1), aval.loweredType.dimensions)
      }
      let results = try step(context, consts + carry + own)
      carry = Array(results.prefix(carryCount))
      written[position] = Array(results.dropFirst(carryCount))
    }
    let stacks = try resultAvals.enumerated().map { number, aval in
      let type = aval.loweredType
      let rows = try written.map {
        try builder.broadcastInDim(
          $0[number], [1] + type.dimensions, Array(1..<(type.rank + 1)))
      }
      return rows.count == 1 ? rows[0] : try builder.concatenate(rows, dimension: 0)
    }
    return (carry, stacks)
  }

  /// The loop itself, `trips` times `unroll` steps.
  private func loop(
    _ context: LoweringContext, trips: Int, _ consts: [ValueID], _ carried: [ValueID],
    _ slices: [ValueID]
  ) throws -> (carry: [ValueID], stacks: [ValueID]) {
    let builder = context.builder
    let block = unroll > 1 ? [unroll] : []
    func empty(_ count: [Int]) throws -> [ValueID] {
      try resultAvals.map { try builder.full(0, stack(count, $0).loweredType) }
    }
    if trips == 0 && unroll > 1 { return (carried, try empty([0])) }
    let blocks =
      unroll == 1
      ? slices
      : try zip(slices, sliceAvals).map {
        try builder.reshape($0, stack([trips, unroll], $1).loweredType.dimensions)
      }
    let stacks = try empty([trips] + block)
    let integer = Configuration.integer
    let counter = try builder.scalar(0, integer)
    let initial = blocks + consts + [counter] + carried + stacks
    let types = initial.map { builder.type(of: $0) }
    let counterAt = blocks.count + consts.count
    let counterAval = ShapedArray(.scalar, integer)

    func call(_ jaxpr: ClosedJaxpr, _ name: String, _ operands: [ValueID]) throws -> ValueID {
      try context.part("body/jit(\(name))") { try context.call(jaxpr, name: name, operands)[0] }
    }
    let condition = try builder.makeRegion(types) { builder, values in
      let limit = try builder.scalar(trips, integer)
      return [
        try context.part("cond/lt") { try builder.compare(values[counterAt], .lt, limit) }
      ]
    }
    func iteration(_ values: [ValueID]) throws -> [ValueID] {
      let counter = values[counterAt]
      var index = counter
      if reverse {
        let limit = try builder.scalar(trips, integer)
        let fromEnd = try context.part("body/sub") { try builder.subtract(limit, counter) }
        let one = try builder.scalar(1, integer)
        index = try context.part("body/sub") { try builder.subtract(fromEnd, one) }
      }
      let own = try zip(values, sliceAvals).map {
        try call(
          Self.readSlice(stack([trips] + block, $1), counterAval), "dynamic_index_in_dim",
          [$0, index])
      }
      let consts = Array(values[blocks.count..<counterAt])
      let carry = Array(values[(counterAt + 1)..<(counterAt + 1 + carryCount)])
      let next: [ValueID]
      let written: [ValueID]
      if unroll == 1 {
        let results = try context.part("body") { try step(context, consts + carry + own) }
        next = Array(results.prefix(carryCount))
        written = Array(results.dropFirst(carryCount))
      } else {
        (next, written) = try context.part("body") {
          try unrolled(context, unroll, consts, carry, own)
        }
      }
      let stacks = try zip(
        zip(values.dropFirst(counterAt + 1 + carryCount), written), resultAvals
      ).map {
        try call(
          Self.writeSlice(stack([trips] + block, $1), counterAval),
          "dynamic_update_index_in_dim", [$0.0, $0.1, index])
      }
      let one = try builder.scalar(1, integer)
      let count = try context.part("body/add") { try builder.add(counter, one) }
      return Array(values.prefix(counterAt)) + [count] + next + stacks
    }
    let body = try builder.makeRegion(types) { _, values in try iteration(values) }
    let results = try builder.emit(
      .while, initial, regions: [condition, body], resultTypes: types)
    let carry = Array(results[(counterAt + 1)..<(counterAt + 1 + carryCount)])
    let done = Array(results.dropFirst(counterAt + 1 + carryCount))
    if unroll == 1 { return (carry, done) }
    return (
      carry,
      try zip(done, resultAvals).map {
        try builder.reshape($0, stack([trips * unroll], $1).loweredType.dimensions)
      }
    )
  }
}
