import Core
import Tensor

/// A family of dtypes that a primitive takes, by the name of NumPy's abstract type.
enum TypeFamily: String {
  case bool, integer, signedinteger, floating, complexfloating, number, float32, float64

  func contains(_ dtype: ElementType) -> Bool {
    switch self {
    case .bool: dtype.isBool
    case .integer: dtype.isInteger
    case .signedinteger: dtype.isInteger && dtype.isSigned
    case .floating: dtype.isFloat
    case .complexfloating: dtype.isComplex
    case .number: dtype.isNumeric
    case .float32: dtype == .f32
    case .float64: dtype == .f64
    }
  }
}

extension [TypeFamily] {
  static let numeric: [TypeFamily] = [.integer, .floating, .complexfloating]
  static let comparable: [TypeFamily] = [.integer, .bool, .floating, .complexfloating]
  static let inexact: [TypeFamily] = [.floating, .complexfloating]
}

/// Checks that every operand has a dtype of one of `families`. The text is that of JAX's
/// `naryop_dtype_rule`: with several operands it says which one does not fit.
func require(
  _ operands: [ShapedArray], in families: [TypeFamily], for primitive: String
) throws {
  for (position, operand) in operands.enumerated()
  where !families.contains(where: { $0.contains(operand.dtype) }) {
    let place = operands.count > 1 ? " at position \(position)" : ""
    let names = families.map(\.rawValue).joined(separator: ", ")
    throw RaisedError.type(
      "\(primitive) does not accept dtype \(operand.dtype.numpyName)\(place). Accepted dtypes"
        + "\(place) are subtypes of \(names).")
  }
}

/// Refuses keys, which are no numbers, in the words of NumPy, as JAX does.
func refuseKeys(_ operands: [ShapedArray]) throws {
  guard operands.allSatisfy({ $0.dtype != .key }) else {
    throw RaisedError.type("Cannot interpret 'key<fry>' as a data type")
  }
}

/// Refuses keys where the least or the greatest element is looked for.
func requireOrder(_ operand: ShapedArray, for function: String) throws {
  guard operand.dtype != .key else {
    throw RaisedError.value("Unsupported dtype for \(function): key<fry>")
  }
}

/// Checks that all operands have one dtype.
func requireEqualTypes(_ operands: [ShapedArray], for primitive: String) throws {
  guard operands.dropFirst().allSatisfy({ $0.dtype == operands[0].dtype }) else {
    let tip =
      promotingFunctions[primitive].map {
        " (Tip: jnp.\($0) is a similar function that does automatic type promotion on inputs)."
      } ?? ""
    throw RaisedError.type(
      "lax.\(primitive) requires arguments to have the same dtypes, got "
        + operands.map(\.dtype.numpyName).joined(separator: ", ") + "." + tip)
  }
}

/// The functions of `jax.numpy` that do what a primitive does, after promotion.
private let promotingFunctions = [
  "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "max": "maximum",
  "min": "minimum", "eq": "equal", "ne": "not_equal", "select": "where", "dot": "dot",
  "shift_left": "left_shift", "concatenate": "concatenate",
]
