/// What arrays live and programs run on. JAX's `Device`.
public struct Device: Hashable, Sendable {
  /// What a device is.
  public enum Platform: String, Hashable, Sendable, CaseIterable {
    case cpu, gpu
  }

  public let platform: Platform
  /// Its number among the devices of the platform.
  public let id: Int

  public init(_ platform: Platform, _ id: Int = 0) {
    self.platform = platform
    self.id = id
  }
}

/// The devices of a run. Programs run on one thread.
public enum Devices {
  /// How many devices of the CPU programs see: `jax_num_cpu_devices`, or what `countCPUs` says when a
  /// program asks first.
  public static var cpuCount: Int {
    get {
      let count = statedCPUCount ?? countCPUs()
      statedCPUCount = count
      return count
    }
    set { statedCPUCount = newValue }
  }
  private nonisolated(unsafe) static var statedCPUCount: Int?
  /// What the environment says of the number of CPUs; set by `Host`.
  public nonisolated(unsafe) static var countCPUs: () -> Int = { 1 }
  /// Asks for the number of GPUs, when a program asks for one first; set by `Driver`.
  public nonisolated(unsafe) static var countGPUs: () -> Int = { 0 }
  private nonisolated(unsafe) static var gpuCount: Int?
  /// What programs run on unless they say otherwise.
  public nonisolated(unsafe) static var platform = Device.Platform.cpu
  /// The device that takes the place of the first of these: `jax_default_device`.
  public nonisolated(unsafe) static var chosen: Device?
  /// Why there is no default device, where the program chose a platform that is absent: what needs
  /// none still works.
  public nonisolated(unsafe) static var absentDefault: String?
  /// Why there is no device, where the user asked for a platform that is absent.
  public nonisolated(unsafe) static var failure: String?

  /// Says why there is no GPU, if there is none; set by `Driver`.
  public nonisolated(unsafe) static var absence: () -> String? = { nil }
  /// What `JAX_PLATFORMS` says, if it says anything.
  public nonisolated(unsafe) static var namedPlatforms: String?

  /// Chooses what programs run on as `JAX_PLATFORMS` says: a list of names, the first of which has to
  /// have a device.
  public static func choosePlatforms(_ names: String) {
    namedPlatforms = names
    failure = nil
    let list = names.split(separator: ",")
    for name in list.reversed() {
      switch name {
      // JAX passes over it where others are named.
      case "cuda" where list.contains("cpu") && absence() != nil: break
      case "cpu": platform = .cpu
      case "gpu", "cuda": require(.gpu)
      default:
        failure =
          "Unable to initialize backend '\(name)': Backend '\(name)' is not in the list of known "
          + "backends: ['cpu', 'gpu']. (set JAX_PLATFORMS='' to automatically choose an available "
          + "backend)"
        return
      }
    }
  }

  /// Makes `platform` what programs run on; where it is not there, they fail.
  public static func require(_ platform: Device.Platform) {
    self.platform = platform
    failure = absence().map {
      "Unable to initialize backend 'cuda': \($0) (set JAX_PLATFORMS='' to automatically choose an "
        + "available backend)"
    }
  }

  public static func all(of platform: Device.Platform) -> [Device] {
    switch platform {
    case .cpu: return (0..<cpuCount).map { Device(.cpu, $0) }
    case .gpu:
      let count = gpuCount ?? countGPUs()
      gpuCount = count
      return (0..<count).map { Device(.gpu, $0) }
    }
  }

  /// The platforms that have a device, the one that programs run on first.
  public static var platforms: [Device.Platform] {
    [platform] + Device.Platform.allCases.filter { $0 != platform && !all(of: $0).isEmpty }
  }

  /// What is computed from nothing, and from uncommitted arrays, is here.
  public static var standard: Placement {
    Placement(chosen ?? Device(platform), isCommitted: false)
  }
}

/// Where an array lives, and whether the program put it there: committed arrays are computed with
/// where they are.
public struct Placement: Hashable, Sendable {
  public var device: Device
  public var isCommitted: Bool

  public init(_ device: Device, isCommitted: Bool) {
    self.device = device
    self.isCommitted = isCommitted
  }

  /// Where a function of `operands` runs, and its results are.
  ///
  /// - Parameter name: of an operand, as messages say it: `x of add`.
  /// - Throws: `ValueError` if two operands are committed to different devices.
  public init(of operands: [DeviceArray], name: (Int) -> String) throws {
    if let failure = Devices.failure { throw RaisedError(.runtimeError, failure) }
    var first: Int?
    for (index, operand) in operands.enumerated() where operand.placement.isCommitted {
      guard let earlier = first else {
        first = index
        continue
      }
      let (one, other) = (operands[earlier].placement.device, operand.placement.device)
      if one == other { continue }
      func text(_ index: Int, _ device: Device) -> String {
        "argument \(name(index)) with shape \(operands[index].aval.strengthened.longDescription) "
          + "and with device ids [\(device.id)] on platform \(device.platform.rawValue.uppercased())"
      }
      throw RaisedError(
        .valueError,
        "Received incompatible devices for jitted computation. Got \(text(earlier, one)) and "
          + text(index, other))
    }
    if first == nil, let absence = Devices.absentDefault {
      throw RaisedError(.runtimeError, absence)
    }
    self = first.map { operands[$0].placement } ?? Devices.standard
  }
}

/// What messages call an operand of a primitive that is evaluated on its own. The operators of arrays
/// are functions of the library with parameters.
func operandName(_ index: Int, of primitive: String) -> String {
  let function: String? =
    switch primitive {
    case "add": "add"
    case "sub": "subtract"
    case "mul": "multiply"
    case "max": "maximum"
    case "min": "minimum"
    case "lt": "less"
    case "le": "less_equal"
    case "gt": "greater"
    case "ge": "greater_equal"
    case "eq": "equal"
    case "ne": "not_equal"
    case "and": "bitwise_and"
    case "or": "bitwise_or"
    case "xor": "bitwise_xor"
    default: nil
    }
  if let function { return "\(index == 0 ? "x" : "y") of \(function)" }
  let numbered: String? =
    switch primitive {
    case "div": "true_divide"
    case "rem": "remainder"
    case "atan2": "arctan2"
    case "pow": "_power"
    default: nil
    }
  if let numbered { return "x\(index + 1) of \(numbered)" }
  return "args[\(index)] of \(primitive)"
}
