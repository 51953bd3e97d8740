import Syntax

/// `object[key]`
func item(_ object: Object, _ key: Object) throws -> Object {
  switch object {
  case .list(let list) where list.extra == nil:
    if case .slice(let slice) = key { return .list(try sliced(list.items, slice)) }
    return list.items[try position(key, list.items.count, "list")]
  case .tuple(let tuple):
    if tuple.cls != nil, case .function(let method)? = tuple.cls?.lookup(Names.getItem) {
      return try method.invoke(Arguments([object, key]))
    }
    if case .slice(let slice) = key { return .tuple(try sliced(tuple.items, slice)) }
    return tuple.items[try position(key, tuple.items.count, "tuple")]
  case .dict(let dict):
    if dict.extra != nil, case .function(let method)? = typeOf(object).lookup(Names.getItem) {
      return try method.invoke(Arguments([object, key]))
    }
    if let value = try dict.table.value(key) { return value }
    return try missingItem(dict, object, key)
  case .str(let text):
    if case .slice(let slice) = key {
      let (start, step, count) = try slice.resolve(text.count)
      if step == 1 { return .str(text.slice(start, start + count)) }
      let points = text.points
      return .str(Str((0..<count).map { points[start + $0 * step] }))
    }
    return .str(text.character(at: try position(key, text.count, "string")))
  case .bytes(let bytes):
    if case .slice(let slice) = key {
      let (start, step, count) = try slice.resolve(bytes.elements.count)
      return .bytes(Bytes((0..<count).map { bytes.elements[start + $0 * step] }))
    }
    return .int(Int(bytes.elements[try position(key, bytes.elements.count, "index")]))
  case .range(let range):
    if case .slice(let slice) = key {
      let (start, step, count) = try slice.resolve(range.count)
      return .range(
        RangeObject(
          range[start], range[start + count * step], range.step * step))
    }
    return .int(range[try position(key, range.count, "range object")])
  case .array: return try arrayItem(object, key)
  case .native(let native): return try native.item(key)
  case .type(let cls):
    if let method = cls.metaclass?.lookup(Names.getItem) { return try call(method, [object, key]) }
    if let method = cls.lookup("__class_getitem__") {
      return try call(bindAttribute(method, object, cls), [key])
    }
    return .native(GenericAlias(cls, key))
  case .instance, .list:
    if let result = try callMethod(object, Names.getItem, [key]) { return result }
    if case .list(let list) = object {
      if case .slice(let slice) = key { return .list(try sliced(list.items, slice)) }
      return list.items[try position(key, list.items.count, "list")]
    }
    if let base = unwrapped(object) { return try item(base, key) }
  default: break
  }
  throw typeError("'\(typeOf(object).name)' object is not subscriptable")
}

private func missingItem(_ dict: Dict, _ object: Object, _ key: Object) throws -> Object {
  if let factory = dict.factory, !factory.isNone {
    let value = try call(factory)
    try dict.table.set(key, value)
    return value
  }
  if dict.extra != nil, let value = try callMethod(object, Names.missing, [key]) { return value }
  throw keyError(key)
}

/// `object[key] = value`, or `del object[key]` for `nil`.
func setItem(_ object: Object, _ key: Object, _ value: Object?) throws {
  switch object {
  case .list(let list) where list.extra == nil: return try setListItem(list, key, value)
  case .dict(let dict) where dict.extra == nil: return try setDictItem(dict, key, value)
  case .native(let native): return try native.setItem(key, value)
  case .array:
    throw typeError(
      """
      JAX arrays are immutable and do not support in-place item assignment. Instead of x[idx] = y, \
      use x = x.at[idx].set(y) or another .at[] method: \
      https://docs.jax.dev/en/latest/_autosummary/jax.numpy.ndarray.at.html
      """)
  default: break
  }
  if let value {
    if try callMethod(object, Names.setItem, [key, value]) != nil { return }
  } else if try callMethod(object, Names.deleteItem, [key]) != nil {
    return
  }
  switch object {
  case .list(let list): return try setListItem(list, key, value)
  case .dict(let dict): return try setDictItem(dict, key, value)
  default: break
  }
  let verb = value == nil ? "deletion" : "assignment"
  throw typeError("'\(typeOf(object).name)' object does not support item \(verb)")
}

func setDictItem(_ dict: Dict, _ key: Object, _ value: Object?) throws {
  if let value { return try dict.table.set(key, value) }
  if try dict.table.remove(key) == nil { throw keyError(key) }
}

func setListItem(_ list: List, _ key: Object, _ value: Object?) throws {
  guard case .slice(let slice) = key else {
    let i = try position(key, list.items.count, "list", assigning: true)
    if let value { list.items[i] = value } else { list.items.remove(at: i) }
    return
  }
  let new = try value.map { try Host.list($0) }
  let (start, step, count) = try slice.resolve(list.items.count)
  if step == 1 {
    list.items.replaceSubrange(start..<start + count, with: new ?? [])
    return
  }
  let positions = (0..<count).map { start + $0 * step }
  guard let new else {
    for i in positions.sorted(by: >) { list.items.remove(at: i) }
    return
  }
  guard new.count == count else {
    throw valueError(
      "attempt to assign sequence of size \(new.count) to extended slice of size \(count)")
  }
  for (i, item) in zip(positions, new) { list.items[i] = item }
}

/// The position that the index `key` means in a sequence of `count` elements.
func position(_ key: Object, _ count: Int, _ kind: String, assigning: Bool = false) throws -> Int {
  let given: Int
  if case .int(let value) = key {
    given = value
  } else if let value = try index(key) {
    given = value
  } else {
    let plural =
      switch kind {
      case "list", "tuple", "string":
        "\(kind) indices must be integers"
          + (kind == "string"
            ? ", not '\(typeOf(key).name)'" : " or slices, not \(typeOf(key).name)")
      default: "\(kind) indices must be integers or slices, not \(typeOf(key).name)"
      }
    throw typeError(plural)
  }
  let position = given < 0 ? given + count : given
  guard position >= 0 && position < count else {
    throw indexError(
      "\(kind) \(assigning ? "assignment " : "")index out of range")
  }
  return position
}

func sliced(_ items: [Object], _ slice: Slice) throws -> [Object] {
  let (start, step, count) = try slice.resolve(items.count)
  if step == 1 { return Array(items[start..<start + count]) }
  return (0..<count).map { items[start + $0 * step] }
}
