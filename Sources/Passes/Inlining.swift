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
  var inliner = Inliner()
  for function in try module.callOrder() { try inliner.finish(function) }
  guard inliner.changed else { return false }
  let entry = module.entry?.name
  module.functions = module.functions.compactMap { function in
    let isKept =
      function.name == entry || function.visibility != .private
      || !inliner.inlined.contains(function.name)
    return isKept ? inliner.finished[function.name] : nil
  }
  return true
}

/// Finishes functions callees first, so that each body is copied once per call.
private struct Inliner {
  var finished: [String: Function] = [:]
  var inlined: Set<String> = []
  var changed = false

  /// Finishes `function`, behind whatever it calls.
  mutating func finish(_ function: Function) throws {
    guard function.operationsInOrder().contains(where: { function.operations[$0].op.callee != nil })
    else {
      finished[function.name] = function
      return
    }
    var copy = function
    copy.regions[copy.body].operations = []
    var values = [ValueID?](repeating: nil, count: function.values.count)
    for argument in function.arguments { values[argument.index] = argument }
    try copyOperations(of: function, function.body, into: &copy, copy.body, &values)
    finished[function.name] = copy
    changed = true
  }

  /// Copies the operations of a region, with calls inlined, to the end of another.
  private mutating func copyOperations(
    of source: Function, _ sourceRegion: RegionID, into target: inout Function,
    _ targetRegion: RegionID, _ values: inout [ValueID?]
  ) throws {
    for id in source.regions[sourceRegion].operations {
      let operation = source.operations[id]
      if let name = operation.op.callee, finished[name]?.isDeclaration != true {
        guard let callee = finished[name] else {
          throw Diagnostic(.error, "there is no function @\(name)", at: source.locations[id].span)
        }
        inlined.insert(name)
        let arguments = operation.operands.map { values[$0.index] ?? $0 }
        let results = target.splice(
          callee, arguments: arguments, into: targetRegion, at: source.locations[id])
        for (old, new) in zip(operation.results, results) { values[old.index] = new }
      } else if operation.regions.isEmpty {
        target.copy(id, of: source, into: targetRegion, &values, regions: [])
      } else {
        let regions = try operation.regions.map { inner in
          let region = target.copyArguments(of: inner, of: source, &values)
          try copyOperations(of: source, inner, into: &target, region, &values)
          return region
        }
        target.copy(id, of: source, into: targetRegion, &values, regions: regions)
      }
    }
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
