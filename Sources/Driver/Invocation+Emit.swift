import Core
import Host
import Support

extension Invocation {
  /// `jxc --emit-STAGE`: runs the program in `path`, and shows what the functions that it compiles
  /// look like at `stage`. What the program prints goes to standard error.
  public func emit(_ stage: Stage, _ path: String) throws(Failure) {
    try reporting {
      if stage == .ast { return writeOutput(try parse(path).indentedDump()) }
      shownStage = stage
      try evaluate(path, output: 2)
    }
  }

  /// Shows the function called `entry`, for arguments of the given types. The program itself is
  /// only evaluated to define it.
  public func emit(
    _ stage: Stage, _ path: String, entry: String, arguments: [ArgumentType],
    statics: [StaticArgument]
  ) throws(Failure) {
    try reporting {
      try evaluate(path, output: 2, moduleName: "__jxc__") { [self] evaluator, module in
        let function = try evaluator.trace(
          entry, in: module, arguments: try arguments.map { try $0.entryArgument() },
          statics: statics.map { ($0.name, $0.value) })
        shownStage = stage
        _ = try compile(
          function.jaxpr, name: function.name, resultPaths: function.resultPaths)
      }
    }
  }

  /// Shows `program` if it is at the stage that was asked for.
  func show(_ stage: Stage, _ program: @autoclosure () throws -> String) rethrows {
    guard stage == shownStage else { return }
    let text = try program()
    let separator = stage == .jaxpr ? "\n" : "\n// -----\n\n"
    writeOutput((hasShown ? separator : "") + text + (text.hasSuffix("\n") ? "" : "\n"))
    hasShown = true
  }
}
