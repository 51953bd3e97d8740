/// How arrays are printed: the options of NumPy's `set_printoptions`, with their defaults.
public struct PrintOptions: Hashable, Sendable {
  public enum FloatMode: String, Hashable, Sendable {
    /// Exactly `precision` digits.
    case fixed
    /// As many digits as identify each number, the same room for all.
    case unique
    /// At most `precision` digits, fewer where those identify the number.
    case maxprec
    /// As `maxprec`, with zeros up to the longest.
    case maxprecEqual = "maxprec_equal"
  }

  public enum Sign: String, Hashable, Sendable {
    case minus = "-"
    case plus = "+"
    case space = " "
  }

  /// Digits after the point; `nil` is unlimited.
  public var precision: Int? = 8
  /// The number of elements above which an array is summarised.
  public var threshold = 1000
  /// The elements shown at either end of a summarised axis.
  public var edgeItems = 3
  public var lineWidth = 75
  /// Whether small numbers print as zeros rather than with exponents.
  public var suppress = false
  public var nan = "nan"
  public var infinity = "inf"
  public var sign = Sign.minus
  public var floatMode = FloatMode.maxprec

  public init() {}
}
