import Core
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
typealias HostOperation = (OperationID, Function, [HostTensor]) throws -> [HostTensor]

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
    copy.name = copy.name ?? name
    copy.functions.append(function)
    return copy
  }
}

extension Module {
  /// Gives `@main` the shapes of its operands, and what it computes from them the shapes that
  /// follow; returns these shapes, where there was something to settle.
  fileprivate mutating func settleShapes(_ operands: [HostTensor]) throws -> String {
    guard var main = self["main"], functions.contains(where: { $0.interpretedOperation != nil })
    else { return "" }
    for (argument, operand) in zip(main.arguments, operands) {
      guard let type = main.type(of: argument).tensor else { continue }
      main.values[argument].type = .tensor(TensorType(operand.shape, type.element, note: type.note))
    }
    self["main"] = main
    for pass in [inlining, tupleFlattening, staticShapes] { _ = try pass.run(&self) }
    return "\(operands.map(\.shape.dimensions))"
  }
}

extension Invocation {
  /// `jxc run FILE.mlir`: runs `@main` of every module in `path`; of a module without it, every
  /// function that takes no arguments.
  public func run(modules path: String, _ request: ModuleRun) throws(Failure) {
    try reporting {
      let inputs = try request.inputs.flatMap { try $0.tensors() }
      var results: [HostTensor] = []
      var hasFailed = false
      for (number, module) in try modules(in: path).enumerated() {
        for name in try entries(of: module) {
          var flat = module
          if var function = flat[name], try flattenTuples(of: &function) { flat[name] = function }
          let function = ModuleFunction(module: flat, name: name, number: number)
          let given: [HostTensor]
          do {
            given = try call(function, inputs, isInterpreted: request.isInterpreted)
          } catch let failure as FailedCheck {
            // The other functions run all the same.
            report(failure)
            hasFailed = true
            continue
          }
          results += given
          guard request.output == nil else { continue }
          for result in given {
            writeOutput("\(TensorType(result.shape, result.type))\n\(result.text())\n")
          }
        }
      }
      if hasFailed { throw Failure(.checkFailed) }
      if let output = request.output { try write(results, to: output) }
    }
  }

  /// The functions of `module` that are programs: `@main`, or those that take no arguments, or the
  /// only one.
  func entries(of module: Module) throws -> [String] {
    if module["main"] != nil { return ["main"] }
    // What another function names is no program of its own.
    let functions = module.functions.filter { $0.visibility != .private && !$0.isDeclaration }
    if functions.count == 1 { return [functions[0].name] }
    let entries = functions.filter(\.arguments.isEmpty)
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
    for (index, (operand, type)) in zip(operands, types).enumerated() {
      let given = TensorType(operand.shape, operand.type)
      if !type.admits(given) {
        throw Diagnostic(.error, "argument \(index) of @\(name) is \(given), not \(type)")
      }
    }
    let interpreter = Interpreter(module) { try self.perform($0, of: $1, $2) }
    if isInterpreted { return try interpreter.call(name, operands) }
    // With these operands, shapes that the program leaves open are known.
    var main = callee.asMain
    let shapes = try main.settleShapes(operands)
    // The interpreter alone knows the others, and quantised numbers.
    if let function = main.entry, function.interpretedOperation != nil {
      return try interpreter.call(name, operands)
    }
    // The text of the file, which was read last, says what the function does.
    let digest = sources.files.last?.digest ?? ""
    let platform: Device.Platform = options.device == .cpu ? .cpu : .gpu
    let key =
      isObserved || platform != .cpu
      ? nil : memory.key("\(digest) \(callee.number) \(name) \(shapes)")
    let executable = try compile(main, key: key, for: platform) {
      try interpreter.perform($0, of: $1, $2)
    }
    return try executable.run(operands)
  }

  /// A routine of LAPACK, for the interpreter: what the compiled operation does.
  private func perform(
    _ id: OperationID, of caller: Function, _ operands: [HostTensor]
  ) throws -> [HostTensor] {
    let operation = caller.operations[id]
    var function = Function(
      name: "main", visibility: .public,
      arguments: operands.map { .tensor(TensorType($0.shape, $0.type)) },
      results: operation.results.map { caller.type(of: $0) })
    let call = function.create(
      operation.op, Operands(function.arguments), resultTypes: function.resultTypes, regions: [])
    function.operationAttributes[call] = caller.operationAttributes[id]
    let given = Dictionary(uniqueKeysWithValues: zip(function.arguments, operands))
    _ = function.settleShapeOperands(of: call) { argument in
      given[argument]?.elements(as: Int64.self).map { Int($0) }
    }
    function.resultTypes = function.operations[call].results.map { function.type(of: $0) }
    let last = function.create(
      .return, Operands(Array(function.operations[call].results)), resultTypes: [], regions: [])
    function.regions[function.body].operations = [call, last]
    return try quietly { try compile(Module(functions: [function]), key: nil).run(operands) }
  }

  /// What the program's host calls do: `onHost` performs the operations that they stand for.
  func hostCallbacks(
    of program: Program, in module: Module, _ onHost: HostOperation?
  ) -> [HostCallback] {
    guard let function = module.entry else { return [] }
    // A program's own functions leave nothing but random numbers to the host.
    let interpreter = Interpreter(module)
    let onHost = onHost ?? { try interpreter.perform($0, of: $1, $2) }
    return program.callbacks.elements.map { callback in
      { operands in
        do {
          return try onHost(callback.operation, function, operands)
        } catch var failure as FailedCheck {
          if failure.span == nil { failure.span = function.locations[callback.operation].span }
          throw failure
        } catch let error as Diagnostic {
          throw error.at(function.locations[callback.operation].span)
        }
      }
    }
  }

  private func write(_ results: [HostTensor], to path: String) throws {
    var files = OutputFiles()
    defer { files.discard() }
    if path.hasSuffix(".npz") {
      let arrays = results.enumerated().map { (name: "arr_\($0)", tensor: $1) }
      try files.add(path, Npz.encode(arrays))
      try files.commit()
    } else if results.count == 1 {
      try files.add(path, Npy.encode(results[0]))
      try files.commit()
    } else {
      throw Diagnostic(
        .error, "'\(path)' holds one array, and the module gives \(results.count)",
        hint: "write to a file that ends in .npz")
    }
  }
}
