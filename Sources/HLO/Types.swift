import Tensor

/// The type of an array in a program: `tensor<2x3xf32>`.
public struct TensorType: Hashable, Sendable {
  public var element: ElementType
  public var shape: Shape

  public init(_ shape: Shape, _ element: ElementType) {
    self.shape = shape
    self.element = element
  }

  public init(_ dimensions: [Int], _ element: ElementType) {
    self.init(Shape(dimensions), element)
  }

  /// A scalar of `element`.
  public static func scalar(_ element: ElementType) -> TensorType { TensorType(.scalar, element) }

  /// The extent that stands for `?`: not known before the program runs.
  public static let dynamic = Int.min

  public var dimensions: [Int] { shape.dimensions }
  public var rank: Int { shape.rank }
  /// The number of elements. Requires a static shape.
  public var count: Int { shape.count }
  /// `true` iff every extent is known.
  public var isStatic: Bool { !shape.dimensions.contains(TensorType.dynamic) }

  /// The same shape with another element type.
  public func with(_ element: ElementType) -> TensorType { TensorType(shape, element) }

  /// The same element type with another shape.
  public func with(_ dimensions: [Int]) -> TensorType { TensorType(dimensions, element) }
}

/// The type of a value.
public enum ValueType: Hashable, Sendable {
  case tensor(TensorType)
  /// Orders side effects.
  case token
  indirect case tuple([ValueType])

  /// The tensor type, or `nil` for tokens and tuples.
  public var tensor: TensorType? {
    if case .tensor(let type) = self { type } else { nil }
  }

  public static func tensor(_ dimensions: [Int], _ element: ElementType) -> ValueType {
    .tensor(TensorType(dimensions, element))
  }
}

extension TensorType: CustomStringConvertible {
  /// As MLIR spells it.
  public var description: String {
    var text = "tensor<"
    for extent in dimensions {
      text += extent == TensorType.dynamic ? "?" : String(extent)
      text += "x"
    }
    return text + element.stablehloName + ">"
  }
}

extension ValueType: CustomStringConvertible {
  /// As MLIR spells it.
  public var description: String {
    switch self {
    case .tensor(let type): type.description
    case .token: "!stablehlo.token"
    case .tuple(let types): "tuple<" + types.map(\.description).joined(separator: ", ") + ">"
    }
  }
}
