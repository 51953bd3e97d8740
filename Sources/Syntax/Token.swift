/// A token: what it is and the bytes that spell it.
struct Token {
  let kind: TokenKind
  let start: UInt32
  let end: UInt32
  /// The symbol of a name, the `StringPrefix` of a string, else 0.
  let payload: UInt32

  var symbol: Symbol { Symbol(rawValue: payload) }
  var prefix: StringPrefix { StringPrefix(rawValue: payload) }
}

/// The kinds of tokens. The raw value is how a message spells the kind.
enum TokenKind: String, Sendable {
  case endOfFile = "end of file"
  case newline = "end of line"
  case indent, dedent
  case name, number, string
  /// `f"`, then the parts of the string, then the closing quotes.
  case fstringStart = "f-string"
  case fstringMiddle = "text of an f-string"
  case fstringEnd = "end of an f-string"
  /// The lexer has reported what is wrong here.
  case invalid = "invalid token"

  case `False`, `None`, `True`, and, `as`, assert, async, await, `break`, `class`, `continue`, def,
    del, elif, `else`, except, finally, `for`, from, global, `if`, `import`, `in`, `is`, lambda,
    nonlocal, not, or, pass, raise, `return`, `try`, `while`, with, yield

  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
  case comma = ","
  case colon = ":"
  case semicolon = ";"
  case dot = "."
  case ellipsis = "..."
  case arrow = "->"
  case exclamation = "!"
  case walrus = ":="

  case plus = "+"
  case minus = "-"
  case star = "*"
  case doubleStar = "**"
  case slash = "/"
  case doubleSlash = "//"
  case percent = "%"
  case at = "@"
  case leftShift = "<<"
  case rightShift = ">>"
  case ampersand = "&"
  case bar = "|"
  case caret = "^"
  case tilde = "~"

  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="

  case assign = "="
  case plusAssign = "+="
  case minusAssign = "-="
  case starAssign = "*="
  case doubleStarAssign = "**="
  case slashAssign = "/="
  case doubleSlashAssign = "//="
  case percentAssign = "%="
  case atAssign = "@="
  case leftShiftAssign = "<<="
  case rightShiftAssign = ">>="
  case ampersandAssign = "&="
  case barAssign = "|="
  case caretAssign = "^="

  /// The reserved words of Python 3.12; their symbols are the first ones, in this order.
  static let keywords: [TokenKind] = [
    .False, .None, .True, .and, .as, .assert, .async, .await, .break, .class, .continue, .def,
    .del, .elif, .else, .except, .finally, .for, .from, .global, .if, .import, .in, .is, .lambda,
    .nonlocal, .not, .or, .pass, .raise, .return, .try, .while, .with, .yield,
  ]

  /// `true` iff an expression may begin with such a token.
  var startsExpression: Bool {
    switch self {
    case .name, .number, .string, .fstringStart, .False, .None, .True, .await, .lambda, .not,
      .leftParenthesis, .leftBracket, .leftBrace, .ellipsis, .plus, .minus, .tilde:
      true
    default: false
    }
  }

  /// `true` iff such a token begins statements only, and so never stands inside brackets.
  var startsOnlyStatements: Bool {
    switch self {
    case .assert, .break, .class, .continue, .def, .del, .except, .finally, .global, .import,
      .nonlocal, .pass, .raise, .return, .try, .while, .with:
      true
    default: false
    }
  }
}

/// What stands before the quotes of a string literal, and the quotes.
struct StringPrefix: OptionSet {
  let rawValue: UInt32

  static let raw = StringPrefix(rawValue: 1)
  static let bytes = StringPrefix(rawValue: 2)
  static let formatted = StringPrefix(rawValue: 4)
  static let triple = StringPrefix(rawValue: 8)
  private static let lengthShift: UInt32 = 8

  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The letters before the quotes; `nil` if they are no prefix.
  init?(letters: some Collection<UInt8>) {
    guard letters.count <= 2 else { return nil }
    var flags: UInt32 = 0
    var isUnicode = false
    for letter in letters {
      switch letter | 0x20 {
      case UInt8(ascii: "r") where flags & 1 == 0: flags |= 1
      case UInt8(ascii: "b") where flags & 6 == 0: flags |= 2
      case UInt8(ascii: "f") where flags & 6 == 0: flags |= 4
      case UInt8(ascii: "u") where letters.count == 1: isUnicode = true
      default: return nil
      }
    }
    if isUnicode && flags != 0 { return nil }
    rawValue = flags | UInt32(letters.count) << Self.lengthShift
  }

  /// The bytes before the text: the letters and the quotes.
  var openingLength: Int { Int(rawValue >> Self.lengthShift) + quotesLength }

  var quotesLength: Int { contains(.triple) ? 3 : 1 }
}
