import Core
import Host
import Support
import Tensor

extension ArgumentType {
  /// The argument as tracing wants it; files are read here.
  func entryArgument() throws -> (name: String?, value: Evaluator.EntryArgument) {
    switch value {
    case .type(let aval): return (name, .type(aval))
    case .expression(let text): return (name, .expression(text))
    case .file(let path):
      let bytes = try readFile(path)
      func aval(_ tensor: HostTensor) -> ShapedArray {
        ShapedArray(tensor.shape, Promotion.canonicalize(tensor.type, x64: false))
      }
      if path.hasSuffix(".npy") { return (name, .type(aval(try Npy.decode(bytes)))) }
      return (name, .archive(try Npz.decode(bytes).map { ($0.name, aval($0.tensor)) }))
    }
  }
}
