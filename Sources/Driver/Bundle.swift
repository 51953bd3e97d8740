import Execution
import Glibc
import Support

/// What a stand-alone executable carries behind the compiler: a program, the files that it reads,
/// and its compiled functions.
public struct Bundle: Sendable {
  /// The program's path when it was built: its `__file__`.
  public var path: String
  public var source: [UInt8]
  /// The files that it read, by absolute path.
  public var files: [String: [UInt8]]
  /// The build of the compiler that made `programs`.
  public var compiler: String
  /// Compiled programs by key, as the cache keeps them.
  public var programs: [String: [UInt8]]

  private static let magic = Array("jxc bundle 1\n\0\0\0".utf8)

  // MARK: As bytes

  /// What follows the compiler in the file.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ part: [UInt8]) {
      bytes += Bundle.word(part.count) + part
    }
    append(Array(path.utf8))
    append(source)
    append(Array(compiler.utf8))
    for table in [files, programs] {
      bytes += Bundle.word(table.count)
      for (name, content) in table.sorted(by: { $0.key < $1.key }) {
        append(Array(name.utf8))
        append(content)
      }
    }
    return bytes + Bundle.word(bytes.count) + Bundle.magic
  }

  init(
    path: String, source: [UInt8], files: [String: [UInt8]], compiler: String,
    programs: [String: [UInt8]]
  ) {
    self.path = path
    self.source = source
    self.files = files
    self.compiler = compiler
    self.programs = programs
  }

  private init?(encoded bytes: [UInt8]) {
    var position = 0
    func number() -> Int? {
      guard bytes.count - position >= 8 else { return nil }
      defer { position += 8 }
      return Bundle.number(bytes[position..<position + 8])
    }
    func part() -> [UInt8]? {
      guard let count = number(), count >= 0, count <= bytes.count - position else { return nil }
      defer { position += count }
      return Array(bytes[position..<position + count])
    }
    func text() -> String? { part().map { String(decoding: $0, as: UTF8.self) } }
    func table() -> [String: [UInt8]]? {
      guard let count = number(), count >= 0 else { return nil }
      var table: [String: [UInt8]] = [:]
      for _ in 0..<count {
        guard let name = text(), let content = part() else { return nil }
        table[name] = content
      }
      return table
    }
    guard let path = text(), let source = part(), let compiler = text(), let files = table(),
      let programs = table()
    else { return nil }
    self.init(
      path: path, source: source, files: files, compiler: compiler, programs: programs)
  }

  private static func word(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  // MARK: In this executable

  /// The bundle of this process, unless it is the compiler itself.
  public static func ofThisProcess() -> Bundle? { find()?.bundle }

  /// The compiler's own part of this process's file.
  static func compilerBytes() throws -> [UInt8] {
    let bytes = try readFile("/proc/self/exe")
    guard let count = find()?.byteCount else { return bytes }
    return Array(bytes.dropLast(count))
  }

  private static func find() -> (bundle: Bundle, byteCount: Int)? {
    let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    func read(_ count: Int, before end: Int) -> [UInt8]? {
      guard count <= end else { return nil }
      var bytes = [UInt8](repeating: 0, count: count)
      var filled = 0
      while filled < count {
        let got = bytes.withUnsafeMutableBytes {
          pread(descriptor, $0.baseAddress! + filled, count - filled, off_t(end - count + filled))
        }
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { return nil }
        filled += got
      }
      return bytes
    }
    let end = Int(lseek(descriptor, 0, SEEK_END))
    let trailerCount = 8 + magic.count
    guard let trailer = read(trailerCount, before: end), trailer[8...].elementsEqual(magic) else {
      return nil
    }
    let count = number(trailer[..<8])
    guard count >= 0, count <= end - trailerCount,
      let content = read(count, before: end - trailerCount), let bundle = Bundle(encoded: content)
    else { return nil }
    return (bundle, count + trailerCount)
  }
}
