import BigInt
import Core
import Tensor

/// The concrete elements behind a value; a tracer of differentiation knows them, others do not.
func concreteTensor(_ value: Value) throws -> HostTensor? {
  switch value {
  case .array(let array): try array.tensor()
  case .tracer(let tracer): try tracer.concrete?.tensor()
  }
}

/// `bool(array)`
func arrayTruth(_ value: Value) throws -> Bool {
  if value.dtype == .key { throw typeError("key array cannot be converted to boolean.") }
  guard let tensor = try concreteTensor(value) else {
    // More than one element has no truth value, whatever the elements are.
    guard value.shape.count == 1 else { throw ambiguousTruth(of: value) }
    throw RaisedError.documented(
      .tracerBoolConversionError,
      """
      Attempted boolean conversion of traced array with shape \
      \(value.aval.strengthened.longDescription).\(value.origin)
      """)
  }
  guard let item = tensor.item else {
    throw ambiguousTruth(of: value)
  }
  switch item {
  case .bool(let value): return value
  case .int(let value): return value != 0
  case .uint(let value): return value != 0
  case .float(let value): return value != 0
  case .complex(let value): return value.real != 0 || value.imaginary != 0
  }
}

private func ambiguousTruth(of value: Value) -> Raised {
  valueError(
    value.shape.count == 0
      ? """
      The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array \
      is not empty.
      """
      : """
      The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
      """)
}

/// `operator.index(array)`, or `nil` for an array that is not a scalar of an integer type.
func arrayIndex(_ value: Value) throws -> Int? {
  guard value.rank == 0, value.dtype.isInteger else {
    throw typeError("Only integer scalar arrays can be converted to a scalar index.")
  }
  guard let tensor = try concreteTensor(value), let item = tensor.item else {
    throw RaisedError.documented(
      .tracerIntegerConversionError,
      """
      The __index__() method was called on traced array with shape \
      \(value.aval.strengthened.longDescription)\(value.origin)
      """)
  }
  switch item {
  case .int(let value): return Int(value)
  case .uint(let value): return Int(clamping: value)
  case .bool, .float, .complex: return nil
  }
}

/// The single element of `value`, for a conversion to a Python number.
///
/// A tracer of differentiation tells `int` what it stands for, but not `float` and `complex`.
private func scalar(_ value: Value, _ function: String) throws -> Scalar {
  if value.dtype == .key {
    switch function {
    case "float":
      throw typeError("float() argument must be a string or a real number, not 'PRNGKeyArray'")
    case "int":
      throw typeError(
        "int() argument must be a string, a bytes-like object or a real number, not 'PRNGKeyArray'")
    default:
      throw typeError("complex() first argument must be a string or a number, not 'PRNGKeyArray'")
    }
  }
  let known = function == "int" ? try concreteTensor(value) : try value.concrete?.tensor()
  guard let tensor = known else {
    guard value.rank == 0 else { throw notScalar(value) }
    throw RaisedError.concretization(
      of: value,
      """
      The problem arose with the `\(function)` function. If trying to convert the data type of a \
      value, try using `x.astype(\(function))` or `jnp.array(x, \(function))` instead.
      """)
  }
  guard value.rank == 0, let item = tensor.item else { throw notScalar(value) }
  return item
}

private func notScalar(_ value: Value) -> Raised {
  typeError("Only scalar arrays can be converted to Python scalars; got arr.ndim=\(value.rank)")
}

/// `float(array)`
func arrayDouble(_ value: Value) throws -> Double {
  switch try scalar(value, "float") {
  case .bool(let value): return value ? 1 : 0
  case .int(let value): return Double(value)
  case .uint(let value): return Double(value)
  case .float(let value): return value
  case .complex:
    throw typeError("float() argument must be a string or a real number, not 'complex'")
  }
}

/// `int(array)`
func arrayInteger(_ value: Value) throws -> Object {
  switch try scalar(value, "int") {
  case .bool(let value): return .int(value ? 1 : 0)
  case .int(let value): return .int(Int(value))
  case .uint(let value): return Object(BigInt(value))
  case .float(let value): return try IntegerType.convert(.float(value), base: nil)
  case .complex:
    throw typeError(
      "int() argument must be a string, a bytes-like object or a real number, not 'complex'")
  }
}

/// `complex(array)`
func arrayComplex(_ value: Value) throws -> ComplexNumber {
  switch try scalar(value, "complex") {
  case .bool(let value): ComplexNumber(value ? 1 : 0, 0)
  case .int(let value): ComplexNumber(Double(value), 0)
  case .uint(let value): ComplexNumber(Double(value), 0)
  case .float(let value): ComplexNumber(value, 0)
  case .complex(let value): ComplexNumber(value.real, value.imaginary)
  }
}

/// One element as a Python value: what `tolist` and `item` make.
func pythonScalar(_ scalar: Scalar) -> Object {
  switch scalar {
  case .bool(let value): .bool(value)
  case .int(let value): .int(Int(value))
  case .uint(let value): Object(BigInt(value))
  case .float(let value): .float(value)
  case .complex(let value): .complex(value.real, value.imaginary)
  }
}
