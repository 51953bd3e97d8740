import Support

/// The processors that code is compiled ahead of time for.
public struct Target: Hashable, Sendable {
  /// The code's versions; the lowest comes first, the processor at hand chooses the highest.
  public let versions: [MachineModel]
  /// The processor, for people.
  public let cpu: String
  /// Where the functions run, if that is a GPU: the processor then only calls it.
  public let gpu: Architecture?

  public var triple: String { versions[0].triple }

  /// The level of x86-64 that the processor must have, from 0 (x86-64) to 3 (x86-64-v4): as far as
  /// the names and features of processors tell.
  var requiredLevel: Int {
    let machine = versions[0]
    guard machine.isX86, versions.count == 1 else { return 0 }
    return Target.levels.firstIndex(of: machine.cpu)
      ?? (machine.vectorBits >= 512 ? 3 : machine.vectorBits >= 256 ? 2 : 0)
  }

  /// The levels of x86-64 that `--multiversion` has code for.
  private static let levels = ["x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"]

  /// - Parameters:
  ///   - triple: `nil` for this machine's; `cuda`, or `cuda:sm_90`, for GPUs at this machine.
  ///   - cpu: a name that LLVM knows, or `native`. Unless given, one that most machines have.
  ///   - isMultiversioned: whether there is code for every level of x86-64, chosen when loaded.
  ///   - usesThreads: whether large loops are spread over threads.
  public init(
    triple: String?, cpu: String?, isMultiversioned: Bool = false, usesThreads: Bool = true
  ) throws {
    let host = MachineModel.host
    if let name = triple, name == "cuda" || name.hasPrefix("cuda:") {
      guard cpu == nil, !isMultiversioned else {
        throw Diagnostic(.error, "--cpu and --multiversion are not for GPUs")
      }
      let gpu: Architecture =
        try name == "cuda" ? .standard : Architecture(named: String(name.dropFirst(5)))
      self.gpu = gpu
      self.cpu = gpu.name
      versions = [MachineModel(triple: host.triple, cpu: "", features: "")]
      return
    }
    gpu = nil
    let triple = try triple.map(Target.completed) ?? host.triple
    let isHost = triple == host.triple
    func model(_ cpu: String) throws -> MachineModel {
      if cpu == "native" {
        guard isHost else {
          throw Diagnostic(
            .error, "'native' is the processor of this machine, which is no '\(triple)'",
            hint: "name a processor, for example --cpu generic")
        }
        return host
      }
      let model = MachineModel(triple: triple, cpu: cpu, features: "")
      try checkProcessor(model)
      return model
    }
    var versions: [MachineModel]
    if isMultiversioned {
      guard triple.hasPrefix("x86_64") else {
        throw Diagnostic(.error, "--multiversion is for x86-64, not for '\(triple)'")
      }
      guard cpu == nil else {
        throw Diagnostic(.error, "--multiversion chooses the processors; leave out --cpu")
      }
      versions = try Target.levels.map { try model($0) }
      for index in versions.indices { versions[index].isVersion = true }
      self.cpu = "x86-64 to x86-64-v4, whichever the processor has"
    } else {
      let common = triple.hasPrefix("x86_64") ? "x86-64-v3" : "generic"
      let lacksCommon = isHost && host.isX86 && host.vectorBits < 256
      versions = [try model(cpu ?? (lacksCommon ? "native" : common))]
      self.cpu = versions[0].cpu
    }
    for index in versions.indices { versions[index].usesThreads = usesThreads }
    self.versions = versions
  }

  /// `aarch64` and the like become full triples.
  private static func completed(_ name: String) throws -> String {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    let architecture: String
    switch parts[0] {
    case "x86_64", "x86-64", "amd64": architecture = "x86_64"
    case "aarch64", "arm64": architecture = "aarch64"
    default:
      throw Diagnostic(
        .error, "unknown target '\(name)'",
        hint: "x86_64-linux-gnu and aarch64-linux-gnu are there")
    }
    // Everything else is as on Linux, the only system that is supported.
    guard parts.count == 1 || parts.contains("linux") || name.hasPrefix("x86-64") else {
      throw Diagnostic(
        .error, "unknown target '\(name)'",
        hint: "x86_64-linux-gnu and aarch64-linux-gnu are there")
    }
    let triple = "\(architecture)-unknown-linux-gnu"
    let host = MachineModel.host.triple
    return host.hasPrefix(architecture) ? host : triple
  }
}
