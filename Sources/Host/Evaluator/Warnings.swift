/// Warnings go to standard error, each text once.
enum Warnings {
  nonisolated(unsafe) private static var seen = Set<String>()

  static func warn(_ message: String, _ category: String = "UserWarning") {
    guard seen.insert(message).inserted else { return }
    Session.output.flush()
    Session.errorOutput.write("\(category): \(message)\n")
    Session.errorOutput.flush()
  }
}
