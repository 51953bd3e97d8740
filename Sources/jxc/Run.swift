import ArgumentParser
import Driver

/// `jxc run FILE`: runs a program, or a StableHLO module.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program (.jx), or a StableHLO module (.mlir).",
    discussion: """
      Examples:
        jxc run examples/selu.jx
        jxc run train.jx -- --epochs 3      what follows -- is sys.argv of the program
        jxc run - < program.jx              reads the program from standard input
        jxc run f.mlir --input @x.npy --input '2x3xf32=1.5' --output @y.npz
      """)

  @Argument(help: "The program, or - for standard input.")
  var file: String

  @Argument(parsing: .postTerminator, help: "Arguments of the program.")
  var arguments: [String] = []

  @Option(
    name: .customLong("input"),
    help: ArgumentHelp(
      "The next argument of a module: @x.npy, all arrays of @x.npz, or '2x3xf32=1.5'.",
      valueName: "array"),
    transform: { text in try usage { try ModuleInput(parsing: text) } })
  var inputs: [ModuleInput] = []

  @Option(help: ArgumentHelp("Where the results of a module go: @y.npz.", valueName: "file"))
  var output: String?

  @Flag(help: "Run a module with the reference interpreter.")
  var interpret = false

  @Option(help: "What to run on: the processor, a GPU, or a simulator of one.")
  var device = DeviceChoice.cpu

  @Flag(help: "Say what the kernels did, on standard error: of --device ptxsim.")
  var statistics = false

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  private var isModule: Bool { file.hasSuffix(".mlir") }

  func validate() throws {
    if !isModule, !inputs.isEmpty || output != nil || interpret {
      throw ValidationError("--input, --output and --interpret are for modules (.mlir)")
    }
    if statistics, device != .ptxsim || interpret {
      throw ValidationError("--statistics needs --device ptxsim")
    }
  }

  func run() throws {
    let invocation = compiler.invocation(device: device, statistics: statistics)
    guard isModule else { return try invocation.run(file, arguments: arguments) }
    var request = ModuleRun()
    request.inputs = inputs
    request.output = output.map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
    request.isInterpreted = interpret
    try invocation.run(modules: file, request)
  }
}
