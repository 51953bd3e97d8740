import Tensor

/// A concrete array: a buffer with its aval. A reference, because donation and deletion need
/// identity, and because a jaxpr captures a constant once however often it is used.
public final class DeviceArray {
  public let aval: ShapedArray
  /// Whether this is a 0-d constant of the program text (a Python or NumPy scalar).
  public let isLiteral: Bool
  /// Whether this is a literal that was met while a function is traced, which a jaxpr prints in
  /// line. One from outside, such as a global `jnp.float32(2)`, is an array like others.
  public let isInline: Bool
  /// Whether a linear function takes this literal as a residual instead of holding it: JAX makes
  /// it with an operation.
  public let isResidual: Bool
  /// Whether this stands for a number of Python that a transformation was given: where it comes
  /// back unchanged, the program sees that number.
  public let isPythonScalar: Bool
  /// Whether the program put the array on its device explicitly.
  public let isCommitted: Bool
  /// The Python number that a literal was made of, while it keeps its weak type: what a jaxpr
  /// prints. `12.3` has fewer digits than its nearest `float32`.
  public let pythonNumber: Double?
  private var storage: HostTensor?

  public init(
    _ tensor: HostTensor, weakType: Bool = false, isLiteral: Bool = false,
    isCommitted: Bool = false, pythonNumber: Double? = nil, isResidual: Bool = false,
    isPythonScalar: Bool = false
  ) {
    aval = ShapedArray(tensor.shape, tensor.type, weakType: weakType)
    self.isLiteral = isLiteral
    isInline = isLiteral && !(Trace.current is EvalTrace)
    self.isCommitted = isCommitted
    self.isResidual = isResidual
    self.isPythonScalar = isPythonScalar
    self.pythonNumber = pythonNumber
    storage = tensor
  }

  /// The elements.
  ///
  /// - Throws: `RuntimeError` if the array was deleted or donated.
  public func tensor() throws -> HostTensor {
    guard let storage else {
      throw RaisedError(
        .runtimeError, "Array has been deleted with shape=\(aval.longDescription).")
    }
    return storage
  }

  public var isDeleted: Bool { storage == nil }

  /// Gives the memory back; later uses raise `RuntimeError`.
  public func delete() { storage = nil }
}
