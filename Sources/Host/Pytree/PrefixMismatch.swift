import Syntax

/// Says where `full` does not have the structure that `prefix` asks for, as JAX words it; `nil`
/// where it has.
///
/// - Parameters:
///   - name: what the message calls the prefix.
///   - leaf: what it calls a leaf of `full`, if not by its class.
func prefixMismatch(
  _ prefix: Object, _ full: Object, name: String, path: [KeyEntry] = [],
  leaf: String? = nil, isLeaf: ((Object) throws -> Bool)? = nil
) throws -> String? {
  if let isLeaf, try isLeaf(prefix) { return nil }
  guard let expected = try TreeDef.node(prefix) else { return nil }
  let key = try path.map { try $0.text() }.joined()
  func message(_ what: String, _ details: String) -> String {
    "pytree structure error: \(what) at key path\n    \(name)\(key)\n"
      + "At that key path, the prefix pytree \(name) has a subtree of type\(details)"
  }
  let (type, other) = (typeOf(prefix), typeOf(full))
  let isNode = try TreeDef.node(full) != nil
  guard type === other, let given = try TreeDef.node(full) else {
    return message(
      "different types",
      "\n    \(try repr(.type(type)))\nbut at the same key path the full pytree has a subtree of "
        + "different type\n    "
        + "\(try (isNode ? nil : leaf) ?? repr(.type(other))).")
  }
  let counts = (expected.children.count, given.children.count)
  if counts.0 != counts.1 {
    switch prefix {
    case .tuple, .list:
      return message(
        "different lengths of \(type.name)",
        " \(type.name) of length \(counts.0), but the full pytree has a subtree of the same type "
          + "but of length \(counts.1).")
    default:
      let keys = (try expected.keys.map(keyText), try given.keys.map(keyText))
      let difference = (keys.0 + keys.1).filter { !(keys.0.contains($0) && keys.1.contains($0)) }
      return message(
        "different numbers of pytree children",
        "\n    \(try repr(.type(type)))\nwith \(counts.0) child keys\n"
          + "    \(keys.0.joined(separator: " "))\n"
          + "but at the same key path the full pytree has a subtree of the same type but with "
          + "\(counts.1) child keys\n    \(keys.1.joined(separator: " "))\n"
          + "so the symmetric difference on key sets is\n    \(difference.joined(separator: " "))")
    }
  }
  let metadata = (
    try metadataText(expected.make(expected.children.map { _ in .leaf })),
    try metadataText(given.make(given.children.map { _ in .leaf }))
  )
  if metadata.0 != metadata.1 {
    return message(
      "different pytree metadata",
      "\n    \(try repr(.type(type)))\nwith metadata\n    \(metadata.0)\nbut at the same key path "
        + "the full pytree has a subtree of the same type but with metadata\n    \(metadata.1)\n"
        + "so the diff in the metadata at these pytree nodes is\n"
        + lineDifference(metadata.0, metadata.1))
  }
  for ((a, b), key) in zip(zip(expected.children, given.children), expected.keys) {
    if let found = try prefixMismatch(
      a, b, name: name, path: path + [key], leaf: leaf, isLeaf: isLeaf)
    {
      return found
    }
  }
  return nil
}

/// A key without brackets.
func keyText(_ key: KeyEntry) throws -> String {
  switch key {
  case .index(let index), .flattened(let index): "\(index)"
  case .key(let key): try str(key)
  case .attribute(let name): name
  }
}

/// A key as Python prints it.
func keyRepr(_ key: KeyEntry) throws -> String {
  if case .key(let key) = key { return try repr(key) }
  return try keyText(key)
}

/// What a node of a tree says besides its children.
func metadataText(_ tree: TreeDef) throws -> String {
  switch tree {
  case .leaf, .none, .tuple, .list: "None"
  case .dict(let keys, _), .orderedDict(_, let keys, _): try repr(.tuple(keys))
  case .defaultDict(_, let factory, let keys, _): try repr(.tuple([factory, .tuple(keys)]))
  case .namedTuple(let cls, _): try repr(.type(cls))
  case .custom(_, let auxiliary, _): try repr(auxiliary)
  }
}

/// Two lines with marks below what differs, as `difflib.ndiff` shows them.
private func lineDifference(_ a: String, _ b: String) -> String {
  let (old, new) = (Array(a), Array(b))
  var start = 0
  while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
  var end = 0
  while end < min(old.count, new.count) - start,
    old[old.count - 1 - end] == new[new.count - 1 - end]
  {
    end += 1
  }
  let (removed, added) = (old.count - start - end, new.count - start - end)
  let common = min(removed, added)
  func marks(_ count: Int, _ extra: Character) -> String {
    String(repeating: " ", count: start) + String(repeating: "^", count: common)
      + String(repeating: extra, count: count - common)
  }
  var lines = ["- \(a)"]
  if removed > 0 { lines.append("? " + marks(removed, "-") + "\n") }
  lines.append("+ \(b)")
  if added > 0 { lines.append("? " + marks(added, "+") + "\n") }
  return lines.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
}
