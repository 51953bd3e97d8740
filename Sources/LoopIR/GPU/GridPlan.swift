import Tensor

/// How the loops of a kernel become a grid: which of them are blocks, which are threads, and how
/// many there are of each. It depends on the kernel alone, so that results do not depend on the GPU.
public struct GridPlan: Hashable, Sendable {
  public enum Mode: Hashable, Sendable {
    /// There is no parallel loop, or one that cannot be apart from the rest: one block.
    case oneBlock
    /// The iterations of the parallel loop are blocks, whose threads share what is inside.
    case blocks
    /// The iterations of the parallel loop are threads.
    case threads
    /// So are vectors of so many iterations.
    case flat(lanes: Int)
    /// A while loop, whose parallel loops all blocks share, one loop after the other: the blocks run
    /// at the same time, and wait for each other in between.
    case wholeGrid
  }

  public var mode: Mode
  /// The threads of a block; where it has several rows, those of a row, neighbours in a warp.
  public var threads: Int
  /// How many iterations of the parallel loop a block has: several where an iteration is work for a few
  /// threads, which then share nothing but what shuffles give them.
  public var rows = 1
  /// The threads that a block is launched with.
  public var threadsOfBlock: Int { threads * rows }

  /// Do the threads of a block share loops?
  public var sharesLoops: Bool {
    switch mode {
    case .oneBlock, .blocks, .wholeGrid: true
    case .threads, .flat: false
    }
  }

  /// The blocks of a grid where the iterations are not counted before it starts.
  public static let fixedBlocks = 1024
  /// The blocks that a grid has at most.
  public static let mostBlocks = Int(Int32.max)
  /// The iterations from which on the threads of a block share a loop.
  public static let sharedIterations = 16
  /// The threads of a block as a rule.
  private static let commonThreads = 256

  public init(_ kernel: Kernel) {
    if let loop = kernel.gridLoop {
      self = GridPlan(loop, kernel)
      if mode == .blocks { packRows(loop, kernel) }
    } else if let threads = kernel.residentLoops.map({ GridPlan($0, kernel).threads }).max() {
      self = GridPlan(.wholeGrid, threads: threads)
    } else {
      self = GridPlan(
        .oneBlock, threads: GridPlan.threads(sharing: kernel.body, kernel, most: 1024))
    }
  }

  private init(_ mode: Mode, threads: Int) {
    self.mode = mode
    self.threads = threads
  }

  /// Gives a block several short rows, each to so many threads that one of them has up to four vectors.
  private mutating func packRows(_ loop: Kernel.Loop, _ kernel: Kernel) {
    let longest = kernel.sharedIterations(in: loop.body)
    guard longest < .max, let count = kernel.tripCount(loop.lower, loop.upper),
      kernel.isRow(loop.body)
    else { return }
    let lanes = 16 / max(1, kernel.widestBytes(in: loop.body))
    let vectors = longest / max(1, min(lanes, 1 << longest.trailingZeroBitCount))
    guard vectors <= 64 else { return }
    var few = 2
    while few < min(8, vectors) || few * 4 < vectors { few *= 2 }
    let rowsOfWarp = 32 / few
    guard count >= 8 * rowsOfWarp else { return }
    threads = few
    rows = GridPlan.commonThreads / few
    while rows > rowsOfWarp, count / rows < 512 { rows /= 2 }
  }

  /// How a parallel loop is run.
  public init(_ loop: Kernel.Loop, _ kernel: Kernel) {
    let count = kernel.tripCount(loop.lower, loop.upper)
    if loop.kind == .parallelVector {
      let lanes = GridPlan.lanes(of: loop.body, kernel, count: count)
      mode = lanes == 1 ? .threads : .flat(lanes: lanes)
    } else {
      mode = kernel.sharedIterations(in: loop.body) < GridPlan.sharedIterations ? .threads : .blocks
    }
    if mode == .blocks {
      threads = GridPlan.threads(sharing: loop.body, kernel, most: (count ?? 0) < 64 ? 1024 : 512)
    } else {
      threads = GridPlan.rounded(count ?? .max, most: GridPlan.commonThreads)
    }
  }

  /// How many iterations of a flat loop one thread runs side by side, to have several loads on their
  /// way: where enough blocks are left to fill a GPU.
  public func copies(of body: Kernel.Block, _ kernel: Kernel, vectors: Int) -> Int {
    var copies = kernel.copiesSideBySide(of: body)
    while copies > 1, vectors / (threads * copies) < 1024 { copies /= 2 }
    return copies
  }

  /// How many elements one access moves: as many as fill 16 bytes of the widest memory.
  public static func lanes(of body: Kernel.Block, _ kernel: Kernel, count: Int?) -> Int {
    guard let count else { return 1 }
    var lanes = 16 / max(1, kernel.widestBytes(in: body))
    // Narrow vectors of many threads hide the time that memory takes better than wide ones of few.
    let least = kernel.containsLoops(body) ? 1 << 18 : 1 << 15
    while lanes > 1, count / lanes < least { lanes /= 2 }
    return max(1, lanes)
  }

  /// The threads that share the longest loop in `block`.
  private static func threads(sharing block: Kernel.Block, _ kernel: Kernel, most: Int) -> Int {
    // A thread for each iteration that has a part of a memory for itself.
    let parts = ThreadMemory(kernel, in: block).divisions.values.filter { $0.count > 1 }
    if let iterations = parts.map(\.iterations).max(), iterations <= 1024 {
      return rounded(iterations, most: 1024)
    }
    let longest = kernel.sharedIterations(in: block)
    if longest < sharedIterations { return 1 }
    if longest == .max { return commonThreads }
    // One access moves several elements; a thread has two of them or more where rows are long.
    let vectors = longest / max(1, min(4, 16 / max(1, kernel.widestBytes(in: block))))
    let threads = rounded(vectors <= commonThreads ? vectors : vectors / 2, most: most)
    // Each access of a thread is whole in the shortest loop, too.
    guard let least = kernel.leastVectors(in: block) else { return threads }
    return min(threads, rounded(max(32, least), most: most))
  }

  private static func rounded(_ count: Int, most: Int) -> Int {
    count >= most ? most : max(1, (count + 31) / 32) * 32
  }
}

extension Kernel {
  /// The parallel loop that becomes the grid: the only instruction of the kernel that has effects.
  public var gridLoop: Loop? {
    let effects = body.instructions.filter { $0.operation.hasEffects }
    guard effects.count == 1, case .loop(let loop) = effects[0].operation, loop.kind.isParallel
    else { return nil }
    return loop
  }

  /// The parallel loops of a while loop that is all of the kernel.
  public var residentLoops: [Loop] {
    guard body.instructions.count == 1, case .loopWhile(let loop) = body.instructions[0].operation
    else { return [] }
    return (loop.condition.instructions + loop.body.instructions).compactMap {
      guard case .loop(let loop) = $0.operation, loop.kind.isParallel else { return nil }
      return loop
    }
  }

  /// Can all blocks of a grid run the kernel's while loop together? What is not parallel there, one of
  /// them does, or each for itself; they have no local memory in common.
  var isForWholeGrid: Bool {
    guard !residentLoops.isEmpty, case .loopWhile(let loop) = body.instructions[0].operation
    else { return false }
    var reached: Set<MemoryID> = []
    for instruction in loop.condition.instructions + loop.body.instructions {
      let operation = instruction.operation
      if operation.hasEffects, !instruction.results.isEmpty { return false }
      let locals = touchedMemories(operation).filter { memories[$0].isLocal }
      if !reached.isDisjoint(with: locals) { return false }
      reached.formUnion(locals)
    }
    return true
  }

  /// Is all that threads share in `block`, one iteration of a parallel loop, plain loops and reductions,
  /// and what threads keep for themselves?
  fileprivate func isRow(_ block: Block) -> Bool {
    let memory = ThreadMemory(self, in: block)
    return block.instructions.allSatisfy { instruction in
      switch instruction.operation {
      case .loop(let loop):
        if loop.kind != .vector || containsLoops(loop.body) { return false }
      case .reduce(let reduction):
        if containsLoops(reduction.body) || containsLoops(reduction.combine) { return false }
      case .branch, .loopWhile, .update: return false
      case .unary, .binary, .compare, .select, .convert, .bitcast, .load, .store: break
      }
      return touchedMemories(instruction.operation).allSatisfy {
        !memories[$0].isLocal || memory.divisions[$0]?.count == 1
      }
    }
  }

  /// The iterations of the longest loop in `block` that threads can share; 0 if there is none.
  func sharedIterations(in block: Block) -> Int {
    var longest = 0
    for instruction in block.instructions {
      switch instruction.operation {
      case .loop(let loop) where loop.kind != .sequential:
        longest = max(longest, tripCount(loop.lower, loop.upper) ?? .max)
      case .reduce(let reduction):
        longest = max(longest, tripCount(reduction.lower, reduction.upper) ?? .max)
      case .loop, .branch, .loopWhile:
        for inner in instruction.operation.blocks {
          longest = max(longest, sharedIterations(in: inner))
        }
      case .unary, .binary, .compare, .select, .convert, .bitcast, .load, .store, .update: break
      }
    }
    return longest
  }

  /// How many iterations of a loop one thread runs side by side where there are enough, to have their
  /// loads on the way together.
  public func copiesSideBySide(of body: Block) -> Int {
    if isShort(body) { return 4 }
    guard let loading = loadingPart(of: body) else { return 1 }
    let loads = body.instructions[..<loading].filter { $0.operation.access != nil }.count
    return loads <= 4 ? 4 : loads <= 8 ? 2 : 1
  }

  /// Is the code for several iterations compiled fast?
  public func isShort(_ body: Block) -> Bool {
    !containsLoops(body) && !containsElementary(body) && instructionCount(of: body) <= 24
  }

  /// How many instructions it takes until all is loaded that the block loads, if that is short code
  /// without effects; `nil` where it is not, or where nothing is loaded.
  public func loadingPart(of body: Block) -> Int? {
    guard !containsLoops(body),
      let last = body.instructions.lastIndex(where: { $0.operation.access?.isStore == false })
    else { return nil }
    var part = Block()
    part.instructions = Array(body.instructions[...last])
    let isPlain = part.instructions.allSatisfy {
      $0.operation.blocks.isEmpty && !$0.operation.hasEffects
    }
    return isPlain && isShort(part) ? last + 1 : nil
  }

  /// The least number of accesses with which a loop of `block` reaches all of its elements; `nil` where
  /// not all loops are of the kind that only move or compute elements.
  fileprivate func leastVectors(in block: Block) -> Int? {
    var least: Int?
    for instruction in block.instructions where !instruction.operation.blocks.isEmpty {
      guard case .loop(let loop) = instruction.operation, loop.kind == .vector,
        !containsLoops(loop.body), let count = tripCount(loop.lower, loop.upper)
      else { return nil }
      least = min(least ?? .max, count / max(1, 16 / max(1, widestBytes(in: loop.body))))
    }
    return least
  }

  /// The bytes of the widest element that the block loads or stores.
  public func widestBytes(in block: Block) -> Int {
    block.instructions.reduce(0) { widest, instruction in
      switch instruction.operation {
      case .load(let memory, _), .store(let memory, _, _), .update(_, let memory, _, _):
        max(widest, memories[memory].type.byteCount)
      case .unary, .binary, .compare, .select, .convert, .bitcast, .loop, .reduce, .branch,
        .loopWhile:
        instruction.operation.blocks.reduce(widest) { max($0, widestBytes(in: $1)) }
      }
    }
  }

  public func containsLoops(_ block: Block) -> Bool {
    block.instructions.contains { instruction in
      switch instruction.operation {
      case .loop, .reduce, .loopWhile: true
      case .branch(let branch): containsLoops(branch.then) || containsLoops(branch.otherwise)
      case .unary, .binary, .compare, .select, .convert, .bitcast, .load, .store, .update: false
      }
    }
  }
}

extension Kernel.Operation {
  /// Does it store anything?
  public var hasEffects: Bool {
    switch self {
    case .store, .update: true
    case .unary, .binary, .compare, .select, .convert, .bitcast, .load: false
    case .loop, .reduce, .branch, .loopWhile:
      blocks.contains { $0.instructions.contains { $0.operation.hasEffects } }
    }
  }
}
