/// A context manager that gives a setting another value while it is open.
final class SettingContext: NativeObject {
  /// Changes the setting, and returns what changes it back.
  private let enter: () -> () -> Void
  private var leave: [() -> Void] = []

  init<Value>(
    _ get: @escaping () -> Value, _ set: @escaping (Value) -> Void, _ value: Value
  ) {
    enter = {
      let outer = get()
      set(value)
      return { set(outer) }
    }
  }

  /// One for a setting that changes nothing here.
  static var none: SettingContext { SettingContext({}, {}, ()) }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "_ContextManager", base: Types.object, module: "jax")
    func of(_ object: Object?) throws -> SettingContext {
      guard case .native(let context as SettingContext)? = object else {
        throw typeError("expected a context manager")
      }
      return context
    }
    cls.def("__enter__(self)") { a in
      let context = try of(a[0])
      context.leave.append(context.enter())
      return .none
    }
    cls.def("__exit__(self, *exc)") { a in
      try of(a[0]).leave.popLast()?()
      return .bool(false)
    }
    return cls
  }()

  override var cls: Class { SettingContext.type }
}
