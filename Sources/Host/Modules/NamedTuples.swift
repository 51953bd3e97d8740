import Syntax

/// What a named tuple class knows of its fields.
final class NamedTupleFields {
  let names: [String]
  /// Of the last fields.
  let defaults: [Object]

  init(_ names: [String], _ defaults: [Object]) {
    self.names = names
    self.defaults = defaults
  }
}

/// `collections.namedtuple` and `typing.NamedTuple`.
enum NamedTuples {
  /// The class of named tuples with these fields.
  static func make(_ name: String, _ fields: [String], defaults: [Object], module: String) -> Class
  {
    let cls = Class(builtin: name, base: Types.tuple, module: module)
    let record = NamedTupleFields(fields, defaults)
    cls.record = record
    cls["_fields"] = .tuple(fields.map { .str($0) })
    cls[Names.matchArgs] = .tuple(fields.map { .str($0) })
    cls["_field_defaults"] = .dict(
      Dict(named: Array(zip(fields.suffix(defaults.count), defaults).map { (name: $0, value: $1) }))
    )
    for (i, field) in fields.enumerated() {
      cls.property(field) { if case .tuple(let tuple) = $0 { tuple.items[i] } else { .none } }
    }
    cls.construct = { cls, arguments in
      .tuple(Tuple(try bind(record, name, arguments), cls: cls))
    }
    defineMethods(of: cls, record)
    return cls
  }

  private static func bind(_ record: NamedTupleFields, _ name: String, _ arguments: Arguments)
    throws
    -> [Object]
  {
    let count = record.names.count
    guard arguments.positional.count <= count else {
      throw typeError(
        "\(name).__new__() takes \(count + 1) positional arguments but \(arguments.positional.count + 1) were given"
      )
    }
    var values: [Object?] = arguments.positional.map { $0 }
    values += [Object?](repeating: nil, count: count - values.count)
    for (keyword, value) in arguments.keywords {
      guard let i = record.names.firstIndex(of: keyword.text) else {
        throw typeError("\(name).__new__() got an unexpected keyword argument '\(keyword)'")
      }
      if values[i] != nil {
        throw typeError("\(name).__new__() got multiple values for argument '\(keyword)'")
      }
      values[i] = value
    }
    let firstDefault = count - record.defaults.count
    var missing: [String] = []
    for i in values.indices where values[i] == nil {
      if i >= firstDefault {
        values[i] = record.defaults[i - firstDefault]
      } else {
        missing.append("'\(record.names[i])'")
      }
    }
    if !missing.isEmpty {
      let plural = missing.count == 1 ? "" : "s"
      let names =
        missing.count > 2
        ? missing.dropLast().joined(separator: ", ") + ", and " + missing.last!
        : missing.joined(separator: " and ")
      throw typeError(
        "\(name).__new__() missing \(missing.count) required positional argument\(plural): \(names)"
      )
    }
    return values.map { $0 ?? .none }
  }

  private static func defineMethods(of cls: Class, _ record: NamedTupleFields) {
    func items(_ object: Object?) -> [Object] {
      if case .tuple(let tuple)? = object { tuple.items } else { [] }
    }
    cls.def("_asdict(self)") { a in
      .dict(Dict(named: zip(record.names, items(a[0])).map { (name: $0, value: $1) }))
    }
    cls.def("_replace(self, **changes)") { a in
      var values = items(a[0])
      guard case .dict(let changes)? = a[1], case .tuple(let tuple)? = a[0] else { return .none }
      for entry in changes.table.live {
        let name = try str(entry.key)
        guard let i = record.names.firstIndex(of: name) else {
          throw valueError("Got unexpected field names: ['\(name)']")
        }
        values[i] = entry.value
      }
      return .tuple(Tuple(values, cls: tuple.cls))
    }
    cls.classMethod("_make(cls, iterable)") { a in
      guard case .type(let cls)? = a[0] else { return .none }
      let values = try list(a[1] ?? .none)
      guard values.count == record.names.count else {
        throw typeError("Expected \(record.names.count) arguments, got \(values.count)")
      }
      return .tuple(Tuple(values, cls: cls))
    }
    cls.def("__repr__(self)") { a in
      guard case .tuple(let tuple)? = a[0] else { return .none }
      let parts = try zip(record.names, tuple.items).map { "\($0)=\(try repr($1))" }
      return .str("\(tuple.cls?.name ?? cls.name)(\(parts.joined(separator: ", ")))")
    }
    cls.staticMethod("__new__(cls, *args, **kwargs)") { a in
      guard case .type(let cls)? = a[0], case .tuple(let positional)? = a[1],
        case .dict(let named)? = a[2]
      else { return .none }
      return .tuple(
        Tuple(
          try bind(
            record, cls.name, Arguments(positional.items, keywordArguments(named))), cls: cls))
    }
  }

  /// `class Point(NamedTuple): x: int; y: int = 0`
  static func derive(_ definition: ClassDefinition) throws -> Object {
    var fields: [String] = []
    var defaults: [Object] = []
    if case .dict(let annotations)? = definition.members[Names.annotations] {
      for key in annotations.keys {
        let name = try str(key)
        if let value = definition.members[Symbol(name)] {
          defaults.append(value)
        } else if !defaults.isEmpty {
          throw typeError(
            "non-default namedtuple field \(name) cannot follow default fields \(try repr(.str(fields.last ?? "")))"
          )
        }
        fields.append(name)
      }
    }
    let module = try definition.members[Names.module].map(str) ?? definition.module
    let cls = make(definition.name, fields, defaults: defaults, module: module)
    cls.qualifiedName = definition.qualifiedName
    for (name, value) in zip(definition.members.names, definition.members.values)
    where !fields.contains(name.text) {
      cls[name] = value
    }
    return .type(cls)
  }
}
