import Core
import Syntax
import Tensor
import Transforms

/// `jax.vmap(fun, in_axes, out_axes, axis_name, axis_size)`.
final class VmapFunction: TransformedFunction {
  private let inAxes: Object
  private let outAxes: Object
  private let axisName: String?
  private let axisSize: Int?

  init(
    _ function: Object, inAxes: Object, outAxes: Object, axisName: String?, axisSize: Int?
  ) {
    self.inAxes = inAxes
    self.outAxes = outAxes
    self.axisName = axisName
    self.axisSize = axisSize
    super.init(function)
  }

  override var documentation: String? {
    let text =
      "Vectorized version of \(name). Takes similar arguments as \(name) but with additional array "
      + "axes over which \(name) is mapped."
    guard case .str(let original) = originalDocumentation else { return text }
    return "\(text)\n\nOriginal documentation:\n\n\(original.text)"
  }

  static func define(in module: ModuleObject) {
    module.def("vmap(fun, in_axes=, out_axes=, axis_name=, axis_size=, spmd_axis_name=)") { a in
      let function = a[0] ?? .none
      guard Host.isCallable(function) else {
        throw typeError("Expected a callable value, got \(try Host.str(function))")
      }
      var inAxes = a[1] ?? .int(0)
      if case .list(let list) = inAxes { inAxes = .tuple(list.items) }
      switch inAxes {
      case .none, .int, .tuple: break
      case .bool:
        throw typeError("vmap in_axes must be an int, None, or a tuple")
      default:
        guard try index(inAxes) != nil || TreeDef.node(inAxes) != nil else {
          throw typeError(
            "vmap in_axes must be an int, None, or a tuple of entries corresponding to the "
              + "positional arguments passed to the function, but got \(try Host.str(inAxes)).")
        }
      }
      return .native(
        VmapFunction(
          function, inAxes: inAxes, outAxes: a[2] ?? .int(0),
          axisName: try a[3].given.map(Host.str),
          axisSize: try a[4].given.map(requireIndex)))
    }
  }

  /// Axes are leaves, `None` among them.
  private static func isAxis(_ object: Object) -> Bool {
    switch object {
    case .none, .int: true
    default: false
    }
  }

  private func axes(_ prefix: Object, _ full: Object, _ what: String) throws -> [Int?] {
    do {
      return try broadcastPrefix(prefix, full, isLeaf: VmapFunction.isAxis).map {
        $0.isNone ? nil : try requireIndex($0)
      }
    } catch let error as Raised where error.exception.cls.name == "ValueError" {
      if let mismatch = try prefixMismatch(
        prefix, full, name: "vmap \(what)", leaf: "<class 'jax._src.api_util.PytreeLeaf'>",
        isLeaf: VmapFunction.isAxis)
      {
        throw valueError(
          "vmap \(what) specification must be a tree prefix of the corresponding value; \n"
            + "  Mismatch details (1 found):\n  \(mismatch)")
      }
      throw valueError(
        "vmap \(what) specification must be a tree prefix of the corresponding value, got "
          + "specification \(try Host.repr(prefix)) for value tree "
          + "PyTreeDef(\(try TreeDef.flatten(full).tree.text())).")
    }
  }

  /// The error that says which arguments disagree about the size of the mapped axis: the sizes
  /// from the most frequent to the least, each with the first argument that has it.
  private func inconsistentSizes(_ values: [Value], _ dims: [Int?], places: [String]) -> Raised {
    var groups: [(size: Int, count: Int, example: String)] = []
    for (index, (value, dim)) in zip(values, dims).enumerated() {
      guard let dim else { continue }
      let size = value.shape[dim]
      if let known = groups.firstIndex(where: { $0.size == size }) {
        groups[known].count += 1
      } else {
        let place = places.indices.contains(index) ? places[index] : "argument \(index)"
        groups.append(
          (size, 1, "axis \(dim) of \(place) of type \(value.aval.longDescription)"))
      }
    }
    // A stable order: equal counts stay as the arguments are.
    groups = groups.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }.map(\.element)
    var lines: [String] = []
    if let axisSize { lines.append("  * the `axis_size` argument was \(axisSize)") }
    for (position, group) in groups.enumerated() {
      if group.count == 1 {
        lines.append("  * one axis had size \(group.size): \(group.example)")
      } else {
        lines.append(
          "  * \(position == 0 ? "most" : "some") axes (\(group.count) of them) had size "
            + "\(group.size), e.g. \(group.example)")
      }
    }
    return valueError(
      "vmap got inconsistent sizes for array axes to be mapped:\n"
        + lines.joined(separator: ";\n"))
  }

  override func call(_ arguments: Arguments) throws -> Object {
    if case .tuple(let tuple) = inAxes, tuple.cls == nil,
      tuple.items.count != arguments.positional.count
    {
      throw valueError(
        "vmap in_axes must be an int, None, or a tuple of entries corresponding to the positional "
          + "arguments passed to the function, but got len(in_axes)=\(tuple.items.count), "
          + "len(args)=\(arguments.positional.count)")
    }
    let positional = Object.tuple(arguments.positional)
    let keywords = Dict()
    for (name, value) in arguments.keywords { try keywords.table.set(.str(name.text), value) }
    let (leaves, tree) = try TreeDef.flatten(.tuple([positional, .dict(keywords)]))
    let values = try leaves.map { try argumentValue($0) }
    var dims =
      try axes(inAxes, positional, "in_axes")
      + axes(.int(0), .dict(keywords), "in_axes")
    for index in dims.indices {
      guard let dim = dims[index] else { continue }
      let rank = values[index].rank
      guard dim >= -rank && dim < rank else {
        throw valueError(
          "vmap was requested to map its argument along axis \(dim), which implies that its rank "
            + "should be at least \(dim < 0 ? -dim : dim + 1), but is only \(rank) (its shape is "
            + "\(ParameterValue.ints(values[index].shape.dimensions)))")
      }
      if dim < 0 { dims[index] = dim + rank }
    }
    let sizes = zip(values, dims).compactMap { value, dim in dim.map { value.shape[$0] } }
    guard let size = axisSize ?? sizes.first else {
      if leaves.isEmpty {
        throw valueError(
          "vmap wrapped function must be passed at least one argument containing an array or "
            + "axis_size must be specified, got empty *args=\(try Host.repr(positional)) and "
            + "**kwargs=\(try Host.repr(.dict(keywords)))")
      }
      throw valueError(
        "vmap must have at least one non-None value in in_axes or axis_size must be specified")
    }
    guard sizes.allSatisfy({ $0 == size }) else {
      throw inconsistentSizes(values, dims, places: argumentPlaces(function, arguments))
    }
    let keywordNames = arguments.keywords.map(\.name)
    let flat = FlatCall(function, for: .batching) { leaves in
      let parts = try list(tree.unflatten(leaves))
      var keywords: [(name: Symbol, value: Object)] = []
      if case .dict(let dict) = parts[1] {
        for name in keywordNames {
          if let value = dict[name.text] { keywords.append((name: name, value: value)) }
        }
      }
      return Arguments(try list(parts[0]), keywords)
    }
    let (results, outDims) = try vmapInner(
      within("vmap") { try flat($0) }, values, dims, size: size, axisName: axisName)
    let shape = try flat.outTree.unflatten(results.map { _ in .int(0) })
    let wanted = try axes(outAxes, shape, "out_axes")
    let moved = try results.indices.map { index -> Value in
      guard let target = wanted[index] else {
        guard outDims[index] == nil else {
          if let axisName {
            throw valueError("vmap has mapped output (axis_name=\(axisName)) but out_axes is None")
          }
          throw valueError(
            "at vmap out_axes\(try flat.outTree.leafPath(index)), got axis spec None but output was "
              + "batched on axis \(outDims[index] ?? 0)")
        }
        return results[index]
      }
      let rank = results[index].rank + (outDims[index] == nil ? 1 : 0)
      guard target >= -rank && target < rank else {
        throw valueError(
          "axis \(target) is out of bounds for array of dimension \(rank)")
      }
      return try moveBatchAxis(
        results[index], outDims[index], to: target < 0 ? target + rank : target, size: size)
    }
    return try flat.handBack(moved)
  }
}
