import ArgumentParser
import Driver

/// `jxc compile FILE`: writes native code for others to call.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile functions of a program for C, C++, Python and Swift to call.",
    discussion: """
      Without --entry the program runs, and every function that it jits or lowers itself is \
      compiled, for the arguments of those calls. With --entry the program defines its functions \
      (__name__ is then not "__main__"), and the named ones are compiled: for the types in the \
      entry, or those of --arg, or those that the parameters are annotated with (x: "f32[64]"), or \
      those of the program's own calls.

      The types of an argument are f32[8,3] and the like, in lists, tuples and dicts; or a file, \
      weights.npz, for a dict of arrays like those in it; or any expression of the program, whose \
      value then says the types.

      A header is written beside .o, .a and .so. Files appear whole or not at all.

      Examples:
        jxc compile selu.jx --entry selu --arg 'f32[1000]' -o selu.o
        jxc compile digits.jx --entry 'predict([(f32[128,64], f32[128])], f32[64])' -o digits.o
        jxc compile digits.jx --entry predict --arg params --arg 'image=f32[64]' -o digits.a
        jxc compile fit.jx --entry 'slope=jax.grad(loss)(f32[3], f32[8,3])' -o slope.o
        jxc compile train.jx -o libtrain.so --python
        jxc compile module.mlir -o module.o --target aarch64
        jxc compile module.mlir -o module.ptx --target ptx:sm_90
      """)

  @Argument(help: "The program (.jx) or the module (.mlir), or - for a program on standard input.")
  var file: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "The file to write, or - for standard output.")
  var output: String

  @Option(
    help: ArgumentHelp(
      "What to write, if the suffix of the file does not say it: "
        + ArtefactKind.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "kind"))
  var emit: ArtefactKind?

  @Option(help: ArgumentHelp("A function, or a call of it with types.", valueName: "f[(types)]"))
  var entry: [String] = []

  @OptionGroup var call: CallArguments

  @Option(help: "What symbols begin with, instead of the program's name; may be empty.")
  var prefix: String?

  @Option(
    help: ArgumentHelp(
      "The system to compile for: x86_64, aarch64; cuda or cuda:sm_90 for an object that runs on a "
        + "GPU; ptx:sm_80 and the like for the text of its kernels.",
      valueName: "triple"))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "The processor: native, x86-64-v2, x86-64-v3 (the default), x86-64-v4, or one that LLVM knows.",
      valueName: "name"))
  var cpu: String?

  @Flag(help: "Compile for all levels of x86-64; the code chooses when it is loaded.")
  var multiversion = false

  @Option(help: ArgumentHelp("1: never use threads.", valueName: "n"))
  var threads: Int?

  @Flag(inversion: .prefixedNo, help: "Write a header.")
  var header = true

  @Flag(help: "Write a Python module that calls the shared library.")
  var python = false

  @Flag(help: "Write a module map for Swift.")
  var swift = false

  @Flag(help: "Write a file for pkg-config.")
  var pkgConfig = false

  @Flag(name: .shortAndLong, help: "Do not say what was written.")
  var quiet = false

  @OptionGroup(title: "Compiler") var compiler: CompilerFlags

  func validate() throws {
    if entry.isEmpty { try call.requireNone() }
    if !call.isEmpty, entry.count > 1 || entry[0].contains("(") {
      throw ValidationError(
        "--arg and --static describe a call of one --entry; write --entry 'f(f32[8])' for several")
    }
    if file.hasSuffix(".mlir"), entry.contains(where: { $0.contains("(") }) || !call.isEmpty {
      throw ValidationError("the functions of a module have types: --entry is only a name")
    }
    if Set(entry).count < entry.count { throw ValidationError("an --entry is given twice") }
    if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
    guard let kind else {
      throw ValidationError(
        "'\(output)' does not say what to write: end it in .o, .a, .so, .s, .ll, .bc, .ptx or .mlir, or "
          + "use --emit")
    }
    if python, kind != .shared {
      throw ValidationError("--python calls a shared library: write to a file that ends in .so")
    }
    if output == "-", kind == .shared {
      throw ValidationError("a shared library cannot be written to standard output")
    }
  }

  private var kind: ArtefactKind? { emit ?? ArtefactKind(path: output) }

  func run() throws {
    guard let kind else { return }
    var request = CompileRequest(output: output, kind: kind)
    request.entries = entry
    request.arguments = call.types
    request.statics = call.statics
    request.prefix = prefix
    request.triple = target
    request.cpu = cpu
    request.isMultiversioned = multiversion
    request.usesThreads = threads != 1
    request.writesHeader = header
    request.writesPython = python
    request.writesModuleMap = swift
    request.writesPackageConfiguration = pkgConfig
    request.isQuiet = quiet
    try compiler.invocation().compile(file, request)
  }
}

extension ArtefactKind: ExpressibleByArgument {}
