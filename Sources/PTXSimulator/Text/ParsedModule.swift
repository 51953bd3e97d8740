import Support

/// A PTX file with its names resolved.
struct ParsedModule {
  var version = (major: 0, minor: 0)
  var target = ""
  /// Module-scope variables in `.global` and `.const`, and module-scope `.shared`.
  var variables: [Variable] = []
  var functions: [ParsedFunction] = []
}

/// A named piece of memory.
final class Variable {
  enum Space: String {
    case global, const, shared, local
    /// The parameters of a kernel.
    case param
    /// Parameters and results of device functions, and what a call passes.
    case callParam
  }

  let name: String
  let space: Space
  let alignment: Int
  /// 0 for `.extern .shared` arrays, whose size the launch chooses.
  let byteCount: Int
  let isExtern: Bool
  let initializer: [InitialValue]
  let span: Span
  /// The offset in its space, or the device address: the loader's business.
  var address: UInt64 = 0

  init(
    name: String, space: Space, alignment: Int, byteCount: Int, isExtern: Bool = false,
    initializer: [InitialValue] = [], span: Span
  ) {
    self.name = name
    self.space = space
    self.alignment = alignment
    self.byteCount = byteCount
    self.isExtern = isExtern
    self.initializer = initializer
    self.span = span
  }
}

/// An element of a variable's initializer.
struct InitialValue {
  enum Content {
    case bits(UInt64)
    /// The address of a variable; a `mask` picks one of its bytes.
    case address(Variable, offset: Int64, isGeneric: Bool, mask: UInt64)
  }

  var content: Content
  /// Where in the variable, and how many bytes.
  var offset: Int
  var byteCount: Int
}

/// A kernel (`.entry`) or a device function (`.func`).
struct ParsedFunction {
  var name: String
  var isKernel: Bool
  var results: [Variable] = []
  var parameters: [Variable] = []
  /// Block sizes that the launch must keep.
  var requiredThreads: (Int, Int, Int)?
  var maximumThreads: (Int, Int, Int)?
  /// `.shared`, `.local` and `.param` variables declared inside.
  var variables: [Variable] = []
  var instructions: [Instruction] = []
  /// Labels, by the index of the instruction behind them.
  var labels: [String: Int] = [:]
  /// Targets of `brx.idx`, by the label of the table.
  var branchTargets: [String: [Operand]] = [:]
  var registerCount = 0
  var predicateCount = 0
  var span: Span
  /// Only declared: a body may follow elsewhere.
  var isDeclaration = false
}
