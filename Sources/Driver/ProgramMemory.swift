import Execution
import Glibc
import Support

/// Compiled programs, known by their StableHLO: those of this run in memory, those of earlier runs
/// in the cache on disk.
final class ProgramMemory {
  private var executables: [CompileCache.Key: HostExecutable] = [:]
  /// Programs as the cache keeps them, by key: those that a stand-alone executable carries.
  private var carried: [String: [UInt8]] = [:]
  /// What was used, if that is wanted.
  private(set) var recorded: [String: [UInt8]] = [:]
  private var isRecording = false
  private lazy var cache = CompileCache.fromEnvironment()

  /// From now on, `recorded` are the programs that are used.
  func startRecording() { isRecording = true }

  /// Looks in `programs` first.
  func use(_ programs: [String: [UInt8]]) { carried = programs }

  func key(_ text: String) -> CompileCache.Key {
    CompileCache.Key(text, compiler: Self.compilerIdentity)
  }

  func find(_ key: CompileCache.Key) throws -> HostExecutable? {
    if let known = executables[key] { return known }
    guard
      let program = carried[key.digest].flatMap({ CompiledProgram(encoded: $0) })
        ?? cache?.find(key)
    else { return nil }
    guard let executable = try? HostExecutable(program) else {
      cache?.remove(key)
      return nil
    }
    note(program, executable, key)
    return executable
  }

  func insert(_ program: CompiledProgram, _ executable: HostExecutable, _ key: CompileCache.Key) {
    note(program, executable, key)
    cache?.insert(program, key)
  }

  private func note(
    _ program: CompiledProgram, _ executable: HostExecutable, _ key: CompileCache.Key
  ) {
    executables[key] = executable
    if isRecording { recorded[key.digest] = program.encoded }
  }

  /// What tells this build of the compiler from others: its version, and its file's size and date.
  /// An executable that carries programs goes by the compiler that made them. Set before the program
  /// runs, on the only thread.
  nonisolated(unsafe) static var compilerIdentity: String = {
    var information = stat()
    stat("/proc/self/exe", &information)
    return "\(compilerVersion) \(information.st_size) \(information.st_mtim.tv_sec) "
      + "\(information.st_mtim.tv_nsec)"
  }()
}
