import Support
import Tensor

public enum Visibility: String, Hashable, Sendable {
  case `public`, `private`
}

/// A function of a module: a value, with its operations, values and regions in arenas.
///
/// Erased operations stay in the arena; what counts is what the regions list.
public struct Function: Hashable, Sendable {
  public var name: String
  /// `nil` where the text does not say; then it is public.
  public var visibility: Visibility?
  /// What the text says about each argument: `tf.aliasing_output`, …
  public var argumentAttributes: [[NamedAttribute]]
  public var resultTypes: [ValueType]
  /// What the text says about each result: `jax.result_info`, …
  public var resultAttributes: [[NamedAttribute]]
  public var attributes: [NamedAttribute] = []
  /// `true` where only the types are known: the body is elsewhere.
  public var isDeclaration = false
  /// `true` where the body ends, like a region, with `stablehlo.return`.
  public var endsAsRegion = false

  public var values = Arena<ValueTag, Value>()
  public var operations = Arena<OperationTag, Operation>()
  public var regions = Arena<RegionTag, Region>()
  /// Attributes of operations that do not define their meaning: `mhlo.frontend_attributes`, …
  public var operationAttributes: [OperationID: [NamedAttribute]] = [:]
  /// Where operations came from. Not part of equality.
  public var locations = Locations()

  /// A function with an empty body.
  public init(
    name: String, visibility: Visibility? = nil, arguments: [ValueType],
    results: [ValueType] = []
  ) {
    self.name = name
    self.visibility = visibility
    resultTypes = results
    argumentAttributes = arguments.map { _ in [] }
    resultAttributes = results.map { _ in [] }
    regions.append(Region())
    for (index, type) in arguments.enumerated() {
      let value = values.append(Value(type: type, definition: .argument(body, index)))
      regions[body].arguments.append(value)
    }
  }

  /// The outermost region.
  public var body: RegionID { RegionID(0) }
  public var arguments: [ValueID] { regions[body].arguments }
  public var argumentTypes: [ValueType] { arguments.map { values[$0].type } }

  public func type(of value: ValueID) -> ValueType { values[value].type }

  /// The last operation of `region`, a `return` in a complete function.
  public func terminator(of region: RegionID) -> OperationID? { regions[region].operations.last }

  /// Adds an operation to the arena, with its results, but to no region.
  public mutating func create(
    _ op: Op, _ operands: Operands, resultTypes: [ValueType], regions: [RegionID] = []
  ) -> OperationID {
    let id = OperationID(operations.count)
    let first = ValueID(values.count)
    for (index, type) in resultTypes.enumerated() {
      values.append(Value(type: type, definition: .result(id, index)))
    }
    operations.append(
      Operation(
        op, operands, results: Results(first: first, count: resultTypes.count), regions: regions))
    return id
  }

  /// Adds an empty region with these arguments.
  public mutating func createRegion(arguments: [ValueType]) -> RegionID {
    let id = regions.append(Region())
    for (index, type) in arguments.enumerated() {
      let value = values.append(Value(type: type, definition: .argument(id, index)))
      regions[id].arguments.append(value)
    }
    return id
  }

  /// All operations that `region` lists, and those of regions inside, in program order: an
  /// operation comes before those of its own regions.
  public func operationsInOrder(of region: RegionID? = nil) -> [OperationID] {
    var order: [OperationID] = []
    order.reserveCapacity(operations.count)
    var stack: [(RegionID, Int)] = [(region ?? body, 0)]
    while let (region, position) = stack.popLast() {
      let list = regions[region].operations
      guard position < list.count else { continue }
      stack.append((region, position + 1))
      order.append(list[position])
      for inner in operations[list[position]].regions.reversed() { stack.append((inner, 0)) }
    }
    return order
  }
}
