import Core
import HLO

/// `device_put[copy_semantics=(…) devices=(…) srcs=(…)] x y`: arrays moved to devices, in a function
/// that is traced. Compiled code runs on one device, so that nothing moves there.
public struct DevicePut: LinearPrimitive {
  /// Where an array comes from and goes to, as it prints; `nil` where that is left open.
  public struct Move: Hashable, Sendable {
    public var source: String?
    public var target: String?
    /// Whether the result may not be the operand itself.
    public var copies = false

    public init(from source: String?, to target: String?) {
      self.source = source
      self.target = target
    }

    /// The way back, which derivatives take.
    var reversed: Move {
      var move = Move(from: target, to: source)
      move.copies = true
      return move
    }
  }

  /// One for each operand.
  public let moves: [Move]

  public init(_ moves: [Move]) { self.moves = moves }

  public var name: String { "device_put" }
  public var parameters: [Parameter] {
    func place(_ name: String?) -> ParameterValue { name.map { .symbol($0) } ?? .none }
    return [
      Parameter(
        "copy_semantics",
        .tuple(
          moves.map { .symbol("ArrayCopySemantics.\($0.copies ? "ALWAYS_COPY" : "REUSE_INPUT")") })),
      Parameter("devices", .tuple(moves.map { place($0.target) })),
      Parameter("srcs", .tuple(moves.map { place($0.source) })),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { operands }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    let moving = operands.indices.filter { operands[$0].isLinear && !cotangents[$0].isZero }
    var results = [Value?](repeating: nil, count: operands.count)
    if moving.isEmpty { return results }
    let back = try bind(
      DevicePut(moving.map { moves[$0].reversed }), moving.compactMap { cotangents[$0].value })
    for (index, value) in zip(moving, back) { results[index] = value }
    return results
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}
