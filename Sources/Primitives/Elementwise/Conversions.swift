import Core
import HLO
import Tensor
import Transforms

/// `convert_element_type[new_dtype=… weak_type=…] x`.
public struct ConvertElementType: Elementwise {
  public let dtype: ElementType
  public let weakType: Bool
  /// Whether it names a sharding too; then it is written down also where nothing changes.
  private let isSharded: Bool

  public init(_ dtype: ElementType, weakType: Bool = false) {
    self.dtype = dtype
    self.weakType = weakType
    isSharded = false
  }

  public init(_ reader: ParameterReader) throws {
    dtype = try reader.dtype("new_dtype")
    weakType = try reader.bool("weak_type", default: false)
    isSharded = reader["sharding"] != nil
  }

  public var name: String { "convert_element_type" }

  public var parameters: [Parameter] {
    [Parameter("new_dtype", .dtype(dtype)), Parameter("weak_type", .bool(weakType))]
  }

  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    parameters + [Parameter("sharding", .none)]
  }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType { dtype }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    if operands[0].dtype == .key || dtype == .key, operands[0].dtype != dtype {
      throw RaisedError.value(
        "Cannot convert_element_type from \(operands[0].dtype.numpyName) to \(dtype.numpyName)")
    }
    return [ShapedArray(operands[0].shape, dtype, weakType: weakType)]
  }

  public func folded(_ operands: [Value]) throws -> [Value]? {
    let operand = operands[0]
    if operand.dtype == dtype && operand.aval.weakType == weakType && !isSharded {
      return operands
    }
    guard let number = operand.inlineNumber else { return nil }
    return [
      .literal(
        try number.tensor().converted(to: dtype), weakType: weakType,
        pythonNumber: weakType ? number.pythonNumber : nil)
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    guard dtype.isInexact, let t = tangents[0].value else {
      return ([result], [.zero(result.aval.tangent)])
    }
    return ([result], [.value(try bind1(self, t))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    let aval = operands[0].aval
    return [try convert(cotangent, to: aval.dtype, weakType: aval.weakType)]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let source = context.inAvals[0].dtype
    if source.isComplex && !dtype.isComplex {
      let real = try builder.real(operands[0])
      return [try builder.convert(real, to: dtype)]
    }
    if dtype == .bool && source != .bool {
      // Truth: whether the element differs from zero.
      let zero = try builder.full(0, like: operands[0])
      return [try builder.convert(builder.compare(operands[0], .ne, zero), to: .bool)]
    }
    return [try builder.convert(operands[0], to: dtype)]
  }
}

/// `bitcast_convert_type[new_dtype=…] x`: the same bits. Where the width changes, the last axis
/// is split or joined.
public struct BitcastConvertType: DiscretePrimitive {
  public let dtype: ElementType

  public init(_ dtype: ElementType) { self.dtype = dtype }

  public init(_ reader: ParameterReader) throws { dtype = try reader.dtype("new_dtype") }

  public var name: String { "bitcast_convert_type" }
  public var parameters: [Parameter] { [Parameter("new_dtype", .dtype(dtype))] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    if let key = [operand.dtype, dtype].first(where: { $0 == .key }) {
      throw RaisedError.value("unexpected input: dtype=\(key.numpyName)")
    }
    let (old, new) = (operand.dtype.bitWidth, dtype.bitWidth)
    var shape = operand.shape
    if old > new {
      shape.dimensions.append(old / new)
    } else if old < new {
      guard shape.rank > 0, shape.dimensions.last == new / old else {
        throw RaisedError.value(
          "Attempting to convert array of shape \(ParameterValue.ints(shape.dimensions)) and "
            + "dtype \(operand.dtype.numpyName) to array of dtype \(dtype.numpyName): the last "
            + "dimension must be \(new / max(old, 1))")
      }
      shape.dimensions.removeLast()
    }
    return [ShapedArray(shape, dtype)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    return (try bind(self, [moved]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.bitcastConvert(operands[0], to: context.resultType())]
  }
}

/// `reduce_precision[exponent_bits mantissa_bits] x`: rounds to a narrower format.
public struct ReducePrecision: Elementwise {
  public let exponentBits: Int
  public let mantissaBits: Int

  /// To the format of `dtype`.
  init(to dtype: ElementType) {
    switch dtype {
    case .f64: (exponentBits, mantissaBits) = (11, 52)
    case .f16: (exponentBits, mantissaBits) = (5, 10)
    case .bf16: (exponentBits, mantissaBits) = (8, 7)
    default: (exponentBits, mantissaBits) = (8, 23)
    }
  }

  public init(_ reader: ParameterReader) throws {
    exponentBits = try reader.int("exponent_bits")
    mantissaBits = try reader.int("mantissa_bits")
  }

  public var name: String { "reduce_precision" }

  public var parameters: [Parameter] {
    [
      Parameter("exponent_bits", .int(exponentBits)),
      Parameter("mantissa_bits", .int(mantissaBits)),
    ]
  }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: [.floating], for: name)
    return operands[0].dtype
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind1(self, tangents[0].value!))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    return [try bind1(self, cotangent)]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [
      try context.builder.reducePrecision(
        operands[0], exponentBits: exponentBits, mantissaBits: mantissaBits)
    ]
  }
}
