import ArgumentParser
import Driver
import Support

/// One function of a program, and the types of its arguments.
struct FunctionChoice: ParsableArguments {
  @Option(help: "The function to show, by name.")
  var entry: String?

  @OptionGroup var call: CallArguments

  func validate() throws {
    if entry == nil { try call.requireNone() }
  }
}

/// The arguments of a call of `--entry`.
struct CallArguments: ParsableArguments {
  @Option(
    name: .customLong("arg"),
    help: ArgumentHelp(
      "The type of the next argument, or of the one with that name.",
      valueName: "[name=]type[shape]"),
    transform: { text in try usage { try ArgumentType(parsing: text) } })
  var types: [ArgumentType] = []

  @Option(
    name: .customLong("static"),
    help: ArgumentHelp(
      "An argument that is a value, such as 3 or 'relu'.", valueName: "name=value"),
    transform: { text in try usage { try StaticArgument(parsing: text) } })
  var statics: [StaticArgument] = []

  var isEmpty: Bool { types.isEmpty && statics.isEmpty }

  /// Throws if there are arguments, but no function to call.
  func requireNone() throws {
    if isEmpty { return }
    throw ValidationError("--arg and --static describe a call of --entry, which is missing")
  }
}

/// What is wrong with an argument is wrong usage.
func usage<T>(_ parse: () throws -> T) throws -> T {
  do {
    return try parse()
  } catch let diagnostic as Diagnostic {
    let hint = diagnostic.hint.map { "; \($0)" } ?? ""
    throw ValidationError(diagnostic.message + hint)
  }
}
