import Syntax

/// The keys and values of a mapping: a dict, or anything with `keys` and `__getitem__`.
func mappingItems(_ object: Object) throws -> [(Object, Object)] {
  if case .dict(let dict) = object { return dict.table.live.map { ($0.key, $0.value) } }
  guard let keys = try lookupAttribute(object, "keys") else {
    throw typeError("'\(typeOf(object).name)' object is not a mapping")
  }
  return try list(call(keys)).map { ($0, try item(object, $0)) }
}

func update(_ dict: Dict, withMapping object: Object) throws {
  for (key, value) in try mappingItems(object) { try dict.table.set(key, value) }
}

/// `dict.update(object)`: from a mapping or from pairs.
func update(_ dict: Dict, with object: Object) throws {
  if case .dict = object { return try update(dict, withMapping: object) }
  if try lookupAttribute(object, "keys") != nil { return try update(dict, withMapping: object) }
  for (i, pair) in try list(object).enumerated() {
    let items: [Object]
    do { items = try list(pair) } catch let error as Raised where error.isKind("TypeError") {
      throw typeError("cannot convert dictionary update sequence element #\(i) to a sequence")
    }
    guard items.count == 2 else {
      throw valueError(
        "dictionary update sequence element #\(i) has length \(items.count); 2 is required")
    }
    try dict.table.set(items[0], items[1])
  }
}

enum DictType {
  static func make() -> Class {
    let cls = Class(builtin: "dict", base: Types.object)
    cls.construct = { cls, arguments in
      if cls === Types.dict {
        let dict = Dict()
        try fill(dict, arguments)
        return .dict(dict)
      }
      return .dict(Dict(extra: Instance(cls)))
    }
    cls["__init__"] = .builtin(
      Builtin(named: "__init__", isMethod: true) { arguments in
        guard case .dict(let dict)? = arguments.positional.first, dict.extra != nil else {
          return .none
        }
        try fill(dict, Arguments(Array(arguments.positional.dropFirst()), arguments.keywords))
        return .none
      })
    defineAccess(of: cls)
    defineViews(of: cls)
    return cls
  }

  static func fill(_ dict: Dict, _ arguments: Arguments) throws {
    if arguments.positional.count > 1 {
      throw typeError("dict expected at most 1 argument, got \(arguments.positional.count)")
    }
    if let source = arguments.positional.first { try update(dict, with: source) }
    for (name, value) in arguments.keywords { try dict.table.set(.str(name.text), value) }
  }

  private static func own(_ object: Object?) throws -> Dict {
    guard case .dict(let dict)? = object else { throw typeError("a dict is required") }
    return dict
  }

  private static func defineAccess(of cls: Class) {
    cls.def("get(self, key, default=, /)") { a in
      try own(a[0]).table.value(a[1] ?? .none) ?? a[2] ?? .none
    }
    cls.def("setdefault(self, key, default=, /)") { a in
      let dict = try own(a[0])
      if let value = try dict.table.value(a[1] ?? .none) { return value }
      try dict.table.set(a[1] ?? .none, a[2] ?? .none)
      return a[2] ?? .none
    }
    cls.def("pop(self, key, default=, /)") { a in
      if let value = try own(a[0]).table.remove(a[1] ?? .none) { return value }
      guard let fallback = a[2] else { throw keyError(a[1] ?? .none) }
      return fallback
    }
    cls.def("popitem(self, last=)") { a in
      let dict = try own(a[0])
      let last = try a[1].map(isTrue) ?? true
      let entries = dict.table.entries
      guard
        let position = last
          ? entries.lastIndex(where: { !$0.isRemoved })
          : entries.firstIndex(where: { !$0.isRemoved })
      else { throw keyError(.str("popitem(): dictionary is empty")) }
      let entry = dict.table.removeEntry(at: position)
      return .tuple([entry.key, entry.value])
    }
    cls["update"] = .builtin(
      Builtin(named: "update", isMethod: true) { arguments in
        let dict = try own(arguments.positional.first)
        if arguments.positional.count > 1 { try Host.update(dict, with: arguments.positional[1]) }
        for (name, value) in arguments.keywords { try dict.table.set(.str(name.text), value) }
        return .none
      })
    cls.def("clear(self)") { a in
      try own(a[0]).table.removeAll()
      return .none
    }
    cls.def("copy(self)") { a in
      let source = try own(a[0])
      let copy = Dict(extra: source.extra.map { Instance($0.cls) })
      copy.factory = source.factory
      copy.table = source.table
      return .dict(copy)
    }
    cls.classMethod("fromkeys(cls, iterable, value=, /)") { a in
      let dict = Dict()
      for key in try list(a[1] ?? .none) { try dict.table.set(key, a[2] ?? .none) }
      return .dict(dict)
    }
    cls.def("__getitem__(self, key)") { a in
      let dict = try own(a[0])
      if let value = try dict.table.value(a[1] ?? .none) { return value }
      throw keyError(a[1] ?? .none)
    }
    cls.def("__setitem__(self, key, value)") { a in
      try setDictItem(own(a[0]), a[1] ?? .none, a[2] ?? Object.none)
      return .none
    }
    cls.def("__delitem__(self, key)") { a in
      try setDictItem(own(a[0]), a[1] ?? .none, nil)
      return .none
    }
    cls.def("__contains__(self, key)") { a in
      .bool(try own(a[0]).table.value(a[1] ?? .none) != nil)
    }
    cls.def("__len__(self)") { a in .int(try own(a[0]).count) }
    cls.def("__iter__(self)") { a in .native(DictIterator(try own(a[0])) { $0.key }) }
    cls.def("__repr__(self)") { a in .str(try dictRepr(own(a[0]))) }
  }

  private static func defineViews(of cls: Class) {
    cls.def("keys(self)") { a in .native(DictView(try own(a[0]), .keys)) }
    cls.def("values(self)") { a in .native(DictView(try own(a[0]), .values)) }
    cls.def("items(self)") { a in .native(DictView(try own(a[0]), .items)) }
  }
}

enum DictViewType {
  static func make(_ name: String) -> Class {
    let cls = Class(builtin: name, base: Types.object)
    cls.isFinal = true
    cls.def("isdisjoint(self, other, /)") { a in
      let other = a[1] ?? .none
      return .bool(try list(a[0] ?? .none).allSatisfy { try !contains(other, $0) })
    }
    return cls
  }
}

/// `dict.keys()`, `dict.values()`, `dict.items()`
final class DictView: NativeObject {
  enum Kind { case keys, values, items }
  private let dict: Dict
  private let kind: Kind

  init(_ dict: Dict, _ kind: Kind) {
    self.dict = dict
    self.kind = kind
  }

  override var cls: Class {
    switch kind {
    case .keys: Types.dictKeys
    case .values: Types.dictValues
    case .items: Types.dictItems
    }
  }

  private func select(_ entry: HashTable.Entry) -> Object {
    switch kind {
    case .keys: entry.key
    case .values: entry.value
    case .items: .tuple([entry.key, entry.value])
    }
  }

  var objects: [Object] { dict.table.live.map(select) }

  override func attribute(_ name: Symbol) throws -> Object? {
    guard name == Names.reversed else { return nil }
    let reversed = SequenceIterator("dict_reversekeyiterator", objects.reversed())
    return .builtin(Builtin("__reversed__()") { _ in .native(reversed) })
  }

  override func iterator() throws -> ObjectIterator { DictIterator(dict, select) }
  override func count() throws -> Int? { dict.count }

  override func contains(_ object: Object) throws -> Bool? {
    switch kind {
    case .keys: return try dict.table.value(object) != nil
    case .values: return nil
    case .items:
      guard case .tuple(let pair) = object, pair.items.count == 2,
        let value = try dict.table.value(pair.items[0])
      else { return false }
      return try equalKeys(value, pair.items[1])
    }
  }

  /// The operand as a set, if it can be one.
  private static func set(_ object: Object) throws -> SetObject? {
    switch object {
    case .set(let set): return set
    case .native(let view as DictView): return try SetObject(view.objects)
    case .list(let list): return try SetObject(list.items)
    case .tuple(let tuple): return try SetObject(tuple.items)
    default: return nil
    }
  }

  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    guard kind != .values, let right = try DictView.set(other) else { return nil }
    let left = try SetObject(objects)
    return try (reflected ? setOperation(op, right, left) : setOperation(op, left, right))
      .map { .set(try SetObject($0.elements)) }
  }

  override func compare(_ op: ComparisonOperator, _ other: Object) throws -> Object? {
    guard kind != .values, let right = try DictView.set(other) else { return nil }
    if case .list = other { return nil }
    return try Host.compare(op, .set(SetObject(objects)), .set(right))
  }

  override func repr() throws -> String {
    "\(cls.name)([\(try objects.map(Host.repr).joined(separator: ", "))])"
  }
}

enum SetType {
  static func make(_ name: String, frozen: Bool) -> Class {
    let cls = Class(builtin: name, base: Types.object)
    cls.construct = { _, arguments in
      guard let source = arguments.positional.first else { return .set(SetObject(frozen: frozen)) }
      return .set(try set(source, frozen: frozen))
    }
    for (method, op) in [
      ("union", BinaryOperator.bitOr), ("intersection", .bitAnd), ("difference", .subtract),
      ("symmetric_difference", .bitXor),
    ] {
      cls.def("\(method)(self, *others)") { a in
        var result = SetObject(copying: try own(a[0]), frozen: frozen)
        guard case .tuple(let others)? = a[1] else { return .none }
        for other in others.items {
          result = try setOperation(op, result, set(other, frozen: frozen)) ?? result
        }
        return .set(result)
      }
    }
    cls.def("issubset(self, other, /)") { a in
      try compare(.lessOrEqual, a[0] ?? .none, .set(set(a[1] ?? .none, frozen: false)))
    }
    cls.def("issuperset(self, other, /)") { a in
      try compare(.greaterOrEqual, a[0] ?? .none, .set(set(a[1] ?? .none, frozen: false)))
    }
    cls.def("isdisjoint(self, other, /)") { a in
      let mine = try own(a[0])
      return .bool(try list(a[1] ?? .none).allSatisfy { try !mine.contains($0) })
    }
    cls.def("copy(self)") { a in .set(SetObject(copying: try own(a[0]), frozen: frozen)) }
    if !frozen { defineMutation(of: cls) }
    return cls
  }

  private static func own(_ object: Object?) throws -> SetObject {
    guard case .set(let set)? = object else { throw typeError("a set is required") }
    return set
  }

  static func set(_ source: Object, frozen: Bool) throws -> SetObject {
    if case .set(let other) = source { return SetObject(copying: other, frozen: frozen) }
    return try SetObject(list(source), frozen: frozen)
  }

  private static func defineMutation(of cls: Class) {
    cls.def("add(self, element, /)") { a in
      try own(a[0]).insert(a[1] ?? .none)
      return .none
    }
    cls.def("remove(self, element, /)") { a in
      if try !own(a[0]).remove(a[1] ?? .none) { throw keyError(a[1] ?? .none) }
      return .none
    }
    cls.def("discard(self, element, /)") { a in
      try own(a[0]).remove(a[1] ?? .none)
      return .none
    }
    cls.def("pop(self)") { a in
      guard let element = try own(a[0]).popFirst() else {
        throw keyError(.str("pop from an empty set"))
      }
      return element
    }
    cls.def("clear(self)") { a in
      try own(a[0]).removeAll()
      return .none
    }
    cls.def("update(self, *others)") { a in
      let mine = try own(a[0])
      guard case .tuple(let others)? = a[1] else { return .none }
      for other in others.items {
        if case .set(let set) = other {
          mine.merge(set)
        } else {
          for element in try list(other) { try mine.insert(element) }
        }
      }
      return .none
    }
    for (name, keeps) in [("intersection_update", true), ("difference_update", false)] {
      cls.def("\(name)(self, other, /)") { a in
        let mine = try own(a[0])
        let other = try set(a[1] ?? .none, frozen: false)
        for element in mine.elements where try other.contains(element) != keeps {
          try mine.remove(element)
        }
        return .none
      }
    }
  }
}
