import ArgumentParser
import Driver

/// `jxc build FILE -o PROGRAM`: makes a stand-alone executable.
struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an executable of a program.",
    discussion: """
      The executable does what `jxc run` does, with the program's compiled functions inside, and \
      needs neither jxc nor the program's files. To find out what to compile, the program runs \
      once; files in its folder that it reads then go into the executable.

      Examples:
        jxc build examples/digits.jx -o digits
        jxc build train.jx -o train -- --epochs 1     with arguments for the run
      """)

  @Argument(help: "The program.")
  var file: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The executable to write.")
  var output: String

  @Argument(parsing: .postTerminator, help: "Arguments of the program for the run.")
  var arguments: [String] = []

  @Flag(name: .shortAndLong, help: "Do not say what was written.")
  var quiet = false

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func run() throws {
    try compiler.invocation().build(
      file, arguments: arguments, output: output, isQuiet: quiet)
  }
}
