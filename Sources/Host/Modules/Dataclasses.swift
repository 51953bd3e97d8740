import Syntax

/// A field of a data class.
final class DataclassField: NativeObject {
  var name = ""
  var type = Object.none
  var standard: Object?
  var factory: Object?
  var initializes = true
  var represents = true
  var compares = true
  var hashes: Bool?
  var isKeywordOnly = false
  var metadata: Object = .dict(Dict())

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name {
    case "name": return .str(self.name)
    case "type": return type
    case "default": return standard ?? .native(Dataclasses.missing)
    case "default_factory": return factory ?? .native(Dataclasses.missing)
    case "init": return .bool(initializes)
    case "repr": return .bool(represents)
    case "metadata": return metadata
    default: return nil
    }
  }

  fileprivate func copy() -> DataclassField {
    let new = DataclassField()
    new.name = name
    new.type = type
    new.standard = standard
    new.factory = factory
    new.initializes = initializes
    new.represents = represents
    new.compares = compares
    new.hashes = hashes
    new.isKeywordOnly = isKeywordOnly
    new.metadata = metadata
    return new
  }
}

/// What `dataclass` knows of a class.
final class DataclassRecord {
  let fields: [DataclassField]
  let isFrozen: Bool

  init(_ fields: [DataclassField], isFrozen: Bool) {
    self.fields = fields
    self.isFrozen = isFrozen
  }
}

final class MissingValue: NativeObject {
  override func repr() throws -> String { "<dataclasses._MISSING_TYPE object>" }
}

/// The module `dataclasses`.
enum Dataclasses {
  nonisolated(unsafe) static let missing = MissingValue()
  nonisolated(unsafe) private static let frozenError = Class(
    builtin: "FrozenInstanceError", base: Exceptions["AttributeError"], module: "dataclasses")

  static func makeModule() -> ModuleObject {
    let module = ModuleObject("dataclasses")
    module["MISSING"] = .native(missing)
    module["KW_ONLY"] = .native(TypingForm("dataclasses.KW_ONLY"))
    module["FrozenInstanceError"] = .type(frozenError)
    module["InitVar"] = .native(TypingForm("InitVar"))
    module.def(
      """
      dataclass(cls=, /, *, init=, repr=, eq=, order=, unsafe_hash=, frozen=, match_args=, \
      kw_only=, slots=)
      """
    ) { a in
      func flag(_ i: Int, _ standard: Bool) throws -> Bool { try a[i].map(isTrue) ?? standard }
      let options = Options(
        initializes: try flag(1, true), represents: try flag(2, true), equates: try flag(3, true),
        orders: try flag(4, false), hashes: try flag(5, false), isFrozen: try flag(6, false),
        isKeywordOnly: try flag(8, false))
      if case .type(let cls)? = a[0] { return .type(try process(cls, options)) }
      return .builtin(
        Builtin("decorator(cls)") { b in
          guard case .type(let cls)? = b[0] else { throw typeError("dataclass() needs a class") }
          return .type(try process(cls, options))
        })
    }
    module.def(
      "field(*, default=, default_factory=, init=, repr=, hash=, compare=, metadata=, kw_only=)"
    ) { a in
      let field = DataclassField()
      field.standard = a[0]
      field.factory = a[1]
      field.initializes = try a[2].map(isTrue) ?? true
      field.represents = try a[3].map(isTrue) ?? true
      field.hashes = try a[4].flatMap { $0.isNone ? nil : try isTrue($0) }
      field.compares = try a[5].map(isTrue) ?? true
      if let metadata = a[6], !metadata.isNone { field.metadata = metadata }
      field.isKeywordOnly = try a[7].map(isTrue) ?? false
      return .native(field)
    }
    module.def("fields(instance)") { a in .tuple(try record(a[0]).fields.map { .native($0) }) }
    module.def("is_dataclass(object)") { a in .bool((try? record(a[0])) != nil) }
    module.def("asdict(instance)") { a in try convert(a[0] ?? .none, asTuple: false) }
    module.def("astuple(instance)") { a in try convert(a[0] ?? .none, asTuple: true) }
    module.def("replace(instance, /, **changes)") { a in
      let record = try record(a[0])
      guard case .dict(let changes)? = a[1] else { return .none }
      var keywords = try keywordArguments(changes)
      for field in record.fields where field.initializes {
        let name = Symbol(field.name)
        if !keywords.contains(where: { $0.name == name }) {
          keywords.append((name, try getAttribute(a[0] ?? .none, name)))
        }
      }
      return try instantiate(typeOf(a[0] ?? .none), Arguments([], keywords))
    }
    return module
  }

  /// The fields of a data class or of an instance of one.
  static func record(_ object: Object?) throws -> DataclassRecord {
    let cls: Class = if case .type(let cls)? = object { cls } else { typeOf(object ?? .none) }
    guard let record = cls.mro.lazy.compactMap({ $0.record as? DataclassRecord }).first else {
      throw typeError("must be called with a dataclass type or instance")
    }
    return record
  }

  private static func convert(_ object: Object, asTuple: Bool) throws -> Object {
    if case .instance(let instance) = object, let record = try? record(object) {
      let values = try record.fields.map { field in
        (
          name: field.name,
          value: try convert(instance.attributes[Symbol(field.name)] ?? .none, asTuple: asTuple)
        )
      }
      return asTuple ? .tuple(values.map(\.value)) : .dict(Dict(named: values))
    }
    switch object {
    case .list(let list): return .list(try list.items.map { try convert($0, asTuple: asTuple) })
    case .tuple(let tuple):
      return .tuple(
        Tuple(try tuple.items.map { try convert($0, asTuple: asTuple) }, cls: tuple.cls))
    case .dict(let dict):
      return .dict(
        try Dict(dict.table.live.map { ($0.key, try convert($0.value, asTuple: asTuple)) }))
    default: return object
    }
  }

  private struct Options {
    var initializes, represents, equates, orders, hashes, isFrozen, isKeywordOnly: Bool
  }

  private static func process(_ cls: Class, _ options: Options) throws -> Class {
    var fields: [DataclassField] = []
    for base in cls.mro.dropFirst().reversed() {
      guard let record = base.record as? DataclassRecord else { continue }
      for field in record.fields { insert(field, into: &fields) }
    }
    if case .dict(let annotations)? = cls.namespace[Names.annotations] {
      var keywordOnly = options.isKeywordOnly
      for entry in annotations.table.live {
        let name = try str(entry.key)
        let annotation = try repr(entry.value)
        if annotation.contains("ClassVar") { continue }
        if annotation.contains("KW_ONLY") {
          keywordOnly = true
          continue
        }
        let field: DataclassField
        switch cls.namespace[Symbol(name)] {
        case .native(let given as DataclassField)?:
          field = given
          cls[Symbol(name)] = given.standard
        case let value?:
          if case .list = value { throw mutable(name, value) }
          if case .dict = value { throw mutable(name, value) }
          if case .set(let set) = value, !set.isFrozen { throw mutable(name, value) }
          field = DataclassField()
          field.standard = value
        case nil: field = DataclassField()
        }
        field.name = name
        field.type = entry.value
        field.isKeywordOnly = field.isKeywordOnly || keywordOnly
        insert(field, into: &fields)
      }
    }
    cls.record = DataclassRecord(fields, isFrozen: options.isFrozen)
    try checkOrder(fields)
    if options.initializes, cls.namespace[Names.initialize] == nil { addInitializer(cls, fields) }
    if options.represents, cls.namespace[Names.repr] == nil { addRepresentation(cls, fields) }
    if options.equates, cls.namespace[Names.equal] == nil { addEquality(cls, fields) }
    if options.orders { addOrder(cls, fields) }
    if options.hashes || options.equates && options.isFrozen {
      let hashed = fields.filter { $0.hashes ?? $0.compares }
      cls.def("__hash__(self)") { a in .int(try hash(values(a[0], hashed))) }
    } else if options.equates, cls.namespace[Names.hash] == nil {
      cls[Names.hash] = Object.none
    }
    if options.isFrozen { freeze(cls) }
    let positional = fields.filter { $0.initializes && !$0.isKeywordOnly }
    cls[Names.matchArgs] = .tuple(positional.map { .str($0.name) })
    cls["__dataclass_fields__"] = .dict(Dict(named: fields.map { ($0.name, .native($0)) }))
    return cls
  }

  private static func mutable(_ name: String, _ value: Object) -> Raised {
    valueError(
      "mutable default <class '\(typeOf(value).displayName)'> for field \(name) is not allowed: use default_factory"
    )
  }

  private static func insert(_ field: DataclassField, into fields: inout [DataclassField]) {
    if let i = fields.firstIndex(where: { $0.name == field.name }) {
      fields[i] = field
    } else {
      fields.append(field)
    }
  }

  private static func checkOrder(_ fields: [DataclassField]) throws {
    var seenDefault = false
    for field in fields where field.initializes && !field.isKeywordOnly {
      if field.standard != nil || field.factory != nil {
        seenDefault = true
      } else if seenDefault {
        throw typeError("non-default argument '\(field.name)' follows default argument")
      }
    }
  }

  private static func values(_ object: Object?, _ fields: [DataclassField]) throws -> Object {
    .tuple(try fields.map { try getAttribute(object ?? .none, Symbol($0.name)) })
  }

  private static func addInitializer(_ cls: Class, _ fields: [DataclassField]) {
    let inputs = fields.filter(\.initializes)
    let ordered = inputs.filter { !$0.isKeywordOnly } + inputs.filter(\.isKeywordOnly)
    let positionalCount = inputs.count { !$0.isKeywordOnly }
    let names = ordered.map { Symbol($0.name) }
    let name = cls.name
    cls[Names.initialize] = .builtin(
      Builtin(named: "__init__", isMethod: true) { arguments in
        let object = arguments.positional[0]
        let given = arguments.positional.dropFirst()
        guard given.count <= positionalCount else {
          throw typeError(
            "\(name).__init__() takes \(positionalCount + 1) positional argument\(positionalCount == 0 ? "" : "s") but \(given.count + 1) were given"
          )
        }
        var values: [Object?] = Array(given)
        values += [Object?](repeating: nil, count: ordered.count - values.count)
        for (keyword, value) in arguments.keywords {
          guard let i = names.firstIndex(of: keyword) else {
            throw typeError("\(name).__init__() got an unexpected keyword argument '\(keyword)'")
          }
          if values[i] != nil {
            throw typeError("\(name).__init__() got multiple values for argument '\(keyword)'")
          }
          values[i] = value
        }
        var missing: [String] = []
        for (i, field) in ordered.enumerated() where values[i] == nil {
          if let factory = field.factory {
            values[i] = try call(factory)
          } else {
            values[i] = field.standard
          }
          if values[i] == nil { missing.append("'\(field.name)'") }
        }
        if !missing.isEmpty {
          let list =
            missing.count > 2
            ? missing.dropLast().joined(separator: ", ") + ", and " + missing.last!
            : missing.joined(separator: " and ")
          throw typeError(
            "\(name).__init__() missing \(missing.count) required positional argument\(missing.count == 1 ? "" : "s"): \(list)"
          )
        }
        for (i, symbol) in names.enumerated() {
          try setOwnAttribute(object, symbol, values[i] ?? Object.none)
        }
        for field in fields where !field.initializes {
          if let factory = field.factory {
            try setOwnAttribute(object, Symbol(field.name), call(factory))
          }
        }
        _ = try callMethod(object, Names.postInit)
        return .none
      })
  }

  private static func addRepresentation(_ cls: Class, _ fields: [DataclassField]) {
    let shown = fields.filter(\.represents)
    cls.def("__repr__(self)") { a in
      let parts = try shown.map {
        "\($0.name)=\(try repr(getAttribute(a[0] ?? .none, Symbol($0.name))))"
      }
      return .str("\(typeOf(a[0] ?? .none).qualifiedName)(\(parts.joined(separator: ", ")))")
    }
  }

  private static func addEquality(_ cls: Class, _ fields: [DataclassField]) {
    let compared = fields.filter(\.compares)
    cls.def("__eq__(self, other)") { a in
      guard typeOf(a[0] ?? .none) === typeOf(a[1] ?? .none) else { return .notImplemented }
      return try compare(.equal, values(a[0], compared), values(a[1], compared))
    }
  }

  private static func addOrder(_ cls: Class, _ fields: [DataclassField]) {
    let compared = fields.filter(\.compares)
    for (name, op) in [
      ("lt", ComparisonOperator.less), ("le", .lessOrEqual), ("gt", .greater),
      ("ge", .greaterOrEqual),
    ] {
      cls.def("__\(name)__(self, other)") { a in
        guard typeOf(a[0] ?? .none) === typeOf(a[1] ?? .none) else { return .notImplemented }
        return try compare(op, values(a[0], compared), values(a[1], compared))
      }
    }
  }

  private static func freeze(_ cls: Class) {
    func refuse(_ verb: String) -> Object {
      let builtin = Builtin("refuse(self, name, value=)", isMethod: true) { a in
        throw Raised(
          exception: ExceptionObject(
            frozenError, [.str("cannot \(verb) field '\(try str(a[1] ?? .none))'")]))
      }
      return .builtin(builtin)
    }
    cls[Names.setAttribute] = refuse("assign to")
    cls[Names.deleteAttribute] = refuse("delete")
  }
}
