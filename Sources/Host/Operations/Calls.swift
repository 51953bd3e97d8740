import Syntax

func call(_ function: Object, _ positional: [Object] = []) throws -> Object {
  try call(function, Arguments(positional))
}

/// `function(*arguments.positional, **arguments.keywords)`
func call(_ function: Object, _ arguments: Arguments) throws -> Object {
  switch function {
  case .function(let function): return try function.invoke(arguments)
  case .builtin(let builtin): return try builtin.body(arguments)
  case .method(let method): return try call(method.function, arguments.prefixed(method.receiver))
  case .type(let cls): return try instantiate(cls, arguments)
  case .native(let native): return try native.call(arguments)
  case .instance(let instance):
    guard let method = instance.cls.lookup(Names.call) else { break }
    return try call(bindAttribute(method, function, instance.cls), arguments)
  default: break
  }
  throw typeError("'\(typeOf(function).name)' object is not callable")
}

/// `object.name(*arguments)`, or `nil` if the class has no such method.
func callMethod(_ object: Object, _ name: Symbol, _ arguments: [Object] = []) throws -> Object? {
  let cls = typeOf(object)
  guard let method = cls.lookup(name) else { return nil }
  if case .none = method { return nil }
  return try call(bindAttribute(method, object, cls), arguments)
}

/// `cls(*arguments)`
func instantiate(_ cls: Class, _ arguments: Arguments) throws -> Object {
  if let metaclass = cls.metaclass, let method = metaclass.lookup(Names.call) {
    return try call(bindAttribute(method, .type(cls), metaclass), arguments)
  }
  return try makeInstance(cls, arguments)
}

/// `type.__call__`: makes an instance and initialises it.
func makeInstance(_ cls: Class, _ arguments: Arguments) throws -> Object {
  let object: Object
  if cls !== Types.type, let new = cls.lookup(Names.new) {
    var function = new
    if case .native(let method as StaticMethod) = new { function = method.function }
    object = try call(function, arguments.prefixed(.type(cls)))
    guard typeOf(object).isSubclass(of: cls) else { return object }
  } else if let construct = cls.construct {
    if let abstract = cls.lookup("__abstractmethods__"), try isTrue(abstract) {
      throw abstractError(cls, abstract)
    }
    object = try construct(cls, arguments)
  } else {
    if let abstract = cls.lookup("__abstractmethods__"), try isTrue(abstract) {
      throw abstractError(cls, abstract)
    }
    if cls.lookup(Names.initialize) == nil,
      !arguments.positional.isEmpty || !arguments.keywords.isEmpty
    {
      throw typeError("\(cls.name)() takes no arguments")
    }
    object = .instance(Instance(cls))
  }
  if let initialize = cls.lookup(Names.initialize) {
    let result = try call(initialize, arguments.prefixed(object))
    guard case .none = result else {
      throw typeError("__init__() should return None, not '\(typeOf(result).name)'")
    }
  }
  return object
}

private func abstractError(_ cls: Class, _ abstract: Object) -> any Error {
  let names = ((try? list(abstract)) ?? []).compactMap { try? str($0) }.sorted()
  let plural = names.count == 1 ? "" : "s"
  return typeError(
    "Can't instantiate abstract class \(cls.name) with abstract method\(plural) "
      + names.joined(separator: ", "))
}

func isCallable(_ object: Object) -> Bool {
  switch object {
  case .function, .builtin, .method, .type: true
  case .instance(let instance): instance.cls.lookup(Names.call) != nil
  case .native(let native): native.isCallable
  default: false
  }
}

/// `isinstance(object, classes)`; `classes` may be a tuple.
func isInstance(_ object: Object, _ classes: Object) throws -> Bool {
  switch classes {
  case .tuple(let tuple): return try tuple.items.contains { try isInstance(object, $0) }
  case .type(let cls):
    if let check = cls.metaclass?.lookup("__instancecheck__") {
      return try isTrue(call(check, [.type(cls), object]))
    }
    if Protocols.isProtocol(cls) { return try Protocols.accepts(object, cls) }
    return typeOf(object).isSubclass(of: cls)
  case .native(let native):
    if let kind = native as? InstanceTest { return try kind.accepts(object) }
  default: break
  }
  throw typeError("isinstance() arg 2 must be a type, a tuple of types, or a union")
}

func isSubclass(_ cls: Class, _ classes: Object) throws -> Bool {
  switch classes {
  case .tuple(let tuple): return try tuple.items.contains { try isSubclass(cls, $0) }
  case .type(let other): return cls.isSubclass(of: other)
  case .native(let native):
    if let kind = native as? InstanceTest { return try kind.acceptsSubclass(cls) }
  default: break
  }
  throw typeError("issubclass() arg 2 must be a class, a tuple of classes, or a union")
}

/// An object that `isinstance` accepts although it is not a class (`int | str`, `Callable`).
protocol InstanceTest {
  func accepts(_ object: Object) throws -> Bool
  func acceptsSubclass(_ cls: Class) throws -> Bool
}
