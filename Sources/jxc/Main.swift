import ArgumentParser
import Driver
import Glibc

/// The entry point: reads the command line, runs the subcommand, and turns what it throws into
/// one of the exit codes.
@main
enum Main {
  static func main() {
    // A file that may not grow is an error like any other.
    signal(SIGXFSZ, SIG_IGN)
    do {
      // An executable that `jxc build` made is the program that it carries.
      if let bundle = Bundle.ofThisProcess() {
        try Invocation().run(bundle, arguments: commandLineArguments())
        exit(ExitStatus.success.rawValue)
      }
      let arguments = commandLineArguments()
      if let (file, rest) = plainRun(arguments) {
        try Invocation().run(file, arguments: rest)
      } else {
        var command = try JXC.parseAsRoot(arguments)
        try command.run()
      }
      exit(ExitStatus.success.rawValue)
    } catch let failure as Failure {
      exit(failure.code)
    } catch {
      let wasAsked = JXC.exitCode(for: error) == .success
      let text = JXC.fullMessage(for: error)
      if wasAsked { writeOutput(text + "\n") } else { writeError(text + "\n") }
      exit(wasAsked ? ExitStatus.success.rawValue : ExitStatus.usage.rawValue)
    }
  }

  /// The program and its arguments, where the command line is `run FILE` or `run FILE -- …`: so
  /// plain a command is read here, because the parser of command lines takes 8 ms to set up.
  private static func plainRun(_ words: [String]) -> (file: String, arguments: [String])? {
    guard words.count >= 2, words[0] == "run", words.count == 2 || words[2] == "--",
      words[1] == "-" || !words[1].hasPrefix("-"), !words[1].isEmpty, !words[1].hasSuffix(".mlir")
    else { return nil }
    return (words[1], Array(words.dropFirst(3)))
  }
}

/// What `jxc` is: the list of its subcommands. Each has a file of its own.
struct JXC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jxc",
    abstract: "Compiles NumPy-like array programs (.jx) to native code.",
    discussion: """
      Examples:
        jxc run examples/digits.jx
            run a program
        jxc --emit-jaxpr examples/selu.jx --entry selu --arg 'f32[8]'
            what tracing sees of one of its functions
        jxc --emit-stablehlo examples/selu.jx
            the StableHLO of every function that the program compiles
        jxc compile examples/selu.jx --entry selu --arg 'f32[8]' -o selu.o
            an object file and a header, for C to call
        jxc opt module.mlir --passes=cse,dce --dump-after=all
            passes on a module in StableHLO's text form

      Exit codes: 0 done, 1 the program has errors, 2 wrong usage, 3 a run-time check failed, \
      70 internal error.
      """,
    version: "jxc \(compilerVersion)",
    subcommands: [
      Run.self, Compile.self, Build.self, Emit.self, Inspect.self, Opt.self, Reduce.self, Diff.self,
      Cache.self,
    ],
    defaultSubcommand: Emit.self)
}
