/// The users of operations: a list for each, all in one array.
struct UserLists {
  private var starts: [Int] = []
  private var ends: [Int] = []
  private var users: [Int] = []

  /// Empty lists for as many users as `capacities` say.
  init(capacities: [Int] = []) {
    var total = 0
    starts.reserveCapacity(capacities.count)
    for capacity in capacities {
      starts.append(total)
      total += capacity
    }
    ends = starts
    users = [Int](repeating: 0, count: total)
  }

  /// Adds `user` to the end of the list of `position`, unless it was the last one added.
  mutating func add(_ user: Int, to position: Int) {
    let end = ends[position]
    if end > starts[position] && users[end - 1] == user { return }
    users[end] = user
    ends[position] = end + 1
  }

  subscript(position: Int) -> ArraySlice<Int> { users[starts[position]..<ends[position]] }
}
