import Core
import HLO
import Tensor

@testable import Primitives
@testable import Transforms

/// A primitive with the types of operands that it is tested on.
struct Sample {
  var primitive: any Primitive
  var operands: [Operand]

  struct Operand {
    var shape: Shape
    var dtype: ElementType = .f64
    var range: ClosedRange<Double> = 0.2...1.8
    /// Distinct elements, so that orders and extremes are unique.
    var isDistinct = false
  }

  init(_ primitive: any Primitive, _ operands: Operand...) {
    self.primitive = primitive
    self.operands = operands
  }
}

/// A sample for each name in the registry; `nil` says that another test covers it, and why.
func samples(_ name: String) throws -> [Sample]?? {
  let matrix = Sample.Operand(shape: [3, 4])
  let signed = Sample.Operand(shape: [3, 4], range: -2...2, isDistinct: true)
  let integers = Sample.Operand(shape: [3, 4], dtype: .i32, range: 0...30)
  let booleans = Sample.Operand(shape: [3, 4], dtype: .bool, range: 0...1)
  let keys = Sample.Operand(shape: [2], dtype: .key)
  let words = Sample.Operand(shape: [3, 2], dtype: .u32, range: 0...1000)
  func make(_ parameters: [String: ParameterValue] = [:]) throws -> any Primitive {
    try Registry.primitive(name, parameters)
  }
  func integerScalar(_ range: ClosedRange<Double>) -> Sample.Operand {
    Sample.Operand(shape: .scalar, dtype: .i32, range: range)
  }
  let window: [String: ParameterValue] = [
    "window_dimensions": .ints([2, 2]), "window_strides": .ints([1, 2]),
    "padding": .tuple([.ints([0, 1]), .ints([0, 0])]),
  ]
  if let function = Unary.Function(rawValue: name) {
    switch function {
    case .real, .imag: return .some(nil)  // complex operands: by the library's tests
    case .not, .populationCount, .clz: return [Sample(try make(), integers)]
    case .acosh: return [Sample(try make(), Sample.Operand(shape: [3], range: 1.2...3))]
    case .asin, .acos, .atanh, .erfInv:
      return [Sample(try make(), Sample.Operand(shape: [3], range: -0.8...0.8))]
    default: return [Sample(try make(), matrix)]
    }
  }
  if let function = Binary.Function(rawValue: name) {
    switch function {
    case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic:
      return [Sample(try make(), integers, integers)]
    case .complex: return .some(nil)
    case .zeta:
      return [
        Sample(
          try make(), Sample.Operand(shape: [3], range: 2...4),
          Sample.Operand(shape: [3], range: 1...3))
      ]
    case .polygamma, .nextafter: return .some(nil)  // integer orders; steps of one ulp
    default: return [Sample(try make(), matrix, signed), Sample(try make(), matrix, matrix)]
    }
  }
  if Comparison.Direction(rawValue: name) != nil || TotalOrder.Direction(rawValue: name) != nil {
    return [Sample(try make(), signed, signed)]
  }
  if let function = Reduce.Function(rawValue: name) {
    let isLogical = function == .and || function == .or || function == .xor
    return [Sample(try make(["axes": .ints([1])]), isLogical ? integers : signed)]
  }
  if Cumulative.Function(rawValue: name) != nil {
    return [Sample(try make(["axis": .int(1), "reverse": .bool(false)]), signed)]
  }
  if ReduceWindow.Function(rawValue: name) != nil { return [Sample(try make(window), signed)] }
  if let function = IncompleteGamma.Function(rawValue: name) {
    _ = function
    return [Sample(try make(), matrix, matrix)]
  }
  if Scatter.Combination(rawValue: name) != nil { return .some(nil) }  // by the library's tests
  switch name {
  case "add_any": return [Sample(try make(), signed, signed)]
  case "argmax", "argmin":
    return [Sample(try make(["axes": .ints([1]), "index_dtype": .dtype(.i32)]), signed)]
  case "bitcast_convert_type":
    return [Sample(try make(["new_dtype": .dtype(.u32)]), integers)]
  case "broadcast_in_dim":
    return [
      Sample(
        try make(["shape": .ints([2, 3, 4]), "broadcast_dimensions": .ints([1, 2])]), signed)
    ]
  case "clamp":
    return [
      Sample(
        try make(), Sample.Operand(shape: [3, 4], range: -1 ... -0.5), signed,
        Sample.Operand(shape: [3, 4], range: 0.5...1))
    ]
  case "concatenate": return [Sample(try make(["dimension": .int(1)]), signed, matrix)]
  case "conj": return .some(nil)
  case "conv_general_dilated":
    return [
      Sample(
        try make([
          "dimension_numbers": .tuple([
            .ints([0, 1, 2, 3]), .ints([0, 1, 2, 3]), .ints([0, 1, 2, 3]),
          ]), "window_strides": .ints([2, 1]),
          "padding": .tuple([.ints([1, 0]), .ints([0, 1])]), "rhs_dilation": .ints([1, 2]),
          "feature_group_count": .int(2),
        ]), Sample.Operand(shape: [2, 4, 5, 6], range: -1...1),
        Sample.Operand(shape: [4, 2, 2, 3], range: -1...1))
    ]
  case "convert_element_type":
    return [Sample(try make(["new_dtype": .dtype(.f64), "weak_type": .bool(false)]), signed)]
  case "copy", "square": return [Sample(try make(), signed)]
  case "dot_general":
    return [
      Sample(
        try make([
          "dimension_numbers": .tuple([
            .tuple([.ints([1]), .ints([0])]), .tuple([.ints([]), .ints([])]),
          ])
        ]), signed, Sample.Operand(shape: [4, 2]))
    ]
  case "dynamic_slice":
    return [
      Sample(
        try make(["slice_sizes": .ints([2, 2])]), signed, integerScalar(0...1),
        integerScalar(0...2))
    ]
  case "dynamic_update_slice":
    return [
      Sample(
        try make(), signed, Sample.Operand(shape: [2, 2]), integerScalar(0...1),
        integerScalar(0...2))
    ]
  case "fft":
    return [
      Sample(try make(["fft_lengths": .ints([4]), "fft_type": .int(2)]), signed)
    ]
  case "cholesky": return .some(nil)  // positive definite operands: by the library's tests
  case "gather": return .some(nil)
  case "integer_pow": return [-2, 0, 1, 2, 3].map { Sample(IntegerPow($0), matrix) }
  case "iota", "empty", "rng_uniform", "rng_bit_generator": return .some(nil)  // no operands
  case "mulhi": return [Sample(try make(), integers, integers)]
  case "name": return [Sample(try make(["name": .string("x")]), signed)]
  case "optimization_barrier": return [Sample(try make(), signed, matrix)]
  case "pad":
    return [
      Sample(
        try make(["padding_config": .tuple([.ints([1, 0, 1]), .ints([0, -1, 0])])]), signed,
        Sample.Operand(shape: .scalar))
    ]
  case "random_bits":
    return [8, 16, 32, 64].map { Sample(RandomBits(bitWidth: $0, shape: [3]), keys) }
  case "random_clone", "random_unwrap": return [Sample(try make(), keys)]
  case "random_fold_in":
    return [
      Sample(try make(), keys, Sample.Operand(shape: [2], dtype: .u32, range: 0...9))
    ]
  case "random_seed": return [Sample(try make(), integers)]
  case "random_split": return [Sample(try make(["shape": .ints([3])]), keys)]
  case "random_wrap": return [Sample(try make(), words)]
  case "random_gamma": return .some(nil)
  case "reduce_precision":
    return [
      Sample(try make(["exponent_bits": .int(11), "mantissa_bits": .int(52)]), signed)
    ]
  case "reduce_sum": return [Sample(try make(["axes": .ints([0])]), signed)]
  case "reduce", "reduce_window", "cond", "scan", "while": return .some(nil)  // carry jaxprs
  case "regularized_incomplete_beta": return .some(nil)  // not differentiable in a and b
  case "reshape": return [Sample(try make(["new_sizes": .ints([2, 6])]), signed)]
  case "rev": return [Sample(try make(["dimensions": .ints([0])]), signed)]
  case "round": return [Sample(try make(["rounding_method": .int(1)]), signed)]
  case "select_n": return [Sample(try make(), booleans, signed, matrix)]
  case "slice":
    return [
      Sample(
        try make([
          "start_indices": .ints([0, 1]), "limit_indices": .ints([3, 4]),
          "strides": .ints([2, 1]),
        ]), signed)
    ]
  case "sort":
    return [
      Sample(
        try make(["dimension": .int(1), "is_stable": .bool(true), "num_keys": .int(1)]), signed,
        matrix)
    ]
  case "split":
    return [Sample(try make(["axis": .int(1), "sizes": .ints([1, 3])]), signed)]
  case "squeeze":
    return [Sample(try make(["dimensions": .ints([1])]), Sample.Operand(shape: [3, 1]))]
  case "stack": return [Sample(try make(["axis": .int(1)]), signed, matrix)]
  case "stop_gradient": return .some(nil)  // its derivative is not that of its value
  case "symmetric_product":
    return [
      Sample(
        try make(["alpha": .float(2), "beta": .float(0.5)]), signed,
        Sample.Operand(shape: [3, 3]))
    ]
  case "threefry2x32":
    let word = Sample.Operand(shape: [3], dtype: .u32, range: 0...1000)
    return [Sample(try make(), word, word, word, word)]
  case "tile": return [Sample(try make(["reps": .ints([2, 3])]), signed)]
  case "top_k": return [Sample(try make(["k": .int(2), "axis": .int(1)]), signed)]
  case "approx_top_k":
    return [
      Sample(
        try make([
          "k": .int(2), "reduction_dimension": .int(-1), "is_max_k": .bool(false),
          "recall_target": .float(0.9), "reduction_input_size_override": .int(-1),
          "aggregate_to_topk": .bool(true),
        ]), signed)
    ]
  case "transpose": return [Sample(try make(["permutation": .ints([1, 0])]), signed)]
  case "triangular_solve":
    let parameters: [String: ParameterValue] = [
      "left_side": .bool(true), "lower": .bool(true), "transpose_a": .bool(true),
      "conjugate_a": .bool(false), "unit_diagonal": .bool(false),
    ]
    return [
      Sample(
        try make(parameters), Sample.Operand(shape: [3, 3], range: 0.5...2),
        Sample.Operand(shape: [3, 2]))
    ]
  case "tridiagonal_solve":
    let diagonal = Sample.Operand(shape: [3], range: 3...4)
    let other = Sample.Operand(shape: [3])
    return [Sample(try make(), other, diagonal, other, Sample.Operand(shape: [3, 2]))]
  case "unstack": return [Sample(try make(["axis": .int(0)]), signed)]
  case "eig", "eigh", "geqp3", "geqrf", "hessenberg", "householder_product", "lu",
    "lu_pivots_to_permutation", "ormqr", "qr", "schur", "svd", "tridiagonal":
    return .some(nil)  // routines of the library, which only compiled code calls
  default: return .none
  }
}
