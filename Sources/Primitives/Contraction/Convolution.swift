import Core
import HLO
import Tensor
import Transforms

/// Which axes of the operands and the result of a convolution are which:
/// `ConvDimensionNumbers(lhs_spec, rhs_spec, out_spec)`.
public struct ConvolutionDimensions: Hashable, Sendable {
  /// Batch, feature, spatial axes.
  public var lhs: [Int]
  /// Output feature, input feature, spatial axes.
  public var rhs: [Int]
  /// Batch, feature, spatial axes.
  public var out: [Int]

  init(lhs: [Int], rhs: [Int], out: [Int]) {
    self.lhs = lhs
    self.rhs = rhs
    self.out = out
  }

  init(_ reader: ParameterReader) throws {
    switch reader["dimension_numbers"] {
    case .record?:
      let fields = try reader.record("dimension_numbers")
      self.init(
        lhs: try fields.ints("lhs_spec"), rhs: try fields.ints("rhs_spec"),
        out: try fields.ints("out_spec"))
    default:
      let lists = try reader.intTuples("dimension_numbers")
      guard lists.count == 3 else {
        throw RaisedError.type(
          "conv_general_dilated: dimension_numbers must be a tuple of three specs")
      }
      self.init(lhs: lists[0], rhs: lists[1], out: lists[2])
    }
  }

  var parameter: Parameter {
    Parameter(
      "dimension_numbers",
      .record(
        "ConvDimensionNumbers",
        [
          Parameter("lhs_spec", .ints(lhs)), Parameter("rhs_spec", .ints(rhs)),
          Parameter("out_spec", .ints(out)),
        ]))
  }
}

/// `conv_general_dilated[…] lhs rhs`: each output feature is the sum of the products of a window
/// of the left operand with a kernel, both possibly dilated, within groups.
public struct Convolution: Primitive {
  public var dimensions: ConvolutionDimensions
  public var strides: [Int]
  public var padding: [Padding]
  public var lhsDilation: [Int]
  public var rhsDilation: [Int]
  public var featureGroups: Int
  public var batchGroups: Int
  public var precision: PrecisionParameter
  public var preferredType: ElementType?

  public init(_ reader: ParameterReader) throws {
    dimensions = try ConvolutionDimensions(reader)
    strides = try reader.ints("window_strides")
    padding = try reader.padding("padding")
    lhsDilation = try reader.optionalInts("lhs_dilation") ?? strides.map { _ in 1 }
    rhsDilation = try reader.optionalInts("rhs_dilation") ?? strides.map { _ in 1 }
    featureGroups = try reader["feature_group_count"] == nil ? 1 : reader.int("feature_group_count")
    batchGroups = try reader["batch_group_count"] == nil ? 1 : reader.int("batch_group_count")
    precision = PrecisionParameter(reader)
    preferredType = try reader.optionalDType("preferred_element_type")
  }

  public var name: String { "conv_general_dilated" }

  public var parameters: [Parameter] {
    [
      Parameter("window_strides", .ints(strides)),
      Parameter("padding", .tuple(padding.map { .ints([$0.low, $0.high]) })),
      Parameter("lhs_dilation", .ints(lhsDilation)), Parameter("rhs_dilation", .ints(rhsDilation)),
      dimensions.parameter, Parameter("feature_group_count", .int(featureGroups)),
      Parameter("batch_group_count", .int(batchGroups)), precision.parameter,
      Parameter("preferred_element_type", preferredType.map { .dtype($0) } ?? .none),
      Parameter("out_sharding", .none),
    ]
  }

  private var spatialRank: Int { strides.count }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (lhs, rhs) = (operands[0], operands[1])
    try require(operands, in: .comparable, for: name)
    guard lhs.dtype == rhs.dtype else {
      throw RaisedError.type(
        "lax.conv_general_dilated requires arguments to have the same dtypes, got "
          + "\(lhs.dtype.numpyName), \(rhs.dtype.numpyName).")
    }
    guard lhs.rank == rhs.rank else {
      throw RaisedError.type(
        "convolution requires lhs and rhs ndim to be equal, got \(lhs.rank) and \(rhs.rank).")
    }
    guard lhs.rank == spatialRank + 2, padding.count == spatialRank,
      lhsDilation.count == spatialRank, rhsDilation.count == spatialRank,
      [dimensions.lhs, dimensions.rhs, dimensions.out].allSatisfy({
        $0.sorted() == Array(0..<lhs.rank)
      })
    else {
      throw RaisedError.type(
        "conv_general_dilated window and dimension_numbers do not fit operands of rank "
          + "\(lhs.rank).")
    }
    guard (strides + lhsDilation + rhsDilation).allSatisfy({ $0 >= 1 }) else {
      throw RaisedError.value(
        "conv_general_dilated window_strides and dilations must be positive, got "
          + "\(ParameterValue.ints(strides)).")
    }
    let lhsFeatures = lhs.shape[dimensions.lhs[1]]
    let outFeatures = rhs.shape[dimensions.rhs[0]]
    guard featureGroups >= 1, batchGroups >= 1, lhsFeatures % featureGroups == 0 else {
      throw RaisedError.value(
        "conv_general_dilated feature_group_count must divide lhs feature dimension size, but "
          + "\(featureGroups) does not divide \(lhsFeatures).")
    }
    guard lhsFeatures / featureGroups == rhs.shape[dimensions.rhs[1]] else {
      throw RaisedError.value(
        "conv_general_dilated lhs feature dimension size divided by feature_group_count must "
          + "equal the rhs input feature dimension size, but \(lhsFeatures) // \(featureGroups) "
          + "!= \(rhs.shape[dimensions.rhs[1]]).")
    }
    guard outFeatures % featureGroups == 0 else {
      throw RaisedError.value(
        "conv_general_dilated rhs output feature dimension size must be a multiple of "
          + "feature_group_count, but \(outFeatures) is not a multiple of \(featureGroups).")
    }
    let batch = lhs.shape[dimensions.lhs[0]]
    guard batch % batchGroups == 0, outFeatures % batchGroups == 0 else {
      throw RaisedError.value(
        "conv_general_dilated batch_group_count must divide lhs batch dimension size, but "
          + "\(batchGroups) does not divide \(batch).")
    }
    var shape = [Int](repeating: 0, count: lhs.rank)
    shape[dimensions.out[0]] = batch / batchGroups
    shape[dimensions.out[1]] = outFeatures
    for axis in 0..<spatialRank {
      let extent =
        dilated(lhs.shape[dimensions.lhs[axis + 2]], lhsDilation[axis]) + padding[axis].low
        + padding[axis].high
      let window = dilated(rhs.shape[dimensions.rhs[axis + 2]], rhsDilation[axis])
      shape[dimensions.out[axis + 2]] =
        extent < window ? 0 : (extent - window) / strides[axis] + 1
    }
    return [
      ShapedArray(
        Shape(shape), preferredType ?? lhs.dtype, weakType: lhs.weakType && rhs.weakType)
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    var terms: [Value] = []
    if let t = tangents[0].value { terms.append(try bind1(self, t, primals[1])) }
    if let t = tangents[1].value { terms.append(try bind1(self, primals[0], t)) }
    switch terms.count {
    case 0: return ([result], [.zero(result.aval.tangent)])
    case 1: return ([result], [.value(terms[0])])
    default: return ([result], [.value(try bind1(AddAny(), terms[0], terms[1]))])
    }
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let (lhs, rhs, out) = (dimensions.lhs, dimensions.rhs, dimensions.out)
    let numbers = ConvDimensionNumbers(
      inputBatch: lhs[0], inputFeature: lhs[1], inputSpatial: Array(lhs.dropFirst(2)),
      kernelInputFeature: rhs[1], kernelOutputFeature: rhs[0],
      kernelSpatial: Array(rhs.dropFirst(2)), outputBatch: out[0], outputFeature: out[1],
      outputSpatial: Array(out.dropFirst(2)))
    let attributes = ConvolutionAttributes(
      numbers, strides: strides, padding: padding, lhsDilation: lhsDilation,
      rhsDilation: rhsDilation, featureGroupCount: featureGroups, batchGroupCount: batchGroups,
      precision: precision.levels)
    return [
      try context.builder.convolution(
        operands[0], operands[1], attributes, result: context.outAvals[0].dtype)
    ]
  }
}

/// The precision of a contraction: what a jaxpr prints, and a level for each operand.
public struct PrecisionParameter: Hashable, Sendable {
  public let text: String
  public let levels: [HLO.Precision]

  init(_ reader: ParameterReader) {
    text = reader["precision"].map { "\($0)" } ?? "None"
    func level(_ text: String) -> HLO.Precision {
      HLO.Precision.allCases.first { text.uppercased().hasSuffix($0.rawValue) } ?? .default
    }
    let both = reader.elements("precision")?.map { level("\($0)") } ?? [level(text)]
    levels = [both[0], both[both.count - 1]]
  }

  var parameter: Parameter { Parameter("precision", .symbol(text)) }
}
