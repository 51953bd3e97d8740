import Syntax

enum TupleType {
  static func make() -> Class {
    let cls = Class(builtin: "tuple", base: Types.object)
    cls.construct = { cls, arguments in
      let items = try arguments.positional.first.map(list) ?? []
      return cls === Types.tuple ? .tuple(items) : .tuple(Tuple(items, cls: cls))
    }
    func items(_ object: Object?) throws -> [Object] {
      guard case .tuple(let tuple)? = object else { throw typeError("a tuple is required") }
      return tuple.items
    }
    defineSequenceMethods(of: cls, items)
    return cls
  }
}

/// `count` and `index`, and what `super()` finds for the operators.
private func defineSequenceMethods(of cls: Class, _ items: @escaping (Object?) throws -> [Object]) {
  cls.def("count(self, value, /)") { a in
    .int(try items(a[0]).count { try equalKeys($0, a[1] ?? .none) })
  }
  cls.def("index(self, value, start=, stop=, /)") { a in
    let all = try items(a[0])
    let (start, stop, _) = try Slice(a[2] ?? .none, a[3] ?? .none, .none).bounds(all.count)
    for i in start..<max(start, stop) where try equalKeys(all[i], a[1] ?? .none) { return .int(i) }
    throw valueError(
      cls.name == "tuple"
        ? "tuple.index(x): x not in tuple" : "\(try repr(a[1] ?? .none)) is not in list")
  }
  cls.def("__len__(self)") { a in .int(try items(a[0]).count) }
  cls.def("__iter__(self)") { a in
    .native(SequenceIterator("\(cls.name)_iterator", try items(a[0])))
  }
  cls.def("__contains__(self, value)") { a in
    .bool(try items(a[0]).contains { try equalKeys($0, a[1] ?? .none) })
  }
  cls.def("__repr__(self)") { a in
    .str(try repr(cls.name == "tuple" ? .tuple(items(a[0])) : .list(items(a[0]))))
  }
}

enum ListType {
  static func make() -> Class {
    let cls = Class(builtin: "list", base: Types.object)
    cls.construct = { cls, arguments in
      if cls === Types.list {
        if arguments.positional.count > 1 {
          throw typeError("list expected at most 1 argument, got \(arguments.positional.count)")
        }
        return .list(try arguments.positional.first.map(list) ?? [])
      }
      return .list(List([], extra: Instance(cls)))
    }
    func own(_ object: Object?) throws -> List {
      guard case .list(let list)? = object else { throw typeError("a list is required") }
      return list
    }
    defineSequenceMethods(of: cls) { try own($0).items }
    cls.def("append(self, object, /)") { a in
      try own(a[0]).items.append(a[1] ?? .none)
      return .none
    }
    cls.def("extend(self, iterable, /)") { a in
      try own(a[0]).items += list(a[1] ?? .none)
      return .none
    }
    cls.def("insert(self, index, object, /)") { a in
      let target = try own(a[0])
      let count = target.items.count
      let i = try requireIndex(a[1] ?? .none)
      target.items.insert(a[2] ?? .none, at: min(max(i < 0 ? i + count : i, 0), count))
      return .none
    }
    cls.def("pop(self, index=, /)") { a in
      let target = try own(a[0])
      if target.items.isEmpty { throw indexError("pop from empty list") }
      guard let given = a[1] else { return target.items.removeLast() }
      let i = try requireIndex(given)
      let position = i < 0 ? i + target.items.count : i
      guard target.items.indices.contains(position) else {
        throw indexError("pop index out of range")
      }
      return target.items.remove(at: position)
    }
    cls.def("remove(self, value, /)") { a in
      let target = try own(a[0])
      for (i, item) in target.items.enumerated() where try equalKeys(item, a[1] ?? .none) {
        target.items.remove(at: i)
        return .none
      }
      throw valueError("list.remove(x): x not in list")
    }
    cls.def("clear(self)") { a in
      try own(a[0]).items.removeAll()
      return .none
    }
    cls.def("copy(self)") { a in .list(try own(a[0]).items) }
    cls.def("reverse(self)") { a in
      try own(a[0]).items.reverse()
      return .none
    }
    cls.def("sort(self, *, key=, reverse=)") { a in
      let target = try own(a[0])
      target.items = try sorted(target.items, key: a[1], reverse: a[2].map(isTrue) ?? false)
      return .none
    }
    cls.def("__getitem__(self, index)") { a in
      let target = try own(a[0])
      if case .slice(let slice)? = a[1] { return .list(try sliced(target.items, slice)) }
      return target.items[try position(a[1] ?? .none, target.items.count, "list")]
    }
    cls.def("__setitem__(self, index, value)") { a in
      try setListItem(own(a[0]), a[1] ?? .none, a[2] ?? Object.none)
      return .none
    }
    cls.def("__delitem__(self, index)") { a in
      try setListItem(own(a[0]), a[1] ?? .none, nil)
      return .none
    }
    cls.def("__init__(self, iterable=)") { a in
      // A plain list has its elements already.
      if let iterable = a[1], try own(a[0]).extra != nil { try own(a[0]).items = list(iterable) }
      return .none
    }
    return cls
  }
}

/// `sorted(items, key=key, reverse=reverse)`: stable, by `<` alone.
func sorted(_ items: [Object], key: Object?, reverse: Bool) throws -> [Object] {
  var pairs: [(key: Object, item: Object)]
  if let key, !key.isNone {
    pairs = try items.map { (try call(key, [$0]), $0) }
  } else {
    pairs = items.map { ($0, $0) }
  }
  func less(_ a: Object, _ b: Object) throws -> Bool {
    switch (a, b) {
    case (.int(let x), .int(let y)): x < y
    case (.str(let x), .str(let y)): x < y
    default: try isTrue(compare(.less, a, b))
    }
  }
  // A merge sort: stable, and it takes a comparison that is not a strict weak order.
  var buffer = pairs
  var width = 1
  while width < pairs.count {
    var start = 0
    while start < pairs.count {
      let middle = min(start + width, pairs.count)
      let end = min(start + 2 * width, pairs.count)
      var (i, j, k) = (start, middle, start)
      while i < middle || j < end {
        let takesRight: Bool
        if i == middle {
          takesRight = true
        } else if j == end {
          takesRight = false
        } else {
          takesRight =
            reverse ? try less(pairs[i].key, pairs[j].key) : try less(pairs[j].key, pairs[i].key)
        }
        if takesRight {
          buffer[k] = pairs[j]
          j += 1
        } else {
          buffer[k] = pairs[i]
          i += 1
        }
        k += 1
      }
      start = end
    }
    swap(&pairs, &buffer)
    width *= 2
  }
  return pairs.map(\.item)
}
