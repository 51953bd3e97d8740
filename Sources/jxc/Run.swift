import ArgumentParser
import Driver

/// `jxc run FILE`: runs a program.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program.",
    discussion: """
      Examples:
        jxc run examples/selu.jx
        jxc run train.jx -- --epochs 3      what follows -- is sys.argv of the program
        jxc run - < program.jx              reads the program from standard input
      """)

  @Argument(help: "The program, or - for standard input.")
  var file: String

  @Argument(parsing: .postTerminator, help: "Arguments of the program.")
  var arguments: [String] = []

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func run() throws {
    try compiler.invocation().run(file, arguments: arguments)
  }
}
