import HLO
import Tensor

/// An operation that programs are made of, with its typed parameters and all of its rules.
///
/// One file per family in `Primitives` defines the types; a missing rule does not compile. Rules
/// are written over `Value`s and bind again, so the same rule serves eager evaluation, staging and
/// any nesting of transformations. Families share rules through the refinements in
/// `Primitive+Families.swift`. JAX's `Primitive` and its rule tables.
public protocol Primitive: Hashable {
  /// The mnemonic, as in jaxprs.
  var name: String { get }

  /// What locations call it inside of the scopes and transformations in `names`:
  /// `jvp(layer)/sin`.
  func path(in names: NameStack) -> String

  /// The parameters that a jaxpr prints, in JAX's own order (printing sorts them).
  var parameters: [Parameter] { get }

  /// The same for operands of these types, where what is printed depends on them.
  func parameters(for operands: [ShapedArray]) -> [Parameter]

  /// All parameters in JAX's order: also those that a jaxpr does not print, since they say nothing.
  func allParameters(for operands: [ShapedArray]) -> [Parameter]

  /// Whether the results are a list even if there is only one, as for `split` and `sort`.
  var returnsList: Bool { get }

  /// Typing: the avals of the results.
  ///
  /// - Throws: `TypeError` or `ValueError` in JAX's words.
  func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray]

  /// Effects that keep an equation alive and in order; none unless the primitive says so.
  var effects: [Effect] { get }

  /// The results where staging needs no equation for them: operands that pass unchanged, and numbers
  /// computed from numbers of the program's text. JAX's forwarding and constant folding rules.
  func folded(_ operands: [Value]) throws -> [Value]?

  /// Forward-mode differentiation: results and their tangents.
  func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  )

  /// Transposition: the cotangents of the linear operands (`nil` elsewhere or where zero), from
  /// those of the results. Called only if the primitive is linear in `.linear` operands.
  func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?]

  /// Vectorisation: `dims[i]` is the mapped axis of operand `i`, `nil` if it is not mapped; at
  /// least one is. Returns the results with their mapped axes.
  func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  )

  /// Lowering to StableHLO.
  func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID]
}

extension Primitive {
  public func path(in names: NameStack) -> String { names.path(to: name) }
  public func parameters(for operands: [ShapedArray]) -> [Parameter] { parameters }
  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    parameters(for: operands)
  }
  public var returnsList: Bool { false }
  public var effects: [Effect] { [] }
  public func folded(_ operands: [Value]) throws -> [Value]? { nil }

  /// Typing for arrays that can exist: what `abstractEval` says, with its sizes checked.
  ///
  /// - Throws: `TypeError` for a negative extent, in JAX's words, and for more bytes than `Int` can
  ///   count; what `abstractEval` throws.
  public func resultAvals(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let avals = try abstractEval(operands)
    for aval in avals {
      let extents = ParameterValue.ints(aval.shape.dimensions)
      if aval.shape.dimensions.contains(where: { $0 < 0 }) {
        throw RaisedError.type(
          "\(name) shape must have every element be nonnegative, got \(extents).")
      }
      if aval.shape.byteCount(of: aval.dtype) == nil {
        throw RaisedError.type("\(name) shape \(extents) has too many elements.")
      }
    }
    return avals
  }
}

/// A primitive that carries jaxprs (`jit`, `cond`, `scan`, `while`, …). Linearisation splits it
/// into a part that runs now and a part that is linear in the tangents.
public protocol HigherOrderPrimitive: Primitive {
  /// Runs the primal part in the current trace and returns the results with, for each result that
  /// depends on the nonzero tangents, its tangent aval; `tangentFunction` maps the nonzero
  /// tangents to those tangents, binding linear equations only.
  func linearize(_ primals: [Value], nonzero: [Bool]) throws -> Linearization
}

/// What linearisation of a higher-order primitive returns.
public struct Linearization {
  public var primals: [Value]
  /// Which results have a nonzero tangent.
  public var nonzero: [Bool]
  /// From the nonzero tangents of the operands to the nonzero tangents of the results.
  public var tangentFunction: FlatFunction

  public init(
    primals: [Value], nonzero: [Bool], tangentFunction: @escaping FlatFunction
  ) {
    self.primals = primals
    self.nonzero = nonzero
    self.tangentFunction = tangentFunction
  }
}

/// A primitive that can run on the host, equation by equation: callbacks, and what contains them.
public protocol HostPrimitive: Primitive {
  /// The results for operands that are concrete.
  func run(_ operands: [Value]) throws -> [Value]
}

/// What an equation does besides computing its results.
public enum Effect: Hashable, Sendable {
  /// `debug.print` and other callbacks: kept, and kept in order.
  case debug
  /// A callback that the program orders explicitly.
  case ordered
  /// A call of the host without a side effect: dropped where its results are not used.
  case host
}
