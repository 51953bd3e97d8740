import Foundation
import Support
import Tensor
import Testing

@testable import HLO

@Suite struct InterpreterTests {
  /// Runs `@f`, which takes nothing, and returns its only result as numbers.
  private func run(_ type: String, _ body: String) throws -> [Double] {
    let module = try Module(parsing: "func.func @f() -> \(type) {\n\(body)\nreturn %r : \(type)\n}")
    #expect(module.defects().isEmpty)
    return try Interpreter(module).call("f")[0].elements(as: Double.self)
  }

  @Test(arguments: [
    ("divide", [-8.0, 7, -128, -1], [0.0, -2, -1, 3], [-1.0, -3, -128, 0]),
    ("remainder", [-8, 7, -128, -1], [0, -2, -1, 3], [-8, 1, 0, -1]),
    ("shift_right_logical", [-8, 7, -128, -1], [1, 8, 7, 3], [124, 0, 1, 31]),
    ("shift_right_arithmetic", [-8, 7, -128, -1], [1, 8, 7, 9], [-4, 0, -1, -1]),
    ("power", [-2, 3, 2, -1], [3, -1, 8, -3], [-8, 0, 0, -1]),
  ]) func bytes(_ op: String, _ x: [Double], _ y: [Double], _ expected: [Double]) throws {
    let text = { (v: [Double]) in v.map { String(Int($0)) }.joined(separator: ", ") }
    let result = try run(
      "tensor<4xi8>",
      """
      %x = stablehlo.constant dense<[\(text(x))]> : tensor<4xi8>
      %y = stablehlo.constant dense<[\(text(y))]> : tensor<4xi8>
      %r = stablehlo.\(op) %x, %y : tensor<4xi8>
      """)
    #expect(result == expected)
  }

  @Test func builderAndInterpreterAgree() throws {
    let b = FunctionBuilder(name: "f", arguments: [.tensor([2, 3], .f32)])
    let x = b.arguments[0]
    let sum = try b.reduce(.add, x, b.scalar(0, .f32), dimensions: [1])
    let loop = try b.while([b.scalar(0, .i32), sum]) { b, c in
      try b.compare(c[0], .lt, b.scalar(3, .i32))
    } body: { b, c in
      [try b.add(c[0], b.scalar(1, .i32)), try b.add(c[1], c[1])]
    }
    try b.return([loop[1]])
    let module = Module(functions: [try b.finish()])
    #expect(module.defects().isEmpty)
    let input = HostTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(try Interpreter(module).call("f", [input])[0].elements(as: Float.self) == [48, 120])
    #expect(try Module(parsing: module.description).description == module.description)
  }

  @Test func editorReplacesAndErases() throws {
    let b = FunctionBuilder(name: "f", arguments: [.tensor([2], .f32)])
    let x = b.arguments[0]
    let double = try b.add(x, x)
    try b.return([try b.negate(double)])
    let editor = FunctionEditor(try b.finish())
    let add = editor.operationsInOrder()[0]
    try editor.replace(add) { b in [try b.multiply(x, b.full(2.0, like: x))] }
    let function = editor.finish()
    #expect(editor.changed)
    #expect(function.defects().isEmpty)
    #expect(editor.useCount(of: double) == 0)
    #expect(!function.description.contains("stablehlo.add"))
    #expect(function.description.contains("stablehlo.multiply %arg0, %0"))
  }

  /// What JAX computes with the same functions and operands.
  @Test(arguments: samples(root.appendingPathComponent("Tests/Cases/HLO/checked")))
  func computesWhatJAXComputes(_ file: URL) throws {
    _ = try Interpreter(Module(parsing: text(file))).call("main")
  }

  /// StableHLO's own tests. Those that cannot pass: they compare NaN for equality, need arguments,
  /// or expect the rounding errors of one certain algorithm.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: peers.path)))
  func passesThePeersTests() throws {
    let impossible: Set = [
      "sort_float32_5", "top_k_float32_5_chlo", "api_input_arguments",
      "fft_complex64_14_15_16_17", "fft_complex128_14_15_16_17",
      "triangular_solve_float32_2_8_8_float32_2_10_8",
    ]
    var passed = 0
    for folder in ["testdata", "interpret"] {
      for file in samples(peers.appendingPathComponent(folder)) {
        let name = file.deletingPathExtension().lastPathComponent
        if impossible.contains(name) { continue }
        do {
          for module in try Module.parse(text(file)) {
            if let defect = module.defects().first { throw defect }
            let interpreter = Interpreter(module)
            let entries = module.functions.filter { $0.name == "main" }
            for function in entries.isEmpty ? module.functions : entries
            where function.arguments.isEmpty {
              _ = try interpreter.call(function.name)
            }
          }
          passed += 1
        } catch {
          Issue.record("\(name): \(error)")
        }
      }
    }
    #expect(passed > 0)
  }
}
