/// An interpretation of primitives: evaluation, staging, differentiation, batching.
///
/// `bind` goes to the current trace. A trace that transforms binds again in its parent, with
/// `Trace.current` set to it, so that rules are written once and nest freely. JAX's `Trace`.
open class Trace {
  /// The trace that `bind` goes to. The evaluator runs on one thread at a time.
  public nonisolated(unsafe) static var current: Trace = EvalTrace.shared

  /// Where tracing is in the source, for jaxprs and errors.
  public nonisolated(unsafe) static var source = SourceInfo()

  /// False once the traced function has returned: a tracer of it has leaked.
  public internal(set) var isLive = true

  public init() {}

  /// Applies `primitive` to `operands`.
  open func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    fatalError("Trace.bind is abstract")
  }

  /// Calls a function that has its own forward-mode rule.
  open func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    fatalError("Trace.bindCustomJVP is abstract")
  }

  /// Calls a function that has its own reverse-mode rule.
  open func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    fatalError("Trace.bindCustomVJP is abstract")
  }

  /// `array`, which the program makes from numbers of its own, as a value of this trace: what a
  /// function makes while it is staged is traced, like all that it computes. JAX's `Trace.pure`.
  open func pure(_ array: DeviceArray) -> Value { .array(array) }

  /// What is traced and why, where that is known: `f at FILE:LINE traced for jit`.
  open var sourceDescription: String? { nil }

  /// Runs `body` with this trace as the current one.
  public func withCurrent<Result>(_ body: () throws -> Result) rethrows -> Result {
    let saved = Trace.current
    Trace.current = self
    defer { Trace.current = saved }
    return try body()
  }

  /// Marks the end of the traced function.
  public func invalidate() { isLive = false }
}

/// A stand-in for an array while a function is traced. JAX's `Tracer`.
open class Tracer {
  public let aval: ShapedArray
  public let trace: Trace

  public init(_ aval: ShapedArray, _ trace: Trace) {
    self.aval = aval
    self.trace = trace
  }

  /// The name of its class in JAX.
  open var className: String { "Tracer" }

  /// As JAX prints it, for example `JitTracer(float32[3])`.
  open var description: String { "Tracer(\(aval.longDescription))" }

  /// The concrete value, where the trace knows it (differentiation of concrete values does).
  open var concrete: DeviceArray? { nil }

  /// The array that this stands for, if the program made it from numbers while it was traced.
  open var constant: DeviceArray? { nil }

  /// What the value was made from, for messages; starts a line of its own.
  open var origin: String { "" }
}

/// Applies `primitive` to `operands` under the current trace.
public func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
  try Trace.current.bind(primitive, operands)
}

/// Applies a primitive that has one result.
public func bind1(_ primitive: any Primitive, _ operands: Value...) throws -> Value {
  try Trace.current.bind(primitive, operands)[0]
}

/// Evaluation: every operand is concrete, and the backend computes the result at once.
public final class EvalTrace: Trace {
  public nonisolated(unsafe) static let shared = EvalTrace()

  /// What computes; `Driver` sets it before a program runs.
  public nonisolated(unsafe) static var backend: (any Backend)?

  public override func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    if let primitive = primitive as? any HostPrimitive, !primitive.effects.isEmpty {
      return try primitive.run(operands)
    }
    var arrays: [DeviceArray] = []
    arrays.reserveCapacity(operands.count)
    for operand in operands {
      switch operand {
      case .array(let array): arrays.append(array)
      case .tracer(let tracer): throw leakedTracer(tracer)
      }
    }
    let placement =
      try EvalTrace.forced
      ?? Placement(of: arrays) { operandName($0, of: primitive.name) }
    let results = try EvalTrace.evaluate(primitive, arrays, at: placement)
    if InvalidValues.areRefused { try InvalidValues.check(results, of: primitive) }
    return results.map { .array($0) }
  }

  /// Where everything runs at the moment, wherever its operands are: a jitted function may name its
  /// device.
  public nonisolated(unsafe) static var forced: Placement?

  /// Applies `primitive` to arrays, on the device of `placement`, where the results are.
  private static func evaluate(
    _ primitive: any Primitive, _ operands: [DeviceArray], at placement: Placement
  ) throws -> [DeviceArray] {
    guard let backend else {
      throw RaisedError(.runtimeError, "no backend to evaluate \(primitive.name)")
    }
    let results = try backend.evaluate(primitive, operands, on: placement.device)
    if placement == Devices.standard { return results }
    return try results.map { try $0.placed(placement) }
  }

  public override func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    try call.function(operands)
  }

  public override func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    try call.function(operands)
  }
}

/// The error for a tracer that is used outside the trace that made it.
public func leakedTracer(_ tracer: Tracer) -> RaisedError {
  let source = tracer.trace.sourceDescription.map {
    "\nThe function being traced when the value leaked was \($0)."
  }
  return RaisedError(
    .unexpectedTracerError,
    """
    Encountered an unexpected tracer. A function transformed by JAX had a side effect, allowing \
    for a reference to an intermediate value with type \
    \(tracer.aval.strengthened.longDescription) wrapped in a \(tracer.className) to escape the \
    scope of the transformation.
    JAX transformations require that functions explicitly return their outputs, and disallow \
    saving intermediate values to global state.\(source ?? "")
    To catch the leak earlier, try setting the environment variable JAX_CHECK_TRACER_LEAKS or \
    using the `jax.checking_leaks` context manager.
    See https://docs.jax.dev/en/latest/errors.html#jax.errors.UnexpectedTracerError
    """)
}
