import ArgumentParser
import Driver

/// `jxc opt FILE.mlir`: runs passes on a module.
struct Opt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run passes on a StableHLO module (.mlir), and print the result.",
    discussion: """
      Without --passes the whole pipeline runs; with --passes=none the module is only checked.

      Examples:
        jxc opt module.mlir --passes=cse,dce
        jxc --emit-stablehlo f.jx --entry f --arg 'f32[4]' | jxc opt - --dump-after=all

      The passes:
      \(Invocation.passSummaries)
      """)

  @Argument(help: "The module, or - for standard input.")
  var file: String

  @Option(help: ArgumentHelp("The passes to run, in this order.", valueName: "a,b,..."))
  var passes: String?

  @Flag(help: "Print where every operation comes from.")
  var locations = false

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func run() throws {
    try compiler.invocation().optimize(
      file, passes: passes == "none" ? [] : passes?.split(separator: ",").map(String.init),
      statesLocations: locations)
  }
}
