import HLO
import Passes
import Tensor
import Testing

/// Every rule of the table, by itself, on its own examples: it applies, and what it makes gives the
/// same bits, also for infinities, NaN, both zeros and the largest integers.
@Suite struct SimplificationRuleTests {
  @Test func namesAreUnique() {
    #expect(Set(simplificationRules.map(\.name)).count == simplificationRules.count)
    #expect(simplificationRules.count > 90)
  }

  /// A predicate is no array of reals, even if it chooses between 0 and 1.
  @Test func numbersHaveTypes() throws {
    let builder = FunctionBuilder(
      name: "main", visibility: .public, arguments: [.tensor([4], .bool)])
    let type = TensorType([4], .f32)
    let (zero, one) = (try builder.splat(0.0, type), try builder.splat(1.0, type))
    let p = builder.arguments[0]
    try builder.return([builder.select(p, zero, one), builder.select(p, one, zero)])
    var module = Module(name: "choice", functions: [try builder.finish()])
    _ = try algebraicSimplification.run(&module)
    #expect(module.defects().isEmpty, "\(module.defects())")
  }

  @Test(arguments: simplificationRules.indices) func keepsBits(number: Int) throws {
    let rule = simplificationRules[number]
    let what = "\(rule.name): \(rule.picture)"
    #expect(!rule.examples.isEmpty, "\(what)")
    for example in rule.examples {
      let module = try example.module()
      #expect(module.defects().isEmpty, "\(what): \(module)")
      var changed = module
      #expect(rule.apply(to: &changed), "\(what) does not apply to its example \(module)")
      #expect(changed.defects().isEmpty, "\(what): \(changed.defects())")
      for variant in 0..<4 {
        let arguments = example.arguments.enumerated().map { position, type in
          argument(type.tensor ?? .scalar(.f32), position, variant)
        }
        let expected = try Interpreter(module).call("main", arguments)
        let found = try Interpreter(changed).call("main", arguments)
        for (a, b) in zip(found, expected) {
          #expect(a.type == b.type && a.shape == b.shape, "\(what)")
          for place in 0..<b.count where !agree(a[place], b[place]) {
            Issue.record("\(what): \(a[place]), not \(b[place]), in \(b.type) at \(place)")
            return
          }
        }
      }
    }
  }

  /// Rules leave alone what only looks like their left sides: simplified chains of moves give the
  /// same integers, and each rule about moves finds something to do in one of them.
  @Test func refusesLookalikes() throws {
    var idle = Set(
      simplificationRules.filter { $0.isAboutMoves }.map(\.name))
    for seed in UInt64(1)...1500 {
      let module = try RandomMoves.make(seed: seed, operations: 6)
      var changed = module
      guard try algebraicSimplification.run(&changed) else { continue }
      #expect(changed.defects().isEmpty, "seed \(seed): \(changed.defects()) in \(module)")
      let arguments = RandomMoves.arguments(module)
      let expected = try Interpreter(module).call("main", arguments)
      let found = try Interpreter(changed).call("main", arguments)
      let isSame = zip(found, expected).allSatisfy { a, b in
        a.type == b.type && a.shape == b.shape
          && (0..<b.count).allSatisfy { agree(a[$0], b[$0]) }
      }
      #expect(isSame, "seed \(seed): \(module)")
      if seed > 300 && idle.isEmpty { continue }
      for rule in simplificationRules where idle.contains(rule.name) {
        var alone = module
        if rule.apply(to: &alone) { idle.remove(rule.name) }
      }
    }
    #expect(idle.isEmpty)
  }

  /// Equal, the sign of zero included, or NaN both.
  private func agree(_ a: Scalar, _ b: Scalar) -> Bool {
    func agree(_ x: Double, _ y: Double) -> Bool {
      x == y && (x != 0 || x.sign == y.sign) || x.isNaN && y.isNaN
    }
    switch (a, b) {
    case (.float(let x), .float(let y)): return agree(x, y)
    case (.complex(let x), .complex(let y)):
      return agree(x.real, y.real) && agree(x.imaginary, y.imaginary)
    default: return a == b
    }
  }

  private static let reals: [Double] = [
    0, -0.0, 1, -1, 0.5, -1.5, 2.5, .infinity, -.infinity, .nan, 1e30, -1e-30, 3e38, 7, -7.25, 3,
  ]
  private static let integers: [Int64] = [
    0, 1, -1, 2, -2, 3, 5, -7, 100, -100, 127, -128, .min, .max, 64, 31,
  ]

  /// Argument number `position`: any two arguments of an equation together hold all pairs.
  private func argument(_ type: TensorType, _ position: Int, _ variant: Int) -> HostTensor {
    func index(_ place: Int) -> Int {
      if type.rank == 0 { return variant + 5 * position }
      switch position % 3 {
      case 0: return place + variant
      case 1: return place / 16 + 5 * variant
      default: return place / 3 + variant
      }
    }
    let places = 0..<type.count
    switch type.element.kind {
    case .bool:
      return HostTensor(places.map { index($0) * 7 / 3 % 2 == 0 }, shape: type.shape)
    case .signed, .unsigned:
      let values = places.map { Self.integers[index($0) % 16] }
      return HostTensor(values, shape: type.shape).converted(to: type.element)
    case .complex:
      let values = places.map {
        Complex(Float(Self.reals[index($0) % 16]), Float(Self.reals[index($0) / 16 % 16]))
      }
      return HostTensor(values, shape: type.shape).converted(to: type.element)
    default:
      let values = places.map { Self.reals[index($0) % 16] }
      return HostTensor(values, shape: type.shape).converted(to: type.element)
    }
  }
}

extension SimplificationRule {
  /// Whether the rule moves integers: all but those of elementwise arithmetic, and of devices.
  fileprivate var isAboutMoves: Bool {
    switch root {
    case .broadcastInDim, .reshape, .transpose, .reverse, .slice, .pad, .concatenate,
      .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter, .reduce, .dotGeneral, .convert:
      true
    case .unary, .binary, .compare, .select, .shardingConstraint: false
    }
  }
}
