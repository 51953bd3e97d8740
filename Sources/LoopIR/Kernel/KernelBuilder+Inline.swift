import Tensor

extension KernelBuilder {
  /// Appends what `kernel` does to the block under construction.
  ///
  /// - Parameters:
  ///   - memories: what stands for its memories.
  ///   - kind: who runs the iterations of each of its loops here.
  func inline(
    _ kernel: Kernel, on memories: [MemoryID], kind: @escaping (Kernel.Loop) -> Kernel.LoopKind
  ) {
    var inliner = Inliner(kernel: kernel, builder: self, memories: memories, kind: kind)
    _ = inliner.inline(kernel.body)
  }

  /// Appends what `instruction` of `kernel` computes from `operand` of its operands.
  ///
  /// - Requires: it touches no memory, and has no blocks.
  func scalar(
    _ instruction: Kernel.Instruction, of kernel: Kernel, _ operand: (ValueID) -> ValueID
  ) -> ValueID {
    switch instruction.operation {
    case .unary(let op, let x): return unary(op, operand(x))
    case .binary(let op, let x, let y): return binary(op, operand(x), operand(y))
    case .compare(let op, let x, let y): return compare(op, operand(x), operand(y))
    case .select(let c, let x, let y): return select(operand(c), operand(x), operand(y))
    case .convert(let x):
      return convert(operand(x), to: kernel.type(of: instruction.results[0]))
    case .bitcast(let x):
      return bitcast(operand(x), to: kernel.type(of: instruction.results[0]))
    case .load, .store, .update, .loop, .reduce, .branch, .loopWhile:
      preconditionFailure("not an operation on scalars alone")
    }
  }
}

/// Copies the instructions of a kernel.
private struct Inliner {
  typealias ValueID = Kernel.ValueID

  let kernel: Kernel
  let builder: KernelBuilder
  let memories: [Kernel.MemoryID]
  let kind: (Kernel.Loop) -> Kernel.LoopKind
  /// What stands for the values of the kernel.
  private var names: [ValueID: ValueID] = [:]

  init(
    kernel: Kernel, builder: KernelBuilder, memories: [Kernel.MemoryID],
    kind: @escaping (Kernel.Loop) -> Kernel.LoopKind
  ) {
    self.kernel = kernel
    self.builder = builder
    self.memories = memories
    self.kind = kind
  }

  private func value(_ id: ValueID) -> ValueID {
    if let bits = kernel[id].constant { return builder.constant(kernel.type(of: id), bits) }
    return names[id] ?? id
  }

  /// The results of the block for `arguments`.
  mutating func inline(_ block: Kernel.Block, _ arguments: [ValueID] = []) -> [ValueID] {
    for (parameter, argument) in zip(block.parameters, arguments) { names[parameter] = argument }
    for instruction in block.instructions {
      let results = inline(instruction)
      for (old, new) in zip(instruction.results, results) { names[old] = new }
    }
    return block.results.map(value)
  }

  private mutating func inline(_ instruction: Kernel.Instruction) -> [ValueID] {
    switch instruction.operation {
    case .unary, .binary, .compare, .select, .convert, .bitcast:
      return [builder.scalar(instruction, of: kernel, value)]
    case .load(let memory, let index):
      return [builder.load(memories[memory.index], at: value(index))]
    case .store(let memory, let index, let stored):
      builder.store(value(stored), to: memories[memory.index], at: value(index))
      return []
    case .update(let operation, let memory, let index, let new):
      builder.update(operation, memories[memory.index], at: value(index), with: value(new))
      return []
    case .loop(let loop):
      let (lower, upper) = (value(loop.lower), value(loop.upper))
      if loop.initial.isEmpty {
        builder.loop(from: lower, to: upper, kind: kind(loop)) { _ = inline(loop.body, [$0]) }
        return []
      }
      return builder.loop(from: lower, to: upper, carrying: loop.initial.map(value)) {
        inline(loop.body, [$0] + $1)
      }
    case .reduce(let reduction):
      return builder.reduce(
        from: value(reduction.lower), to: value(reduction.upper), kind: reduction.kind,
        initial: reduction.initial.map(value), identity: reduction.identity.map(value),
        body: { inline(reduction.body, [$0]) },
        combine: { inline(reduction.combine, $0 + $1) })
    case .branch(let branch):
      return builder.branch(
        value(branch.condition), then: { inline(branch.then) },
        otherwise: { inline(branch.otherwise) })
    case .loopWhile(let loop):
      return builder.loopWhile(
        carrying: loop.initial.map(value), condition: { inline(loop.condition, $0)[0] },
        body: { inline(loop.body, $0) })
    }
  }
}
