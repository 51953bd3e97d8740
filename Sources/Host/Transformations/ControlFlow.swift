import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// `lax.cond`, `switch`, `platform_dependent`, `while_loop`, `fori_loop` and `scan`.
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
    module.def("platform_dependent(*args, default=, **per_platform)") { a in
      try selectByPlatform(a[2] ?? .none, default: a[0], list(a[1] ?? .none))
    }
    module.def("while_loop(cond_fun, body_fun, init_val)") { a in
      try whileLoop(a[0] ?? .none, a[1] ?? .none, a[2] ?? .none)
    }
    module.def("fori_loop(lower, upper, body_fun, init_val, *, unroll=)") { a in
      try foriLoop(
        a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, a[3] ?? .none, unroll: a[4])
    }
    module.def("scan(f, init, xs=, length=, reverse=, unroll=, _split_transpose=)") { a in
      try scan(
        a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, length: a[3],
        reverse: a[4].map(isTrue) ?? false, unroll: a[5])
    }
  }

  // MARK: Branches

  private static func cond(
    _ predicate: Object, _ onTrue: Object, _ onFalse: Object, _ operands: [Object]
  ) throws -> Object {
    guard isCallable(onTrue), isCallable(onFalse) else {
      throw typeError("lax.cond: true_fun and false_fun arguments should be callable.")
    }
    if predicate.isNone { throw typeError("cond predicate is None") }
    guard let value = try valueIfNumeric(predicate) else {
      throw typeError(
        "Pred must be a scalar, got \(try str(predicate)) of type "
          + "<class '\(typeOf(predicate).displayName)'>")
    }
    guard value.rank == 0 else {
      throw typeError(
        "Pred must be a scalar, got \(try str(predicate)) of shape "
          + "\(ParameterValue.ints(value.shape.dimensions)).")
    }
    var index = value
    if value.dtype != .bool {
      index = try bind1(
        Comparison(.ne), value, .literal(0, value.dtype, weakType: value.aval.weakType))
    }
    index = try selector(index)
    if let result = try branchEagerly(index, [onFalse, onTrue], operands) { return result }
    // The branch for true is traced first, and stands second.
    return try branch(
      index, [onTrue, onFalse], operands, "cond", names: ["true_fun", "false_fun"], order: [1, 0])
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
      throw typeError(
        "Branch index must be scalar, got \(try str(index)) of shape "
          + "\(ParameterValue.ints(value.shape.dimensions)).")
    }
    guard value.dtype.isInteger else {
      throw typeError(
        "Index type must be an integer, got \(try str(index)) as \(value.dtype.numpyName)")
    }
    if branches.count == 1 { return try call(branches[0], operands) }
    let converted = try selector(value)
    let clamped = try bind1(
      Clamp(), .literal(0, .i32), converted, .literal(Double(branches.count - 1), .i32))
    if let result = try branchEagerly(clamped, branches, operands) { return result }
    let names = branches.indices.map { $0 == 0 ? "branch 0" : "branch\($0)" }
    return try branch(
      clamped, branches, operands, "switch", names: names, order: Array(branches.indices))
  }

  private static func selectByPlatform(
    _ functions: Object, default others: Object?, _ operands: [Object]
  ) throws -> Object {
    var branches: [Object] = []
    var platforms: [BranchPlatforms] = []
    if case .dict(let functions) = functions {
      for entry in functions.table.live {
        let function = entry.value
        let platform = try str(entry.key)
        guard isCallable(function) else {
          throw typeError(
            "lax.platform_dependent: the '\(platform)' branch must be a callable.")
        }
        if platform == "gpu" {
          throw valueError("Use 'cuda' or 'rocm' for lax.platform_dependent.")
        }
        if let position = branches.firstIndex(where: { $0.isIdentical(to: function) }),
          case .named(let names) = platforms[position]
        {
          platforms[position] = .named(names + [platform])
        } else {
          branches.append(function)
          platforms.append(.named([platform]))
        }
      }
    }
    if let others, !others.isNone {
      guard isCallable(others) else {
        throw typeError("lax.platform_dependent: the 'default' branch must be a callable.")
      }
      branches.append(others)
      platforms.append(.others)
    }
    let selection = PlatformIndex(platforms)
    guard !(Trace.current is EvalTrace) else {
      return try call(branches[selection.index()], operands)
    }
    let index = try bind1(selection)
    // What JAX says of it.
    guard !branches.isEmpty else { throw typeError("safe_zip requires at least 1 argument") }
    let names = branches.indices.map { $0 == 0 ? "branch 0" : "branch\($0)" }
    return try branch(
      index, branches, operands, "switch", names: names,
      order: Array(branches.indices), platforms: platforms)
  }

  /// `value` as an `i32`; a number of the program text is converted at once.
  private static func selector(_ value: Value) throws -> Value {
    if let number = value.inlineNumber {
      return .literal(try number.tensor().converted(to: .i32))
    }
    if case .array(let array) = value, array.isLiteral && Trace.current is EvalTrace {
      return .literal(try array.tensor().converted(to: .i32))
    }
    return value.dtype == .i32 && !value.aval.weakType
      ? value : try bind1(ConvertElementType(.i32), value)
  }

  /// Stages `functions` and binds the selection among them.
  ///
  /// - Parameter order: which function stands where in the equation.
  private static func branch(
    _ index: Value, _ functions: [Object], _ operands: [Object], _ name: String, names: [String],
    order: [Int], platforms: [BranchPlatforms]? = nil
  ) throws -> Object {
    let (leaves, tree) = try TreeDef.flatten(.tuple(operands))
    let values = try leaves.map { try argumentValue($0) }
    let traced = try functions.map {
      try StagedFunction($0, for: name, tree, values.map(\.aval))
    }
    for position in traced.indices.dropFirst() {
      try checkBranches(
        name, (names[0], functions[0], traced[0]),
        (names[position], functions[position], traced[position]))
    }
    // Every branch takes the constants of all.
    var consts: [Value] = []
    var identities: [ObjectIdentifier: Int] = [:]
    let positions = traced.map { branch in
      branch.consts.map { value -> Int in
        let identity = identity(of: value)
        if let known = identities[identity] { return known }
        identities[identity] = consts.count
        consts.append(value)
        return consts.count - 1
      }
    }
    let uniform = zip(traced, positions).map { branch, positions in
      branch.jaxpr.memoized(Union(consts: consts.map(\.aval), positions: positions)) {
        withUnion(branch.jaxpr, consts.map(\.aval), positions)
      }
    }
    let results = try Cond(branches: order.map { uniform[$0] }, platforms: platforms)
      .bindForwarding([index] + consts + values)
    return try traced[0].outTree.unflatten(results.map { .array(try withoutPythonScalar($0)) })
  }

  private static func identity(of value: Value) -> ObjectIdentifier {
    switch value {
    case .array(let array): ObjectIdentifier(array)
    case .tracer(let tracer): ObjectIdentifier(tracer)
    }
  }

  private struct Union: Hashable {
    var consts: [ShapedArray]
    var positions: [Int]
  }

  /// `jaxpr` with parameters for the constants of all branches in front.
  private static func withUnion(
    _ jaxpr: ClosedJaxpr, _ constAvals: [ShapedArray], _ positions: [Int]
  ) -> ClosedJaxpr {
    let own = positions.count
    if own == constAvals.count && positions == Array(0..<own) { return jaxpr }
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
}
