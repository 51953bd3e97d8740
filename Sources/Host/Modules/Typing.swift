import Syntax

/// A special form of `typing`: `Any`, `Optional`, `Callable`, `NamedTuple`, …
final class TypingForm: NativeObject, InstanceTest {
  let name: String
  /// Makes the class that has this form as a base.
  let derive: ((ClassDefinition) throws -> Object)?
  private let callee: ((Arguments) throws -> Object)?

  init(
    _ name: String, derive: ((ClassDefinition) throws -> Object)? = nil,
    call: ((Arguments) throws -> Object)? = nil
  ) {
    self.name = name
    self.derive = derive
    callee = call
  }

  override func item(_ key: Object) throws -> Object {
    if name == "Annotated", case .tuple(let items) = key { return items.items.first ?? .none }
    return .native(GenericAlias(self, key))
  }
  /// The class whose methods a class inherits that has this form as a base.
  func mixin() throws -> Class? {
    guard TypingForms.mixinNames.contains(name),
      case .type(let cls)? = try Session.loader.library("_abstract").lookup(Symbol(name))
    else { return nil }
    return cls
  }

  override var isCallable: Bool { callee != nil }
  override func call(_ arguments: Arguments) throws -> Object {
    guard let callee else { throw typeError("Cannot instantiate typing.\(name)") }
    return try callee(arguments)
  }
  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    op == .bitOr
      ? .native(UnionType(reflected ? [other, .native(self)] : [.native(self), other])) : nil
  }
  func accepts(_ object: Object) throws -> Bool {
    if case .instance = object, let mixin = try mixin(),
      typeOf(object).mro.contains(where: { $0 === mixin })
    {
      return true
    }
    switch name {
    case "Callable": return Host.isCallable(object)
    case "Hashable": return (try? Host.hash(object)) != nil
    case "Iterable", "Collection":
      return (try? iterate(object)) != nil
    case "Sequence":
      switch object {
      case .list, .tuple, .str, .range, .bytes: return true
      default: return false
      }
    case "Mapping", "MutableMapping": if case .dict = object { return true } else { return false }
    case "MutableSequence": if case .list = object { return true } else { return false }
    case "Set": if case .set = object { return true } else { return false }
    case "Iterator", "Generator":
      if case .native(let native) = object { return native is ObjectIterator }
      return typeOf(object).lookup(Names.next) != nil
    case "Sized": return (try? Host.count(object)) != nil
    default: throw typeError("typing.\(name) cannot be used with isinstance()")
    }
  }
  func acceptsSubclass(_ cls: Class) throws -> Bool {
    throw typeError("typing.\(name) cannot be used with issubclass()")
  }
  override func repr() throws -> String { "typing.\(name)" }
}
