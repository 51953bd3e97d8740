import Codegen
import Glibc
import Support

/// Compiled programs on disk, so that the next run need not compile them again.
///
/// An entry is a file, named after the digest of everything that its code depends on. It is written
/// under another name and then renamed, so that readers, other writers and an end at any moment
/// never meet half a file; its checksum tells damage. What cannot be read or written is as if there
/// were no cache. The entries used longest ago go when there is too much.
public final class CompileCache {
  /// Where entries are.
  public let directory: String
  /// The most that all entries may take.
  public let byteLimit: Int
  /// The bytes of all entries when they were counted, and those written since.
  private var byteCount = 0
  private var writeCount = 0

  /// The name of an entry.
  public struct Key: Hashable, Sendable {
    public let digest: String

    /// - Parameters:
    ///   - text: the program.
    ///   - compiler: what tells one build of the compiler from others.
    public init(_ text: String, compiler: String) {
      let machine = MachineModel.host
      var hash = SHA256()
      for part in [compiler, machine.triple, machine.cpu, machine.features, text] {
        hash.update(part)
      }
      digest = hash.finalize()
    }
  }

  public init(directory: String, byteLimit: Int) {
    self.directory = directory
    self.byteLimit = byteLimit
  }

  /// The cache that the environment asks for: `JXC_CACHE` is a folder, or `off`; otherwise `jxc` in
  /// the XDG folder for caches. `JXC_CACHE_SIZE` is the limit, with a suffix K, M or G. `nil` where
  /// there is none.
  public static func fromEnvironment() -> CompileCache? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let limit = variable("JXC_CACHE_SIZE").flatMap(byteCount) ?? 1 << 30
    if let chosen = variable("JXC_CACHE") {
      return chosen == "off" ? nil : CompileCache(directory: chosen, byteLimit: limit)
    }
    // The specification wants relative paths to be ignored.
    if let base = variable("XDG_CACHE_HOME"), base.hasPrefix("/") {
      return CompileCache(directory: base + "/jxc", byteLimit: limit)
    }
    guard let home = variable("HOME"), home.hasPrefix("/") else { return nil }
    return CompileCache(directory: home + "/.cache/jxc", byteLimit: limit)
  }

  private static func byteCount(_ text: String) -> Int? {
    let shift =
      switch text.last {
      case "K", "k": 10
      case "M", "m": 20
      case "G", "g": 30
      default: 0
      }
    guard let number = Int(shift == 0 ? text : String(text.dropLast())), number >= 0 else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : product
  }

  // MARK: Entries

  private static let magic = Array("jxc entry 1\n".utf8)
  private static let suffix = ".jxo"

  /// The program called `key`, or `nil` where there is none, or one that is damaged.
  public func find(_ key: Key) -> CompiledProgram? {
    let path = path(key)
    guard let bytes = CompileCache.read(path) else { return nil }
    guard let program = CompileCache.decode(bytes, key) else {
      unlink(path)
      return nil
    }
    // It was used now.
    utimensat(AT_FDCWD, path, nil, 0)
    return program
  }

  /// Keeps `program`, if that is possible.
  public func insert(_ program: CompiledProgram, _ key: Key) {
    let bytes = CompileCache.encode(program, key)
    guard bytes.count <= byteLimit, makeDirectory() else { return }
    let temporary = "\(directory)/\(key.digest).\(getpid()).\(writeCount).tmp"
    guard CompileCache.write(bytes, to: temporary) else {
      unlink(temporary)
      return
    }
    guard rename(temporary, path(key)) == 0 else {
      unlink(temporary)
      return
    }
    writeCount += 1
    // Other processes write, too: count again from time to time.
    var total = writeCount % 64 == 1 ? statistics().byteCount : byteCount + bytes.count
    if total > byteLimit { total = evict() }
    byteCount = total
  }

  /// Removes `key`, whose code could not be loaded.
  public func remove(_ key: Key) { unlink(path(key)) }

  /// An entry as a file: what it is, its key, its checksum, the program.
  static func encode(_ program: CompiledProgram, _ key: Key) -> [UInt8] {
    let content = program.encoded
    return magic + Array(key.digest.utf8) + word(checksum(content[...])) + content
  }

  static func decode(_ bytes: [UInt8], _ key: Key) -> CompiledProgram? {
    let digest = Array(key.digest.utf8)
    let start = magic.count + digest.count
    guard bytes.count >= start + 8, bytes.starts(with: magic),
      bytes[magic.count...].starts(with: digest),
      bytes[start...].starts(with: word(checksum(bytes[(start + 8)...])))
    else { return nil }
    return CompiledProgram(encoded: Array(bytes[(start + 8)...]))
  }

  private static func word(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// Tells damage, not malice: FNV-1a over words.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { bytes in
      var sum: UInt64 = 0xcbf2_9ce4_8422_2325
      let whole = bytes.count / 8 * 8
      for position in stride(from: 0, to: whole, by: 8) {
        sum =
          (sum ^ bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
          &* 0x0000_0100_0000_01b3
        sum ^= sum >> 29
      }
      for position in whole..<bytes.count {
        sum = (sum ^ UInt64(bytes[position])) &* 0x0000_0100_0000_01b3
      }
      return sum ^ UInt64(bytes.count)
    }
  }

  // MARK: The folder

  /// What the cache holds.
  public struct Statistics: Sendable {
    public var entryCount = 0
    public var byteCount = 0
  }

  public func statistics() -> Statistics {
    var result = Statistics()
    for file in files() where file.name.hasSuffix(CompileCache.suffix) {
      result.entryCount += 1
      result.byteCount += file.byteCount
    }
    return result
  }

  /// Removes every entry, and what ended writers have left.
  ///
  /// - Returns: how many entries there were.
  public func clear() throws -> Int {
    var count = 0
    for file in files() {
      let path = "\(directory)/\(file.name)"
      guard unlink(path) == 0 || errno == ENOENT else {
        throw Diagnostic(.error, "cannot remove '\(path)': \(String(cString: strerror(errno)))")
      }
      if file.name.hasSuffix(CompileCache.suffix) { count += 1 }
    }
    byteCount = 0
    return count
  }

  private struct File {
    var name: String
    var byteCount: Int
    var usedAt: Int
  }

  /// The files of the cache: other files in its folder are none of its business.
  private func files() -> [File] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var result: [File] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let isDigest = name.prefix(64).utf8.count == 64 && name.prefix(64).allSatisfy(\.isHexDigit)
      guard isDigest, name.hasSuffix(CompileCache.suffix) || name.hasSuffix(".tmp") else {
        continue
      }
      var information = stat()
      guard lstat("\(directory)/\(name)", &information) == 0 else { continue }
      result.append(
        File(
          name: name, byteCount: Int(information.st_size),
          usedAt: information.st_mtim.tv_sec * 1_000_000_000 + information.st_mtim.tv_nsec))
    }
    return result
  }

  /// Removes what was used longest ago until there is room, and what ended writers have left.
  ///
  /// - Returns: the bytes that are left.
  private func evict() -> Int {
    var total = 0
    let now = time(nil)
    var entries: [File] = []
    for file in files() {
      if file.name.hasSuffix(".tmp") {
        if now - file.usedAt / 1_000_000_000 > 3600 { unlink("\(directory)/\(file.name)") }
      } else {
        total += file.byteCount
        entries.append(file)
      }
    }
    entries.sort { ($0.usedAt, $0.name) < ($1.usedAt, $1.name) }
    for file in entries where total > byteLimit / 10 * 9 {
      if unlink("\(directory)/\(file.name)") == 0 { total -= file.byteCount }
    }
    return total
  }

  private func path(_ key: Key) -> String {
    "\(directory)/\(key.digest)\(CompileCache.suffix)"
  }

  /// Makes the folder, and says whether it is there and ours: code is loaded from it.
  private func makeDirectory() -> Bool {
    if CompileCache.isOwn(directory) { return true }
    var path = ""
    for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
      path += part
      if !path.isEmpty { mkdir(path, 0o700) }
      path += "/"
    }
    return CompileCache.isOwn(directory)
  }

  /// Is it a folder of this user that nobody else may write to?
  private static func isOwn(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
      && information.st_uid == geteuid() && information.st_mode & 0o002 == 0
  }

  private static func read(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_uid == geteuid()
    else { return nil }
    let size = Int(information.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        count += got
      }
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return bytes.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        start += count
      }
      return true
    }
  }
}
