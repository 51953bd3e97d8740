import Glibc
import HLO
import Support
import Tensor

/// What `jxc reduce` is asked for, beside the file.
public struct ReductionRequest: Sendable {
  /// The command that shows what is wrong; the file's name takes the place of `{}`, or follows.
  /// Without one the module is compiled, run, and compared with the reference interpreter.
  public var command: String?
  /// The file that receives the module; standard output where there is none.
  public var output: String?
  /// The longest that one try may take.
  public var seconds = 20.0
  /// The flags for the compiler in the tries.
  public var compilerFlags: [String] = []

  public init() {}
}

extension Invocation {
  /// `jxc reduce`: makes the module in `path` smaller as long as the command ends as it does for the
  /// whole one.
  public func reduce(_ path: String, _ request: ReductionRequest) throws(Failure) {
    try reporting {
      let modules = try modules(in: path)
      guard modules.count == 1, let module = modules.first else {
        throw Diagnostic(.error, "'\(path)' holds \(modules.count) modules, not one")
      }
      let file = temporaryFile()
      defer { unlink(file) }
      func result(_ module: Module) throws -> CommandResult {
        try writeFile(Array(module.description.utf8), to: file)
        return try Driver.run(command: command(request, file), seconds: request.seconds)
      }
      let expected = try result(module)
      if request.command == nil, expected == .exit(0) {
        throw Diagnostic(
          .error, "nothing is wrong: compiled and interpreted results agree",
          hint: "--command says what shows that something is wrong")
      }
      var reducer = Reducer(module) { (try? result($0)) == expected }
      let size = reducer.size
      reducer.run()
      writeError("\(size) operations became \(reducer.size); \(expected.description)\n")
      try writeFile(Array(reducer.module.description.utf8), to: request.output ?? "-")
    }
  }

  private func command(_ request: ReductionRequest, _ file: String) -> [String] {
    guard let command = request.command else {
      return ["/proc/self/exe", "reduce", "--judge", file] + request.compilerFlags
    }
    let parts = command.split(separator: "{}", omittingEmptySubsequences: false)
    let text = parts.count > 1 ? parts.joined(separator: file) : "\(command) \(file)"
    return ["/bin/sh", "-c", text]
  }

  private func temporaryFile() -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(folder)/jxc-reduce-\(getpid()).mlir"
  }

  /// `jxc reduce --judge`: compares the compiled module with the interpreted one on some operands.
  ///
  /// - Throws: `Failure` with exit code 3 where they differ.
  public func judge(_ path: String) throws(Failure) {
    try reporting {
      for (number, module) in try modules(in: path).enumerated() {
        guard let entry = module.entry else { continue }
        let function = ModuleFunction(module: module, name: entry.name, number: number)
        let operands = entry.argumentTypes.compactMap(\.tensor).enumerated().map {
          someTensor($1, seed: $0)
        }
        let interpreter = Interpreter(module)
        let executable = try compile(function.asMain, key: nil) {
          try interpreter.perform($0, of: $1, $2)
        }
        // What the interpreter refuses says nothing about the compiler.
        guard let expected = try? Interpreter(module).call(entry.name, operands) else { continue }
        let results = try executable.run(operands)
        for (index, (result, expected)) in zip(results, expected).enumerated()
        where !agree(result, expected) {
          report([
            Diagnostic(
              .error, "result \(index) differs",
              notes: ["compiled: \(result.text())", "interpreted: \(expected.text())"])
          ])
          throw Failure(.checkFailed)
        }
      }
    }
  }

  /// Small numbers of either sign, the same ones for the same `seed`.
  private func someTensor(_ type: TensorType, seed: Int) -> HostTensor {
    let tensor = HostTensor(
      type: .f64, shape: type.shape, buffer: Buffer(byteCount: type.count * 8))
    let numbers = tensor.buffer.address.bindMemory(to: Double.self, capacity: type.count)
    for index in 0..<type.count {
      let position = (index * 7 + seed * 13) % 23
      numbers[index] = type.element.isInteger ? Double(position % 5) : Double(position - 11) / 4
    }
    return tensor.converted(to: type.element)
  }

  /// Whether two results are the same but for rounding.
  private func agree(_ a: HostTensor, _ b: HostTensor) -> Bool {
    guard a.type == b.type, a.shape == b.shape else { return false }
    if !a.type.isInexact { return (0..<a.count).allSatisfy { a[$0] == b[$0] } }
    let tolerance =
      switch a.type {
      case .f64, .c128: 1e-8
      case .f32, .c64: 1e-3
      default: 0.1
      }
    func close(_ x: Double, _ y: Double) -> Bool {
      x == y || (x.isNaN && y.isNaN)
        || abs(x - y) <= tolerance * max(1, max(abs(x), abs(y)))
    }
    return (0..<a.count).allSatisfy { index in
      switch (a[index], b[index]) {
      case (.complex(let x), .complex(let y)):
        close(x.real, y.real) && close(x.imaginary, y.imaginary)
      case (let x, let y): close(x.double, y.double)
      }
    }
  }
}
