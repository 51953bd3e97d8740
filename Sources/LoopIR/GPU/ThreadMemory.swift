import Tensor

/// The local memories whose elements belong to one iteration each of the loops that the threads of a
/// block share: a thread can keep its part in registers, and needs no barrier for it.
///
///     local %m2: f32[1024]
///     for %i in 0 ..< 1024 vector { … store %m2[%i], … }
///     for %i in 0 ..< 1024 vector { … load %m2[%i] … }
///
/// Iteration `i` reaches the elements from `i * count` on, as many as `count`, at places that are
/// known when the kernel is compiled.
public struct ThreadMemory {
  /// How a memory is divided.
  public struct Division: Hashable, Sendable {
    /// The elements of one iteration.
    public var count: Int
    /// The iterations of every loop that reaches the memory.
    public var iterations: Int
  }

  /// The memories that are divided.
  public private(set) var divisions: [Kernel.MemoryID: Division] = [:]
  /// For each loop and reduction that reaches such a memory, by its index: the elements that one
  /// access may move, the same in all that reach one memory.
  public private(set) var lanes: [Kernel.ValueID: Int] = [:]
  /// The number of the family of each such loop: loops that reach one memory, at any distance.
  public private(set) var families: [Kernel.ValueID: Int] = [:]

  private var refused: Set<Kernel.MemoryID> = []
  /// The loops that reach a memory.
  private var loops: [Kernel.MemoryID: Set<Kernel.ValueID>] = [:]
  /// Values of the form `factor * index + offset`, where `index` is that of the loop at hand.
  private var forms: [Kernel.ValueID: (factor: Int, offset: Int)] = [:]

  /// - Parameter body: what the threads of a block do.
  public init(_ kernel: Kernel, in body: Kernel.Block) { self.init(kernel, in: [body]) }

  /// - Parameter bodies: what the threads of a block do at one time or another, with memories of which
  ///   no two reach the same one.
  public init(_ kernel: Kernel, in bodies: [Kernel.Block]) {
    for body in bodies { visit(body, kernel) }
    for memory in refused { divisions[memory] = nil }
    divisions = divisions.filter {
      $0.value.count * $0.value.iterations == kernel.memories[$0.key].count
    }
    // Loops that share a memory, at any distance, move as many elements as the least of them can.
    var isSettled = false
    while !isSettled {
      isSettled = true
      for memory in divisions.keys {
        let group = loops[memory] ?? []
        let least = group.map { lanes[$0] ?? 1 }.min() ?? 1
        let width = divisions[memory]?.count == 1 ? least : 1
        for loop in group where lanes[loop] != width {
          lanes[loop] = width
          isSettled = false
        }
      }
    }
    for (number, memory) in divisions.keys.enumerated() {
      let members = loops[memory] ?? []
      let joined = Set(members.compactMap { families[$0] })
      for (loop, family) in families where joined.contains(family) { families[loop] = number }
      for loop in members { families[loop] = number }
    }
    lanes = lanes.filter { families[$0.key] != nil }
  }

  /// Code at the level of blocks.
  private mutating func visit(_ block: Kernel.Block, _ kernel: Kernel) {
    for instruction in block.instructions {
      switch instruction.operation {
      case .load(let memory, _), .store(let memory, _, _), .update(_, let memory, _, _):
        refused.insert(memory)
      case .loop(let loop) where loop.kind != .sequential:
        share([loop.body], loop.lower, loop.upper, kernel)
      case .reduce(let reduction):
        share([reduction.body, reduction.combine], reduction.lower, reduction.upper, kernel)
      case .loop, .branch, .loopWhile:
        for inner in instruction.operation.blocks { visit(inner, kernel) }
      case .unary, .binary, .compare, .select, .convert, .bitcast: break
      }
    }
  }

  /// A loop that the threads share.
  private mutating func share(
    _ blocks: [Kernel.Block], _ lower: Kernel.ValueID, _ upper: Kernel.ValueID, _ kernel: Kernel
  ) {
    let index = blocks[0].parameters[0]
    forms = [index: (1, 0)]
    let starts = kernel[lower].constant?.real == 0
    let iterations = starts ? kernel.tripCount(lower, upper) : nil
    lanes[index] = 16 / max(1, blocks.map { kernel.widestBytes(in: $0) }.max() ?? 16)
    for block in blocks { visitShared(block, index, iterations, kernel) }
  }

  private mutating func visitShared(
    _ block: Kernel.Block, _ index: Kernel.ValueID, _ iterations: Int?, _ kernel: Kernel
  ) {
    for instruction in block.instructions {
      if case .binary(let operation, let x, let y) = instruction.operation,
        kernel.type(of: x) == .i64
      {
        forms[instruction.results.first] = form(operation, x, y, kernel)
      }
      if let access = instruction.operation.access {
        reach(access.memory, access.index, index, iterations, kernel)
      }
      for inner in instruction.operation.blocks { visitShared(inner, index, iterations, kernel) }
    }
  }

  private func form(
    _ operation: Kernel.BinaryOperation, _ x: Kernel.ValueID, _ y: Kernel.ValueID,
    _ kernel: Kernel
  ) -> (factor: Int, offset: Int)? {
    guard let (factor, offset) = forms[x], let constant = kernel[y].constant?.real else {
      return nil
    }
    let value = Int(Int64(bitPattern: constant))
    switch operation {
    case .add: return (factor, offset + value)
    case .multiply: return (factor * value, offset * value)
    default: return nil
    }
  }

  private mutating func reach(
    _ memory: Kernel.MemoryID, _ place: Kernel.ValueID, _ index: Kernel.ValueID,
    _ iterations: Int?, _ kernel: Kernel
  ) {
    guard kernel.memories[memory].isLocal, !refused.contains(memory) else { return }
    guard let (factor, offset) = forms[place], let iterations, factor > 0, offset >= 0,
      offset < factor
    else {
      refused.insert(memory)
      return
    }
    let division = Division(count: factor, iterations: iterations)
    if divisions.updateValue(division, forKey: memory) ?? division != division {
      refused.insert(memory)
    }
    loops[memory, default: []].insert(index)
  }
}
