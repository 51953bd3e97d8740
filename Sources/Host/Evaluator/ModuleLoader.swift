import CStdlib
import Glibc
import Support
import Syntax

/// Finds and loads modules: native ones, the embedded library, and files beside the program.
final class ModuleLoader {
  private var modules: [String: ModuleObject] = [:]
  /// The source files of the run.
  var sources = SourceMap()
  /// Where the program's own modules are looked for.
  var searchPath = "."
  /// What the parser said of files with errors.
  struct SyntaxErrors: Error { let diagnostics: [Diagnostic] }

  /// The module that a dotted path names; its parents are loaded first.
  func load(_ path: [String], from current: ModuleObject, level: Int = 0) throws -> ModuleObject {
    var path = path
    if level > 0 {
      let package = current.name.split(separator: ".").map(String.init)
      path = package.dropLast(level) + path
    }
    var module: ModuleObject?
    for count in 1...max(path.count, 1) {
      let name = path.prefix(count).joined(separator: ".")
      guard let next = try find(name) else {
        let parent = path[..<(count - 1)].joined(separator: ".")
        let kind = count > 1 && !isPackage(parent) ? "; '\(parent)' is not a package" : ""
        throw raised("ModuleNotFoundError", "No module named '\(name)'\(kind)")
      }
      if let parent = module, let last = path.prefix(count).last, parent[Symbol(last)] == nil {
        parent[Symbol(last)] = .module(next)
      }
      module = next
    }
    guard let module else { throw raised("ModuleNotFoundError", "No module named ''") }
    return module
  }

  /// `name` of `from module import name`: a variable, or a module inside.
  func member(_ name: Symbol, of module: ModuleObject) throws -> Object {
    if let value = try module.lookup(name) { return value }
    if let inner = try find("\(module.name).\(name)") {
      module[name] = .module(inner)
      return .module(inner)
    }
    throw raised("ImportError", "cannot import name '\(name)' from '\(module.name)'")
  }

  /// What the program has put in the place of `sys.stdout`.
  var redirectedOutput: Object? {
    guard let stream = modules["sys"]?["stdout"] else { return nil }
    if case .instance(let instance) = stream, instance.cls.module == "sys" { return nil }
    return stream
  }

  /// Makes `module` importable under its name.
  func register(_ module: ModuleObject) { modules[module.name] = module }

  func find(_ name: String) throws -> ModuleObject? {
    if let module = modules[name] { return module }
    if let make = NativeModules.table[name] {
      let module = make()
      modules[name] = module
      // What the library adds to a native module.
      if let (path, source) = embeddedSource(name) {
        try addDefinitions(source, path, to: module)
      }
      return module
    }
    if let module = try embeddedModule(name) { return module }
    return try userModule(name)
  }

  // MARK: The library

  /// The module `name` of the library.
  func library(_ name: String) throws -> ModuleObject {
    guard let module = try find(name) else {
      throw raised("ModuleNotFoundError", "No module named '\(name)'")
    }
    return module
  }

  /// A module of `stdlib`: its definitions are parsed, and its imports followed, when a name is
  /// first used; other statements run at once.
  private func embeddedModule(_ name: String) throws -> ModuleObject? {
    guard let (path, source) = embeddedSource(name) else { return nil }
    let module = ModuleObject(name, path: "<stdlib>/\(path)", isLibrary: true)
    modules[name] = module
    try addDefinitions(source, path, to: module)
    return module
  }

  /// Whether modules can be inside of the module `name`.
  private func isPackage(_ name: String) -> Bool {
    if let path = embeddedSource(name)?.path { return path.hasSuffix("/__init__.jx") }
    return modules[name]?.path?.contains("/__init__.") ?? false
  }

  /// The path and text of the file of `stdlib` that defines the module `name`.
  private func embeddedSource(_ name: String) -> (path: String, source: [UInt8])? {
    let relative = name.split(separator: ".").joined(separator: "/")
    for path in ["\(relative).jx", "\(relative)/__init__.jx"] {
      if let source = embedded(path) { return (path, source) }
    }
    return nil
  }

  /// Lets `module` define what the file `path` of `stdlib` does.
  private func addDefinitions(_ source: [UInt8], _ path: String, to module: ModuleObject) throws {
    let file = sources.add(name: "<stdlib>/\(path)", text: source)
    let definitions = LibraryDefinitions(module.name, source, file: file)
    module.lazyNames = { definitions.names }
    module.loader = { [unowned module, unowned self] symbol in
      try definitions.load(symbol, into: module, self)
    }
    try definitions.scan(into: module, self)
  }

  /// The text of a file of `stdlib`.
  private func embedded(_ path: String) -> [UInt8]? {
    var count = 0
    guard let bytes = jx_stdlib_find(path, &count) else { return nil }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  // MARK: The program's own modules

  private func userModule(_ name: String) throws -> ModuleObject? {
    let relative = name.split(separator: ".").joined(separator: "/")
    for suffix in [".jx", ".py", "/__init__.jx", "/__init__.py"] {
      let path = "\(searchPath)/\(relative)\(suffix)"
      guard let source = ProgramFiles.read(path) else { continue }
      let module = ModuleObject(name, path: path)
      modules[name] = module
      do {
        try execute(source, file: sources.add(name: path, text: source), range: nil, in: module)
      } catch {
        modules[name] = nil
        throw error
      }
      return module
    }
    return nil
  }

  /// Parses and runs a file, or a chunk of it, in `module`.
  func execute(_ source: [UInt8], file: UInt32, range: Range<Int>?, in module: ModuleObject) throws
  {
    let (tree, diagnostics) = Parser.parse(source: source, file: file, range: range)
    if diagnostics.contains(where: { $0.severity == .error }) {
      throw SyntaxErrors(diagnostics: diagnostics)
    }
    try execute(tree, in: module)
  }

  func execute(_ tree: ModuleAST, in module: ModuleObject) throws {
    let scope = Scope(.module)
    ScopeBuilder(scope).visit(tree.body)
    do { try scope.resolve() } catch let error as Scope.UnboundNonlocal {
      throw SyntaxErrors(diagnostics: [
        Diagnostic(.error, "no binding for nonlocal '\(error.name)' found", at: tree.span)
      ])
    }
    if let documentation = tree.docstring { module[Names.documentation] = .str(documentation) }
    let code = Compiler(scope: scope, module: module).block(tree.body)
    let frame = Frame(
      slots: scope.slotCount, cells: (0..<scope.cellCount).map { _ in Cell() },
      function: "<module>")
    _ = try code(frame)
  }
}

extension ModuleObject {
  /// The names that `from module import *` binds.
  func exportedNames() throws -> [Symbol] {
    if let all = try lookup("__all__") { return try list(all).map { Symbol(try str($0)) } }
    return members.filter { !$0.text.hasPrefix("_") }
  }
}
