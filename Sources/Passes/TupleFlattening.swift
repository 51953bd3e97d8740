import HLO
import Support

/// Makes the parts of tuples arguments and results of the entry, and takes tokens away: neither have
/// memory of their own.
///
///     func @main(%t: tuple<tensor<f32>, tensor<i32>>) -> tuple<tensor<f32>> { … return %u }
///
/// becomes
///
///     func @main(%a: tensor<f32>, %b: tensor<i32>) -> tensor<f32> {
///       %t = tuple %a, %b
///       …
///       %0 = get_tuple_element %u[0]
///       return %0
///     }
public let tupleFlattening = Pass<Module>(
  "flatten-tuples", "make the parts of tuples arguments and results"
) { module in
  guard let name = module.entry?.name,
    let index = module.functions.firstIndex(where: { $0.name == name })
  else { return false }
  return try flattenTuples(of: &module.functions[index])
}

/// The same for one function, which nothing may call.
public func flattenTuples(of function: inout Function) throws -> Bool {
  let types = function.argumentTypes + function.resultTypes
  guard types.contains(where: { $0.isTuple || $0 == .token }),
    let last = function.terminator(of: function.body),
    let first = function.regions[function.body].operations.first
  else { return false }

  // New arguments for the parts, behind the old ones at first.
  let old = function.arguments
  var kept: [ValueID] = []
  var parts: [ValueID: [ValueID]] = [:]
  for argument in old {
    let type = function.type(of: argument)
    guard type.isTuple || type == .token else {
      kept.append(argument)
      continue
    }
    let leaves = type.leaves.filter { $0 != .token }.map { leaf in
      function.values.append(Value(type: leaf, definition: .argument(function.body, 0)))
    }
    parts[argument] = leaves
    kept += leaves
  }
  let attributes = zip(old, function.argumentAttributes).flatMap { argument, attributes in
    parts[argument]?.map { _ in [NamedAttribute]() } ?? [attributes]
  }

  let editor = FunctionEditor(function)
  for argument in old {
    guard var leaves = parts[argument]?[...] else { continue }
    let whole = try editor.insert(before: first) { b in
      try b.tuple(editor.type(of: argument), &leaves)
    }
    editor.replaceAllUses(of: argument, with: whole)
  }
  let results = try Array(editor[last].operands).flatMap { value in
    try editor.insert(before: last) { b in try b.leaves(of: value) }
  }.filter { editor.type(of: $0) != .token }
  function = editor.finish()
  function.operations[last].operands = Operands(results)
  function.resultTypes = results.map(function.type(of:))
  function.resultAttributes = results.map { _ in [] }
  function.argumentAttributes = attributes
  function.regions[function.body].arguments = kept
  for (position, argument) in kept.enumerated() {
    function.values[argument].definition = .argument(function.body, position)
  }
  return true
}

extension ValueType {
  var isTuple: Bool { if case .tuple = self { true } else { false } }

  /// The parts that are no tuples, from the first to the last.
  public var leaves: [ValueType] {
    if case .tuple(let types) = self { types.flatMap(\.leaves) } else { [self] }
  }
}

extension FunctionBuilder {
  /// A value of `type` from its parts, which are taken off `leaves`.
  fileprivate func tuple(_ type: ValueType, _ leaves: inout ArraySlice<ValueID>) throws -> ValueID {
    if type == .token { return try emitOne(.createToken, []) }
    guard case .tuple(let types) = type else { return leaves.removeFirst() }
    var parts: [ValueID] = []
    for type in types { parts.append(try tuple(type, &leaves)) }
    return try emitOne(.tuple, Operands(parts))
  }

  /// The parts of `value` that are no tuples.
  fileprivate func leaves(of value: ValueID) throws -> [ValueID] {
    guard case .tuple(let types) = type(of: value) else { return [value] }
    return try types.indices.flatMap { index in
      try leaves(of: emitOne(.getTupleElement(index: index), [value]))
    }
  }
}
