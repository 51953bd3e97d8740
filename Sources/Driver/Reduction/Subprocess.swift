import Glibc
import Support

/// How a command ended.
enum CommandResult: Hashable {
  case exit(Int32)
  case signal(Int32)
  case timeout

  /// As people say it.
  var description: String {
    switch self {
    case .exit(let code): "exit code \(code)"
    case .signal(let number): "signal \(number)"
    case .timeout: "no end"
    }
  }
}

/// Runs a command without its output, for so many seconds at most.
func run(command: [String], seconds: Double) throws -> CommandResult {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
  }
  var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
  defer { for argument in arguments { free(argument) } }
  var process = pid_t()
  let failure = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
  guard failure == 0 else {
    throw Diagnostic(
      .error, "cannot run '\(command[0])': \(String(cString: strerror(failure)))")
  }
  let clock = MonotonicClock()
  var status: Int32 = 0
  while true {
    let ended = waitpid(process, &status, WNOHANG)
    if ended == process { break }
    if Double(clock.elapsedNanoseconds) * 1e-9 > seconds {
      kill(process, SIGKILL)
      while waitpid(process, &status, 0) < 0 && errno == EINTR {}
      return .timeout
    }
    usleep(1000)
  }
  return status & 0x7f == 0 ? .exit(status >> 8 & 0xff) : .signal(status & 0x7f)
}
