/// An element type together with its weakness: Python scalars are weak, and give way to the type
/// of what they meet.
public struct DType: Hashable, Sendable {
  public var type: ElementType
  public var isWeak: Bool

  public init(_ type: ElementType, isWeak: Bool = false) {
    self.type = type
    self.isWeak = isWeak
  }
}

/// JAX's promotion of element types: least upper bounds in a lattice.
///
///     bool ─ i* ─┬─ u8 ─ u16 ─ u32 ─ u64 ─┐              ┌─ f16 ──┬─ f32 ─┬─ f64 ─┐
///                ├─ i8 ─ i16 ─ i32 ─ i64 ─┴─ f* ─┬───────┴─ bf16 ─┘       └─ c64 ─┴─ c128
///                ├─ i2, i4, u2, u4               ├─ f8…                       │
///                                                └─ c* ───────────────────────┘
///
/// with `u8 ─ i16`, `u16 ─ i32` and `u32 ─ i64` besides. A starred node is the type of a weak
/// scalar of that kind. Types that have no upper bound do not promote: JAX wants a cast there.
public enum Promotion {
  /// The type of a Python scalar of each kind, where 64-bit types are enabled or not.
  public static func defaultInteger(x64: Bool) -> ElementType { x64 ? .i64 : .i32 }
  public static func defaultUnsigned(x64: Bool) -> ElementType { x64 ? .u64 : .u32 }
  public static func defaultFloat(x64: Bool) -> ElementType { x64 ? .f64 : .f32 }
  public static func defaultComplex(x64: Bool) -> ElementType { x64 ? .c128 : .c64 }

  /// `type`, or its half as wide relative where 64-bit types are not enabled.
  public static func canonicalize(_ type: ElementType, x64: Bool) -> ElementType {
    if x64 { return type }
    switch type {
    case .i64: return .i32
    case .u64: return .u32
    case .f64: return .f32
    case .c128: return .c64
    default: return type
    }
  }

  /// The common type of the operands, of which there is at least one; `nil` where there is none.
  ///
  /// - Parameter strict: JAX's `numpy_dtype_promotion('strict')`, which admits only equal types,
  ///   and weak scalars where they widen no kind.
  public static func resultType(_ given: [DType], x64: Bool, strict: Bool = false) -> DType? {
    let operands = given.map { DType(canonicalize($0.type, x64: x64), isWeak: $0.isWeak) }
    guard let first = operands.first else { return nil }
    let result: DType
    if operands.count == 1 {
      result = first
    } else if operands.allSatisfy({ $0.type == first.type }) && !operands.allSatisfy(\.isWeak) {
      result = DType(first.type)
    } else {
      guard let bound = leastUpperBound(operands.map(node), strict: strict) else { return nil }
      result = bound
    }
    return DType(
      canonicalize(result.type, x64: x64), isWeak: result.isWeak && result.type != .bool)
  }

  /// The common type of two strong types.
  public static func promote(_ a: ElementType, _ b: ElementType, x64: Bool) -> ElementType? {
    resultType([DType(a), DType(b)], x64: x64)?.type
  }

  // MARK: The lattice

  /// A place in the lattice: an element type, or one of the three weak kinds after them.
  private typealias Node = Int
  private static let weakInteger: Node = 40
  private static let weakFloat: Node = 41
  private static let weakComplex: Node = 42

  private static func node(_ dtype: DType) -> Node {
    guard dtype.isWeak else { return Int(dtype.type.rawValue) }
    switch dtype.type.kind {
    case .signed, .unsigned: return weakInteger
    case .float: return weakFloat
    case .complex: return weakComplex
    case .bool, .float0, .key: return Int(dtype.type.rawValue)
    }
  }

  private static func dtype(_ node: Node) -> DType? {
    switch node {
    case weakInteger: DType(.i64, isWeak: true)
    case weakFloat: DType(.f64, isWeak: true)
    case weakComplex: DType(.c128, isWeak: true)
    default: ElementType(rawValue: UInt8(node)).map { DType($0) }
    }
  }

  private static let minifloats: [ElementType] = [
    .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ,
    .f8E5M2, .f8E5M2FNUZ, .f8E8M0FNU,
  ]

  /// The nodes right above each node.
  private static func successors(_ node: Node, strict: Bool) -> [Node] {
    func nodes(_ types: [ElementType]) -> [Node] { types.map { Int($0.rawValue) } }
    let integers: [ElementType] = [
      .u2, .u4, .u8, .u16, .u32, .u64, .i2, .i4, .i8, .i16, .i32, .i64,
    ]
    let floats: [ElementType] = [.bf16, .f16, .f32, .f64] + minifloats
    if strict {
      switch node {
      case weakInteger: return nodes(integers) + [weakFloat]
      case weakFloat: return nodes(floats) + [weakComplex]
      case weakComplex: return nodes([.c64, .c128])
      default: return []
      }
    }
    switch node {
    case weakInteger: return nodes([.u2, .u4, .u8, .i2, .i4, .i8])
    case weakFloat: return nodes([.bf16, .f16] + minifloats) + [weakComplex]
    case weakComplex: return nodes([.c64])
    default: break
    }
    guard let type = ElementType(rawValue: UInt8(node)) else { return [] }
    switch type {
    case .bool: return [weakInteger]
    case .u8: return nodes([.u16, .i16])
    case .u16: return nodes([.u32, .i32])
    case .u32: return nodes([.u64, .i64])
    case .i8: return nodes([.i16])
    case .i16: return nodes([.i32])
    case .i32: return nodes([.i64])
    case .u64, .i64: return [weakFloat]
    case .bf16, .f16: return nodes([.f32])
    case .f32: return nodes([.f64, .c64])
    case .f64, .c64: return nodes([.c128])
    case .i2, .i4, .u2, .u4, .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN,
      .f8E4M3FNUZ, .f8E4M3B11FNUZ, .f8E5M2,
      .f8E5M2FNUZ, .f8E8M0FNU, .c128, .float0, .key:
      return []
    }
  }

  /// For each node, the set of nodes that are not below it, itself included, as bits.
  private static func upperBounds(strict: Bool) -> [UInt64] {
    var bounds = [UInt64](repeating: 0, count: weakComplex + 1)
    func bound(_ node: Node) -> UInt64 {
      if bounds[node] == 0 {
        bounds[node] = successors(node, strict: strict).reduce(1 << UInt64(node)) { $0 | bound($1) }
      }
      return bounds[node]
    }
    for node in bounds.indices where dtype(node) != nil { _ = bound(node) }
    return bounds
  }

  private static let standardBounds = upperBounds(strict: false)
  private static let strictBounds = upperBounds(strict: true)

  /// The one common upper bound that is below all others.
  private static func leastUpperBound(_ nodes: [Node], strict: Bool) -> DType? {
    let bounds = strict ? strictBounds : standardBounds
    let common = nodes.reduce(UInt64.max) { $0 & bounds[$1] }
    for node in bounds.indices where common >> UInt64(node) & 1 != 0 && bounds[node] == common {
      return dtype(node)
    }
    return nil
  }
}
