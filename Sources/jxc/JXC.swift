import ArgumentParser

/// The command line.
@main
struct JXC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jxc", abstract: "Compiles NumPy-like array programs.")
}
