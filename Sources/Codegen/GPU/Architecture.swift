import Support

/// A generation of NVIDIA's GPUs, as PTX names it.
public struct Architecture: Hashable, Sendable, CustomStringConvertible {
  /// `sm_80` and the like.
  public let name: String
  /// The version of PTX that has everything we use for it: older drivers read no newer one.
  let version: String

  public var description: String { name }

  /// The bytes of shared memory that a block may have.
  var mostSharedBytes: Int {
    switch name {
    case "sm_70", "sm_72": 96 << 10
    case "sm_75": 64 << 10
    case "sm_86", "sm_89": 99 << 10
    case "sm_80", "sm_87": 163 << 10
    default: 227 << 10
    }
  }

  /// What code is made for unless another one is named.
  public static let standard = Architecture(name: "sm_80", version: "ptx70")

  private static let known = [
    Architecture(name: "sm_70", version: "ptx63"), Architecture(name: "sm_72", version: "ptx63"),
    Architecture(name: "sm_75", version: "ptx63"), standard,
    Architecture(name: "sm_86", version: "ptx71"), Architecture(name: "sm_87", version: "ptx74"),
    Architecture(name: "sm_89", version: "ptx78"), Architecture(name: "sm_90", version: "ptx78"),
    Architecture(name: "sm_90a", version: "ptx80"),
  ]

  private init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// The newest one that a GPU of compute capability `number` runs (90 for 9.0).
  public static func newest(upTo number: Int) -> Architecture {
    // What is meant for one generation alone has a letter.
    known.last { $0.name.last?.isNumber == true && $0.number <= number } ?? known[0]
  }

  /// 80 for `sm_80`.
  var number: Int { Int(name.filter(\.isNumber)) ?? 0 }

  /// The architecture called `name`.
  public init(named name: String) throws {
    guard let found = Architecture.known.first(where: { $0.name == name }) else {
      let names = Architecture.known.map(\.name).joined(separator: ", ")
      throw Diagnostic(.error, "unknown GPU architecture '\(name)'", hint: "known are \(names)")
    }
    self = found
  }

  /// The architecture of a target such as `ptx:sm_80`, or `ptx` alone; `nil` for a target that is no
  /// PTX.
  public init?(target: String) throws {
    if target == "ptx" {
      self = .standard
    } else if target.hasPrefix("ptx:") {
      try self.init(named: String(target.dropFirst(4)))
    } else {
      return nil
    }
  }

  /// What code generation has to know: vectors are what one access moves.
  var machine: MachineModel {
    var model = MachineModel(
      triple: "nvptx64-nvidia-cuda", cpu: name, features: "+\(version)")
    model.usesThreads = false
    return model
  }
}
