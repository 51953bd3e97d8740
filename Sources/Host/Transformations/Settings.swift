import Support

/// A setting of JAX: what it can be, and what it changes here.
struct Setting {
  /// The values that it takes; `None` besides, unless they are names to choose from.
  enum Values {
    case bool, int, float, string
    case choice([String])
    case optionalChoice([String])
    /// The names of an enumeration, which has a name itself.
    case enumeration(String, [String])
    case any
  }

  /// What a value other than the first one does.
  enum Effect {
    /// What JAX says it does.
    case honoured
    /// Nothing that a program could tell: logging, caches, the effort of the compiler.
    case unobservable
    /// What jxc cannot do, for all values but these.
    case unsupported(except: [String] = [])
  }

  var values: Values
  var initial: Object
  var effect: Effect

  /// Checks that `value` is one of the values of the setting `name`, and that jxc can do what it says.
  ///
  /// - Throws: `ValueError` in JAX's words; `unsupported`.
  func check(_ name: String, _ value: Object) throws {
    func mismatch(_ type: String, end: String = "") throws -> Raised {
      valueError(
        "new \(type) config value must be None or of type \(type == "string" ? "str" : type), got "
          + "\(try Host.str(value)) of type \(try repr(.type(typeOf(value))))\(end)")
    }
    func unknown(_ names: [String], none: String) throws -> Raised {
      valueError(
        "new enum value must be \(none)in \(try repr(.list(names.map { .str($0) }))), got "
          + "\(try Host.str(value)) of type \(try repr(.type(typeOf(value)))).")
    }
    switch (values, value) {
    case (.any, _), (.bool, _): break
    case (.choice(let names), .str(let text)), (.optionalChoice(let names), .str(let text)):
      if !names.contains(text.text) {
        throw try unknown(names, none: isOptional ? "None or " : "")
      }
    case (.choice(let names), _): throw try unknown(names, none: "")
    case (.enumeration(let type, let names), _):
      if case .str(let text) = value, names.contains(text.text) { break }
      throw valueError("\(try repr(value)) is not a valid \(type)")
    case (_, .none): break
    case (.optionalChoice(let names), _): throw try unknown(names, none: "None or ")
    case (.int, .int), (.int, .bool), (.float, .float), (.float, .int), (.string, .str): break
    case (.int, _): throw try mismatch("int")
    case (.float, _): throw try mismatch("float")
    case (.string, _): throw try mismatch("string", end: ".")
    }
    guard case .unsupported(let exceptions) = effect else { return }
    if case .str(let text) = value, exceptions.contains(text.text) { return }
    if try !equals(value, initial) {
      throw unsupported("the setting \(name) = \(try repr(value))")
    }
  }

  /// The value that a variable of the environment states.
  ///
  /// - Throws: `ValueError` for a text that states none.
  func value(of text: String, _ name: String) throws -> Object {
    switch values {
    case .bool:
      switch text.lowercased() {
      case "y", "yes", "t", "true", "on", "1": return .bool(true)
      case "n", "no", "f", "false", "off", "0": return .bool(false)
      default:
        throw valueError(
          "invalid truth value '\(text.lowercased())' for environment '\(name.uppercased())'")
      }
    case .int: if let number = Int(text) { return .int(number) }
    case .float: if let number = Double(text) { return .float(number) }
    case .string, .any: return .str(text)
    case .choice(let names), .optionalChoice(let names), .enumeration(_, let names):
      if names.contains(text) { return .str(text) }
    }
    throw valueError("Invalid value \"\(text)\" for JAX flag \(name)")
  }

  private var isOptional: Bool {
    if case .optionalChoice = values { true } else { false }
  }
}

extension Setting {
  private static func flag(_ initial: Bool, _ effect: Effect) -> Setting {
    Setting(values: .bool, initial: .bool(initial), effect: effect)
  }

  private static func number(_ initial: Int, _ effect: Effect = .unobservable) -> Setting {
    Setting(values: .int, initial: .int(initial), effect: effect)
  }

  private static func fraction(_ initial: Double) -> Setting {
    Setting(values: .float, initial: .float(initial), effect: .unobservable)
  }

  private static func text(_ initial: String?, _ effect: Effect = .unobservable) -> Setting {
    Setting(values: .string, initial: initial.map { .str($0) } ?? .none, effect: effect)
  }

  private static func choice(
    _ names: [String], _ initial: String, _ effect: Effect = .unobservable
  ) -> Setting {
    Setting(values: .choice(names), initial: .str(initial), effect: effect)
  }

  private nonisolated(unsafe) static let guardLevels = Setting(
    values: .optionalChoice(["allow", "log", "disallow", "log_explicit", "disallow_explicit"]),
    initial: .none, effect: .unsupported(except: ["allow", "log", "log_explicit"]))

  private static let optimizationLevels = ["UNKNOWN", "O0", "O1", "O2", "O3"]

  /// The settings of JAX 0.10 (`jax/_src/config.py`) by their names.
  nonisolated(unsafe) static let all: [String: Setting] = [
    // What programs mean.
    "jax_enable_x64": flag(false, .honoured),
    "jax_disable_jit": flag(false, .honoured),
    "jax_debug_nans": flag(false, .honoured),
    "jax_debug_infs": flag(false, .honoured),
    "jax_numpy_rank_promotion": choice(["allow", "warn", "raise"], "allow", .honoured),
    "jax_numpy_dtype_promotion": Setting(
      values: .enumeration("NumpyDtypePromotion", ["standard", "strict"]),
      initial: .str("standard"), effect: .honoured),
    "jax_default_matmul_precision": Setting(
      values: .optionalChoice([
        "default", "high", "highest", "bfloat16", "tensorfloat32", "float32", "ANY_F8_ANY_F8_F32",
        "ANY_F8_ANY_F8_F32_FAST_ACCUM", "ANY_F8_ANY_F8_ANY", "ANY_F8_ANY_F8_ANY_FAST_ACCUM",
        "F16_F16_F16", "F16_F16_F32", "BF16_BF16_BF16", "BF16_BF16_F32", "BF16_BF16_F32_X3",
        "BF16_BF16_F32_X6", "BF16_BF16_F32_X9", "TF32_TF32_F32", "TF32_TF32_F32_X3", "F32_F32_F32",
        "F64_F64_F64",
      ]), initial: .none,
      effect: .unsupported(except: [
        "default", "high", "highest", "bfloat16", "tensorfloat32", "float32",
      ])),
    "jax_default_prng_impl": choice(
      ["threefry2x32", "threefry4x32", "rbg", "unsafe_rbg", "philox2x32", "philox4x32"],
      "threefry2x32", .unsupported()),
    "jax_threefry_partitionable": flag(true, .honoured),
    "jax_random_seed_offset": number(0, .honoured),
    "jax_enable_custom_prng": flag(false, .honoured),
    "jax_legacy_prng_key": Setting(
      values: .enumeration("LegacyPrngKeyState", ["allow", "warn", "error"]),
      initial: .str("allow"), effect: .honoured),
    "jax_high_dynamic_range_gumbel": flag(false, .unsupported()),
    "jax_softmax_custom_jvp": flag(false, .unsupported()),
    "jax_allow_f16_reductions": flag(true, .unsupported()),
    "jax_explicit_x64_dtypes": choice(
      ["allow", "warn", "error"], "warn", .unsupported()),

    // What tracing makes.
    "eager_constant_folding": flag(false, .unsupported()),
    "jax_custom_vjp3": flag(false, .unsupported()),
    "jax_remat3": flag(false, .unsupported()),
    "jax_scan3": flag(false, .unsupported()),
    "jax_refs_to_pins": flag(false, .unsupported()),
    "jax_use_direct_linearize": flag(true, .unsupported()),
    "jax_use_simplified_jaxpr_constants": flag(false, .unsupported()),
    "jax_use_shardy_partitioner": flag(true, .unsupported()),
    "jax_export_calling_convention_version": number(10, .unsupported()),

    // What is checked.
    "check_vma": flag(false, .unsupported()),
    "jax_auto_pcast": flag(true, .unsupported()),
    "jax_check_static_indices": flag(false, .unsupported()),
    // Leaked tracers are found where they are used.
    "jax_check_tracer_leaks": flag(false, .unobservable),
    "jax_debug_key_reuse": flag(false, .unsupported()),
    "jax_disable_bwd_checks": flag(false, .unsupported()),
    "jax_disable_vmap_shmap_error": flag(false, .unsupported()),
    "jax_disallow_mesh_context_manager": flag(false, .unsupported()),
    "jax_enable_checks": flag(false, .unobservable),
    "jax_error_checking_behavior_divide": choice(["ignore", "raise"], "ignore", .unsupported()),
    "jax_error_checking_behavior_nan": choice(["ignore", "raise"], "ignore", .unsupported()),
    "jax_error_checking_behavior_oob": choice(["ignore", "raise"], "ignore", .unsupported()),
    "jax_experimental_unsafe_xla_runtime_errors": flag(false, .unsupported()),
    "jax_mutable_array_checks": flag(true, .unsupported()),
    "jax_no_execution": flag(false, .unsupported()),
    "jax_no_tracing": flag(false, .unsupported()),
    "jax_thread_guard": flag(false, .unobservable),
    "jax_transfer_guard": guardLevels,
    "jax_transfer_guard_device_to_device": guardLevels,
    "jax_transfer_guard_device_to_host": guardLevels,
    "jax_transfer_guard_host_to_device": guardLevels,

    // Devices.
    "jax_default_device": Setting(values: .any, initial: .none, effect: .honoured),
    "jax_platforms": text(nil, .honoured),
    "jax_platform_name": text("", .unsupported(except: ["cpu"])),
    "jax_num_cpu_devices": number(-1, .honoured),
    "jax_cpu_enable_async_dispatch": flag(true, .unobservable),
    "jax_cuda_visible_devices": text("all", .unsupported()),

    // What is said, and where.
    "jax_captured_constants_report_frames": number(0),
    "jax_captured_constants_warn_bytes": number(2_000_000_000),
    "jax_debug_log_modules": text(""),
    "jax_distributed_debug": flag(false, .unobservable),
    "jax_dump_ir_to": text("", .unsupported()),
    "jax_explain_cache_misses": flag(false, .unobservable),
    "jax_hlo_source_file_canonicalization_regex": text(nil, .unsupported()),
    "jax_include_debug_info_in_dumps": flag(true, .unobservable),
    "jax_include_full_tracebacks_in_locations": flag(true, .unobservable),
    "jax_log_checkpoint_residuals": flag(false, .unobservable),
    "jax_log_compiles": flag(false, .unobservable),
    "jax_logging_level": text("NOTSET"),
    "jax_pprint_use_color": flag(true, .unobservable),
    "jax_traceback_filtering": choice(
      ["off", "tracebackhide", "remove_frames", "quiet_remove_frames", "auto"], "auto"),
    "jax_traceback_in_locations_limit": number(100),
    "jax_tracer_error_num_traceback_frames": number(5),

    // Caches, and the effort of the compiler.
    "jax_compilation_cache_dir": text(nil),
    "jax_compilation_cache_include_metadata_in_key": flag(false, .unobservable),
    "jax_compilation_cache_max_size": number(-1),
    "jax_compiler_enable_remat_pass": flag(true, .unobservable),
    "jax_disable_most_optimizations": flag(false, .unobservable),
    "jax_embedded_constants_max_bytes": number(32),
    "jax_enable_compilation_cache": flag(true, .unobservable),
    "jax_enable_pgle": flag(false, .unobservable),
    "jax_exec_time_optimization_effort": fraction(0),
    "jax_memory_fitting_effort": fraction(0),
    "jax_memory_fitting_level": choice(optimizationLevels, "O2"),
    "jax_optimization_level": choice(optimizationLevels, "UNKNOWN"),
    "jax_persistent_cache_enable_xla_caches": text("xla_gpu_per_fusion_autotune_cache_dir"),
    "jax_persistent_cache_min_compile_time_secs": fraction(1),
    "jax_persistent_cache_min_entry_size_bytes": number(0),
    "jax_raise_persistent_cache_errors": flag(false, .unobservable),
    "jax_threefry_gpu_kernel_lowering": flag(false, .unobservable),
  ]
}
