import Codegen
import Core
import Execution
import Glibc
import HLO
import Host
import LoopIR
import Passes
import Support

extension Invocation {
  /// `jxc compile`: compiles functions of the program, or the module, in `path` for others to call.
  public func compile(_ path: String, _ request: CompileRequest) throws(Failure) {
    try reporting {
      let target = try CompileTarget(request)
      // Evaluation ends early where the program leaves with `sys.exit(0)`.
      var summary = ""
      if path.hasSuffix(".mlir") {
        summary = try write(
          functions(inModule: path, named: request.entries), from: path, request, target)
      } else if request.entries.isEmpty {
        Evaluator.recordStagedCalls()
        try evaluate(path, output: 2)
        summary = try write(
          Evaluator.stagedCalls.map { try lowered($0) }, from: path, request, target)
      } else {
        var hasEnded = false
        Evaluator.recordStagedCalls()
        try evaluate(path, output: 2, moduleName: "__jxc__") { [self] evaluator, module in
          let entries = try request.entries.flatMap {
            try self.entries($0, evaluator, module, request)
          }
          summary = try write(entries.map { try lowered($0) }, from: path, request, target)
          hasEnded = true
        }
        if !hasEnded {
          throw Diagnostic(.error, "the program ended before it could be compiled")
        }
      }
      // After everything that the program printed.
      if !request.isQuiet { writeError(summary) }
    }
  }

  /// A function on its way to a library.
  private struct LoweredFunction {
    var name: String
    var module: Module
    var argumentPaths: [String]
    var resultPaths: [String]
  }

  // MARK: What to compile

  /// The functions that `specification` names: for the arguments in it, for those of the command
  /// line, for the types that it is annotated with, or as the program calls it itself.
  private func entries(
    _ specification: String, _ evaluator: Evaluator, _ module: ModuleObject,
    _ request: CompileRequest
  ) throws -> [Evaluator.Entry] {
    if let call = EntryCall(parsing: specification) {
      var entry = try evaluator.trace(call.function, in: module, call: call.arguments)
      if let name = call.name { entry.name = name }
      return [entry]
    }
    if !request.arguments.isEmpty || !request.statics.isEmpty {
      return [
        try evaluator.trace(
          specification, in: module, arguments: request.arguments.map { try $0.entryArgument() },
          statics: request.statics.map { ($0.name, $0.value) })
      ]
    }
    if let annotated = try evaluator.traceAnnotated(specification, in: module) {
      return [annotated]
    }
    let called = Evaluator.stagedCalls.filter { $0.name == specification }
    if called.isEmpty {
      throw Diagnostic(
        .error, "the types of the arguments of '\(specification)' are not known",
        hint:
          "say them, as in --entry '\(specification)(f32[8,3])', or annotate the parameters, as "
          + "in x: \"f32[8,3]\"")
    }
    return called
  }

  private func lowered(_ entry: Evaluator.Entry) throws -> LoweredFunction {
    LoweredFunction(
      name: entry.name,
      module: try lower(
        entry.jaxpr, name: entry.name, resultInfo: entry.resultPaths, donated: entry.donated),
      argumentPaths: entry.argumentPaths, resultPaths: entry.resultPaths)
  }

  /// The functions of the modules in `path` that are called `names`, or without these the entries.
  private func functions(
    inModule path: String, named names: [String]
  ) throws -> [LoweredFunction] {
    let modules = try modules(in: path)
    // Another module may declare what one defines.
    func defines(_ module: Module, _ name: String) -> Bool { module[name]?.isDeclaration == false }
    for name in names where !modules.contains(where: { defines($0, name) }) {
      throw Diagnostic(.error, "there is no function @\(name)")
    }
    return try modules.enumerated().flatMap { number, module in
      try (names.isEmpty ? entries(of: module) : names.filter { defines(module, $0) }).map {
        try lowered(ModuleFunction(module: module, name: $0, number: number))
      }
    }
  }

  private func lowered(_ function: ModuleFunction) throws -> LoweredFunction {
    let module = function.asMain
    guard let main = function.module[function.name] else {
      throw Diagnostic(.error, "there is no function @\(function.name)")
    }
    var name = function.name == "main" ? module.name ?? "main" : function.name
    if name.hasPrefix("jit_") { name.removeFirst(4) }
    let results = main.resultTypes.indices.map { index in
      for attribute in main.resultAttributes[index] where attribute.name == "jax.result_info" {
        if case .string(let text) = attribute.value, !text.isEmpty { return text }
      }
      return main.resultTypes.count == 1 ? "result" : "result[\(index)]"
    }
    return LoweredFunction(
      name: name, module: module, argumentPaths: main.arguments.indices.map { "arg\($0)" },
      resultPaths: results)
  }

  // MARK: From StableHLO to files

  /// - Returns: what was written, for people.
  private func write(
    _ functions: [LoweredFunction], from path: String, _ request: CompileRequest,
    _ compileTarget: CompileTarget
  ) throws -> String {
    if functions.isEmpty {
      throw Diagnostic(
        .error, "the program compiles no function itself",
        hint: "name one, as in --entry 'f(f32[8,3])'")
    }
    var files = OutputFiles()
    defer { files.discard() }
    if request.kind == .stablehlo {
      let text = functions.map(\.module.description).joined(separator: "// -----\n")
      try files.add(request.output, Array(text.utf8))
      try files.commit()
      return "\(request.output)\n"
    }
    let target: Target
    switch compileTarget {
    case .cpu(let machine): target = machine
    case .gpu(let architecture): return try writePTX(functions, from: path, request, architecture)
    }
    let words = request.prefix ?? defaultPrefix(path, request)
    let prefix = words.isEmpty ? "" : CNames.identifier(words)
    let library = ExportedLibrary(
      name: libraryName(request.output == "-" ? path : request.output),
      source: path == "-" ? "standard input" : fileName(path),
      prefix: prefix,
      functions: try exported(
        functions, prefix: prefix, for: target.gpu == nil ? .cpu : gpu), target: target)
    let code = try Codegen.generate(library, as: codeKind(request.kind))
    let runtime = RuntimeLibrary(symbols: code.runtimeSymbols, target: target)
    switch request.kind {
    case .object, .assembly, .llvm, .bitcode, .ptx, .stablehlo:
      try files.add(request.output, code.bytes)
    case .archive:
      var archive = Archive()
      let symbols = library.functions.flatMap { [$0.symbol, $0.infoSymbol] }
      archive.members = [
        Archive.Member(
          name: "\(library.name).o", bytes: code.bytes, symbols: symbols + ["jx_status_message"])
      ]
      archive.members += try runtime.members()
      try files.add(request.output, archive.bytes)
    case .shared:
      var objects = OutputFiles()
      defer { objects.discard() }
      let temporary = files.reserve(request.output)
      let object = temporary + ".o"
      try objects.add(object, code.bytes)
      try objects.commit()
      defer { remove(object) }
      try runtime.link(object: object, to: temporary, soname: fileName(request.output))
    }
    try addCompanions(of: library, runtime, request, to: &files)
    try files.commit()
    let names = library.functions.map(\.symbol).joined(separator: ", ")
    return "\(request.output): \(names), for \(target.cpu) (\(target.triple))\n"
  }

  /// The kernels of `functions` as one text.
  private func writePTX(
    _ functions: [LoweredFunction], from path: String, _ request: CompileRequest,
    _ architecture: Architecture
  ) throws -> String {
    let words = request.prefix ?? defaultPrefix(path, request)
    let prefix = words.isEmpty ? "" : CNames.identifier(words)
    let exports = try exported(functions, prefix: prefix, for: gpu)
    let code = try generatePTX(
      exports.map(\.program), name: libraryName(request.output == "-" ? path : request.output),
      architecture: architecture)
    var files = OutputFiles()
    defer { files.discard() }
    try files.add(request.output, Array(code.ptx.utf8))
    try files.commit()
    let count = code.kernels.joined().count
    let noun = count == 1 ? "kernel" : "kernels"
    return "\(request.output): \(count) \(noun), for \(architecture)\n"
  }

  private func addCompanions(
    of library: ExportedLibrary, _ runtime: RuntimeLibrary, _ request: CompileRequest,
    to files: inout OutputFiles
  ) throws {
    guard request.kind.isLinked, request.output != "-" else { return }
    let folder = request.output.lastIndex(of: "/").map { request.output[...$0] } ?? ""
    func add(_ name: String, _ text: String) throws {
      try files.add("\(folder)\(name)", Array(text.utf8))
    }
    if request.writesHeader { try add("\(library.name).h", library.header) }
    if request.writesModuleMap { try add("module.modulemap", library.moduleMap) }
    if request.writesPackageConfiguration {
      try add(
        "\(library.name).pc",
        library.packageConfiguration(
          version: compilerVersion, libraries: runtime.systemLibraries,
          isShared: request.kind == .shared))
    }
    if request.writesPython {
      try add(
        "\(library.name).py", library.pythonModule(sharedLibrary: fileName(request.output)))
    }
  }

  /// Gives the functions their symbols, and plans how they run.
  private func exported(
    _ functions: [LoweredFunction], prefix: String, for processor: Processor = .cpu
  ) throws -> [ExportedFunction] {
    var taken: Set<String> = []
    func claim(_ symbol: String, _ name: String) throws {
      guard taken.insert(symbol).inserted else {
        throw Diagnostic(
          .error, "two functions have the symbol '\(symbol)', one of them for '\(name)'",
          hint: "rename one of them, or compile them into objects with different --prefix")
      }
      if Invocation.foreignSymbols.contains(symbol) || symbol.hasPrefix("jx_") {
        throw Diagnostic(
          .error, "the symbol '\(symbol)' belongs to the C library or to jxc",
          hint: "choose another --prefix")
      }
    }
    var counts: [String: Int] = [:]
    return try functions.map { function in
      let name = CNames.identifier(function.name)
      var symbol = prefix.isEmpty || name == prefix ? name : "\(prefix)_\(name)"
      // The program calls one function for several types.
      counts[symbol, default: 0] += 1
      if let count = counts[symbol], count > 1 { symbol += "_\(count)" }
      try claim(symbol, function.name)
      try claim(symbol + "_info", function.name)
      var module = function.module
      try run(processor.isGPU ? devicePipeline : cpuPipeline, on: &module)
      let program = try schedule(module, name: symbol, for: processor)
      if let callback = program.callbacks.elements.first {
        throw unsupported(
          "'\(callback.label)', a call of the host, in '\(function.name)', which is compiled ahead of "
            + "time", at: module.entry?.locations[callback.operation].span)
      }
      return ExportedFunction(
        symbol: symbol, name: function.name, program: program,
        argumentPaths: function.argumentPaths,
        resultPaths: function.resultPaths.map { "out" + $0.dropFirst("result".count) },
        isOnDevice: processor.isGPU)
    }
  }

  /// What compiled code calls of others, and what cannot be defined twice.
  private static let foreignSymbols: Set<String> = [
    "aligned_alloc", "ceil", "ceilf", "floor", "floorf", "fma", "fmaf", "fmod", "fmodf", "free",
    "main", "memcpy", "memmove", "memset", "nextafter", "nextafterf", "rint", "rintf", "round",
    "roundf", "trunc", "truncf",
  ]

  private func defaultPrefix(_ path: String, _ request: CompileRequest) -> String {
    path != "-" ? stem(path) : request.output == "-" ? "" : libraryName(request.output)
  }

  private func codeKind(_ kind: ArtefactKind) -> CodeKind {
    switch kind {
    case .object, .archive, .shared, .ptx, .stablehlo: .object
    case .assembly: .assembly
    case .llvm: .optimizedLLVM
    case .bitcode: .bitcode
    }
  }
}

/// What `jxc compile` compiles for.
private enum CompileTarget {
  case cpu(Target)
  case gpu(Architecture)

  init(_ request: CompileRequest) throws {
    if let architecture = try request.triple.flatMap({ try Architecture(target: $0) }) {
      guard request.kind == .ptx else {
        throw Diagnostic(
          .error, "code for '\(architecture)' is PTX", hint: "write to a file that ends in .ptx")
      }
      guard request.cpu == nil, !request.isMultiversioned else {
        throw Diagnostic(.error, "--cpu and --multiversion do not go with --target ptx")
      }
      self = .gpu(architecture)
      return
    }
    if request.kind == .ptx {
      guard request.triple == nil else {
        throw Diagnostic(
          .error, "there is no PTX for '\(request.triple ?? "")'",
          hint: "--target ptx:sm_80 and the like")
      }
      self = .gpu(.standard)
      return
    }
    self = .cpu(
      try Target(
        triple: request.triple, cpu: request.cpu, isMultiversioned: request.isMultiversioned,
        usesThreads: request.usesThreads))
  }
}

/// The last part of a path.
func fileName(_ path: String) -> String {
  path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}

/// The name of a file without its suffix.
func stem(_ path: String) -> String {
  let name = fileName(path)
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
  return String(name[..<dot])
}

/// What a library in the file `path` is called: `digits` in `libdigits.so`.
private func libraryName(_ path: String) -> String {
  let name = stem(path)
  return name.hasPrefix("lib") && name.count > 3 ? String(name.dropFirst(3)) : name
}

/// An entry that says its arguments: `[name=]function(arguments)`, where the function is any
/// expression.
private struct EntryCall {
  var name: String?
  var function: String
  var arguments: String

  /// `nil` if `text` does not end in a call.
  init?(parsing text: String) {
    guard text.last == ")" else { return nil }
    var depth = 0
    var quote: Character?
    var open: String.Index?
    // The last parenthesis to be opened at depth 0 is that of the call.
    for index in text.indices {
      let character = text[index]
      if let closing = quote {
        if character == closing { quote = nil }
        continue
      }
      switch character {
      case "'", "\"": quote = character
      case "(", "[", "{":
        if depth == 0 { open = index }
        depth += 1
      case ")", "]", "}": depth -= 1
      default: break
      }
    }
    guard depth == 0, let open, text[open] == "(" else { return nil }
    var function = text[..<open].trimmingBlanks
    let word = function.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    if !word.isEmpty, function[word.endIndex...].trimmingBlanks.hasPrefix("=") {
      name = String(word)
      function = function[word.endIndex...].trimmingBlanks.dropFirst().trimmingBlanks
    }
    if function.isEmpty { return nil }
    self.function = String(function)
    arguments = String(text[text.index(after: open)...].dropLast())
  }
}
