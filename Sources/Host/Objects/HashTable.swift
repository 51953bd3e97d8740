/// A hash table that keeps the order of insertion, keyed by Python's `hash` and `==`, which may
/// call the program and raise.
///
/// Entries lie in order in one array; `slots` maps hashes to positions in it by open addressing.
struct HashTable {
  struct Entry {
    var hash: Int
    var key: Object
    var value: Object
    /// Removed: a hole that the next rebuilding closes.
    var isRemoved = false
  }

  private(set) var entries: [Entry] = []
  private(set) var count = 0
  /// One more than a position in `entries`, 0 where free. Empty up to eight entries, which are
  /// searched one by one.
  private var slots: [Int32] = []

  /// The position of `key` in `entries`.
  func find(_ key: Object, hash: Int) throws -> Int? {
    if slots.isEmpty {
      for position in entries.indices where entries[position].hash == hash {
        if !entries[position].isRemoved, try equalKeys(entries[position].key, key) {
          return position
        }
      }
      return nil
    }
    let mask = slots.count - 1
    var slot = HashTable.scramble(hash) & mask
    while slots[slot] != 0 {
      let position = Int(slots[slot]) - 1
      if entries[position].hash == hash, !entries[position].isRemoved,
        try equalKeys(entries[position].key, key)
      {
        return position
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  func value(_ key: Object) throws -> Object? {
    guard count > 0 else {
      _ = try hash(key)
      return nil
    }
    return try find(key, hash: hash(key)).map { entries[$0].value }
  }

  mutating func set(_ key: Object, _ value: Object) throws {
    let hash = try Host.hash(key)
    if let position = try find(key, hash: hash) {
      entries[position].value = value
    } else {
      append(Entry(hash: hash, key: key, value: value))
    }
  }

  /// Adds an entry whose key is not there yet.
  mutating func append(_ entry: Entry) {
    entries.append(entry)
    count += 1
    if slots.isEmpty ? entries.count > 8 : entries.count * 2 > slots.count {
      rebuild()
    } else if !slots.isEmpty {
      place(entries.count - 1)
    }
  }

  /// Removes and returns the value of `key`.
  mutating func remove(_ key: Object) throws -> Object? {
    guard let position = try find(key, hash: hash(key)) else { return nil }
    return removeEntry(at: position).value
  }

  mutating func removeEntry(at position: Int) -> Entry {
    let entry = entries[position]
    count -= 1
    if position == entries.count - 1 && slots.isEmpty {
      entries.removeLast()
    } else {
      entries[position].isRemoved = true
      entries[position].key = .none
      entries[position].value = .none
      if entries.count > 16 && count * 4 < entries.count { rebuild() }
    }
    return entry
  }

  mutating func removeAll() { self = HashTable() }

  /// The entries that are there, in order.
  var live: [Entry] {
    count == entries.count ? entries : entries.filter { !$0.isRemoved }
  }

  mutating func moveToEnd(_ position: Int, last: Bool) {
    let entry = removeEntry(at: position)
    if last {
      append(entry)
    } else {
      entries = [entry] + live
      count = entries.count
      rebuild()
    }
  }

  private mutating func rebuild() {
    if count != entries.count { entries.removeAll(where: \.isRemoved) }
    var size = 32
    while size < entries.count * 4 { size *= 2 }
    slots = [Int32](repeating: 0, count: size)
    for position in entries.indices { place(position) }
  }

  private mutating func place(_ position: Int) {
    let mask = slots.count - 1
    var slot = HashTable.scramble(entries[position].hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(position + 1)
  }

  private static func scramble(_ hash: Int) -> Int {
    let mixed = UInt(bitPattern: hash) &* 0x9E37_79B9_7F4A_7C15
    return Int(bitPattern: mixed >> 20)
  }
}

/// Python's test of keys: identical or equal.
func equalKeys(_ a: Object, _ b: Object) throws -> Bool {
  switch (a, b) {
  case (.str(let x), .str(let y)): x == y
  case (.int(let x), .int(let y)): x == y
  default: try a.isIdentical(to: b) || equals(a, b)
  }
}

/// A Python dict, or an instance of a class derived from it (`OrderedDict`, `defaultdict`, …).
public final class Dict {
  var table = HashTable()
  /// The class and the attributes, where the class is not `dict` itself.
  var extra: Instance?
  /// What makes the value of a missing key, in a `defaultdict`.
  var factory: Object?

  init(extra: Instance? = nil) { self.extra = extra }

  init(_ items: [(Object, Object)]) throws {
    for (key, value) in items { try table.set(key, value) }
  }

  init(named items: [(name: String, value: Object)]) {
    for (name, value) in items {
      let key = Str(name)
      table.append(.init(hash: key.hash, key: .str(key), value: value))
    }
  }

  var count: Int { table.count }
  var keys: [Object] { table.live.map(\.key) }
  var values: [Object] { table.live.map(\.value) }

  subscript(name: String) -> Object? { (try? table.value(.str(name))) ?? nil }
}
