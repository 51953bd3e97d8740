import HLO
import Support
import Tensor

/// Takes out of loops what they only carry along: values that no iteration changes, and values that
/// nothing needs.
///
///     %1:2 = while(%i = %0, %n = %limit)          %1 = while(%i = %0)
///       cond { compare LT, %i, %n }                 cond { compare LT, %i, %limit }
///       do { %2 = add %i, %one                      do { %2 = add %i, %one
///            return %2, %n }                             return %2 }
///
/// Loops of JAX carry the constants and the limits that their bodies use.
public let loopInvariants = Pass<Module>("loop-invariants", "loops carry only what they change") {
  module in
  module.forEachFunction { function in
    guard function.hasLoops else { return false }
    var simplifier = LoopSimplifier(function)
    simplifier.visit(function.body)
    if simplifier.changed { function = simplifier.function }
    return simplifier.changed
  }
}

private struct LoopSimplifier {
  var function: Function
  var changed = false
  private var replacements: [ValueID: ValueID] = [:]
  /// What some operation uses; may hold more.
  private var used: Set<ValueID> = []

  init(_ function: Function) {
    self.function = function
    for id in function.operationsInOrder() { used.formUnion(function.operations[id].operands) }
  }

  mutating func visit(_ region: RegionID) {
    for position in function.regions[region].operations.indices {
      let id = function.regions[region].operations[position]
      for index in function.operations[id].operands.indices {
        let operand = function.operations[id].operands[index]
        if let new = replacements[operand] { function.operations[id].operands[index] = new }
      }
      var current = id
      if case .while = function.operations[id].op {
        current = simplified(id)
        function.regions[region].operations[position] = current
      }
      for inner in function.operations[current].regions { visit(inner) }
    }
  }

  /// The loop `id`, or another one that carries less in its place.
  private mutating func simplified(_ id: OperationID) -> OperationID {
    let loop = function.operations[id]
    let (condition, body) = (loop.regions[0], loop.regions[1])
    guard let last = function.terminator(of: body) else { return id }
    let parameters = function.regions[body].arguments
    let tested = function.regions[condition].arguments
    let (needed, dead) = needed(loop, last)
    var isKept = needed
    for number in loop.operands.indices
    where function.operations[last].operands[number] == parameters[number] {
      isKept[number] = false
      for old in [parameters[number], tested[number], loop.results[number]] {
        replacements[old] = loop.operands[number]
      }
      used.insert(loop.operands[number])
    }
    let kept = isKept.indices.filter { isKept[$0] }
    guard kept.count < loop.operands.count, !kept.isEmpty else { return id }
    changed = true
    function.regions[body].operations.removeAll(where: dead.contains)
    let smaller = function.create(
      loop.op, Operands(kept.map { loop.operands[$0] }),
      resultTypes: kept.map { function.values[loop.results[$0]].type }, regions: loop.regions)
    function.locations[smaller] = function.locations[id]
    for (number, result) in zip(kept, function.operations[smaller].results) {
      replacements[loop.results[number]] = result
      if used.contains(loop.results[number]) { used.insert(result) }
    }
    for region in loop.regions {
      let arguments = kept.map { function.regions[region].arguments[$0] }
      function.regions[region].arguments = arguments
      for (number, argument) in arguments.enumerated() {
        function.values[argument].definition = .argument(region, number)
      }
    }
    let results = kept.map { function.operations[last].operands[$0] }
    function.operations[last].operands = Operands(results)
    return smaller
  }

  /// Which of the values that `loop` carries are used after it, decide when it ends, or go into
  /// values that do; and the operations of its body that only compute others.
  private func needed(_ loop: Operation, _ last: OperationID) -> ([Bool], dead: Set<OperationID>) {
    let parameters = function.regions[loop.regions[1]].arguments
    let tested = function.regions[loop.regions[0]].arguments
    let results = function.operations[last].operands
    var isNeeded = loop.results.indices.map { number in
      used.contains(loop.results[number]) || used.contains(tested[number])
    }
    if isNeeded.allSatisfy({ $0 }) { return (isNeeded, []) }
    var live: Set<ValueID> = []
    // Each round follows the values through one more iteration of the loop.
    for _ in 0..<8 {
      let before = isNeeded
      var dead: Set<OperationID> = []
      for number in results.indices where isNeeded[number] { live.insert(results[number]) }
      for id in function.regions[loop.regions[1]].operations.reversed() where id != last {
        let operation = function.operations[id]
        guard function.hasEffect(id) || operation.results.contains(where: live.contains) else {
          dead.insert(id)
          continue
        }
        live.formUnion(operation.operands)
        for inner in operation.regions {
          for id in function.operationsInOrder(of: inner) {
            live.formUnion(function.operations[id].operands)
          }
        }
      }
      for number in parameters.indices where live.contains(parameters[number]) {
        isNeeded[number] = true
      }
      if isNeeded == before { return (isNeeded, dead) }
    }
    return (isNeeded.map { _ in true }, [])
  }
}
