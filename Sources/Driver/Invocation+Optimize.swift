import HLO
import Passes
import Support

extension Invocation {
  /// `jxc opt`: runs the passes called `names`, or all of them, on the module in `path`, and prints
  /// it.
  public func optimize(_ path: String, passes names: [String]?) throws(Failure) {
    try reporting {
      var modules = try modules(in: path)
      let pipeline: Pipeline<Module> =
        if let names {
          try .named(names, of: allPasses, invariants: moduleInvariants)
        } else {
          cpuPipeline
        }
      for index in modules.indices { try run(pipeline, on: &modules[index]) }
      writeOutput(modules.map(\.description).joined(separator: "// -----\n"))
    }
  }

  /// Runs `pipeline` with the options, dumps and time report of this invocation.
  func run(_ pipeline: Pipeline<Module>, on module: inout Module) throws {
    try pipeline.run(on: &module, options: options.passes) { [self] run, module in
      times.record(run)
      if options.dumpAfter.contains("all") || options.dumpAfter.contains(run.name) {
        writeError("// after \(run.name)\(run.changed ? "" : ", which changed nothing")\n\(module)")
      }
    }
  }

  /// Reads the modules of a text in StableHLO, and checks them.
  func modules(in path: String) throws -> [Module] {
    let source = try readFile(path)
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
