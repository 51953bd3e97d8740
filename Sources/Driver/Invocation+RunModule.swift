import Execution
import HLO
import LoopIR
import Passes
import Support
import Tensor

/// What `jxc run FILE.mlir` is asked for, beside the file.
public struct ModuleRun: Sendable {
  public var inputs: [ModuleInput] = []
  /// The file that receives the results, `.npy` or `.npz`; they are printed where there is none.
  public var output: String?
  /// Use the reference interpreter instead of compiled code.
  public var isInterpreted = false

  public init() {}
}

extension Invocation {
  /// `jxc run FILE.mlir`: runs `@main` of every module in `path`; of a module without it, every
  /// function that takes no arguments.
  public func run(modules path: String, _ request: ModuleRun) throws(Failure) {
    try reporting {
      let inputs = try request.inputs.flatMap { try $0.tensors() }
      var results: [HostTensor] = []
      for module in try modules(in: path) {
        for name in try entries(of: module) {
          let given = try call(name, of: module, inputs, isInterpreted: request.isInterpreted)
          results += given
          guard request.output == nil else { continue }
          for result in given {
            writeOutput("\(TensorType(result.shape, result.type))\n\(result.text())\n")
          }
        }
      }
      if let output = request.output { try write(results, to: output) }
    }
  }

  private func entries(of module: Module) throws -> [String] {
    if module["main"] != nil { return ["main"] }
    // What another function names is no program of its own.
    let entries = module.functions.filter { $0.arguments.isEmpty && $0.visibility != .private }
    if entries.isEmpty && !module.functions.isEmpty {
      throw Diagnostic(
        .error, "nothing to run: there is no @main, and no function without arguments")
    }
    return entries.map(\.name)
  }

  private func call(
    _ name: String, of module: Module, _ inputs: [HostTensor], isInterpreted: Bool
  ) throws -> [HostTensor] {
    guard let function = module[name] else { return [] }
    let types = function.argumentTypes.compactMap(\.tensor)
    guard inputs.count == types.count else {
      throw Diagnostic(
        .error, "@\(name) takes \(types.count) arrays, not \(inputs.count)",
        notes: types.map { "it takes \($0)" }, hint: "give each with --input")
    }
    let operands = zip(inputs, types).map { $0.read(as: $1) }
    for (index, (operand, type)) in zip(operands, types).enumerated() where type.isStatic {
      let given = TensorType(operand.shape, operand.type)
      if given != type {
        throw Diagnostic(.error, "argument \(index) of @\(name) is \(given), not \(type)")
      }
    }
    let interpreter = Interpreter(module)
    if isInterpreted { return try interpreter.call(name, operands) }
    let executable = try compile(module, entry: name) {
      try interpreter.perform($0, of: $1, $2)
    }
    return try executable.run(operands)
  }

  /// Compiles the function `entry` of `module`; `onHost` does what compiled code leaves to its host.
  func compile(
    _ module: Module, entry: String,
    onHost: @escaping (Operation, Function, [HostTensor]) throws -> [HostTensor]
  ) throws -> Executable {
    var module = module
    // The compiled function is the module's @main.
    if entry != "main", var function = module[entry] {
      function.name = "main"
      function.visibility = .public
      module.functions.append(function)
    }
    try run(cpuPipeline, on: &module)
    let program = try scheduled(module)
    let function = module.entry
    let callbacks = program.callbacks.elements.map { callback -> HostCallback in
      { operands in
        guard let function else { return [] }
        do {
          return try onHost(function.operations[callback.operation], function, operands)
        } catch var failure as FailedCheck {
          if failure.span == nil { failure.span = function.spans[callback.operation] }
          throw failure
        }
      }
    }
    return try timed("code generation") { try Execution.compile(program, callbacks: callbacks) }
  }

  private func write(_ results: [HostTensor], to path: String) throws {
    if path.hasSuffix(".npz") {
      let arrays = results.enumerated().map { (name: "arr_\($0)", tensor: $1) }
      try writeFile(Npz.encode(arrays), to: path)
    } else if results.count == 1 {
      try writeFile(Npy.encode(results[0]), to: path)
    } else {
      throw Diagnostic(
        .error, "'\(path)' holds one array, and the module gives \(results.count)",
        hint: "write to a file that ends in .npz")
    }
  }
}
