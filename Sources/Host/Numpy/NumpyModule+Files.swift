import Glibc
import Support
import Tensor

extension NumpyModule {
  /// `np.save`, `np.savez`, `np.load`
  static func defineFiles(in module: ModuleObject) {
    module.def("save(file, arr)") { a in
      let path = try str(a[0] ?? .none)
      try write(
        Npy.encode(numpy(a[1]).copied), to: path.hasSuffix(".npy") ? path : path + ".npy")
      return .none
    }
    for name in ["savez", "savez_compressed"] {
      module.def("\(name)(file, *args, **kwds)") { a in
        let path = try str(a[0] ?? .none)
        var arrays: [(name: String, tensor: HostTensor)] = []
        for (i, object) in try list(a[1] ?? .none).enumerated() {
          arrays.append(("arr_\(i)", try numpy(object).copied))
        }
        if case .dict(let named)? = a[2] {
          for entry in named.table.live {
            arrays.append((try str(entry.key), try numpy(entry.value).copied))
          }
        }
        try write(Npz.encode(arrays), to: path.hasSuffix(".npz") ? path : path + ".npz")
        return .none
      }
    }
    module.def("load(file, mmap_mode=, allow_pickle=)") { a in
      let path = try str(a[0] ?? .none)
      let bytes = try read(path)
      do {
        guard bytes.starts(with: Array("PK".utf8)) else {
          return .native(NumpyArray(try Npy.decode(bytes)))
        }
        return .native(NumpyArchive(try Npz.decode(bytes)))
      } catch let error as Diagnostic {
        throw valueError("\(path): \(error.message)")
      }
    }
  }
}

/// The arrays of a `.npz` file, by name; also a context manager.
private final class NumpyArchive: NativeObject {
  private let arrays: [(name: String, array: NumpyArray)]

  init(_ arrays: [(name: String, tensor: HostTensor)]) {
    self.arrays = arrays.map { ($0.name, NumpyArray($0.tensor)) }
  }

  private nonisolated(unsafe) static let archiveClass: Class = {
    let cls = Class(builtin: "NpzFile", base: Types.object, module: "numpy.lib.npyio")
    func def(_ specification: String, _ body: @escaping (NumpyArchive) -> Object) {
      cls.def(specification, of: NumpyArchive.self) { archive, _ in body(archive) }
    }
    cls.property("files", of: NumpyArchive.self) { .list($0.arrays.map { .str($0.name) }) }
    def("keys(self)") { .list($0.arrays.map { .str($0.name) }) }
    def("values(self)") { .list($0.arrays.map { .native($0.array) }) }
    def("items(self)") { .list($0.arrays.map { .tuple([.str($0.name), .native($0.array)]) }) }
    cls.def("close(self)") { _ in .none }
    cls.def("__enter__(self)") { a in a[0] ?? .none }
    cls.def("__exit__(self, *exception)") { _ in .bool(false) }
    return cls
  }()

  override var cls: Class { NumpyArchive.archiveClass }
  override func count() throws -> Int? { arrays.count }

  override func item(_ key: Object) throws -> Object {
    let name = try Host.str(key)
    guard let found = arrays.first(where: { $0.name == name }) else {
      throw raised("KeyError", "\(name) is not a file in the archive")
    }
    return .native(found.array)
  }

  override func contains(_ object: Object) throws -> Bool? {
    let name = try Host.str(object)
    return arrays.contains { $0.name == name }
  }

  override func iterator() throws -> ObjectIterator {
    try iterate(.list(arrays.map { .str($0.name) }))
  }
}

private func failure(_ path: String) -> any Error {
  let kind = errno == ENOENT ? "FileNotFoundError" : "OSError"
  return raised(kind, "[Errno \(errno)] \(String(cString: strerror(errno))): '\(path)'")
}

private func read(_ path: String) throws -> [UInt8] {
  guard let bytes = ProgramFiles.read(path) else { throw failure(path) }
  return bytes
}

private func write(_ bytes: [UInt8], to path: String) throws {
  guard let file = fopen(path, "wb") else { throw failure(path) }
  let count = fwrite(bytes, 1, bytes.count, file)
  guard fclose(file) == 0, count == bytes.count else { throw failure(path) }
}
