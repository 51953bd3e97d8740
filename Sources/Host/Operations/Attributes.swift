import Syntax

/// The class of `object`: Python's `type(object)`.
func typeOf(_ object: Object) -> Class {
  switch object {
  case .none: Types.none
  case .ellipsis: Types.ellipsis
  case .notImplemented: Types.notImplemented
  case .bool: Types.bool
  case .int, .big: Types.int
  case .float: Types.float
  case .complex: Types.complex
  case .str: Types.str
  case .bytes: Types.bytes
  case .tuple(let tuple): tuple.cls ?? Types.tuple
  case .list(let list): list.extra?.cls ?? Types.list
  case .dict(let dict): dict.extra?.cls ?? Types.dict
  case .set(let set): set.isFrozen ? Types.frozenSet : Types.set
  case .slice: Types.slice
  case .range: Types.range
  case .function: Types.function
  case .method: Types.method
  case .builtin: Types.builtin
  case .type(let cls): cls.metaclass ?? Types.type
  case .instance(let instance): instance.cls
  case .module: Types.module
  case .dtype: Types.dtype
  case .array(.array(let array)): array.aval.dtype == .key ? Types.keyArray : Types.array
  case .array(.tracer(let tracer)): Types.tracer(tracer.className)
  case .native(let native): native.cls
  }
}

extension Object {
  /// The instance that holds the attributes of an object of a class of the program.
  var instance: Instance? {
    switch self {
    case .instance(let instance): instance
    case .list(let list): list.extra
    case .dict(let dict): dict.extra
    default: nil
    }
  }
}

/// `object.name`, or `nil` if there is no such attribute.
func lookupAttribute(_ object: Object, _ name: Symbol) throws -> Object? {
  switch object {
  case .module(let module):
    if let value = try module.lookup(name) { return value }
    if name == Names.dictionary { return try vars(object) }
  case .type(let cls): return try classAttribute(cls, name)
  case .array(let value):
    if let found = try arrayAttribute(value, name) { return found }
  case .function(let function):
    if let found = function.attribute(name) { return found }
  case .method(let method):
    if name == "__self__" { return method.receiver }
    if name == "__func__" { return method.function }
    if let found = try lookupAttribute(method.function, name) { return found }
  case .builtin(let builtin):
    switch name {
    case Names.name, Names.qualifiedName: return .str(builtin.name)
    case Names.module: return .str(builtin.module ?? "builtins")
    case Names.documentation: return Object.none
    default: break
    }
  case .native(let native):
    if let found = try native.attribute(name) { return found }
  default: break
  }
  let cls = typeOf(object)
  let found = cls.lookup(name)
  if case .native(let descriptor)? = found, descriptor.isDataDescriptor {
    return try bindAttribute(.native(descriptor), object, cls)
  }
  if case .instance(let descriptor)? = found, descriptor.cls.lookup(Names.set) != nil {
    return try bindAttribute(.instance(descriptor), object, cls)
  }
  if let instance = object.instance {
    if let value = instance.attributes[name] { return value }
    if name == Names.dictionary { return try vars(object) }
  }
  if let found { return try bindAttribute(found, object, cls) }
  if name == Names.classCell { return .type(cls) }
  if name == Names.documentation { return Object.none }
  if let inherited = Types.objectMember(name) { return try bindAttribute(inherited, object, cls) }
  if let fallback = cls.lookup(Names.getAttribute) {
    return try call(bindAttribute(fallback, object, cls), [.str(name.text)])
  }
  if name.text == "__call__", isCallable(object) { return object }
  return nil
}

/// What the class attribute `found` is when it is read through `object`.
func bindAttribute(_ found: Object, _ object: Object, _ cls: Class) throws -> Object {
  switch found {
  case .function: return .method(BoundMethod(object, found))
  case .builtin(let builtin): return builtin.isMethod ? .method(BoundMethod(object, found)) : found
  case .native(let native): return try native.bind(object, cls) ?? found
  case .instance(let descriptor):
    guard let get = descriptor.cls.lookup(Names.get) else { return found }
    return try call(bindAttribute(get, found, descriptor.cls), [object, .type(cls)])
  default: return found
  }
}

/// `cls.name`
private func classAttribute(_ cls: Class, _ name: Symbol) throws -> Object? {
  if let found = cls.lookup(name) {
    switch found {
    case .native(let native): return try native.bind(nil, cls) ?? found
    case .instance(let descriptor):
      guard let get = descriptor.cls.lookup(Names.get) else { return found }
      return try call(bindAttribute(get, found, descriptor.cls), [.none, .type(cls)])
    default: return found
    }
  }
  switch name {
  case Names.name: return .str(cls.name)
  case Names.qualifiedName: return .str(cls.qualifiedName)
  case Names.module: return .str(cls.module)
  case "__mro__": return .tuple(cls.mro.map { .type($0) })
  case "__bases__": return .tuple(cls.bases.map { .type($0) })
  case "__base__": return cls.bases.first.map { .type($0) } ?? Object.none
  case Names.dictionary: return .dict(Dict(named: cls.namespace.items))
  case Names.documentation: return Object.none
  case Names.classCell: return .type(cls.metaclass ?? Types.type)
  default: break
  }
  // What every class has from `object` precedes what it has from its own class.
  if let inherited = Types.objectMember(name) {
    if case .native(let method as StaticMethod) = inherited { return method.function }
    return inherited
  }
  let metaclass = cls.metaclass ?? Types.type
  if let found = metaclass.lookup(name) {
    return try bindAttribute(found, .type(cls), metaclass)
  }
  guard let hook = metaclass.lookup(Names.getAttribute) else { return nil }
  return try call(bindAttribute(hook, .type(cls), metaclass), [.str(name.text)])
}

/// `object.name`
func getAttribute(_ object: Object, _ name: Symbol) throws -> Object {
  if let value = try lookupAttribute(object, name) { return value }
  switch object {
  case .module(let module):
    throw attributeError("module '\(module.name)' has no attribute '\(name)'")
  case .type(let cls):
    throw attributeError("type object '\(cls.name)' has no attribute '\(name)'")
  case .array(.tracer):
    throw attributeError("\(messageName(object)) has no attribute \(name)")
  default:
    throw attributeError("'\(messageName(object))' object has no attribute '\(name)'")
  }
}

/// `object.name = value`, or `del object.name` for `nil`.
func setAttribute(_ object: Object, _ name: Symbol, _ value: Object?) throws {
  switch object {
  case .module(let module):
    if value == nil && module[name] == nil { break }
    module[name] = value
    return
  case .function(let function):
    function.attributes[name] = value
    return
  default: break
  }
  let cls = typeOf(object)
  let hook = value == nil ? Names.deleteAttribute : Names.setAttribute
  if let override = cls.lookup(hook) {
    _ = try call(override, [object, .str(name.text)] + (value.map { [$0] } ?? []))
    return
  }
  try setOwnAttribute(object, name, value)
}

/// `object.__setattr__(name, value)`
func setOwnAttribute(_ object: Object, _ name: Symbol, _ value: Object?) throws {
  if case .type(let cls) = object {
    if cls.module == "builtins" {
      throw typeError("cannot set '\(name)' attribute of immutable type '\(cls.name)'")
    }
    cls[name] = value
    return
  }
  let cls = typeOf(object)
  switch cls.lookup(name) {
  case .native(let descriptor)? where descriptor.isDataDescriptor:
    if try descriptor.bindAssignment(object, value) { return }
  case .instance(let descriptor)?:
    if let set = descriptor.cls.lookup(Names.set), let value {
      _ = try call(bindAttribute(set, .instance(descriptor), descriptor.cls), [object, value])
      return
    }
    if value == nil, let delete = descriptor.cls.lookup(Names.delete) {
      _ = try call(bindAttribute(delete, .instance(descriptor), descriptor.cls), [object])
      return
    }
  default: break
  }
  if case .native(let native) = object { return try native.setAttribute(name, value) }
  guard let instance = object.instance else {
    throw attributeError("'\(cls.name)' object has no attribute '\(name)'")
  }
  if name == Names.classCell, case .type(let new)? = value {
    instance.cls = new
    return
  }
  if value == nil && instance.attributes[name] == nil {
    throw attributeError("'\(cls.name)' object has no attribute '\(name)'")
  }
  if let slots = cls.slots, !slots.contains(name) {
    throw attributeError("'\(cls.name)' object has no attribute '\(name)'")
  }
  instance.attributes[name] = value
}

/// The attributes of `object` as a dict: Python's `vars`.
func vars(_ object: Object) throws -> Object {
  switch object {
  case .module(let module):
    return .dict(
      Dict(
        named: module.members.compactMap { name in
          module[name].map { (name.text, $0) }
        }))
  case .type(let cls): return .dict(Dict(named: cls.namespace.items))
  case .function(let function): return .dict(Dict(named: function.attributes.items))
  default:
    guard let instance = object.instance else {
      throw typeError("vars() argument must have __dict__ attribute")
    }
    return .dict(instance.liveDictionary)
  }
}

extension Function {
  /// The attributes that every function has, and those that the program gave it.
  func attribute(_ name: Symbol) -> Object? {
    if let value = attributes[name] { return value }
    switch name {
    case Names.name: return .str(code.name)
    case Names.qualifiedName: return .str(code.qualifiedName)
    case Names.module: return .str(code.module.name)
    case Names.documentation: return code.documentation.map { .str($0) } ?? Object.none
    case Names.dictionary: return .dict(Dict(named: attributes.items))
    case Names.annotations: return annotations ?? .dict(Dict())
    case "__kwdefaults__":
      let names = code.parameters[code.positionalCount...].prefix(code.keywordOnlyCount)
      let given = zip(names, keywordDefaults).compactMap { name, value in
        value.map { (name: name.text, value: $0) }
      }
      return given.isEmpty ? Object.none : .dict(Dict(named: given))
    case "__defaults__": return defaults.isEmpty ? Object.none : .tuple(defaults)
    default: return nil
    }
  }
}
