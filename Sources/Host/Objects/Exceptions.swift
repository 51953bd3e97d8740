import Core
import Support

/// A raised exception, on its way through the evaluator.
struct Raised: Error, @unchecked Sendable {
  // One thread evaluates at a time.
  let exception: ExceptionObject
}

/// An instance of a class derived from `BaseException`.
final class ExceptionObject: Instance {
  var arguments: [Object]
  /// `raise … from cause`
  var cause: ExceptionObject?
  /// The exception that was being handled when this one was raised.
  var context: ExceptionObject?
  var suppressesContext = false
  /// The places that it went through, innermost first.
  var traceback: [Place] = []
  /// What `add_note` added.
  var notes: [String] = []
  /// Further lines of the diagnostic.
  var hint: String?
  /// The number that was refused, where that is what went wrong.
  var invalidValue: InvalidValue?

  struct Place {
    var span: Span
    var function: String
    /// The frame, as a number, so that each frame is listed once.
    var depth: Int
    var isLibrary = false
  }

  init(_ cls: Class, _ arguments: [Object]) {
    self.arguments = arguments
    super.init(cls)
  }

  /// `str(exception)`
  func message() throws -> String {
    if cls.isSubclass(of: Exceptions["KeyError"]), arguments.count == 1 {
      return try repr(arguments[0])
    }
    switch arguments.count {
    case 0: return ""
    case 1: return try str(arguments[0])
    default: return try repr(.tuple(arguments))
    }
  }
}

/// The exception classes of the language and of JAX.
enum Exceptions {
  /// The class `name`, which is in the table.
  static subscript(name: String) -> Class { table[name]! }

  static var builtins: [Class] { table.values.filter { $0.module == "builtins" } }
  static var jax: [Class] { table.values.filter { $0.module == "jax.errors" } }

  private nonisolated(unsafe) static let table: [String: Class] = {
    let root = Class(builtin: "BaseException", base: Types.object)
    root.construct = { cls, arguments in
      .instance(ExceptionObject(cls, arguments.positional))
    }
    addMembers(root)
    var table = ["BaseException": root]
    for (base, names) in hierarchy {
      for name in names.split(separator: " ").map(String.init) {
        table[name] = Class(builtin: name, base: table[base]!)
      }
    }
    for (base, names) in jaxHierarchy {
      for name in names.split(separator: " ").map(String.init) {
        table[name] = Class(builtin: name, base: table[base]!, module: "jax.errors")
      }
    }
    table["LinAlgError"] = Class(
      builtin: "LinAlgError", base: table["ValueError"]!, module: "numpy.linalg")
    let stop = table["StopIteration"]!
    stop.property("value") { $0.exception?.arguments.first ?? .none }
    let exit = table["SystemExit"]!
    exit.property("code") { $0.exception?.arguments.first ?? .none }
    return table
  }()

  private static let hierarchy = [
    ("BaseException", "Exception KeyboardInterrupt SystemExit GeneratorExit"),
    (
      "Exception",
      """
      ArithmeticError AssertionError AttributeError BufferError EOFError ImportError LookupError \
      MemoryError NameError OSError ReferenceError RuntimeError StopIteration SyntaxError \
      SystemError TypeError ValueError Warning
      """
    ),
    ("ArithmeticError", "FloatingPointError OverflowError ZeroDivisionError"),
    ("ImportError", "ModuleNotFoundError"),
    ("LookupError", "IndexError KeyError"),
    ("NameError", "UnboundLocalError"),
    ("OSError", "FileNotFoundError FileExistsError PermissionError TimeoutError"),
    ("RuntimeError", "NotImplementedError RecursionError"),
    ("SyntaxError", "IndentationError"),
    ("ValueError", "UnicodeError"),
    ("UnicodeError", "UnicodeDecodeError UnicodeEncodeError"),
    (
      "Warning",
      "DeprecationWarning FutureWarning RuntimeWarning SyntaxWarning UserWarning"
    ),
  ]

  private static let jaxHierarchy = [
    ("TypeError", "JAXTypeError"),
    ("IndexError", "JAXIndexError"),
    (
      "JAXTypeError",
      """
      ConcretizationTypeError UnexpectedTracerError TracerArrayConversionError \
      TracerIntegerConversionError
      """
    ),
    ("ConcretizationTypeError", "TracerBoolConversionError"),
    ("JAXIndexError", "NonConcreteBooleanIndexError"),
    ("ValueError", "TypePromotionError"),
    ("RuntimeError", "JaxRuntimeError KeyReuseError"),
  ]

  private static func addMembers(_ root: Class) {
    root.def("__init__(self, *args, **kwargs)") { a in
      guard let exception = a[0]?.exception, case .tuple(let items)? = a[1] else { return .none }
      exception.arguments = items.items
      return .none
    }
    root.def("__str__(self)") { a in .str(try a[0]?.exception?.message() ?? "") }
    root.def("__repr__(self)") { a in
      guard let exception = a[0]?.exception else { return .none }
      let arguments = try exception.arguments.map(repr).joined(separator: ", ")
      return .str("\(exception.cls.name)(\(arguments))")
    }
    root.def("with_traceback(self, tb)") { a in a[0] ?? .none }
    root.def("add_note(self, note)") { a in
      let note = try str(a[1] ?? .none)
      a[0]?.exception?.notes.append(note)
      a[0]?.exception?.hint = a[0]?.exception?.notes.joined(separator: "\n")
      return .none
    }
    root.property("__notes__") { object in
      guard let notes = object.exception?.notes, !notes.isEmpty else {
        throw attributeError("'\(typeOf(object).name)' object has no attribute '__notes__'")
      }
      return .list(notes.map { .str($0) })
    }
    root.property("args") { .tuple($0.exception?.arguments ?? []) }
    root.property("__cause__") { .optional($0.exception?.cause.map { .instance($0) }) }
    root.property("__context__") { .optional($0.exception?.context.map { .instance($0) }) }
    root.property("__suppress_context__") { .bool($0.exception?.suppressesContext ?? false) }
    root.property("__traceback__") { _ in .none }
  }
}

extension Object {
  var exception: ExceptionObject? {
    if case .instance(let instance) = self { return instance as? ExceptionObject }
    return nil
  }
}

/// The exception `name(message)`, ready to be thrown.
func raised(_ name: String, _ message: String) -> Raised {
  Raised(exception: ExceptionObject(Exceptions[name], [.str(message)]))
}

func typeError(_ message: String) -> Raised { raised("TypeError", message) }
func valueError(_ message: String) -> Raised { raised("ValueError", message) }
func indexError(_ message: String) -> Raised { raised("IndexError", message) }
func attributeError(_ message: String) -> Raised { raised("AttributeError", message) }
func overflowError(_ message: String) -> Raised { raised("OverflowError", message) }
func zeroDivision(_ message: String) -> Raised { raised("ZeroDivisionError", message) }
func keyError(_ key: Object) -> Raised {
  Raised(exception: ExceptionObject(Exceptions["KeyError"], [key]))
}

extension Raised {
  /// The exception that `error` is to the program, or `nil` if the program cannot catch it.
  init?(_ error: any Error) {
    switch error {
    case let raised as Raised: self = raised
    case let error as RaisedError:
      self = raised(error.kind.rawValue, error.message)
      exception.invalidValue = error.invalidValue
    default: return nil
    }
  }
}
