/// Who accessed a piece of memory last.
struct AccessRecord {
  /// Thread, strength and step.
  private var bits: UInt32 = 0
  /// The clock of the thread's warp; 0: none.
  var clock: UInt32 = 0

  init() {}

  @inline(__always)
  init(thread: Int, isStrong: Bool, step: Int32, clock: UInt32) {
    bits =
      UInt32(truncatingIfNeeded: thread) & 0x3FF | (isStrong ? 0x400 : 0)
      | UInt32(bitPattern: step) << 11
    self.clock = clock
  }

  /// Makes this the record of another lane of the same warp.
  @inline(__always)
  mutating func setLane(_ lane: Int) { bits = bits & ~31 | UInt32(truncatingIfNeeded: lane) }

  /// Steps have numbers below this.
  static let stepLimit = 1 << 21

  @inline(__always) var thread: Int { Int(bits & 0x3FF) }
  @inline(__always) var isStrong: Bool { bits & 0x400 != 0 }
  var step: Int32 { Int32(bits >> 11) }
}

/// The last accesses to one granule of memory.
struct AccessCell {
  var write = AccessRecord()
  var read = AccessRecord()
  /// By another thread than `read`.
  var otherRead = AccessRecord()
}

/// Finds accesses to the same place, at least one of which writes, that nothing orders.
///
/// Every warp has a clock, which barriers and `bar.warp.sync` advance, and knows the clocks of the
/// other warps as of the last barrier that it shared with them: an access at clock `c` of warp `u`
/// comes before what warp `w` does now if `w` knows a later clock of `u`. Clocks go on from block
/// to block and from launch to launch: what is older than the block was done by another block of
/// the launch, which nothing orders unless there are fences, and what is older than the launch is
/// over. Strong accesses (atomic, volatile, `.relaxed` …) do not race with each other.
///
/// Where blocks run at the same time, they take turns, and each turn has clocks of its own. By a fence
/// a warp makes known what its block has done so far; who then reads what it writes, and fences, too,
/// comes after that.
struct RaceDetector {
  /// An earlier access that races with this one.
  struct Race {
    var earlier: AccessRecord
    var isWrite: Bool
    var isOfOtherBlock: Bool
  }

  private let warpCount: Int
  private let clocks: UnsafeMutablePointer<UInt32>
  /// `known[w * warpCount + u]`.
  private let known: UnsafeMutablePointer<UInt32>
  private let launchClock: UInt32
  /// The clock at which the running block began: it has its own shared memory from there on.
  private(set) var blockClock: UInt32
  /// The earliest clock of accesses to global memory that other blocks did and nothing orders
  /// before those of the running block.
  private(set) var unorderedClock: UInt32
  /// Where blocks take turns: the turns, the number of this block, the clock at which its turn began,
  /// what had been made known when it last read what others write, and what it knows since its last
  /// fence.
  private let turns: Turns?
  private let number: Int
  private var turnClock: UInt32
  private var observed: [[UInt32]] = []
  private var learned: [[UInt32]] = []

  init(warpCount: Int, clock: UInt32, turns: Turns?) {
    self.turns = turns
    number = turns?.addBlock(warpCount: warpCount) ?? 0
    turnClock = clock
    self.warpCount = warpCount
    clocks = .allocate(capacity: warpCount)
    clocks.initialize(repeating: clock, count: warpCount)
    known = .allocate(capacity: warpCount * warpCount)
    known.initialize(repeating: clock, count: warpCount * warpCount)
    launchClock = clock + 1
    blockClock = clock
    unorderedClock = clock
  }

  func deallocate() {
    clocks.deallocate()
    known.deallocate()
  }

  /// A clock that no access has reached.
  var latestClock: UInt32 {
    var latest = blockClock
    for warp in 0..<warpCount { latest = max(latest, clocks[warp]) }
    return latest
  }

  mutating func beginBlock() {
    blockClock = latestClock + 1
    turnClock = blockClock
    unorderedClock = launchClock
    clocks.update(repeating: blockClock, count: warpCount)
    known.update(repeating: blockClock, count: warpCount * warpCount)
  }

  /// The block goes on where it was, after others: nothing has happened at `clock` yet.
  mutating func beginTurn(clock: UInt32) {
    turnClock = clock
    clocks.update(repeating: clock, count: warpCount)
    turns?.begin(block: number, at: clock)
  }

  /// The block fenced: it may have learned by atomics what earlier blocks did.
  mutating func fence(warp: Int) {
    guard let turns else {
      unorderedClock = blockClock
      return
    }
    clocks[warp] += 1
    for other in 0..<warpCount {
      turns.released[number][other] = known[warp * warpCount + other]
    }
    turns.released[number][warp] = clocks[warp]
    learned = observed
  }

  /// The block read what others may have written to tell it something.
  mutating func observe() {
    if let turns { observed = turns.released }
  }

  /// The lanes of `warp` waited for each other.
  func synchronize(warp: Int) {
    clocks[warp] += 1
    known[warp * warpCount + warp] = clocks[warp]
  }

  /// All threads of `warps` waited for each other.
  func synchronize(warps: [Int]) {
    guard let first = warps.first else { return }
    for warp in warps { synchronize(warp: warp) }
    for other in 0..<warpCount {
      var latest: UInt32 = 0
      for warp in warps { latest = max(latest, known[warp * warpCount + other]) }
      known[first * warpCount + other] = latest
    }
    for warp in warps.dropFirst() {
      (known + warp * warpCount).update(from: known + first * warpCount, count: warpCount)
    }
  }

  /// The record of an access now.
  @inline(__always)
  func record(thread: Int, _ access: Access, step: Int32) -> AccessRecord {
    AccessRecord(
      thread: thread, isStrong: access.isStrong, step: step, clock: clocks[thread >> 5])
  }

  /// Whether the running block has accessed this.
  @inline(__always)
  func isOfBlock(_ record: AccessRecord) -> Bool { record.clock >= blockClock }

  /// Notes an access to `cell`, or returns the earlier one that it races with. Accesses before
  /// clock `start` do not count.
  @inline(__always)
  func access(
    _ cell: UnsafeMutablePointer<AccessCell>, _ record: AccessRecord, isWrite: Bool,
    since start: UInt32
  ) -> Race? {
    let known = known + (record.thread >> 5) * warpCount
    let write = cell.pointee.write
    if write.clock >= start, isUnordered(write, record, known) { return race(write, true) }
    let read = cell.pointee.read
    if isWrite {
      if read.clock >= start {
        if isUnordered(read, record, known) { return race(read, false) }
        let other = cell.pointee.otherRead
        if other.clock >= start, isUnordered(other, record, known) { return race(other, false) }
      }
      cell.pointee.write = record
    } else if read.clock < start || isOrdered(read, record, known) {
      cell.pointee.read = record
    } else {
      cell.pointee.otherRead = record
    }
    return nil
  }

  private func race(_ earlier: AccessRecord, _ isWrite: Bool) -> Race {
    Race(
      earlier: earlier, isWrite: isWrite,
      isOfOtherBlock: turns.map { $0.block(at: earlier.clock) != number } ?? !isOfBlock(earlier))
  }

  @inline(__always)
  private func isUnordered(
    _ earlier: AccessRecord, _ record: AccessRecord, _ known: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    !isOrdered(earlier, record, known) && !(earlier.isStrong && record.isStrong)
  }

  @inline(__always)
  private func isOrdered(
    _ earlier: AccessRecord, _ record: AccessRecord, _ known: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    if earlier.clock < turnClock {
      guard let turns else { return false }
      let other = turns.block(at: earlier.clock)
      if other != number {
        let warp = earlier.thread >> 5
        return other < learned.count && warp < learned[other].count
          && earlier.clock < learned[other][warp]
      }
    }
    return earlier.thread == record.thread || earlier.clock < known[earlier.thread >> 5]
  }
}
