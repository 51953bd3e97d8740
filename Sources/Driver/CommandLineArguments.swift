/// What follows the name of the program on the command line.
///
/// The kernel says it: in a binary with everything linked in, `CommandLine.arguments` is empty.
public func commandLineArguments() -> [String] {
  guard let bytes = try? readFile("/proc/self/cmdline") else {
    return Array(CommandLine.arguments.dropFirst())
  }
  // Every argument ends in a zero byte.
  return bytes.split(separator: 0, omittingEmptySubsequences: false).dropFirst().dropLast()
    .map { String(decoding: $0, as: UTF8.self) }
}
