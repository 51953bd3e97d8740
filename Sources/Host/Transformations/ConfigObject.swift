import Core
import Syntax

/// `jax.config`
final class ConfigObject: NativeObject {
  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "Config", base: Types.object, module: "jax._src.config")
    cls.def("update(self, name, val)") { a in
      try Configuration.set(Host.str(a[1] ?? .none), a[2] ?? .none)
      return .none
    }
    cls.def("read(self, name)") { a in try Configuration.get(Host.str(a[1] ?? .none)) }
    return cls
  }()

  override var cls: Class { ConfigObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "x64_enabled": .bool(Configuration.x64)
    case let name where name.hasPrefix("jax_"): try Configuration.get(name)
    default: nil
    }
  }

  override func setAttribute(_ name: Symbol, _ value: Object?) throws {
    try Configuration.set(name.text, value ?? .none)
  }
}

extension Configuration {
  /// `jax_disable_jit`
  nonisolated(unsafe) static var disableJit = false
  /// The other settings, with what the program set them to. Most change nothing here.
  private nonisolated(unsafe) static var others: [String: Object] = [
    "jax_platforms": Devices.namedPlatforms.map { .str($0) } ?? .none,
    "jax_platform_name": .str(""), "jax_default_matmul_precision": .none,
    "jax_numpy_rank_promotion": .str("allow"), "jax_numpy_dtype_promotion": .str("standard"),
    "jax_threefry_partitionable": .bool(true), "jax_default_prng_impl": .str("threefry2x32"),
    "jax_log_compiles": .bool(false), "jax_traceback_filtering": .str("auto"),
    "jax_check_tracer_leaks": .bool(false), "jax_compilation_cache_dir": .none,
    "jax_enable_compilation_cache": .bool(true), "jax_enable_checks": .bool(false),
    "jax_debug_key_reuse": .bool(false),
    "jax_transfer_guard": .none, "jax_transfer_guard_device_to_device": .none,
    "jax_transfer_guard_device_to_host": .none, "jax_transfer_guard_host_to_device": .none,
    "jax_traceback_in_locations_limit": .int(10), "jax_pprint_use_color": .bool(true),
    "jax_captured_constants_warn_bytes": .int(2_000_000_000), "jax_logging_level": .none,
    "jax_persistent_cache_min_compile_time_secs": .float(1),
    "jax_persistent_cache_min_entry_size_bytes": .int(0), "jax_random_seed_offset": .int(0),
    "jax_enable_custom_prng": .bool(false), "jax_legacy_prng_key": .str("allow"),
    "jax_use_shardy_partitioner": .bool(true), "jax_softmax_custom_jvp": .bool(true),
    "jax_no_tracing": .bool(false), "jax_explain_cache_misses": .bool(false),
    "jax_include_full_tracebacks_in_locations": .bool(false),
    "jax_cpu_enable_async_dispatch": .bool(true),
  ]

  /// Reads the setting `name`.
  static func get(_ name: String) throws -> Object {
    switch name {
    case "jax_enable_x64": return .bool(x64)
    case "jax_disable_jit": return .bool(disableJit)
    case "jax_debug_nans": return .bool(InvalidValues.refusesNaN)
    case "jax_debug_infs": return .bool(InvalidValues.refusesInfinity)
    case "jax_num_cpu_devices": return .int(Devices.cpuCount)
    case "jax_default_device":
      return DefaultDevice.name
    default:
      guard let value = others[name] else {
        throw attributeError("Unrecognized config option: \(name)")
      }
      return value
    }
  }

  /// Sets `name`.
  ///
  /// - Throws: `AttributeError` for a setting that JAX does not have.
  static func set(_ name: String, _ value: Object) throws {
    switch name {
    case "jax_enable_x64": x64 = try isTrue(value)
    case "jax_disable_jit": disableJit = try isTrue(value)
    case "jax_debug_nans": InvalidValues.refusesNaN = try isTrue(value)
    case "jax_debug_infs": InvalidValues.refusesInfinity = try isTrue(value)
    case "jax_num_cpu_devices": Devices.cpuCount = max(1, try requireIndex(value))
    case "jax_default_device": try DefaultDevice.choose(value)
    case "jax_platforms":
      others[name] = value
      if case .str(let names) = value { Devices.choosePlatforms(names.text) }
    default:
      guard others[name] != nil else {
        throw attributeError("Unrecognized config option: \(name)")
      }
      try checkChoice(name, value)
      others[name] = value
    }
  }

  /// A context in which the setting `name` is `value`.
  static func context(_ name: String, _ value: Object) throws -> ContextManager {
    try checkChoice(name, value)
    return ContextManager {
      let outer = try get(name)
      try set(name, value)
      return { try? set(name, outer) }
    }
  }

  /// The settings with names to choose from.
  private static let choices = [
    "jax_numpy_rank_promotion": ["allow", "warn", "raise"],
    "jax_numpy_dtype_promotion": ["standard", "strict"],
  ]

  private static func checkChoice(_ name: String, _ value: Object) throws {
    if name == "jax_default_device" { _ = try DeviceObject.chosen(value) }
    guard let allowed = choices[name] else { return }
    if case .str(let text) = value, allowed.contains(text.text) { return }
    let shown = allowed.map { "'\($0)'" }.joined(separator: ", ")
    throw valueError("new enum value must be in (\(shown)), got \(try Host.str(value))")
  }

  private static func isChosen(_ name: String, _ choice: String) -> Bool {
    guard case .str(let text)? = others[name] else { return false }
    return text.text == choice
  }

  /// Whether arrays of different ranks, none of them a scalar, may not broadcast.
  static var refusesRankPromotion: Bool { isChosen("jax_numpy_rank_promotion", "raise") }

  /// Whether only weak types are promoted.
  static var isPromotionStrict: Bool { isChosen("jax_numpy_dtype_promotion", "strict") }

  /// The precision of matrix products that do not name one.
  static var matrixPrecision: Object { others["jax_default_matmul_precision"] ?? .none }
}
