import Glibc
import HLO
import Passes
import Support

extension Invocation {
  /// `jxc opt`: runs the passes called `names`, or all of them, on the module in `path`, and prints
  /// it.
  public func optimize(
    _ path: String, passes names: [String]?, statesLocations: Bool = false
  ) throws(Failure) {
    try reporting {
      try checkPassNames(names ?? [])
      var modules = try modules(in: path)
      let pipeline: Pipeline<Module> =
        if let names {
          try .named(names, of: allPasses, invariants: moduleInvariants)
        } else {
          cpuPipeline
        }
      for index in modules.indices { try run(pipeline, on: &modules[index]) }
      let texts = modules.map { statesLocations ? $0.text(locatedIn: sources) : $0.description }
      writeOutput(texts.joined(separator: "// -----\n"))
    }
  }

  /// Runs `pipeline` with the options, dumps and time report of this invocation.
  func run(_ pipeline: Pipeline<Module>, on module: inout Module) throws {
    try checkPassNames()
    try checkOccurrences(in: pipeline)
    try dump(module, after: "input")
    let explainsFusion = !options.dumpAfter.isDisjoint(with: ["all", fusion.name])
    var before = explainsFusion ? module : Module()
    try pipeline.run(on: &module, options: options.passes) { [self] run, module in
      times.record(run)
      if options.dumpAfter.contains("all") || options.dumpAfter.contains(run.name) {
        writeError("// after \(run.name)\(run.changed ? "" : ", which changed nothing")\n\(module)")
        if run.name == fusion.name { writeError(Self.refusals(unfusedArrays(in: before), before)) }
      }
      if explainsFusion { before = module }
      if run.changed { try? dump(module, after: run.name) }
    }
  }

  /// A line for each array that passes between two loop nests, with the reason.
  private static func refusals(_ arrays: [UnfusedArray], _ module: Module) -> String {
    arrays.map { array in
      let function = module.functions[array.function]
      let operation = function.operations[array.operation]
      let types = operation.results.map { function.type(of: $0).description }
      return "// not fused: \(operation.op.mnemonic) : \(types.joined(separator: ", ")): "
        + array.reason.rawValue + "\n"
    }.joined()
  }

  /// Writes `module` to a file of `--dump-dir`: `003-fold.mlir`.
  private func dump(_ module: Module, after pass: String) throws {
    guard let folder = options.dumpDirectory else { return }
    if dumpCount == 0 { mkdir(folder, 0o777) }
    let number = String(dumpCount)
    dumpCount += 1
    let digits = String(repeating: "0", count: max(0, 3 - number.count)) + number
    try writeFile(Array(module.description.utf8), to: "\(folder)/\(digits)-\(pass).mlir")
  }

  /// Names that no pass has are mistakes of the command line, not passes that never run.
  private func checkPassNames(_ chosen: [String] = []) throws {
    let known = Set(allPasses.map(\.name))
    let named = Set(options.passes.disabled.map(\.name)).union(options.dumpAfter).union(chosen)
    for name in named.sorted()
    where name != "all" && !known.contains(name) {
      throw WrongUsage(
        diagnostic: Diagnostic(
          .error, "no pass is called '\(name)'",
          hint: "the passes are \(known.sorted().joined(separator: ", "))"))
    }
  }

  /// A run of a pass that never comes is a mistake, too.
  private func checkOccurrences(in pipeline: Pipeline<Module>) throws {
    for disabled in options.passes.disabled {
      let count = pipeline.passes.count { $0.name == disabled.name }
      guard let occurrence = disabled.occurrence, occurrence > count else { continue }
      throw WrongUsage(
        diagnostic: Diagnostic(
          .error, "'\(disabled.name)' has no run \(occurrence) to disable: it runs \(count) times"))
    }
  }

  /// Reads the modules of a text in StableHLO, and checks them.
  func modules(in path: String) throws -> [Module] {
    let source = try readFile(path)
    if source.starts(with: Array("ML".utf8) + [0xEF, UInt8(ascii: "R")]) {
      throw unsupported(
        "MLIR's bytecode, as in '\(path)'",
        hint: "write the module as text: str(exported.mlir_module()), or stablehlo-translate")
    }
    let file = sources.add(name: path == "-" ? "<stdin>" : path, text: source)
    let modules = try Module.parse(String(decoding: source, as: UTF8.self), file: file)
    let defects = modules.flatMap { $0.defects() }
    if !defects.isEmpty { throw Diagnostics(all: defects) }
    return modules
  }
}

extension Invocation {
  /// The passes that `--passes` can name, a line each.
  public static var passSummaries: String {
    allPasses.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n")
  }
}
