import Core
import HLO
import Support

extension Invocation {
  /// From a jaxpr to something that runs: the compiler on a page.
  func compile(_ jaxpr: ClosedJaxpr, name: String) throws -> any Executable {
    // Each primitive has a rule that says it in StableHLO.
    let module = try lower(jaxpr, name: name)
    return InterpretedModule(module)
  }
}
