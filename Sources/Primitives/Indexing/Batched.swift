import Core
import Tensor
import Transforms

extension DynamicSlice {
  func batchedAsGather(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) { throw RaisedError(.notImplementedError, "vmap of dynamic_slice with mapped starts") }
}

extension DynamicUpdateSlice {
  func batchedAsScatter(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) { throw RaisedError(.notImplementedError, "vmap of dynamic_update_slice with mapped starts") }
}
