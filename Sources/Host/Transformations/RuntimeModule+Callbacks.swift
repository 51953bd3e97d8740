import Core
import Primitives
import Syntax
import Tensor
import Transforms

extension RuntimeModule {
  /// Functions of the host that compiled code calls.
  static func defineCallbacks(in module: ModuleObject) {
    module.def(
      "pure_callback(callback, result_shape_dtypes, *args, sharding=, vmap_method=, **kwargs)"
    ) {
      a in
      try callback(
        .pure, a[0] ?? .none, a[1] ?? .none, list(a[4] ?? .none), keywords(a[5]),
        ordered: false, method: a[3])
    }
    module.def("io_callback(callback, result_shape_dtypes, *args, sharding=, ordered=, **kwargs)") {
      a in
      try callback(
        .io, a[0] ?? .none, a[1] ?? .none, list(a[4] ?? .none), keywords(a[5]),
        ordered: a[3].map(isTrue) ?? false, method: nil)
    }
  }

  /// `jax.debug`
  static func debug() -> ModuleObject {
    let module = ModuleObject("jax.debug", isLibrary: true)
    module.def(
      "print(fmt, *args, ordered=, partitioned=, skip_format_check=, _use_logging=, **kwargs)"
    ) {
      a in
      let format = try str(a[0] ?? .none)
      try debugPrint(
        format, list(a[5] ?? .none), keywords(a[6]), ordered: a[1].map(isTrue) ?? false)
      return .none
    }
    module.def("callback(callback, *args, ordered=, partitioned=, **kwargs)") { a in
      let function = a[0] ?? .none
      let arguments = try list(a[3] ?? .none)
      let named = try keywords(a[4])
      _ = try callback(
        .debugCallback, function, .none, arguments, named,
        ordered: a[1].map(isTrue) ?? false, method: nil)
      return .none
    }
    module.def("breakpoint()") { _ in .none }
    return module
  }

  private static func debugPrint(
    _ format: String, _ arguments: [Object], _ named: [(name: Symbol, value: Object)],
    ordered: Bool
  ) throws {
    let dict = Dict()
    for (name, value) in named { try dict.table.set(.str(name.text), value) }
    let (leaves, tree) = try TreeDef.flatten(.tuple([.tuple(arguments), .dict(dict)]))
    // Objects that are no arrays are formatted as they are.
    var operands: [Value] = []
    let fixed = try leaves.map { leaf -> Object? in
      guard case .array(let value) = leaf else {
        guard let value = try valueIfNumeric(leaf), case .native = leaf else { return leaf }
        operands.append(value)
        return nil
      }
      operands.append(value)
      return nil
    }
    let function = Callback.Function { values in
      var rest = values[...]
      let parts = try list(
        tree.unflatten(
          fixed.map { leaf -> Object in
            if let leaf { return leaf }
            let value = rest.removeFirst()
            return .array(try value.concrete.map { Value(try $0.tensor()) } ?? value)
          }))
      let text = try formatTemplate(
        format, Arguments(list(parts[0]), keywords(parts[1])))
      Session.output.write(text + "\n")
      return []
    }
    let printed = [
      Parameter("fmt", .string(format)),
      Parameter("has_placeholders", .bool(!leaves.isEmpty)),
      Parameter("in_tree", .string("PyTreeDef(\(try tree.text()))")),
      Parameter("logging_record", .none),
      Parameter(
        "np_printoptions",
        .string(
          "(('edgeitems', 3), ('threshold', 1000), ('floatmode', 'maxprec'), ('precision', 8), "
            + "('suppress', False), ('linewidth', 75), ('nanstr', 'nan'), ('infstr', 'inf'), "
            + "('sign', '-'), ('formatter', None), ('legacy', False), ('override_repr', None))")),
      Parameter("ordered", .bool(ordered)), Parameter("partitioned", .bool(false)),
      Parameter("static_args", .tuple([])),
    ]
    _ = try bind(
      Callback(.debugPrint, function, isOrdered: ordered, printed: printed), operands)
  }

  private static func callback(
    _ kind: Callback.Kind, _ function: Object, _ results: Object, _ arguments: [Object],
    _ named: [(name: Symbol, value: Object)], ordered: Bool, method: Object?
  ) throws -> Object {
    let (specs, outTree) = try TreeDef.flatten(results)
    let avals = try specs.map { spec -> ShapedArray in
      if case .native(let spec as ShapeDtypeStruct) = spec { return spec.aval }
      let shape = try list(getAttribute(spec, "shape")).map { try requireIndex($0) }
      return ShapedArray(Shape(shape), try elementType(getAttribute(spec, "dtype")))
    }
    let dict = Dict()
    for (name, value) in named { try dict.table.set(.str(name.text), value) }
    let (leaves, tree) = try TreeDef.flatten(.tuple([.tuple(arguments), .dict(dict)]))
    let operands = try leaves.map { try argumentValue($0) }
    let body = Callback.Function { values in
      let parts = try list(tree.unflatten(values.map { .array($0) }))
      let result = try call(function, Arguments(list(parts[0]), keywords(parts[1])))
      if kind == .debugCallback { return [] }
      return try zip(outTree.flattenUpTo(result), avals).map { leaf, aval in
        let value = try argumentValue(leaf)
        // Elements may come with another batch shape under `vmap`.
        guard let array = value.concrete else {
          throw RaisedError(.runtimeError, "a callback returned a traced value")
        }
        let tensor = try array.tensor().converted(to: aval.dtype)
        return Value(tensor)
      }
    }
    let text = functionName(function)
    let vmapMethod = try method.given.map(str)
    let printed = [
      Parameter(
        "callback",
        .string(
          "_FlatCallback(callback_func=<function \(text) at 0xXXXXXXXXXXXX>, "
            + "in_tree=PyTreeDef(\(try tree.text())))")),
      Parameter("result_avals", .tuple(avals.map { .string("ShapedArray(\($0))") })),
      Parameter("sharding", .none),
      Parameter("vmap_method", vmapMethod.map { .string($0) } ?? .none),
    ]
    let values = try bind(
      Callback(
        kind, body, resultAvals: avals, isOrdered: ordered, printed: printed,
        vmapMethod: vmapMethod), operands)
    return try outTree.unflatten(values.map { .array($0) })
  }
}
