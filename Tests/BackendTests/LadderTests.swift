import Execution
import LoopIR
import Support
import Tensor
import Testing

/// Compiled code against the interpreter, bit for bit.
@Suite struct LadderTests {
  private func expectAgreement(
    _ program: Program, _ arguments: [HostTensor], _ what: String
  ) throws {
    #expect(program.verify().isEmpty)
    let interpreted = try program.interpret(arguments)
    let compiled = try compile(program).run(arguments)
    for (a, b) in zip(interpreted, compiled) {
      var different = 0
      for position in 0..<a.count where different < 3 {
        let (x, y) = (a[position], b[position])
        if x == y || (x.double.isNaN && y.double.isNaN) { continue }
        // Compiled code flushes subnormals.
        if x.double.magnitude < 1.2e-38 && y.double == 0 { continue }
        different += 1
        Issue.record(
          "\(what) of \(arguments.map { $0[position] }): interpreted \(x), compiled \(y)")
      }
    }
  }

  private static let specials: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 2, 3, 10, -10, 88, -88, 100, 1e-3, 1e6, -1e6, 3.4e38, .infinity,
    -.infinity, .nan, 1e-30, 0.1, 7.25, -33.3,
  ]

  private func sample(_ type: ElementType, seed: Int) -> HostTensor {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    let random = (0..<77).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(Int64(bitPattern: state) >> 40) / 1e6
    }
    let values = Self.specials + random
    return HostTensor(values, shape: [values.count]).converted(to: type)
  }

  @Test(arguments: [ElementType.f32, .f64])
  func elementaryFunctions(type: ElementType) throws {
    let x = sample(type, seed: 1)
    for operation in Kernel.UnaryOperation.allCases {
      switch operation {
      case .not, .popcnt, .countLeadingZeros, .real, .imag, .conjugate: continue
      default: break
      }
      let kernel = elementwise(
        "f", [type], to: operation.resultType(type), count: x.count
      ) { k, v in k.unary(operation, v[0]) }
      try expectAgreement(program(kernel), [x], "\(type) \(operation.rawValue)")
    }
  }

  @Test(arguments: [ElementType.f32, .f64, .i8, .i32, .i64, .u8, .u32, .u64, .i4, .u4])
  func binaryOperations(type: ElementType) throws {
    let (x, y) = (sample(type, seed: 1), sample(type, seed: 2))
    let operations: [Kernel.BinaryOperation] =
      type.isFloat
      ? [.add, .subtract, .multiply, .divide, .remainder, .power, .atan2, .maximum, .minimum]
      : [
        .add, .subtract, .multiply, .divide, .remainder, .maximum, .minimum, .and, .or, .xor,
        .shiftLeft, .shiftRightLogical, .shiftRightArithmetic,
      ]
    for operation in operations {
      let kernel = elementwise("f", [type, type], to: type, count: x.count) { k, v in
        k.binary(operation, v[0], v[1])
      }
      try expectAgreement(program(kernel), [x, y], "\(type) \(operation.rawValue)")
    }
    for comparison in Kernel.Comparison.allCases {
      let kernel = elementwise("f", [type, type], to: .bool, count: x.count) { k, v in
        k.compare(comparison, v[0], v[1])
      }
      if !type.isFloat && comparison.rawValue.hasSuffix("total") { continue }
      try expectAgreement(program(kernel), [x, y], "\(type) \(comparison.rawValue)")
    }
  }

  @Test(arguments: [
    ElementType.bool, .i4, .i8, .i32, .i64, .u4, .u8, .u32, .u64, .f16, .bf16, .f32, .f64, .f8E5M2,
  ])
  func conversions(source: ElementType) throws {
    let x = sample(source, seed: 3)
    for target in [
      ElementType.bool, .i4, .i8, .i32, .i64, .u8, .u32, .u64, .bf16, .f16, .f32, .f64,
    ] {
      let kernel = elementwise("f", [source], to: target, count: x.count) { k, v in
        k.convert(v[0], to: target)
      }
      try expectAgreement(program(kernel), [x], "convert \(source) to \(target)")
    }
  }

  @Test func defectsAreFound() {
    let k = KernelBuilder(name: "wrong")
    let x = k.parameter(.f32, count: 4, access: .read)
    k.store(k.load(x, at: k.index(4)), to: x, at: k.index(0))
    let defects = k.finish().verify()
    #expect(defects.count == 2)
  }
}
