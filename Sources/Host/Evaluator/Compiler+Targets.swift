import Syntax

extension Compiler {
  func store(_ target: Target) -> Store {
    switch target {
    case .name(let t): return store(t.symbol)
    case .attribute(let t):
      let value = expression(t.value)
      let name = scope.mangled(t.symbol)
      let site = site(t.span)
      return { frame, new in
        do { try setAttribute(value(frame), name, new) } catch { throw frame.locate(error, site) }
      }
    case .subscript(let t):
      let value = expression(t.value)
      let key = expression(t.index)
      let site = site(t.span)
      return { frame, new in
        do {
          try setItem(value(frame), key(frame), new)
        } catch { throw frame.locate(error, site) }
      }
    case .sequence(let t): return unpack(t)
    case .starred(let t): return store(t.target)
    }
  }

  private func unpack(_ target: SequenceTarget) -> Store {
    let stores = target.elements.map { store($0) }
    let site = site(target.span)
    let star = target.elements.firstIndex { if case .starred = $0 { true } else { false } }
    return { frame, value in
      let items: [Object]
      do {
        items = try unpacked(value, stores.count, star: star)
      } catch { throw frame.locate(error, site) }
      for (store, item) in zip(stores, items) { try store(frame, item) }
    }
  }
}

/// The elements of `value` for `count` targets, of which number `star` takes what is left.
func unpacked(_ value: Object, _ count: Int, star: Int?) throws -> [Object] {
  let items: [Object]
  switch value {
  case .tuple(let tuple) where tuple.cls == nil: items = tuple.items
  case .list(let list) where list.extra == nil: items = list.items
  default:
    do {
      let iterator = try iterate(value)
      var collected: [Object] = []
      while star != nil || collected.count <= count, let item = try iterator.next() {
        collected.append(item)
      }
      items = collected
    } catch let error as Raised where error.isKind("TypeError") && error.exception.traceback.isEmpty
    {
      guard case .str(let text)? = error.exception.arguments.first,
        text.text.hasSuffix("object is not iterable")
      else { throw error }
      throw typeError("cannot unpack non-iterable \(typeOf(value).name) object")
    }
  }
  guard let star else {
    if items.count == count { return items }
    throw valueError(
      items.count > count
        ? "too many values to unpack (expected \(count))"
        : "not enough values to unpack (expected \(count), got \(items.count))")
  }
  let after = count - star - 1
  guard items.count >= count - 1 else {
    throw valueError(
      "not enough values to unpack (expected at least \(count - 1), got \(items.count))")
  }
  let middle = items[star..<(items.count - after)]
  return items[..<star] + [.list(Array(middle))] + items[(items.count - after)...]
}
