import DequeModule
import Syntax

/// `collections.deque`
final class DequeObject: NativeObject {
  var items: Deque<Object>
  let limit: Int?

  init(_ items: some Sequence<Object>, limit: Int?) {
    self.items = Deque(items)
    self.limit = limit
    super.init()
    trim(fromLeft: true)
  }

  func trim(fromLeft: Bool) {
    guard let limit, items.count > limit else { return }
    if fromLeft {
      items.removeFirst(items.count - limit)
    } else {
      items.removeLast(items.count - limit)
    }
  }

  /// Which of `positions` have items that equal `value`, the first `limit` of them.
  ///
  /// - Throws: `error` if a comparison changed how many items there are.
  func positions(
    of value: Object, in positions: Range<Int>, limit: Int = .max, error: String = "RuntimeError"
  ) throws -> [Int] {
    let count = items.count
    var found: [Int] = []
    for position in positions {
      // A copy: the comparison may change the deque.
      let item = items[position]
      if try equalKeys(item, value) {
        found.append(position)
        if found.count == limit { break }
      }
      guard items.count == count else { throw raised(error, "deque mutated during iteration") }
    }
    return found
  }

  override var cls: Class { DequeType.shared }
  override func iterator() throws -> ObjectIterator {
    SequenceIterator("_deque_iterator", Array(items))
  }
  override func count() throws -> Int? { items.count }
  override func contains(_ object: Object) throws -> Bool? {
    try !positions(of: object, in: items.indices, limit: 1).isEmpty
  }
  override func item(_ key: Object) throws -> Object {
    items[try position(key, items.count, "deque")]
  }
  override func setItem(_ key: Object, _ value: Object?) throws {
    let i = try position(key, items.count, "deque")
    if let value { items[i] = value } else { items.remove(at: i) }
  }
  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let deque as DequeObject) = other else { return nil }
    return try items.count == deque.items.count && zip(items, deque.items).allSatisfy(equalKeys)
  }
  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    switch (op, other) {
    case (.add, .native(let other as DequeObject)) where !reflected:
      return .native(DequeObject(items + other.items, limit: limit))
    case (.multiply, _):
      guard let count = try index(other) else {
        throw typeError("can't multiply sequence by non-int of type '\(typeOf(other).name)'")
      }
      return .native(DequeObject(try repeated(items, count), limit: limit))
    default: return nil
    }
  }
  override func augmented(_ op: BinaryOperator, _ other: Object) throws -> Object? {
    guard op == .add else { return nil }
    items.append(contentsOf: try list(other))
    trim(fromLeft: true)
    return .native(self)
  }
  override func repr() throws -> String {
    let end = limit.map { ", maxlen=\($0)" } ?? ""
    return "deque([\(try items.map(Host.repr).joined(separator: ", "))]\(end))"
  }
}

enum DequeType {
  nonisolated(unsafe) static let shared: Class = {
    let cls = Class(builtin: "deque", base: Types.object, module: "collections")
    let signature = Signature("deque(iterable=, maxlen=)")
    cls.construct = { _, arguments in
      let a = try signature.bind(arguments)
      let limit = try a[1].given.map(requireIndex)
      if let limit, limit < 0 { throw valueError("maxlen must be non-negative") }
      return .native(DequeObject(try a[0].map(list) ?? [], limit: limit))
    }
    func def(_ specification: String, _ body: @escaping (DequeObject, [Object?]) throws -> Object) {
      cls.def(specification, of: DequeObject.self, body)
    }
    def("append(self, x, /)") { deque, a in
      deque.items.append(a[1] ?? .none)
      deque.trim(fromLeft: true)
      return .none
    }
    def("appendleft(self, x, /)") { deque, a in
      deque.items.prepend(a[1] ?? .none)
      deque.trim(fromLeft: false)
      return .none
    }
    def("extend(self, iterable, /)") { deque, a in
      deque.items.append(contentsOf: try list(a[1] ?? .none))
      deque.trim(fromLeft: true)
      return .none
    }
    def("extendleft(self, iterable, /)") { deque, a in
      deque.items.prepend(contentsOf: try list(a[1] ?? .none).reversed())
      deque.trim(fromLeft: false)
      return .none
    }
    def("pop(self)") { deque, _ in
      if deque.items.isEmpty { throw indexError("pop from an empty deque") }
      return deque.items.removeLast()
    }
    def("popleft(self)") { deque, _ in
      if deque.items.isEmpty { throw indexError("pop from an empty deque") }
      return deque.items.removeFirst()
    }
    def("clear(self)") { deque, _ in
      deque.items.removeAll()
      return .none
    }
    def("rotate(self, n=, /)") { deque, a in
      let count = deque.items.count
      guard count > 0 else { return .none }
      let shift = floorModulo(try a[1].map(requireIndex) ?? 1, count)
      deque.items = Deque(deque.items.suffix(shift)) + deque.items.prefix(count - shift)
      return .none
    }
    def("count(self, x, /)") { deque, a in
      .int(try deque.positions(of: a[1] ?? .none, in: deque.items.indices).count)
    }
    def("index(self, x, start=, stop=, /)") { deque, a in
      let bounds = try [a[2], a[3]].enumerated().map { position, bound in
        guard let bound else { return position == 0 ? 0 : deque.items.count }
        let index = try requireIndex(bound)
        return min(max(index < 0 ? index + deque.items.count : index, 0), deque.items.count)
      }
      let found = try deque.positions(
        of: a[1] ?? .none, in: bounds[0]..<max(bounds[0], bounds[1]), limit: 1)
      guard let found = found.first else {
        throw valueError("\(try Host.repr(a[1] ?? .none)) is not in deque")
      }
      return .int(found)
    }
    def("insert(self, index, x, /)") { deque, a in
      if let limit = deque.limit, deque.items.count >= limit {
        throw indexError("deque already at its maximum size")
      }
      let index = try requireIndex(a[1] ?? .none)
      let count = deque.items.count
      deque.items.insert(
        a[2] ?? .none, at: min(max(index < 0 ? index + count : index, 0), count))
      return .none
    }
    def("remove(self, value, /)") { deque, a in
      let count = deque.items.count
      let found = try deque.positions(
        of: a[1] ?? .none, in: deque.items.indices, limit: 1, error: "IndexError")
      guard let found = found.first else {
        throw valueError("\(try Host.repr(a[1] ?? .none)) is not in deque")
      }
      guard deque.items.count == count else { throw indexError("deque mutated during iteration") }
      deque.items.remove(at: found)
      return .none
    }
    def("copy(self)") { deque, _ in .native(DequeObject(deque.items, limit: deque.limit)) }
    def("reverse(self)") { deque, _ in
      deque.items.reverse()
      return .none
    }
    def("__reversed__(self)") { deque, _ in
      .native(SequenceIterator("_deque_reverse_iterator", deque.items.reversed()))
    }
    cls.property("maxlen", of: DequeObject.self) { $0.limit.map { .int($0) } ?? .none }
    return cls
  }()
}
