import Syntax

enum TypingForms {
  static let abstractNames = [
    "Callable", "Collection", "Container", "Generator", "Hashable", "Iterable", "Iterator",
    "Mapping", "MutableMapping", "MutableSequence", "Reversible", "Sequence", "Set", "Sized",
  ]
  /// Those that give classes methods: `stdlib/_abstract.jx`.
  static let mixinNames = ["Mapping", "MutableMapping", "MutableSequence", "Sequence", "Set"]
  private static let otherNames = [
    "Any", "Annotated", "ClassVar", "Final", "Literal", "Optional", "Union", "Self", "Concatenate",
    "Never", "NoReturn", "LiteralString", "TypeAlias", "TypeGuard", "Required", "NotRequired",
    "Awaitable", "Coroutine", "SupportsFloat", "SupportsInt", "SupportsIndex", "Unpack",
  ]

  static func makeModule() -> ModuleObject {
    let module = ModuleObject("typing")
    for name in abstractNames + otherNames { module[Symbol(name)] = .native(TypingForm(name)) }
    for (name, cls) in [
      ("List", Types.list), ("Dict", Types.dict), ("Tuple", Types.tuple),
      ("FrozenSet", Types.frozenSet),
      ("Type", Types.type), ("Text", Types.str),
    ] {
      module[Symbol(name)] = .type(cls)
    }
    module["DefaultDict"] = .type(DefaultDictType.shared)
    module["OrderedDict"] = .type(OrderedDictType.shared)
    module["Deque"] = .type(DequeType.shared)
    module["Counter"] = .type(CounterType.shared)
    module["Generic"] = .type(Class(builtin: "Generic", base: Types.object, module: "typing"))
    module["Protocol"] = .type(Protocols.base)
    module["NamedTuple"] = .native(
      TypingForm("NamedTuple", derive: NamedTuples.derive) { arguments in
        let a = try Signature("NamedTuple(typename, fields)").bind(arguments)
        let fields = try list(a[1] ?? .none).map { try str(item($0, .int(0))) }
        return .type(
          NamedTuples.make(try str(a[0] ?? .none), fields, defaults: [], module: "__main__"))
      })
    module["TypedDict"] = .native(
      TypingForm(
        "TypedDict",
        derive: { definition in
          .type(Class(builtin: definition.name, base: Types.dict, module: definition.module))
        }))
    module.def("TypeVar(name, *constraints, bound=, covariant=, contravariant=)") { a in
      .native(TypingForm("~" + (try str(a[0] ?? .none))))
    }
    module.def("ParamSpec(name)") { a in .native(TypingForm("~" + (try str(a[0] ?? .none)))) }
    module.def("NewType(name, tp)") { a in a[1] ?? .none }
    module.def("cast(typ, val)") { a in a[1] ?? .none }
    for name in ["overload", "final", "no_type_check", "override"] {
      module.def("\(name)(function)") { a in a[0] ?? .none }
    }
    module.def("runtime_checkable(cls)") { a in
      if case .type(let cls)? = a[0] { Protocols.makeCheckable(cls) }
      return a[0] ?? .none
    }
    module.def("get_type_hints(object)") { a in
      try lookupAttribute(a[0] ?? .none, Names.annotations) ?? .dict(Dict())
    }
    module.def("get_args(tp)") { a in
      try lookupAttribute(a[0] ?? .none, "__args__") ?? .tuple([])
    }
    module.def("get_origin(tp)") { a in
      try lookupAttribute(a[0] ?? .none, "__origin__") ?? Object.none
    }
    module["TYPE_CHECKING"] = .bool(false)
    return module
  }
}
