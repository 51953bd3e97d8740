import LoopIR

/// What the threads of a block have done to memory since they last met at a barrier, and what that
/// forbids before the next one.
///
/// A memory that one thread writes may be read or written by another only after a barrier, and one
/// that a thread reads may be written by another only after a barrier.
struct Hazards {
  /// Memories, or several that may overlap, by number.
  typealias Region = Int

  struct Accesses {
    var reads: Set<Region> = []
    var writes: Set<Region> = []

    mutating func formUnion(_ other: Accesses) {
      reads.formUnion(other.reads)
      writes.formUnion(other.writes)
    }
  }

  private(set) var pending = Accesses()

  /// Must the threads meet before `accesses`?
  func needsBarrier(before accesses: Accesses) -> Bool {
    !pending.writes.isDisjoint(with: accesses.reads)
      || !pending.writes.isDisjoint(with: accesses.writes)
      || !pending.reads.isDisjoint(with: accesses.writes)
  }

  mutating func note(_ accesses: Accesses) { pending.formUnion(accesses) }
  mutating func clear() { pending = Accesses() }
}
