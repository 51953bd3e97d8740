import Support
import Tensor

public enum ValueTag {}
public enum OperationTag {}
public enum RegionTag {}

/// A value of a function: a region's argument or an operation's result.
public typealias ValueID = EntityID<ValueTag>
public typealias OperationID = EntityID<OperationTag>
public typealias RegionID = EntityID<RegionTag>

/// A value's type, and what defines it.
public struct Value: Hashable, Sendable {
  public enum Definition: Hashable, Sendable {
    case result(OperationID, Int)
    case argument(RegionID, Int)
  }

  public var type: ValueType
  public var definition: Definition

  public init(type: ValueType, definition: Definition) {
    self.type = type
    self.definition = definition
  }
}

/// Arguments and operations; the last operation is a `return`.
public struct Region: Hashable, Sendable {
  public var arguments: [ValueID]
  public var operations: [OperationID]

  public init(arguments: [ValueID] = [], operations: [OperationID] = []) {
    self.arguments = arguments
    self.operations = operations
  }
}

/// What an operation computes, from what, and into what.
public struct Operation: Hashable, Sendable {
  public var op: Op
  public var operands: Operands
  public var results: Results
  public var regions: [RegionID]

  public init(_ op: Op, _ operands: Operands, results: Results, regions: [RegionID] = []) {
    self.op = op
    self.operands = operands
    self.results = results
    self.regions = regions
  }

  /// The only result. Requires exactly one.
  public var result: ValueID { results[0] }
}

/// The results of one operation: consecutive ids.
public struct Results: RandomAccessCollection, Hashable, Sendable {
  private let first: UInt32
  public let count: Int

  public init(first: ValueID, count: Int) {
    self.first = first.rawValue
    self.count = count
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public subscript(position: Int) -> ValueID { ValueID(first + UInt32(position)) }
}

/// A list of values, without an allocation up to three.
public struct Operands: RandomAccessCollection, MutableCollection, Hashable, Sendable,
  ExpressibleByArrayLiteral
{
  private enum Storage: Hashable, Sendable {
    case few(UInt8, ValueID, ValueID, ValueID)
    case many([ValueID])
  }

  private var storage: Storage
  private static let none = ValueID(UInt32.max)

  public init(_ values: some Collection<ValueID>) {
    var iterator = values.makeIterator()
    storage =
      values.count <= 3
      ? .few(
        UInt8(values.count), iterator.next() ?? Self.none, iterator.next() ?? Self.none,
        iterator.next() ?? Self.none)
      : .many(Array(values))
  }

  public init(arrayLiteral values: ValueID...) { self.init(values) }

  public var startIndex: Int { 0 }

  public var endIndex: Int {
    switch storage {
    case .few(let count, _, _, _): Int(count)
    case .many(let values): values.count
    }
  }

  public subscript(position: Int) -> ValueID {
    get {
      switch storage {
      case .few(let count, let a, let b, let c):
        precondition(position < count)
        return position == 0 ? a : position == 1 ? b : c
      case .many(let values): return values[position]
      }
    }
    set {
      switch storage {
      case .few(let count, let a, let b, let c):
        precondition(position < count)
        storage = .few(
          count, position == 0 ? newValue : a, position == 1 ? newValue : b,
          position == 2 ? newValue : c)
      case .many(var values):
        storage = .few(0, Self.none, Self.none, Self.none)
        values[position] = newValue
        storage = .many(values)
      }
    }
  }
}
