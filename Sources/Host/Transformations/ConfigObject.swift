import Core
import Glibc
import Syntax

/// `jax.config`
final class ConfigObject: NativeObject {
  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "Config", base: Types.object, module: "jax._src.config")
    cls.def("update(self, name, val)") { a in
      try Configuration.set(Host.str(a[1] ?? .none), a[2] ?? .none)
      return .none
    }
    cls.def("read(self, name)") { a in
      let name = try Host.str(a[1] ?? .none)
      guard let value = Configuration.get(name) else {
        throw attributeError("Unrecognized config option: \(name)")
      }
      return value
    }
    return cls
  }()

  override var cls: Class { ConfigObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    name.text == "x64_enabled" ? .bool(Configuration.x64) : Configuration.get(name.text)
  }

  override func setAttribute(_ name: Symbol, _ value: Object?) throws {
    try Configuration.set(name.text, value ?? .none)
  }
}

extension Configuration {
  /// `jax_disable_jit`
  nonisolated(unsafe) static var disableJit = false

  /// What the program has set that no variable of its own holds.
  private nonisolated(unsafe) static var values: [String: Object] = [:]

  /// The value of the setting `name`; `nil` if JAX has none of this name.
  static func get(_ name: String) -> Object? {
    switch name {
    case "jax_enable_x64": .bool(x64)
    case "jax_disable_jit": .bool(disableJit)
    case "jax_debug_nans": .bool(InvalidValues.refusesNaN)
    case "jax_debug_infs": .bool(InvalidValues.refusesInfinity)
    case "jax_num_cpu_devices": .int(Devices.cpuCount)
    case "jax_default_device": DefaultDevice.name
    case "jax_platforms": Devices.namedPlatforms.map { .str($0) } ?? Object.none
    case "jax_threefry_partitionable": .bool(traceContext.isThreefryPartitionable)
    case "jax_random_seed_offset": .int(traceContext.seedOffset)
    default: values[name] ?? Setting.all[name]?.initial
    }
  }

  /// Sets `name`.
  ///
  /// - Throws: `AttributeError` for a setting that JAX does not have, `ValueError` for a value that
  ///   the setting does not take, `unsupported` for what jxc cannot do.
  static func set(_ name: String, _ value: Object) throws {
    guard let setting = Setting.all[name] else {
      throw attributeError("Unrecognized config option: \(name)")
    }
    try setting.check(name, value)
    switch name {
    case "jax_enable_x64": x64 = try isTrue(value)
    case "jax_disable_jit": disableJit = try isTrue(value)
    case "jax_debug_nans": InvalidValues.refusesNaN = try isTrue(value)
    case "jax_debug_infs": InvalidValues.refusesInfinity = try isTrue(value)
    case "jax_num_cpu_devices": Devices.cpuCount = max(1, try requireIndex(value))
    case "jax_default_device": try DefaultDevice.choose(value)
    case "jax_platforms":
      if case .str(let names) = value { Devices.choosePlatforms(names.text) }
    case "jax_threefry_partitionable": traceContext.isThreefryPartitionable = try isTrue(value)
    case "jax_random_seed_offset":
      traceContext.seedOffset = try value.isNone ? 0 : requireIndex(value)
    default:
      values[name] = value
      traceContext.refusesRankPromotion = isChosen("jax_numpy_rank_promotion", "raise")
      traceContext.isPromotionStrict = isChosen("jax_numpy_dtype_promotion", "strict")
      if case .str(let precision)? = values["jax_default_matmul_precision"] {
        traceContext.matrixPrecision = precision.text
      } else {
        traceContext.matrixPrecision = nil
      }
    }
  }

  /// A context in which the setting `name` is `value`.
  ///
  /// - Throws: what `set` throws.
  static func context(_ name: String, _ value: Object) throws -> ContextManager {
    try Setting.all[name]?.check(name, value)
    if name == "jax_default_device" { try DefaultDevice.check(value) }
    return ContextManager {
      let outer = get(name) ?? .none
      try set(name, value)
      return { try? set(name, outer) }
    }
  }

  /// Takes the settings that the environment states: `JAX_ENABLE_X64=1`. What the process began with
  /// says already what programs run on.
  ///
  /// - Throws: `ValueError` in JAX's words for what is no value of its setting.
  static func readEnvironment() throws {
    for (name, setting) in Setting.all {
      guard let text = Environment[name.uppercased()] else { continue }
      if name == "jax_platforms", getenv("JAX_PLATFORMS").map({ String(cString: $0) }) == text {
        continue
      }
      try set(name, setting.value(of: text, name))
    }
    Devices.countCPUs = {
      let flag = "--xla_force_host_platform_device_count="
      let flags = (Environment["XLA_FLAGS"] ?? "").split(separator: " ")
      let stated = flags.last { $0.hasPrefix(flag) }?.dropFirst(flag.count)
      return max(1, stated.flatMap { Int($0) } ?? 1)
    }
  }

  private static func isChosen(_ name: String, _ choice: String) -> Bool {
    guard case .str(let text)? = values[name] else { return false }
    return text.text == choice
  }
}
