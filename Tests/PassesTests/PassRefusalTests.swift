import HLO
import Passes
import Support
import Tensor
import Testing

/// Modules on the border of what a pass may change: whether it does, and that its result gives the
/// same numbers.
@Suite struct PassRefusalTests {
  struct Case: Sendable, CustomStringConvertible {
    let pass: Pass<Module>
    let changes: Bool
    let description: String
    let text: String

    init(_ pass: Pass<Module>, changes: Bool, _ description: String, _ text: String) {
      self.pass = pass
      self.changes = changes
      self.description = "\(pass.name): \(description)"
      self.text = text
    }
  }

  private static func loop(from start: Int, _ test: String, _ step: String, by amount: Int)
    -> String
  {
    """
    func.func @main(%x: tensor<3xf32>) -> (tensor<i32>, tensor<3xf32>) {
      %limit = stablehlo.constant dense<8> : tensor<i32>
      %start = stablehlo.constant dense<\(start)> : tensor<i32>
      %by = stablehlo.constant dense<\(amount)> : tensor<i32>
      %r:2 = stablehlo.while(%i = %start, %a = %x) : tensor<i32>, tensor<3xf32>
      cond {
        %c = stablehlo.compare \(test) : (tensor<i32>, tensor<i32>) -> tensor<i1>
        stablehlo.return %c : tensor<i1>
      } do {
        %n = stablehlo.\(step) : tensor<i32>
        %b = stablehlo.add %a, %a : tensor<3xf32>
        stablehlo.return %n, %b : tensor<i32>, tensor<3xf32>
      }
      return %r#0, %r#1 : tensor<i32>, tensor<3xf32>
    }
    """
  }

  private static func quotient(_ element: String, _ by: String) -> String {
    """
    func.func @main(%x: tensor<2x3x\(element)>, %y: tensor<2x3x\(element)>, %s: tensor<\(element)>) -> tensor<2x3x\(element)> {
      %c = stablehlo.constant dense<4.0> : tensor<2x3x\(element)>
      %b = stablehlo.broadcast_in_dim %s, dims = [] : (tensor<\(element)>) -> tensor<2x3x\(element)>
      %t = stablehlo.broadcast_in_dim %y, dims = [0, 1] : (tensor<2x3x\(element)>) -> tensor<2x3x\(element)>
      %r = stablehlo.divide \(by) : tensor<2x3x\(element)>
      return %r : tensor<2x3x\(element)>
    }
    """
  }

  private static func sum(_ element: String, _ operation: String) -> String {
    """
    func.func @main(%x: tensor<2x3x\(element)>, %s: tensor<\(element)>) -> tensor<2x\(element)> {
      %r = stablehlo.reduce(%x init: %s) applies stablehlo.\(operation) across dimensions = [1] : (tensor<2x3x\(element)>, tensor<\(element)>) -> tensor<2x\(element)>
      return %r : tensor<2x\(element)>
    }
    """
  }

  /// `%p`, a product of `inner`, and the product, or sum, of `outer`.
  private static func product(
    _ element: String, _ inner: String, _ outer: String, _ operation: String = "multiply"
  ) -> String {
    """
    func.func @main(%x: tensor<2x3x\(element)>, %y: tensor<2x3x\(element)>, %s: tensor<\(element)>) -> tensor<2x3x\(element)> {
      %c = stablehlo.constant dense<0.3> : tensor<2x3x\(element)>
      %b = stablehlo.broadcast_in_dim %s, dims = [] : (tensor<\(element)>) -> tensor<2x3x\(element)>
      %p = stablehlo.\(operation) \(inner) : tensor<2x3x\(element)>
      %r = stablehlo.\(operation) \(outer) : tensor<2x3x\(element)>
      return %r : tensor<2x3x\(element)>
    }
    """
  }

  static let cases: [Case] = [
    Case(tripCounts, changes: true, "up", loop(from: 2, "LT, %i, %limit", "add %i, %by", by: 2)),
    Case(
      tripCounts, changes: true, "down",
      loop(from: 14, "GT, %i, %limit", "subtract %i, %by", by: 2)),
    Case(
      tripCounts, changes: true, "the limit before the counter",
      loop(from: 2, "GE, %limit, %i", "add %by, %i", by: 3)),
    Case(
      tripCounts, changes: true, "until it is met",
      loop(from: 2, "NE, %i, %limit", "add %i, %by", by: 2)),
    Case(
      tripCounts, changes: true, "not once",
      loop(from: 9, "LT, %i, %limit", "add %i, %by", by: 1)),
    Case(
      tripCounts, changes: false, "a product",
      loop(from: 1, "LT, %i, %limit", "multiply %i, %by", by: 2)),
    Case(
      tripCounts, changes: false, "an amount minus the counter",
      loop(from: 3, "LT, %i, %limit", "subtract %by, %i", by: 12)),

    Case(
      tripCounts, changes: false, "a quotient",
      loop(from: 14, "GT, %i, %limit", "divide %i, %by", by: 2)),

    Case(reciprocalDivision, changes: true, "a constant", quotient("f32", "%x, %c")),
    Case(reciprocalDivision, changes: true, "a scalar", quotient("f32", "%x, %b")),
    Case(reciprocalDivision, changes: true, "of halves", quotient("f16", "%x, %c")),
    Case(reciprocalDivision, changes: true, "of doubles", quotient("f64", "%x, %b")),
    Case(reciprocalDivision, changes: false, "of bf16", quotient("bf16", "%x, %c")),
    Case(reciprocalDivision, changes: false, "of a constant", quotient("f32", "%c, %b")),
    Case(reciprocalDivision, changes: false, "an array", quotient("f32", "%x, %y")),
    Case(reciprocalDivision, changes: false, "as many divisors", quotient("f32", "%x, %t")),

    Case(sumWidening, changes: true, "of bf16", sum("bf16", "add")),
    Case(sumWidening, changes: true, "a product", sum("f16", "multiply")),
    Case(sumWidening, changes: false, "of f32", sum("f32", "add")),
    Case(sumWidening, changes: false, "a maximum", sum("bf16", "maximum")),

    Case(constantFactors, changes: true, "two constants", product("f32", "%x, %c", "%c, %p")),
    Case(constantFactors, changes: true, "a scalar", product("f32", "%c, %x", "%b, %p")),
    Case(constantFactors, changes: true, "of halves", product("f16", "%x, %c", "%p, %b")),
    Case(constantFactors, changes: true, "a sum", product("f64", "%x, %c", "%p, %c", "add")),
    Case(constantFactors, changes: false, "of bf16", product("bf16", "%x, %c", "%p, %c")),
    Case(constantFactors, changes: false, "an array", product("f32", "%x, %c", "%p, %y")),
    Case(constantFactors, changes: false, "the scalar first", product("f32", "%x, %b", "%p, %c")),
    Case(
      constantFactors, changes: false, "a broadcast term",
      product("f32", "%x, %c", "%p, %b", "add")),

    Case(
      algebraicSimplification, changes: false, "rows without a progression",
      """
      func.func @main(%x: tensor<5x2xf32>) -> tensor<4x2xf32> {
        %i = stablehlo.constant dense<[[0], [1], [3], [4]]> : tensor<4x1xi32>
        %0 = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 2>}> : (tensor<5x2xf32>, tensor<4x1xi32>) -> tensor<4x2xf32>
        return %0 : tensor<4x2xf32>
      }
      """),
    Case(
      algebraicSimplification, changes: false, "a sum that depends on the order",
      """
      func.func @main(%x: tensor<3x4xf32>) -> tensor<f32> {
        %z = stablehlo.constant dense<1.0> : tensor<f32>
        %0 = stablehlo.transpose %x, dims = [1, 0] : (tensor<3x4xf32>) -> tensor<4x3xf32>
        %1 = stablehlo.reduce(%0 init: %z) across dimensions = [0, 1] : (tensor<4x3xf32>, tensor<f32>) -> tensor<f32>
          reducer(%a: tensor<f32>, %b: tensor<f32>) {
            %2 = stablehlo.multiply %a, %a : tensor<f32>
            %3 = stablehlo.subtract %b, %2 : tensor<f32>
            %4 = stablehlo.tanh %3 : tensor<f32>
            stablehlo.return %4 : tensor<f32>
          }
        return %1 : tensor<f32>
      }
      """),
    Case(
      algebraicSimplification, changes: false, "an index that its type cannot hold",
      """
      func.func @main() -> tensor<200xi32> {
        %0 = stablehlo.iota dim = 0 : tensor<200xi8>
        %1 = stablehlo.convert %0 : (tensor<200xi8>) -> tensor<200xi32>
        return %1 : tensor<200xi32>
      }
      """),
    Case(
      algebraicSimplification, changes: false, "an index that another type cannot hold",
      """
      func.func @main() -> tensor<200xi8> {
        %0 = stablehlo.iota dim = 0 : tensor<200xi32>
        %1 = stablehlo.convert %0 : (tensor<200xi32>) -> tensor<200xi8>
        return %1 : tensor<200xi8>
      }
      """),
    Case(
      algebraicSimplification, changes: true, "an axis that moves",
      """
      func.func @main() -> tensor<3x4x2xi32> {
        %0 = stablehlo.iota dim = 0 : tensor<2x3x4xi32>
        %1 = stablehlo.transpose %0, dims = [1, 2, 0] : (tensor<2x3x4xi32>) -> tensor<3x4x2xi32>
        return %1 : tensor<3x4x2xi32>
      }
      """),
    Case(
      algebraicSimplification, changes: false, "neighbours along another axis",
      """
      func.func @main(%x: tensor<4x4xf32>) -> tensor<2x4xf32> {
        %0 = stablehlo.slice %x [0:2, 0:2] : (tensor<4x4xf32>) -> tensor<2x2xf32>
        %1 = stablehlo.slice %x [1:3, 2:4] : (tensor<4x4xf32>) -> tensor<2x2xf32>
        %2 = stablehlo.concatenate %0, %1, dim = 1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
        return %2 : tensor<2x4xf32>
      }
      """),
    Case(
      movementSinking, changes: false, "broadcasts of other extents",
      """
      func.func @main(%x: tensor<4xf32>, %y: tensor<1xf32>) -> tensor<4x6xf32> {
        %0 = stablehlo.broadcast_in_dim %x, dims = [0] : (tensor<4xf32>) -> tensor<4x6xf32>
        %1 = stablehlo.broadcast_in_dim %y, dims = [0] : (tensor<1xf32>) -> tensor<4x6xf32>
        %2 = stablehlo.add %0, %1 : tensor<4x6xf32>
        return %2 : tensor<4x6xf32>
      }
      """),
    Case(
      loopInvariants, changes: false, "nothing is left",
      """
      func.func @main(%x: tensor<f32>) -> tensor<f32> {
        %r = stablehlo.while(%a = %x) : tensor<f32>
        cond {
          %c = stablehlo.compare LT, %a, %a : (tensor<f32>, tensor<f32>) -> tensor<i1>
          stablehlo.return %c : tensor<i1>
        } do {
          stablehlo.return %a : tensor<f32>
        }
        return %r : tensor<f32>
      }
      """),
    Case(
      commonSubexpressionElimination, changes: false, "other regions",
      """
      func.func @main(%x: tensor<4xf32>) -> (tensor<f32>, tensor<f32>) {
        %z = stablehlo.constant dense<0.0> : tensor<f32>
        %0 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
        %1 = stablehlo.reduce(%x init: %z) applies stablehlo.maximum across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
        return %0, %1 : tensor<f32>, tensor<f32>
      }
      """),
    Case(
      commonSubexpressionElimination, changes: false, "other results of the same operands",
      """
      func.func @main(%x: tensor<4xf32>) -> (tensor<4xi32>, tensor<4xi8>) {
        %0 = stablehlo.convert %x : (tensor<4xf32>) -> tensor<4xi32>
        %1 = stablehlo.convert %x : (tensor<4xf32>) -> tensor<4xi8>
        return %0, %1 : tensor<4xi32>, tensor<4xi8>
      }
      """),
  ]

  @Test(arguments: cases) func keepsTheBorder(_ example: Case) throws {
    let module = try #require(try Module.parse(example.text).first)
    #expect(module.defects().isEmpty, "\(module.defects())")
    var changed = module
    #expect(try example.pass.run(&changed) == example.changes, "\(changed)")
    #expect(changed.defects().isEmpty, "\(changed.defects())")
    let arguments = module.functions[0].argumentTypes.map { type in
      let type = type.tensor ?? .scalar(.f32)
      let values = (0..<type.count).map { Double($0) * 0.75 + 0.5 }
      return HostTensor(values, shape: type.shape).converted(to: type.element)
    }
    let expected = try Interpreter(module).call("main", arguments)
    let found = try Interpreter(changed).call("main", arguments)
    for (a, b) in zip(found, expected) {
      #expect(a.type == b.type && a.shape == b.shape)
      for place in 0..<b.count {
        let tolerance = example.pass.rounds ? 1e-2 : 0
        #expect(
          (a[place].double - b[place].double).magnitude <= tolerance, "\(example), at \(place)")
      }
    }
  }

  /// What may give something else each time, or does something besides, is not computed once.
  @Test func effectsStay() throws {
    let text = """
      func.func @main() -> (tensor<4xf32>, tensor<4xf32>) {
        %a = stablehlo.constant dense<0.0> : tensor<f32>
        %b = stablehlo.constant dense<1.0> : tensor<f32>
        %s = stablehlo.constant dense<4> : tensor<1xi64>
        %0 = "stablehlo.rng"(%a, %b, %s) {rng_distribution = #stablehlo<rng_distribution UNIFORM>} : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
        %1 = "stablehlo.rng"(%a, %b, %s) {rng_distribution = #stablehlo<rng_distribution UNIFORM>} : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
        %2 = stablehlo.custom_call @draw(%a) : (tensor<f32>) -> tensor<f32>
        %3 = stablehlo.custom_call @draw(%a) : (tensor<f32>) -> tensor<f32>
        stablehlo.custom_call @tell(%2, %3) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
        return %0, %1 : tensor<4xf32>, tensor<4xf32>
      }
      """
    var module = try #require(try Module.parse(text).first)
    for pass in [commonSubexpressionElimination, deadCodeElimination] { _ = try pass.run(&module) }
    #expect(module.description.split(separator: "stablehlo.rng").count == 3, "\(module)")
    #expect(module.description.split(separator: "@draw").count == 3, "\(module)")
    #expect(module.description.split(separator: "@tell").count == 2, "\(module)")
  }
}
