import HLO
import Support
import Tensor

/// An entry of the table of simplifications: what one kind of operation becomes, and when.
public struct SimplificationRule: Sendable {
  /// The kind of operation at which a rule looks.
  public enum Root: Hashable, Sendable {
    case unary(UnaryOp)
    case binary(BinaryOp)
    case compare, select, convert
    case broadcastInDim, reshape, transpose, reverse
    case slice, pad, concatenate, dynamicSlice, dynamicUpdateSlice, gather, scatter
    case reduce, dotGeneral
    case shardingConstraint
  }

  /// What a rule makes of an operation with one result, whose static type is given.
  typealias Rewriting = @Sendable (inout Rewriter, Operation, TensorType) -> Rewrite

  /// Lower case, words joined by hyphens.
  public let name: String
  /// Before and after: `x + 0 → x`.
  public let picture: String
  public let root: Root
  /// The element types of operations at which the rule has to look.
  let domain: Domain
  let rewrite: Rewriting
  /// Programs in which the rule applies.
  public let examples: [Example]

  /// A rule that is an equation between elementwise expressions; its examples are its left side, for
  /// the element types of `domain`.
  init?(_ name: String, _ equation: Equation, for domain: Domain) {
    guard let root = equation.left.root else { return nil }
    self.name = name
    self.root = root
    self.domain = equation.isUniform ? domain : .any
    picture = equation.description
    rewrite = { rewriter, operation, _ in
      equation.rewrite(operation, for: domain, in: &rewriter)
    }
    examples = domain.elementTypes.map { type in
      Example(arguments: equation.left.arguments(type)) { b in
        try equation.left.build(type, b)
      }
    }
  }

  /// A rule about operations that move elements. `example` builds the left side from the usual
  /// arguments.
  init(
    _ name: String, _ picture: String, at root: Root, _ rewrite: @escaping Rewriting,
    example: @escaping @Sendable (_ b: FunctionBuilder, _ x: ValueID) throws -> ValueID
  ) {
    self.name = name
    self.picture = picture
    self.root = root
    domain = .any
    self.rewrite = rewrite
    examples = [Example(arguments: Example.usualArguments) { b in try example(b, b.arguments[0]) }]
  }

  /// A program in which a rule applies.
  public struct Example: Sendable {
    public let arguments: [ValueType]
    private let build: @Sendable (FunctionBuilder) throws -> ValueID

    /// A matrix, another one, and two indices.
    static let usualArguments: [ValueType] = [
      .tensor([4, 6], .f32), .tensor([4, 6], .f32), .tensor(.scalar(.i32)), .tensor(.scalar(.i32)),
    ]

    init(
      arguments: [ValueType], _ build: @escaping @Sendable (FunctionBuilder) throws -> ValueID
    ) {
      self.arguments = arguments
      self.build = build
    }

    /// A module whose `@main` computes the left side of the rule.
    public func module() throws -> Module {
      let builder = FunctionBuilder(name: "main", visibility: .public, arguments: arguments)
      try builder.return([build(builder)])
      return Module(name: "example", functions: [try builder.finish()])
    }
  }
}

extension SimplificationRule.Root {
  /// The kind of `op`; `nil` where no rule looks at it.
  init?(_ op: Op) {
    switch op {
    case .unary(let op): self = .unary(op)
    case .binary(let op): self = .binary(op)
    case .compare: self = .compare
    case .select: self = .select
    case .convert: self = .convert
    case .broadcastInDim: self = .broadcastInDim
    case .reshape: self = .reshape
    case .transpose: self = .transpose
    case .reverse: self = .reverse
    case .slice: self = .slice
    case .pad: self = .pad
    case .concatenate: self = .concatenate
    case .dynamicSlice: self = .dynamicSlice
    case .dynamicUpdateSlice: self = .dynamicUpdateSlice
    case .gather: self = .gather
    case .scatter: self = .scatter
    case .reduce: self = .reduce
    case .dotGeneral: self = .dotGeneral
    case .shardingConstraint: self = .shardingConstraint
    default: return nil
    }
  }
}
