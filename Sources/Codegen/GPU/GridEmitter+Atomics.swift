import CLLVM
import LoopIR
import Support
import Tensor

// Updates of places that several threads may meet at.
extension GridEmitter {
  /// Updates one element, by the instruction that PTX has for it, or else by compare and swap.
  func emitUpdate(
    _ operation: Kernel.BinaryOperation, _ memory: Kernel.MemoryID, at index: IRValue,
    with value: LaneValue
  ) throws {
    let type = kernel.memories[memory].type
    let base = address(of: memory)
    guard let imaginary = value.imaginary else {
      let place = ir.address(ir.storage(type), base, index)
      return try emitUpdate(operation, type, at: ir.address(asInteger: place), with: value.real)
    }
    guard operation == .add else {
      throw unsupported("an atomic \(operation.rawValue) of \(type)", at: kernel.origin.span)
    }
    // A complex number is two sums.
    for (number, part) in [value.real, imaginary].enumerated() {
      let own = ir.add(ir.mul(index, ir.constant(index: 2)), ir.constant(index: number))
      let place = ir.address(ir.storage(type), base, own)
      try emitUpdate(operation, type.realPart, at: ir.address(asInteger: place), with: part)
    }
  }

  private func emitUpdate(
    _ operation: Kernel.BinaryOperation, _ type: ElementType, at place: IRValue, with value: IRValue
  ) throws {
    guard let suffix = reduction(operation, type) else {
      return try emitSwaps(operation, type, at: place, with: value)
    }
    let stored = try storageValue(value, type)
    let isNumber = type == .f32 || type == .f64
    let operand = isNumber ? stored : ir.bitcast(stored, ir.integer(type.bitWidth))
    let register = isNumber ? (type == .f32 ? "f" : "d") : register(type.bitWidth)
    _ = ir.assembly(
      "red.global.\(suffix) [$0], $1;", constraints: "l,\(register),~{memory}", result: ir.void,
      [place, operand])
  }

  /// What `red` is called for an operation; `nil` where there is none.
  private func reduction(_ operation: Kernel.BinaryOperation, _ type: ElementType) -> String? {
    let isWord = type.bitWidth == 32 || type.bitWidth == 64
    switch (operation, type) {
    case (.add, .f32), (.add, .f64): return "add.\(type)"
    case (.add, .f16): return "add.noftz.f16"
    case (.add, .bf16): return machine.cpu >= "sm_90" ? "add.noftz.bf16" : nil
    case (.add, _): return isWord && type.isInteger ? "add.u\(type.bitWidth)" : nil
    case (.and, _), (.or, _), (.xor, _):
      return isWord && type.isInteger ? "\(operation.rawValue).b\(type.bitWidth)" : nil
    case (.maximum, _), (.minimum, _):
      guard isWord, type.isInteger else { return nil }
      let sign = type.kind == .signed ? "s" : "u"
      return "\(operation == .maximum ? "max" : "min").\(sign)\(type.bitWidth)"
    default: return nil
    }
  }

  private func register(_ bits: Int) -> String { bits == 16 ? "h" : bits == 32 ? "r" : "l" }

  /// Computes the new element from the old one, and stores it if that is still there; else again. An
  /// element that stays as it is needs no store.
  ///
  ///     old = *place
  ///     while (new = old ∘ value) != old, (seen = swap(place, old, new)) != old { old = seen }
  private func emitSwaps(
    _ operation: Kernel.BinaryOperation, _ type: ElementType, at place: IRValue, with value: IRValue
  ) throws {
    let bits = type.bitWidth
    let word = ir.integer(bits)
    let letter = register(bits)
    let first = ir.assembly(
      "ld.relaxed.gpu.global.b\(bits) $0, [$1];", constraints: "=\(letter),l,~{memory}",
      result: word, [place])
    let function = ir.currentFunction
    let before = ir.currentBlock
    let head = ir.addBlock("update", to: function)
    let swap = ir.addBlock("swap", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(head)
    ir.moveToEnd(of: head)
    let old = ir.phi(word)
    ir.addIncoming(first, from: before, to: old)
    let element = try registerValue(ir.bitcast(old, ir.storage(type)), type)
    let combined = try combine(operation, .uniform(element), .uniform(value), type)
    let new = ir.bitcast(try storageValue(combined.real, type), word)
    ir.branch(ir.icmp(LLVMIntNE, new, old), swap, done)
    ir.moveToEnd(of: swap)
    let seen = ir.assembly(
      "atom.global.cas.b\(bits) $0, [$1], $2, $3;",
      constraints: "=\(letter),l,\(letter),\(letter),~{memory}", result: word, [place, old, new])
    ir.addIncoming(seen, from: swap, to: old)
    ir.branch(ir.icmp(LLVMIntEQ, seen, old), done, head)
    ir.moveToEnd(of: done)
  }
}
