import Syntax

/// The state of the running program. One thread evaluates at a time, so it needs no locks.
enum Session {
  /// Calls in progress.
  nonisolated(unsafe) static var depth = 0
  /// `sys.setrecursionlimit`
  nonisolated(unsafe) static var recursionLimit = 1000
  /// The exceptions that `except` blocks are handling, innermost last.
  nonisolated(unsafe) static var handling: [ExceptionObject] = []
  /// Where `print` writes.
  nonisolated(unsafe) static var output = OutputStream(descriptor: 1)
  nonisolated(unsafe) static var errorOutput = OutputStream(descriptor: 2)
  nonisolated(unsafe) static var loader = ModuleLoader()
  /// What follows the program's path on the command line.
  nonisolated(unsafe) static var arguments: [String] = []
  nonisolated(unsafe) static var scriptPath = ""
  /// The lowest address that the stack in use may reach.
  nonisolated(unsafe) static var stackLimit: UInt = 0

  /// Counts a call of a function of the program.
  ///
  /// - Throws: `RecursionError` where calls are nested too deeply, or the stack is nearly full.
  @inline(__always)
  static func enter() throws {
    depth += 1
    var marker: UInt8 = 0
    let address = withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    if depth > recursionLimit || address < stackLimit {
      depth -= 1
      throw raised("RecursionError", "maximum recursion depth exceeded")
    }
  }

  @inline(__always)
  static func leave() { depth -= 1 }
}
