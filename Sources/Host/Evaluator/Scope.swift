import Syntax

/// The names of one block of code: a module, function, class body or comprehension.
///
/// Names are resolved once, before the code runs: a tree of scopes is built for a whole file or
/// definition, then `resolve` decides for every name which variable it means. A list, set or dict
/// comprehension has a scope of its own but lives in the frame of the code around it.
final class Scope {
  enum Kind {
    case module, function, classBody, comprehension, generatorExpression
  }

  /// Where a variable is kept.
  indirect enum Storage {
    case slot(Int)
    case cell(Int)
    case global
    /// A name of the class body that is being executed, else what it means outside.
    case classMember(else: Storage)
  }

  let kind: Kind
  let parent: Scope?
  /// The class whose body this code is in, for names such as `__secret`.
  let className: String?
  /// As `__qualname__` begins.
  let path: String

  private(set) var bound: Set<Symbol> = []
  private var used: Set<Symbol> = []
  private var globals: Set<Symbol> = []
  private var nonlocals: Set<Symbol> = []
  private var children: [(id: ObjectIdentifier, scope: Scope)] = []
  private var childIndex: [ObjectIdentifier: Scope] = [:]

  /// Bound here, and used by a function inside.
  private var shared: Set<Symbol> = []
  private var slots: [Symbol: Int] = [:]
  private var cells: [Symbol: Int] = [:]

  /// Of a scope with a frame of its own: variables of functions around it, in their order.
  private(set) var captured: [Symbol] = []
  private(set) var slotCount = 0
  private var ownCellCount = 0
  var cellCount: Int { captured.count + ownCellCount }

  init(_ kind: Kind, parent: Scope? = nil, className: String? = nil, path: String = "") {
    self.kind = kind
    self.parent = parent
    self.className = className ?? parent?.className
    self.path = path
  }

  /// The scope whose frame holds the variables.
  var owner: Scope { kind == .comprehension ? parent!.owner : self }

  func child(_ node: SyntaxNode) -> Scope { childIndex[ObjectIdentifier(node)]! }

  // MARK: Building

  func add(_ child: Scope, for node: SyntaxNode) {
    children.append((ObjectIdentifier(node), child))
    childIndex[ObjectIdentifier(node)] = child
  }

  func bind(_ name: Symbol) { bound.insert(mangled(name)) }
  func use(_ name: Symbol) {
    used.insert(mangled(name))
    if name == Names.superName || name == Names.classCell, isInMethod {
      used.insert(Names.classCell)
    }
  }
  func declareGlobal(_ name: Symbol) { globals.insert(mangled(name)) }
  func declareNonlocal(_ name: Symbol) { nonlocals.insert(mangled(name)) }

  /// Where `:=` binds.
  var walrusScope: Scope {
    switch kind {
    case .comprehension, .generatorExpression: parent!.walrusScope
    case .module, .function, .classBody: self
    }
  }

  private var isInMethod: Bool {
    var scope: Scope? = self
    while let current = scope {
      if current.kind == .classBody { return current !== self }
      scope = current.parent
    }
    return false
  }

  /// `__name` in a class is `_Class__name`.
  func mangled(_ name: Symbol) -> Symbol {
    guard let className else { return name }
    let text = name.text
    guard text.hasPrefix("__"), !text.hasSuffix("__") else { return name }
    return Symbol("_\(className.drop { $0 == "_" })\(text)")
  }

  // MARK: Resolving

  /// Decides which variables of this tree are shared with functions inside.
  ///
  /// - Throws: the name of a `nonlocal` that no function around binds.
  func resolve() throws {
    bound.subtract(globals)
    bound.subtract(nonlocals)
    for name in used.union(nonlocals).union(bound) where !globals.contains(name) {
      if kind != .classBody && bound.contains(name) { continue }
      guard let definition = definition(of: name) else {
        if nonlocals.contains(name) { throw UnboundNonlocal(name: name) }
        continue
      }
      guard definition.owner !== owner else { continue }
      definition.shared.insert(name)
      var frame = owner
      while frame !== definition.owner {
        if !frame.captured.contains(name) { frame.captured.append(name) }
        frame = frame.parent!.owner
      }
    }
    for (_, child) in children { try child.resolve() }
  }

  struct UnboundNonlocal: Error { let name: Symbol }

  /// The function or comprehension that binds `name` for code in this scope.
  private func definition(of name: Symbol) -> Scope? {
    var scope: Scope? = self
    while let current = scope, current.kind != .module {
      if current.globals.contains(name) { return nil }
      if current.kind == .classBody {
        if name == Names.classCell && current !== self { return current }
      } else if current.bound.contains(name) {
        return current
      }
      scope = current.parent
    }
    return nil
  }

  // MARK: Storage, once everything is resolved

  func storage(_ symbol: Symbol) -> Storage {
    let name = mangled(symbol)
    if globals.contains(name) { return .global }
    if kind == .classBody && bound.contains(name) {
      return .classMember(else: outerStorage(name))
    }
    return outerStorage(name)
  }

  private func outerStorage(_ name: Symbol) -> Storage {
    guard let definition = definition(of: name) else { return .global }
    if definition.owner === owner { return definition.ownStorage(name) }
    return .cell(owner.captured.firstIndex(of: name)!)
  }

  private func ownStorage(_ name: Symbol) -> Storage {
    if shared.contains(name) {
      if let cell = cells[name] { return .cell(cell) }
      let cell = owner.captured.count + owner.ownCellCount
      owner.ownCellCount += 1
      cells[name] = cell
      return .cell(cell)
    }
    if let slot = slots[name] { return .slot(slot) }
    let slot = owner.newSlot()
    slots[name] = slot
    return .slot(slot)
  }

  /// A slot for a value without a name.
  func newSlot() -> Int {
    owner.slotCount += 1
    return owner.slotCount - 1
  }

  /// `true` iff code in this class body uses `super()` or `__class__`.
  var hasClassCell: Bool { kind == .classBody && shared.contains(Names.classCell) }
  /// Where the class body keeps the class for that code.
  var classCellStorage: Storage { ownStorage(Names.classCell) }

  /// The cells of the variables of this scope alone, which a comprehension makes anew.
  var ownCells: [Int] {
    shared.sorted().compactMap { if case .cell(let cell) = ownStorage($0) { cell } else { nil } }
  }
}
