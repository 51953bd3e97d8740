import Support

/// Blocks that run at the same time, one after the other: each until it waits for others.
final class Turns {
  /// The clock at which each turn began, and whose it was.
  private var starts: [(clock: UInt32, block: Int)] = []
  /// For each block and warp: what it did before this clock, it has made known by a fence.
  var released: [[UInt32]] = []

  /// The number of a new block.
  func addBlock(warpCount: Int) -> Int {
    released.append(Array(repeating: 0, count: warpCount))
    return released.count - 1
  }

  func begin(block: Int, at clock: UInt32) { starts.append((clock, block)) }

  /// Whose turn it was.
  func block(at clock: UInt32) -> Int {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle].clock <= clock { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? starts[low - 1].block : -1
  }

  /// Runs `blocks` to their ends.
  func run(
    _ blocks: [Block], _ memory: DeviceMemory, instructionLimit: Int
  ) throws(Diagnostic) -> LaunchStatistics {
    for block in blocks { block.begin(instructionLimit: instructionLimit) }
    var open = blocks
    var idleRounds = 0
    while !open.isEmpty {
      var hasProgress = false
      var polling: [Block] = []
      for block in open {
        memory.clock += 1
        block.races.beginTurn(clock: memory.clock)
        let before = block.statistics.effects
        let pause = try block.advance()
        memory.clock = max(memory.clock, block.races.latestClock)
        switch pause {
        case .finished: hasProgress = true
        case .polling:
          polling.append(block)
          if block.statistics.effects != before { hasProgress = true }
        }
      }
      open = polling
      // What a block read, it may act on in its next turn.
      idleRounds = hasProgress ? 0 : idleRounds + 1
      if idleRounds > 2, let first = open.first { throw first.deadlock(blocks.count, open.count) }
    }
    var statistics = LaunchStatistics()
    for block in blocks { statistics += block.statistics }
    return statistics
  }
}

extension LaunchStatistics {
  /// What others may notice.
  fileprivate var effects: Int { globalStores + atomics + barriers }
}

extension Block {
  /// Every block that runs waits for another one.
  fileprivate func deadlock(_ blocks: Int, _ waiting: Int) -> Diagnostic {
    let index = (0..<warpCount).first { warps[$0].hasPolled } ?? 0
    let place = warps[index].paths.last.map { Int($0.next) - 1 } ?? 0
    return diagnostic(
      Fault(
        message: "deadlock: blocks wait for what no block writes",
        notes: ["\(waiting) of \(blocks) blocks wait, the others are done"]), index, place)
  }
}
