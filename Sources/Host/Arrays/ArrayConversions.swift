import BigInt
import Core
import Syntax
import Tensor

/// The concrete elements behind a value; a tracer of differentiation knows them, others do not.
func concreteTensor(_ value: Value) throws -> HostTensor? {
  switch value {
  case .array(let array): try array.tensor()
  case .tracer(let tracer): try tracer.concrete?.tensor()
  }
}

/// The tracer of `value`, for messages.
private func tracer(_ value: Value) -> Tracer? {
  if case .tracer(let tracer) = value { tracer } else { nil }
}

/// `bool(array)`
func arrayTruth(_ value: Value) throws -> Bool {
  guard let tensor = try concreteTensor(value) else {
    throw RaisedError(
      .tracerBoolConversionError,
      """
      Attempted boolean conversion of traced array with shape \
      \(value.aval.strengthened.longDescription).\(tracer(value)?.origin ?? "")
      """)
  }
  guard let item = tensor.item else {
    throw valueError(
      tensor.count == 0
        ? "The truth value of an empty array is ambiguous."
        : """
        The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
        """)
  }
  switch item {
  case .bool(let value): return value
  case .int(let value): return value != 0
  case .uint(let value): return value != 0
  case .float(let value): return value != 0
  case .complex(let value): return value.real != 0 || value.imaginary != 0
  }
}

/// `operator.index(array)`, or `nil` for an array that is not a scalar of an integer type.
func arrayIndex(_ value: Value) throws -> Int? {
  guard value.rank == 0, value.dtype.isInteger || value.dtype.isBool else {
    throw typeError("Only integer scalar arrays can be converted to a scalar index.")
  }
  guard let tensor = try concreteTensor(value), let item = tensor.item else {
    throw RaisedError(
      .tracerIntegerConversionError,
      """
      The __index__() method was called on traced array with shape \
      \(value.aval.strengthened.longDescription).\(tracer(value)?.origin ?? "")
      """)
  }
  switch item {
  case .bool(let value): return value ? 1 : 0
  case .int(let value): return Int(value)
  case .uint(let value): return Int(clamping: value)
  case .float, .complex: return nil
  }
}

/// The single element of `value`, for a conversion to a Python number.
private func scalar(_ value: Value, _ function: String) throws -> Scalar {
  guard let tensor = try concreteTensor(value) else {
    throw RaisedError(
      .concretizationTypeError,
      """
      Abstract tracer value encountered where concrete value is expected: traced array with shape \
      \(value.aval.strengthened.longDescription)
      The problem arose with the `\(function)` function. \
      \(tracer(value)?.origin ?? "")
      """)
  }
  guard let item = tensor.item else {
    throw typeError(
      "Only scalar arrays can be converted to Python scalars; got arr.ndim=\(value.rank)")
  }
  if value.rank > 0 {
    throw typeError(
      "Only scalar arrays can be converted to Python scalars; got arr.ndim=\(value.rank)")
  }
  return item
}

/// `float(array)`
func arrayDouble(_ value: Value) throws -> Double {
  switch try scalar(value, "float") {
  case .bool(let value): return value ? 1 : 0
  case .int(let value): return Double(value)
  case .uint(let value): return Double(value)
  case .float(let value): return value
  case .complex: throw typeError("can't convert complex to float")
  }
}

/// `int(array)`
func arrayInteger(_ value: Value) throws -> Object {
  switch try scalar(value, "int") {
  case .bool(let value): return .int(value ? 1 : 0)
  case .int(let value): return .int(Int(value))
  case .uint(let value): return Object(BigInt(value))
  case .float(let value): return try IntegerType.convert(.float(value), base: nil)
  case .complex: throw typeError("can't convert complex to int")
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
