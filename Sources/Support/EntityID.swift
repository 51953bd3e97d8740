/// The index of an entity in its table. `Tag` keeps the ids of different tables apart.
public struct EntityID<Tag>: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: UInt32

  public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  public init(_ index: Int) { rawValue = UInt32(index) }

  /// The position in the table.
  public var index: Int { Int(rawValue) }

  public var description: String { "\(rawValue)" }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A table of `Element`s that are named by the ids of `Tag`. A value type: copies are independent.
public struct Arena<Tag, Element> {
  public typealias ID = EntityID<Tag>

  public private(set) var elements: [Element] = []

  public init() {}

  public var count: Int { elements.count }

  /// The ids in the order in which their entities were added.
  public var ids: some RandomAccessCollection<ID> { (0..<elements.count).lazy.map { ID($0) } }

  /// Adds `element` and returns its id.
  @discardableResult
  public mutating func append(_ element: Element) -> ID {
    elements.append(element)
    return ID(elements.count - 1)
  }

  public subscript(id: ID) -> Element {
    _read { yield elements[id.index] }
    _modify { yield &elements[id.index] }
  }
}

extension Arena: Sendable where Element: Sendable {}
extension Arena: Equatable where Element: Equatable {}
extension Arena: Hashable where Element: Hashable {}
