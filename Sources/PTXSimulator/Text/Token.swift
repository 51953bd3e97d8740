import Support

/// A piece of PTX text.
struct Token {
  enum Kind: Equatable {
    /// An identifier, a register, a label or an opcode: `add`, `%r1`, `$L__BB0_2`.
    case word(String)
    /// A word behind a dot, without the dot: a directive, a type or a modifier.
    case dotted(String)
    /// An integer literal.
    case integer(UInt64)
    /// `0f…`: the bits of a 32-bit float.
    case float32(UInt32)
    /// `0d…`, or a number with a point or an exponent: the bits of a 64-bit float.
    case float64(UInt64)
    case string
    case punctuation(UInt8)
    case end
  }

  var kind: Kind
  var span: Span

  /// What an error message calls it.
  var description: String {
    switch kind {
    case .word(let text): "'\(text)'"
    case .dotted(let text): "'.\(text)'"
    case .integer(let value): "'\(value)'"
    case .float32, .float64: "a floating-point literal"
    case .string: "a string"
    case .punctuation(let byte): "'\(Character(UnicodeScalar(byte)))'"
    case .end: "the end of the text"
    }
  }
}
