import Codegen
import HLO
import LoopIR
import Support

extension Invocation {
  /// Shows what becomes of `module`, which is optimised, on a GPU, if that was asked for. The program
  /// itself runs here all the same: what a GPU cannot run yet is reported, and it goes on.
  func showForGPU(_ module: Module) throws {
    let architecture: Architecture
    switch options.target {
    case .gpu(let chosen): architecture = chosen
    case .host:
      guard shownStage == .ptx else { return }
      architecture = .standard
    }
    guard shownStage == .ptx || shownStage == .loops else { return }
    do {
      let program = try scheduled(module, for: .gpu)
      show(.loops, program.description)
      guard shownStage == .ptx else { return }
      let code = try timed("PTX") { try generatePTX(program, architecture: architecture) }
      show(.ptx, code.ptx)
    } catch let diagnostic as Diagnostic {
      report([diagnostic])
      hasReported = true
    }
  }
}
