import Core
import HLO
import Tensor

/// The window of a windowed reduction: one entry per axis in each list.
public struct WindowParameters: Hashable, Sendable {
  public var dimensions: [Int]
  public var strides: [Int]
  public var padding: [Padding]
  public var baseDilation: [Int]
  public var windowDilation: [Int]

  init(
    dimensions: [Int], strides: [Int], padding: [Padding], baseDilation: [Int]? = nil,
    windowDilation: [Int]? = nil
  ) {
    self.dimensions = dimensions
    self.strides = strides
    self.padding = padding
    self.baseDilation = baseDilation ?? dimensions.map { _ in 1 }
    self.windowDilation = windowDilation ?? dimensions.map { _ in 1 }
  }

  init(_ reader: ParameterReader) throws {
    self.init(
      dimensions: try reader.ints("window_dimensions"),
      strides: try reader.ints("window_strides"), padding: try reader.padding("padding"),
      baseDilation: try reader.optionalInts("base_dilation"),
      windowDilation: try reader.optionalInts("window_dilation"))
  }

  var paddingParameter: Parameter {
    Parameter("padding", .tuple(padding.map { .ints([$0.low, $0.high]) }))
  }

  var parameters: [Parameter] {
    [
      Parameter("base_dilation", .ints(baseDilation)), paddingParameter,
      Parameter("window_dilation", .ints(windowDilation)),
      Parameter("window_dimensions", .ints(dimensions)),
      Parameter("window_strides", .ints(strides)),
    ]
  }

  var isDilated: Bool { (baseDilation + windowDilation).contains { $0 != 1 } }

  /// The same window on arrays with a mapped axis at `dim`.
  func batched(_ dim: Int) -> WindowParameters {
    var result = self
    result.dimensions.insert(1, at: dim)
    result.strides.insert(1, at: dim)
    result.padding.insert(Padding(0, 0), at: dim)
    result.baseDilation.insert(1, at: dim)
    result.windowDilation.insert(1, at: dim)
    return result
  }

  /// The shape of the result on an operand of shape `shape`.
  func resultShape(_ shape: Shape, for primitive: String) throws -> Shape {
    let rank = shape.rank
    guard dimensions.count == rank, strides.count == rank, padding.count == rank,
      baseDilation.count == rank, windowDilation.count == rank
    else {
      throw RaisedError.type(
        "\(primitive) window_dimensions must have the same length as the operand's shape, got "
          + "\(ParameterValue.ints(dimensions)) for operand shape "
          + "\(ParameterValue.ints(shape.dimensions)).")
    }
    guard (dimensions + strides + baseDilation + windowDilation).allSatisfy({ $0 >= 1 }) else {
      throw RaisedError.type(
        "\(primitive) window_dimensions, window_strides and dilations must be positive, got "
          + "\(ParameterValue.ints(dimensions)) and \(ParameterValue.ints(strides)).")
    }
    return Shape(
      (0..<rank).map { axis in
        let extent =
          dilated(shape[axis], baseDilation[axis]) + padding[axis].low + padding[axis].high
        let window = dilated(dimensions[axis], windowDilation[axis])
        return extent < window ? 0 : (extent - window) / strides[axis] + 1
      })
  }

  var attributes: WindowAttributes {
    WindowAttributes(
      dimensions: dimensions, strides: strides, baseDilations: baseDilation,
      windowDilations: windowDilation, padding: padding)
  }
}

/// The extent of an axis of `extent` elements with `dilation - 1` holes between neighbours.
func dilated(_ extent: Int, _ dilation: Int) -> Int {
  extent == 0 ? 0 : (extent - 1) * dilation + 1
}

extension ParameterReader {
  /// A tuple of pairs (low, high).
  func padding(_ name: String) throws -> [Padding] {
    try intTuples(name).map {
      guard $0.count == 2 else {
        throw RaisedError.type("\(primitive): \(name) must be a sequence of pairs (low, high)")
      }
      return Padding($0[0], $0[1])
    }
  }
}
