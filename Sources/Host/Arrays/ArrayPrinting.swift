import Core
import Tensor

/// How arrays print, as `jnp.set_printoptions` says.
enum ArrayPrinting {
  nonisolated(unsafe) static var options = PrintOptions()
}

/// `repr(array)`
func arrayRepr(_ value: Value) throws -> String {
  switch value {
  case .array(let array):
    if array.isPythonScalar {
      let name = value.dtype.isInteger ? "TypedInt" : "TypedFloat"
      let number = try repr(handedBack(value))
      return "\(name)(\(number), dtype=\(value.dtype.numpyName))"
    }
    return try array.tensor().jaxRepr(weakType: value.aval.weakType, ArrayPrinting.options)
  case .tracer(let tracer): return tracer.description
  }
}

/// `str(array)`
func arrayStr(_ value: Value) throws -> String {
  switch value {
  case .array(let array): try array.tensor().text(ArrayPrinting.options)
  case .tracer(let tracer): tracer.description
  }
}

/// `format(array, specification)`: a concrete scalar formats as the Python number.
func formatArray(_ object: Object, _ specification: String) throws -> String {
  guard case .array(let value) = object else { return "" }
  guard value.rank == 0, case .array(let array) = value, let item = try array.tensor().item,
    value.dtype != .key
  else {
    if specification.isEmpty { return try arrayStr(value) }
    let name = value.concrete == nil ? arrayTypeName(object) : "numpy.ndarray"
    throw typeError("unsupported format string passed to \(name).__format__")
  }
  return try format(pythonScalar(item), specification)
}
