/// `numpy.s_` and `numpy.index_exp`: indexing them gives the index.
final class IndexExpression: NativeObject {
  private let alwaysTuple: Bool

  init(alwaysTuple: Bool) { self.alwaysTuple = alwaysTuple }

  nonisolated(unsafe) static let type = Class(
    builtin: "IndexExpression", base: Types.object, module: "numpy.lib.index_tricks")

  override var cls: Class { IndexExpression.type }

  override func item(_ key: Object) throws -> Object {
    if alwaysTuple {
      guard case .tuple = key else { return .tuple([key]) }
    }
    return key
  }
}
