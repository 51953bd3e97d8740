import Codegen
import Glibc
import Support

/// The run-time library as code that is compiled ahead of time needs it.
public struct RuntimeLibrary {
  /// What the code calls of it.
  public let symbols: [String]
  private let target: Target

  public init(symbols: [String], target: Target) {
    self.symbols = symbols
    self.target = target
  }

  /// The routines that need no BLAS.
  private static let plain: Set<String> = [
    "jx_parallel_for", "jx_integer_product", "jx_convolution", "jx_sort", "jx_top_k", "jx_fft",
    "jx_float_from_f8", "jx_f8_from_float", "jx_cuda_call",
  ]

  /// The libraries of the system that code with these calls needs.
  public var systemLibraries: [String] {
    symbols.isEmpty
      ? ["m"]
      : (symbols.allSatisfy(RuntimeLibrary.plain.contains) ? [] : ["openblas"]) + ["pthread", "m"]
  }

  /// The members of `libjxrt.a` that others may call; none where nothing is called.
  public func members() throws -> [Archive.Member] {
    if symbols.isEmpty { return [] }
    let path = try path()
    guard let bytes = contents(of: path) else {
      throw Diagnostic(.error, "cannot read '\(path)': \(String(cString: strerror(errno)))")
    }
    // The table of all symbols is for the compiler's own process.
    return try Archive(parsing: bytes).members.filter { member in
      !member.symbols.isEmpty && !member.symbols.contains("jx_symbol_table")
    }
  }

  /// Where `libjxrt.a` is: `JXC_RUNTIME`, or beside the compiler.
  private func path() throws -> String {
    if let given = getenv("JXC_RUNTIME"), given[0] != 0 { return String(cString: given) }
    let machine = MachineModel.host
    guard target.triple == machine.triple else {
      throw Diagnostic(
        .error,
        "the code calls \(symbols.joined(separator: ", ")) of the run-time library, which "
          + "is not there for '\(target.triple)'",
        hint: "set JXC_RUNTIME to a libjxrt.a for that target, or write an object file (.o)")
    }
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let executable = String(
      decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
    let candidates = ["\(folder)/libjxrt.a", "\(folder)/../lib/libjxrt.a"]
    if let found = candidates.first(where: { access($0, R_OK) == 0 }) { return found }
    throw Diagnostic(
      .error,
      "libjxrt.a, which the code needs, is neither in '\(folder)' nor in "
        + "'\(folder)/../lib'",
      hint: "set JXC_RUNTIME to its path")
  }

  /// Links `object`, a file, to a shared library at `output`.
  public func link(object: String, to output: String, soname: String) throws {
    var inputs = [object]
    let members = try self.members()
    let archive = output + ".jxrt.a"
    defer { unlink(archive) }
    if !members.isEmpty {
      var library = Archive()
      library.members = members
      guard write(library.bytes, to: archive) else {
        throw Diagnostic(.error, "cannot write '\(archive)': \(String(cString: strerror(errno)))")
      }
      inputs.append(archive)
    }
    let isCross = target.triple != MachineModel.host.triple
    let compiler =
      getenv("CC").map { String(cString: $0) } ?? (isCross ? "aarch64-linux-gnu-gcc" : "cc")
    try Tool.run(
      [compiler, "-shared", "-o", output] + inputs + [
        "-Wl,-soname,\(soname)", "-Wl,--exclude-libs,ALL", "-Wl,--build-id=none",
        "-Wl,--as-needed", "-Wl,-z,noexecstack", "-Wl,-z,defs",
      ] + systemLibraries.map { "-l\($0)" })
  }

  private func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return ferror(file) == 0 ? bytes : nil }
      bytes += buffer[..<count]
    }
  }

  private func write(_ bytes: [UInt8], to path: String) -> Bool {
    guard let file = fopen(path, "wb") else { return false }
    let count = fwrite(bytes, 1, bytes.count, file)
    return fclose(file) == 0 && count == bytes.count
  }
}
