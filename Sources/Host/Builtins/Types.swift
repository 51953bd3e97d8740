import BigInt
import Syntax

/// The classes of the language's own values. Each is made, with its methods, when it is first
/// used.
enum Types {
  nonisolated(unsafe) static let object: Class = {
    let cls = Class(builtin: "object", base: nil)
    cls.staticMethod("__new__(cls, *args, **kwargs)") { a in
      guard case .type(let cls)? = a[0], case .tuple(let arguments)? = a[1] else { return .none }
      if let construct = cls.construct { return try construct(cls, Arguments(arguments.items)) }
      return .instance(Instance(cls))
    }
    // Instances are made without it: it is there for `super().__new__(cls)`.
    objectNew = cls[Names.new]
    cls[Names.new] = nil
    return cls
  }()
  nonisolated(unsafe) private static var objectNew: Object?

  /// What `super()` finds in `object`, beyond what ordinary look-up finds there.
  static func objectMember(_ name: Symbol) -> Object? {
    _ = object
    switch name {
    case Names.new: return objectNew
    case Names.initialize, Names.initSubclass:
      return .builtin(Builtin(named: name.text, isMethod: true) { _ in .none })
    case Names.setAttribute:
      return .builtin(
        Builtin("__setattr__(self, name, value)", isMethod: true) { a in
          try setOwnAttribute(a[0] ?? .none, Symbol(Host.str(a[1] ?? .none)), a[2])
          return .none
        })
    case Names.deleteAttribute:
      return .builtin(
        Builtin("__delattr__(self, name)", isMethod: true) { a in
          try setOwnAttribute(a[0] ?? .none, Symbol(Host.str(a[1] ?? .none)), nil)
          return .none
        })
    case "__getattribute__":
      return .builtin(
        Builtin("__getattribute__(self, name)", isMethod: true) { a in
          try Host.getAttribute(a[0] ?? .none, Symbol(Host.str(a[1] ?? .none)))
        })
    case Names.repr, Names.str:
      return .builtin(
        Builtin("__repr__(self)", isMethod: true) { a in
          guard case .instance(let instance)? = a[0] else { return .str(try repr(a[0] ?? .none)) }
          return .str(
            "<\(instance.cls.module).\(instance.cls.qualifiedName) object at \(address(instance))>")
        })
    case Names.hash:
      return .builtin(
        Builtin("__hash__(self)", isMethod: true) { a in
          .int(a[0]?.reference.map { ObjectIdentifier($0).hashValue } ?? 0)
        })
    case Names.equal:
      return .builtin(
        Builtin("__eq__(self, other)", isMethod: true) { a in
          (a[0] ?? .none).isIdentical(to: a[1] ?? .none) ? .bool(true) : .notImplemented
        })
    case Names.format:
      return .builtin(
        Builtin("__format__(self, specification)", isMethod: true) { a in
          .str(try Host.str(a[0] ?? .none))
        })
    default: return nil
    }
  }

  nonisolated(unsafe) static let type: Class = {
    let cls = make("type")
    cls.construct = { cls, arguments in
      if arguments.positional.count == 1 { return .type(typeOf(arguments.positional[0])) }
      guard arguments.positional.count == 3, case .dict(let dict) = arguments.positional[2] else {
        throw typeError("type() takes 1 or 3 arguments")
      }
      let name = try Host.str(arguments.positional[0])
      var members = Namespace()
      for entry in dict.table.live { members[Symbol(try Host.str(entry.key))] = entry.value }
      let definition = ClassDefinition(
        name: name, bases: try Host.list(arguments.positional[1]), keywords: arguments.keywords,
        members: members, module: "__main__", qualifiedName: name)
      return try makeClass(definition)
    }
    cls.def("__call__(cls, *args, **kwargs)") { a in
      guard case .type(let cls)? = a[0], case .tuple(let positional)? = a[1],
        case .dict(let named)? = a[2]
      else { return .none }
      return try makeInstance(cls, Arguments(positional.items, keywordArguments(named)))
    }
    cls.staticMethod("__new__(metaclass, name, bases, members, **kwargs)") { a in
      guard case .type(let metaclass)? = a[0], case .dict(let dict)? = a[3],
        case .dict(let named)? = a[4]
      else { return .none }
      let name = try Host.str(a[1] ?? .none)
      var members = Namespace()
      for entry in dict.table.live { members[Symbol(try Host.str(entry.key))] = entry.value }
      var bases: [Class] = []
      for case .type(let base) in try Host.list(a[2] ?? .none) { bases.append(base) }
      let module = try members[Names.module].map(Host.str) ?? "__main__"
      let definition = ClassDefinition(
        name: name, bases: bases.map { .type($0) }, keywords: try keywordArguments(named),
        members: members, module: module,
        qualifiedName: try members[Names.qualifiedName].map(Host.str) ?? name)
      return .type(
        try assembleClass(definition, bases.isEmpty ? [Types.object] : bases, metaclass))
    }
    cls.def("mro(cls)") { a in try getAttribute(a[0] ?? .none, "__mro__") }
    cls.def("__subclasses__(cls)") { _ in .list([]) }
    cls.def("__or__(cls, other)") { a in .native(UnionType([a[0] ?? .none, a[1] ?? .none])) }
    return cls
  }()

  private static func make(_ name: String, base: Class? = nil) -> Class {
    Class(builtin: name, base: base ?? object)
  }

  private static func closed(_ name: String) -> Class {
    let cls = make(name)
    cls.isFinal = true
    cls.construct = { cls, _ in throw typeError("cannot create '\(cls.name)' instances") }
    return cls
  }

  nonisolated(unsafe) static let none = closed("NoneType")
  nonisolated(unsafe) static let ellipsis = closed("ellipsis")
  nonisolated(unsafe) static let notImplemented = closed("NotImplementedType")
  nonisolated(unsafe) static let int = IntegerType.make()
  nonisolated(unsafe) static let bool = IntegerType.makeBool()
  nonisolated(unsafe) static let float = FloatType.make()
  nonisolated(unsafe) static let complex = ComplexType.make()
  nonisolated(unsafe) static let str = StringType.make()
  nonisolated(unsafe) static let bytes = BytesType.make()
  nonisolated(unsafe) static let tuple = TupleType.make()
  nonisolated(unsafe) static let list = ListType.make()
  nonisolated(unsafe) static let dict = DictType.make()
  nonisolated(unsafe) static let set = SetType.make("set", frozen: false)
  nonisolated(unsafe) static let frozenSet = SetType.make("frozenset", frozen: true)
  nonisolated(unsafe) static let slice: Class = {
    let cls = make("slice")
    cls.construct = { _, arguments in
      let a = arguments.positional
      switch a.count {
      case 1: return .slice(Slice(.none, a[0], .none))
      case 2: return .slice(Slice(a[0], a[1], .none))
      case 3: return .slice(Slice(a[0], a[1], a[2]))
      default: throw typeError("slice expected 1 to 3 arguments, got \(a.count)")
      }
    }
    cls.property("start") { if case .slice(let s) = $0 { s.start } else { .none } }
    cls.property("stop") { if case .slice(let s) = $0 { s.stop } else { .none } }
    cls.property("step") { if case .slice(let s) = $0 { s.step } else { .none } }
    cls.def("indices(self, length, /)") { a in
      guard case .slice(let slice)? = a[0] else { return .none }
      let (start, stop, step) = try slice.bounds(requireIndex(a[1] ?? .none))
      return .ints([start, stop, step])
    }
    return cls
  }()
  nonisolated(unsafe) static let range = RangeType.make()
  nonisolated(unsafe) static let function = closed("function")
  nonisolated(unsafe) static let method: Class = {
    let cls = closed("method")
    let signature = Signature("method(function, instance, /)")
    cls.construct = { _, arguments in
      let a = try signature.bind(arguments)
      guard let function = a[0], isCallable(function) else {
        throw typeError("first argument must be callable")
      }
      return .method(BoundMethod(a[1] ?? .none, function))
    }
    return cls
  }()
  nonisolated(unsafe) static let builtin = closed("builtin_function_or_method")
  nonisolated(unsafe) static let module = closed("module")
  nonisolated(unsafe) static let iterator: Class = {
    let cls = closed("iterator")
    cls.def("__next__(self)") { a in try next(a[0] ?? .none) }
    cls.def("__iter__(self)") { a in a[0] ?? .none }
    return cls
  }()
  nonisolated(unsafe) static let generator: Class = {
    let cls = make("generator", base: iterator)
    cls.isFinal = true
    cls.def("send(self, value, /)") { a in
      let value = a[1] ?? .none
      if case .native(let generator as GeneratorExpression)? = a[0] {
        guard let item = try generator.send(value) else { return try outcome(.returned(.none)) }
        return item
      }
      guard case .native(let generator as Generator)? = a[0] else { return .none }
      return try outcome(generator.body.advance(value))
    }
    cls.def("throw(self, kind, value=, traceback=, /)") { a in
      if case .native(let generator as GeneratorExpression)? = a[0] {
        generator.close()
        throw Raised(exception: try exceptionObject(a[1] ?? .none))
      }
      guard case .native(let generator as Generator)? = a[0] else { return .none }
      return try outcome(generator.body.raise(exceptionObject(a[1] ?? .none)))
    }
    cls.def("close(self)") { a in
      if case .native(let generator as Generator)? = a[0] { try generator.body.close() }
      if case .native(let generator as GeneratorExpression)? = a[0] { generator.close() }
      return .none
    }
    return cls
  }()

  private static func outcome(_ outcome: GeneratorBody.Outcome) throws -> Object {
    switch outcome {
    case .yielded(let object): return object
    case .returned(let result):
      throw Raised(
        exception: ExceptionObject(
          Exceptions["StopIteration"], result.isNone ? [] : [result]))
    }
  }

  nonisolated(unsafe) static let property: Class = {
    let cls = make("property")
    let signature = Signature("property(fget=, fset=, fdel=, doc=)")
    cls.construct = { _, arguments in
      let a = try signature.bind(arguments)
      return .native(Property(a[0].given, a[1].given, a[2].given))
    }
    for (name, change) in [
      ("getter", { (p: Property, f: Object) in Property(f, p.set, p.delete) }),
      ("setter", { (p: Property, f: Object) in Property(p.get, f, p.delete) }),
      ("deleter", { (p: Property, f: Object) in Property(p.get, p.set, f) }),
    ] {
      cls.def("\(name)(self, function, /)", of: Property.self) { property, a in
        .native(change(property, a[1] ?? .none))
      }
    }
    cls.property("fget") {
      if case .native(let property as Property) = $0 { .optional(property.get) } else { .none }
    }
    return cls
  }()
  nonisolated(unsafe) static let classMethod: Class = {
    let cls = make("classmethod")
    cls.construct = { _, a in .native(ClassMethod(a.positional.first ?? .none)) }
    cls.property("__func__") {
      if case .native(let method as ClassMethod) = $0 { method.function } else { .none }
    }
    return cls
  }()
  nonisolated(unsafe) static let staticMethod: Class = {
    let cls = make("staticmethod")
    cls.construct = { _, a in .native(StaticMethod(a.positional.first ?? .none)) }
    cls.property("__func__") {
      if case .native(let method as StaticMethod) = $0 { method.function } else { .none }
    }
    return cls
  }()
  nonisolated(unsafe) static let superType: Class = {
    let cls = make("super")
    cls.construct = { _, arguments in
      guard arguments.positional.count == 2, case .type(let start) = arguments.positional[0] else {
        throw raised("RuntimeError", "super(): no arguments")
      }
      return .native(Super(start, arguments.positional[1]))
    }
    return cls
  }()
  nonisolated(unsafe) static let genericAlias = closed("GenericAlias")
  nonisolated(unsafe) static let union = closed("UnionType")
  nonisolated(unsafe) static let dictKeys = DictViewType.make("dict_keys")
  nonisolated(unsafe) static let dictValues = DictViewType.make("dict_values")
  nonisolated(unsafe) static let dictItems = DictViewType.make("dict_items")
  nonisolated(unsafe) static let dtype = DTypeType.make()
  nonisolated(unsafe) static let array = ArrayType.make()
  nonisolated(unsafe) static let keyArray = ArrayType.makeKeys()
  private nonisolated(unsafe) static var tracers: [String: Class] = [:]

  /// `jax.core.Tracer`
  nonisolated(unsafe) static let tracerBase = Class(
    builtin: "Tracer", base: array, module: "jax._src.core")

  /// The class of a kind of tracers: also arrays to `isinstance`.
  static func tracer(_ name: String) -> Class {
    if let known = tracers[name] { return known }
    let file =
      switch name {
      case "BatchTracer": "batching"
      case "JVPTracer", "LinearizeTracer": "ad"
      default: "partial_eval"
      }
    let cls = Class(
      builtin: name, base: tracerBase, module: "jax._src.interpreters.\(file)")
    tracers[name] = cls
    return cls
  }
}

/// `next(iterator)`
func next(_ object: Object) throws -> Object {
  if case .native(let generator as Generator) = object {
    switch try generator.body.advance(.none) {
    case .yielded(let value): return value
    case .returned(let result):
      throw Raised(
        exception: ExceptionObject(Exceptions["StopIteration"], result.isNone ? [] : [result]))
    }
  }
  if case .native(let iterator as ObjectIterator) = object {
    if let value = try iterator.next() { return value }
    throw Raised(exception: ExceptionObject(Exceptions["StopIteration"], []))
  }
  if let value = try callMethod(object, Names.next) { return value }
  throw typeError("'\(typeOf(object).name)' object is not an iterator")
}

func keywordArguments(_ dict: Dict) throws -> [(name: Symbol, value: Object)] {
  try dict.table.live.map { (Symbol(try Host.str($0.key)), $0.value) }
}

/// `list[int]`: the class, and what it is of.
final class GenericAlias: NativeObject {
  let origin: Class?
  /// What was subscripted instead of a class: `Mapping[str, int]`.
  let form: TypingForm?
  private let name: String
  private let parameters: Object

  init(_ origin: Class, _ parameters: Object) {
    self.origin = origin
    form = nil
    name = origin.displayName
    self.parameters = parameters
  }

  init(_ form: TypingForm, _ parameters: Object) {
    origin = nil
    self.form = form
    name = "typing.\(form.name)"
    self.parameters = parameters
  }

  override var cls: Class { Types.genericAlias }
  override var isCallable: Bool { origin != nil }
  override func call(_ arguments: Arguments) throws -> Object {
    guard let origin else { return try super.call(arguments) }
    return try Host.call(.type(origin), arguments)
  }
  override func attribute(_ name: Symbol) throws -> Object? {
    switch name {
    case "__origin__": return origin.map { .type($0) } ?? .str(self.name)
    case "__args__":
      if case .tuple = parameters { return parameters } else { return .tuple([parameters]) }
    default: return try origin.flatMap { try lookupAttribute(.type($0), name) }
    }
  }
  override func item(_ key: Object) throws -> Object { .native(self) }
  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    op == .bitOr
      ? .native(UnionType(reflected ? [other, .native(self)] : [.native(self), other])) : nil
  }
  override func repr() throws -> String {
    let items: [Object] =
      if case .tuple(let tuple) = parameters { tuple.items } else { [parameters] }
    let names = try items.map { item in
      if case .type(let cls) = item { return cls.displayName }
      return try Host.repr(item)
    }
    return "\(name)[\(names.joined(separator: ", "))]"
  }
}

/// `int | str`
final class UnionType: NativeObject, InstanceTest {
  private let members: [Object]

  init(_ members: [Object]) {
    self.members = members.flatMap { member -> [Object] in
      if case .native(let union as UnionType) = member { return union.members }
      return [member]
    }
  }

  override var cls: Class { Types.union }
  func accepts(_ object: Object) throws -> Bool {
    try members.contains { $0.isNone ? object.isNone : try isInstance(object, $0) }
  }
  func acceptsSubclass(_ cls: Class) throws -> Bool {
    try members.contains { $0.isNone ? cls === Types.none : try isSubclass(cls, $0) }
  }
  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    op == .bitOr
      ? .native(UnionType(reflected ? [other, .native(self)] : [.native(self), other])) : nil
  }
  override func repr() throws -> String {
    try members.map { member in
      if case .type(let cls) = member { return cls.displayName }
      return try Host.repr(member)
    }.joined(separator: " | ")
  }
}
