import HLO
import Passes
import Tensor
import Testing

/// Convolutions become what they are, and give the same numbers.
@Suite struct ConvolutionCanonicalizationTests {
  private let input = numbers([2, 5, 6, 3], period: 11)

  private static func numbers(_ shape: [Int], period: Int) -> HostTensor {
    let count = shape.reduce(1, *)
    let elements: [Float] = (0..<count).map { Float($0 % period - period / 2) }
    return HostTensor(elements, shape: Shape(shape))
  }

  private func check(
    kernel shape: [Int], _ changes: (ConvolutionAttributes) -> ConvolutionAttributes = { $0 },
    operands build: (FunctionBuilder, ValueID, ValueID) throws -> (ValueID, ValueID) = {
      ($1, $2)
    }, expecting isExpected: (Op) -> Bool
  ) throws {
    let kernel = Self.numbers(shape, period: 7)
    let builder = FunctionBuilder(
      name: "main", visibility: .public,
      arguments: [.tensor(input.shape.dimensions, .f32), .tensor(shape, .f32)])
    let numbers = ConvDimensionNumbers(
      inputBatch: 0, inputFeature: 3, inputSpatial: [1, 2], kernelInputFeature: 2,
      kernelOutputFeature: 3, kernelSpatial: [0, 1], outputBatch: 1, outputFeature: 0,
      outputSpatial: [3, 2])
    let (x, k) = try build(builder, builder.arguments[0], builder.arguments[1])
    try builder.return([builder.convolution(x, k, changes(ConvolutionAttributes(numbers)))])
    let module = Module(name: "conv", functions: [try builder.finish()])
    #expect(module.defects().isEmpty)
    var changed = module
    #expect(try convolutionCanonicalization.run(&changed))
    #expect(changed.defects().isEmpty, "\(changed.defects())")
    _ = try deadCodeElimination.run(&changed)
    let function = changed.functions[0]
    #expect(
      function.operationsInOrder().contains { isExpected(function.operations[$0].op) }, "\(changed)"
    )
    let expected = try Interpreter(module).call("main", [input, kernel])
    let found = try Interpreter(changed).call("main", [input, kernel])
    #expect(found[0].isIdentical(to: expected[0]))
  }

  private func isProduct(_ op: Op) -> Bool { if case .dotGeneral = op { true } else { false } }

  @Test func product() throws {
    try check(kernel: [1, 1, 3, 4], expecting: isProduct)
  }

  @Test func padding() throws {
    try check(
      kernel: [2, 3, 3, 4],
      { attributes in
        var attributes = attributes
        attributes.lhsDilation = [2, 1]
        attributes.padding = [Padding(1, 0), Padding(0, -1)]
        return attributes
      },
      operands: { b, x, k in
        let zero = try b.scalar(0.0, .f32)
        let padded = try b.pad(
          x, with: zero, low: [0, 1, 1, 0], high: [0, 2, 0, 0], interior: [0, 0, 2, 0])
        return (padded, k)
      },
      expecting: { op in
        guard case .convolution(let attributes) = op else { return false }
        return attributes.padding == [Padding(3, 4), Padding(1, -1)]
          && attributes.lhsDilation == [2, 3]
      })
  }

  @Test func reversal() throws {
    try check(
      kernel: [2, 3, 3, 4],
      operands: { b, x, k in (x, try b.reverse(k, dimensions: [0, 1])) },
      expecting: { op in
        guard case .convolution(let attributes) = op else { return false }
        return attributes.windowReversal == [true, true]
      })
  }
}
