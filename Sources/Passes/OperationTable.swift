import HLO

/// A hash table of operations that their user compares: no key has to be made of each.
struct OperationTable {
  private var slots: [OperationID?]

  /// Room for `capacity` operations.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [OperationID?](repeating: nil, count: size)
  }

  /// The operation with this hash that is equal to `id`; without one, `id` enters the table, in the
  /// place of one that is of no use any more if there is one on the way.
  mutating func find(
    _ hash: Int, orInsert id: OperationID, isUseful: (OperationID) -> Bool = { _ in true },
    isEqual: (OperationID) -> Bool
  ) -> OperationID? {
    let mask = slots.count - 1
    var slot = hash & mask
    var free: Int?
    while let other = slots[slot] {
      if !isUseful(other) {
        free = free ?? slot
      } else if isEqual(other) {
        return other
      }
      slot = (slot + 1) & mask
    }
    slots[free ?? slot] = id
    return nil
  }
}
