import ArgumentParser
import Driver

/// `jxc inspect FILE`: says what compiled functions consist of.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the kernels and the memory of compiled functions.",
    discussion: """
      Each kernel with the operations that it computes and where they come from, its arithmetic, the \
      bytes that it reads and writes, the arithmetic per byte, and the time that the machine takes \
      at least; then all memory, with the time in which each piece is used. Times of memory count \
      operations. A loop counts as one iteration.

      Without --entry the program runs, and every function that it compiles is shown.

      Examples:
        jxc inspect train.jx
        jxc inspect program.jx --entry predict --arg 'f32[8,3]'
        jxc inspect module.mlir --roofline 20,300
      """)

  @Argument(help: "The program (.jx) or the module (.mlir).")
  var file: String

  @OptionGroup(title: "Function") var function: FunctionChoice

  @Option(
    help: ArgumentHelp(
      "What the machine does at best; measured unless given.", valueName: "GB/s,Gflop/s"),
    transform: { text in try usage { try Roofline(parsing: text) } })
  var roofline: Roofline?

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func run() throws {
    let invocation = compiler.invocation()
    guard let entry = function.entry else {
      return try invocation.inspect(file, roofline: roofline)
    }
    try invocation.inspect(
      file, roofline: roofline, entry: entry, arguments: function.call.types,
      statics: function.call.statics)
  }
}
