import ArgumentParser
import Driver
import Support

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
      """)

  @Flag(help: "The stage to show.")
  var stage: Stage

  @Argument(help: "The program, or - for standard input.")
  var file: String

  @Option(help: "The function to show, by name.")
  var entry: String?

  @Option(
    name: .customLong("arg"),
    help: ArgumentHelp(
      "The type of the next array argument, or of the one with that name.",
      valueName: "[name=]type[shape]"),
    transform: { text in try usage { try ArgumentType(parsing: text) } })
  var types: [ArgumentType] = []

  @Option(
    name: .customLong("static"),
    help: ArgumentHelp(
      "An argument that is a value, such as 3 or 'relu'.", valueName: "name=value"),
    transform: { text in try usage { try StaticArgument(parsing: text) } })
  var statics: [StaticArgument] = []

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func validate() throws {
    if entry == nil, !types.isEmpty || !statics.isEmpty {
      throw ValidationError("--arg and --static describe a call of --entry, which is missing")
    }
  }

  func run() throws {
    let invocation = compiler.invocation()
    guard let entry else { return try invocation.emit(stage, file) }
    try invocation.emit(stage, file, entry: entry, arguments: types, statics: statics)
  }
}

/// What is wrong with an argument is wrong usage.
func usage<T>(_ parse: () throws -> T) throws -> T {
  do {
    return try parse()
  } catch let diagnostic as Diagnostic {
    let hint = diagnostic.hint.map { "; \($0)" } ?? ""
    throw ValidationError(diagnostic.message + hint)
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
