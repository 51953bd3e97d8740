import Core
import Glibc
import HLO
import Passes
import Support

extension Invocation {
  /// Runs `body`, the work of a subcommand, and ends the invocation: errors and the time report go
  /// to standard error.
  ///
  /// - Throws: `Failure` and nothing else.
  func reporting(_ body: () throws -> Void) throws(Failure) {
    reportCrashes()
    var failure: Failure?
    do {
      try body()
      if hasReported { failure = Failure(.programError) }
    } catch {
      failure = report(error)
    }
    if options.timesPasses { writeError(times.text) }
    if options.showsStatistics { writeError(openAccelerator?.statistics.table ?? "") }
    if let failure { throw failure }
  }

  /// Says what went wrong.
  private func report(_ error: any Error) -> Failure {
    switch error {
    case let failure as Failure:
      return failure
    case let diagnostic as Diagnostic:
      report([diagnostic])
      return Failure(.programError)
    case let wrong as WrongUsage:
      report([wrong.diagnostic])
      return Failure(.usage)
    case let diagnostics as Diagnostics:
      report(diagnostics.all)
      return Failure(.programError)
    case let raised as RaisedError:
      report([Diagnostic(.error, "\(raised.kind.rawValue): \(raised.message)")])
      return Failure(.programError)
    case let failure as FailedCheck:
      report(failure)
      return Failure(.checkFailed)
    case let failure as PassFailure:
      writeError("internal error: \(failure)\n\(commandToReproduce(failure))")
      return Failure(.internalError)
    default:
      report([Diagnostic(.error, "internal error: \(error)")])
      return Failure(.internalError)
    }
  }

  /// Says which check failed, and with what.
  func report(_ failure: FailedCheck) {
    report([Diagnostic(.error, failure.message, at: failure.span, notes: failure.notes)])
  }

  /// Saves the module that the pass failed on; the command that shows the failure again.
  private func commandToReproduce(_ failure: PassFailure) -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let file = "\(folder)/jxc-\(failure.pass)-\(getpid()).mlir"
    guard (try? writeFile(Array(failure.programBefore.utf8), to: file)) != nil else {
      return failure.programBefore
    }
    guard allPasses.contains(where: { $0.name == failure.pass }) else {
      return "hint: 'jxc --emit-loops --verify-each \(file)' shows it again\n"
    }
    return """
      hint: 'jxc opt --passes=\(failure.pass) --verify-each \(file)' shows it again; \
      '--disable-pass=\(failure.pass):\(failure.occurrence)' goes around it

      """
  }

  func report(_ diagnostics: [Diagnostic]) {
    let renderer = DiagnosticRenderer(
      sources: sources, format: options.diagnosticFormat, isColored: isColored)
    writeError(renderer.render(diagnostics))
  }

  /// `--color`, where `auto` asks the environment and then the terminal.
  private var isColored: Bool {
    switch options.color {
    case .always: return true
    case .never: return false
    case .auto:
      if let variable = getenv("CLICOLOR_FORCE"), variable[0] != 0 { return true }
      if let variable = getenv("NO_COLOR"), variable[0] != 0 { return false }
      return isatty(STDERR_FILENO) == 1
    }
  }
}

/// A mistake on the command line.
struct WrongUsage: Error {
  let diagnostic: Diagnostic
}

/// Several diagnostics, thrown together.
struct Diagnostics: Error {
  let all: [Diagnostic]
}
