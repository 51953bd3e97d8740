import HLO
import Passes
import Tensor

extension Function {
  /// The function without the operations at `positions` of its order; `nil` if it cannot do without
  /// one. Their results become arguments, if that is allowed, and zeros inside regions.
  func without(_ positions: Set<Int>, addingArguments: Bool) -> Function? {
    let order = operationsInOrder()
    let dropped = Set(
      positions.filter(order.indices.contains).map { order[$0] }.filter {
        operations[$0].op != .return
      })
    if dropped.isEmpty { return nil }
    var used = Set<ValueID>()
    for id in order where !dropped.contains(id) { used.formUnion(operations[id].operands) }
    var removal = Removal(self, dropped, used, addingArguments: addingArguments)
    removal.rewrite(body)
    return removal.isPossible ? removal.function.swept() : nil
  }

  /// The function without operations that nothing uses and that do nothing else.
  func swept() -> Function {
    let editor = FunctionEditor(self)
    for id in operationsInOrder().reversed() {
      let operation = operations[id]
      guard operation.op.isPure, operation.results.allSatisfy({ editor.useCount(of: $0) == 0 })
      else { continue }
      editor.erase(id)
    }
    return editor.finish()
  }
}

extension Op {
  /// Nothing but its results tells that it ran.
  fileprivate var isPure: Bool {
    switch self {
    case .return, .call, .customCall, .check, .infeed, .outfeed, .send, .recv, .while, .if, .case:
      false
    default: true
    }
  }
}

/// One rewriting of a function without some of its operations.
private struct Removal {
  var function: Function
  let dropped: Set<OperationID>
  let used: Set<ValueID>
  let addingArguments: Bool
  var isPossible = true
  private var replacements: [ValueID: ValueID] = [:]

  init(
    _ function: Function, _ dropped: Set<OperationID>, _ used: Set<ValueID>, addingArguments: Bool
  ) {
    self.function = function
    self.dropped = dropped
    self.used = used
    self.addingArguments = addingArguments
  }

  mutating func rewrite(_ region: RegionID) {
    var kept: [OperationID] = []
    for id in function.regions[region].operations {
      guard dropped.contains(id) else {
        for position in function.operations[id].operands.indices {
          let operand = function.operations[id].operands[position]
          if let new = replacements[operand] {
            function.operations[id].operands[position] = new
          }
        }
        for inner in function.operations[id].regions { rewrite(inner) }
        kept.append(id)
        continue
      }
      for result in function.operations[id].results where used.contains(result) {
        if region == function.body, addingArguments {
          replacements[result] = argument(function.type(of: result))
        } else if let zero = zero(function.type(of: result)) {
          kept.append(zero)
          replacements[result] = function.operations[zero].result
        } else {
          isPossible = false
        }
      }
    }
    function.regions[region].operations = kept
  }

  private mutating func argument(_ type: ValueType) -> ValueID {
    let position = function.arguments.count
    let value = function.values.append(
      Value(type: type, definition: .argument(function.body, position)))
    function.regions[function.body].arguments.append(value)
    function.argumentAttributes.append([])
    return value
  }

  private mutating func zero(_ type: ValueType) -> OperationID? {
    guard let tensor = type.tensor, tensor.isStatic else { return nil }
    return function.create(.constant(Constant(0.0, tensor)), [], resultTypes: [type])
  }
}
