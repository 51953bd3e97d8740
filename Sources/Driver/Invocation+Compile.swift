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
  /// - Parameters:
  ///   - resultPaths: the place of each result in what the function returns; part of the text of
  ///     the StableHLO.
  ///   - platform: what it will run on.
  func compile(
    _ jaxpr: ClosedJaxpr, name: String, resultPaths: [String]? = nil,
    for platform: Device.Platform = .cpu
  ) throws -> any Executable {
    show(.jaxpr, jaxpr.description)

    // Every primitive has a rule that says it in StableHLO.
    let module = try timed("lowering") {
      try lower(jaxpr, name: name, resultInfo: resultPaths)
    }
    let key = isObserved || platform != .cpu ? nil : memory.key(module.description)
    return try compile(module, key: key, for: platform)
  }

  /// From StableHLO to machine code.
  ///
  /// - Parameters:
  ///   - key: what the program is known by once it is compiled; `nil` to compile it anyway.
  ///   - onHost: does what compiled code leaves to its host.
  func compile(
    _ module: Module, key: CompileCache.Key?, for platform: Device.Platform = .cpu,
    onHost: HostOperation? = nil
  ) throws -> any Executable {
    show(.stablehlo, module.description)
    try inspect(module)
    switch platform {
    case .cpu: break
    case .gpu: return try compileForGPU(module, onHost)
    }

    // A program that has been compiled before, in this run or another, need not be again.
    if let key, let known = try memory.find(key) { return known }

    var module = module
    let program = try translate(&module)
    let compiled = try timed("code generation") { try CompiledProgram(program) }
    let callbacks = hostCallbacks(of: program, in: module, onHost)
    let executable = try timed("loading") {
      try HostExecutable(compiled, callbacks: CallbackTable(program, callbacks))
    }
    if let key, callbacks.isEmpty { memory.insert(compiled, executable, key) }
    return executable
  }

  /// From StableHLO to loops for this machine; what was asked for is shown on the way.
  private func translate(_ module: inout Module) throws -> Program {
    if let architecture = shownArchitecture {
      try showForGPU(module, architecture)
      return try quietly { try translate(&module) }
    }
    // One function without repetition, and groups of operations that become one loop nest each.
    try run(cpuPipeline, on: &module)
    try show(.hlo, hloText(module))

    // In which order: loops over buffers that have their places in memory.
    let program = try scheduled(module)
    show(.loops, program.description)
    try show(.llvm, text(program, as: .optimizedLLVM))
    try show(.asm, text(program, as: .assembly))
    return program
  }

  /// Shows what becomes of a function that is not called.
  func show(_ jaxpr: ClosedJaxpr, name: String, resultPaths: [String]?) throws {
    show(.jaxpr, jaxpr.description)
    try show(timed("lowering") { try lower(jaxpr, name: name, resultInfo: resultPaths) })
  }

  /// The same for a module. Nothing is compiled that is not shown.
  func show(_ module: Module) throws {
    show(.stablehlo, module.description)
    try inspect(module)
    if let architecture = shownArchitecture { return try showForGPU(module, architecture) }
    var module = module
    _ = try translate(&module)
  }

  /// XLA's text of a module; XLA has instructions for few of chlo's functions.
  func hloText(_ module: Module, isScheduled: Bool = true) throws -> String {
    for function in module.functions { try function.requireCompilable() }
    var module = module
    _ = try expandElementary(in: &module, keeping: [.erf, .square, .chloTan])
    return try module.xlaText(isScheduled: isScheduled, sources: sources)
  }

  /// Does the user want to see, or change, how programs are compiled?
  var isObserved: Bool {
    shownStage != nil || roofline != nil || options.passes.verifyEach
      || !options.dumpAfter.isEmpty || !options.passes.disabled.isEmpty
  }

  /// Compiles what the program did not stage itself: an eager operation is never shown.
  func compileQuietly(
    _ jaxpr: ClosedJaxpr, name: String, for platform: Device.Platform
  ) throws -> any Executable {
    try quietly { try compile(jaxpr, name: name, for: platform) }
  }

  /// Runs `body`, whose compilations are neither shown nor inspected.
  func quietly<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (stage, roofline) = (shownStage, roofline)
    (shownStage, self.roofline) = (nil, nil)
    defer { (shownStage, self.roofline) = (stage, roofline) }
    return try body()
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
