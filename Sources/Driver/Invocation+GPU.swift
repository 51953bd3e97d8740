import Codegen
import Core
import Execution
import Glibc
import HLO
import LoopIR
import Passes
import Support

/// `--device`: what programs run on.
public enum DeviceChoice: String, CaseIterable, Sendable {
  case cpu
  /// The first NVIDIA GPU.
  case gpu
  /// A simulator of one, which checks every access.
  case ptxsim
}

extension Invocation {
  /// Tells programs which devices there are.
  func setUpDevices() {
    Devices.countGPUs = { [self] in
      switch options.device {
      case .cpu, .gpu: Accelerator.gpuCount
      case .ptxsim: 1
      }
    }
    Devices.absence = { Accelerator.absence }
    switch options.device {
    case .cpu:
      if let names = getenv("JAX_PLATFORMS") { Devices.choosePlatforms(String(cString: names)) }
    case .gpu: Devices.require(.gpu)
    case .ptxsim: Devices.platform = .gpu
    }
  }

  /// The GPU, or the simulator of one.
  ///
  /// - Throws: where there is none.
  func accelerator() throws -> Accelerator {
    if let known = openAccelerator { return known }
    let made: Accelerator =
      switch options.device {
      case .cpu, .gpu: try .gpu()
      case .ptxsim: .simulator()
      }
    openAccelerator = made
    return made
  }

  /// GPUs, as programs are scheduled for them.
  var gpu: Processor { .gpu(usesAtomics: options.usesAtomics) }

  /// The passes for GPUs.
  var devicePipeline: Pipeline<Module> { options.usesAtomics ? atomicPipeline : gpuPipeline }

  /// From StableHLO to kernels, which are loaded into the GPU.
  func compileForGPU(_ module: Module, _ onHost: HostOperation?) throws -> any Executable {
    let accelerator = try accelerator()
    var module = module
    try run(devicePipeline, on: &module)
    try show(.hlo, hloText(module))
    let program = try scheduled(module, for: gpu)
    show(.loops, program.description)
    let callbacks = hostCallbacks(of: program, in: module, onHost)
    return try timed("code generation") {
      let kernels = try DeviceProgram(program, architecture: accelerator.architecture)
      // What the driver says of them is an error that the program can catch.
      return try RaisedError.byDevice {
        try DeviceExecutable(
          program, kernels, on: accelerator, callbacks: CallbackTable(program, callbacks))
      }
    }
  }

  /// The GPU for which programs are shown; `nil` where they are shown for this machine.
  var shownArchitecture: Architecture? {
    switch (options.target, shownStage) {
    case (.gpu(let chosen), .hlo?), (.gpu(let chosen), .loops?), (.gpu(let chosen), .llvm?),
      (.gpu(let chosen), .ptx?):
      chosen
    case (.host, .ptx?): .standard
    case (_, _): nil
    }
  }

  /// Shows what becomes of `module` on a GPU. The program itself runs here all the same: what a GPU
  /// cannot run yet is reported, and it goes on.
  func showForGPU(_ module: Module, _ architecture: Architecture) throws {
    do {
      var module = module
      try run(devicePipeline, on: &module)
      try show(.hlo, hloText(module))
      let program = try scheduled(module, for: gpu)
      show(.loops, program.description)
      guard shownStage == .llvm || shownStage == .ptx else { return }
      let kernels = try timed("LLVM IR") {
        try DeviceModule([program], name: program.name, architecture: architecture)
      }
      try timed("LLVM optimisation") { try kernels.optimize() }
      show(.llvm, kernels.llvm)
      guard shownStage == .ptx else { return }
      try show(.ptx, timed("PTX") { try kernels.ptx() })
    } catch let diagnostic as Diagnostic {
      report([diagnostic])
      hasReported = true
    }
  }
}
