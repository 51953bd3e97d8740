import Support

/// An error that the program can catch: tracing and array operations raise it.
public struct RaisedError: Error, Sendable {
  /// The Python exception type that the program sees.
  public enum Kind: String, Sendable {
    case typeError = "TypeError"
    case valueError = "ValueError"
    case indexError = "IndexError"
    case attributeError = "AttributeError"
    case notImplementedError = "NotImplementedError"
    case runtimeError = "RuntimeError"
    /// A `RuntimeError` of what runs compiled code.
    case jaxRuntimeError = "JaxRuntimeError"
    case assertionError = "AssertionError"
    case nameError = "NameError"
    case floatingPointError = "FloatingPointError"
    case concretizationTypeError = "ConcretizationTypeError"
    case tracerBoolConversionError = "TracerBoolConversionError"
    case tracerIntegerConversionError = "TracerIntegerConversionError"
    case tracerArrayConversionError = "TracerArrayConversionError"
    case nonConcreteBooleanIndexError = "NonConcreteBooleanIndexError"
    case unexpectedTracerError = "UnexpectedTracerError"
  }

  public var kind: Kind
  public var message: String
  /// The number that was refused, where that is what went wrong.
  public var invalidValue: InvalidValue?

  public init(_ kind: Kind, _ message: String, invalidValue: InvalidValue? = nil) {
    self.kind = kind
    self.message = message
    self.invalidValue = invalidValue
  }

  /// Runs `body`; what the processor or a device says that went wrong is an error that the program can
  /// catch.
  public static func byDevice<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as Diagnostic {
      throw RaisedError(.jaxRuntimeError, error.message)
    }
  }

  /// An error of JAX's own, which names the page about it.
  public static func documented(_ kind: Kind, _ message: String) -> RaisedError {
    RaisedError(
      kind, "\(message)\nSee https://docs.jax.dev/en/latest/errors.html#jax.errors.\(kind.rawValue)"
    )
  }

  /// `value` is a tracer where a concrete value is needed; `context` says for what.
  public static func concretization(of value: Value, _ context: String) -> RaisedError {
    documented(
      .concretizationTypeError,
      """
      Abstract tracer value encountered where concrete value is expected: traced array with shape \
      \(value.aval.strengthened.longDescription)
      \(context)\(value.origin)

      """)
  }

  public static func type(_ message: String) -> RaisedError { RaisedError(.typeError, message) }
  public static func value(_ message: String) -> RaisedError { RaisedError(.valueError, message) }
}
