import HLO
import Passes
import Tensor
import Testing

/// Large modules: time in proportion to their size, and no recursion over it.
@Suite struct PassLimitTests {
  /// A chain of operations without a period, a tenth of them on arrays.
  private func module(operations: Int) throws -> Module {
    let builder = FunctionBuilder(
      name: "main", visibility: .public, arguments: [.tensor([16], .f32), .tensor([16], .f32)])
    var values = builder.arguments
    var state = UInt64(7)
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for _ in 0..<operations {
      let (x, y) = (
        values[values.count - 1 - below(2)], values[max(0, values.count - 1 - below(30))]
      )
      switch below(4) {
      case 0: values.append(try builder.multiply(x, y))
      case 1: values.append(try builder.unary(.sine, x))
      case 2: values.append(try builder.maximum(x, y))
      default: values.append(try builder.add(x, y))
      }
    }
    try builder.return(Array(values.suffix(2)))
    return Module(name: "large", functions: [try builder.finish()])
  }

  @Test func nearlyLinear() throws {
    func seconds(_ count: Int) throws -> Double {
      let module = try module(operations: count)
      let clock = ContinuousClock()
      let time = try clock.measure { _ = try optimize(module) }
      return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
    _ = try seconds(1000)
    let (small, large) = (try seconds(4000), try seconds(32000))
    #expect(large < 8 * 3 * small, "8 times the operations take \(large / small) times as long")
  }

  /// Functions, each of which calls the next.
  @Test func chainOfCalls() throws {
    let type = ValueType.tensor([2], .f32)
    let count = 20_000
    let functions = try (0..<count).map { number in
      let builder = FunctionBuilder(
        name: number == 0 ? "main" : "f\(number)", visibility: number == 0 ? .public : .private,
        arguments: [type])
      let x = builder.arguments[0]
      if number + 1 == count {
        try builder.return([builder.unary(.negate, x)])
      } else {
        try builder.return(builder.call("f\(number + 1)", [x], resultTypes: [type]))
      }
      return try builder.finish()
    }
    var module = Module(name: "chain", functions: functions)
    #expect(try inlining.run(&module))
    #expect(module.functions.count == 1)
    #expect(module.functions[0].operationsInOrder().count == 2)
  }
}
