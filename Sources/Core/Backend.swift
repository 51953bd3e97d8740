import Tensor

/// What tracing needs of a compiler. `Driver` provides it.
public protocol Backend: AnyObject {
  /// Applies one primitive to concrete arrays: eager evaluation.
  func evaluate(_ primitive: any Primitive, _ operands: [DeviceArray]) throws -> [DeviceArray]

  /// Runs a staged function on concrete arrays, compiling it when it is met first. `donated`
  /// tells which operands may be overwritten.
  func call(_ jaxpr: ClosedJaxpr, name: String, _ operands: [DeviceArray], donated: [Bool]) throws
    -> [DeviceArray]
}
