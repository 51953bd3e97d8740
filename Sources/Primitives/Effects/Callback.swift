import Core
import HLO
import Support
import Tensor
import Transforms

/// `debug_print`, `debug_callback`, `pure_callback`, `io_callback`: a call of the host's function.
public struct Callback: HostPrimitive {
  /// The kinds of callbacks, by the names of their primitives.
  public enum Kind: String, Sendable {
    case debugPrint = "debug_print"
    case debugCallback = "debug_callback"
    case pure = "pure_callback"
    case io = "io_callback"
  }

  /// What is called, compared by identity.
  public final class Function {
    public let run: ([Value]) throws -> [Value]
    public init(_ run: @escaping ([Value]) throws -> [Value]) { self.run = run }
  }

  public let kind: Kind
  public let function: Function
  public let resultAvals: [ShapedArray]
  /// Whether calls keep their order among one another.
  public let isOrdered: Bool
  /// What a jaxpr prints.
  public let printed: [Parameter]
  /// How `vmap` treats a pure callback: one call per element in turn (`sequential`), or one call
  /// with all elements (`expand_dims`, `broadcast_all`).
  public let vmapMethod: String?

  public init(
    _ kind: Kind, _ function: Function, resultAvals: [ShapedArray] = [], isOrdered: Bool = false,
    printed: [Parameter] = [], vmapMethod: String? = nil
  ) {
    self.kind = kind
    self.function = function
    self.resultAvals = resultAvals
    self.isOrdered = isOrdered
    self.printed = printed
    self.vmapMethod = vmapMethod
  }

  public static func == (a: Callback, b: Callback) -> Bool { a.function === b.function }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(function)) }

  public var name: String { kind.rawValue }
  public var parameters: [Parameter] { printed }

  public var effects: [Effect] {
    switch kind {
    case .debugPrint, .debugCallback: isOrdered ? [.ordered] : [.debug]
    case .pure: [.host]
    case .io: [.ordered]
    }
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { resultAvals }

  public func run(_ operands: [Value]) throws -> [Value] { try function.run(operands) }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    switch kind {
    case .debugPrint, .debugCallback: return (try bind(self, primals), [])
    case .pure, .io:
      throw RaisedError.value(
        "\(kind == .pure ? "Pure" : "IO") callbacks do not support JVP. Please use "
          + "`jax.custom_jvp` to use callbacks while taking gradients.")
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    if kind == .pure || kind == .io, let method = vmapMethod, method != "sequential" {
      let moved = try zip(operands, dims).map { operand, dim -> Value in
        if dim != nil || method == "broadcast_all" {
          return try moveBatchAxis(operand, dim, to: 0, size: size)
        }
        return try expandDims(operand, [0])
      }
      let avals = resultAvals.map { $0.with(shape: Shape([size] + $0.shape.dimensions)) }
      let batched = Callback(
        kind, function, resultAvals: avals, isOrdered: isOrdered, printed: printed,
        vmapMethod: method)
      return (try bind(batched, moved), avals.map { _ in 0 })
    }
    if (kind == .pure || kind == .io) && vmapMethod == nil {
      throw RaisedError(
        .notImplementedError,
        "vmap is only supported for pure_callback when vmap_method is specified")
    }
    // One call per element, in turn.
    var columns: [[Value]] = resultAvals.map { _ in [] }
    for index in 0..<size {
      let element = try zip(operands, dims).map { operand, dim -> Value in
        guard let dim else { return operand }
        var starts = operand.shape.dimensions.map { _ in 0 }
        var limits = operand.shape.dimensions
        starts[dim] = index
        limits[dim] = index + 1
        return try bind1(
          Squeeze([dim]), bind1(Slice(starts: starts, limits: limits), operand))
      }
      for (column, result) in try bind(self, element).enumerated() {
        columns[column].append(result)
      }
    }
    return (try columns.map { try bind(Stack(0), $0)[0] }, resultAvals.map { _ in 0 })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    throw unsupported(
      "\(name) in a function that is compiled ahead of time", at: context.builder.location.span,
      hint: "the function of the callback lives in the program that runs")
  }
}
