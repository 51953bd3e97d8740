import HLO
import Support
import Tensor

/// Arrays that `--input` gives to a module: `@x.npy`, `@all.npz`, or `2x3xf32=1.5`.
public enum ModuleInput: Sendable {
  case file(String)
  case array(HostTensor)

  public init(parsing text: String) throws {
    self =
      text.hasPrefix("@")
      ? .file(String(text.dropFirst())) : .array(try Constant(parsingInput: text).tensor)
  }

  /// The arrays, in order.
  func tensors() throws -> [HostTensor] {
    switch self {
    case .array(let tensor): return [tensor]
    case .file(let path):
      let bytes = try readFile(path)
      // An archive begins with "PK".
      return bytes.starts(with: [0x50, 0x4B])
        ? try Npz.decode(bytes).map(\.tensor) : [try Npy.decode(bytes)]
    }
  }
}

extension HostTensor {
  /// The same elements as an array of type `wanted`, where the file's type only stands for it:
  /// NumPy has no `bf16`, and stores its bits.
  func read(as wanted: TensorType) -> HostTensor {
    guard type != wanted.element, shape == wanted.shape, type == .u16, wanted.element == .bf16,
      let cast = bitcast(to: wanted.element)
    else { return self }
    return cast
  }
}
