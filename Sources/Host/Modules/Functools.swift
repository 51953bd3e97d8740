import Syntax

/// `functools.partial`
class Partial: NativeObject {
  let function: Object
  let arguments: Arguments
  var attributes = Namespace()

  init(_ function: Object, _ arguments: Arguments) {
    // Partials of partials are one.
    if case .native(let inner as Partial) = function, inner.attributes.isEmpty {
      self.function = inner.function
      self.arguments = inner.merged(arguments)
    } else {
      self.function = function
      self.arguments = arguments
    }
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "partial", base: Types.object, module: "functools")
    cls.construct = { _, arguments in
      guard let function = arguments.positional.first else {
        throw typeError("type 'partial' takes at least one argument")
      }
      guard Host.isCallable(function) else {
        throw typeError("the first argument must be callable")
      }
      return .native(
        Partial(function, Arguments(Array(arguments.positional.dropFirst()), arguments.keywords)))
    }
    return cls
  }()

  override var cls: Class { Partial.type }
  override var isCallable: Bool { true }

  func merged(_ more: Arguments) -> Arguments {
    var keywords = arguments.keywords
    for (name, value) in more.keywords {
      if let i = keywords.firstIndex(where: { $0.name == name }) {
        keywords[i].value = value
      } else {
        keywords.append((name, value))
      }
    }
    return Arguments(arguments.positional + more.positional, keywords)
  }

  override func call(_ arguments: Arguments) throws -> Object {
    try Host.call(function, merged(arguments))
  }

  override func attribute(_ name: Symbol) throws -> Object? {
    if let value = attributes[name] { return value }
    switch name {
    case "func": return function
    case "args": return .tuple(arguments.positional)
    case "keywords": return .dict(Dict(named: arguments.keywords.map { ($0.name.text, $0.value) }))
    default: return nil
    }
  }

  override func setAttribute(_ name: Symbol, _ value: Object?) throws { attributes[name] = value }

  override func repr() throws -> String {
    let parts =
      try [Host.repr(function)] + arguments.positional.map(Host.repr)
      + arguments.keywords.map { "\($0.name)=\(try Host.repr($0.value))" }
    return "functools.partial(\(parts.joined(separator: ", ")))"
  }
}

/// `functools.cached_property`
final class CachedProperty: NativeObject {
  private let function: Object
  var name: Symbol?

  init(_ function: Object) { self.function = function }

  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? {
    guard let instance, let name else { return nil }
    let value = try Host.call(function, [instance])
    instance.instance?.attributes[name] = value
    return value
  }
}

/// `functools.lru_cache`
final class CachedFunction: NativeObject {
  private let function: Object
  private let limit: Int?
  private let typed: Bool
  private var table = HashTable()
  private var hits = 0
  private var misses = 0

  init(_ function: Object, limit: Int?, typed: Bool) {
    self.function = function
    self.limit = limit
    self.typed = typed
  }

  override var isCallable: Bool { true }

  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? {
    instance.map { .method(BoundMethod($0, .native(self))) }
  }

  override func call(_ arguments: Arguments) throws -> Object {
    var parts = arguments.positional
    for (name, value) in arguments.keywords { parts += [.str(name.text), value] }
    if typed { parts += parts.map { .type(typeOf($0)) } }
    let key = Object.tuple(parts)
    let hash = try Host.hash(key)
    if let position = try table.find(key, hash: hash) {
      hits += 1
      let value = table.entries[position].value
      if limit != nil { table.moveToEnd(position, last: true) }
      return value
    }
    misses += 1
    let value = try Host.call(function, arguments)
    if limit == 0 { return value }
    try table.set(key, value)
    if let limit, table.count > limit,
      let oldest = table.entries.firstIndex(where: { !$0.isRemoved })
    {
      _ = table.removeEntry(at: oldest)
    }
    return value
  }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name {
    case Names.wrapped: return function
    case "cache_clear":
      return .builtin(
        Builtin("cache_clear()") { [self] _ in
          table.removeAll()
          (hits, misses) = (0, 0)
          return .none
        })
    case "cache_info":
      return .builtin(
        Builtin("cache_info()") { [self] _ in
          let info = NamedTuples.make(
            "CacheInfo", ["hits", "misses", "maxsize", "currsize"], defaults: [],
            module: "functools")
          return .tuple(
            Tuple(
              [.int(hits), .int(misses), limit.map { .int($0) } ?? .none, .int(table.count)],
              cls: info))
        })
    default: return try lookupAttribute(function, name)
    }
  }
}

/// Copies the names of `source` to the function `target`: `functools.wraps`.
func updateWrapper(_ target: Object, _ source: Object) throws -> Object {
  for name in [Names.module, Names.name, Names.qualifiedName, Names.documentation] {
    if let value = try lookupAttribute(source, name) { try setAttribute(target, name, value) }
  }
  if case .function(let from) = source, case .function(let to) = target {
    to.annotations = from.annotations
    for (name, value) in zip(from.attributes.names, from.attributes.values)
    where to.attributes[name] == nil {
      to.attributes[name] = value
    }
  }
  try setAttribute(target, Names.wrapped, source)
  return target
}

func makeFunctools() -> ModuleObject {
  let module = ModuleObject("functools")
  module["partial"] = .type(Partial.type)
  module.def("reduce(function, iterable, initial=, /)") { a in
    let iterator = try iterate(a[1] ?? .none)
    guard var value = try a[2] ?? iterator.next() else {
      throw typeError("reduce() of empty iterable with no initial value")
    }
    while let item = try iterator.next() { value = try call(a[0] ?? .none, [value, item]) }
    return value
  }
  module.def("wraps(wrapped, assigned=, updated=)") { a in
    let source = a[0] ?? .none
    return .builtin(Builtin("decorator(function)") { try updateWrapper($0[0] ?? .none, source) })
  }
  module.def("update_wrapper(wrapper, wrapped)") { a in
    try updateWrapper(a[0] ?? .none, a[1] ?? .none)
  }
  module.def("lru_cache(maxsize=, typed=)") { a in
    if let function = a[0], isCallable(function) {
      return .native(CachedFunction(function, limit: 128, typed: false))
    }
    let limit = try a[0].map { $0.isNone ? nil : try requireIndex($0) } ?? 128
    let typed = try a[1].map(isTrue) ?? false
    return .builtin(
      Builtin("decorator(function)") {
        .native(CachedFunction($0[0] ?? .none, limit: limit, typed: typed))
      })
  }
  module.def("cache(function)") { a in
    .native(CachedFunction(a[0] ?? .none, limit: nil, typed: false))
  }
  module.def("cached_property(function)") { a in .native(CachedProperty(a[0] ?? .none)) }
  module.def("cmp_to_key(function)") { a in
    let function = a[0] ?? .none
    let cls = Class(builtin: "K", base: Types.object, module: "functools")
    cls.construct = { cls, arguments in
      let instance = Instance(cls)
      instance.attributes["obj"] = arguments.positional.first ?? Object.none
      return .instance(instance)
    }
    for (name, op) in [("lt", ComparisonOperator.less), ("gt", .greater), ("eq", .equal)] {
      cls.def("__\(name)__(self, other)") { pair in
        let sign = try call(
          function,
          [getAttribute(pair[0] ?? .none, "obj"), getAttribute(pair[1] ?? .none, "obj")])
        return try compare(op, sign, .int(0))
      }
    }
    return .type(cls)
  }
  module.def("singledispatch(function)") { a in .native(SingleDispatch(a[0] ?? .none)) }
  module.def("total_ordering(cls)") { a in
    guard case .type(let cls)? = a[0] else { return a[0] ?? .none }
    let all: [(Symbol, ComparisonOperator)] = [
      ("__lt__", .less), ("__le__", .lessOrEqual), ("__gt__", .greater),
      ("__ge__", .greaterOrEqual),
    ]
    guard let (root, rootOp) = all.first(where: { cls[$0.0] != nil }) else {
      throw valueError("must define at least one ordering operation: < > <= >=")
    }
    for (name, op) in all where cls[name] == nil {
      cls.def("\(name)(self, other)") { pair in
        let (x, y) = (pair[0] ?? .none, pair[1] ?? .none)
        guard let result = try callMethod(x, root, [y]) else { return .notImplemented }
        if result.isNotImplemented { return result }
        let isRoot = try isTrue(result)
        let isEqual = try equals(x, y)
        let less = rootOp == .less || rootOp == .lessOrEqual
        // Whether x is strictly less, from the one operation that is there.
        let isLess = less ? isRoot && !isEqual : !isRoot && !isEqual
        switch op {
        case .less: return .bool(isLess)
        case .lessOrEqual: return .bool(isLess || isEqual)
        case .greater: return .bool(!isLess && !isEqual)
        default: return .bool(!isLess || isEqual)
        }
      }
    }
    return .type(cls)
  }
  return module
}

/// `functools.singledispatch`
final class SingleDispatch: NativeObject {
  private let standard: Object
  private var table: [(target: Object, function: Object)] = []

  init(_ function: Object) { standard = function }

  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments) throws -> Object {
    try Host.call(
      arguments.positional.first.flatMap { try chosen(for: $0) } ?? standard, arguments)
  }

  /// The function of the nearest class of `object`; of what else knows its instances, such as
  /// `jax.Array`, only if none but `object` is there.
  private func chosen(for object: Object) throws -> Object? {
    for cls in typeOf(object).mro where cls !== Types.object {
      if let entry = table.last(where: { $0.target.isIdentical(to: .type(cls)) }) {
        return entry.function
      }
    }
    return try table.last {
      if case .type(let cls) = $0.target { return cls === Types.object }
      return try isInstance(object, $0.target)
    }?.function
  }

  override func attribute(_ name: Symbol) throws -> Object? {
    guard name == "register" else { return try lookupAttribute(standard, name) }
    return .builtin(
      Builtin("register(cls, function=)") { [self] a in
        if case .function(let function)? = a[0], case .dict(let dict)? = function.annotations,
          var target = dict.values.first
        {
          // After `from __future__ import annotations`.
          if case .str(let text) = target { target = try Builtins.evaluate(text.text) }
          return try register(target, a[0] ?? .none)
        }
        let target = a[0] ?? .none
        if let function = a[1] { return try register(target, function) }
        try requireClass(target)
        return .builtin(
          Builtin("decorator(function)") { [self] b in try register(target, b[0] ?? .none) })
      })
  }

  private func requireClass(_ target: Object) throws {
    switch target {
    case .type: return
    case .native(let native) where native is InstanceTest: return
    default: throw typeError("register() needs a class")
    }
  }

  private func register(_ target: Object, _ function: Object) throws -> Object {
    try requireClass(target)
    table.append((target, function))
    return function
  }
}
