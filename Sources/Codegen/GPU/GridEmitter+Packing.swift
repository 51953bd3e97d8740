import CLLVM
import LoopIR
import Tensor

// Elements of a byte or two: several of them move in one word. So do both parts of a complex number.
extension GridEmitter {
  /// The alignment of a complex element, where that is more than its parts'.
  private func alignmentOfPair(_ memory: Kernel.MemoryID, _ index: LaneValue) -> Int? {
    let type = kernel.memories[memory].type
    guard type.isComplex, !index.isVarying else { return nil }
    let own = memory.index < alignments.count ? alignments[memory.index] : 16
    return min(own, type.elementBytes) == type.elementBytes ? type.elementBytes : nil
  }

  /// A complex element, the same in all lanes, in one access; `nil` where that cannot be, or where there
  /// is a vector of them.
  func loadPair(_ memory: Kernel.MemoryID, at index: LaneValue) -> LaneValue? {
    guard index.isUniform, let alignment = alignmentOfPair(memory, index) else { return nil }
    let storage = ir.storage(kernel.memories[memory].type)
    let place = ir.address(
      storage, address(of: memory), ir.mul(index.real, ir.constant(index: 2)))
    let pair = ir.load(ir.vector(storage, 2), place, alignment: alignment)
    return .uniform(ir.extract(pair, at: 0), ir.extract(pair, at: 1))
  }

  /// Stores complex elements that are not neighbours, each in one access; `false` where that cannot be.
  func storePairs(
    _ stored: LaneValue, to memory: Kernel.MemoryID, at index: LaneValue
  ) -> Bool {
    guard lanes == 1 || index.stride > 1, let alignment = alignmentOfPair(memory, index) else {
      return false
    }
    let storage = ir.storage(kernel.memories[memory].type)
    let stored = spread(stored)
    for lane in 0..<lanes {
      var pair = ir.undefined(ir.vector(storage, 2))
      for (number, part) in stored.parts.enumerated() {
        pair = ir.insert(lanes == 1 ? part : ir.extract(part, at: lane), into: pair, at: number)
      }
      let place = ir.add(index.real, ir.constant(index: lane * index.stride))
      ir.store(
        pair, ir.address(storage, address(of: memory), ir.mul(place, ir.constant(index: 2))),
        alignment: alignment)
    }
    return true
  }

  /// How many instructions from `place` on are stores to neighbouring places of one shared memory, of
  /// elements that fill a word: they are emitted together.
  func storesOfWord(_ block: Kernel.Block, at place: Int) -> Int {
    guard level == .thread, plan.sharesLoops,
      case .store(let memory, let index, _) = block.instructions[place].operation,
      kernel.memories[memory].isLocal, !isInRegisters(memory), !threadsOnly.contains(memory)
    else { return 1 }
    let type = kernel.memories[memory].type
    let count = 4 / type.elementBytes
    guard count > 1, place + count <= block.instructions.count else { return 1 }
    var offsets: [Kernel.ValueID: Int] = [index: 0]
    for instruction in block.instructions[..<place] {
      if case .binary(.add, let x, let y) = instruction.operation, x == index,
        let offset = kernel[y].constant?.real
      {
        offsets[instruction.results[0]] = Int(Int64(bitPattern: offset))
      }
    }
    for number in 0..<count {
      guard case .store(memory, let index, _) = block.instructions[place + number].operation,
        offsets[index] == number
      else { return 1 }
    }
    let first = value(index)
    return !first.isVarying && first.stride % count == 0 && first.multiple >= count ? count : 1
  }

  /// Emits the instructions at `places`, of which `storesOfWord` speaks, as stores of words, one for
  /// each lane.
  func emitStoresOfWord(_ block: Kernel.Block, _ places: Range<Int>) throws {
    guard case .store(let memory, let index, _) = block.instructions[places.lowerBound].operation
    else { return }
    let type = kernel.memories[memory].type
    let first = value(index)
    let stored = try block.instructions[places].map { instruction -> IRValue in
      guard case .store(_, _, let id) = instruction.operation else { return ir.undefined(ir.i8) }
      return try storageValue(spread(value(id)), type)
    }
    for (lane, word) in words(stored, bits: 8 * type.elementBytes).enumerated() {
      let place = ir.add(first.real, ir.constant(index: lane * first.stride))
      ir.store(word, ir.address(ir.storage(type), address(of: memory), place), alignment: 4)
    }
  }

  /// The elements in each lane of `values` as one word, those of the first value lowest.
  private func words(_ values: [IRValue], bits: Int) -> [IRValue] {
    if lanes * bits % 32 != 0 {
      return (0..<lanes).map { lane in
        var word = ir.zero(ir.i32)
        for (number, value) in values.enumerated() {
          let element = lanes == 1 ? value : ir.extract(value, at: lane)
          let wide = ir.zext(ir.bitcast(element, ir.integer(bits)), ir.i32)
          word = ir.or(word, ir.shl(wide, ir.constant(Int64(bits * number), ir.i32)))
        }
        return word
      }
    }
    func picked(_ a: IRValue, _ b: IRValue, _ bytes: Int64) -> IRValue {
      ir.intrinsic("llvm.nvvm.prmt", [], [a, b, ir.constant(bytes, ir.i32)])
    }
    let width = 32 / bits
    return (0..<lanes / width).flatMap { number -> [IRValue] in
      let parts = values.map { value in
        ir.bitcast(
          ir.shuffle(value, ir.undefined(value.type), (0..<width).map { number * width + $0 }),
          ir.i32)
      }
      if bits == 16 {
        return [picked(parts[0], parts[1], 0x5410), picked(parts[0], parts[1], 0x7632)]
      }
      // Bytes 0 and 1 of two values in turns, and bytes 2 and 3.
      let low = [0, 2].map { picked(parts[$0], parts[$0 + 1], 0x5140) }
      let high = [0, 2].map { picked(parts[$0], parts[$0 + 1], 0x7362) }
      return [low, high].flatMap { [picked($0[0], $0[1], 0x5410), picked($0[0], $0[1], 0x7632)] }
    }
  }
}
