import Glibc
import Support

/// The bytes of the file at `path`, or of standard input where `path` is `-`.
func readFile(_ path: String) throws -> [UInt8] {
  let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw unreadable(path) }
  defer { if descriptor != STDIN_FILENO { close(descriptor) } }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw unreadable(path) }
    if count == 0 { return bytes }
    bytes.append(contentsOf: buffer[..<count])
  }
}

/// Writes `bytes` to the file at `path`, or to standard output where `path` is `-`.
func writeFile(_ bytes: [UInt8], to path: String) throws {
  let descriptor =
    path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  func failure() -> Diagnostic {
    Diagnostic(.error, "cannot write '\(path)': \(String(cString: strerror(errno)))")
  }
  guard descriptor >= 0 else { throw failure() }
  defer { if descriptor != STDOUT_FILENO { close(descriptor) } }
  try bytes.withUnsafeBytes { bytes in
    var start = 0
    while start < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      start += count
    }
  }
}

private func unreadable(_ path: String) -> Diagnostic {
  Diagnostic(.error, "cannot read '\(path)': \(String(cString: strerror(errno)))")
}

/// Writes all of `text` to standard output: results and IR.
public func writeOutput(_ text: String) { write(text, STDOUT_FILENO) }

/// Writes all of `text` to standard error: everything else.
public func writeError(_ text: String) { write(text, STDERR_FILENO) }

private func write(_ text: String, _ descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    var start = 0
    while start < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 {
        if descriptor == STDERR_FILENO { return }
        let reason = String(cString: strerror(errno))
        writeError("error: cannot write standard output: \(reason)\n")
        exit(ExitStatus.programError.rawValue)
      }
      start += count
    }
  }
}
