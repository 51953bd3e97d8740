import Core
import HLO
import Support
import Tensor
import Transforms

// Both `Core` and `HLO` have values; what a rule is written over is Core's.
public typealias Value = Core.Value

// The vocabulary that rules are written in: each binds one primitive.

func add(_ a: Value, _ b: Value) throws -> Value { try bind1(Binary(.add), a, b) }
func sub(_ a: Value, _ b: Value) throws -> Value { try bind1(Binary(.sub), a, b) }
func mul(_ a: Value, _ b: Value) throws -> Value { try bind1(Binary(.mul), a, b) }
func div(_ a: Value, _ b: Value) throws -> Value { try bind1(Binary(.div), a, b) }
func neg(_ a: Value) throws -> Value { try bind1(Unary(.neg), a) }
func exp(_ a: Value) throws -> Value { try bind1(Unary(.exp), a) }
func log(_ a: Value) throws -> Value { try bind1(Unary(.log), a) }
func square(_ a: Value) throws -> Value { try bind1(Unary(.square), a) }
func rsqrt(_ a: Value) throws -> Value { try bind1(Unary(.rsqrt), a) }
func sign(_ a: Value) throws -> Value { try bind1(Unary(.sign), a) }
func integerPow(_ a: Value, _ y: Int) throws -> Value { try bind1(IntegerPow(y), a) }

func compare(_ a: Value, _ direction: Comparison.Direction, _ b: Value) throws -> Value {
  try bind1(Comparison(direction), a, b)
}

/// `onTrue` where `predicate` holds, else `onFalse`.
func select(_ predicate: Value, _ onTrue: Value, _ onFalse: Value) throws -> Value {
  try bind1(SelectN(), predicate, onFalse, onTrue)
}

func convert(_ a: Value, to dtype: ElementType, weakType: Bool = false) throws -> Value {
  try bind1(ConvertElementType(dtype, weakType: weakType), a)
}

/// The constant `number` with the dtype and weakness of `like`, as a scalar.
func constant(_ number: Double, like: Value) -> Value {
  .literal(number, like.dtype, weakType: like.aval.weakType)
}

/// Zeros (or another number) of the type of `like`.
func full(_ number: Double, like: Value) throws -> Value {
  try full(number, like.aval)
}

func full(_ number: Double, _ aval: ShapedArray) throws -> Value {
  let scalar = Value.literal(number, aval.dtype, weakType: aval.weakType)
  return aval.rank == 0
    ? scalar : try bind1(BroadcastInDim(shape: aval.shape, dimensions: []), scalar)
}
