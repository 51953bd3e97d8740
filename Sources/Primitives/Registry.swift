import Core
import Tensor
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
      "add_any": { _ in AddAny() },
      "bitcast_convert_type": BitcastConvertType.init(_:),
      "broadcast_in_dim": BroadcastInDim.init(_:),
      "clamp": { _ in Clamp() },
      "concatenate": Concatenate.init(_:),
      "cond": Cond.init(_:),
      "conj": Conj.init(_:),
      "convert_element_type": ConvertElementType.init(_:),
      "copy": { _ in Copy() },
      "dot_general": DotGeneral.init(_:),
      "dynamic_slice": DynamicSlice.init(_:),
      "dynamic_update_slice": { _ in DynamicUpdateSlice() },
      "argmax": { try ArgMinMax(isMax: true, $0) },
      "argmin": { try ArgMinMax(isMax: false, $0) },
      "gather": Gather.init(_:),
      "integer_pow": IntegerPow.init(_:),
      "iota": Iota.init(_:),
      "pad": Pad.init(_:),
      "reduce_precision": ReducePrecision.init(_:),
      "reduce_sum": ReduceSum.init(_:),
      "reshape": Reshape.init(_:),
      "rev": Rev.init(_:),
      "round": Round.init(_:),
      "scan": Scan.init(_:),
      "select_n": { _ in SelectN() },
      "slice": Slice.init(_:),
      "split": Split.init(_:),
      "squeeze": Squeeze.init(_:),
      "stack": Stack.init(_:),
      "stop_gradient": { _ in StopGradient() },
      "transpose": Transpose.init(_:),
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
    for combination in Scatter.Combination.allCases {
      all[combination.rawValue] = { try Scatter(combination, $0) }
    }
    for direction in Comparison.Direction.allCases {
      all[direction.rawValue] = { _ in Comparison(direction) }
    }
    return all
  }()
}
