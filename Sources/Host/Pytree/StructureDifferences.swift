/// A place where two structures differ, in the words of JAX's messages.
struct StructureDifference {
  /// As `keystr` prints the way to it.
  var path: String
  var first: String
  var second: String
  var explanation: String
}

extension TreeDef {
  /// Where this structure and `other` differ, from the roots down.
  ///
  /// - Parameter leaf: what a leaf is called.
  func differences(from other: TreeDef, leaf: String) throws -> [StructureDifference] {
    var result: [StructureDifference] = []
    try collectDifferences(other, leaf, "", into: &result)
    return result
  }

  private func collectDifferences(
    _ other: TreeDef, _ leaf: String, _ path: String, into result: inout [StructureDifference]
  ) throws {
    if isLeaf && other.isLeaf { return }
    func add(_ first: String, _ second: String, _ explanation: String) {
      result.append(
        StructureDifference(path: path, first: first, second: second, explanation: explanation))
    }
    let (kind, otherKind) = (className(leaf), other.className(leaf))
    if kind != otherKind { return add(kind, otherKind, "their Python types differ") }
    let (count, otherCount) = (children.count, other.children.count)
    if count != otherCount {
      if let name = sequenceName {
        return add(
          "\(name) of length \(count)", "\(name) of length \(otherCount)",
          "the lengths do not match")
      }
      let own = try keys.map(repr)
      let others = try other.keys.map(repr)
      let odd = own.filter { !others.contains($0) } + others.filter { !own.contains($0) }
      func sized(_ count: Int) -> String {
        "\(kind) with \(count) child\(count > 1 ? "ren" : "")"
      }
      return add(
        sized(count), sized(otherCount),
        "the numbers of children do not match"
          + (odd.isEmpty
            ? "" : ", with the symmetric difference of key sets: {\(odd.joined(separator: " "))}"))
    }
    let (data, otherData) = (try metadata(), try other.metadata())
    if data != otherData {
      return add(
        "\(kind) with pytree metadata \(data)", "\(kind) with pytree metadata \(otherData)",
        "the pytree node metadata does not match")
    }
    let steps = try childKeys()
    for (index, (child, otherChild)) in zip(children, other.children).enumerated() {
      try child.collectDifferences(otherChild, leaf, path + steps[index], into: &result)
    }
  }

  /// As `keystr` prints the way to the leaf at a position.
  func leafPath(_ position: Int) throws -> String {
    var position = position
    for (child, key) in zip(children, try childKeys()) {
      let count = child.leafCount
      if position < count { return try key + child.leafPath(position) }
      position -= count
    }
    return ""
  }

  private func className(_ leaf: String) -> String {
    switch self {
    case .leaf: leaf
    case .none: "<class 'NoneType'>"
    case .tuple: "<class 'tuple'>"
    case .list: "<class 'list'>"
    case .dict: "<class 'dict'>"
    case .orderedDict(let cls, _, _), .defaultDict(let cls, _, _, _), .namedTuple(let cls, _):
      "<class '\(cls.displayName)'>"
    case .custom(let node, _, _): "<class '\(node.cls.displayName)'>"
    }
  }

  private var sequenceName: String? {
    switch self {
    case .tuple: "tuple"
    case .list: "list"
    case .namedTuple(let cls, _): cls.name
    case .leaf, .none, .dict, .orderedDict, .defaultDict, .custom: nil
    }
  }

  private var keys: [Object] {
    switch self {
    case .dict(let keys, _), .orderedDict(_, let keys, _), .defaultDict(_, _, let keys, _): keys
    case .leaf, .none, .tuple, .list, .namedTuple, .custom: []
    }
  }

  /// What two nodes of one kind may differ in besides their children.
  private func metadata() throws -> String {
    switch self {
    case .dict(let keys, _), .orderedDict(_, let keys, _): try repr(.tuple(keys))
    case .defaultDict(_, let factory, let keys, _): try repr(.tuple([factory, .tuple(keys)]))
    case .custom(_, let auxiliary, _): try repr(auxiliary)
    case .leaf, .none, .tuple, .list, .namedTuple: ""
    }
  }

  private func childKeys() throws -> [String] {
    switch self {
    case .dict, .orderedDict, .defaultDict: try keys.map { "[\(try repr($0))]" }
    case .namedTuple(let cls, _): try fieldNames(cls).map { ".\($0)" }
    case .custom: children.indices.map { "[<flat index \($0)>]" }
    case .leaf, .none, .tuple, .list: children.indices.map { "[\($0)]" }
    }
  }
}
