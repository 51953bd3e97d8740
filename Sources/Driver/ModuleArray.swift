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
  /// NumPy has no `bf16` or `f8`, and stores their bits, and narrow integers in bytes.
  func read(as wanted: TensorType) -> HostTensor {
    let element = wanted.element
    switch type {
    case .u16 where element == .bf16: return bitcast(to: element) ?? self
    case .u8 where element.isMinifloat: return bitcast(to: element) ?? self
    case .u8 where element.isSigned && element.bitWidth < 8:
      return bitcast(to: .i8)?.read(as: wanted) ?? self
    case .i8 where element.isSigned && element.bitWidth < 8,
      .u8 where element.isUnsigned && element.bitWidth < 8:
      let narrow = converted(to: element)
      return narrow.converted(to: type).bytes.elementsEqual(bytes) ? narrow : self
    default: return self
    }
  }
}
