/// A Python `set` or `frozenset`.
///
/// The table is probed and grown as CPython's is, so that sets of numbers are iterated, and
/// printed, in the same order.
public final class SetObject {
  let isFrozen: Bool
  private(set) var table: [Slot]
  private(set) var count = 0
  /// Slots that hold, or have held, an element.
  private var fill = 0

  enum Slot {
    case free, removed
    case element(hash: Int, Object)
  }

  init(frozen: Bool = false) {
    isFrozen = frozen
    table = Array(repeating: .free, count: 8)
  }

  convenience init(_ items: some Sequence<Object>, frozen: Bool = false) throws {
    self.init(frozen: frozen)
    for item in items { try insert(item) }
  }

  /// A copy with the same table, as CPython makes it from another set.
  convenience init(copying other: SetObject, frozen: Bool = false) {
    self.init(frozen: frozen)
    merge(other)
  }

  var elements: [Object] {
    table.compactMap { if case .element(_, let object) = $0 { object } else { nil } }
  }

  func contains(_ object: Object) throws -> Bool { try find(object, hash: hash(object)) != nil }

  private func find(_ object: Object, hash: Int) throws -> Int? {
    var found: Int?
    _ = try probe(hash, table) { index in
      switch table[index] {
      case .free: return true
      case .removed: return false
      case .element(let h, let element):
        guard h == hash, try equalKeys(element, object) else { return false }
        found = index
        return true
      }
    }
    return found
  }

  /// Visits the slots for `hash` until `stop` says so; returns the last one.
  private func probe(_ hash: Int, _ table: [Slot], _ stop: (Int) throws -> Bool) rethrows -> Int {
    let mask = table.count - 1
    var perturbation = UInt(bitPattern: hash)
    var index = hash & mask
    while true {
      if try stop(index) { return index }
      if index + 9 <= mask {
        for next in index + 1...index + 9 where try stop(next) { return next }
      }
      perturbation >>= 5
      index = Int(bitPattern: UInt(bitPattern: index) &* 5 &+ 1 &+ perturbation) & mask
    }
  }

  func insert(_ object: Object) throws {
    let hash = try Host.hash(object)
    if try find(object, hash: hash) != nil { return }
    place(object, hash, in: &table)
    fill += 1
    count += 1
    if fill * 5 >= (table.count - 1) * 3 {
      resize(count > 50000 ? count * 2 : count * 4)
    }
  }

  private func place(_ object: Object, _ hash: Int, in table: inout [Slot]) {
    let index = probe(hash, table) { if case .free = table[$0] { true } else { false } }
    table[index] = .element(hash: hash, object)
  }

  private func resize(_ minimum: Int) {
    var size = 8
    while size <= minimum { size *= 2 }
    var new = [Slot](repeating: .free, count: size)
    for case .element(let hash, let object) in table { place(object, hash, in: &new) }
    table = new
    fill = count
  }

  /// Adds the elements of `other`, as CPython does for a set: room is made beforehand.
  func merge(_ other: SetObject) {
    if (fill + other.count) * 5 >= (table.count - 1) * 3 { resize((count + other.count) * 2) }
    if count == 0 && fill == 0 && table.count == other.table.count && other.fill == other.count {
      table = other.table
      fill = other.fill
      count = other.count
      return
    }
    for case .element(let hash, let object) in other.table {
      if (try? find(object, hash: hash)) ?? nil != nil { continue }
      place(object, hash, in: &table)
      fill += 1
      count += 1
    }
  }

  /// `true` iff `object` was there.
  @discardableResult
  func remove(_ object: Object) throws -> Bool {
    guard let index = try find(object, hash: hash(object)) else { return false }
    table[index] = .removed
    count -= 1
    return true
  }

  /// Removes and returns the first element in the order of iteration.
  func popFirst() -> Object? {
    for index in table.indices {
      if case .element(_, let object) = table[index] {
        table[index] = .removed
        count -= 1
        return object
      }
    }
    return nil
  }

  func removeAll() {
    table = Array(repeating: .free, count: 8)
    count = 0
    fill = 0
  }
}
