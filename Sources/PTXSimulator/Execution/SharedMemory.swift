import Glibc

/// The shared memory of the running block, with a record of who accessed what.
///
/// Two accesses to the same place, at least one of which writes, race unless a barrier orders them
/// or both are atomic. Every warp has a clock, which barriers and `bar.warp.sync` advance, and knows
/// the clocks of the other warps as of the last barrier that it shared with them: an access at
/// clock `c` of warp `u` comes before what warp `w` does now if `w` knows a later clock of `u`.
struct SharedMemory {
  /// An access to a cell.
  struct Record {
    var thread: UInt16 = 0
    var isAtomic = false
    /// 0: none.
    var clock: UInt32 = 0
    /// Which step.
    var step: Int32 = 0
  }

  /// The last accesses to the bytes of one granule.
  struct Cell {
    var write = Record()
    var read = Record()
    /// By another thread than `read`.
    var otherRead = Record()
  }

  let bytes: UnsafeMutableRawPointer
  let byteCount: Int
  /// Cells are as large as the smallest access of the kernel.
  let granuleShift: Int
  private let cells: UnsafeMutablePointer<Cell>
  private let cellCount: Int
  private let warpCount: Int
  private let clocks: UnsafeMutablePointer<UInt32>
  /// `known[w * warpCount + u]`.
  private let known: UnsafeMutablePointer<UInt32>
  private var blockClock: UInt32 = 1

  init(byteCount: Int, granuleShift: Int, warpCount: Int) {
    bytes = .allocate(byteCount: max(byteCount, 1), alignment: 16)
    self.byteCount = byteCount
    self.granuleShift = granuleShift
    self.warpCount = warpCount
    cellCount = (byteCount >> granuleShift) + 1
    cells = .allocate(capacity: cellCount)
    cells.initialize(repeating: Cell(), count: cellCount)
    clocks = .allocate(capacity: warpCount)
    clocks.initialize(repeating: 0, count: warpCount)
    known = .allocate(capacity: warpCount * warpCount)
    known.initialize(repeating: 0, count: warpCount * warpCount)
  }

  func deallocate() {
    bytes.deallocate()
    cells.deallocate()
    clocks.deallocate()
    known.deallocate()
  }

  /// Forgets the last block.
  mutating func beginBlock() {
    memset(bytes, 0xFF, byteCount)
    var latest: UInt32 = 0
    for warp in 0..<warpCount { latest = max(latest, clocks[warp]) }
    if latest > UInt32.max / 2 {
      cells.update(repeating: Cell(), count: cellCount)
      latest = 0
    }
    blockClock = latest + 1
    clocks.update(repeating: blockClock, count: warpCount)
    known.update(repeating: blockClock, count: warpCount * warpCount)
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

  /// Records an access of `thread`, or returns the earlier one that it races with.
  @inline(__always)
  func access(
    _ offset: Int, byteCount: Int, _ access: Access, thread: Int, step: Int32,
    uninitialized: inout Bool
  ) -> (Record, isWrite: Bool)? {
    let warp = thread >> 5
    let known = known + warp * warpCount
    let record = Record(
      thread: UInt16(truncatingIfNeeded: thread), isAtomic: access.isStrong,
      clock: clocks[warp], step: step)
    for index in offset >> granuleShift...(offset + byteCount - 1) >> granuleShift {
      let cell = cells + index
      let write = cell.pointee.write
      if races(write, record, known) { return (write, true) }
      if !access.isWrite {
        if write.clock < blockClock { uninitialized = true }
        let read = cell.pointee.read
        if read.thread == record.thread || read.clock < known[Int(read.thread) >> 5] {
          cell.pointee.read = record
        } else {
          cell.pointee.otherRead = record
        }
      } else {
        if races(cell.pointee.read, record, known) { return (cell.pointee.read, false) }
        if races(cell.pointee.otherRead, record, known) { return (cell.pointee.otherRead, false) }
        cell.pointee.write = record
      }
    }
    return nil
  }

  @inline(__always)
  private func races(
    _ earlier: Record, _ record: Record, _ known: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    earlier.thread != record.thread && earlier.clock >= known[Int(earlier.thread) >> 5]
      && !(earlier.isAtomic && record.isAtomic)
  }
}
