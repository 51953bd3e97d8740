import Core
import HLO
import Support

extension Invocation {
  /// From a jaxpr to something that runs: the compiler on a page.
  func compile(
    _ jaxpr: ClosedJaxpr, name: String, resultPaths: [String]? = nil
  ) throws -> any Executable {
    show(.jaxpr, jaxpr.description)

    // Each primitive has a rule that says it in StableHLO.
    var module = try timed("lowering") {
      try lower(jaxpr, name: name, resultInfo: resultPaths)
    }
    show(.stablehlo, module.description)

    try run(Pipeline(knownPasses, invariants: moduleInvariants), on: &module)
    show(.hlo, module.description)
    return InterpretedModule(module)
  }

  /// Runs `body`, the step called `name`, and notes how long it took.
  private func timed<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let clock = MonotonicClock()
    defer {
      times.record(
        PassRun(
          name: name, occurrence: 1, changed: true, nanoseconds: clock.elapsedNanoseconds))
    }
    return try body()
  }
}
