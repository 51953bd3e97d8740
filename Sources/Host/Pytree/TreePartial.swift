import Syntax

/// `jax.tree_util.Partial`: a partial application whose arguments are leaves of a tree.
final class TreePartial: Partial {
  nonisolated(unsafe) static let treeType: Class = {
    let cls = Class(builtin: "Partial", base: Partial.type, module: "jax.tree_util")
    cls.construct = { _, arguments in
      guard let function = arguments.positional.first, Host.isCallable(function) else {
        throw typeError("the first argument must be callable")
      }
      return .native(
        TreePartial(
          function, Arguments(Array(arguments.positional.dropFirst()), arguments.keywords)))
    }
    PytreeNode.registry[ObjectIdentifier(cls)] = PytreeNode(
      cls: cls,
      flatten: { object in
        guard case .native(let partial as TreePartial) = object else { return ([], nil, .none) }
        let keywords = Dict(
          named: partial.arguments.keywords.map { ($0.name.text, $0.value) })
        return (
          [.tuple(partial.arguments.positional), .dict(keywords)],
          [.attribute("args"), .attribute("keywords")], partial.function
        )
      },
      unflatten: { function, parts in
        .native(
          TreePartial(function, Arguments(try list(parts[0]), try TreePartial.named(parts[1]))))
      })
    return cls
  }()

  override var cls: Class { TreePartial.treeType }

  override func repr() throws -> String {
    let parts =
      try [function].map(Host.repr) + arguments.positional.map(Host.repr)
      + arguments.keywords.map { "\($0.name)=\(try Host.repr($0.value))" }
    return "Partial(\(parts.joined(separator: ", ")))"
  }

  private static func named(_ object: Object) throws
    -> [(name: Symbol, value: Object)]
  {
    guard case .dict(let dict) = object else { return [] }
    return try dict.table.live.map { (name: Symbol(try Host.str($0.key)), value: $0.value) }
  }
}
