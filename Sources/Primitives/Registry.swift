import Core
import Transforms

/// Every primitive that the library binds by name: what it builds from keyword parameters.
///
/// Adding a primitive takes one file and one line here.
public enum Registry {
  public typealias Constructor = (ParameterReader) throws -> any Primitive

  /// The primitive `name` with the parameters of `reader`.
  ///
  /// - Throws: `TypeError` for unusable parameters, `AttributeError` for an unknown name.
  public static func primitive(_ name: String, _ parameters: [String: ParameterValue]) throws
    -> any Primitive
  {
    guard let constructor = constructors[name] else {
      throw RaisedError(.attributeError, "there is no primitive '\(name)'")
    }
    return try constructor(ParameterReader(primitive: name, parameters))
  }

  /// Whether there is a primitive `name`.
  public static func contains(_ name: String) -> Bool { constructors[name] != nil }

  public static var names: [String] { Array(constructors.keys) }

  private static nonisolated(unsafe) let constructors: [String: Constructor] = {
    var all: [String: Constructor] = [
      "approx_top_k": ApproximateTopK.init(_:),
      "add_any": { _ in AddAny() },
      "bitcast_convert_type": BitcastConvertType.init(_:),
      "broadcast_in_dim": BroadcastInDim.init(_:),
      "cholesky": { _ in Cholesky() },
      "clamp": { _ in Clamp() },
      "concatenate": Concatenate.init(_:),
      "cond": Cond.init(_:),
      "conj": Conj.init(_:),
      "conv_general_dilated": Convolution.init(_:),
      "convert_element_type": ConvertElementType.init(_:),
      "copy": { _ in Copy() },
      "dot_general": DotGeneral.init(_:),
      "dynamic_slice": DynamicSlice.init(_:),
      "dynamic_update_slice": { _ in DynamicUpdateSlice() },
      "argmax": { try ArgMinMax(isMax: true, $0) },
      "argmin": { try ArgMinMax(isMax: false, $0) },
      "eig": GeneralEigenvalues.init(_:),
      "eigh": SymmetricEigenvalues.init(_:),
      "empty": Empty.init(_:),
      "fft": FourierTransform.init(_:),
      "gather": Gather.init(_:),
      "integer_pow": IntegerPow.init(_:),
      "iota": Iota.init(_:),
      "hessenberg": { _ in Hessenberg() },
      "householder_product": { _ in HouseholderProduct() },
      "geqp3": { _ in PivotedQR() },
      "geqrf": { _ in PackedQR() },
      "lu": { _ in LU() },
      "lu_pivots_to_permutation": PivotsToPermutation.init(_:),
      "name": Name.init(_:),
      "mulhi": { _ in HighProduct() },
      "optimization_barrier": { _ in OptimizationBarrier() },
      "ormqr": HouseholderMultiply.init(_:),
      "pad": Pad.init(_:),
      "qr": QR.init(_:),
      "random_bits": RandomBits.init(_:),
      "random_clone": { _ in RandomClone() },
      "random_fold_in": { _ in RandomFoldIn() },
      "random_gamma": RandomGamma.init(_:),
      "random_seed": { _ in RandomSeed() },
      "random_split": RandomSplit.init(_:),
      "random_unwrap": { _ in RandomUnwrap() },
      "random_wrap": { _ in RandomWrap() },
      "reduce": GenericReduce.init(_:),
      "reduce_window": GenericReduceWindow.init(_:),
      "rng_bit_generator": RngBitGenerator.init(_:),
      "rng_uniform": RngUniform.init(_:),
      "reduce_precision": ReducePrecision.init(_:),
      "reduce_sum": ReduceSum.init(_:),
      "regularized_incomplete_beta": { _ in RegularizedIncompleteBeta() },
      "reshape": Reshape.init(_:),
      "rev": Rev.init(_:),
      "round": Round.init(_:),
      "scan": Scan.init(_:),
      "schur": Schur.init(_:),
      "select_n": { _ in SelectN() },
      "slice": Slice.init(_:),
      "sort": Sort.init(_:),
      "split": Split.init(_:),
      "squeeze": Squeeze.init(_:),
      "stack": Stack.init(_:),
      "stop_gradient": { _ in StopGradient() },
      "svd": SVD.init(_:),
      "symmetric_product": SymmetricProduct.init(_:),
      "triangular_solve": TriangularSolve.init(_:),
      "tridiagonal": Tridiagonal.init(_:),
      "tridiagonal_solve": TridiagonalSolve.init(_:),
      "threefry2x32": { _ in Threefry2x32() },
      "tile": Tile.init(_:),
      "top_k": TopK.init(_:),
      "transpose": Transpose.init(_:),
      "unstack": Unstack.init(_:),
      "while": WhileLoop.init(_:),
    ]
    for function in Unary.Function.allCases {
      all[function.rawValue] = { _ in Unary(function) }
    }
    for function in Binary.Function.allCases {
      all[function.rawValue] = { _ in Binary(function) }
    }
    for function in Reduce.Function.allCases {
      all[function.rawValue] = { try Reduce(function, $0) }
    }
    for function in Cumulative.Function.allCases {
      all[function.rawValue] = { try Cumulative(function, $0) }
    }
    for function in IncompleteGamma.Function.allCases {
      all[function.rawValue] = { _ in IncompleteGamma(function) }
    }
    for function in ReduceWindow.Function.allCases {
      all[function.rawValue] = { try ReduceWindow(function, $0) }
    }
    for direction in TotalOrder.Direction.allCases {
      all[direction.rawValue] = { _ in TotalOrder(direction) }
    }
    for combination in Scatter.Combination.allCases {
      all[combination.rawValue] = { try Scatter(combination, $0) }
    }
    for direction in Comparison.Direction.allCases {
      all[direction.rawValue] = { _ in Comparison(direction) }
    }
    return all
  }()
}
