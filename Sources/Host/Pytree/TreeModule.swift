import Syntax

/// The functions of `jax.tree` and `jax.tree_util`, which the library exports under their names.
enum TreeModule {
  private static func predicate(_ object: Object?) -> ((Object) throws -> Bool)? {
    guard let object, !object.isNone else { return nil }
    return { try isTrue(call(object, [$0])) }
  }

  static func tree() -> ModuleObject {
    let module = ModuleObject("jax.tree", isLibrary: true)
    define(in: module, prefix: "")
    return module
  }

  static func treeUtil() -> ModuleObject {
    let module = ModuleObject("jax.tree_util", isLibrary: true)
    define(in: module, prefix: "tree_")
    defineRegistration(in: module)
    KeyObject.define(in: module)
    module["PyTreeDef"] = .type(TreeDefObject.cls)
    module.def("treedef_is_leaf(treedef)") { a in .bool(try TreeDefObject.of(a[0]).isLeaf) }
    module.def("treedef_children(treedef)") { a in
      .list(try TreeDefObject.of(a[0]).children.map { .native(TreeDefObject($0)) })
    }
    module.def("treedef_tuple(treedefs)") { a in
      .native(
        TreeDefObject(.tuple(try list(a[0] ?? .none).map { try TreeDefObject.of($0) })))
    }
    module.def("all_leaves(iterable, is_leaf=)") { a in
      .bool(
        try list(a[0] ?? .none).allSatisfy {
          try TreeDef.flatten($0, isLeaf: predicate(a[1])).tree.isLeaf
        })
    }
    module.def("keystr(keys, *, simple=, separator=)") { a in
      let entries = try list(a[0] ?? .none)
      guard let simple = a[1], try isTrue(simple) else {
        return .str(try entries.map { try str($0) }.joined())
      }
      let separator = try a[2].map { try str($0) } ?? ""
      return .str(
        try entries.map { entry in
          guard case .native(let key as KeyObject) = entry else { return try str(entry) }
          return try key.simpleText()
        }.joined(separator: separator))
    }
    return module
  }

  /// The subtrees of each of `rest` at the leaves of `tree`, the structure of `first`.
  private static func others(
    _ tree: TreeDef, _ first: Object, _ rest: Object?, _ isLeaf: ((Object) throws -> Bool)?
  ) throws -> [[Object]] {
    try list(rest ?? .none).map { other in
      do { return try tree.flattenUpTo(other) } catch let error as Raised {
        guard
          let message = try prefixMismatch(first, other, name: "tree_map tree", isLeaf: isLeaf)
        else { throw error }
        throw valueError(message)
      }
    }
  }

  private static func define(in module: ModuleObject, prefix: String) {
    module.def("\(prefix)flatten(tree, is_leaf=)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[0] ?? .none, isLeaf: predicate(a[1]))
      return .tuple([.list(leaves), .native(TreeDefObject(tree))])
    }
    module.def("\(prefix)unflatten(treedef, leaves)") { a in
      try TreeDefObject.of(a[0]).unflatten(list(a[1] ?? .none))
    }
    module.def("\(prefix)leaves(tree, is_leaf=)") { a in
      .list(try TreeDef.flatten(a[0] ?? .none, isLeaf: predicate(a[1])).leaves)
    }
    module.def("\(prefix)structure(tree, is_leaf=)") { a in
      .native(
        TreeDefObject(try TreeDef.flatten(a[0] ?? .none, isLeaf: predicate(a[1])).tree))
    }
    module.def("\(prefix)map(f, tree, *rest, is_leaf=)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[1] ?? .none, isLeaf: predicate(a[2]))
      let rest = try others(tree, a[1] ?? .none, a[3], predicate(a[2]))
      let function = a[0] ?? .none
      return try tree.unflatten(
        leaves.indices.map { index in
          try call(function, [leaves[index]] + rest.map { $0[index] })
        })
    }
    module.def("\(prefix)map_with_path(f, tree, *rest, is_leaf=)") { a in
      let (leaves, tree) = try TreeDef.flattenWithPath(a[1] ?? .none, isLeaf: predicate(a[2]))
      let rest = try others(tree, a[1] ?? .none, a[3], predicate(a[2]))
      let function = a[0] ?? .none
      return try tree.unflatten(
        leaves.indices.map { index in
          let path = Object.tuple(leaves[index].path.map { .native(KeyObject($0)) })
          return try call(function, [path, leaves[index].leaf] + rest.map { $0[index] })
        })
    }
    func withPath(_ a: [Object?]) throws -> ([Object], TreeDef) {
      let (leaves, tree) = try TreeDef.flattenWithPath(a[0] ?? .none, isLeaf: predicate(a[1]))
      return (
        leaves.map { .tuple([.tuple($0.path.map { .native(KeyObject($0)) }), $0.leaf]) }, tree
      )
    }
    module.def("\(prefix)flatten_with_path(tree, is_leaf=)") { a in
      let (leaves, tree) = try withPath(a)
      return .tuple([.list(leaves), .native(TreeDefObject(tree))])
    }
    module.def("\(prefix)leaves_with_path(tree, is_leaf=)") { a in .list(try withPath(a).0) }
    module.def("\(prefix)reduce(function, tree, initializer=, is_leaf=)") { a in
      var leaves = try TreeDef.flatten(a[1] ?? .none, isLeaf: predicate(a[3])).leaves[...]
      var total: Object
      if let initial = a[2] {
        total = initial
      } else {
        guard let first = leaves.popFirst() else {
          throw typeError("reduce() of empty iterable with no initial value")
        }
        total = first
      }
      for leaf in leaves { total = try call(a[0] ?? .none, [total, leaf]) }
      return total
    }
    module.def("\(prefix)all(tree, *, is_leaf=)") { a in
      .bool(
        try TreeDef.flatten(a[0] ?? .none, isLeaf: predicate(a[1])).leaves.allSatisfy(isTrue))
    }
    module.def("\(prefix)broadcast(prefix_tree, full_tree, is_leaf=)") { a in
      let full = a[1] ?? .none
      let leaves = try broadcastPrefix(a[0] ?? .none, full, isLeaf: predicate(a[2]))
      return try TreeDef.flatten(full, isLeaf: predicate(a[2])).tree.unflatten(leaves)
    }
    module.def("\(prefix)transpose(outer_treedef, inner_treedef, pytree_to_transpose)") { a in
      let outer = try TreeDefObject.of(a[0])
      let leaves: [Object]
      let inner: TreeDef
      if let given = a[1], !given.isNone {
        inner = try TreeDefObject.of(given)
        let (flat, tree) = try TreeDef.flatten(a[2] ?? .none)
        guard try outer.composed(with: inner).isEqual(to: tree) else {
          throw typeError(
            "Mismatch\nPyTreeDef(\(try tree.text()))\n != \n"
              + "PyTreeDef(\(try outer.composed(with: inner).text()))")
        }
        leaves = flat
      } else {
        let subtrees = try outer.flattenUpTo(a[2] ?? .none)
        inner = try subtrees.first.map { try TreeDef.flatten($0).tree } ?? .leaf
        leaves = try subtrees.flatMap { try inner.flattenUpTo($0) }
      }
      let width = inner.leafCount
      let count = outer.leafCount
      return try inner.unflatten(
        (0..<width).map { column in
          try outer.unflatten((0..<count).map { leaves[$0 * width + column] })
        })
    }
  }

  private static func defineRegistration(in module: ModuleObject) {
    func register(_ cls: Object?, _ flatten: Object, _ unflatten: Object, withKeys: Object? = nil)
      throws
    {
      guard case .type(let cls)? = cls else { throw typeError("expected a class") }
      guard PytreeNode.registry[ObjectIdentifier(cls)] == nil else {
        throw valueError(
          "Duplicate custom PyTreeDef type registration for \(try repr(.type(cls))).")
      }
      PytreeNode.registry[ObjectIdentifier(cls)] = PytreeNode(
        cls: cls,
        flatten: { object in
          if let withKeys {
            let pair = try list(call(withKeys, [object]))
            let entries = try list(pair[0]).map { try list($0) }
            return (entries.map { $0[1] }, entries.map { KeyObject.entry($0[0]) }, pair[1])
          }
          let pair = try list(call(flatten, [object]))
          guard pair.count == 2 else {
            throw typeError("the flatten function must return a pair (children, aux_data)")
          }
          return (try list(pair[0]), nil, pair[1])
        },
        unflatten: { try call(unflatten, [$0, .tuple($1)]) })
    }
    func methods(_ cls: Object) throws -> (Object, Object) {
      let flatten = Object.builtin(
        Builtin("tree_flatten(self)") { a in
          try call(getAttribute(a[0] ?? .none, "tree_flatten"), [])
        })
      let unflatten = try getAttribute(cls, "tree_unflatten")
      return (flatten, unflatten)
    }
    module.def(
      "register_pytree_node(nodetype, flatten_func, unflatten_func, flatten_with_keys_func=)"
    ) {
      a in
      guard !(a[1] ?? .none).isNone, !(a[2] ?? .none).isNone else {
        let types = [a[1], a[2], nil].map { typeOf($0 ?? .none).name }.joined(separator: ", ")
        throw typeError(
          """
          register_node(): incompatible function arguments. The following argument types are \
          supported:
              1. register_node(self, type: type[_T], to_iterable: Callable[[_T], \
          tuple[_Children, _AuxData]], from_iterable: Callable[[_AuxData, _Children], _T], \
          to_iterable_with_keys: Callable[[_T], tuple[_KeyLeafPairs, _AuxData]] | None = None) -> Any

          Invoked with types: jaxlib._jax.pytree.PyTreeRegistry, type, \(types)
          """)
      }
      try register(a[0], a[1] ?? .none, a[2] ?? .none)
      return .none
    }
    module.def("register_pytree_node_class(cls)") { a in
      let cls = a[0] ?? .none
      let (flatten, unflatten) = try methods(cls)
      try register(cls, flatten, unflatten)
      return cls
    }
    module.def(
      "register_pytree_with_keys(nodetype, flatten_with_keys, unflatten_func, flatten_func=)"
    ) { a in
      try register(a[0], .none, a[2] ?? .none, withKeys: a[1])
      return .none
    }
    module.def("register_pytree_with_keys_class(cls)") { a in
      let cls = a[0] ?? .none
      let (flatten, unflatten) = try methods(cls)
      let withKeys = Object.builtin(
        Builtin("tree_flatten_with_keys(self)") { a in
          try call(getAttribute(a[0] ?? .none, "tree_flatten_with_keys"), [])
        })
      try register(cls, flatten, unflatten, withKeys: withKeys)
      return cls
    }
    module.def("register_static(cls)") { a in
      guard case .type(let cls)? = a[0] else { throw typeError("expected a class") }
      PytreeNode.registry[ObjectIdentifier(cls)] = PytreeNode(
        cls: cls, flatten: { ([], nil, $0) }, unflatten: { auxiliary, _ in auxiliary })
      return .type(cls)
    }
    module.def("register_dataclass(nodetype, data_fields=, meta_fields=, drop_fields=)") { a in
      guard case .type(let cls)? = a[0] else { throw typeError("expected a class") }
      let data: [String]
      let meta: [String]
      if let given = a[1], !given.isNone {
        data = try list(given).map { try str($0) }
        meta = try list(a[2] ?? .tuple([])).map { try str($0) }
      } else {
        guard let fields = cls.lookup("__dataclass_fields__"), case .dict(let dict) = fields else {
          throw valueError("register_dataclass: data_fields and meta_fields are required")
        }
        var names: ([String], [String]) = ([], [])
        for entry in dict.table.live {
          let metadata = try? getAttribute(entry.value, "metadata")
          var isStatic = false
          if case .dict(let metadata)? = metadata, let flag = metadata["static"] {
            isStatic = try isTrue(flag)
          }
          let name = try str(entry.key)
          if isStatic { names.1.append(name) } else { names.0.append(name) }
        }
        (data, meta) = names
      }
      PytreeNode.registry[ObjectIdentifier(cls)] = PytreeNode(
        cls: cls,
        flatten: { object in
          (
            try data.map { try getAttribute(object, Symbol($0)) },
            data.map { .attribute($0) },
            .tuple(try meta.map { try getAttribute(object, Symbol($0)) })
          )
        },
        unflatten: { auxiliary, children in
          let keywords =
            zip(data, children).map { (name: Symbol($0), value: $1) }
            + zip(meta, try list(auxiliary)).map { (name: Symbol($0), value: $1) }
          return try call(.type(cls), Arguments([], keywords))
        })
      return .type(cls)
    }
    module["Partial"] = .type(TreePartial.treeType)
  }
}

extension TreeDef {
  /// This structure with `inner` in place of each leaf.
  func composed(with inner: TreeDef) -> TreeDef {
    switch self {
    case .leaf: inner
    case .none: .none
    case .tuple(let children): .tuple(children.map { $0.composed(with: inner) })
    case .list(let children): .list(children.map { $0.composed(with: inner) })
    case .dict(let keys, let children):
      .dict(keys: keys, children.map { $0.composed(with: inner) })
    case .orderedDict(let cls, let keys, let children):
      .orderedDict(cls: cls, keys: keys, children.map { $0.composed(with: inner) })
    case .defaultDict(let cls, let factory, let keys, let children):
      .defaultDict(
        cls: cls, factory: factory, keys: keys, children.map { $0.composed(with: inner) })
    case .namedTuple(let cls, let children):
      .namedTuple(cls, children.map { $0.composed(with: inner) })
    case .custom(let node, let auxiliary, let children):
      .custom(node, auxiliary: auxiliary, children.map { $0.composed(with: inner) })
    }
  }
}

/// For each leaf of `full`, the leaf of `prefix` that stands for the subtree it lies in.
func broadcastPrefix(
  _ prefix: Object, _ full: Object, isLeaf: ((Object) throws -> Bool)? = nil
) throws -> [Object] {
  let (leaves, tree) = try TreeDef.flatten(prefix, isLeaf: isLeaf)
  var result: [Object] = []
  for (leaf, subtree) in zip(leaves, try tree.flattenUpTo(full)) {
    let count = try TreeDef.flatten(subtree).leaves.count
    result += [Object](repeating: leaf, count: count)
  }
  return result
}

/// A `DictKey`, `SequenceKey`, `GetAttrKey` or `FlattenedIndexKey`.
final class KeyObject: NativeObject {
  let entry: KeyEntry

  init(_ entry: KeyEntry) { self.entry = entry }

  private static func makeClass(_ name: String, _ make: @escaping (Object) throws -> KeyEntry)
    -> Class
  {
    let cls = Class(builtin: name, base: Types.object, module: "jax.tree_util")
    cls.construct = { _, arguments in
      let argument = arguments.positional.first ?? arguments.keywords.first?.value ?? .none
      return .native(KeyObject(try make(argument)))
    }
    return cls
  }

  nonisolated(unsafe) static let dictKey = makeClass("DictKey") { .key($0) }
  nonisolated(unsafe) static let sequenceKey = makeClass("SequenceKey") {
    .index(try requireIndex($0))
  }
  nonisolated(unsafe) static let attributeKey = makeClass("GetAttrKey") {
    .attribute(try Host.str($0))
  }
  nonisolated(unsafe) static let flattenedKey = makeClass("FlattenedIndexKey") {
    .flattened(try requireIndex($0))
  }

  static func define(in module: ModuleObject) {
    for cls in [dictKey, sequenceKey, attributeKey, flattenedKey] {
      module[Symbol(cls.name)] = .type(cls)
    }
  }

  /// The entry that `object` stands for; other objects are keys themselves.
  static func entry(_ object: Object) -> KeyEntry {
    if case .native(let key as KeyObject) = object { return key.entry }
    return .key(object)
  }

  override var cls: Class {
    switch entry {
    case .index: KeyObject.sequenceKey
    case .key: KeyObject.dictKey
    case .attribute: KeyObject.attributeKey
    case .flattened: KeyObject.flattenedKey
    }
  }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch (entry, name.text) {
    case (.index(let index), "idx"): .int(index)
    case (.key(let key), "key"): key
    case (.attribute(let text), "name"): .str(text)
    case (.flattened(let index), "key"): .int(index)
    default: nil
    }
  }

  override func repr() throws -> String {
    switch entry {
    case .index(let index): "SequenceKey(idx=\(index))"
    case .key(let key): "DictKey(key=\(try Host.repr(key)))"
    case .attribute(let name): "GetAttrKey(name='\(name)')"
    case .flattened(let index): "FlattenedIndexKey(key=\(index))"
    }
  }

  override func str() throws -> String { try entry.text() }

  func simpleText() throws -> String {
    switch entry {
    case .index(let index), .flattened(let index): "\(index)"
    case .key(let key): try Host.str(key)
    case .attribute(let name): name
    }
  }

  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as KeyObject) = other else { return nil }
    return try self.repr() == other.repr()
  }

  override func hash() throws -> Int { try self.repr().hashValue }
}
