import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// `lax.cond`, `switch`, `while_loop`, `fori_loop` and `scan`.
enum ControlFlow {
  static func define(in module: ModuleObject) {
    module.def("cond(pred, true_fun, false_fun, *operands, operand=, linear=)") { a in
      var operands = try list(a[5] ?? .none)
      if let operand = a[3] { operands = [operand] }
      return try cond(a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, operands)
    }
    module.def("switch(index, branches, *operands, operand=)") { a in
      var operands = try list(a[3] ?? .none)
      if let operand = a[2] { operands = [operand] }
      return try select(a[0] ?? .none, list(a[1] ?? .none), operands)
    }
    module.def("while_loop(cond_fun, body_fun, init_val)") { a in
      try whileLoop(a[0] ?? .none, a[1] ?? .none, a[2] ?? .none)
    }
    module.def("fori_loop(lower, upper, body_fun, init_val, *, unroll=)") { a in
      try foriLoop(a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, a[3] ?? .none)
    }
    module.def("scan(f, init, xs=, length=, reverse=, unroll=, _split_transpose=)") { a in
      try scan(
        a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, length: a[3],
        reverse: a[4].map(isTrue) ?? false, unroll: a[5])
    }
  }

  /// A staged function whose constants are leading parameters.
  private struct Staged {
    var jaxpr: ClosedJaxpr
    var consts: [Value]
    var outTree: TreeDef
  }

  private static func stageFunction(_ function: Object, _ tree: TreeDef, _ avals: [ShapedArray])
    throws -> Staged
  {
    let flat = FlatCall(function, positional: tree)
    let (jaxpr, consts) = hoistConstants(try stage(avals) { try flat($0) })
    return Staged(jaxpr: jaxpr, consts: consts, outTree: flat.outTree)
  }

  // MARK: Branches

  private static func cond(
    _ predicate: Object, _ onTrue: Object, _ onFalse: Object, _ operands: [Object]
  ) throws -> Object {
    guard isCallable(onTrue), isCallable(onFalse) else {
      throw typeError("lax.cond: true_fun and false_fun arguments should be callable.")
    }
    guard let value = try valueIfNumeric(predicate) else {
      throw typeError(
        "Pred type must be either boolean or number, got \(try repr(predicate)).")
    }
    guard value.rank == 0 else {
      throw typeError(
        "Pred must be a scalar, got \(try repr(predicate)) of shape "
          + "\(ParameterValue.ints(value.shape.dimensions)).")
    }
    var index = value
    if value.dtype != .bool {
      index = try bind1(
        Comparison(.ne), value, .literal(0, value.dtype, weakType: value.aval.weakType))
    }
    index = try bind1(ConvertElementType(.i32), index)
    return try branch(index, [onFalse, onTrue], operands, "cond")
  }

  private static func select(_ index: Object, _ branches: [Object], _ operands: [Object]) throws
    -> Object
  {
    guard branches.allSatisfy(isCallable) else {
      throw typeError("lax.switch: branches argument should be a sequence of callables.")
    }
    guard !branches.isEmpty else { throw valueError("Empty branch sequence") }
    let value = try argumentValue(index)
    guard value.rank == 0 else {
      throw typeError("Branch index must be scalar, got \(try repr(index)).")
    }
    guard value.dtype.isInteger else {
      throw typeError(
        "Index type must be an integer, got \(try repr(index)) of type \(value.dtype.numpyName)")
    }
    if branches.count == 1 { return try call(branches[0], operands) }
    let converted = try bind1(ConvertElementType(.i32), value)
    let clamped = try bind1(
      Clamp(), .literal(0, .i32), converted, .literal(Double(branches.count - 1), .i32))
    return try branch(clamped, branches, operands, "switch")
  }

  private static func branch(
    _ index: Value, _ functions: [Object], _ operands: [Object], _ name: String
  ) throws -> Object {
    let (leaves, tree) = try TreeDef.flatten(.tuple(operands))
    let values = try leaves.map { try argumentValue($0) }
    let staged = try functions.map { try stageFunction($0, tree, values.map(\.aval)) }
    for other in staged.dropFirst() {
      guard try other.outTree.isEqual(to: staged[0].outTree) else {
        throw typeError(
          "\(name == "cond" ? "true_fun and false_fun" : "branch 0 and 1") output must have same "
            + "type structure, got PyTreeDef(\(try staged[staged.count - 1].outTree.text())) and "
            + "PyTreeDef(\(try staged[0].outTree.text())).")
      }
      for (a, b) in zip(staged[0].jaxpr.outAvals, other.jaxpr.outAvals)
      where a.shape != b.shape || a.dtype != b.dtype {
        throw typeError(
          "\(name == "cond" ? "true_fun and false_fun" : "branches") output must have identical "
            + "types, got \(b.longDescription) and \(a.longDescription).")
      }
    }
    // Every branch takes the constants of all.
    var consts: [Value] = []
    var identities: [ObjectIdentifier: Int] = [:]
    let positions = staged.map { branch in
      branch.consts.map { value -> Int in
        let identity = identity(of: value)
        if let known = identities[identity] { return known }
        identities[identity] = consts.count
        consts.append(value)
        return consts.count - 1
      }
    }
    let weak = staged[0].jaxpr.outvars.indices.map { index in
      staged.map { $0.jaxpr.outAvals[index].weakType }
    }
    let uniform = try zip(staged, positions).map { branch, positions in
      try withUnion(
        branch.jaxpr, consts.map(\.aval), positions, strong: weak.map { Set($0).count > 1 })
    }
    let results = try bind(Cond(branches: uniform), [index] + consts + values)
    return try staged[0].outTree.unflatten(results.map { .array($0) })
  }

  private static func identity(of value: Value) -> ObjectIdentifier {
    switch value {
    case .array(let array): ObjectIdentifier(array)
    case .tracer(let tracer): ObjectIdentifier(tracer)
    }
  }

  /// `jaxpr` with parameters for the constants of all branches in front; results in `strong` lose
  /// their weak types.
  private static func withUnion(
    _ jaxpr: ClosedJaxpr, _ constAvals: [ShapedArray], _ positions: [Int], strong: [Bool]
  ) throws -> ClosedJaxpr {
    let own = positions.count
    let needsConversion = zip(jaxpr.outAvals, strong).contains { $0.weakType && $1 }
    if own == constAvals.count && positions == Array(0..<own) && !needsConversion { return jaxpr }
    if needsConversion {
      return try stage(constAvals + jaxpr.inAvals.dropFirst(own)) { inputs in
        let outs = try evaluate(
          jaxpr, positions.map { inputs[$0] } + inputs.dropFirst(constAvals.count))
        return try zip(outs, strong).map {
          $0.aval.weakType && $1 ? try bind1(ConvertElementType($0.dtype), $0) : $0
        }
      }
    }
    var types = jaxpr.types
    var invars: [Var] = []
    for (position, aval) in constAvals.enumerated() {
      if let index = positions.firstIndex(of: position) {
        invars.append(jaxpr.invars[index])
      } else {
        invars.append(Var(types.count))
        types.append(aval)
      }
    }
    return ClosedJaxpr(
      constvars: jaxpr.constvars, consts: jaxpr.consts,
      invars: invars + jaxpr.invars.dropFirst(own), equations: jaxpr.equations,
      outvars: jaxpr.outvars, types: types)
  }

  // MARK: Loops

  private static func whileLoop(_ condition: Object, _ body: Object, _ initial: Object) throws
    -> Object
  {
    guard isCallable(condition), isCallable(body) else {
      throw typeError("lax.while_loop: body_fun and cond_fun arguments should be callable.")
    }
    let (leaves, tree) = try TreeDef.flatten(initial)
    var values = try leaves.map { try argumentValue($0) }
    let argument = TreeDef.tuple([tree])
    let stagedBody = try stageFunction(body, argument, values.map(\.aval))
    try checkCarry(
      "while_loop body function", "carry", stagedBody.outTree, stagedBody.jaxpr.outAvals, tree,
      values.map(\.aval))
    values = try strengthen(values, stagedBody.jaxpr.outAvals)
    let stagedCondition = try stageFunction(condition, argument, values.map(\.aval))
    guard stagedCondition.outTree.isLeaf else {
      throw typeError(
        "cond_fun must return a boolean scalar, but got pytree "
          + "PyTreeDef(\(try stagedCondition.outTree.text())).")
    }
    let predicate = stagedCondition.jaxpr.outAvals[0]
    guard predicate.rank == 0, predicate.dtype == .bool else {
      throw typeError(
        "cond_fun must return a boolean scalar, but got output type(s) "
          + "[ShapedArray(\(predicate.longDescription))].")
    }
    let results = try bind(
      WhileLoop(
        condition: stagedCondition.jaxpr, body: stagedBody.jaxpr,
        conditionConstCount: stagedCondition.consts.count,
        bodyConstCount: stagedBody.consts.count),
      stagedCondition.consts + stagedBody.consts + values)
    return try stagedBody.outTree.unflatten(results.map { .array($0) })
  }

  /// The carried values with strong types where the body returns them.
  private static func strengthen(_ values: [Value], _ outs: [ShapedArray]) throws -> [Value] {
    try zip(values, outs).map { value, out in
      guard value.aval.weakType && !out.weakType else { return value }
      if let array = value.concrete, array.isLiteral {
        return .literal(try array.tensor())
      }
      return try bind1(ConvertElementType(out.dtype), value)
    }
  }

  private static func checkCarry(
    _ function: String, _ what: String, _ outTree: TreeDef, _ outs: [ShapedArray],
    _ tree: TreeDef, _ ins: [ShapedArray]
  ) throws {
    guard try outTree.isEqual(to: tree) else {
      throw typeError(
        "\(function) \(what) input and \(what) output must have the same pytree structure, but "
          + "they differ:\n\nThe input \(what) has type structure PyTreeDef(\(try tree.text())) "
          + "and the output \(what) PyTreeDef(\(try outTree.text())).")
    }
    for (index, (before, after)) in zip(ins, outs).enumerated()
    where before.shape != after.shape || before.dtype != after.dtype {
      throw typeError(
        "\(function) \(what) input and \(what) output must have equal types, but they differ:\n\n"
          + "The input \(what) component [\(index)] has type \(before.longDescription) but the "
          + "corresponding output \(what) component has type \(after.longDescription)"
          + (before.shape == after.shape
            ? ", so the dtypes do not match." : ", so the shapes do not match."))
    }
  }

  private static func concreteInteger(_ object: Object) throws -> Int? {
    switch object {
    case .int(let value): return value
    case .array(let value):
      guard let array = value.concrete, value.rank == 0, value.dtype.isInteger else { return nil }
      return try array.tensor()[0].int
    default:
      guard let value = try valueIfNumeric(object)?.concrete, value.aval.rank == 0,
        value.aval.dtype.isInteger
      else { return nil }
      return try value.tensor()[0].int
    }
  }

  private static func foriLoop(
    _ lower: Object, _ upper: Object, _ body: Object, _ initial: Object
  ) throws -> Object {
    guard isCallable(body) else {
      throw typeError("lax.fori_loop: body_fun argument should be callable.")
    }
    var low = try argumentValue(lower)
    var high = try argumentValue(upper)
    guard low.dtype.isInteger, high.dtype.isInteger, low.rank == 0, high.rank == 0 else {
      throw typeError(
        "lower and upper arguments to fori_loop must have equal types, got "
          + "\(low.dtype.numpyName) and \(high.dtype.numpyName)")
    }
    if low.dtype != high.dtype {
      // A Python number takes the other bound's type.
      if low.aval.weakType {
        low = try converted(low, to: high.dtype)
      } else if high.aval.weakType {
        high = try converted(high, to: low.dtype)
      } else {
        throw typeError(
          "lower and upper arguments to fori_loop must have equal types, got "
            + "\(low.dtype.numpyName) and \(high.dtype.numpyName)")
      }
    }
    let (leaves, tree) = try TreeDef.flatten(initial)
    let values = try leaves.map { try argumentValue($0) }
    let one = Value.literal(1, low.dtype, weakType: low.aval.weakType)

    if let start = try concreteInteger(.array(low)), let end = try concreteInteger(.array(high)) {
      let length = max(0, end - start)
      if length == 0, Trace.current === EvalTrace.shared {
        return try tree.unflatten(values.map { .array($0) })
      }
      let results = try loop(
        "fori_loop body function", low, values, tree
      ) { index, inner in
        let next = try bind1(Binary(.add), index, one)
        let result = try call(body, [.array(index), tree.unflatten(inner.map { .array($0) })])
        let (outLeaves, outTree) = try TreeDef.flatten(result)
        return (next, try outLeaves.map { try argumentValue($0) }, outTree)
      } bind: { jaxpr, consts, carried in
        try Core.bind(
          Scan(
            jaxpr: jaxpr, length: length, reverse: false, constCount: consts.count,
            carryCount: carried.count), consts + carried)
      }
      return try tree.unflatten(results.dropFirst().map { .array($0) })
    }
    // The bounds are known only when the program runs.
    let results = try loop(
      "fori_loop body function", low, [high] + values, nil
    ) { index, inner in
      let next = try bind1(Binary(.add), index, one)
      let result = try call(
        body, [.array(index), tree.unflatten(inner.dropFirst().map { .array($0) })])
      let (outLeaves, outTree) = try TreeDef.flatten(result)
      try checkCarry(
        "fori_loop body function", "carry", outTree, outLeaves.map { try argumentValue($0).aval },
        tree, inner.dropFirst().map(\.aval))
      return (next, try [inner[0]] + outLeaves.map { try argumentValue($0) }, outTree)
    } bind: { jaxpr, consts, carried in
      let condition = try stage(carried.map(\.aval)) { inputs in
        [try bind1(Comparison(.lt), inputs[0], inputs[1])]
      }
      return try Core.bind(
        WhileLoop(
          condition: condition, body: jaxpr, conditionConstCount: 0,
          bodyConstCount: consts.count), consts + carried)
    }
    return try tree.unflatten(results.dropFirst(2).map { .array($0) })
  }

  private static func converted(_ value: Value, to dtype: ElementType) throws -> Value {
    if let array = value.concrete, array.isLiteral {
      return .literal(try array.tensor().converted(to: dtype))
    }
    return try bind1(ConvertElementType(dtype), value)
  }

  /// Stages a loop body over a counter and carried values, and binds the loop.
  private static func loop(
    _ function: String, _ counter: Value, _ values: [Value], _ tree: TreeDef?,
    _ body: (Value, [Value]) throws -> (Value, [Value], TreeDef),
    bind: (ClosedJaxpr, [Value], [Value]) throws -> [Value]
  ) throws -> [Value] {
    let carried = [counter] + values
    var outTree = TreeDef.none
    let (jaxpr, consts) = hoistConstants(
      try stage(carried.map(\.aval)) { inputs in
        let (next, outs, made) = try body(inputs[0], Array(inputs.dropFirst()))
        outTree = made
        return [next] + outs
      })
    if let tree {
      try checkCarry(
        function, "carry", outTree, Array(jaxpr.outAvals.dropFirst()), tree, values.map(\.aval))
    }
    return try bind(jaxpr, consts, strengthen(carried, jaxpr.outAvals))
  }

  private static func scan(
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
    for slice in slices where slice.rank == 0 {
      throw valueError(
        "scan got value with no leading axis to scan over: \(slice.aval.longDescription).")
    }
    let lengths = Set(slices.map { $0.shape[0] })
    var count: Int
    if let length, !length.isNone {
      count = try requireIndex(length)
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
    let sliceAvals = slices.map { value -> ShapedArray in
      value.aval.with(shape: Shape(Array(value.shape.dimensions.dropFirst())))
    }
    let argument = TreeDef.tuple([carryTree, sliceTree])
    let staged = try stageFunction(function, argument, carried.map(\.aval) + sliceAvals)
    func parts(_ staged: Staged) throws -> (TreeDef, TreeDef) {
      guard case .tuple(let parts) = staged.outTree, parts.count == 2 else {
        throw typeError(
          "scan body output must be a pair, got PyTreeDef(\(try staged.outTree.text())).")
      }
      return (parts[0], parts[1])
    }
    let (outCarry, outSlices) = try parts(staged)
    try checkCarry(
      "scan body function", "carry", outCarry,
      Array(staged.jaxpr.outAvals.prefix(outCarry.leafCount)), carryTree, carried.map(\.aval))
    let outAvals = Array(staged.jaxpr.outAvals.prefix(carried.count))
    carried = try strengthen(carried, outAvals)
    let results = try bind(
      Scan(
        jaxpr: staged.jaxpr, length: count, reverse: reverse, constCount: staged.consts.count,
        carryCount: carried.count),
      staged.consts + carried + slices)
    let carry = try outCarry.unflatten(results.prefix(carried.count).map { .array($0) })
    let stacks = try outSlices.unflatten(results.dropFirst(carried.count).map { .array($0) })
    return .tuple([carry, stacks])
  }
}
