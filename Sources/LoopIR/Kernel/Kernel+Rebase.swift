import Support
import Tensor

extension Kernel {
  /// The same kernel with the constant part of its indices moved into the memories: of two kernels
  /// that do the same at different places, the rebased ones are equal.
  ///
  ///     kernel @add(%m0: f32[100] readwrite) {         kernel @add(%m0: f32[2] readwrite) {
  ///       %0: f32 = load %m0[41]                 →       %0: f32 = load %m0[0]
  ///       store %m0[42], %0                              store %m0[1], %0
  ///
  /// - Returns: the kernel, and for each parameter the element at which its memory now begins.
  func rebased() -> (kernel: Kernel, offsets: [Int]) {
    var rebaser = Rebaser(self)
    rebaser.measure()
    return (rebaser.rebuild(), Array(rebaser.offsets.prefix(parameterCount)))
  }
}

extension Kernel {
  /// The same kernel without instructions that nothing uses, its values numbered anew.
  func withoutUnused() -> Kernel {
    var rebaser = Rebaser(self)
    return rebaser.rebuild()
  }
}

/// Rebuilds a kernel with values numbered in the order of their use, and without instructions that
/// nothing uses.
private struct Rebaser {
  let kernel: Kernel
  /// The element at which each memory will begin.
  private(set) var offsets: [Int]
  /// The elements that each memory will have.
  private var counts: [Int]
  /// Values that are `x + constant`.
  private var sums: [Kernel.ValueID: (Kernel.ValueID, Int)] = [:]
  private var isUsed: [Bool]
  private var result: Kernel
  private var numbers: [Kernel.ValueID?]
  private var constants: [Kernel.Value: Kernel.ValueID] = [:]

  init(_ kernel: Kernel) {
    self.kernel = kernel
    offsets = Array(repeating: 0, count: kernel.memories.count)
    counts = kernel.memories.elements.map(\.count)
    isUsed = Array(repeating: false, count: kernel.values.count)
    numbers = Array(repeating: nil, count: kernel.values.count)
    result = Kernel(name: kernel.name)
    result.origin = kernel.origin
  }

  // MARK: Where memories are reached

  mutating func measure() {
    let bounds = IndexBounds(kernel)
    var least = [Int?](repeating: nil, count: offsets.count)
    var most = [Int?](repeating: 0, count: offsets.count)
    func visit(_ block: Kernel.Block, _ this: inout Rebaser) {
      for instruction in block.instructions {
        switch instruction.operation {
        case .binary(.add, let x, let y):
          if let constant = this.constant(y) { this.sums[instruction.results[0]] = (x, constant) }
        case .load(let memory, let index), .store(let memory, let index, _),
          .update(_, let memory, let index, _):
          let constant = this.constant(index) ?? this.sums[index]?.1 ?? 0
          least[memory.index] = min(least[memory.index] ?? .max, constant)
          most[memory.index] = bounds.bound(of: index).flatMap { bound in
            most[memory.index].map { max($0, bound) }
          }
        default: break
        }
        for inner in instruction.operation.blocks { visit(inner, &this) }
      }
    }
    visit(kernel.body, &self)
    for position in 0..<kernel.parameterCount {
      guard let first = least[position], let last = most[position], last < counts[position],
        first >= 0
      else { continue }
      offsets[position] = first
      counts[position] = last - first + 1
    }
  }

  private func constant(_ id: Kernel.ValueID) -> Int? {
    let value = kernel[id]
    guard value.type == .i64 else { return nil }
    return value.constant.map { Int(Int64(bitPattern: $0.real)) }
  }

  // MARK: The new kernel

  mutating func rebuild() -> Kernel {
    for (position, memory) in kernel.memories.elements.enumerated() {
      var memory = memory
      memory.count = counts[position]
      _ = result.memories.append(memory)
    }
    markUsed(kernel.body)
    result.body = rebuilt(kernel.body)
    return result
  }

  /// From the end to the beginning, so that users come before what they use.
  private mutating func markUsed(_ block: Kernel.Block) {
    for id in block.results { isUsed[id.index] = true }
    for instruction in block.instructions.reversed() where isNeeded(instruction) {
      for inner in instruction.operation.blocks.reversed() { markUsed(inner) }
      switch instruction.operation {
      case .load(let memory, let index): markIndex(memory, index)
      case .store(let memory, let index, let value), .update(_, let memory, let index, let value):
        markIndex(memory, index)
        isUsed[value.index] = true
      default: for operand in instruction.operation.operands { isUsed[operand.index] = true }
      }
    }
  }

  private mutating func markIndex(_ memory: Kernel.MemoryID, _ index: Kernel.ValueID) {
    let needed = offsets[memory.index] == 0 ? index : sums[index]?.0 ?? index
    isUsed[needed.index] = true
  }

  private func isNeeded(_ instruction: Kernel.Instruction) -> Bool {
    switch instruction.operation {
    case .store, .update: true
    case .loop, .reduce, .branch, .loopWhile:
      instruction.operation.hasEffects || instruction.results.contains { isUsed[$0.index] }
    case .unary, .binary, .compare, .select, .convert, .bitcast, .load:
      isUsed[instruction.results[0].index]
    }
  }

  private mutating func rebuilt(_ block: Kernel.Block) -> Kernel.Block {
    var new = Kernel.Block()
    new.parameters = block.parameters.map { define($0) }
    for instruction in block.instructions where isNeeded(instruction) {
      let operation = rebuilt(instruction.operation, &new)
      var results = Kernel.Results.none
      for (position, id) in instruction.results.enumerated() {
        let defined = define(id)
        if position == 0 { results = Kernel.Results(first: defined, count: 0) }
        results.resultCount += 1
      }
      new.instructions.append(Kernel.Instruction(operation, results: results))
    }
    new.results = block.results.map { use($0) }
    return new
  }

  private mutating func rebuilt(
    _ operation: Kernel.Operation, _ block: inout Kernel.Block
  ) -> Kernel.Operation {
    switch operation {
    case .unary(let op, let x): return .unary(op, use(x))
    case .binary(let op, let x, let y): return .binary(op, use(x), use(y))
    case .compare(let op, let x, let y): return .compare(op, use(x), use(y))
    case .select(let condition, let x, let y): return .select(use(condition), use(x), use(y))
    case .convert(let x): return .convert(use(x))
    case .bitcast(let x): return .bitcast(use(x))
    case .load(let memory, let index): return .load(memory, index: place(memory, index, &block))
    case .store(let memory, let index, let value):
      return .store(memory, index: place(memory, index, &block), value: use(value))
    case .update(let op, let memory, let index, let value):
      return .update(op, memory, index: place(memory, index, &block), value: use(value))
    case .loop(var loop):
      (loop.lower, loop.upper) = (use(loop.lower), use(loop.upper))
      loop.initial = loop.initial.map { use($0) }
      loop.body = rebuilt(loop.body)
      return .loop(loop)
    case .reduce(var reduction):
      (reduction.lower, reduction.upper) = (use(reduction.lower), use(reduction.upper))
      reduction.initial = reduction.initial.map { use($0) }
      reduction.identity = reduction.identity.map { use($0) }
      reduction.body = rebuilt(reduction.body)
      reduction.combine = rebuilt(reduction.combine)
      return .reduce(reduction)
    case .branch(var branch):
      branch.condition = use(branch.condition)
      branch.then = rebuilt(branch.then)
      branch.otherwise = rebuilt(branch.otherwise)
      return .branch(branch)
    case .loopWhile(var loop):
      loop.initial = loop.initial.map { use($0) }
      loop.condition = rebuilt(loop.condition)
      loop.body = rebuilt(loop.body)
      return .loopWhile(loop)
    }
  }

  /// The index in the rebased memory.
  private mutating func place(
    _ memory: Kernel.MemoryID, _ index: Kernel.ValueID, _ block: inout Kernel.Block
  ) -> Kernel.ValueID {
    let offset = offsets[memory.index]
    if offset == 0 { return use(index) }
    if let constant = constant(index) { return self.index(constant - offset) }
    guard let (base, constant) = sums[index] else { return use(index) }
    if constant == offset { return use(base) }
    let operation = Kernel.Operation.binary(.add, use(base), self.index(constant - offset))
    let sum = result.values.append(Kernel.Value(type: .i64))
    block.instructions.append(
      Kernel.Instruction(operation, results: Kernel.Results(first: sum, count: 1)))
    return sum
  }

  private mutating func index(_ value: Int) -> Kernel.ValueID {
    constant(Kernel.Value(type: .i64, constant: ScalarBits(UInt64(bitPattern: Int64(value)))))
  }

  private mutating func constant(_ value: Kernel.Value) -> Kernel.ValueID {
    if let known = constants[value] { return known }
    let id = result.values.append(value)
    constants[value] = id
    return id
  }

  private mutating func define(_ id: Kernel.ValueID) -> Kernel.ValueID {
    let new = result.values.append(kernel[id])
    numbers[id.index] = new
    return new
  }

  private mutating func use(_ id: Kernel.ValueID) -> Kernel.ValueID {
    let value = kernel[id]
    if value.constant != nil { return constant(value) }
    return numbers[id.index] ?? id
  }
}
