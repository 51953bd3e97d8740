/// A context manager that changes something while its block runs; also a decorator that does so
/// while the function runs.
final class ContextManager: NativeObject {
  /// Makes the change and returns what undoes it.
  private let enter: () throws -> () -> Void
  private var undo: [() -> Void] = []

  init(_ enter: @escaping () throws -> () -> Void) { self.enter = enter }

  nonisolated(unsafe) private static let type: Class = {
    let cls = Class(
      builtin: "_GeneratorContextManager", base: Types.object, module: "contextlib")
    cls.def("__enter__(self)", of: ContextManager.self) { manager, _ in
      manager.undo.append(try manager.enter())
      return .none
    }
    cls.def("__exit__(self, *exc)", of: ContextManager.self) { manager, _ in
      manager.undo.popLast()?()
      return .bool(false)
    }
    return cls
  }()

  override var cls: Class { ContextManager.type }
  override var isCallable: Bool { true }

  /// As a decorator.
  override func call(_ arguments: Arguments) throws -> Object {
    let function = arguments.positional.first ?? .none
    return .builtin(
      Builtin(named: "wrapper") { [self] inner in
        let undo = try enter()
        defer { undo() }
        return try Host.call(function, inner)
      })
  }
}
