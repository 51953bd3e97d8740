import Core
import Support
import Tensor

extension ArrayModule {
  /// Seeds and keys of random numbers.
  static func defineKeys(in module: ModuleObject) {
    module.def("seed_value(seed)") { a in
      guard case .int(let seed)? = a[0] else {
        if case .big? = a[0] {
          throw overflowError("Python int too large to convert to C long")
        }
        return .array(try asArray(a[0] ?? .none))
      }
      // The seed as an integer of the default width, its upper bits cut off.
      let type = Promotion.defaultInteger(x64: Configuration.x64)
      let kept = Configuration.x64 ? Int64(seed) : Int64(Int32(truncatingIfNeeded: seed))
      return .array(.literal(HostTensor(.int(kept), type: type)))
    }
    module.def("fold_in_data(data)") { a in
      if case .int(let data)? = a[0] {
        guard let data = UInt32(exactly: data) else {
          throw overflowError("Python integer \(data) out of bounds for uint32")
        }
        return .array(.literal(HostTensor(.uint(UInt64(data)), type: .u32)))
      }
      return .array(try converting(asArray(a[0] ?? .none), to: DType(.u32)))
    }
    module.def("prng_impl(name)") { a in
      switch a[0] {
      case nil, .some(.none): return .str("threefry2x32")
      case .str(let name)? where name.text == "threefry2x32": return .str(name)
      case .str(let name)? where !["rbg", "unsafe_rbg"].contains(name.text):
        throw valueError(
          "unrecognized PRNG implementation \"\(name.text)\". Did you mean one of: \"philox2x32\", "
            + "\"philox4x32\", \"threefry2x32\", \"rbg\", \"unsafe_rbg\", \"threefry4x32\"?")
      case let other?:
        throw unsupported("the generator \(try repr(other)) of random numbers")
      }
    }
    module.def("prng_key_shape(impl)") { _ in .ints([2]) }
    module.def("key_impl(key)") { _ in .str("threefry2x32") }
  }
}
