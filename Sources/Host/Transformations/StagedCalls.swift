import Core
import Syntax

/// The calls of compiled functions that the program itself makes: what is compiled ahead of time
/// unless the command line says what.
enum StagedCalls {
  /// Set before the program runs, on the only thread.
  nonisolated(unsafe) static var isRecording = false
  nonisolated(unsafe) private(set) static var entries: [Evaluator.Entry] = []
  nonisolated(unsafe) private static var seen: Set<ObjectIdentifier> = []

  /// Notes a call of `function`, unless it belongs to the library or to another function that is
  /// being traced.
  static func record(
    _ function: JitFunction, _ call: JitFunction.SplitCall, _ traced: TracedFunction
  ) throws {
    guard isRecording, Trace.current === EvalTrace.shared, traced.captured.isEmpty,
      !isLibrary(function.function), seen.insert(ObjectIdentifier(traced.jaxpr)).inserted
    else { return }
    entries.append(try function.entry(call, traced))
  }

  private static func isLibrary(_ function: Object) -> Bool {
    switch function {
    case .function(let function): function.code.module.isLibrary
    case .method(let method): isLibrary(method.function)
    case .native(let native as TransformedFunction): isLibrary(native.function)
    case .native(let native as Partial): isLibrary(native.function)
    default: false
    }
  }
}

extension JitFunction {
  /// The function as it was traced for `call`.
  func entry(_ call: SplitCall, _ traced: TracedFunction) throws -> Evaluator.Entry {
    let names = positionalNames(function).map(\.text)
    let statics = Set(call.staticPositional.map(\.0))
    let positions = (0..<call.positionalCount).filter { !statics.contains($0) }
    let leaves = try TreeDef.flattenWithPath(
      call.tree.unflatten(traced.avals.map { _ in .int(0) })
    ).leaves
    let paths = try leaves.map { leaf -> String in
      // The path leads through the positional arguments, or the named ones, to one of them.
      let rest = try leaf.path.dropFirst(2).map { try $0.text() }.joined()
      switch (leaf.path.first, leaf.path.dropFirst().first) {
      case (.index(0)?, .index(let number)?) where positions.indices.contains(number):
        let position = positions[number]
        return (names.indices.contains(position) ? names[position] : "args[\(position)]") + rest
      case (_, .key(.str(let name))?): return name.text + rest
      default: return "argument" + rest
      }
    }
    return Evaluator.Entry(
      name: traced.name, jaxpr: traced.jaxpr, argumentPaths: paths,
      resultPaths: try traced.resultPaths(), donated: traced.donated)
  }
}
