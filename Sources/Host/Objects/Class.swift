import Syntax

/// Names with values in the order of their first binding: the attributes of an instance or class.
struct Namespace {
  private(set) var names: [Symbol] = []
  private(set) var values: [Object] = []
  /// Positions by name, once there are more than eight.
  private var index: [Symbol: Int] = [:]

  var isEmpty: Bool { names.isEmpty }

  private func position(_ name: Symbol) -> Int? {
    names.count > 8 ? index[name] : names.firstIndex(of: name)
  }

  subscript(name: Symbol) -> Object? {
    get { position(name).map { values[$0] } }
    set {
      let position = position(name)
      if let newValue {
        if let position {
          values[position] = newValue
          return
        }
        names.append(name)
        values.append(newValue)
        if names.count == 9 { reindex() } else if names.count > 9 { index[name] = names.count - 1 }
      } else if let position {
        names.remove(at: position)
        values.remove(at: position)
        if names.count > 8 { reindex() }
      }
    }
  }

  private mutating func reindex() {
    index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
  }

  init() {}

  /// The entries of `dictionary` that have names.
  init(_ dictionary: Dict) {
    for entry in dictionary.table.live {
      if case .str(let name) = entry.key { self[Symbol(name.text)] = entry.value }
    }
  }

  var items: [(name: String, value: Object)] {
    zip(names, values).map { (name: $0.text, value: $1) }
  }
}

/// A class of the program or of the language itself.
public final class Class {
  let name: String
  /// As in `repr`: `Outer.Inner`, with the module except for the language's own classes.
  var qualifiedName: String
  var module: String
  let bases: [Class]
  /// The order in which attributes are looked up, `self` first.
  private(set) var mro: [Class] = []
  private(set) var namespace = Namespace()
  /// The metaclass, where it is not `type`.
  var metaclass: Class?
  /// Makes an instance before `__init__` runs. Derived classes inherit it.
  var construct: ((Class, Arguments) throws -> Object)?
  /// Names that instances may have, where the class and all of its bases say `__slots__`.
  private(set) var slots: Set<Symbol>?
  /// `true` iff the program may not derive from this class (`bool`, `NoneType`, …).
  var isFinal = false
  /// Completes a class that derives from this one (an `Enum`).
  var derive: ((Class) throws -> Void)?
  /// Facts about a class made by `dataclass`, `Enum` or `NamedTuple`.
  var record: AnyObject?

  /// Counts the changes of any class: what lookups have cached is valid for one version.
  private nonisolated(unsafe) static var version = 0
  private var cache: [Symbol: Object?] = [:]
  private var cacheVersion = -1

  /// - Throws: `TypeError` if the bases cannot be ordered.
  init(_ name: String, bases: [Class], namespace: Namespace = Namespace(), module: String) throws {
    self.name = name
    self.qualifiedName = name
    self.module = module
    self.bases = bases
    self.namespace = namespace
    mro = try [self] + Class.linearise(bases)
    construct = mro.lazy.compactMap(\.construct).first
    metaclass = bases.lazy.compactMap(\.metaclass).first
  }

  /// A class of the language, derived from `base` (from nothing: `object`).
  init(builtin name: String, base: Class?, module: String = "builtins") {
    self.name = name
    self.qualifiedName = name
    self.module = module
    bases = base.map { [$0] } ?? []
    mro = [self] + (base?.mro ?? [])
    construct = base?.construct
    metaclass = base?.metaclass
  }

  /// Says that the class itself gives its instances only the attributes `own`.
  func setSlots(_ own: Set<Symbol>) {
    let inherited = bases.filter { $0 !== Types.object }.map(\.slots)
    guard inherited.allSatisfy({ $0 != nil }) else { return }
    slots = inherited.reduce(own) { $0.union($1 ?? []) }
  }

  /// C3: keeps the order of the bases and of their own linearisations.
  private static func linearise(_ bases: [Class]) throws -> [Class] {
    var lists = bases.map(\.mro) + [bases]
    var result: [Class] = []
    while true {
      lists.removeAll(where: \.isEmpty)
      if lists.isEmpty { return result }
      guard
        let next = lists.lazy.map({ $0[0] }).first(where: { candidate in
          !lists.contains { $0.dropFirst().contains { $0 === candidate } }
        })
      else {
        let names = bases.map(\.name).joined(separator: ", ")
        throw typeError(
          "Cannot create a consistent method resolution\norder (MRO) for bases \(names)")
      }
      result.append(next)
      for i in lists.indices where lists[i][0] === next { lists[i].removeFirst() }
    }
  }

  /// The attribute `name` of this class or of the first base that has it, unbound.
  func lookup(_ name: Symbol) -> Object? {
    if cacheVersion != Class.version {
      cache.removeAll(keepingCapacity: true)
      cacheVersion = Class.version
    }
    if let cached = cache[name] { return cached }
    let found = mro.lazy.compactMap { $0.namespace[name] }.first
    cache[name] = .some(found)
    return found
  }

  /// The attribute of the first class after `cls` in this class's order: what `super()` finds.
  func lookup(_ name: Symbol, after cls: Class) -> Object? {
    guard let position = mro.firstIndex(where: { $0 === cls }) else { return nil }
    return mro[(position + 1)...].lazy.compactMap { $0.namespace[name] }.first
  }

  subscript(name: Symbol) -> Object? {
    get { namespace[name] }
    set {
      namespace[name] = newValue
      Class.version += 1
    }
  }

  func isSubclass(of other: Class) -> Bool { mro.contains { $0 === other } }

  /// As error messages and `repr` name it.
  var displayName: String { module == "builtins" ? qualifiedName : "\(module).\(qualifiedName)" }

  /// Adds a native method; the specification starts with its name (see `Signature`).
  func def(_ specification: String, _ body: @escaping ([Object?]) throws -> Object) {
    let builtin = Builtin(specification, isMethod: true, body)
    self[Symbol(builtin.name)] = .builtin(builtin)
  }

  /// Adds a native read-only property.
  func property(_ name: String, _ get: @escaping (Object) throws -> Object) {
    self[Symbol(name)] = .native(NativeProperty(name, get))
  }

  /// Adds a native method that gets the class.
  func classMethod(_ specification: String, _ body: @escaping ([Object?]) throws -> Object) {
    let builtin = Builtin(specification, isMethod: true, body)
    self[Symbol(builtin.name)] = .native(ClassMethod(.builtin(builtin)))
  }

  /// Adds a native method that gets neither the instance nor the class.
  func staticMethod(_ specification: String, _ body: @escaping ([Object?]) throws -> Object) {
    let builtin = Builtin(specification, body)
    self[Symbol(builtin.name)] = .native(StaticMethod(.builtin(builtin)))
  }
}

/// An instance of a class of the program.
public class Instance {
  final var cls: Class
  private final var ownAttributes = Namespace()
  /// What `__dict__` is, once the program has asked for it: changes of it change the attributes.
  private final var dictionary: Dict?

  final var attributes: Namespace {
    _read {
      if let dictionary {
        yield Namespace(dictionary)
      } else {
        yield ownAttributes
      }
    }
    _modify {
      if let dictionary {
        var attributes = Namespace(dictionary)
        yield &attributes
        dictionary.table = Dict(named: attributes.items).table
      } else {
        yield &ownAttributes
      }
    }
  }

  /// The attributes as a dictionary that stays in step with them.
  final var liveDictionary: Dict {
    if let dictionary { return dictionary }
    let made = Dict(named: ownAttributes.items)
    dictionary = made
    return made
  }
  /// The value of the language's own class that the class derives from (`int`, `str`, `float`).
  final var base: Object?

  init(_ cls: Class) { self.cls = cls }
}
