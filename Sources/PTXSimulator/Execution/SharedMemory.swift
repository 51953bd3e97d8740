import Glibc

/// The shared memory of the running block, with a record of who accessed what.
struct SharedMemory {
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int
  /// Cells are as large as the smallest access of the kernel.
  let granuleShift: Int
  private let cells: UnsafeMutablePointer<AccessCell>

  init(byteCount: Int, granuleShift: Int) {
    bytes = .allocate(byteCount: max(byteCount, 1), alignment: 16)
    self.byteCount = byteCount
    self.granuleShift = granuleShift
    let cellCount = (byteCount >> granuleShift) + 1
    cells = .allocate(capacity: cellCount)
    cells.initialize(repeating: AccessCell(), count: cellCount)
  }

  func deallocate() {
    bytes.deallocate()
    cells.deallocate()
  }

  /// Forgets the values of the last block.
  func beginBlock() { memset(bytes, 0xFF, byteCount) }

  /// Notes an access, or returns the earlier one that it races with. `uninitialized` is set if
  /// the block has not written what it reads.
  @inline(__always)
  func access(
    _ offset: Int, byteCount: Int, _ record: AccessRecord, isWrite: Bool,
    _ detector: RaceDetector, uninitialized: inout Bool
  ) -> RaceDetector.Race? {
    for index in offset >> granuleShift...(offset + byteCount - 1) >> granuleShift {
      let cell = cells + index
      if let race = detector.access(
        cell, record, isWrite: isWrite, since: detector.blockClock)
      {
        return race
      }
      if !isWrite, !detector.isOfBlock(cell.pointee.write) { uninitialized = true }
    }
    return nil
  }
}
