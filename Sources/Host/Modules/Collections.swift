import Syntax

/// The module `collections`.
func makeCollections() -> ModuleObject {
  let module = ModuleObject("collections")
  module.def("namedtuple(typename, field_names, *, rename=, defaults=, module=)") { a in
    let fields: [String]
    if case .str(let text)? = a[1] {
      fields = text.text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    } else {
      fields = try list(a[1] ?? .none).map(str)
    }
    for (i, field) in fields.enumerated() {
      if field.hasPrefix("_") {
        throw valueError("Field names cannot start with an underscore: \(quoted(field))")
      }
      if fields[..<i].contains(field) {
        throw valueError("Encountered duplicate field name: \(quoted(field))")
      }
    }
    let defaults = try a[3].map { $0.isNone ? [] : try list($0) } ?? []
    return .type(
      NamedTuples.make(try str(a[0] ?? .none), fields, defaults: defaults, module: "__main__"))
  }
  module["OrderedDict"] = .type(OrderedDictType.shared)
  module["defaultdict"] = .type(DefaultDictType.shared)
  module["Counter"] = .type(CounterType.shared)
  module["deque"] = .type(DequeType.shared)
  // Written in the language itself.
  let derived: [Symbol] = ["ChainMap", "UserDict", "UserList"]
  module.lazyNames = { derived }
  module.loader = { name in
    derived.contains(name) ? try Session.loader.library("_mappings").lookup(name) : nil
  }
  module["abc"] = .module(makeAbstractCollections())
  return module
}

/// `collections.abc`: classes that `isinstance` understands.
func makeAbstractCollections() -> ModuleObject {
  let module = ModuleObject("collections.abc")
  for name in TypingForms.abstractNames { module[Symbol(name)] = .native(TypingForm(name)) }
  return module
}

enum OrderedDictType {
  nonisolated(unsafe) static let shared: Class = {
    let cls = Class(builtin: "OrderedDict", base: Types.dict, module: "collections")
    cls.def("move_to_end(self, key, last=)") { a in
      guard case .dict(let dict)? = a[0] else { return .none }
      guard let position = try dict.table.find(a[1] ?? .none, hash: hash(a[1] ?? .none)) else {
        throw keyError(a[1] ?? .none)
      }
      dict.table.moveToEnd(position, last: try a[2].map(isTrue) ?? true)
      return .none
    }
    cls.def("__repr__(self)") { a in
      guard case .dict(let dict)? = a[0] else { return .none }
      let name = typeOf(.dict(dict)).name
      if dict.count == 0 { return .str("\(name)()") }
      let items = try dict.table.live.map { "(\(try repr($0.key)), \(try repr($0.value)))" }
      return .str("\(name)([\(items.joined(separator: ", "))])")
    }
    return cls
  }()
}

enum DefaultDictType {
  nonisolated(unsafe) static let shared: Class = {
    let cls = Class(builtin: "defaultdict", base: Types.dict, module: "collections")
    cls["__init__"] = .builtin(
      Builtin(named: "__init__", isMethod: true) { arguments in
        guard case .dict(let dict)? = arguments.positional.first else { return .none }
        let rest = arguments.positional.dropFirst()
        if let factory = rest.first, !factory.isNone {
          guard isCallable(factory) else {
            throw typeError("first argument must be callable or None")
          }
          dict.factory = factory
        }
        try DictType.fill(dict, Arguments(Array(rest.dropFirst()), arguments.keywords))
        return .none
      })
    cls.def("__getitem__(self, key)") { a in
      guard case .dict(let dict)? = a[0] else { return .none }
      let key = a[1] ?? .none
      if let value = try dict.table.value(key) { return value }
      guard let factory = dict.factory else { throw keyError(key) }
      let value = try call(factory)
      try dict.table.set(key, value)
      return value
    }
    cls.property("default_factory") {
      if case .dict(let dict) = $0 { .optional(dict.factory) } else { .none }
    }
    cls.def("__repr__(self)") { a in
      guard case .dict(let dict)? = a[0] else { return .none }
      return .str("defaultdict(\(try repr(dict.factory ?? .none)), \(try dictRepr(dict)))")
    }
    return cls
  }()
}

enum CounterType {
  nonisolated(unsafe) static let shared: Class = {
    let cls = Class(builtin: "Counter", base: Types.dict, module: "collections")
    cls["__init__"] = .builtin(
      Builtin(named: "__init__", isMethod: true) { arguments in
        guard case .dict(let dict)? = arguments.positional.first else { return .none }
        try add(dict, arguments.positional.dropFirst().first, arguments.keywords, sign: .add)
        return .none
      })
    cls.def("__missing__(self, key)") { _ in .int(0) }
    for (name, op) in [("update", BinaryOperator.add), ("subtract", .subtract)] {
      cls.def("\(name)(self, iterable=, /, **counts)") { a in
        guard case .dict(let dict)? = a[0], case .dict(let counts)? = a[2] else { return .none }
        try add(dict, a[1], keywordArguments(counts), sign: op)
        return .none
      }
    }
    cls.def("most_common(self, n=)") { a in
      let ordered = try ranked(own(a[0]))
      let limit = try a[1].given.map(requireIndex) ?? ordered.count
      return .list(ordered.prefix(max(limit, 0)).map { .tuple([$0.key, $0.value]) })
    }
    cls.def("elements(self)") { a in
      .native(
        SequenceIterator(
          "itertools.chain",
          try own(a[0]).table.live.flatMap {
            [Object](repeating: $0.key, count: max(try requireIndex($0.value), 0))
          }))
    }
    cls.def("total(self)") { a in
      try own(a[0]).values.reduce(.int(0)) { try binary(.add, $0, $1) }
    }
    cls.def("__repr__(self)") { a in
      let dict = try own(a[0])
      if dict.count == 0 { return .str("Counter()") }
      let parts = try ranked(dict).map { "\(try repr($0.key)): \(try repr($0.value))" }
      return .str("Counter({\(parts.joined(separator: ", "))})")
    }
    let operators: [(String, (Int, Int) -> Int)] = [
      ("add", { $0 + $1 }), ("sub", { $0 - $1 }), ("and", { min($0, $1) }), ("or", { max($0, $1) }),
    ]
    for (name, combine) in operators {
      cls.def("__\(name)__(self, other)") { a in
        let (x, y) = (try own(a[0]), try own(a[1]))
        let result = Dict(extra: Instance(cls))
        for key in x.keys + y.keys where try result.table.value(key) == nil {
          let value = combine(
            try x.table.value(key).map(requireIndex) ?? 0,
            try y.table.value(key).map(requireIndex) ?? 0)
          if value > 0 { try result.table.set(key, .int(value)) }
        }
        return .dict(result)
      }
    }
    return cls
  }()

  private static func own(_ object: Object?) throws -> Dict {
    guard case .dict(let dict)? = object else { throw typeError("a Counter is required") }
    return dict
  }

  /// The entries by count, the largest first; equal counts in the order of insertion.
  private static func ranked(_ dict: Dict) throws -> [(key: Object, value: Object)] {
    let pairs = dict.table.live.map { Object.tuple([$0.key, $0.value]) }
    let byCount = Object.builtin(Builtin("count(pair)") { try item($0[0] ?? .none, .int(1)) })
    return try sorted(pairs, key: byCount, reverse: true).map {
      (key: try item($0, .int(0)), value: try item($0, .int(1)))
    }
  }

  private static func add(
    _ dict: Dict, _ source: Object?, _ keywords: [(name: Symbol, value: Object)],
    sign: BinaryOperator
  ) throws {
    func count(_ key: Object, _ value: Object) throws {
      try dict.table.set(key, binary(sign, dict.table.value(key) ?? .int(0), value))
    }
    if case .dict(let other)? = source {
      for entry in other.table.live { try count(entry.key, entry.value) }
    } else if let source, !source.isNone {
      for key in try list(source) { try count(key, .int(1)) }
    }
    for (name, value) in keywords { try count(.str(name.text), value) }
  }
}
