import Core
import Support
import Syntax
import Tensor

/// `a op b` where one is an array.
func binaryArrays(_ op: BinaryOperator, _ a: Object, _ b: Object) throws -> Object? {
  throw unsupported("arithmetic of arrays")
}

func compareArrays(_ op: ComparisonOperator, _ a: Object, _ b: Object) throws -> Object? {
  throw unsupported("comparison of arrays")
}

func unaryArray(_ op: UnaryOperator, _ a: Object) throws -> Object {
  throw unsupported("arithmetic of arrays")
}

func arrayAttribute(_ value: Value, _ name: Symbol) throws -> Object? { nil }
func arrayItem(_ object: Object, _ key: Object) throws -> Object {
  throw unsupported("indexing of arrays")
}
func iterateArray(_ object: Object) throws -> ObjectIterator {
  throw unsupported("iteration over arrays")
}
func arrayContains(_ object: Object, _ element: Object) throws -> Bool {
  throw unsupported("`in` of arrays")
}
func arrayTypeName(_ object: Object) -> String { "ArrayImpl" }
func arrayRepr(_ value: Value) throws -> String { "Array" }
func arrayStr(_ value: Value) throws -> String { "Array" }
func formatArray(_ object: Object, _ specification: String) throws -> String { "Array" }
func compareDTypes(_ a: Object, _ b: Object) throws -> Bool? { nil }
func dtypeRepr(_ type: ElementType) -> String { "dtype('\(type.numpyName)')" }

enum ArrayType {
  static func make() -> Class { Class(builtin: "Array", base: Types.object, module: "jaxlib._jax") }
}

enum DTypeType {
  static func make() -> Class { Class(builtin: "dtype", base: Types.object, module: "numpy") }
}
