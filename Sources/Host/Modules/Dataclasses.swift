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
  /// `InitVar`: a parameter of `__init__` that `__post_init__` gets, and no field.
  var isInitOnly = false
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
}

/// What `dataclass` knows of a class.
final class DataclassRecord {
  let fields: [DataclassField]
  /// The fields, and what only `__init__` takes, in order.
  let inputs: [DataclassField]
  let isFrozen: Bool

  init(_ inputs: [DataclassField], isFrozen: Bool) {
    self.inputs = inputs
    self.fields = inputs.filter { !$0.isInitOnly }
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
        isKeywordOnly: try flag(8, false), hasSlots: try flag(9, false))
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
      field.hashes = try a[4].given.map(isTrue)
      field.compares = try a[5].map(isTrue) ?? true
      if let metadata = a[6], !metadata.isNone { field.metadata = metadata }
      field.isKeywordOnly = try a[7].map(isTrue) ?? false
      return .native(field)
    }
    module.def("fields(instance)") { a in .tuple(try record(a[0]).fields.map { .native($0) }) }
    module.def("is_dataclass(object)") { a in .bool((try? record(a[0])) != nil) }
    module.def("make_dataclass(cls_name, fields, *, bases=, namespace=, **options)") { a in
      try make(a)
    }
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
    var initializes = true
    var represents = true
    var equates = true
    var orders = false
    var hashes = false
    var isFrozen = false
    var isKeywordOnly = false
    var hasSlots = false
  }

  private static func process(_ cls: Class, _ options: Options) throws -> Class {
    var inputs: [DataclassField] = []
    for base in cls.mro.dropFirst().reversed() {
      guard let record = base.record as? DataclassRecord else { continue }
      if record.isFrozen != options.isFrozen {
        throw typeError(
          options.isFrozen
            ? "cannot inherit frozen dataclass from a non-frozen one"
            : "cannot inherit non-frozen dataclass from a frozen one")
      }
      for field in record.inputs { insert(field, into: &inputs) }
    }
    if case .dict(let annotations)? = cls.namespace[Names.annotations] {
      var keywordOnly = options.isKeywordOnly
      for entry in annotations.table.live {
        let name = try str(entry.key)
        if try isForm(entry.value, "ClassVar") { continue }
        if try isForm(entry.value, "KW_ONLY") {
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
        field.isInitOnly = try isForm(entry.value, "InitVar")
        insert(field, into: &inputs)
      }
    }
    let record = DataclassRecord(inputs, isFrozen: options.isFrozen)
    let fields = record.fields
    cls.record = record
    try checkOrder(inputs)
    if options.initializes, cls.namespace[Names.initialize] == nil {
      defineInitializer(of: cls, inputs)
    }
    if options.represents, cls.namespace[Names.repr] == nil {
      defineRepresentation(of: cls, fields)
    }
    if options.equates, cls.namespace[Names.equal] == nil { defineEquality(of: cls, fields) }
    if options.orders { defineOrder(of: cls, fields) }
    if options.hashes || options.equates && options.isFrozen {
      let hashed = fields.filter { $0.hashes ?? $0.compares }
      cls.def("__hash__(self)") { a in .int(try hash(values(a[0], hashed))) }
    } else if options.equates, cls.namespace[Names.hash] == nil {
      cls[Names.hash] = Object.none
    }
    if options.isFrozen { freeze(cls) }
    if options.hasSlots { try addSlots(to: cls, fields) }
    let positional = inputs.filter { $0.initializes && !$0.isKeywordOnly }
    cls[Names.matchArgs] = .tuple(positional.map { .str($0.name) })
    cls["__dataclass_fields__"] = .dict(Dict(named: fields.map { ($0.name, .native($0)) }))
    return cls
  }

  /// Whether `annotation` is `name`, maybe of a module and with parameters, or a text that says so:
  /// `"typing.ClassVar[int]"`.
  private static func isForm(_ annotation: Object, _ name: String) throws -> Bool {
    let text = if case .str(let text) = annotation { text.text } else { try repr(annotation) }
    let head = text.prefix { $0 != "[" }
    return head == name || head.hasSuffix("." + name)
  }

  /// `slots=True`: the fields are slots, except those that a base has already.
  private static func addSlots(to cls: Class, _ fields: [DataclassField]) throws {
    guard cls.namespace[Names.slots] == nil else {
      throw typeError("\(cls.name) already specifies __slots__")
    }
    let inherited = Set(cls.mro.dropFirst().compactMap(\.slots).joined())
    let own = fields.map(\.name).filter { !inherited.contains(Symbol($0)) }
    cls[Names.slots] = .tuple(own.map { .str($0) })
    cls.setSlots(Set(own.map { Symbol($0) }))
  }

  /// `make_dataclass(name, fields)`: fields are names, `(name, type)` or `(name, type, default)`.
  private static func make(_ a: [Object?]) throws -> Object {
    var members = Namespace()
    if case .dict(let namespace)? = a[3] {
      for entry in namespace.table.live { members[Symbol(try str(entry.key))] = entry.value }
    }
    let annotations = Dict()
    for field in try list(a[1] ?? .none) {
      let parts: [Object]
      switch field {
      case .str: parts = [field]
      default:
        parts = try list(field)
        guard 2...3 ~= parts.count else { throw typeError("Invalid field: \(try repr(field))") }
      }
      let name = try str(parts[0])
      let type: Object = parts.count > 1 ? parts[1] : .str("typing.Any")
      try annotations.table.set(.str(name), type)
      if parts.count > 2 { members[Symbol(name)] = parts[2] }
    }
    members[Names.annotations] = .dict(annotations)
    let bases = try (a[2].map { try list($0) } ?? []).compactMap { object -> Class? in
      if case .type(let cls) = object { cls } else { nil }
    }
    let cls = try Class(
      try str(a[0] ?? .none), bases: bases.isEmpty ? [Types.object] : bases, namespace: members,
      module: "types")
    var options = Options()
    if case .dict(let given)? = a[4] {
      for entry in given.table.live {
        let value = try isTrue(entry.value)
        switch try str(entry.key) {
        case "init": options.initializes = value
        case "repr": options.represents = value
        case "eq": options.equates = value
        case "order": options.orders = value
        case "unsafe_hash": options.hashes = value
        case "frozen": options.isFrozen = value
        case "kw_only": options.isKeywordOnly = value
        case "slots": options.hasSlots = value
        case "match_args", "weakref_slot", "module": break
        case let name:
          throw typeError("make_dataclass() got an unexpected keyword argument '\(name)'")
        }
      }
    }
    return .type(try process(cls, options))
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

  private static func defineInitializer(of cls: Class, _ fields: [DataclassField]) {
    let inputs = fields.filter(\.initializes)
    let initOnly = Set(fields.filter(\.isInitOnly).map { Symbol($0.name) })
    let leastCount = inputs.count { !$0.isKeywordOnly && $0.standard == nil && $0.factory == nil }
    let ordered = inputs.filter { !$0.isKeywordOnly } + inputs.filter(\.isKeywordOnly)
    let positionalCount = inputs.count { !$0.isKeywordOnly }
    let names = ordered.map { Symbol($0.name) }
    let name = cls.name
    cls[Names.initialize] = .builtin(
      Builtin(named: "__init__", isMethod: true) { arguments in
        let object = arguments.positional[0]
        let given = arguments.positional.dropFirst()
        guard given.count <= positionalCount else {
          let count =
            leastCount == positionalCount
            ? "\(positionalCount + 1) positional argument\(positionalCount == 0 ? "" : "s")"
            : "from \(leastCount + 1) to \(positionalCount + 1) positional arguments"
          throw typeError(
            "\(name).__init__() takes \(count) but \(given.count + 1) were given")
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
        var extra: [Object] = []
        for (i, symbol) in names.enumerated() {
          if initOnly.contains(symbol) {
            extra.append(values[i] ?? Object.none)
          } else {
            try setOwnAttribute(object, symbol, values[i] ?? Object.none)
          }
        }
        for field in fields where !field.initializes {
          if let factory = field.factory {
            try setOwnAttribute(object, Symbol(field.name), call(factory))
          } else if let standard = field.standard {
            try setOwnAttribute(object, Symbol(field.name), standard)
          }
        }
        _ = try callMethod(object, Names.postInit, extra)
        return .none
      })
  }

  private static func defineRepresentation(of cls: Class, _ fields: [DataclassField]) {
    let shown = fields.filter(\.represents)
    cls.def("__repr__(self)") { a in
      let parts = try shown.map {
        "\($0.name)=\(try repr(getAttribute(a[0] ?? .none, Symbol($0.name))))"
      }
      return .str("\(typeOf(a[0] ?? .none).qualifiedName)(\(parts.joined(separator: ", ")))")
    }
  }

  private static func defineEquality(of cls: Class, _ fields: [DataclassField]) {
    let compared = fields.filter(\.compares)
    cls.def("__eq__(self, other)") { a in
      guard typeOf(a[0] ?? .none) === typeOf(a[1] ?? .none) else { return .notImplemented }
      return try compare(.equal, values(a[0], compared), values(a[1], compared))
    }
  }

  private static func defineOrder(of cls: Class, _ fields: [DataclassField]) {
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
