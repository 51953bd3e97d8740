import Core
import Support
import Syntax

/// Turns syntax into closures: `Code` for expressions, `Action` for statements.
///
/// One compiler serves one scope. Names are resolved already, so a closure reads a variable by its
/// position; every operation that can raise notes its place.
struct Compiler {
  let scope: Scope
  let module: ModuleObject

  func site(_ span: Span) -> Site { Site(span: span, isLibrary: module.isLibrary) }

  /// `code`, with errors located at `span`.
  func located(_ span: Span, _ code: @escaping Code) -> Code {
    let site = site(span)
    return { frame in
      do { return try code(frame) } catch { throw frame.locate(error, site) }
    }
  }

  // MARK: Names

  func load(_ name: Symbol, _ span: Span) -> Code {
    load(scope.storage(name), scope.mangled(name), site(span))
  }

  private func load(_ storage: Scope.Storage, _ name: Symbol, _ site: Site) -> Code {
    switch storage {
    case .slot(let slot):
      return { frame in
        if let value = frame.slots[slot] { return value }
        throw frame.locate(unboundLocal(name), site)
      }
    case .cell(let cell):
      return { frame in
        if let value = frame.cells[cell].value { return value }
        throw frame.locate(
          raised(
            "NameError",
            "cannot access free variable '\(name)' where it is not associated with a value in enclosing scope"
          ), site)
      }
    case .global:
      let module = module
      let slot = module.slot(name)
      return { frame in
        if let value = module.slots[slot] { return value }
        do {
          if let value = try module.lookup(name) { return value }
        } catch { throw frame.locate(error, site) }
        if let value = Builtins.module[name] { return value }
        throw frame.locate(raised("NameError", "name '\(name)' is not defined"), site)
      }
    case .classMember(let outer):
      let otherwise = load(outer, name, site)
      return { frame in try frame.members[name] ?? otherwise(frame) }
    }
  }

  func store(_ name: Symbol) -> Store {
    let name = scope.mangled(name)
    switch scope.storage(name) {
    case .slot(let slot): return { frame, value in frame.slots[slot] = value }
    case .cell(let cell): return { frame, value in frame.cells[cell].value = value }
    case .global:
      let module = module
      let slot = module.slot(name)
      return { _, value in module.slots[slot] = value }
    case .classMember: return { frame, value in frame.members[name] = value }
    }
  }

  func unbind(_ name: Symbol) -> (Frame) -> Bool {
    let name = scope.mangled(name)
    switch scope.storage(name) {
    case .slot(let slot):
      return { frame in
        defer { frame.slots[slot] = nil }
        return frame.slots[slot] != nil
      }
    case .cell(let cell):
      return { frame in
        defer { frame.cells[cell].value = nil }
        return frame.cells[cell].value != nil
      }
    case .global:
      let module = module
      let slot = module.slot(name)
      return { _ in
        defer { module.slots[slot] = nil }
        return module.slots[slot] != nil
      }
    case .classMember:
      return { frame in
        defer { frame.members[name] = nil }
        return frame.members[name] != nil
      }
    }
  }
}

/// The error for a local variable that is not bound yet.
func unboundLocal(_ name: Symbol) -> Raised {
  raised(
    "UnboundLocalError",
    "cannot access local variable '\(name)' where it is not associated with a value")
}

extension Trace {
  /// Notes where in the program the next operations are; the library's own places do not count.
  @inline(__always)
  static func note(_ site: Site) {
    if !site.isLibrary { source.span = site.span }
  }
}
