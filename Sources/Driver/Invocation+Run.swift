import Core
import Host
import Support
import Syntax

extension Invocation {
  /// `jxc run`: runs the program in `path` with `arguments` as `sys.argv[1:]`.
  public func run(_ path: String, arguments: [String]) throws(Failure) {
    try reporting { try evaluate(path, arguments: arguments, output: 1) }
  }

  /// Evaluates the program in `path`: its prints go to the descriptor `output`.
  ///
  /// - Parameters:
  ///   - moduleName: what `__name__` is in the program.
  ///   - afterwards: what to do with the module that the program has become.
  func evaluate(
    _ path: String, arguments: [String] = [], output: Int32, moduleName: String = "__main__",
    afterwards: ((Evaluator, ModuleObject) throws -> Void)? = nil
  ) throws {
    try evaluate(
      source: try readFile(path), path, arguments: arguments, output: output,
      moduleName: moduleName, afterwards: afterwards)
  }

  /// The same for a program that has been read.
  func evaluate(
    source: [UInt8], _ path: String, arguments: [String] = [], output: Int32,
    moduleName: String = "__main__", afterwards: ((Evaluator, ModuleObject) throws -> Void)? = nil
  ) throws {
    EvalTrace.backend = CompilingBackend(self)
    setUpDevices()
    let evaluator = Evaluator(
      outputDescriptor: output, arguments: arguments, sources: sources,
      report: { self.report($0) })
    let status = evaluator.run(
      source: source, path: path == "-" ? "<stdin>" : path, moduleName: moduleName,
      afterwards: { module in try afterwards?(evaluator, module) })
    if status != 0 { throw Failure(code: status) }
  }

  /// Reads and parses the program in `path`.
  func parse(_ path: String) throws -> ModuleAST {
    let source = try readFile(path)
    let file = sources.add(name: path == "-" ? "<stdin>" : path, text: source)
    let (program, diagnostics) = Parser.parse(source: source, file: file)
    if !diagnostics.isEmpty { throw Diagnostics(all: diagnostics) }
    return program
  }
}
