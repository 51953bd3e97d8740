import HLO
import LoopIR
import Support

extension Invocation {
  /// Loops over buffers for the entry of `module`. Under `--verify-each` the program is checked.
  func scheduled(_ module: Module, for processor: Processor = .cpu) throws -> Program {
    let program = try timed("scheduling") {
      try schedule(module, name: "jx_main", for: processor)
    }
    guard options.passes.verifyEach else { return program }
    let defects = program.verify() + program.roundTripDefects()
    guard defects.isEmpty else {
      throw PassFailure(
        pass: "scheduling", occurrence: 1, defects: defects, programBefore: module.description)
    }
    return program
  }
}
