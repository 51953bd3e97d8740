import Core
import Primitives
import Syntax
import Tensor
import Transforms

/// `lax.psum`, `pmean`, `pmax`, `pmin`, `axis_index`, `axis_size`, `all_gather` and `ppermute`: what
/// the elements of a `vmap` with an axis name do together.
enum NamedAxes {
  static func define(in module: ModuleObject) {
    module.def("psum(x, axis_name, *, axis_index_groups=)") { a in
      try reduce(.sum, a[0] ?? .none, a[1] ?? .none)
    }
    module.def("pmax(x, axis_name, *, axis_index_groups=)") { a in
      try reduce(.max, a[0] ?? .none, a[1] ?? .none)
    }
    module.def("pmin(x, axis_name, *, axis_index_groups=)") { a in
      try reduce(.min, a[0] ?? .none, a[1] ?? .none)
    }
    module.def("pmean(x, axis_name, *, axis_index_groups=)") { a in
      let axes = try names(a[1] ?? .none)
      let total = try axes.map { try size($0, for: isEager ? nil : "psum") }.reduce(1, *)
      let (leaves, tree) = try TreeDef.flatten(try reduce(.sum, a[0] ?? .none, a[1] ?? .none))
      return try tree.unflatten(
        leaves.map { leaf in
          var value = try argumentValue(leaf)
          if !value.dtype.isInexact { value = try bind1(ConvertElementType(.f32), value) }
          return .array(
            try bind1(
              Binary(.div), value,
              .literal(Double(total), value.dtype, weakType: value.aval.weakType)))
        })
    }
    module.def("axis_index(axis_name)") { a in
      let axes = try names(a[0] ?? .none)
      var index: Value?
      for axis in axes {
        let extent = try size(axis, for: "axis_index")
        let own = try bind(AxisIndex(axisName: axis), [])[0]
        index =
          try index.map {
            try bind1(Binary(.add), bind1(Binary(.mul), $0, .literal(Double(extent), .i32)), own)
          } ?? own
      }
      guard let index else { throw valueError("axis_index needs an axis name") }
      return .array(index)
    }
    module.def("axis_size(axis_name)") { a in
      .int(try names(a[0] ?? .none).map { try size($0, for: nil) }.reduce(1, *))
    }
    module.def("all_gather(x, axis_name, *, axis_index_groups=, axis=, tiled=)") { a in
      let axis = try a[3].map { try requireIndex($0) } ?? 0
      let isTiled = try a[4].map(isTrue) ?? false
      return try mapped(a[0] ?? .none, a[1] ?? .none, "all_gather") { value, name in
        let rank = value.rank + (isTiled ? 0 : 1)
        return AllGather(
          axisName: name, axis: axis < 0 ? axis + rank : axis, isTiled: isTiled,
          axisSize: try size(name, for: nil))
      }
    }
    module.def("ppermute(x, axis_name, perm)") { a in
      let pairs = try list(a[2] ?? .none).map { try list($0).map { try requireIndex($0) } }
      return try mapped(a[0] ?? .none, a[1] ?? .none, "ppermute") { _, name in
        CollectivePermute(axisName: name, pairs: pairs)
      }
    }
    module.def("optimization_barrier(operand)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[0] ?? .none)
      let values = try leaves.map { try argumentValue($0) }
      if values.isEmpty { return a[0] ?? .none }
      return try tree.unflatten(bind(OptimizationBarrier(), values).map { .array($0) })
    }
  }

  private static var isEager: Bool { Trace.current === EvalTrace.shared }

  private static func names(_ object: Object) throws -> [String] {
    if case .tuple = object { return try list(object).map { try str($0) } }
    if case .list = object { return try list(object).map { try str($0) } }
    return [try str(object)]
  }

  /// The axis that a pair of its name and size stands for.
  static func axis(_ pair: Object) throws -> NamedAxis {
    let parts = try list(pair)
    guard parts.count == 2 else { throw valueError("an axis is a name and a size") }
    return NamedAxis(name: try str(parts[0]), size: try requireIndex(parts[1]))
  }

  /// The extent of a named axis.
  private static func size(_ name: String, for primitive: String?) throws -> Int {
    if let axis = NamedAxis.find(name) { return axis.size }
    guard let primitive else {
      throw RaisedError(.nameError, "unbound axis name: \(name)")
    }
    throw unboundAxis(name, for: primitive)
  }

  /// Combines each leaf along the named axes in turn. A number of the program is the same for all
  /// elements, and stays one.
  private static func reduce(_ function: AllReduce.Function, _ x: Object, _ axes: Object) throws
    -> Object
  {
    let axes = try names(axes)
    let total = try axes.map { axis in
      try size(axis, for: function == .sum && isEager ? nil : function.rawValue)
    }.reduce(1, *)
    let (leaves, tree) = try TreeDef.flatten(x)
    return try tree.unflatten(
      leaves.map { leaf in
        switch leaf {
        case .int(let number):
          let (product, overflow) = number.multipliedReportingOverflow(by: total)
          if !overflow { return function == .sum ? .int(product) : leaf }
        case .float(let number): return function == .sum ? .float(number * Double(total)) : leaf
        default: break
        }
        var value = try argumentValue(leaf)
        for axis in axes { value = try bind1(AllReduce(function, axisName: axis), value) }
        return .array(value)
      })
  }

  private static func mapped(
    _ x: Object, _ axis: Object, _ name: String,
    _ primitive: (Value, String) throws -> any Primitive
  ) throws -> Object {
    let axes = try names(axis)
    guard axes.count == 1 else {
      throw RaisedError(.notImplementedError, "\(name) over several axes is not supported")
    }
    _ = try size(axes[0], for: name == "all_gather" ? nil : name)
    let (leaves, tree) = try TreeDef.flatten(x)
    return try tree.unflatten(
      leaves.map { leaf in
        let value = try argumentValue(leaf)
        return .array(try bind1(primitive(value, axes[0]), value))
      })
  }
}
