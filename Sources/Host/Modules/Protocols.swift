import Syntax

/// `typing.Protocol`: classes that say what others have to offer.
enum Protocols {
  /// The class that protocols derive from; those that derive from them are ordinary classes.
  nonisolated(unsafe) static let base: Class = {
    let cls = Class(builtin: "Protocol", base: Types.object, module: "typing")
    cls.construct = { cls, arguments in
      if isProtocol(cls) { throw typeError("Protocols cannot be instantiated") }
      return .instance(Instance(cls))
    }
    return cls
  }()

  private static let checkable: Symbol = "_is_runtime_protocol"

  static func isProtocol(_ cls: Class) -> Bool { cls.bases.contains { $0 === base } }

  /// `@runtime_checkable`
  static func makeCheckable(_ cls: Class) { cls[checkable] = .bool(true) }

  /// `isinstance(object, cls)` for a protocol: has `object` all of its members?
  ///
  /// - Throws: `TypeError` for a protocol that is not `@runtime_checkable`.
  static func accepts(_ object: Object, _ cls: Class) throws -> Bool {
    if typeOf(object).isSubclass(of: cls) { return true }
    guard cls.namespace[checkable] != nil else {
      throw typeError(
        "Instance and class checks can only be used with @runtime_checkable protocols")
    }
    return try members(of: cls).allSatisfy { try lookupAttribute(object, $0) != nil }
  }

  private static func members(of cls: Class) throws -> [Symbol] {
    var names: [Symbol] = []
    for part in cls.mro where isProtocol(part) {
      names += part.namespace.names.filter { !$0.text.hasPrefix("_") || $0.text == "__call__" }
      if case .dict(let annotations)? = part.namespace[Names.annotations] {
        names += try annotations.table.live.map { Symbol(try str($0.key)) }
      }
    }
    return names
  }
}
