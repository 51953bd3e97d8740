import Codegen

/// What `jxc compile` is asked for.
public struct CompileRequest: Sendable {
  /// Functions by name, or as calls with the types of their arguments: `f(f32[8], n=3)`. Empty for
  /// those that the program compiles itself.
  public var entries: [String] = []
  /// The arguments of the only entry.
  public var arguments: [ArgumentType] = []
  public var statics: [StaticArgument] = []
  /// Where to; `-` is standard output.
  public var output: String
  public var kind: ArtefactKind
  /// What all symbols begin with; the program's name unless given.
  public var prefix: String?
  public var triple: String?
  public var cpu: String?
  public var isMultiversioned = false
  public var usesThreads = true
  public var writesHeader = true
  public var writesPython = false
  public var writesModuleMap = false
  public var writesPackageConfiguration = false
  public var isQuiet = false

  public init(output: String, kind: ArtefactKind) {
    self.output = output
    self.kind = kind
  }
}

/// What a compiled program is written as.
public enum ArtefactKind: String, CaseIterable, Sendable {
  case object, archive, shared, assembly, llvm, bitcode, ptx, stablehlo

  /// The suffix of its files.
  public var suffix: String {
    switch self {
    case .object: "o"
    case .archive: "a"
    case .shared: "so"
    case .assembly: "s"
    case .llvm: "ll"
    case .bitcode: "bc"
    case .ptx: "ptx"
    case .stablehlo: "mlir"
    }
  }

  /// The kind of a file with the name `path`.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex,
      let kind = ArtefactKind.allCases.first(where: { $0.suffix == name[dot...].dropFirst() })
    else { return nil }
    self = kind
  }

  /// Does it hold machine code that others link?
  var isLinked: Bool {
    switch self {
    case .object, .archive, .shared: true
    case .assembly, .llvm, .bitcode, .ptx, .stablehlo: false
    }
  }
}
