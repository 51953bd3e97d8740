import HLO
import Support
import Tensor

/// Computes before a loop what is the same in every iteration.
///
///     while(%x = %a)                          %1 = dot_general %u, %v
///       cond { … }                            while(%x = %a)
///       do { %1 = dot_general %u, %v            cond { … }
///            %2 = add %x, %1                    do { %2 = add %x, %1
///            return %2 }                             return %2 }
///
/// What costs nothing (constants, `iota`, what only moves elements) stays, and so does what would need
/// more memory than its operands: a kernel computes that as it goes.
public let loopInvariantCodeMotion = Pass<Module>(
  "hoist", "compute before a loop what is the same in every iteration"
) { module in
  module.forEachFunction { function in
    guard function.hasLoops else { return false }
    var mover = Mover(function)
    for region in function.scheduledRegions().reversed() { mover.visit(region) }
    if mover.changed { function = mover.function }
    return mover.changed
  }
}

private struct Mover {
  private(set) var function: Function
  private(set) var changed = false

  init(_ function: Function) { self.function = function }

  /// Moves operations out of the loops that `region` lists.
  mutating func visit(_ region: RegionID) {
    var list: [OperationID] = []
    for id in function.regions[region].operations {
      if case .while = function.operations[id].op { list += hoisted(from: id) }
      list.append(id)
    }
    guard list.count != function.regions[region].operations.count else { return }
    function.regions[region].operations = list
    changed = true
  }

  /// Takes what does not change out of the body of the loop `id`, in order.
  private mutating func hoisted(from id: OperationID) -> [OperationID] {
    let body = function.operations[id].regions[1]
    // What is defined inside; constants are copied where they are needed.
    var inside = Set(function.regions[body].arguments)
    var constants: [ValueID: OperationID] = [:]
    var (moved, kept) = ([OperationID](), [OperationID]())
    for inner in function.regions[body].operations {
      let operation = function.operations[inner]
      if case .constant = operation.op {
        constants[operation.results[0]] = inner
        inside.formUnion(operation.results)
        kept.append(inner)
        continue
      }
      let isInvariant =
        function.isWorthMoving(inner)
        && operation.operands.allSatisfy { !inside.contains($0) || constants[$0] != nil }
        && operation.operands.contains { !inside.contains($0) }
      guard isInvariant else {
        inside.formUnion(operation.results)
        kept.append(inner)
        continue
      }
      for index in operation.operands.indices {
        guard let constant = constants[operation.operands[index]] else { continue }
        let copy = function.create(
          function.operations[constant].op, [],
          resultTypes: [function.type(of: operation.operands[index])])
        moved.append(copy)
        function.operations[inner].operands[index] = function.operations[copy].results[0]
      }
      moved.append(inner)
    }
    if !moved.isEmpty { function.regions[body].operations = kept }
    return moved
  }
}

extension Function {
  /// `true` iff computing `id` once is better than computing it in each iteration.
  fileprivate func isWorthMoving(_ id: OperationID) -> Bool {
    let operation = operations[id]
    if hasEffect(id) || !operation.regions.isEmpty || operation.results.count != 1 { return false }
    switch operation.op {
    case .unary, .binary, .compare, .select, .clamp, .convert, .dotGeneral, .convolution, .gather,
      .transpose, .concatenate, .cholesky, .triangularSolve, .fft:
      break
    default: return false
    }
    func byteCount(_ value: ValueID) -> Int {
      guard let type = values[value].type.tensor, type.isStatic else { return 0 }
      return type.count * type.element.byteCount
    }
    let needed = byteCount(operation.results[0])
    if cost(of: operation) >= 16 { return true }
    return needed <= 4096 || needed <= operation.operands.reduce(0) { max($0, byteCount($1)) }
  }
}
