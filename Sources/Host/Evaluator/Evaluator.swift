import Core
import Glibc
import Support
import Syntax

/// Runs programs: the entry to this module.
public final class Evaluator {
  /// Shows diagnostics to the user.
  private let report: ([Diagnostic]) -> Void

  /// - Parameters:
  ///   - outputDescriptor: where the program's prints go.
  ///   - arguments: what follows the program's path in `sys.argv`.
  ///   - sources: takes the source files that are read.
  ///   - report: shows diagnostics, whose spans are of `sources`.
  public init(
    outputDescriptor: Int32 = 1, arguments: [String] = [], sources: SourceMap,
    report: @escaping ([Diagnostic]) -> Void
  ) {
    self.report = report
    Session.output = OutputStream(descriptor: outputDescriptor)
    Session.loader = ModuleLoader()
    Session.loader.sources = sources
    Session.arguments = arguments
  }

  /// Runs the program at `path` and returns its exit status. What goes wrong is reported.
  ///
  /// - Parameters:
  ///   - moduleName: `__name__`; `"__main__"` unless the program is only asked for definitions.
  ///   - afterwards: runs with the program's module once the program has ended well.
  public func run(
    source: [UInt8], path: String, moduleName: String = "__main__",
    afterwards: ((ModuleObject) throws -> Void)? = nil
  ) -> Int32 {
    var status: Int32 = 0
    onLargeStack {
      status = self.execute(source, path, moduleName, afterwards)
    }
    return status
  }

  private func execute(
    _ source: [UInt8], _ path: String, _ moduleName: String,
    _ afterwards: ((ModuleObject) throws -> Void)?
  ) -> Int32 {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    Session.loader.searchPath = directory.isEmpty ? "/" : directory
    Session.scriptPath = path
    let file = Session.loader.sources.add(name: path, text: source)
    let module = ModuleObject(moduleName, path: path)
    Session.loader.register(module)
    defer {
      Session.output.flush()
      Session.errorOutput.flush()
    }
    do {
      try Session.loader.execute(source, file: file, range: nil, in: module)
      try afterwards?(module)
      return 0
    } catch {
      return explain(error)
    }
  }

  /// Says what ended the program, and returns the exit status.
  private func explain(_ error: any Error) -> Int32 {
    Session.output.flush()
    Session.errorOutput.flush()
    switch error {
    case let errors as ModuleLoader.SyntaxErrors:
      report(errors.diagnostics)
      return 1
    case let diagnostic as Diagnostic:
      report([diagnostic])
      return 1
    default: break
    }
    guard let raised = Raised(error) else {
      report([Diagnostic(.error, "internal error: \(error)")])
      return 70
    }
    let exception = raised.exception
    if raised.isKind("SystemExit") {
      switch exception.arguments.first {
      case nil, .some(.none): return 0
      case .int(let code)?: return Int32(truncatingIfNeeded: code)
      case let object?:
        Session.errorOutput.write(((try? str(object)) ?? "") + "\n")
        return 1
      }
    }
    report([diagnostic(exception)])
    return 1
  }

  /// The diagnostic for an exception that the program did not catch.
  private func diagnostic(_ exception: ExceptionObject) -> Diagnostic {
    func headline(_ exception: ExceptionObject) -> String {
      let message = (try? str(.instance(exception))) ?? ""
      let name = exception.cls.displayName
      return message.isEmpty ? name : "\(name): \(message)"
    }
    let places = exception.traceback
    let own = places.filter { !$0.isLibrary }
    var result = Diagnostic(
      .error, headline(exception), at: (own.first ?? places.first)?.span, hint: exception.hint)
    for place in own.dropFirst().prefix(20) {
      if let location = Session.loader.sources.location(of: place.span) {
        result.notes.append("called from \(location)")
      }
    }
    if let cause = exception.cause {
      result.notes.append("caused by \(headline(cause))")
    } else if let context = exception.context, !exception.suppressesContext {
      result.notes.append("while handling \(headline(context))")
    }
    return result
  }
}

/// Runs `body` on a thread whose stack suits deeply nested calls.
private func onLargeStack(_ body: () -> Void) {
  withoutActuallyEscaping(body) { body in
    final class Box {
      let body: () -> Void
      init(_ body: @escaping () -> Void) { self.body = body }
    }
    let size = 1 << 30
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, size)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let created = pthread_create(
      &thread, &attributes,
      { pointer in
        var marker: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
        Session.stackLimit = address - (1 << 30) + (1 << 20)
        let box = Unmanaged<Box>.fromOpaque(pointer!)
        box.takeUnretainedValue().body()
        return nil
      }, box.toOpaque())
    if created == 0 { pthread_join(thread, nil) } else { body() }
    box.release()
    pthread_attr_destroy(&attributes)
  }
}
