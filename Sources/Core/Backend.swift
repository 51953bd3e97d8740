import HLO

/// What tracing needs of a compiler. `Driver` provides it.
public protocol Backend: AnyObject {
  /// Applies one primitive to concrete arrays, on `device`: eager evaluation.
  func evaluate(
    _ primitive: any Primitive, _ operands: [DeviceArray], on device: Device
  ) throws -> [DeviceArray]

  /// Compiles a staged function for `device` before it is called.
  func prepare(_ primitive: any Primitive, on device: Device) throws

  /// What a function costs once it is compiled.
  func figures(_ jaxpr: ClosedJaxpr, name: String) throws -> CompiledFigures

  /// The text of a function after all passes, in XLA's HLO.
  func optimizedText(_ jaxpr: ClosedJaxpr, name: String) throws -> String

  /// The text of a module as it is, in XLA's HLO.
  func hloText(_ module: Module) throws -> String
}

/// The work and the memory of a compiled function.
public struct CompiledFigures: Sendable {
  /// `flops`, `bytes accessed`, … by the names that JAX gives them.
  public var cost: [(name: String, value: Double)]
  public var argumentBytes: Int
  public var resultBytes: Int
  public var temporaryBytes: Int
  /// All that is in memory at once.
  public var peakBytes: Int

  public init(
    cost: [(name: String, value: Double)], argumentBytes: Int, resultBytes: Int,
    temporaryBytes: Int, peakBytes: Int
  ) {
    self.cost = cost
    self.argumentBytes = argumentBytes
    self.resultBytes = resultBytes
    self.temporaryBytes = temporaryBytes
    self.peakBytes = peakBytes
  }
}
