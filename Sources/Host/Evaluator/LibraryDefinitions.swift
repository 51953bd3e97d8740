import Support
import Syntax

/// What a file of the library defines, until it is used.
final class LibraryDefinitions {
  private let name: String
  private let source: [UInt8]
  private let file: UInt32
  /// Definitions that have not been parsed.
  private var chunks: [Symbol: [Range<Int>]] = [:]
  /// Imports that have not been followed.
  private var imports: [Symbol: (ModuleLoader) throws -> Object] = [:]
  /// Modules of which all names are taken, in order.
  private var stars: [[String]] = []
  private(set) var names: [Symbol] = []

  init(_ name: String, _ source: [UInt8], file: UInt32) {
    self.name = name
    self.source = source
    self.file = file
  }

  /// Finds the definitions; runs the statements that are no definitions.
  func scan(into module: ModuleObject, _ loader: ModuleLoader) throws {
    var others: [Range<Int>] = []
    for chunk in TopLevelChunk.scan(source) {
      switch chunk.kind {
      case .function, .class, .assignment:
        guard let name = chunk.name else {
          others.append(chunk.range)
          continue
        }
        chunks[name, default: []].append(chunk.range)
        names.append(name)
      case .import: try readImport(chunk.range, module, loader)
      case .other: others.append(chunk.range)
      }
    }
    for range in others { try loader.execute(source, file: file, range: range, in: module) }
  }

  private func readImport(_ range: Range<Int>, _ module: ModuleObject, _ loader: ModuleLoader)
    throws
  {
    let (tree, diagnostics) = Parser.parse(source: source, file: file, range: range)
    if !diagnostics.isEmpty { throw ModuleLoader.SyntaxErrors(diagnostics: diagnostics) }
    for statement in tree.body {
      switch statement {
      case .import(let s):
        for item in s.modules {
          let path = item.path.map(\.text)
          let target = item.alias == nil ? [path[0]] : path
          add((item.alias ?? item.path[0]).symbol) { loader in
            _ = try loader.load(path, from: module)
            return .module(try loader.load(target, from: module))
          }
        }
      case .importFrom(let s):
        let path = s.path.map(\.text)
        guard case .some(let list) = s.names else {
          stars.append(path)
          continue
        }
        for item in list {
          let name = item.name.symbol
          add((item.alias ?? item.name).symbol) { loader in
            let source = try loader.load(path, from: module)
            return try loader.member(name, of: source)
          }
        }
      default: break
      }
    }
  }

  private func add(_ name: Symbol, _ load: @escaping (ModuleLoader) throws -> Object) {
    imports[name] = load
    names.append(name)
  }

  /// Defines `symbol` in `module`, and returns its value; `nil` if the file has no such name.
  func load(_ symbol: Symbol, into module: ModuleObject, _ loader: ModuleLoader) throws -> Object? {
    if let ranges = chunks.removeValue(forKey: symbol) {
      for range in ranges { try loader.execute(source, file: file, range: range, in: module) }
      return module[symbol]
    }
    if let load = imports.removeValue(forKey: symbol) { return try load(loader) }
    if !symbol.text.hasPrefix("__") {
      for path in stars.reversed() where !symbol.text.hasPrefix("_") {
        let source = try loader.load(path, from: module)
        if let value = try source.lookup(symbol) { return value }
      }
      // A module inside the package is an attribute once something asks for it.
      if let inner = try loader.find("\(name).\(symbol)") { return .module(inner) }
    }
    return nil
  }
}
