import Codegen
import Execution
import Support

/// What a user asks for on the command line, beside the file.
public struct InvocationOptions: Sendable {
  /// `--dump-after`: names of passes, or `all`.
  public var dumpAfter: Set<String> = []
  /// `--dump-dir`: the folder that receives the module after each pass, a file each.
  public var dumpDirectory: String?
  /// `--disable-pass` and `--verify-each`.
  public var passes = PipelineOptions()
  /// `--time-passes`
  public var timesPasses = false
  /// `--diagnostic-format`
  public var diagnosticFormat = DiagnosticRenderer.Format.human
  /// `--color`
  public var color = ColorChoice.auto
  /// `--device`
  public var device = DeviceChoice.cpu
  /// `--statistics`: what the kernels did on the simulator.
  public var showsStatistics = false
  /// `--gpu-atomics`: scatters on a GPU combine their updates in atomic operations.
  public var usesAtomics = false
  /// `--target`: what the stages that are shown are for.
  public var target = ShownTarget.host

  public init() {}
}

/// What a stage is shown for.
public enum ShownTarget: Hashable, Sendable {
  /// This machine.
  case host
  case gpu(Architecture)

  /// `host`, or `ptx:sm_80` and the like.
  public init(parsing text: String) throws {
    if text == "host" {
      self = .host
    } else if let architecture = try Architecture(target: text) {
      self = .gpu(architecture)
    } else {
      throw Diagnostic(
        .error, "unknown target '\(text)'", hint: "host, or ptx:sm_80 and the like")
    }
  }
}

/// When errors are coloured.
public enum ColorChoice: String, CaseIterable, Sendable {
  case auto, always, never
}

/// One invocation of the compiler: its options, the sources it read, and what it has to report.
public final class Invocation {
  public let options: InvocationOptions
  /// Every file that spans may point into.
  let sources = SourceMap()
  /// The time that passes and stages took.
  var times = TimeReport()
  /// The stage to show of every function that is compiled from now on.
  var shownStage: Stage?
  /// What the machine does at best, while every function that is compiled is inspected.
  var roofline: Roofline?
  /// The number of modules written to `--dump-dir`.
  var dumpCount = 0
  /// Has something been shown already?
  var hasShown = false
  /// Was something reported that did not end the work?
  var hasReported = false
  /// Compiled programs of this run and of earlier ones.
  let memory = ProgramMemory()
  /// The GPU, once it is in use.
  var openAccelerator: Accelerator?

  public init(_ options: InvocationOptions = InvocationOptions()) { self.options = options }
}
