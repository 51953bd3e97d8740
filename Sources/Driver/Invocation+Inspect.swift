import HLO
import Passes
import Support

extension Invocation {
  /// `jxc inspect`: says of the functions that the program in `path` compiles, or of the modules in
  /// it, what their kernels do and where their arrays are.
  ///
  /// - Parameter roofline: of the machine; measured where it is not given.
  public func inspect(_ path: String, roofline: Roofline?) throws(Failure) {
    try reporting {
      try startInspecting(roofline)
      if path.hasSuffix(".mlir") {
        for (number, module) in try modules(in: path).enumerated() {
          for name in try entries(of: module) {
            try inspect(ModuleFunction(module: module, name: name, number: number).asMain)
          }
        }
      } else {
        try evaluate(path, output: 2)
      }
      endInspecting()
    }
  }

  /// The same for the function called `entry`.
  public func inspect(
    _ path: String, roofline: Roofline?, entry: String, arguments: [ArgumentType],
    statics: [StaticArgument]
  ) throws(Failure) {
    try reporting {
      try startInspecting(roofline)
      try showEntry(path, entry: entry, arguments: arguments, statics: statics)
      endInspecting()
    }
  }

  private func startInspecting(_ roofline: Roofline?) throws {
    self.roofline = try roofline ?? Roofline.measured(by: self)
  }

  private func endInspecting() {
    if let roofline { writeOutput("\nmachine: \(roofline.description)\n") }
  }

  /// Prints what `module` becomes.
  func inspect(_ module: Module) throws {
    guard let roofline else { return }
    var optimized = module
    try run(cpuPipeline, on: &optimized)
    try show(Inspection(optimized).text(roofline, sources: sources), separator: "\n")
  }
}
