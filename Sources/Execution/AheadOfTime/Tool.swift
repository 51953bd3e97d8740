import Glibc
import Support

/// A program of the system, such as the C compiler that links.
enum Tool {
  /// Runs `command`, which is looked up on the PATH.
  ///
  /// - Throws: a diagnostic with what it said, if it cannot be run or does not succeed.
  static func run(_ command: [String]) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Diagnostic(.error, "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let failure = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
    close(ends[1])
    guard failure == 0 else {
      close(ends[0])
      throw Diagnostic(
        .error, "cannot run '\(command[0])': \(String(cString: strerror(failure)))",
        hint: "linking needs a C compiler; set CC to its name")
    }
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      said += buffer[..<count]
    }
    close(ends[0])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else {
      throw Diagnostic(
        .error, "'\(command[0])' could not link",
        notes: String(decoding: said, as: UTF8.self).split(separator: "\n").prefix(12)
          .map(String.init))
    }
  }
}
