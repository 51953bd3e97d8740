import HLO
import Passes
import Tensor
import Testing

/// Unrolled loops become loops, and give the same bits.
@Suite struct RerollingTests {
  private func loops(_ module: Module) -> Int {
    let function = module.functions[0]
    return function.operationsInOrder().filter {
      if case .while = function.operations[$0].op { true } else { false }
    }.count
  }

  /// What the pipeline does up to rerolling.
  private func rerolled(_ module: Module) throws -> Module {
    var changed = module
    for pass in [constantFolding, algebraicSimplification, deadCodeElimination] {
      _ = try pass.run(&changed)
    }
    let before = changed
    let claim = try rerolling.run(&changed)
    #expect(claim == (before != changed))
    #expect(changed.defects().isEmpty, "\(changed.defects())")
    _ = try deadCodeElimination.run(&changed)
    return changed
  }

  /// `expected` is `nil` where there may or may not be loops; the result says how many there are.
  @discardableResult
  private func check(_ module: Module, loops expected: Int?, _ what: String) throws -> Int {
    #expect(module.defects().isEmpty, "\(what): \(module.defects())")
    let changed = try rerolled(module)
    let count = loops(changed)
    if let expected { #expect(count == expected, "\(what): \(changed)") }
    let arguments = [
      HostTensor((0..<400).map { Float($0 % 17) / 8 - 1 }, shape: [400]),
      HostTensor((0..<400).map { Int32($0 * 7 % 23) }, shape: [400]),
    ]
    let results = try Interpreter(changed).call("main", arguments)
    let wanted = try Interpreter(module).call("main", arguments)
    #expect(results.count == wanted.count)
    for (number, (a, b)) in zip(results, wanted).enumerated() {
      #expect(a.isIdentical(to: b), "\(what), result \(number): \(a) not \(b)")
    }
    return count
  }

  private func module(_ body: (FunctionBuilder) throws -> [ValueID]) throws -> Module {
    let builder = FunctionBuilder(
      name: "main", visibility: .public,
      arguments: [.tensor([400], .f32), .tensor([400], .i32)])
    try builder.return(body(builder))
    return Module(name: "unrolled", functions: [try builder.finish()])
  }

  private func element(_ b: FunctionBuilder, _ x: ValueID, _ index: Int) throws -> ValueID {
    try b.reshape(b.slice(x, start: [index], limit: [index + 1]), [])
  }

  @Test func cumulativeSum() throws {
    try check(
      module { b in
        var (sum, all) = (try b.scalar(0.0, .f32), [ValueID]())
        for index in 0..<300 {
          sum = try b.add(sum, element(b, b.arguments[0], index))
          all.append(sum)
        }
        return all
      }, loops: 1, "cumulative sum")
  }

  /// The last two values go from one iteration to the next, and out of the loop.
  @Test func fibonacci() throws {
    try check(
      module { b in
        var (x, y) = (try element(b, b.arguments[1], 3), try element(b, b.arguments[1], 7))
        for _ in 0..<300 { (x, y) = (y, try b.add(x, y)) }
        return [x, y]
      }, loops: 1, "fibonacci")
  }

  @Test func updates() throws {
    try check(
      module { b in
        var array = b.arguments[0]
        for index in 2..<300 {
          let sum = try b.add(element(b, array, index - 1), element(b, array, index - 2))
          let row = try b.reshape(b.unary(.tanh, sum), [1])
          array = try b.dynamicUpdateSlice(array, row, starts: [b.scalar(index, .i32)])
        }
        return [array]
      }, loops: 1, "updates")
  }

  /// Coefficients come from a table, powers of two from no progression.
  @Test func tables() throws {
    try check(
      module { b in
        var sum = try element(b, b.arguments[0], 5)
        var bits = try element(b, b.arguments[1], 5)
        for index in 0..<100 {
          let factor = try b.scalar(1 / Double(index + 3), .f32)
          sum = try b.add(b.multiply(sum, sum), factor)
          bits = try b.xor(bits, b.scalar(index * index, .i32))
          bits = try b.add(bits, b.scalar(3 * index + 5, .i32))
        }
        return [sum, bits]
      }, loops: 1, "tables")
  }

  /// Iterations that differ are no loop.
  @Test func irregular() throws {
    try check(
      module { b in
        var sum = try element(b, b.arguments[0], 5)
        for index in 0..<300 {
          sum = try b.add(sum, element(b, b.arguments[0], index * index % 97))
        }
        return [sum]
      }, loops: 0, "irregular")
  }

  /// Large arrays stay in straight-line code, which computes all steps in one pass over them.
  @Test func large() throws {
    try check(
      module { b in
        var x = try b.broadcastInDim(b.arguments[0], [400, 100], [0])
        let y = try b.broadcastInDim(b.arguments[0], [400, 100], [0])
        for _ in 0..<150 { x = try b.add(b.multiply(x, y), y) }
        return [try b.slice(x, start: [0, 0], limit: [3, 3])]
      }, loops: 0, "large")
  }

  /// Bodies of random steps, after and before some that do not repeat.
  @Test func random() throws {
    var found = 0
    for seed in UInt64(1)...40 { found += try random(seed) }
    // Some bodies compute nothing that is needed.
    #expect(found > 25)
  }

  private func random(_ seed: UInt64) throws -> Int {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let plan = (0..<3 + below(6)).map { _ in (below(7), below(4), below(4)) }
    let exits = (below(3), below(3))
    let made = try module { b in
      var values = try (0..<4).map { try element(b, b.arguments[0], $0) }
      var array = b.arguments[0]
      var collected: [ValueID] = []
      for index in 0..<120 {
        for (op, x, y) in plan {
          let (a, c) = (values[x], values[(x + y) % 4])
          var next: ValueID
          switch op {
          case 0: next = try b.unary(.tanh, b.add(a, c))
          case 1: next = try b.minimum(b.multiply(a, c), a)
          case 2: next = try element(b, b.arguments[0], index + y)
          case 3: next = try element(b, array, 2 * index + 3 - y)
          case 4:
            next = try b.add(a, b.scalar(y == 0 ? Double(index) / 7 : 2.5, .f32))
          case 5:
            let at = try b.scalar(3 * index + y, .i32)
            array = try b.dynamicUpdateSlice(array, b.reshape(a, [1]), starts: [at])
            next = c
          default: next = try b.subtract(c, a)
          }
          next = try b.unary(.sine, next)
          values.append(next)
          values.removeFirst()
        }
        if exits.0 == 0 || exits.0 == 1 && index > 110 { collected.append(values[3]) }
      }
      return values + [array] + collected
    }
    return try check(made, loops: nil, "seed \(seed), \(plan)")
  }
}
