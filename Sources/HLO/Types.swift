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
    return text + element.mlirName + ">"
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

extension ElementType {
  /// The name in MLIR's text: `i1`, `ui8`, `complex<f32>`.
  public var mlirName: String {
    switch self {
    case .bool: "i1"
    case .i2: "i2"
    case .i4: "i4"
    case .i8: "i8"
    case .i16: "i16"
    case .i32: "i32"
    case .i64: "i64"
    case .u2: "ui2"
    case .u4: "ui4"
    case .u8: "ui8"
    case .u16: "ui16"
    case .u32: "ui32"
    case .u64: "ui64"
    case .f8E3M4: "f8E3M4"
    case .f8E4M3: "f8E4M3"
    case .f8E4M3FN: "f8E4M3FN"
    case .f8E4M3FNUZ: "f8E4M3FNUZ"
    case .f8E4M3B11FNUZ: "f8E4M3B11FNUZ"
    case .f8E5M2: "f8E5M2"
    case .f8E5M2FNUZ: "f8E5M2FNUZ"
    case .f8E8M0FNU: "f8E8M0FNU"
    case .bf16: "bf16"
    case .f16: "f16"
    case .f32: "f32"
    case .f64: "f64"
    case .c64: "complex<f32>"
    case .c128: "complex<f64>"
    case .float0: "float0"
    case .key: "key"
    }
  }

  /// The type that MLIR's text calls `name`, or `nil`.
  public init?(mlirName name: some StringProtocol) {
    guard let type = ElementType.byMLIRName[String(name)] else { return nil }
    self = type
  }

  private static let byMLIRName = Dictionary(
    uniqueKeysWithValues: ElementType.allCases.map { ($0.mlirName, $0) })
}
