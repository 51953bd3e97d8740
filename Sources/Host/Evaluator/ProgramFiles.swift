import Glibc

/// The files that a program reads: modules beside it, and data.
///
/// A stand-alone executable carries those that the program read when it was built; what is on disk
/// comes first.
public enum ProgramFiles {
  /// The files that the executable carries, by absolute path. Set before the program runs.
  nonisolated(unsafe) public static var carried: [String: [UInt8]] = [:]
  /// The files that were read, by absolute path; `nil` unless they are wanted. The evaluator is
  /// single-threaded.
  nonisolated(unsafe) public static var recorded: [String: [UInt8]]?

  /// The contents of a regular file, or `nil` with `errno` set.
  static func read(_ path: String) -> [UInt8]? {
    guard let bytes = readFromDisk(path) else {
      let reason = errno
      if !carried.isEmpty, let bytes = carried[absolute(path)] { return bytes }
      errno = reason
      return nil
    }
    recorded?[absolute(path)] = bytes
    return bytes
  }

  private static func readFromDisk(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var information = stat()
    guard fstat(fileno(file), &information) == 0 else { return nil }
    guard information.st_mode & S_IFMT != S_IFDIR else {
      errno = EISDIR
      return nil
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(information.st_size))
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return ferror(file) == 0 ? bytes : nil
  }

  /// `path` from the root, without `.` and `..`.
  public static func absolute(_ path: String) -> String {
    var parts: [Substring] = []
    func add(_ path: String) {
      for part in path.split(separator: "/") {
        switch part {
        case ".": break
        case "..": _ = parts.popLast()
        default: parts.append(part)
        }
      }
    }
    if !path.hasPrefix("/"), let here = getcwd(nil, 0) {
      let folder = String(cString: here)
      free(here)
      add(folder)
      add(path)
      return "/" + parts.joined(separator: "/")
    }
    add(path)
    return "/" + parts.joined(separator: "/")
  }
}
