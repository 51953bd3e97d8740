import Core
import Primitives
import Syntax
import Tensor

/// `array.name`, where arrays have it: facts about the array here, methods from the library.
func arrayAttribute(_ value: Value, _ name: Symbol) throws -> Object? {
  let object = Object.array(value)
  let text = name.text
  if value.dtype == .key, case .array = value {
    if ArrayType.refusedByKeys.contains(text) {
      return .builtin(
        Builtin(named: text) { _ in
          throw RaisedError(.notImplementedError, "Cannot call abstract method \(text)")
        })
    }
    if ["real", "imag", "mT"].contains(text) {
      throw RaisedError(.notImplementedError, "Cannot call abstract method \(text)")
    }
    if ["tolist", "tobytes", "weak_type"].contains(text) { return nil }
  }
  if case .tracer = value, let stand = try unavailable(value, text) { return stand }
  switch text {
  case "shape": return .ints(value.shape.dimensions)
  case "dtype": return .dtype(value.dtype)
  case "ndim": return .int(value.rank)
  case "size": return .int(value.shape.count)
  case "weak_type": return .bool(value.aval.weakType)
  case "itemsize": return .int(value.dtype.byteCount)
  case "nbytes": return .int(value.shape.count * value.dtype.byteCount)
  case "aval": return .native(AvalObject(value.aval))
  case "tolist":
    return .builtin(
      Builtin("tolist()") { _ in
        guard let tensor = try value.concrete?.tensor() else {
          throw concretization(value, "tolist")
        }
        return nestedList(tensor)
      })
  case "item":
    return .builtin(
      Builtin("item(*args)") { a in try arrayItemMethod(value, list(a[0] ?? .none)) })
  case "tobytes":
    return .builtin(
      Builtin("tobytes(order=)") { _ in .bytes(Bytes(Array(try concreteTensor(value)!.bytes))) })
  case "__index__":
    return .builtin(Builtin("__index__()") { _ in try arrayIndex(value).map { .int($0) } ?? .none })
  case "block_until_ready":
    return .builtin(
      Builtin("block_until_ready()") { _ in
        try value.concrete?.wait()
        return object
      })
  case "delete":
    return .builtin(
      Builtin("delete()") { _ in
        if case .array(let array) = value { array.delete() }
        return .none
      })
  case "is_deleted":
    return .builtin(
      Builtin("is_deleted()") { _ in
        if case .array(let array) = value { return .bool(array.isDeleted) }
        return .bool(false)
      })
  case "is_fully_addressable", "is_fully_replicated": return .bool(true)
  case "is_ready": return .builtin(Builtin("is_ready()") { _ in .bool(true) })
  case "copy_to_host_async": return .builtin(Builtin("copy_to_host_async()") { _ in .none })
  case "__abs__":
    return .builtin(
      Builtin("__abs__()") { _ in
        if value.dtype == .bool || value.dtype.isUnsigned { return object }
        return .array(try bind1(Unary(.abs), value))
      })
  case "__round__":
    return .builtin(
      Builtin("__round__(ndigits=)") { a in
        guard let method = try ArrayLibrary.method("round") else { return .none }
        guard let digits = a[0], !digits.isNone else {
          let rounded = try asArray(call(method, [object, .int(0)]))
          let type = Promotion.defaultInteger(x64: Configuration.x64)
          return .array(try converting(rounded, to: DType(type)))
        }
        return try call(method, [object, digits])
      })
  case "__setitem__":
    return .builtin(
      Builtin("__setitem__(key, value)") { a in
        try setItem(object, a[0] ?? .none, a[1] ?? Object.none)
        return .none
      })
  case "__len__": return .builtin(Builtin("__len__()") { _ in .int(try count(object)) })
  case "__array__": return .builtin(Builtin("__array__(dtype=, copy=)") { _ in object })
  case "__iter__" where value.rank > 0:
    return .builtin(Builtin("__iter__()") { _ in .native(try iterateArray(object)) })
  case "__getitem__":
    return .builtin(Builtin("__getitem__(key)") { a in try arrayItem(object, a[0] ?? .none) })
  case "device", "devices", "sharding", "platform", "committed", "_committed",
    "to_device", "unsafe_buffer_pointer":
    if let attribute = try placementAttribute(value, text) { return attribute }
  case Names.classCell.text: return .type(typeOf(object))
  case "__jax_array__", "__name__", "__wrapped__", "__dict__", "__doc__", "keys": return nil
  default: break
  }
  if text.hasPrefix("__"), let overloaded = operatorMethod(object, text) { return overloaded }
  if let method = try ArrayLibrary.method(text) { return .method(BoundMethod(object, method)) }
  if let property = try ArrayLibrary.property(text) { return try call(property, [object]) }
  return nil
}

/// `array.__add__` and its kin as functions.
private func operatorMethod(_ object: Object, _ name: String) -> Object? {
  for op in BinaryOperator.allCases {
    if op.methods.plain.text == name {
      return .builtin(Builtin("\(name)(other)") { a in try binary(op, object, a[0] ?? .none) })
    }
    if op.methods.reflected.text == name {
      return .builtin(Builtin("\(name)(other)") { a in try binary(op, a[0] ?? .none, object) })
    }
  }
  for op in ComparisonOperator.allCases where op.methods?.plain.text == name {
    return .builtin(Builtin("\(name)(other)") { a in try compare(op, object, a[0] ?? .none) })
  }
  return nil
}

/// What only arrays have that exist: asked of a tracer it says so; `nil` for other names.
private func unavailable(_ value: Value, _ name: String) throws -> Object? {
  // The message is made where it is needed: most attributes exist.
  var traced: String { "traced array with shape \(value.aval.strengthened.longDescription)." }
  switch name {
  case "block_until_ready", "copy_to_host_async":
    throw attributeError(
      "The '\(name)' method is not available on \(traced)\(value.origin)")
  case "sharding":
    throw attributeError(
      "The 'sharding' attribute is not available on \(traced) To query sharding information on "
        + "tracers, use `jax.typeof(x)`.")
  case "committed":
    throw RaisedError.concretization(
      of: value, "The 'committed' attribute is not available on \(traced)\(value.origin)")
  case "is_fully_addressable", "is_fully_replicated":
    throw RaisedError.concretization(
      of: value, "The \(name) property was called on \(traced)\(value.origin)")
  case "addressable_data", "delete", "devices", "is_deleted", "on_device_size_in_bytes", "tobytes",
    "unsafe_buffer_pointer":
    return .builtin(Builtin(named: name) { _ in throw concretization(value, name) })
  default: return nil
  }
}

private func concretization(_ value: Value, _ function: String) -> RaisedError {
  RaisedError.concretization(
    of: value,
    function == "item"
      ? "This occurred in the item() method of jax.Array"
      : """
      The \(function)() method was called on traced array with shape \
      \(value.aval.strengthened.longDescription).\(value.origin)
      """)
}

/// The elements as nested lists of Python numbers; a number for a scalar.
func nestedList(_ tensor: HostTensor) -> Object {
  func build(_ axis: Int, _ offset: Int, _ count: Int) -> Object {
    guard axis < tensor.shape.rank else { return pythonScalar(tensor[offset]) }
    let size = tensor.shape.dimensions[axis]
    guard size > 0 else { return .list([]) }
    let step = count / size
    return .list((0..<size).map { build(axis + 1, offset + $0 * step, step) })
  }
  return build(0, 0, tensor.count)
}

/// `array.item(*indices)`
func arrayItemMethod(_ value: Value, _ indices: [Object]) throws -> Object {
  guard let tensor = try concreteTensor(value) else { throw concretization(value, "item") }
  if indices.isEmpty {
    guard let item = tensor.item else {
      throw valueError("can only convert an array of size 1 to a Python scalar")
    }
    return pythonScalar(item)
  }
  let given: [Object] =
    if indices.count == 1, case .tuple(let tuple) = indices[0] { tuple.items } else { indices }
  var offset = 0
  if given.count == 1 && value.rank != 1 {
    offset = try position(given[0], tensor.count, "flat")
  } else {
    guard given.count == value.rank else {
      throw valueError("incorrect number of indices for array")
    }
    for (index, size) in zip(given, value.shape.dimensions) {
      offset = offset * size + (try position(index, size, "array"))
    }
  }
  return pythonScalar(tensor[offset])
}

func arrayTypeName(_ object: Object) -> String {
  if case .array(.tracer(let tracer)) = object { return tracer.className }
  return typeOf(object).displayName
}

/// The class of `object` as Python's own messages name it: with its module where it is written in C,
/// as arrays, dates and durations are.
func messageName(_ object: Object) -> String {
  let cls = typeOf(object)
  if case .array(.array(let array)) = object, array.aval.dtype != .key { return cls.displayName }
  return cls.module == "datetime" ? cls.displayName : cls.name
}

enum ArrayType {
  /// The class of arrays. Tracers are instances of `jax.Array` too.
  static func make() -> Class {
    Class(builtin: "ArrayImpl", base: Types.object, module: "jaxlib._jax")
  }

  /// The class of arrays of random keys.
  static func makeKeys() -> Class {
    Class(builtin: "PRNGKeyArray", base: Types.array, module: "jax._src.random.prng")
  }

  /// What arrays of keys do not do, although they are arrays.
  static let refusedByKeys: Set<String> = [
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip",
    "compress", "conj", "conjugate", "cumprod", "cumsum", "diagonal", "dot", "item", "max", "mean",
    "min", "nonzero", "prod", "ptp", "repeat", "round", "searchsorted", "sort", "std", "sum",
    "to_device", "trace", "var", "view",
  ]
}
