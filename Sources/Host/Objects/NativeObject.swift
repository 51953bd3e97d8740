import Syntax

/// An object of a kind that one module knows: iterators, descriptors, dtypes' kin, transformed
/// functions. What a kind can do, it overrides; the rest raises Python's `TypeError`.
open class NativeObject {
  public init() {}

  /// The class, whose namespace has the methods.
  open var cls: Class { Types.object }

  /// An attribute that the object itself has.
  func attribute(_ name: Symbol) throws -> Object? { nil }

  func setAttribute(_ name: Symbol, _ value: Object?) throws {
    throw attributeError("'\(cls.name)' object has no attribute '\(name)'")
  }

  /// The object as an attribute of `instance` (`nil`: of the class `owner`), or `nil` if it is
  /// used as it is.
  func bind(_ instance: Object?, _ owner: Class) throws -> Object? { nil }

  /// Takes an assignment to the attribute of `instance`; `false` if it is an ordinary attribute.
  func bindAssignment(_ instance: Object, _ value: Object?) throws -> Bool { false }

  /// `true` iff the object precedes the instance's own attributes (Python's data descriptors).
  var isDataDescriptor: Bool { false }

  var isCallable: Bool { false }
  func call(_ arguments: Arguments) throws -> Object {
    throw typeError("'\(cls.name)' object is not callable")
  }

  func iterator() throws -> ObjectIterator {
    throw typeError("'\(cls.name)' object is not iterable")
  }
  func count() throws -> Int? { nil }
  func truth() throws -> Bool { try count().map { $0 > 0 } ?? true }
  func item(_ key: Object) throws -> Object {
    throw typeError("'\(cls.name)' object is not subscriptable")
  }
  func setItem(_ key: Object, _ value: Object?) throws {
    throw typeError("'\(cls.name)' object does not support item assignment")
  }
  /// `nil`: iterate.
  func contains(_ object: Object) throws -> Bool? { nil }

  func repr() throws -> String { "<\(cls.displayName) object>" }
  func str() throws -> String { try repr() }
  func equals(_ other: Object) throws -> Bool? { nil }
  func hash() throws -> Int { ObjectIdentifier(self).hashValue }
  /// `self op other`, or `other op self` if `reflected`; `nil` if that is not defined.
  func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? { nil }
  func unary(_ op: UnaryOperator) throws -> Object? { nil }
  /// `self op= other` in place, or `nil` if that is `self = self op other`.
  func augmented(_ op: BinaryOperator, _ other: Object) throws -> Object? { nil }
  /// `operator.index(self)`, or `nil` for an object that is no integer.
  func indexValue() throws -> Int? { nil }
  /// The Python number that `float`, `int` and `complex` convert, or `nil`.
  func numericValue() throws -> Object? { nil }
  func format(_ specification: String) throws -> String {
    guard specification.isEmpty else {
      throw typeError("unsupported format string passed to \(cls.name).__format__")
    }
    return try str()
  }
  func compare(_ op: ComparisonOperator, _ other: Object) throws -> Object? { nil }
}

/// Anything with `__next__`.
open class ObjectIterator: NativeObject {
  override open var cls: Class { Types.iterator }
  /// The next object, or `nil` at the end, and then always.
  func next() throws -> Object? { nil }
  override final func iterator() throws -> ObjectIterator { self }
}

/// An iterator that a closure drives.
final class ClosureIterator: ObjectIterator {
  private let name: String
  private var body: (() throws -> Object?)?

  init(_ name: String, _ body: @escaping () throws -> Object?) {
    self.name = name
    self.body = body
  }

  override func next() throws -> Object? {
    guard let body else { return nil }
    if let object = try body() { return object }
    self.body = nil
    return nil
  }

  override func repr() throws -> String { "<\(name) object>" }
}

/// The object that a method of a native kind is called on.
///
/// - Throws: `TypeError` for an object of another kind.
func receiver<T: NativeObject>(_ object: Object?, as kind: T.Type = T.self) throws -> T {
  guard case .native(let native as T)? = object else {
    throw typeError("descriptor doesn't apply to a '\(typeOf(object ?? .none).name)' object")
  }
  return native
}

extension Class {
  /// A method of native objects of one kind: `body` gets the object, and all arguments.
  func def<T: NativeObject>(
    _ specification: String, of kind: T.Type,
    _ body: @escaping (T, [Object?]) throws -> Object
  ) {
    def(specification) { a in try body(receiver(a[0]), a) }
  }

  /// A property of native objects of one kind.
  func property<T: NativeObject>(
    _ name: String, of kind: T.Type, _ get: @escaping (T) throws -> Object
  ) {
    property(name) { try get(receiver($0)) }
  }
}

/// `property(get, set, delete)`
final class Property: NativeObject {
  let get: Object?
  let set: Object?
  let delete: Object?
  var name: String?

  init(_ get: Object?, _ set: Object? = nil, _ delete: Object? = nil) {
    self.get = get
    self.set = set
    self.delete = delete
  }

  override var cls: Class { Types.property }
  override var isDataDescriptor: Bool { true }

  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? {
    guard let instance else { return nil }
    guard let get else { throw attributeError("unreadable attribute") }
    return try Host.call(get, [instance])
  }

  override func bindAssignment(_ instance: Object, _ value: Object?) throws -> Bool {
    let owner = typeOf(instance).name
    let named = name.map { " '\($0)'" } ?? ""
    if let value {
      guard let set else {
        throw attributeError("property\(named) of '\(owner)' object has no setter")
      }
      _ = try Host.call(set, [instance, value])
    } else {
      guard let delete else {
        throw attributeError("property\(named) of '\(owner)' object has no deleter")
      }
      _ = try Host.call(delete, [instance])
    }
    return true
  }
}

/// A read-only property of one of the language's own classes.
final class NativeProperty: NativeObject {
  private let name: String
  private let get: (Object) throws -> Object

  init(_ name: String, _ get: @escaping (Object) throws -> Object) {
    self.name = name
    self.get = get
  }

  override var isDataDescriptor: Bool { true }
  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? {
    try instance.map(get)
  }
  override func bindAssignment(_ instance: Object, _ value: Object?) throws -> Bool {
    // The fields of a named tuple.
    if case .tuple = instance {
      throw attributeError("can't \(value == nil ? "delete" : "set") attribute")
    }
    throw attributeError(
      "attribute '\(name)' of '\(typeOf(instance).name)' objects is not writable")
  }
}

/// `classmethod(function)`
final class ClassMethod: NativeObject {
  let function: Object
  init(_ function: Object) { self.function = function }
  override var cls: Class { Types.classMethod }
  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? {
    .method(BoundMethod(.type(owner), function))
  }
}

/// `staticmethod(function)`
final class StaticMethod: NativeObject {
  let function: Object
  init(_ function: Object) { self.function = function }
  override var cls: Class { Types.staticMethod }
  override var isCallable: Bool { true }
  override func bind(_ instance: Object?, _ owner: Class) throws -> Object? { function }
  override func call(_ arguments: Arguments) throws -> Object {
    try Host.call(function, arguments)
  }
}
