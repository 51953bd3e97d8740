import Core
import Support
import Tensor

/// One argument of a call, as `--arg` spells it: `[name=]type[shape]`, for example `f32[8,3]`,
/// `x=i32`; or a file of arrays; or an expression of the language in which types stand for arrays,
/// such as `params=[(f32[8,3], f32[8])]`.
public struct ArgumentType: Sendable {
  /// The parameter, or `nil` for the next positional one.
  public let name: String?
  public let value: Value

  public enum Value: Sendable {
    case type(ShapedArray)
    /// A `.npz` (a dict of its arrays) or a `.npy`.
    case file(String)
    case expression(String)
  }

  public init(parsing text: String) throws {
    var rest = Substring(text)
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    if !word.isEmpty, rest[word.endIndex...].hasPrefix("="),
      !rest[word.endIndex...].hasPrefix("==")
    {
      name = String(word)
      rest = rest[word.endIndex...].dropFirst()
    } else {
      name = nil
    }
    if rest.hasSuffix(".npz") || rest.hasSuffix(".npy") {
      value = .file(String(rest))
    } else if ArgumentType.isExpression(rest) {
      value = .expression(String(rest))
    } else {
      value = .type(try ArgumentType.type(rest, in: text))
    }
  }

  /// Is it more than the name of a type with a shape?
  private static func isExpression(_ text: Substring) -> Bool {
    let word = text.trimmingBlanks.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    if word.isEmpty { return true }
    let rest = text.trimmingBlanks[word.endIndex...]
    let isType = (ElementType(jaxpr: String(word)) ?? ElementType(numpy: String(word))) != nil
    return rest.isEmpty ? !isType : !rest.hasPrefix("[")
  }

  private static func type(_ text: Substring, in whole: String) throws -> ShapedArray {
    var type = text
    func wrong(_ what: String) -> Diagnostic {
      Diagnostic(.error, "'\(whole)': \(what)", hint: "write, for example, --arg 'x=f32[8,3]'")
    }
    var shape: [Int] = []
    if let bracket = type.firstIndex(of: "[") {
      guard type.last == "]" else { throw wrong("the shape does not end in ']'") }
      let dimensions = type[type.index(after: bracket)...].dropLast()
      var count = 1
      for dimension in dimensions.split(separator: ",") {
        guard let size = Int(dimension.trimmingBlanks), size >= 0 else {
          throw wrong("'\(dimension)' is no size")
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, product <= 1 << 48 else { throw wrong("the shape is too large") }
        count = product
        shape.append(size)
      }
      type = type[..<bracket]
    }
    let elementName = String(type.trimmingBlanks)
    guard
      let element = ElementType(jaxpr: elementName) ?? ElementType(numpy: elementName)
    else { throw wrong("'\(elementName)' is no element type") }
    return ShapedArray(Shape(shape), element)
  }
}

/// An argument that is a value, as `--static` spells it: `name=value`, where the value is an
/// expression of the language.
public struct StaticArgument: Sendable {
  public let name: String
  public let value: String

  public init(parsing text: String) throws {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw Diagnostic(
        .error, "'\(text)' names no parameter", hint: "write, for example, --static 'k=3'")
    }
    name = String(text[..<equals])
    value = String(text[text.index(after: equals)...])
  }
}

extension StringProtocol {
  /// Without blanks at either end.
  var trimmingBlanks: SubSequence {
    var slice = self[...]
    while slice.first == " " { slice = slice.dropFirst() }
    while slice.last == " " { slice = slice.dropLast() }
    return slice
  }
}
