import Core
import Host
import Support
import Syntax

extension Invocation {
  /// `jxc run`: runs the program in `path` with `arguments` as `sys.argv[1:]`.
  public func run(_ path: String, arguments: [String]) throws(Failure) {
    try reporting {
      let source = try readFile(path)
      EvalTrace.backend = CompilingBackend(self)
      let evaluator = Evaluator(arguments: arguments)
      let status = evaluator.run(source: source, path: path == "-" ? "<stdin>" : path)
      if status != 0 { throw Failure(code: status) }
    }
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
