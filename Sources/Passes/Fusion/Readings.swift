/// How groups read the results of operations. Each access has a number, so that the usual one, of a
/// single group at a single place, costs no allocation.
struct Readings {
  typealias AccessID = Int

  private struct Entry {
    let group: Int
    let access: AccessID
  }

  private(set) var accesses: [Access] = [.scalar]
  private var ids: [Access: AccessID] = [.scalar: 0]
  /// The entries of each operation, which is added once, lie side by side.
  private var ranges: [Range<Int>]
  private var entries: [Entry] = []

  /// The number of `Access.scalar`.
  static let scalar: AccessID = 0

  init(count: Int = 0) { ranges = [Range<Int>](repeating: 0..<0, count: count) }

  mutating func id(_ access: Access) -> AccessID {
    if let known = ids[access] { return known }
    accesses.append(access)
    ids[access] = accesses.count - 1
    return accesses.count - 1
  }

  subscript(id: AccessID) -> Access { accesses[id] }

  /// Group `group` reads the result of `position` by these accesses. Groups that read one result are
  /// added one right after the other.
  mutating func add(_ accesses: [AccessID], _ position: Int, _ group: Int) {
    let start = ranges[position].isEmpty ? entries.count : ranges[position].lowerBound
    for access in accesses { entries.append(Entry(group: group, access: access)) }
    ranges[position] = start..<entries.count
  }

  /// The accesses by which `group` reads the result of `position`.
  func accesses(_ position: Int, _ group: Int) -> [AccessID] {
    entries[ranges[position]].compactMap { $0.group == group ? $0.access : nil }
  }
}
