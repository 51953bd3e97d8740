import HLO
import Tensor

// Updates of slices. What they do not write stays where it is if nothing else needs the array; but
// then their loops must not read what they have written over.
//
//     %1 = dynamic_slice %x, %j                 fusion loop {
//     %2 = sine %1                                %1 = dynamic_slice %x, %j
//     %3 = dynamic_update_slice %x, %2, %i        …                        // in place
//
// A row is read where it is written, or is another row. A sum over all rows is not fused: it would
// meet rows old and new.
extension Fuser {
  /// `true` iff the update at `position` is made in place unless its loops read what they should
  /// not.
  func overwritesReads(_ position: Int) -> Bool {
    let root = operation(position)
    switch root.op {
    case .dynamicUpdateSlice, .scatter: break
    default: return false
    }
    return root.results.indices.contains { number in
      let array = root.operands[number]
      return isLastUse(position, of: array) && readsUnsafely(root, array)
    }
  }

  /// `true` iff nothing uses the memory of `value`, which may be written, after `position`.
  private func isLastUse(_ position: Int, of value: ValueID) -> Bool {
    var value = value
    while let producer = definition(of: value), function.isView(operation(producer)) {
      value = operation(producer).operands[0]
    }
    if let producer = definition(of: value) {
      if isCaptured[producer] { return false }
      if case .constant = operation(producer).op { return false }
    } else {
      // Arguments of functions belong to the caller, what loops see of the outside to others.
      guard case .argument(region, _) = function.values[value].definition, region != function.body
      else { return false }
    }
    var pending = [value]
    while let value = pending.popLast() {
      for user in users(of: value) {
        if user > position { return false }
        if function.isView(operation(user)) { pending += Array(operation(user).results) }
      }
    }
    return true
  }

  /// `true` iff what computes the updates of `root` reads `array` elsewhere than at the element that
  /// is written next, and possibly where one was written before.
  private func readsUnsafely(_ root: Operation, _ array: ValueID) -> Bool {
    let window = function.updateWindow(root)
    if window?.count == 1 { return false }
    let shape = function.shape(of: root.results[0])
    var pending: [(value: ValueID, access: Access, part: Access)] = []
    for number in root.operands.indices where root.isUpdate(number) {
      if root.operands[number] == array { return true }
      let part = Access.part(number, function.shape(of: root.operands[number]))
      pending.append((root.operands[number], part, part))
    }
    var budget = limits.groupSize
    while let (value, access, part) = pending.popLast() {
      guard let producer = definition(of: value) else { continue }
      switch roles[producer] {
      case .free, .root, .never: continue
      case .element, .heavy: break
      }
      budget -= 1
      if budget == 0 { return true }
      let operation = operation(producer)
      for (number, operand) in operation.operands.enumerated() {
        if operand == array {
          guard number == 0, access.isAlong(part), let window,
            function.isRow(operation, of: window)
          else { return true }
        } else {
          let inner = function.operandAccess(operation, number, access, root: shape)
          pending.append((operand, inner, part))
        }
      }
    }
    return false
  }

  /// `true` iff group `target` updates a slice with the elements of `position`, each in its place.
  mutating func isWholeUpdate(_ position: Int, in target: Int) -> Bool {
    let root = operation(groups[target].root)
    guard case .dynamicUpdateSlice = root.op, !groups[target].overwritesReads else { return false }
    let part = Access.part(1, function.shape(of: root.operands[1]))
    let reads = reads(of: position, in: target).accesses
    return !reads.isEmpty && reads.allSatisfy { readings[$0].isAlong(part) }
  }
}

extension Operation {
  /// `true` iff operand `number` is what an operation writes into another operand.
  func isUpdate(_ number: Int) -> Bool {
    switch op {
    case .dynamicUpdateSlice: number == 1
    case .scatter: number > results.count
    default: false
    }
  }
}
