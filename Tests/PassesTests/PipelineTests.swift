import HLO
import Passes
import Support
import Testing

/// What a pipeline finds wrong with passes that misbehave.
@Suite struct PipelineTests {
  private func run(_ pass: Pass<Module>) throws -> String {
    let text = """
      func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
        %0 = stablehlo.sine %x : tensor<2xf32>
        return %0 : tensor<2xf32>
      }
      """
    var module = try #require(try Module.parse(text).first)
    let pipeline = Pipeline([pass], invariants: moduleInvariants)
    do {
      try pipeline.run(on: &module, options: PipelineOptions(verifyEach: true))
    } catch let failure as PassFailure {
      return failure.description
    }
    return "no failure"
  }

  @Test func namesThePassAndWhatIsWrong() throws {
    #expect(try run(Pass("idle", "does nothing") { _ in false }) == "no failure")
    #expect(
      try run(Pass("boaster", "claims a change") { _ in true }).contains(
        "'boaster' (run 1) failed\n  the pass says that it changed the program, and did not"))
    #expect(
      try run(
        Pass("sneak", "hides a change") { module in
          module.name = "other"
          return false
        }
      ).contains("the pass changed the program but says that it did not"))
    #expect(
      try run(
        Pass("breaker", "breaks the module") { module in
          module.functions[0].resultTypes = []
          return true
        }
      ).contains("'breaker' (run 1) failed"))
  }
}
