import ArgumentParser
import Driver

/// `jxc reduce FILE.mlir`: shrinks a module that is compiled wrongly.
struct Reduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shrink a module that crashes the compiler, or that it compiles wrongly.",
    discussion: """
      Leaves out results, functions and operations as long as the test ends as it does for the \
      whole module. The test compiles and runs the module, and compares with the reference \
      interpreter; or it is a command of yours, and its exit code or signal is what has to stay.

      Examples:
        jxc reduce wrong.mlir -o small.mlir
        jxc reduce crash.mlir --command 'jxc opt --passes=fusion'
        jxc reduce large.mlir --command 'jxc opt {} | grep -q stablehlo.while'
      """)

  @Argument(help: "The module.")
  var file: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Where the small module goes; printed unless given.")
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The test: a command for the shell; {} stands for the file, which else follows.",
      valueName: "command"))
  var command: String?

  @Option(help: ArgumentHelp("The longest that one try may take.", valueName: "seconds"))
  var timeout = 20.0

  @Flag(help: .hidden)
  var judge = false

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func run() throws {
    let invocation = compiler.invocation()
    if judge { return try invocation.judge(file) }
    var request = ReductionRequest()
    request.command = command
    request.output = output
    request.seconds = timeout
    request.compilerFlags = compiler.disablePass.flatMap { pass in
      ["--disable-pass", pass.name + (pass.occurrence.map { ":\($0)" } ?? "")]
    }
    if compiler.verifyEach { request.compilerFlags.append("--verify-each") }
    try invocation.reduce(file, request)
  }
}
