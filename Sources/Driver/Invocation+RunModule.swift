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

/// Performs an operation that compiled code leaves to its host.
typealias HostOperation = (Operation, Function, [HostTensor]) throws -> [HostTensor]

/// One function of a file of modules.
struct ModuleFunction {
  let module: Module
  let name: String
  /// The number of the module in its file.
  let number: Int

  /// The module with the function as its `@main`, which is what is compiled.
  var asMain: Module {
    guard name != "main", var function = module[name] else { return module }
    var copy = module
    function.name = "main"
    function.visibility = .public
    copy.functions.append(function)
    return copy
  }
}

extension Invocation {
  /// `jxc run FILE.mlir`: runs `@main` of every module in `path`; of a module without it, every
  /// function that takes no arguments.
  public func run(modules path: String, _ request: ModuleRun) throws(Failure) {
    try reporting {
      let inputs = try request.inputs.flatMap { try $0.tensors() }
      var results: [HostTensor] = []
      for (number, module) in try modules(in: path).enumerated() {
        for name in try entries(of: module) {
          var flat = module
          if var function = flat[name], try flattenTuples(of: &function) { flat[name] = function }
          let function = ModuleFunction(module: flat, name: name, number: number)
          let given = try call(function, inputs, isInterpreted: request.isInterpreted)
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

  /// The functions of `module` that are programs: `@main`, or those that take no arguments.
  func entries(of module: Module) throws -> [String] {
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
    _ callee: ModuleFunction, _ inputs: [HostTensor], isInterpreted: Bool
  ) throws -> [HostTensor] {
    let (module, name) = (callee.module, callee.name)
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
    // The text of the file, which was read last, says what the function does.
    let digest = sources.files.last?.digest ?? ""
    let executable = try compile(
      callee.asMain,
      key: isObserved ? nil : memory.key("\(digest) \(callee.number) \(name)")
    ) {
      try interpreter.perform($0, of: $1, $2)
    }
    return try executable.run(operands)
  }

  /// What the program's host calls do: `onHost` performs the operations that they stand for.
  func hostCallbacks(
    of program: Program, in module: Module, _ onHost: HostOperation?
  ) -> [HostCallback] {
    guard let onHost, let function = module.entry else { return [] }
    return program.callbacks.elements.map { callback in
      { operands in
        do {
          return try onHost(function.operations[callback.operation], function, operands)
        } catch var failure as FailedCheck {
          if failure.span == nil { failure.span = function.locations[callback.operation].span }
          throw failure
        }
      }
    }
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
