import Support
import Tensor

/// Builds a function, one operation at a time, at an insertion point.
///
///     let b = FunctionBuilder(name: "f", arguments: [.tensor([2, 3], .f32)])
///     let x = b.arguments[0]
///     let y = try b.add(x, b.full(1, like: x))
///     try b.return([y])
///     let f = try b.finish()
///
/// Result types are inferred; a violated constraint throws a `Diagnostic` that cites it.
public final class FunctionBuilder {
  public internal(set) var function: Function
  /// The region that `emit` appends to.
  public private(set) var region: RegionID
  /// Where the operations emitted from now on come from.
  public var location = Location()

  public init(name: String, visibility: Visibility? = nil, arguments: [ValueType]) {
    function = Function(name: name, visibility: visibility, arguments: arguments)
    region = function.body
  }

  /// Continues `function`, appending to `region`, its body unless told.
  public init(continuing function: Function, in region: RegionID? = nil) {
    self.function = function
    self.region = region ?? function.body
  }

  public var arguments: [ValueID] { function.arguments }

  public func type(of value: ValueID) -> ValueType { function.values[value].type }

  /// The tensor type of `value`. Throws for tokens and tuples.
  public func tensorType(of value: ValueID) throws -> TensorType {
    guard let type = type(of: value).tensor else {
      throw Diagnostic(.error, "expected a tensor, got \(type(of: value))", at: location.span)
    }
    return type
  }

  /// Appends `op` and returns its results.
  ///
  /// `resultTypes` are needed where they do not follow from operands and attributes, and are
  /// checked elsewhere.
  @discardableResult
  public func emit(
    _ op: Op, _ operands: [ValueID], regions: [RegionID] = [], resultTypes: [ValueType]? = nil
  ) throws -> [ValueID] {
    let id = try emitOperation(op, Operands(operands), regions: regions, resultTypes: resultTypes)
    return Array(function.operations[id].results)
  }

  /// Appends `op` and returns it.
  @discardableResult
  public func emitOperation(
    _ op: Op, _ operands: Operands, regions: [RegionID] = [], resultTypes: [ValueType]? = nil
  ) throws -> OperationID {
    let types: [ValueType]
    do {
      types = try resultTypesOf(
        op, operands: operands.map(type(of:)), regions: regions.map(function.signature(of:)),
        stated: resultTypes)
    } catch {
      throw error.at(location.span)
    }
    let id = function.create(op, operands, resultTypes: types, regions: regions)
    function.regions[region].operations.append(id)
    function.locations[id] = location
    return id
  }

  /// Appends `op`, which has one result.
  public func emitOne(
    _ op: Op, _ operands: Operands, regions: [RegionID] = [], type: ValueType? = nil
  ) throws -> ValueID {
    let id = try emitOperation(op, operands, regions: regions, resultTypes: type.map { [$0] })
    return function.operations[id].result
  }

  /// Makes a region with these arguments; `body` emits into it and returns what the region gives.
  public func makeRegion(
    _ arguments: [ValueType], _ body: (FunctionBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> RegionID {
    let outer = region
    defer { region = outer }
    region = function.createRegion(arguments: arguments)
    let made = region
    let results = try body(self, function.regions[made].arguments)
    try emit(.return, results)
    return made
  }

  /// Appends copies of the operations of `region`, with `operands` for its arguments; returns what
  /// it gives.
  public func emitCopy(of region: RegionID, _ operands: [ValueID]) -> [ValueID] {
    var values: [ValueID: ValueID] = [:]
    for (argument, operand) in zip(function.regions[region].arguments, operands) {
      values[argument] = operand
    }
    copyOperations(of: region, into: self.region, &values)
    guard let last = function.terminator(of: region) else { return [] }
    return function.operations[last].operands.map { values[$0] ?? $0 }
  }

  /// Copies what a region does, its `return` only into a region of its own.
  private func copyOperations(
    of source: RegionID, into target: RegionID, _ values: inout [ValueID: ValueID]
  ) {
    for id in function.regions[source].operations {
      let operation = function.operations[id]
      if operation.op == .return && target == region { continue }
      var regions: [RegionID] = []
      for inner in operation.regions {
        let arguments = function.regions[inner].arguments
        let copy = function.createRegion(arguments: arguments.map(type(of:)))
        for (old, new) in zip(arguments, function.regions[copy].arguments) { values[old] = new }
        copyOperations(of: inner, into: copy, &values)
        regions.append(copy)
      }
      let copy = function.create(
        operation.op, Operands(operation.operands.map { values[$0] ?? $0 }),
        resultTypes: operation.results.map(type(of:)), regions: regions)
      function.locations[copy] = function.locations[id]
      function.operationAttributes[copy] = function.operationAttributes[id]
      function.regions[target].operations.append(copy)
      for (old, new) in zip(operation.results, function.operations[copy].results) {
        values[old] = new
      }
    }
  }

  /// Ends the function.
  public func `return`(_ values: [ValueID]) throws {
    try emit(.return, values)
    function.resultTypes = values.map(type(of:))
    if function.resultAttributes.count != values.count {
      function.resultAttributes = values.map { _ in [] }
    }
  }

  /// The function, which must have ended.
  public func finish() throws -> Function {
    guard let last = function.terminator(of: function.body),
      case .return = function.operations[last].op
    else {
      throw Diagnostic(
        .error, "internal error: @\(function.name) does not return", at: location.span)
    }
    return function
  }
}

extension Function {
  /// The types of a region's arguments and of what it gives.
  public func signature(of region: RegionID) -> RegionSignature {
    let arguments = regions[region].arguments.map { values[$0].type }
    guard let last = regions[region].operations.last, case .return = operations[last].op else {
      return RegionSignature(arguments: arguments, results: nil)
    }
    return RegionSignature(
      arguments: arguments, results: operations[last].operands.map { values[$0].type })
  }
}

/// The types of a region's arguments and of what it gives; `nil` while it has no end.
public struct RegionSignature: Hashable, Sendable {
  public var arguments: [ValueType]
  public var results: [ValueType]?

  public init(arguments: [ValueType], results: [ValueType]?) {
    self.arguments = arguments
    self.results = results
  }
}
