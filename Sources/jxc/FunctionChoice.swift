import ArgumentParser
import Driver
import Support

/// One function of a program, and the types of its arguments.
struct FunctionChoice: ParsableArguments {
  @Option(help: "The function to show, by name.")
  var entry: String?

  @Option(
    name: .customLong("arg"),
    help: ArgumentHelp(
      "The type of the next array argument, or of the one with that name.",
      valueName: "[name=]type[shape]"),
    transform: { text in try usage { try ArgumentType(parsing: text) } })
  var types: [ArgumentType] = []

  @Option(
    name: .customLong("static"),
    help: ArgumentHelp(
      "An argument that is a value, such as 3 or 'relu'.", valueName: "name=value"),
    transform: { text in try usage { try StaticArgument(parsing: text) } })
  var statics: [StaticArgument] = []

  func validate() throws {
    if entry == nil, !types.isEmpty || !statics.isEmpty {
      throw ValidationError("--arg and --static describe a call of --entry, which is missing")
    }
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
