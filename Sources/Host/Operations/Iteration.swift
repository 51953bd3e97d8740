import Syntax

/// `iter(object)`
func iterate(_ object: Object) throws -> ObjectIterator {
  switch object {
  case .tuple(let tuple) where tuple.cls == nil:
    return SequenceIterator("tuple_iterator", tuple.items)
  case .list(let list) where list.extra == nil: return ListIterator(list)
  case .range(let range): return RangeIterator(range)
  case .str(let text):
    return SequenceIterator(
      "str_iterator", (0..<text.count).map { .str(text.character(at: $0)) })
  case .bytes(let bytes):
    return SequenceIterator("bytes_iterator", bytes.elements.map { .int(Int($0)) })
  case .dict(let dict) where dict.extra == nil:
    return DictIterator(dict) { $0.key }
  case .set(let set): return SequenceIterator("set_iterator", set.elements)
  case .array: return try iterateArray(object)
  case .native(let native): return try native.iterator()
  case .type(let cls):
    if let method = cls.metaclass?.lookup(Names.iterate) {
      return try iterate(call(method, [object]))
    }
  case .instance, .tuple, .list, .dict:
    if let method = typeOf(object).lookup(Names.iterate) {
      if case .builtin = method { break }
      let result = try call(bindAttribute(method, object, typeOf(object)))
      return try iteratorObject(result)
    }
    if case .instance = object, typeOf(object).lookup(Names.getItem) != nil {
      var position = 0
      return ClosureIterator("iterator") {
        do {
          let item = try item(object, .int(position))
          position += 1
          return item
        } catch let error as Raised
          where error.isKind("IndexError") || error.isKind("StopIteration")
        {
          return nil
        }
      }
    }
  default: break
  }
  switch object {
  case .tuple(let tuple): return SequenceIterator("tuple_iterator", tuple.items)
  case .list(let list): return ListIterator(list)
  case .dict(let dict): return DictIterator(dict) { $0.key }
  default: break
  }
  if let base = unwrapped(object) { return try iterate(base) }
  throw typeError("'\(typeOf(object).name)' object is not iterable")
}

extension Raised {
  func isKind(_ name: String) -> Bool { exception.cls.isSubclass(of: Exceptions[name]) }
}

private func iteratorObject(_ object: Object) throws -> ObjectIterator {
  if case .native(let iterator as ObjectIterator) = object { return iterator }
  guard let next = typeOf(object).lookup(Names.next) else {
    throw typeError("iter() returned non-iterator of type '\(typeOf(object).name)'")
  }
  return InstanceIterator(object, next)
}

/// An iterator that is an instance of a class of the program.
final class InstanceIterator: ObjectIterator {
  private let object: Object
  private let method: Object

  init(_ object: Object, _ method: Object) {
    self.object = object
    self.method = method
  }

  override func next() throws -> Object? {
    do {
      return try Host.call(bindAttribute(method, object, typeOf(object)))
    } catch let error as Raised where error.isKind("StopIteration") {
      return nil
    }
  }
}

/// Over objects that do not change.
final class SequenceIterator: ObjectIterator {
  private let name: String
  private let items: [Object]
  private var position = 0

  init(_ name: String, _ items: [Object]) {
    self.name = name
    self.items = items
  }

  override func next() throws -> Object? {
    guard position < items.count else { return nil }
    position += 1
    return items[position - 1]
  }

  override func repr() throws -> String { "<\(name) object>" }
}

/// Over a list that may change meanwhile.
final class ListIterator: ObjectIterator {
  private var list: List?
  private var position = 0
  init(_ list: List) { self.list = list }

  override func next() throws -> Object? {
    guard let list else { return nil }
    guard position < list.items.count else {
      self.list = nil
      return nil
    }
    position += 1
    return list.items[position - 1]
  }

  override func repr() throws -> String { "<list_iterator object>" }
}

final class RangeIterator: ObjectIterator {
  private let range: RangeObject
  private var position = 0
  init(_ range: RangeObject) { self.range = range }

  override func next() throws -> Object? {
    guard position < range.count else { return nil }
    position += 1
    return .int(range[position - 1])
  }

  override func repr() throws -> String { "<range_iterator object>" }
}

/// Over a dict, which must not change its size meanwhile.
final class DictIterator: ObjectIterator {
  private let dict: Dict
  private let size: Int
  private let select: (HashTable.Entry) -> Object
  private var position = 0

  init(_ dict: Dict, _ select: @escaping (HashTable.Entry) -> Object) {
    self.dict = dict
    size = dict.count
    self.select = select
  }

  override func next() throws -> Object? {
    guard dict.count == size else {
      throw raised("RuntimeError", "dictionary changed size during iteration")
    }
    while position < dict.table.entries.count {
      position += 1
      let entry = dict.table.entries[position - 1]
      if !entry.isRemoved { return select(entry) }
    }
    return nil
  }

  override func repr() throws -> String { "<dict_keyiterator object>" }
}

/// `list(object)` as a Swift array.
func list(_ object: Object) throws -> [Object] {
  switch object {
  case .tuple(let tuple) where tuple.cls?.lookup(Names.iterate) == nil || tuple.cls == nil:
    return tuple.items
  case .list(let list) where list.extra == nil: return list.items
  case .set(let set): return set.elements
  case .range(let range):
    try checkMemory(range.count)
    return (0..<range.count).map { .int(range[$0]) }
  default: break
  }
  let iterator = try iterate(object)
  var items: [Object] = []
  while let item = try iterator.next() { items.append(item) }
  return items
}

/// `len(object)`
func count(_ object: Object) throws -> Int {
  switch object {
  case .str(let value): return value.count
  case .bytes(let value): return value.elements.count
  case .tuple(let value) where value.cls == nil: return value.items.count
  case .list(let value) where value.extra == nil: return value.items.count
  case .dict(let value) where value.extra == nil: return value.count
  case .set(let value): return value.count
  case .range(let value): return value.count
  case .array(let value):
    guard let first = value.shape.dimensions.first else {
      throw typeError("len() of unsized object")
    }
    return first
  case .native(let native): if let count = try native.count() { return count }
  case .type(let cls):
    if let method = cls.metaclass?.lookup(Names.count) {
      return try requireIndex(call(method, [object]))
    }
  default:
    if let result = try callMethod(object, Names.count) {
      let count = try requireIndex(result)
      if count < 0 { throw valueError("__len__() should return >= 0") }
      return count
    }
    switch object {
    case .tuple(let value): return value.items.count
    case .list(let value): return value.items.count
    case .dict(let value): return value.count
    default: if let base = unwrapped(object) { return try count(base) }
    }
  }
  throw typeError("object of type '\(typeOf(object).name)' has no len()")
}
