/// The static extents of an array, outermost first; a scalar has none.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The extents; none is negative.
  public var dimensions: [Int]

  public init(_ dimensions: [Int]) { self.dimensions = dimensions }

  public init(arrayLiteral dimensions: Int...) { self.dimensions = dimensions }

  public static let scalar = Shape([])

  public var rank: Int { dimensions.count }

  /// The number of elements: 1 for a scalar.
  public var count: Int { dimensions.reduce(1, *) }

  /// The bytes that so many elements of `type` take; `nil` where `Int` cannot hold their number.
  public func byteCount(of type: ElementType) -> Int? {
    if dimensions.contains(0) { return 0 }
    var bytes = max(type.byteCount, 1)
    for extent in dimensions {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
      if overflows { return nil }
      bytes = product
    }
    return bytes
  }

  public subscript(axis: Int) -> Int {
    get { dimensions[axis] }
    set { dimensions[axis] = newValue }
  }

  /// The distance, in elements, between neighbours along each axis of a row-major array.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    var stride = 1
    for axis in dimensions.indices.reversed() {
      strides[axis] = stride
      stride *= dimensions[axis]
    }
    return strides
  }
}
