import Core
import HLO
import Tensor

/// `name[name=…] x`: `x`, under a name that the policies of `jax.checkpoint` know.
public struct Name: Elementwise {
  public let label: String

  public init(_ reader: ParameterReader) throws { label = try reader.string("name") }

  public var name: String { "name" }
  public var parameters: [Parameter] { [Parameter("name", .string(label))] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType { operands[0].dtype }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), tangents)
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    [cotangents[0].value]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}
