import ArgumentParser
import Driver
import Support

/// The flags that every subcommand understands: how errors look.
struct DiagnosticFlags: ParsableArguments {
  @Option(help: ArgumentHelp("How to show errors: human, short or json.", valueName: "format"))
  var diagnosticFormat = DiagnosticRenderer.Format.human

  @Option(help: ArgumentHelp("Colour in errors: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  func invocation() -> Invocation {
    var options = InvocationOptions()
    options.diagnosticFormat = diagnosticFormat
    options.color = color
    return Invocation(options)
  }
}

/// The flags of subcommands that compile.
struct CompilerFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Show the program after each run of this pass, on standard error.", valueName: "pass|all"))
  var dumpAfter: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write the module before the passes, and after each that changes it, to files in this folder.",
      valueName: "folder"))
  var dumpDir: String?

  @Option(
    help: ArgumentHelp(
      "Leave out a pass, or only its N-th run.", valueName: "pass[:N]"),
    transform: { text in
      guard let pass = DisabledPass(parsing: text) else {
        throw ValidationError("'\(text)' is not of the form PASS or PASS:N")
      }
      return pass
    })
  var disablePass: [DisabledPass] = []

  @Flag(help: "Check the program after every pass.")
  var verifyEach = false

  @Flag(help: "Say how long the passes and stages took, on standard error.")
  var timePasses = false

  @Flag(
    help: ArgumentHelp(
      "On a GPU, let updates of a scatter that meet be combined by atomic operations, in any order: "
        + "rounded sums then differ from run to run."))
  var gpuAtomics = false

  @OptionGroup var diagnostics: DiagnosticFlags

  func invocation(
    target: ShownTarget = .host, device: DeviceChoice = .cpu, statistics: Bool = false
  ) -> Invocation {
    var options = InvocationOptions()
    options.device = device
    options.showsStatistics = statistics
    options.target = target
    options.usesAtomics = gpuAtomics
    options.dumpAfter = Set(dumpAfter)
    options.dumpDirectory = dumpDir
    options.passes.disabled = disablePass
    options.passes.verifyEach = verifyEach
    options.timesPasses = timePasses
    options.diagnosticFormat = diagnostics.diagnosticFormat
    options.color = diagnostics.color
    return Invocation(options)
  }
}

extension DiagnosticRenderer.Format: ExpressibleByArgument {}
extension ColorChoice: ExpressibleByArgument {}
extension DeviceChoice: ExpressibleByArgument {}
