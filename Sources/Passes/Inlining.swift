import HLO
import Support
import Tensor

/// Replaces calls, and composites, by the bodies of the functions that they name; functions that
/// nothing calls any more go away, unless they are public.
///
///     func private @double(%x) { %y = add %x, %x; return %y }
///     func @main(%a) {
///       %b = call @double(%a)       // becomes %b = add %a, %a
///       return %b
///     }
public let inlining = Pass<Module>("inline", "put the bodies of functions in place of calls") {
  module in
  // Refuses recursion.
  _ = try module.callOrder()
  let called = Set(
    module.functions.flatMap { function in
      function.operations.elements.compactMap(\.op.callee)
    })
  if called.isEmpty { return false }
  let inliner = Inliner(module)
  let entry = module.entry?.name
  var changed = false
  module.functions = try module.functions.compactMap { function in
    guard
      function.name == entry || function.visibility != .private || !called.contains(function.name)
    else {
      changed = true
      return nil
    }
    guard let inlined = try inliner.inlined(function) else { return function }
    changed = true
    return inlined
  }
  return changed
}

/// Puts bodies in place of calls, callers first: what a chain of calls does is copied once, however
/// long the chain.
private struct Inliner {
  private let functions: [String: Function]

  init(_ module: Module) {
    functions = Dictionary(
      module.functions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// `function` without calls; `nil` if it has none.
  func inlined(_ function: Function) throws -> Function? {
    guard function.operationsInOrder().contains(where: { isInlined(function.operations[$0].op) })
    else { return nil }
    var copy = function
    copy.regions[copy.body].operations = []
    var values = [ValueID?](repeating: nil, count: function.values.count)
    for argument in function.arguments { values[argument.index] = argument }
    try copyOperations(
      of: function, function.body, into: &copy, copy.body, at: Location(), &values)
    return copy
  }

  /// Calls of functions without a body stay.
  private func isInlined(_ op: Op) -> Bool {
    guard let name = op.callee else { return false }
    return functions[name]?.isDeclaration != true
  }

  /// A body that is being copied.
  private struct Frame {
    let source: Function
    var operations: ArraySlice<OperationID>
    /// What the values of `source` have become.
    var values: [ValueID?]
    /// Where it was called, and what the caller calls its results.
    let call: Location
    let results: [ValueID]

    func copied(_ value: ValueID) -> ValueID { values[value.index] ?? value }
  }

  /// Copies the operations of a region, with the bodies of functions in place of calls, to the end of
  /// another. `values` says what the values of `source` have become.
  private func copyOperations(
    of source: Function, _ region: RegionID, into target: inout Function,
    _ targetRegion: RegionID, at call: Location, _ values: inout [ValueID?]
  ) throws {
    var frames = [
      Frame(
        source: source, operations: source.regions[region].operations[...], values: values,
        call: call, results: [])
    ]
    // The array has one owner at a time.
    values = []
    while let id = frames[frames.count - 1].operations.popFirst() {
      let top = frames.count - 1
      let (source, call) = (frames[top].source, frames[top].call)
      let operation = source.operations[id]
      if case .return = operation.op, top > 0 {
        let results = frames[top].results
        let given = operation.operands.map { frames[top].copied($0) }
        frames.removeLast()
        for (result, value) in zip(results, given) {
          frames[top - 1].values[result.index] = value
        }
      } else if let name = operation.op.callee, isInlined(operation.op) {
        guard let callee = functions[name] else {
          throw Diagnostic(.error, "there is no function @\(name)", at: source.locations[id].span)
        }
        var inner = [ValueID?](repeating: nil, count: callee.values.count)
        for (parameter, argument) in zip(callee.arguments, operation.operands) {
          inner[parameter.index] = frames[top].copied(argument)
        }
        frames.append(
          Frame(
            source: callee, operations: callee.regions[callee.body].operations[...],
            values: inner, call: source.locations[id].inlined(at: call),
            results: Array(operation.results)))
      } else {
        let regions = try operation.regions.map { inner in
          let copy = target.copyArguments(of: inner, of: source, &frames[top].values)
          try copyOperations(
            of: source, inner, into: &target, copy, at: call, &frames[top].values)
          return copy
        }
        target.copy(
          id, of: source, into: targetRegion, at: call, &frames[top].values, regions: regions)
      }
    }
    values = frames[0].values
  }
}

extension Function {
  /// Throws where there is no body to compile, and where a call is left: of a function without one.
  public func requireInlined() throws {
    guard !isDeclaration else {
      throw unsupported("compiling @\(name), which has no body", at: locations.function.span)
    }
    for id in operationsInOrder() {
      guard let name = operations[id].op.callee else { continue }
      throw unsupported("a call of @\(name), which has no body", at: locations[id].span)
    }
  }

  /// Appends a copy of the body of `callee`, which is called at `call`; returns what it gives.
  mutating func splice(
    _ callee: Function, arguments: [ValueID], into region: RegionID, at call: Location
  ) -> [ValueID] {
    var values = [ValueID?](repeating: nil, count: callee.values.count)
    for (parameter, argument) in zip(callee.arguments, arguments) {
      values[parameter.index] = argument
    }
    return splice(callee, callee.body, into: region, at: call, &values)
  }

  /// Appends copies of the operations of `sourceRegion` but the `return`, whose operands it
  /// returns. `values` says what the values of `source` have become.
  mutating func splice(
    _ source: Function, _ sourceRegion: RegionID, into region: RegionID,
    at call: Location = Location(), _ values: inout [ValueID?]
  ) -> [ValueID] {
    for id in source.regions[sourceRegion].operations {
      let operation = source.operations[id]
      if case .return = operation.op { return operation.operands.map { values[$0.index] ?? $0 } }
      copyWithRegions(id, of: source, into: region, at: call, &values)
    }
    return []
  }

  /// Appends a copy of `id`, with copies of its regions.
  mutating func copyWithRegions(
    _ id: OperationID, of source: Function, into region: RegionID, at call: Location,
    _ values: inout [ValueID?]
  ) {
    let regions = source.operations[id].regions.map { inner in
      let copy = copyArguments(of: inner, of: source, &values)
      for id in source.regions[inner].operations {
        copyWithRegions(id, of: source, into: copy, at: call, &values)
      }
      return copy
    }
    copy(id, of: source, into: region, at: call, &values, regions: regions)
  }

  /// A new region with the arguments of `region`.
  mutating func copyArguments(
    of region: RegionID, of source: Function, _ values: inout [ValueID?]
  ) -> RegionID {
    let arguments = source.regions[region].arguments
    let copy = createRegion(arguments: arguments.map { source.values[$0].type })
    for (old, new) in zip(arguments, regions[copy].arguments) { values[old.index] = new }
    return copy
  }

  /// Appends a copy of `id` with other regions.
  mutating func copy(
    _ id: OperationID, of source: Function, into region: RegionID, at call: Location = Location(),
    _ values: inout [ValueID?], regions copies: [RegionID]
  ) {
    let operation = source.operations[id]
    let copy = create(
      operation.op, Operands(operation.operands.map { values[$0.index] ?? $0 }),
      resultTypes: operation.results.map { source.values[$0].type }, regions: copies)
    locations[copy] = source.locations[id].inlined(at: call)
    operationAttributes[copy] = source.operationAttributes[id]
    regions[region].operations.append(copy)
    for (old, new) in zip(operation.results, operations[copy].results) { values[old.index] = new }
  }
}
