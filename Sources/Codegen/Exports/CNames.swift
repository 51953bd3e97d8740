/// Makes identifiers of C that differ from one another.
public struct CNames {
  private var taken: Set<String>

  public init(taken: Set<String> = []) { self.taken = taken }

  /// The identifier nearest to `path` that is still free: `params[0]['w']` becomes `params_0_w`.
  public mutating func add(_ path: String) -> String {
    let base = CNames.identifier(path)
    var name = base
    var number = 2
    while CNames.reserved.contains(name) || !taken.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// `text` with everything that C does not allow in a name replaced by `_`.
  public static func identifier(_ text: String) -> String {
    var name = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": name.unicodeScalars.append(scalar)
      default: if name.last != "_" { name += "_" }
      }
    }
    while name.count > 1, name.last == "_" { name.removeLast() }
    if name.first == "_", name.count > 1 { name.removeFirst() }
    guard let first = name.first else { return "_" }
    return first.isNumber ? "_" + name : name
  }

  /// The words of C, C++, Python and Swift, and the types of the headers, that name no parameter.
  private static let reserved: Set<String> = [
    "alignas", "alignof", "and", "and_eq", "as", "asm", "assert", "async", "auto", "await",
    "bitand", "bitor", "bool", "break", "case", "catch", "char", "class", "compl", "concept",
    "const", "const_cast", "consteval", "constexpr", "constinit", "continue", "co_await",
    "co_return", "co_yield", "decltype", "def", "default", "defer", "del", "delete", "do",
    "double", "dynamic_cast", "elif", "else", "enum", "except", "explicit", "export", "extern",
    "false", "finally", "float", "for", "friend", "from", "func", "global", "goto", "if", "import",
    "in", "inline", "int", "int16_t", "int32_t", "int64_t", "int8_t", "is", "jx_array",
    "jx_function", "lambda", "let", "long", "mutable", "namespace", "new", "noexcept", "nonlocal",
    "not", "not_eq", "nullptr", "operator", "or", "or_eq", "pass", "private", "protected",
    "public", "raise", "register", "reinterpret_cast", "requires", "restrict", "return", "short",
    "signed", "sizeof", "size_t", "static", "static_assert", "static_cast", "struct", "switch",
    "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename",
    "typeof", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "union", "unsigned", "using", "var",
    "virtual", "void", "volatile", "wchar_t", "while", "with", "xor", "xor_eq", "yield",
  ]
}
