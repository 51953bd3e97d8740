import HLO
import Passes
import Tensor
import Testing

/// The operations of StableHLO that stand for a function of chlo compute it.
@Suite struct ElementaryExpansionTests {
  private static let functions = UnaryOp.allCases.filter {
    $0.rawValue.hasPrefix("chlo.") && ![.conj, .isInf, .isPosInf, .isNegInf].contains($0)
  }

  @Test(arguments: functions, [ElementType.f32, .f64])
  func keepsMeaning(_ function: UnaryOp, _ type: ElementType) throws {
    let numbers: [Double] = [0.25, 0.5, 0.9, 1, 1.5, 3, 7.25, 20, -0.75, -2.5]
    let x = FunctionBuilder(name: "main", arguments: [.tensor([numbers.count], type)])
    try x.return([try x.unary(function, x.arguments[0])])
    var module = Module(functions: [try x.finish()])
    let operand = HostTensor(numbers).converted(to: type)
    let expected = try Interpreter(module).call("main", [operand])[0]
    #expect(try elementaryExpansion.run(&module))
    #expect(module.defects().isEmpty)
    #expect(!module.description.contains("chlo."))
    let result = try Interpreter(module).call("main", [operand])[0]
    let tolerance = type == .f32 ? 1e-5 : 1e-12
    for index in numbers.indices {
      let (a, b) = (result[index].double, expected[index].double)
      #expect(
        a == b || a.isNaN && b.isNaN || (a - b).magnitude <= tolerance * max(1, b.magnitude),
        "\(function.rawValue) of \(numbers[index]): \(a), not \(b)")
    }
  }
}
