import Core
import Syntax
import Tensor

/// The part of `_native` that concerns arrays: dtypes, promotion, constants, tests.
enum ArrayModule {
  static func define(in module: ModuleObject) {
    module["Array"] = .native(ArrayKind())
    defineTypes(in: module)
    definePromotion(in: module)
    defineConstants(in: module)
    defineTests(in: module)
    defineIndices(in: module)
    defineKeys(in: module)
    ArrayPrinting.define(in: module)
    Enumerations.define(in: module)
  }

  /// The dtype of an operand or the one that an object names.
  static func dtype(_ object: Object) throws -> DType {
    switch object {
    case .type, .str, .dtype: return DType(try elementType(object))
    // Of any size.
    case .int, .big: return DType(Promotion.defaultInteger(x64: Configuration.x64), isWeak: true)
    default:
      if let operand = try Operand(object) { return operand.dtype }
      return DType(try elementType(object))
    }
  }
}
