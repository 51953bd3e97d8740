import Core
import Support
import Syntax

/// Evaluates an expression.
typealias Code = (Frame) throws -> Object
/// Executes a statement.
typealias Action = (Frame) throws -> Flow
/// Binds a target to a value.
typealias Store = (Frame, Object) throws -> Void

/// How a statement ends, unless it throws.
enum Flow {
  case next, `break`, `continue`
  /// The result is in the frame.
  case `return`
}

/// The variables of one running piece of code.
final class Frame {
  /// Local variables and temporaries.
  let slots: UnsafeMutablePointer<Object?>
  private let slotCount: Int
  /// Variables shared with other functions: captured ones, then those that others capture.
  var cells: [Cell]
  /// What `return` returns.
  var result: Object = .none
  /// The names of a class body.
  var members = Namespace()
  /// The generator whose body this is.
  var generator: GeneratorBody?
  let function: String
  let depth: Int
  /// The first argument, for `super()`.
  var receiver: Object?

  init(slots count: Int, cells: [Cell], function: String) {
    slots = .allocate(capacity: max(count, 1))
    slots.initialize(repeating: nil, count: count)
    slotCount = count
    self.cells = cells
    self.function = function
    depth = Session.depth
  }

  deinit {
    slots.deinitialize(count: slotCount)
    slots.deallocate()
  }

  /// The error as the program sees it, with `site` noted if it is the first in this frame.
  func locate(_ error: any Error, _ site: Site) -> any Error {
    if var diagnostic = error as? Diagnostic {
      if diagnostic.span == nil && !site.isLibrary { diagnostic.span = site.span }
      return diagnostic
    }
    guard let raised = Raised(error) else { return error }
    let exception = raised.exception
    if InvalidValues.areRefused, !site.isLibrary { InvalidValueNotice.print(for: exception) }
    if exception.traceback.last?.depth != depth {
      exception.traceback.append(
        .init(span: site.span, function: function, depth: depth, isLibrary: site.isLibrary))
    }
    return raised
  }
}

/// A place in the source that can raise.
struct Site {
  let span: Span
  /// In the library rather than in the program.
  let isLibrary: Bool
}
