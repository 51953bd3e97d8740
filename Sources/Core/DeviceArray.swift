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
  /// Where the array lives, and whether the program put it there.
  public let placement: Placement
  /// The Python number that a literal was made of, while it keeps its weak type: what a jaxpr
  /// prints. `12.3` has fewer digits than its nearest `float32`.
  public let pythonNumber: Double?
  /// The elements in the memory of the host, once somebody has looked at them.
  private var host: HostTensor?
  /// The elements in the memory of a GPU, if they are there.
  public private(set) var remote: (any DeviceMemory)?

  public init(
    _ tensor: HostTensor, weakType: Bool = false, isLiteral: Bool = false,
    placement: Placement = Devices.standard, pythonNumber: Double? = nil, isResidual: Bool = false,
    isPythonScalar: Bool = false
  ) {
    aval = ShapedArray(tensor.shape, tensor.type, weakType: weakType)
    self.isLiteral = isLiteral
    isInline = isLiteral && !(Trace.current is EvalTrace)
    self.placement = placement
    self.isResidual = isResidual
    self.isPythonScalar = isPythonScalar
    self.pythonNumber = pythonNumber
    host = tensor
  }

  /// An array that a GPU computes. It may not have done so yet.
  public init(_ remote: any DeviceMemory, _ aval: ShapedArray, placement: Placement) {
    self.aval = aval
    self.placement = placement
    self.remote = remote
    isLiteral = false
    isInline = false
    isResidual = false
    isPythonScalar = false
    pythonNumber = nil
  }

  /// The same elements elsewhere.
  public func placed(_ placement: Placement) throws -> DeviceArray {
    if host == nil, let remote { return DeviceArray(remote, aval, placement: placement) }
    let copy = DeviceArray(try tensor(), weakType: aval.weakType, placement: placement)
    copy.remote = remote
    return copy
  }

  /// Remembers that a GPU has the elements, too.
  public func keep(_ remote: any DeviceMemory) { self.remote = remote }

  /// Waits until the elements are computed.
  ///
  /// - Throws: `RuntimeError` where the GPU has failed.
  public func wait() throws {
    if isDeleted {
      throw RaisedError(
        .jaxRuntimeError,
        "INVALID_ARGUMENT: BlockHostUntilReady() called on deleted or donated buffer")
    }
    if host == nil { try RaisedError.byDevice { try remote?.wait() } }
  }

  /// The elements.
  ///
  /// - Throws: `RuntimeError` if the array was deleted or donated, or the GPU has failed.
  public func tensor() throws -> HostTensor {
    if let host { return host }
    guard let remote else {
      throw RaisedError(
        .runtimeError, "Array has been deleted with shape=\(aval.longDescription).")
    }
    let buffer = try RaisedError.byDevice { try remote.download() }
    let tensor = HostTensor(type: aval.dtype, shape: aval.shape, buffer: buffer)
    host = tensor
    return tensor
  }

  /// Are the elements in the memory of a GPU alone? To look at them is to wait for them.
  public var isRemote: Bool { host == nil && remote != nil }

  public var isDeleted: Bool { host == nil && remote == nil }

  /// Gives the memory back; later uses raise `RuntimeError`.
  public func delete() {
    host = nil
    remote = nil
  }
}

/// The bytes of an array in the memory of a GPU.
public protocol DeviceMemory: AnyObject {
  /// Copies them to the host, when they are computed.
  func download() throws -> Buffer

  /// Returns when they are computed.
  func wait() throws
}
