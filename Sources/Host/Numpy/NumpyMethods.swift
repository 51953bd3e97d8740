import Syntax
import Tensor

/// Defines a function of a module or a method of a class: its specification, and its body, which
/// gets the arguments in the order of the specification.
typealias Definition = (
  _ specification: String, _ body: @escaping ([Object?]) throws -> Object
) -> Void

/// The methods of NumPy's arrays; those that are functions of the module, too, have the array as
/// their first parameter.
enum NumpyMethods {
  /// The attributes and methods of `ndarray` and of the scalar types.
  static func define(of cls: Class) {
    cls.property("shape") { .ints(try numpy($0).shape.dimensions) }
    cls.property("dtype") { .dtype(try numpy($0).type) }
    cls.property("ndim") { .int(try numpy($0).rank) }
    cls.property("size") { .int(try numpy($0).elementCount) }
    cls.property("itemsize") { .int(try numpy($0).type.byteCount) }
    cls.property("nbytes") { object in
      let array = try numpy(object)
      return .int(array.elementCount * array.type.byteCount)
    }
    cls.property("T") { object in
      let array = try numpy(object)
      return .native(
        array.view(
          shape: Shape(array.shape.dimensions.reversed()), strides: array.strides.reversed())
      )
    }
    cls.property("real") { wrapped(realPart(try numpy($0).tensor)) }
    cls.property("imag") { wrapped(imaginaryPart(try numpy($0).tensor)) }
    cls.property("flat") { object in
      let array = NumpyArray(try numpy(object).copied)
      return .native(try array.view(shape: [array.elementCount], strides: [1]).iterator())
    }
    for name in ["__int__", "__float__", "__complex__"] {
      cls.def("\(name)(a)") { a in
        guard let number = try numpy(a[0]).numericValue() else { return .none }
        switch name {
        case "__int__": return try call(.type(Types.int), [number])
        case "__float__": return .float(try double(number))
        default: return try call(.type(Types.complex), [number])
        }
      }
    }
    cls.def("__abs__(a)") { a in wrapped(numpyAbsolute(try numpy(a[0]).tensor)) }
    cls.def("__round__(a, decimals=)") { a in
      wrapped(numpyRound(try numpy(a[0]).tensor, decimals: try a[1].map(requireIndex) ?? 0))
    }
    defineShared { cls.def($0, $1) }
    defineOwn { cls.def($0, $1) }
  }

  /// What is a method of arrays and a function of the module.
  static func defineShared(_ def: Definition) {
    defineReductions(def)
    defineShapes(def)
    defineSelections(def)
    defineArithmetic(def)
  }

  /// What the module has under no name.
  private static func defineOwn(_ def: Definition) {
    def("flatten(a, order=)") { a in
      let array = try numpy(a[0])
      return .native(NumpyArray(array.copied.reshaped([array.elementCount])))
    }
    def("item(a, *position)") { a in
      let array = try numpy(a[0])
      guard case .tuple(let given)? = a[1], !given.items.isEmpty else {
        guard array.elementCount == 1 else {
          throw valueError("can only convert an array of size 1 to a Python scalar")
        }
        return pythonScalar(array.tensor[0])
      }
      if given.items.count == 1, array.rank != 1 {
        let flat = reshape(array, [array.elementCount])
        return try numpy(flat.item(given.items[0])).toList()
      }
      return try numpy(array.item(.tuple(given))).toList()
    }
    def("tolist(a)") { a in try numpy(a[0]).toList() }
    def("tobytes(a)") { a in .bytes(Bytes(Array(try numpy(a[0]).tensor.bytes))) }
    def("fill(a, value)") { a in
      try numpy(a[0]).assign(numpy(a[1]).copied)
      return .none
    }
    def("view(a, dtype)") { a in
      let tensor = try numpy(a[0]).copied
      guard let type = try numpyDType(a[1]), type.byteCount == tensor.type.byteCount,
        let result = tensor.bitcast(to: type)
      else { throw unsupportedNumpy("view with another item size") }
      return .native(NumpyArray(result))
    }
  }

  /// Sums, extremes and the like, along axes.
  private static func defineReductions(_ def: Definition) {
    def("sum(a, axis=, dtype=, out=, keepdims=)") { a in
      let type = try numpyDType(a[2])
      return try reduction(a, keepdims: 4) { numpySum($0, $1, keepsAxes: $2, type: type) }
    }
    def("prod(a, axis=, dtype=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 4) { numpyProduct($0, $1, keepsAxes: $2) }
    }
    def("mean(a, axis=, dtype=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 4) { numpyMean($0, $1, keepsAxes: $2) }
    }
    def("std(a, axis=, dtype=, out=, ddof=, keepdims=)") { a in
      let ddof = try a[4].map(double) ?? 0
      return try reduction(a, keepdims: 5) {
        numpyVariance($0, $1, keepsAxes: $2, ddof: ddof, isDeviation: true)
      }
    }
    def("var(a, axis=, dtype=, out=, ddof=, keepdims=)") { a in
      let ddof = try a[4].map(double) ?? 0
      return try reduction(a, keepdims: 5) {
        numpyVariance($0, $1, keepsAxes: $2, ddof: ddof, isDeviation: false)
      }
    }
    def("max(a, axis=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 3) { try numpyExtreme($0, $1, keepsAxes: $2, isMaximum: true) }
    }
    def("min(a, axis=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 3) { try numpyExtreme($0, $1, keepsAxes: $2, isMaximum: false) }
    }
    def("ptp(a, axis=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 3) {
        try numpyBinary(
          .subtract,
          NumpyOperand(numpyExtreme($0, $1, keepsAxes: $2, isMaximum: true)),
          NumpyOperand(numpyExtreme($0, $1, keepsAxes: $2, isMaximum: false)))
      }
    }
    def("argmax(a, axis=, out=, *, keepdims=)") { a in
      try reduction(a, keepdims: 3) {
        try numpyArgumentOfExtreme($0, $1, keepsAxes: $2, isMaximum: true)
      }
    }
    def("argmin(a, axis=, out=, *, keepdims=)") { a in
      try reduction(a, keepdims: 3) {
        try numpyArgumentOfExtreme($0, $1, keepsAxes: $2, isMaximum: false)
      }
    }
    def("any(a, axis=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 3) {
        reduceLines(numpyCast($0, to: .bool), $1, keepsAxes: $2, as: Bool.self, to: .bool) {
          $0.contains(true)
        }
      }
    }
    def("all(a, axis=, out=, keepdims=)") { a in
      try reduction(a, keepdims: 3) {
        reduceLines(numpyCast($0, to: .bool), $1, keepsAxes: $2, as: Bool.self, to: .bool) {
          !$0.contains(false)
        }
      }
    }
    def("cumsum(a, axis=, dtype=, out=)") { a in try scan(a, isProduct: false) }
    def("cumprod(a, axis=, dtype=, out=)") { a in try scan(a, isProduct: true) }
  }

  /// The same elements in another shape.
  private static func defineShapes(_ def: Definition) {
    def("reshape(a, *shape)") { a in
      let array = try numpy(a[0])
      guard case .tuple(let given)? = a[1] else { return .native(array) }
      let shape = try resolved(
        numpyExtents(given.items.count == 1 ? given.items[0] : .tuple(given)), array)
      return .native(reshape(array, shape))
    }
    def("ravel(a, order=)") { a in
      let array = try numpy(a[0])
      return .native(reshape(array, [array.elementCount]))
    }
    def("transpose(a, *axes)") { a in
      let array = try numpy(a[0])
      return transposed(array, try permutation(a[1], array.rank))
    }
    def("swapaxes(a, axis1, axis2)") { a in
      let array = try numpy(a[0])
      var axes = Array(0..<array.rank)
      axes.swapAt(
        try numpyAxis(a[1] ?? .none, rank: array.rank),
        try numpyAxis(a[2] ?? .none, rank: array.rank))
      return transposed(array, axes)
    }
    def("squeeze(a, axis=)") { a in
      let array = try numpy(a[0])
      let ones = array.shape.dimensions.indices.filter { array.shape[$0] == 1 }
      let axes = a[1] == nil || a[1]!.isNone ? ones : try numpyAxes(a[1], rank: array.rank)
      guard axes.allSatisfy({ array.shape[$0] == 1 }) else {
        throw valueError("cannot select an axis to squeeze out which has size not equal to one")
      }
      let kept = (0..<array.rank).filter { !axes.contains($0) }
      return transposed(array, kept)
    }
    def("copy(a, order=)") { a in
      let array = try numpy(a[0])
      return .native(NumpyArray(array.copied, isScalar: array.isScalar))
    }
  }

  /// Elements at positions, and positions of elements.
  private static func defineSelections(_ def: Definition) {
    def("argsort(a, axis=, kind=, order=)") { a in
      let tensor = try numpy(a[0]).tensor
      let axis = try numpyAxis(a[1] ?? .int(-1), rank: tensor.shape.rank)
      let (order, moved, positions) = sortedPositions(tensor, axis: axis)
      return wrapped(HostTensor(positions, shape: moved.shape).transposed(order))
    }
    def("repeat(a, repeats, axis=)") { a in
      var array = try numpy(a[0])
      if a[2] == nil || a[2]!.isNone { array = reshape(array, [array.elementCount]) }
      let axis = try a[2].given.map { try numpyAxis($0, rank: array.rank) } ?? 0
      let counts = try numpy(a[1]).tensor.elements(as: Int64.self)
      if counts.contains(where: { $0 < 0 }) {
        throw valueError("repeats may not contain negative values.")
      }
      guard counts.count == 1 || counts.count == array.shape[axis] else {
        throw valueError(
          "operands could not be broadcast together with shape (\(array.shape[axis]),) "
            + "(\(counts.count),)")
      }
      _ = try checkedNumpyShape([
        counts.count == 1 ? array.shape[axis] : 1, Int(counts.reduce(0) { $0 &+ $1 } & .max),
      ])
      let positions = (0..<array.shape[axis]).flatMap {
        [Int64](repeating: Int64($0), count: Int(counts.count == 1 ? counts[0] : counts[$0]))
      }
      return try take(array, NumpyArray(HostTensor(positions)), axis)
    }
    def("take(a, indices, axis=)") { a in
      var array = try numpy(a[0])
      if a[2] == nil || a[2]!.isNone { array = reshape(array, [array.elementCount]) }
      let axis = try a[2].given.map { try numpyAxis($0, rank: array.rank) } ?? 0
      return try take(array, numpy(a[1]), axis)
    }
    def("nonzero(a)") { a in
      let tensor = try numpy(a[0]).tensor
      let mask = numpyCast(tensor, to: .bool).elements(as: Bool.self)
      let positions = mask.indices.filter { mask[$0] }
      return .tuple(
        zip(tensor.shape.dimensions, tensor.shape.strides).map { extent, stride in
          .native(NumpyArray(HostTensor(positions.map { Int64($0 / stride % extent) })))
        })
    }
    def("diagonal(a)") { a in .native(try diagonal(numpy(a[0]), 0)) }
  }

  /// Products, bounds, rounding and conversion.
  private static func defineArithmetic(_ def: Definition) {
    def("dot(a, b, out=)") { a in
      let (x, y) = (try numpy(a[0]).tensor, try numpy(a[1]).tensor)
      if x.shape.rank == 0 || y.shape.rank == 0 {
        return wrapped(
          try numpyBinary(.multiply, NumpyOperand(x), NumpyOperand(y))
        )
      }
      guard y.shape.rank <= 2 else { throw unsupportedNumpy("dot of arrays of more than two axes") }
      guard x.shape[x.shape.rank - 1] == y.shape[max(y.shape.rank - 2, 0)] else {
        throw valueError(
          """
          shapes \(shapeText(x.shape)) and \(shapeText(y.shape)) not aligned: \
          \(x.shape[x.shape.rank - 1]) (dim \(x.shape.rank - 1)) != \
          \(y.shape[max(y.shape.rank - 2, 0)]) (dim \(max(y.shape.rank - 2, 0)))
          """)
      }
      return wrapped(try matrixProduct(x, y))
    }
    def("trace(a)") { a in
      let line = try diagonal(numpy(a[0]), 0).tensor
      return wrapped(numpySum(line, [0], keepsAxes: false))
    }
    def("clip(a, a_min=, a_max=, out=, *, min=, max=)") { a in
      var result = NumpyOperand(try numpy(a[0]).tensor)
      for (bound, isUpper) in [(a[1] ?? a[4], false), (a[2] ?? a[5], true)] {
        guard let bound, !bound.isNone, let operand = try NumpyOperand(bound) else { continue }
        result = NumpyOperand(try numpyChoose(result, operand, isMaximum: !isUpper))
      }
      return wrapped(result.tensor)
    }
    def("round(a, decimals=, out=)") { a in
      wrapped(numpyRound(try numpy(a[0]).tensor, decimals: try a[1].map(requireIndex) ?? 0))
    }
    def("conj(a)") { a in wrapped(conjugate(try numpy(a[0]).tensor)) }
    def("conjugate(a)") { a in wrapped(conjugate(try numpy(a[0]).tensor)) }
    def("astype(a, dtype, order=, casting=, subok=, copy=)") { a in
      let array = try numpy(a[0])
      let result = numpyCast(array.copied, to: try numpyDType(a[1]) ?? .f64)
      return .native(NumpyArray(result, isScalar: array.isScalar))
    }
  }

  private static func isGiven(_ object: Object?) throws -> Bool { try object.map(isTrue) ?? false }
  /// A reduction with the parameters `axis` and `keepdims`.
  private static func reduction(
    _ a: [Object?], keepdims: Int, _ body: (HostTensor, [Int], Bool) throws -> HostTensor
  ) throws -> Object {
    let tensor = try numpy(a[0]).tensor
    let axes = try numpyAxes(a[1], rank: tensor.shape.rank)
    return wrapped(try body(tensor, axes, isGiven(a[keepdims])))
  }

  /// The new shape of `array`, with one -1 inferred.
  private static func resolved(_ extents: [Int], _ array: NumpyArray) throws -> Shape {
    var shape = Shape(extents)
    if let unknown = shape.dimensions.firstIndex(of: -1) {
      let known = shape.dimensions.reduce(1) { $1 == -1 ? $0 : $0 * $1 }
      if known > 0 && array.elementCount % known == 0 {
        shape[unknown] = array.elementCount / known
      }
    }
    guard shape.dimensions.allSatisfy({ $0 >= 0 }), shape.count == array.elementCount else {
      throw valueError(
        "cannot reshape array of size \(array.elementCount) into shape \(shapeText(shape))")
    }
    return shape
  }

  /// The axes in the order that the arguments name; reversed without any.
  private static func permutation(_ object: Object?, _ rank: Int) throws -> [Int] {
    guard let object, !object.isNone else { return Array((0..<rank).reversed()) }
    var items = try list(object)
    if items.count == 1 {
      if items[0].isNone { return Array((0..<rank).reversed()) }
      if (try? index(items[0])) == nil { items = try list(items[0]) }
    }
    if items.isEmpty { return Array((0..<rank).reversed()) }
    let axes = try items.map { try numpyAxis($0, rank: rank) }
    guard Set(axes).count == rank, axes.count == rank else {
      throw valueError("axes don't match array")
    }
    return axes
  }

  private static func scan(_ a: [Object?], isProduct: Bool) throws -> Object {
    var array = try numpy(a[0])
    if a[1] == nil || a[1]!.isNone { array = reshape(array, [array.elementCount]) }
    let axis = try a[1].given.map { try numpyAxis($0, rank: array.rank) } ?? 0
    return wrapped(numpyScan(array.tensor, axis: axis, isProduct: isProduct))
  }
}
