import Syntax

/// A module: global variables in numbered slots, so that compiled code reaches them by position.
public final class ModuleObject {
  let name: String
  let path: String?
  /// Part of the library: its frames are not the program's.
  let isLibrary: Bool
  /// Whether annotations are kept as text: `from __future__ import annotations`.
  var hasTextAnnotations = false
  private(set) var names: [Symbol] = []
  var slots: [Object?] = []
  private var positions: [Symbol: Int] = [:]
  /// Defines a variable when it is first used, or returns `nil` if the module has none.
  var loader: ((Symbol) throws -> Object?)?
  /// Names that `loader` does not know: above all, builtins that the module's functions use.
  private var unknown: Set<Symbol> = []
  /// All names that `loader` can define.
  var lazyNames: () -> [Symbol] = { [] }

  init(_ name: String, path: String? = nil, isLibrary: Bool = false) {
    self.name = name
    self.path = path
    self.isLibrary = isLibrary
    self["__name__"] = .str(name)
    if let path { self["__file__"] = .str(path) }
  }

  /// The slot of the variable `name`, which may not be bound yet.
  func slot(_ name: Symbol) -> Int {
    if let position = positions[name] { return position }
    positions[name] = names.count
    names.append(name)
    slots.append(nil)
    return names.count - 1
  }

  /// The variable, if it is bound; does not load it.
  subscript(name: Symbol) -> Object? {
    get { positions[name].flatMap { slots[$0] } }
    set { slots[slot(name)] = newValue }
  }

  /// The variable `name`, loaded if need be.
  func lookup(_ name: Symbol) throws -> Object? {
    if let value = self[name] { return value }
    guard let loader, !unknown.contains(name) else { return nil }
    guard let value = try loader(name) else {
      unknown.insert(name)
      return nil
    }
    self[name] = value
    return value
  }

  /// The names that are bound or can be loaded.
  var members: [Symbol] {
    let bound = names.filter { self[$0] != nil }
    return bound + lazyNames().filter { self[$0] == nil }
  }

  /// Adds a native function.
  func def(_ specification: String, _ body: @escaping ([Object?]) throws -> Object) {
    let builtin = Builtin(specification, body)
    builtin.module = name
    self[Symbol(builtin.name)] = .builtin(builtin)
  }
}
