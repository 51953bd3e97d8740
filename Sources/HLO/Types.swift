import Tensor

/// The type of an array in a program: `tensor<2x3xf32>`.
public struct TensorType: Hashable, Sendable {
  /// The type of the elements in memory.
  public var element: ElementType
  public var shape: Shape
  /// What the elements stand for, and how large the array may become; `nil` for nearly all.
  public var note: TensorNote?

  public init(_ shape: Shape, _ element: ElementType, note: TensorNote? = nil) {
    self.shape = shape
    self.element = element
    self.note = note
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
  public func with(_ dimensions: [Int]) -> TensorType {
    let isIndex = note == .index
    return TensorType(
      Shape(dimensions), element,
      note: isIndex ? .index : quantization.map { .quantization($0) })
  }

  /// How the elements stand for real numbers, in a quantised type.
  public var quantization: Quantization? {
    if case .quantization(let quantization)? = note { quantization } else { nil }
  }
}

/// What some types of tensors say beside shape and element type.
public indirect enum TensorNote: Hashable, Sendable {
  case quantization(Quantization)
  /// The largest extent along each axis, where a dynamic one is bounded.
  case bounds([Int?])
  /// The elements are of MLIR's type `index`: integers as wide as an address.
  case index
}

/// `!quant.uniform<i8:f32, 0.5:3>`: an integer `i` of memory stands for `(i - zeroPoint) * scale`.
public struct Quantization: Hashable, Sendable {
  public var storage: ElementType
  /// The integers in use: those of the type, unless it says otherwise.
  public var range: ClosedRange<Int>
  /// The type of the numbers that are meant.
  public var expressed: ElementType
  /// The axis along which the parameters differ.
  public var axis: Int?
  /// One for all elements, or one per index of the axis.
  public var scales: [Double]
  public var zeroPoints: [Int]

  /// The integers that `storage` has.
  static func range(of storage: ElementType) -> ClosedRange<Int> {
    let width = min(storage.bitWidth, 62)
    return storage.isSigned ? -(1 << (width - 1))...(1 << (width - 1)) - 1 : 0...(1 << width) - 1
  }
}

/// The type of a value.
public enum ValueType: Hashable, Sendable {
  case tensor(TensorType)
  /// Orders side effects.
  case token
  indirect case tuple([ValueType])
  /// What a computation that may not be finished will give.
  indirect case future([ValueType])

  /// The tensor type, or `nil` for other types.
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
    switch note {
    case nil: return text + element.stablehloName + ">"
    case .quantization(let quantization): return text + quantization.description + ">"
    case .index: return text + "index>"
    case .bounds(let bounds):
      let list = bounds.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      return text + element.stablehloName + ", #stablehlo.bounds<\(list)>>"
    }
  }
}

extension Quantization: CustomStringConvertible {
  /// As MLIR spells it.
  public var description: String {
    var text = "!quant.uniform<\(storage.isSigned ? "i" : "u")\(storage.bitWidth)"
    if range != Quantization.range(of: storage) {
      text += "<\(range.lowerBound):\(range.upperBound)>"
    }
    text += ":" + expressed.stablehloName
    let parameters = zip(scales, zeroPoints).map { scale, zeroPoint in
      floatText(scale, .f64, bits: scale.bitPattern) + (zeroPoint == 0 ? "" : ":\(zeroPoint)")
    }
    guard let axis else { return text + ", " + parameters[0] + ">" }
    return text + ":\(axis), {" + parameters.joined(separator: ",") + "}>"
  }
}

extension ValueType: CustomStringConvertible {
  /// As MLIR spells it.
  public var description: String {
    switch self {
    case .tensor(let type): type.description
    case .token: "!stablehlo.token"
    case .tuple(let types): "tuple<" + types.map(\.description).joined(separator: ", ") + ">"
    case .future(let types):
      "!stablehlo.future<" + types.map(\.description).joined(separator: ", ") + ">"
    }
  }
}
