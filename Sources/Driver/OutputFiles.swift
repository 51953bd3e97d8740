import Glibc
import Support

/// Files that a command writes: all of them, each whole, or none.
///
/// They are written under other names first; `commit` renames them. What is no regular file, such
/// as a pipe or standard output (`-`), is written directly, last.
struct OutputFiles {
  private var staged: [(temporary: String, path: String)] = []
  private var direct: [(path: String, bytes: [UInt8])] = []

  /// Writes `bytes`, for now under another name.
  mutating func add(_ path: String, _ bytes: [UInt8], isExecutable: Bool = false) throws {
    if path == "-" || OutputFiles.isSpecial(path) {
      direct.append((path, bytes))
      return
    }
    let temporary = reserve(path)
    try OutputFiles.write(bytes, to: temporary, named: path, mode: isExecutable ? 0o777 : 0o666)
  }

  /// The name under which somebody else writes the file at `path` for now.
  mutating func reserve(_ path: String) -> String {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let temporary = "\(path[..<slash]).\(path[slash...]).\(getpid()).tmp"
    staged.append((temporary, path))
    return temporary
  }

  /// Gives the files their names.
  mutating func commit() throws {
    for (temporary, path) in staged where OutputFiles.isFolder(path) {
      _ = temporary
      throw Diagnostic(.error, "cannot write '\(path)': it is a folder")
    }
    for (path, bytes) in direct {
      if path == "-" {
        try OutputFiles.write(bytes, to: STDOUT_FILENO, named: "standard output")
        continue
      }
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw unwritable(path) }
      defer { close(descriptor) }
      try OutputFiles.write(bytes, to: descriptor, named: path)
    }
    direct = []
    while let (temporary, path) = staged.first {
      guard rename(temporary, path) == 0 else { throw unwritable(path) }
      staged.removeFirst()
    }
  }

  /// Removes what has not got its name.
  mutating func discard() {
    for (temporary, _) in staged { unlink(temporary) }
    staged = []
  }

  private static func isSpecial(_ path: String) -> Bool {
    var information = stat()
    guard stat(path, &information) == 0 else { return false }
    let kind = information.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  private static func isFolder(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  private static func write(
    _ bytes: [UInt8], to temporary: String, named path: String, mode: mode_t
  ) throws {
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, named: path)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, named path: String) throws {
    try bytes.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { throw unwritable(path) }
        start += count
      }
    }
  }
}

private func unwritable(_ path: String) -> Diagnostic {
  Diagnostic(.error, "cannot write '\(path)': \(String(cString: strerror(errno)))")
}
