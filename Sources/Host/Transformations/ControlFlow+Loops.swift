import Core
import Primitives
import Syntax
import Tensor
import Transforms

extension ControlFlow {
  static func whileLoop(_ condition: Object, _ body: Object, _ initial: Object) throws -> Object {
    guard isCallable(condition), isCallable(body) else {
      throw typeError("lax.while_loop: body_fun and cond_fun arguments should be callable.")
    }
    if let result = try whileEagerly(condition, body, initial) { return result }
    let (leaves, tree) = try TreeDef.flatten(initial)
    let argument = TreeDef.tuple([tree])
    func staged(_ values: [Value]) throws -> (condition: StagedFunction, body: StagedFunction) {
      let avals = values.map(\.aval)
      let condition = try StagedFunction(condition, for: "while_cond", argument, avals)
      let body = try StagedFunction(body, for: "while_body", argument, avals)
      return (condition, body)
    }
    var values = try leaves.map { try argumentValue($0) }
    var parts = try staged(values)
    if let promoted = try promoted(values, parts.body.jaxpr.outAvals[...]) {
      values = promoted
      parts = try staged(values)
    }
    guard parts.condition.outTree.isLeaf else {
      throw typeError(
        "cond_fun must return a boolean scalar, but got pytree "
          + "PyTreeDef(\(try parts.condition.outTree.text())).")
    }
    let predicate = parts.condition.jaxpr.outAvals[0]
    guard predicate.rank == 0, predicate.dtype == .bool else {
      throw typeError(
        "cond_fun must return a boolean scalar, but got output type(s) "
          + "[\(try AvalObject(predicate).repr())].")
    }
    try checkCarry(
      Carry(function: "while_loop body", name: carryName(body)), parts.body.outTree,
      parts.body.jaxpr.outAvals, tree, values.map(\.aval))
    let results = try WhileLoop(
      condition: parts.condition.jaxpr, body: parts.body.jaxpr,
      conditionConstCount: parts.condition.consts.count, bodyConstCount: parts.body.consts.count
    ).bindForwarding(parts.condition.consts + parts.body.consts + values)
    return try parts.body.outTree.unflatten(results.map { .array(try withoutPythonScalar($0)) })
  }

  /// What a body calls the carried value: its first parameter.
  private static func carryName(_ body: Object) -> String? {
    ParameterNames(body).flatMap { $0.positional.first ?? $0.variadic }?.text
  }

  /// Initial values of weak types with the dtypes of what the body returns; `nil` where these
  /// are the same.
  private static func promoted(_ values: [Value], _ outs: ArraySlice<ShapedArray>) throws
    -> [Value]?
  {
    guard values.count == outs.count else { return nil }
    var changed = false
    let result = try zip(values, outs).map { value, out in
      let aval = value.aval
      guard aval.weakType, aval.dtype != out.dtype || aval.shape != out.shape else { return value }
      changed = true
      let dtypes = [aval, out].map { DType($0.dtype, isWeak: $0.weakType) }
      return try converting(value, to: DType(promotedType(dtypes).type))
    }
    return changed ? result : nil
  }

  private static func concreteInteger(_ object: Object) throws -> Int? {
    switch object {
    case .int(let value): return value
    // An array of JAX is not read, even where it could be.
    case .array: return nil
    default:
      guard let value = try valueIfNumeric(object)?.concrete, value.aval.rank == 0,
        value.aval.dtype.isInteger
      else { return nil }
      return try value.tensor()[0].int
    }
  }

  static func foriLoop(
    _ lower: Object, _ upper: Object, _ body: Object, _ initial: Object, unroll: Object?
  ) throws -> Object {
    guard isCallable(body) else {
      throw typeError("lax.fori_loop: body_fun argument should be callable.")
    }
    var low = try argumentValue(lower)
    var high = try argumentValue(upper)
    if low.dtype != high.dtype {
      // A Python integer takes the type of the other integer bound.
      if low.aval.weakType, low.dtype.isInteger, high.dtype.isInteger {
        low = try converting(low, to: DType(high.dtype))
      } else if high.aval.weakType, low.dtype.isInteger, high.dtype.isInteger {
        high = try converting(high, to: DType(low.dtype))
      } else {
        throw typeError(
          "lower and upper arguments to fori_loop must have equal types, got "
            + "\(low.dtype.numpyName) and \(high.dtype.numpyName)")
      }
    }
    let (leaves, tree) = try TreeDef.flatten(initial)
    let values = try leaves.map { try argumentValue($0) }
    if let start = try concreteInteger(lower), let end = try concreteInteger(upper) {
      let length = max(0, end - start)
      if Configuration.disableJit {
        return try countEagerly(lower, iterations: length, body, initial)
      }
      if length == 0, Trace.current === EvalTrace.shared {
        return try tree.unflatten(values.map(handedBack))
      }
      let (staged, carried) = try stageCounted(
        body, counters: [low], values, tree, Carry(function: "scan body", name: "loop_carry"))
      let results = try Scan(
        jaxpr: staged.jaxpr, length: length, reverse: false, constCount: staged.consts.count,
        carryCount: carried.count, unroll: unrolling(unroll, length)
      ).bindForwarding(staged.consts + carried)
      return try tree.unflatten(results.dropFirst().map(handedBack))
    }
    // The bounds are known only when the program runs.
    let (staged, carried) = try stageCounted(
      body, counters: [low, high], values, tree,
      Carry(function: "while_loop body", name: "loop_carry"))
    let condition = try stage(carried.map(\.aval)) { inputs in
      [try bind1(Comparison(.lt), inputs[0], inputs[1])]
    }
    let results = try WhileLoop(
      condition: condition, body: staged.jaxpr, conditionConstCount: 0,
      bodyConstCount: staged.consts.count
    ).bindForwarding(staged.consts + carried)
    return try tree.unflatten(results.dropFirst(2).map { .array(try withoutPythonScalar($0)) })
  }

  /// Stages the body of a `fori_loop` over the counter, the upper bound where it is carried, and
  /// the values.
  private static func stageCounted(
    _ body: Object, counters: [Value], _ values: [Value], _ tree: TreeDef, _ carry: Carry
  ) throws -> (StagedFunction, carried: [Value]) {
    let outer = TreeDef.tuple(counters.map { _ in .leaf } + [tree])
    func staged(_ carried: [Value]) throws -> StagedFunction {
      let purpose = "fori_loop \(counters.count)"
      return try StagedFunction.cached(body, purpose, outer, carried.map(\.aval)) {
        var outTree = TreeDef.none
        let own = ParameterNames(body)
        let source = TracedSource(function: describedFunction(body), purpose: "fori_loop") {
          let paths = (try? leafPaths(tree)) ?? []
          let bounds = [ParameterNames.name(own, at: 0), "upper"]
          return bounds.prefix(counters.count)
            + paths.map { ParameterNames.name(own, at: 1) + $0 }
        }
        let jaxpr = try stage(carried.map(\.aval), source: source) { inputs in
          let one = Value.literal(1, inputs[0].dtype, weakType: inputs[0].aval.weakType)
          let next = try bind1(Binary(.add), inputs[0], one)
          let inner = inputs.dropFirst(counters.count).map { Object.array($0) }
          let result = try call(body, [.array(inputs[0]), tree.unflatten(Array(inner))])
          let (outLeaves, made) = try TreeDef.flatten(result)
          outTree = .tuple(counters.map { _ in .leaf } + [made])
          return try [next] + inputs[1..<counters.count] + outLeaves.map { try argumentValue($0) }
        }
        let (hoisted, consts) = hoistConstants(jaxpr)
        return StagedFunction(jaxpr: hoisted, consts: consts, outTree: outTree)
      }
    }
    var carried = counters + values
    var result = try staged(carried)
    if let promoted = try promoted(carried, result.jaxpr.outAvals[...]) {
      carried = promoted
      result = try staged(carried)
    }
    try checkCarry(carry, result.outTree, result.jaxpr.outAvals, outer, carried.map(\.aval))
    return (result, carried)
  }

  /// How often a loop's body stands in one step.
  private static func unrolling(_ object: Object?, _ length: Int) throws -> Int {
    switch object {
    case nil, .some(.none): return 1
    case .bool(let all)?: return all ? max(length, 1) : 1
    case let object?:
      let count = try requireIndex(object)
      guard count >= 0 else {
        throw valueError("`unroll` must be a `bool` or a non-negative `int`.")
      }
      return count
    }
  }

  static func scan(
    _ function: Object, _ initial: Object, _ xs: Object, length: Object?, reverse: Bool,
    unroll: Object?
  ) throws -> Object {
    guard isCallable(function) else {
      throw typeError("lax.scan: f argument should be a callable.")
    }
    let (carryLeaves, carryTree) = try TreeDef.flatten(initial)
    let (sliceLeaves, sliceTree) = try TreeDef.flatten(xs)
    var carried = try carryLeaves.map { try argumentValue($0) }
    let slices = try sliceLeaves.map { try argumentValue($0) }
    let scalars = try zip(sliceLeaves, slices).filter { $1.rank == 0 }.map { try str($0.0) }
    guard scalars.isEmpty else {
      throw valueError(
        "scan got value with no leading axis to scan over: \(scalars.joined(separator: ", ")).")
    }
    let lengths = Set(slices.map { $0.shape[0] })
    var count: Int
    if let length, !length.isNone {
      count = try requireIndex(call(.type(Types.int), [length]))
      guard lengths.allSatisfy({ $0 == count }) else {
        throw valueError(
          "scan got `length` argument of \(count) which disagrees with leading axis sizes "
            + "[\(slices.map { "\($0.shape[0])" }.joined(separator: ", "))].")
      }
    } else {
      guard let first = slices.first else {
        throw valueError("scan got no values to scan over and `length` not provided.")
      }
      guard lengths.count == 1 else {
        throw valueError(
          "scan got values with different leading axis sizes: "
            + slices.map { "\($0.shape[0])" }.joined(separator: ", ") + ".")
      }
      count = first.shape[0]
    }
    if Configuration.disableJit {
      return try scanEagerly(
        function, initial, slices, sliceTree, count: count, reverse: reverse)
    }
    let sliceAvals = slices.map { value -> ShapedArray in
      value.aval.with(shape: Shape(Array(value.shape.dimensions.dropFirst())))
    }
    let argument = TreeDef.tuple([carryTree, sliceTree])
    func parts(_ staged: StagedFunction) throws -> (TreeDef, TreeDef) {
      guard case .tuple(let parts) = staged.outTree, parts.count == 2 else {
        let output = try staged.outTree.unflatten(
          staged.jaxpr.outAvals.map { .native(AvalObject($0)) })
        throw typeError("scan body output must be a pair, got \(try str(output)).")
      }
      return (parts[0], parts[1])
    }
    var staged = try StagedFunction(
      function, for: "scan", argument, carried.map(\.aval) + sliceAvals)
    var (outCarry, outSlices) = try parts(staged)
    if let promoted = try promoted(carried, staged.jaxpr.outAvals.prefix(outCarry.leafCount)) {
      carried = promoted
      staged = try StagedFunction(
        function, for: "scan", argument, carried.map(\.aval) + sliceAvals)
      (outCarry, outSlices) = try parts(staged)
    }
    try checkCarry(
      Carry(function: "scan body", name: carryName(function)), outCarry,
      Array(staged.jaxpr.outAvals.prefix(outCarry.leafCount)), carryTree, carried.map(\.aval))
    let results = try Scan(
      jaxpr: staged.jaxpr, length: count, reverse: reverse, constCount: staged.consts.count,
      carryCount: carried.count, unroll: unrolling(unroll, count)
    ).bindForwarding(staged.consts + carried + slices)
    let carry = try outCarry.unflatten(results.prefix(carried.count).map(handedBack))
    let stacks = try outSlices.unflatten(results.dropFirst(carried.count).map { .array($0) })
    return .tuple([carry, stacks])
  }
}
