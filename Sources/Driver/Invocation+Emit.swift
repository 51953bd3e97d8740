import Core
import Host
import Passes
import Support

extension Invocation {
  /// `jxc --emit-STAGE`: runs the program in `path`, and shows what the functions that it compiles
  /// look like at `stage`. What the program prints goes to standard error.
  public func emit(_ stage: Stage, _ path: String) throws(Failure) {
    try reporting {
      if path.hasSuffix(".mlir") { return try emit(stage, modules: path) }
      if stage == .ast { return writeOutput(try parse(path).indentedDump()) }
      shownStage = stage
      try evaluate(path, output: 2)
    }
  }

  /// Shows `@main` of the modules in `path`, or their functions that take no arguments.
  private func emit(_ stage: Stage, modules path: String) throws {
    if stage == .ast || stage == .jaxpr {
      throw Diagnostic(.error, "a module has no \(stage.rawValue)")
    }
    shownStage = stage
    for (number, module) in try modules(in: path).enumerated() {
      for name in try entries(of: module) {
        let main = ModuleFunction(module: module, name: name, number: number).asMain
        // What the code generator refuses can be shown all the same.
        switch stage {
        case .stablehlo: show(.stablehlo, main.description)
        case .hlo:
          var optimized = main
          try run(shownArchitecture == nil ? cpuPipeline : devicePipeline, on: &optimized)
          try show(.hlo, hloText(optimized))
        case .ast, .jaxpr, .loops, .llvm, .asm, .ptx:
          try show(main)
        }
      }
    }
  }

  /// Shows the function called `entry`, for arguments of the given types. The program itself is
  /// only evaluated to define it.
  public func emit(
    _ stage: Stage, _ path: String, entry: String, arguments: [ArgumentType],
    statics: [StaticArgument]
  ) throws(Failure) {
    try reporting {
      shownStage = stage
      try showEntry(path, entry: entry, arguments: arguments, statics: statics)
    }
  }

  /// Shows or inspects the function called `entry`, for arguments of the given types; nothing that
  /// the program compiles before is shown.
  func showEntry(
    _ path: String, entry: String, arguments: [ArgumentType], statics: [StaticArgument]
  ) throws {
    let (stage, roofline) = (shownStage, roofline)
    (shownStage, self.roofline) = (nil, nil)
    try evaluate(path, output: 2, moduleName: "__jxc__") { [self] evaluator, module in
      let function = try evaluator.trace(
        entry, in: module, arguments: try arguments.map { try $0.entryArgument() },
        statics: statics.map { ($0.name, $0.value) })
      (shownStage, self.roofline) = (stage, roofline)
      try show(function.jaxpr, name: function.name, resultPaths: function.resultPaths)
    }
  }

  /// Shows `program` if it is at the stage that was asked for.
  func show(_ stage: Stage, _ program: @autoclosure () throws -> String) rethrows {
    guard stage == shownStage else { return }
    show(try program(), separator: stage == .jaxpr ? "\n" : "\n// -----\n\n")
  }

  /// Prints `text`, behind `separator` unless it is the first.
  func show(_ text: String, separator: String) {
    writeOutput((hasShown ? separator : "") + text + (text.hasSuffix("\n") ? "" : "\n"))
    hasShown = true
  }
}
