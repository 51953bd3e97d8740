import ArgumentParser
import Driver

/// `jxc diff A.mlir B.mlir`: compares modules by what they say, not by their text.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say where two StableHLO modules first differ.",
    discussion: """
      The names of values, locations and the layout of the text do not count. Exit codes: 0 the \
      modules are the same, 1 they differ.

      Example:
        jxc diff before.mlir after.mlir
      """)

  @Argument(help: "A module.")
  var first: String

  @Argument(help: "Another module.")
  var second: String

  @OptionGroup var diagnostics: DiagnosticFlags

  func run() throws { try diagnostics.invocation().diff(first, second) }
}
