import Core
import Support
import Tensor

/// The type of one argument of a call, as `--arg` spells it: `[name=]type[shape]`, for example
/// `f32[8,3]`, `x=i32`.
public struct ArgumentType: Sendable {
  /// The parameter, or `nil` for the next positional one.
  public let name: String?
  public let aval: ShapedArray

  public init(parsing text: String) throws {
    var type = Substring(text)
    if let equals = type.firstIndex(of: "=") {
      name = String(type[..<equals])
      type = type[type.index(after: equals)...]
    } else {
      name = nil
    }
    func wrong(_ what: String) -> Diagnostic {
      Diagnostic(.error, "'\(text)': \(what)", hint: "write, for example, --arg 'x=f32[8,3]'")
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
    aval = ShapedArray(Shape(shape), element)
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
