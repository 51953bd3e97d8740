import ArgumentParser
import Driver

/// `jxc --emit-STAGE FILE`: shows what the compiler makes of a program.
struct Emit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a stage of the compilation of a program (--emit-jaxpr and so on).",
    discussion: """
      Without --entry the program runs, and the functions that it compiles are shown in the order \
      in which it compiles them; what it prints goes to standard error. With --entry the program \
      defines its functions (__name__ is then not "__main__"), and the named one is shown for the \
      given arguments.

      Examples:
        jxc --emit-hlo program.jx
        jxc --emit-jaxpr program.jx --entry predict --arg 'f32[8,3]' --arg 'f32[3]'
        jxc --emit-llvm program.jx --entry scale --arg 'f32[1000]' --static 'n=3'
        jxc --emit-ptx program.jx --entry scale --arg 'f32[1000]' --target ptx:sm_90
      """)

  @Flag(help: "The stage to show.")
  var stage: Stage

  @Argument(help: "The program (or - for standard input), or the module (.mlir).")
  var file: String

  @OptionGroup(title: "Function") var function: FunctionChoice

  @Option(
    help: ArgumentHelp(
      "What --emit-loops and --emit-ptx show it for: host, or ptx:sm_80 and the like.",
      valueName: "target"),
    transform: { text in try usage { try ShownTarget(parsing: text) } })
  var target = ShownTarget.host

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func run() throws {
    let invocation = compiler.invocation(target: target)
    guard let entry = function.entry else { return try invocation.emit(stage, file) }
    try invocation.emit(
      stage, file, entry: entry, arguments: function.call.types, statics: function.call.statics)
  }
}

extension Stage: EnumerableFlag {
  public static func name(for stage: Stage) -> NameSpecification {
    .customLong("emit-\(stage.rawValue)")
  }

  public static func help(for stage: Stage) -> ArgumentHelp? {
    ArgumentHelp(stringLiteral: stage.summary)
  }
}
