import Core

/// The structure of a tree of containers, without its leaves. JAX's `PyTreeDef`.
///
/// Tuples, lists, dicts (in the order of their sorted keys), `None`, named tuples and registered
/// classes are nodes; everything else is a leaf.
indirect enum TreeDef {
  case leaf
  case none
  case tuple([TreeDef])
  case list([TreeDef])
  /// Keys in sorted order; an `OrderedDict` keeps its own.
  case dict(keys: [Object], [TreeDef])
  case orderedDict(cls: Class, keys: [Object], [TreeDef])
  case defaultDict(cls: Class, factory: Object, keys: [Object], [TreeDef])
  case namedTuple(Class, [TreeDef])
  /// An instance of a registered class: what its flattening said besides the children.
  case custom(PytreeNode, auxiliary: Object, [TreeDef])

  var children: [TreeDef] {
    switch self {
    case .leaf, .none: []
    case .tuple(let children), .list(let children), .dict(_, let children),
      .orderedDict(_, _, let children), .defaultDict(_, _, _, let children),
      .namedTuple(_, let children), .custom(_, _, let children):
      children
    }
  }

  var leafCount: Int {
    if case .leaf = self { return 1 }
    return children.reduce(0) { $0 + $1.leafCount }
  }

  var nodeCount: Int { children.reduce(1) { $0 + $1.nodeCount } }

  var isLeaf: Bool {
    if case .leaf = self { return true }
    return false
  }
}

/// A class whose instances are nodes of trees.
final class PytreeNode {
  let cls: Class
  /// From an instance to its children and auxiliary data, with the key of each child where known.
  let flatten: (Object) throws -> (children: [Object], keys: [KeyEntry]?, auxiliary: Object)
  let unflatten: (Object, [Object]) throws -> Object

  init(
    cls: Class,
    flatten:
      @escaping (Object) throws -> (
        children: [Object], keys: [KeyEntry]?, auxiliary: Object
      ), unflatten: @escaping (Object, [Object]) throws -> Object
  ) {
    self.cls = cls
    self.flatten = flatten
    self.unflatten = unflatten
  }

  nonisolated(unsafe) static var registry: [ObjectIdentifier: PytreeNode] = [:]

  /// The registration of the class of `object`.
  static func of(_ object: Object) -> PytreeNode? {
    registry.isEmpty ? nil : registry[ObjectIdentifier(typeOf(object))]
  }
}

/// One step on the way from a tree to a leaf.
enum KeyEntry {
  case index(Int)
  case key(Object)
  case attribute(String)
  case flattened(Int)

  /// As `jax.tree_util.keystr` prints it.
  func text() throws -> String {
    switch self {
    case .index(let index): "[\(index)]"
    case .key(let key): "[\(try repr(key))]"
    case .attribute(let name): ".\(name)"
    case .flattened(let index): "[<flat index \(index)>]"
    }
  }
}

// MARK: Flattening

extension TreeDef {
  /// The children of `object` and the node they hang on, or `nil` if it is a leaf.
  static func node(_ object: Object) throws -> (
    children: [Object], keys: [KeyEntry], make: ([TreeDef]) -> TreeDef
  )? {
    switch object {
    case .none: return ([], [], { _ in .none })
    case .tuple(let tuple):
      if let cls = tuple.cls {
        if let node = PytreeNode.registry[ObjectIdentifier(cls)] {
          return try custom(node, object)
        }
        let names = try fieldNames(cls)
        return (tuple.items, names.map { .attribute($0) }, { .namedTuple(cls, $0) })
      }
      return (tuple.items, tuple.items.indices.map { .index($0) }, { .tuple($0) })
    case .list(let list):
      if list.extra != nil {
        return try PytreeNode.of(object).map { try custom($0, object) }
      }
      return (list.items, list.items.indices.map { .index($0) }, { .list($0) })
    case .dict(let dict):
      if let node = PytreeNode.of(object) { return try custom(node, object) }
      let entries = dict.table.live
      if let cls = dict.extra?.cls {
        let keys = entries.map(\.key)
        let keyEntries = keys.map { KeyEntry.key($0) }
        let values = entries.map(\.value)
        if cls.name == "OrderedDict" {
          return (values, keyEntries, { .orderedDict(cls: cls, keys: keys, $0) })
        }
        guard cls.name == "defaultdict" else { return nil }
        let sorted = try sortedEntries(entries)
        let factory = dict.factory ?? .none
        return (
          sorted.map(\.value), sorted.map { .key($0.key) },
          { .defaultDict(cls: cls, factory: factory, keys: sorted.map(\.key), $0) }
        )
      }
      let sorted = try sortedEntries(entries)
      return (
        sorted.map(\.value), sorted.map { .key($0.key) },
        { .dict(keys: sorted.map(\.key), $0) }
      )
    case .instance, .native: return try PytreeNode.of(object).map { try custom($0, object) }
    case .ellipsis, .notImplemented, .bool, .int, .big, .float, .complex, .str, .bytes, .set,
      .slice, .range, .function, .method, .builtin, .type, .module, .dtype, .array:
      return nil
    }
  }

  private static func custom(_ node: PytreeNode, _ object: Object) throws -> (
    children: [Object], keys: [KeyEntry], make: ([TreeDef]) -> TreeDef
  ) {
    let (children, keys, auxiliary) = try node.flatten(object)
    return (
      children, keys ?? children.indices.map { .flattened($0) },
      { .custom(node, auxiliary: auxiliary, $0) }
    )
  }

  private static func sortedEntries(_ entries: [HashTable.Entry]) throws -> [HashTable.Entry] {
    // The usual keys are strings, often already in order.
    var isSorted = true
    for (a, b) in zip(entries, entries.dropFirst()) {
      guard case .str(let x) = a.key, case .str(let y) = b.key, x < y else {
        isSorted = false
        break
      }
    }
    if isSorted { return entries }
    do {
      return try entries.sorted { try isTrue(compare(.less, $0.key, $1.key)) }
    } catch {
      throw valueError(
        "Comparator raised exception while sorting pytree dictionary keys.")
    }
  }

  /// The leaves of `object`, left to right, and its structure.
  static func flatten(_ object: Object, isLeaf: ((Object) throws -> Bool)? = nil) throws -> (
    leaves: [Object], tree: TreeDef
  ) {
    var leaves: [Object] = []
    let tree = try flatten(object, into: &leaves, isLeaf)
    return (leaves, tree)
  }

  private static func flatten(
    _ object: Object, into leaves: inout [Object], _ isLeaf: ((Object) throws -> Bool)?
  ) throws -> TreeDef {
    if let isLeaf, try isLeaf(object) {
      leaves.append(object)
      return .leaf
    }
    guard let (children, _, make) = try node(object) else {
      leaves.append(object)
      return .leaf
    }
    var trees: [TreeDef] = []
    trees.reserveCapacity(children.count)
    for child in children { trees.append(try flatten(child, into: &leaves, isLeaf)) }
    return make(trees)
  }

  /// The leaves with the way to each.
  static func flattenWithPath(_ object: Object, isLeaf: ((Object) throws -> Bool)? = nil) throws
    -> (leaves: [(path: [KeyEntry], leaf: Object)], tree: TreeDef)
  {
    var leaves: [(path: [KeyEntry], leaf: Object)] = []
    func visit(_ object: Object, _ path: [KeyEntry]) throws -> TreeDef {
      if let isLeaf, try isLeaf(object) {
        leaves.append((path, object))
        return .leaf
      }
      guard let (children, keys, make) = try node(object) else {
        leaves.append((path, object))
        return .leaf
      }
      return make(try zip(children, keys).map { try visit($0, path + [$1]) })
    }
    let tree = try visit(object, [])
    return (leaves, tree)
  }

  // MARK: Unflattening

  /// The tree of this structure with `leaves`.
  func unflatten(_ leaves: [Object]) throws -> Object {
    guard leaves.count == leafCount else {
      let few = leaves.count < leafCount
      throw valueError(
        few
          ? "Too few leaves for PyTreeDef; expected \(leafCount), got \(leaves.count)"
          : "Too many leaves for PyTreeDef; expected \(leafCount).")
    }
    var rest = leaves[...]
    return try build(&rest)
  }

  private func build(_ leaves: inout ArraySlice<Object>) throws -> Object {
    if case .leaf = self { return leaves.removeFirst() }
    var objects: [Object] = []
    for child in children { objects.append(try child.build(&leaves)) }
    return try make(objects)
  }

  /// This node with `objects` as its children.
  func make(_ objects: [Object]) throws -> Object {
    func filled(_ dict: Dict, _ keys: [Object]) throws -> Object {
      for (key, value) in zip(keys, objects) { try dict.table.set(key, value) }
      return .dict(dict)
    }
    switch self {
    case .leaf: return objects[0]
    case .none: return .none
    case .tuple: return .tuple(objects)
    case .list: return .list(objects)
    case .dict(let keys, _): return try filled(Dict(), keys)
    case .orderedDict(let cls, let keys, _): return try filled(Dict(extra: Instance(cls)), keys)
    case .defaultDict(let cls, let factory, let keys, _):
      let dict = Dict(extra: Instance(cls))
      dict.factory = factory
      return try filled(dict, keys)
    case .namedTuple(let cls, _): return .tuple(Tuple(objects, cls: cls))
    case .custom(let node, let auxiliary, _): return try node.unflatten(auxiliary, objects)
    }
  }

  /// The subtrees of `object` at the leaves of this structure, which is a prefix of it.
  ///
  /// - Throws: `ValueError` if it is not.
  func flattenUpTo(_ object: Object) throws -> [Object] {
    var result: [Object] = []
    try flattenUpTo(object, into: &result)
    return result
  }

  private func flattenUpTo(_ object: Object, into result: inout [Object]) throws {
    if case .leaf = self {
      result.append(object)
      return
    }
    guard let (objects, _, make) = try TreeDef.node(object) else {
      if case .none = self { throw valueError("Expected None, got \(try repr(object)).") }
      throw valueError(
        "Expected \(kindText()), got \(try repr(object)).")
    }
    let children = children
    if objects.count != children.count {
      switch self {
      case .tuple, .list:
        throw valueError(
          "\(isTuple ? "Tuple" : "List") arity mismatch: \(objects.count) != \(children.count); "
            + "\(isTuple ? "tuple" : "list"): \(try repr(object)).")
      case .dict, .orderedDict, .defaultDict:
        throw valueError(
          "Dict key mismatch; expected keys: \(try keysText()); dict: \(try repr(object)).")
      case .none: throw valueError("Expected None, got \(try repr(object)).")
      case .leaf, .namedTuple, .custom:
        throw valueError("Custom node arity mismatch; value: \(try repr(object)).")
      }
    }
    let other = make(objects.map { _ in .leaf })
    guard try hasSameNode(other) else {
      switch (self, other) {
      case (.dict, .dict):
        throw valueError(
          "Dict key mismatch; expected keys: \(try keysText()); dict: \(try repr(object)).")
      default: throw valueError("Expected \(kindText()), got \(try repr(object)).")
      }
    }
    for (child, object) in zip(children, objects) {
      try child.flattenUpTo(object, into: &result)
    }
  }

  private var isTuple: Bool {
    if case .tuple = self { return true }
    return false
  }

  private func keysText() throws -> String {
    switch self {
    case .dict(let keys, _), .orderedDict(_, let keys, _), .defaultDict(_, _, let keys, _):
      "[\(try keys.map(repr).joined(separator: ", "))]"
    case .leaf, .none, .tuple, .list, .namedTuple, .custom: "[]"
    }
  }

  private func kindText() -> String {
    switch self {
    case .leaf: "leaf"
    case .none: "None"
    case .tuple: "tuple"
    case .list: "list"
    case .dict, .orderedDict, .defaultDict: "dict"
    case .namedTuple(let cls, _): "named tuple \(cls.name)"
    case .custom(let node, _, _): "custom node type \(node.cls.name)"
    }
  }

  // MARK: Comparison

  /// Whether the roots are of one kind, with equal keys and auxiliary data.
  private func hasSameNode(_ other: TreeDef) throws -> Bool {
    func same(_ a: [Object], _ b: [Object]) throws -> Bool {
      guard a.count == b.count else { return false }
      return try zip(a, b).allSatisfy { try equalKeys($0, $1) }
    }
    switch (self, other) {
    case (.leaf, .leaf), (.none, .none): return true
    case (.tuple(let a), .tuple(let b)), (.list(let a), .list(let b)): return a.count == b.count
    case (.dict(let a, _), .dict(let b, _)): return try same(a, b)
    case (.orderedDict(_, let a, _), .orderedDict(_, let b, _)): return try same(a, b)
    case (.defaultDict(_, let f, let a, _), .defaultDict(_, let g, let b, _)):
      return try same(a, b) && equalKeys(f, g)
    case (.namedTuple(let a, _), .namedTuple(let b, _)): return a === b
    case (.custom(let a, let x, let c), .custom(let b, let y, let d)):
      return try a === b && c.count == d.count && equalKeys(x, y)
    default: return false
    }
  }

  func isEqual(to other: TreeDef) throws -> Bool {
    guard try hasSameNode(other) else { return false }
    return try zip(children, other.children).allSatisfy { try $0.isEqual(to: $1) }
  }

  /// A hash that equal structures share.
  func combine(into hasher: inout Hasher) {
    switch self {
    case .leaf: hasher.combine(0)
    case .none: hasher.combine(1)
    case .tuple: hasher.combine(2)
    case .list: hasher.combine(3)
    case .dict(let keys, _), .orderedDict(_, let keys, _), .defaultDict(_, _, let keys, _):
      hasher.combine(4)
      hasher.combine(keys.count)
    case .namedTuple(let cls, _): hasher.combine(ObjectIdentifier(cls))
    case .custom(let node, _, _): hasher.combine(ObjectIdentifier(node))
    }
    for child in children { child.combine(into: &hasher) }
  }

  // MARK: Text

  /// As JAX prints it inside `PyTreeDef(…)`.
  func text() throws -> String {
    func items() throws -> String {
      try children.map { try $0.text() }.joined(separator: ", ")
    }
    func pairs(_ keys: [Object]) throws -> String {
      try zip(keys, children).map { "\(try repr($0)): \(try $1.text())" }.joined(separator: ", ")
    }
    switch self {
    case .leaf: return "*"
    case .none: return "None"
    case .tuple(let children): return "(\(try items())\(children.count == 1 ? "," : ""))"
    case .list: return "[\(try items())]"
    case .dict(let keys, _): return "{\(try pairs(keys))}"
    case .orderedDict(_, let keys, _):
      return "CustomNode(OrderedDict[\(try repr(.tuple(keys)))], [\(try items())])"
    case .defaultDict(_, let factory, let keys, _):
      return
        "CustomNode(defaultdict[(\(try repr(factory)), \(try repr(.tuple(keys))))], "
        + "[\(try items())])"
    case .namedTuple(let cls, _): return "CustomNode(namedtuple[\(cls.name)], [\(try items())])"
    case .custom(let node, let auxiliary, _):
      return "CustomNode(\(node.cls.name)[\(try str(auxiliary))], [\(try items())])"
    }
  }
}

/// The names of a named tuple's fields.
func fieldNames(_ cls: Class) throws -> [String] {
  guard let fields = cls.lookup("_fields") else { return [] }
  return try list(fields).map { try str($0) }
}
