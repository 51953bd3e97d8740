import Core
import Execution
import HLO
import Passes
import Primitives
import Support
import Tensor

extension AcceleratorMemory: DeviceMemory {}

/// What `Core` asks of the compiler: run one primitive, or a staged function, on arrays.
///
/// There are two tiers. A staged function is compiled when it is met first, and known again by the
/// identity of its jaxpr. An eager primitive is known by its parameters and the types of its
/// operands; on small arrays the operations of the reference interpreter serve it at once, on large
/// ones it is compiled like a function, and so it is on arrays that a GPU has, for which nobody
/// should wait. Both tiers share one definition of scalar mathematics.
final class CompilingBackend: Backend {
  /// Eager operations that touch fewer elements are not worth a compilation.
  static let compiledElementCount = 1 << 14

  /// One primitive at given types.
  private struct EagerCall: Hashable {
    let primitive: AnyHashable
    let operands: [ShapedArray]
    let platform: Device.Platform
    /// Is an operand in the memory of a GPU alone?
    let isRemote: Bool
  }

  /// A function, compiled for one kind of device.
  private struct StagedCall: Hashable {
    let jaxpr: ClosedJaxpr
    let platform: Device.Platform
  }

  /// Something that runs, and the types of its results.
  private struct Code {
    enum Runner {
      case host(([HostTensor]) throws -> [HostTensor])
      case accelerator(DeviceExecutable)

      init(_ executable: any Executable) {
        if let executable = executable as? DeviceExecutable {
          self = .accelerator(executable)
        } else {
          self = .host { try executable.run($0) }
        }
      }
    }

    let runner: Runner
    let results: [ShapedArray]
  }

  private unowned let invocation: Invocation
  private var eager: [EagerCall: Code] = [:]
  private var staged: [StagedCall: Code] = [:]

  init(_ invocation: Invocation) { self.invocation = invocation }

  func evaluate(
    _ primitive: any Primitive, _ operands: [DeviceArray], on device: Device
  ) throws -> [DeviceArray] {
    if let jit = primitive as? Jit { return try call(jit, operands, on: device) }
    if let reciprocal = try reciprocalOfConstant(primitive, operands) {
      return try evaluate(Binary(.mul), [operands[0], reciprocal], on: device)
    }
    let key = EagerCall(
      primitive: AnyHashable(primitive), operands: operands.map(\.aval),
      platform: device.platform,
      isRemote: device.platform == .gpu && operands.contains(where: \.isRemote))
    if let known = eager[key] { return try run(known, operands, on: device) }
    let code = try eagerCode(primitive, key)
    eager[key] = code
    return try run(code, operands, on: device)
  }

  private func call(
    _ jit: Jit, _ operands: [DeviceArray], on device: Device
  ) throws -> [DeviceArray] {
    try run(code(of: jit, for: device.platform), operands, on: device)
  }

  private func code(of jit: Jit, for platform: Device.Platform) throws -> Code {
    let key = StagedCall(jaxpr: jit.jaxpr, platform: platform)
    if let known = staged[key] { return known }
    let executable = try invocation.compile(jit.jaxpr, name: jit.callName, for: platform)
    let code = Code(runner: .init(executable), results: jit.jaxpr.outAvals)
    staged[key] = code
    return code
  }

  func prepare(_ primitive: any Primitive, on device: Device) throws {
    // What calls the host runs step by step, and has no code of its own.
    guard let jit = primitive as? Jit, jit.effects.isEmpty else { return }
    _ = try code(of: jit, for: device.platform)
  }

  func figures(_ jaxpr: ClosedJaxpr, name: String) throws -> CompiledFigures {
    let inspection = try Inspection(try optimized(jaxpr, name: name))
    return CompiledFigures(
      cost: inspection.cost.figures, argumentBytes: inspection.figures.arguments,
      resultBytes: inspection.figures.results, temporaryBytes: inspection.figures.workspace,
      peakBytes: inspection.figures.peak)
  }

  func hloText(_ module: Module) throws -> String {
    try invocation.hloText(module, isScheduled: false)
  }

  func optimizedText(_ jaxpr: ClosedJaxpr, name: String) throws -> String {
    try invocation.hloText(optimized(jaxpr, name: name))
  }

  private func optimized(_ jaxpr: ClosedJaxpr, name: String) throws -> Module {
    var module = try lower(jaxpr, name: name)
    try invocation.run(cpuPipeline, on: &module)
    return module
  }

  private func eagerCode(_ primitive: any Primitive, _ call: EagerCall) throws -> Code {
    let jaxpr = try singleEquation(primitive, call.operands)
    let touched = (call.operands + jaxpr.outAvals).map(\.shape.count).max() ?? 0
    if !call.isRemote, touched < Self.compiledElementCount, !(primitive is any LibraryPrimitive) {
      var module = try lower(jaxpr, name: primitive.name)
      if !callsLibraries(module) {
        // The passes that change numbers.
        for pass in [sumWidening, reciprocalDivision] { _ = try pass.run(&module) }
        let interpreter = Interpreter(module)
        return Code(
          runner: .host { try interpreter.call("main", $0) }, results: jaxpr.outAvals)
      }
    }
    let executable = try invocation.compileQuietly(
      jaxpr, name: primitive.name, for: call.platform)
    return Code(runner: .init(executable), results: jaxpr.outAvals)
  }

  /// Whether the body of a loop, say, calls routines that the interpreter does not know.
  private func callsLibraries(_ module: Module) -> Bool {
    module.functions.contains { function in
      function.operations.elements.contains { operation in
        guard case .customCall(let attributes) = operation.op else { return false }
        return attributes.target.hasPrefix("lapack_")
      }
    }
  }

  /// The reciprocal of a scalar that the library divides a scalar by: a constant to XLA, which
  /// compiles functions such as `mean` whole (see `reciprocalDivision`).
  private func reciprocalOfConstant(_ primitive: any Primitive, _ operands: [DeviceArray]) throws
    -> DeviceArray?
  {
    guard let binary = primitive as? Binary, binary.function == .div, operands.count == 2,
      operands[1].isLiteral, operands[0].aval.shape.rank == 0, operands[1].aval.shape.rank == 0,
      operands[1].aval.dtype == .f32
    else { return nil }
    let divisor = Float(try operands[1].tensor()[0].double)
    return DeviceArray(HostTensor(scalar: 1 / divisor), weakType: operands[1].aval.weakType)
  }

  private func run(
    _ code: Code, _ operands: [DeviceArray], on device: Device
  ) throws -> [DeviceArray] {
    switch code.runner {
    case .host(let run):
      let values = try operands.map { try $0.tensor().lowered }
      let results = try RaisedError.byDevice { try run(values) }
      return zip(results, code.results).map { tensor, aval in
        if aval.dtype == .float0 { return DeviceArray(HostTensor.zeros(.float0, aval.shape)) }
        // Keys are words in compiled code.
        return DeviceArray(
          HostTensor(type: aval.dtype, shape: aval.shape, buffer: tensor.buffer),
          weakType: aval.weakType)
      }
    case .accelerator(let executable):
      let results = try RaisedError.byDevice {
        try executable.run(
          operands.map { operand in
            if let memory = operand.remote as? AcceleratorMemory { return memory }
            let memory = try executable.accelerator.upload(operand.tensor().buffer)
            operand.keep(memory)
            return memory
          })
      }
      return zip(results, code.results).map {
        DeviceArray($0, $1, placement: Placement(device, isCommitted: false))
      }
    }
  }

  /// The jaxpr that applies `primitive` to its parameters.
  private func singleEquation(_ primitive: any Primitive, _ operands: [ShapedArray]) throws
    -> ClosedJaxpr
  {
    let results = try primitive.resultAvals(operands)
    let parameters = operands.indices.map { Var($0) }
    let outputs = results.indices.map { Var(operands.count + $0) }
    return ClosedJaxpr(
      constvars: [], consts: [], invars: parameters,
      equations: [Equation(primitive, parameters.map { .variable($0) }, outputs)],
      outvars: outputs.map { .variable($0) }, types: operands + results)
  }
}
