import Tensor

extension ElementType {
  /// The name of the element type in HLO: `pred`, `s32`, `f8e4m3fn`, `c64`.
  var xlaName: String {
    switch kind {
    case .bool: "pred"
    case .signed: "s\(bitWidth)"
    case .unsigned: "u\(bitWidth)"
    case .complex: self == .c64 ? "c64" : "c128"
    case .float: stablehloName.lowercased()
    case .float0: "pred"
    case .key: "u32"
    }
  }
}

extension TensorType {
  /// `f32[2,3]`, without a layout.
  var xlaShapeWithoutLayout: String {
    "\(element.xlaName)[\(dimensions.map { String($0) }.joined(separator: ","))]"
  }
}

extension ValueType {
  /// `f32[2,3]{1,0}`: dimensions, and their order in memory from the fastest to the slowest.
  var xlaShape: String {
    switch self {
    case .tensor(let type):
      type.xlaShapeWithoutLayout + (type.rank == 0 ? "" : braces((0..<type.rank).reversed()))
    case .token: "token[]"
    case .tuple(let types), .future(let types): xlaTuple(types)
    }
  }

  /// The shape in the signature of a computation.
  var xlaShapeWithoutLayout: String {
    switch self {
    case .tensor(let type): type.xlaShapeWithoutLayout
    case .token: "token[]"
    case .tuple(let types), .future(let types):
      "(" + types.map(\.xlaShapeWithoutLayout).joined(separator: ", ") + ")"
    }
  }
}

/// One shape as it is, others as a tuple, in these layouts.
func xlaShape(of types: [ValueType], layouts: [[Int]]?) -> String {
  guard let layouts, layouts.count == types.count else { return xlaShape(of: types) }
  let shapes = xlaShapes(of: types, layouts: layouts)
  return shapes.count == 1 ? shapes[0] : "(" + shapes.joined(separator: ", ") + ")"
}

/// The shapes of arrays, the order of whose axes in memory is stated.
func xlaShapes(of types: [ValueType], layouts: [[Int]]) -> [String] {
  zip(types, layouts).map { type, layout in
    type.xlaShapeWithoutLayout + (layout.isEmpty ? "" : braces(layout))
  }
}

func xlaTuple(_ types: [ValueType]) -> String {
  "(" + types.map(\.xlaShape).joined(separator: ", ") + ")"
}

/// One shape as it is, others as a tuple.
func xlaShape(of types: [ValueType]) -> String {
  types.count == 1 ? types[0].xlaShape : xlaTuple(types)
}

/// `{0,1}`
func braces(_ values: some Sequence<Int>) -> String {
  "{" + values.map { String($0) }.joined(separator: ",") + "}"
}
