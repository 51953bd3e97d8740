import Codegen
import Core
import Execution
import HLO
import LoopIR
import Passes
import Support

extension Invocation {
  /// From a jaxpr to machine code: the compiler on a page.
  ///
  /// - Parameter resultPaths: the place of each result in what the function returns; part of the
  ///   text of the StableHLO.
  func compile(
    _ jaxpr: ClosedJaxpr, name: String, resultPaths: [String]? = nil
  ) throws -> Executable {
    show(.jaxpr, jaxpr.description)

    // Every primitive has a rule that says it in StableHLO.
    var module = try timed("lowering") {
      try lower(jaxpr, name: name, resultInfo: resultPaths)
    }
    show(.stablehlo, module.description)

    // A program that has been compiled before, in this run or another, need not be again.
    let key = isObserved ? nil : memory.key(module)
    if let key, let known = try memory.find(key) { return known }

    // One function without repetition, and groups of operations that become one loop nest each.
    try run(cpuPipeline, on: &module)
    show(.hlo, module.description)

    // In which order: loops over buffers that have their places in memory.
    let program = try scheduled(module)
    show(.loops, program.description)

    try show(.llvm, text(program, as: .optimizedLLVM))
    try show(.asm, text(program, as: .assembly))
    let compiled = try timed("code generation") { try CompiledProgram(program) }
    let executable = try timed("loading") { try Executable(compiled) }
    if let key { memory.insert(compiled, executable, key) }
    return executable
  }

  /// Does the user want to see, or change, how programs are compiled?
  private var isObserved: Bool {
    shownStage != nil || !options.dumpAfter.isEmpty || !options.passes.disabled.isEmpty
      || options.passes.verifyEach
  }

  /// Compiles what the program did not stage itself: an eager operation is never shown.
  func compileQuietly(_ jaxpr: ClosedJaxpr, name: String) throws -> Executable {
    let shown = shownStage
    shownStage = nil
    defer { shownStage = shown }
    return try compile(jaxpr, name: name)
  }

  private func text(_ program: Program, as kind: CodeKind) throws -> String {
    String(decoding: try Execution.emit(program, as: kind), as: UTF8.self)
  }

  /// Runs `body`, the step called `name`, and notes how long it took.
  func timed<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let clock = MonotonicClock()
    defer {
      times.record(
        PassRun(
          name: name, occurrence: 1, changed: true, nanoseconds: clock.elapsedNanoseconds))
    }
    return try body()
  }
}
