/// How `jxc` ends: the exit code of the process.
public enum ExitStatus: Int32, Sendable {
  case success = 0
  /// The program has errors, or raised an exception that it did not catch.
  case programError = 1
  /// The command line is wrong.
  case usage = 2
  /// A check asked for at run time failed.
  case checkFailed = 3
  /// The compiler is wrong.
  case internalError = 70
}

/// Thrown when everything has been said and the process is to end.
public struct Failure: Error {
  /// The exit code of the process.
  public let code: Int32

  public init(_ status: ExitStatus) { code = status.rawValue }

  /// The program asked for `code`, with `sys.exit`.
  init(code: Int32) { self.code = code }
}
