import Syntax

/// A `PyTreeDef` as an object of the language.
final class TreeDefObject: NativeObject {
  let tree: TreeDef

  init(_ tree: TreeDef) { self.tree = tree }

  nonisolated(unsafe) static let cls: Class = {
    let cls = Class(builtin: "PyTreeDef", base: Types.object, module: "jaxlib._jax.pytree")
    cls.isFinal = true
    cls.def("unflatten(self, leaves, /)") { a in
      try of(a[0]).unflatten(list(a[1] ?? .none))
    }
    cls.def("flatten_up_to(self, tree, /)") { a in
      .list(try of(a[0]).flattenUpTo(a[1] ?? .none))
    }
    cls.def("children(self)") { a in
      .list(try of(a[0]).children.map { .native(TreeDefObject($0)) })
    }
    cls.def("compose(self, inner, /)") { a in
      .native(TreeDefObject(try of(a[0]).composed(with: of(a[1]))))
    }
    cls.def("node_data(self)") { a in
      switch try of(a[0]) {
      case .leaf, .none: return .none
      case .tuple: return .tuple([.type(Types.tuple), .none])
      case .list: return .tuple([.type(Types.list), .none])
      case .dict(let keys, _): return .tuple([.type(Types.dict), .list(keys)])
      case .orderedDict(let cls, let keys, _): return .tuple([.type(cls), .tuple(keys)])
      case .defaultDict(let cls, let factory, let keys, _):
        return .tuple([.type(cls), .tuple([factory, .tuple(keys)])])
      case .namedTuple(let cls, _): return .tuple([.type(cls), .type(cls)])
      case .custom(let node, let auxiliary, _): return .tuple([.type(node.cls), auxiliary])
      }
    }
    cls.property("num_leaves") { .int(try of($0).leafCount) }
    cls.property("num_nodes") { .int(try of($0).nodeCount) }
    return cls
  }()

  static func of(_ object: Object?) throws -> TreeDef {
    try receiver(object, as: TreeDefObject.self).tree
  }

  override var cls: Class { TreeDefObject.cls }

  override func repr() throws -> String { "PyTreeDef(\(try tree.text()))" }

  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as TreeDefObject) = other else { return nil }
    return try tree.isEqual(to: other.tree)
  }

  override func hash() throws -> Int {
    var hasher = Hasher()
    tree.combine(into: &hasher)
    return hasher.finalize()
  }
}
