import Glibc

/// `_os`: what the library's modules `os`, `sys` and `time` need of the machine.
func makeOperatingSystem() -> ModuleObject {
  let module = ModuleObject("_os", isLibrary: true)
  defineFiles(in: module)
  defineProcess(in: module)
  defineClocks(in: module)
  return module
}

private func defineFiles(in module: ModuleObject) {
  module.def("handled_exception()") { _ in
    .optional(Session.handling.last.map { .instance($0) })
  }
  module.def("getcwd()") { _ in
    guard let path = getcwd(nil, 0) else { throw lastError("getcwd") }
    defer { free(path) }
    return .str(String(cString: path))
  }
  /// `'file'`, `'dir'`, `'other'` or None.
  module.def("kind(path, /)") { a in
    var information = stat()
    guard stat(try str(a[0] ?? .none), &information) == 0 else { return .none }
    switch information.st_mode & S_IFMT {
    case S_IFREG: return .str("file")
    case S_IFDIR: return .str("dir")
    default: return .str("other")
    }
  }
  module.def("listdir(path, /)") { a in
    let path = try str(a[0] ?? .none)
    guard let directory = opendir(path) else { throw lastError(path) }
    defer { closedir(directory) }
    var names: [Object] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(.str(name)) }
    }
    return .list(names)
  }
  module.def("mkdir(path, /)") { a in
    let path = try str(a[0] ?? .none)
    guard mkdir(path, 0o777) == 0 else { throw lastError(path) }
    return .none
  }
  module.def("remove(path, /)") { a in
    let path = try str(a[0] ?? .none)
    guard unlink(path) == 0 else { throw lastError(path) }
    return .none
  }
}

private func defineProcess(in module: ModuleObject) {
  module.def("argv()") { _ in
    .list(([Session.scriptPath] + Session.arguments).map { .str($0) })
  }
  module.def("getenv(name, /)") { a in
    guard let value = getenv(try str(a[0] ?? .none)) else { return .none }
    return .str(String(cString: value))
  }
  module.def("environ()") { _ in .dict(Environment.variables) }
  module.def("cpu_count()") { _ in .int(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
  module.def("getpid()") { _ in .int(Int(getpid())) }
  module.def("write(descriptor, text, /)") { a in
    let text = try str(a[1] ?? .none)
    let isError = try requireIndex(a[0] ?? .none) == 2
    (isError ? Session.errorOutput : Session.output).write(text)
    return .int(text.unicodeScalars.count)
  }
  module.def("flush(descriptor, /)") { a in
    let isError = try requireIndex(a[0] ?? .none) == 2
    (isError ? Session.errorOutput : Session.output).flush()
    return .none
  }
  module.def("recursionlimit(limit=, /)") { a in
    if let limit = a[0] {
      let number = try requireIndex(limit)
      guard number > 0 else { throw valueError("recursion limit must be greater or equal than 1") }
      Session.recursionLimit = number
    }
    return .int(Session.recursionLimit)
  }
}

/// The environment as the program sees it: it may change variables in `os.environ`.
enum Environment {
  nonisolated(unsafe) static let variables: Dict = {
    let variables = Dict()
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { try? variables.table.set(.str(String(pair[0])), .str(String(pair[1]))) }
      entry += 1
    }
    return variables
  }()

  static subscript(name: String) -> String? {
    guard case .str(let text)? = variables[name] else { return nil }
    return text.text
  }
}

private func defineClocks(in module: ModuleObject) {
  let clocks: [(name: String, clock: clockid_t)] = [
    ("time", CLOCK_REALTIME), ("perf_counter", CLOCK_MONOTONIC), ("monotonic", CLOCK_MONOTONIC),
    ("process_time", CLOCK_PROCESS_CPUTIME_ID), ("thread_time", CLOCK_THREAD_CPUTIME_ID),
  ]
  for (name, clock) in clocks {
    module.def("\(name)()") { _ in
      let now = read(clock)
      return .float(Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9)
    }
    module.def("\(name)_ns()") { _ in
      let now = read(clock)
      return .int(Int(now.tv_sec) * 1_000_000_000 + Int(now.tv_nsec))
    }
  }
  module.def("sleep(seconds, /)") { a in
    let seconds = try double(a[0] ?? .none)
    guard seconds >= 0 else { throw valueError("sleep length must be non-negative") }
    guard seconds < 1e9 else { throw overflowError("timestamp too large to convert to C PyTime_t") }
    Session.output.flush()
    var left = timespec(
      tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    var rest = timespec()
    while nanosleep(&left, &rest) == -1 && errno == EINTR { left = rest }
    return .none
  }
}

private func read(_ clock: clockid_t) -> timespec {
  var now = timespec()
  clock_gettime(clock, &now)
  return now
}

/// The exception for what `errno` says about `path`.
private func lastError(_ path: String) -> any Error {
  let name =
    switch errno {
    case ENOENT: "FileNotFoundError"
    case EEXIST: "FileExistsError"
    case EACCES, EPERM: "PermissionError"
    case ENOTDIR: "NotADirectoryError"
    default: "OSError"
    }
  return raised(name, "[Errno \(errno)] \(String(cString: strerror(errno))): '\(path)'")
}
