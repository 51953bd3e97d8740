import Tensor

/// A free-form attribute: of a module, of a function's argument or result, or one that an
/// operation carries besides those that define its meaning.
public indirect enum Attribute: Hashable, Sendable {
  case unit
  case bool(Bool)
  /// An integer with the text of its type, `1 : i32`; the type `i64` is not printed.
  case integer(Int, type: String)
  case float(Double, type: String)
  case string(String)
  /// `@name`
  case symbol(String)
  case type(ValueType)
  case array([Attribute])
  /// `array<i64: 1, 2>`
  case integers([Int], type: String)
  case dictionary([NamedAttribute])
  case dense(Constant)
  /// Text of another dialect, kept as it is: `#sdy.sharding<…>`.
  case opaque(String)
}

/// An entry of a dictionary of attributes.
public struct NamedAttribute: Hashable, Sendable {
  public var name: String
  public var value: Attribute

  public init(_ name: String, _ value: Attribute) {
    self.name = name
    self.value = value
  }
}

extension [NamedAttribute] {
  public subscript(name: String) -> Attribute? { first { $0.name == name }?.value }
}
