import HLO
import Support
import Tensor

/// Where one coordinate of an element that a loop nest asks for comes from.
public enum AxisSource: Hashable, Sendable {
  /// The only coordinate of an axis of extent 1.
  case zero
  /// A coordinate of the nest's result.
  case root(axis: Int, extent: Int)
  /// A loop of a reduction over an axis of its operand.
  case loop(axis: Int, extent: Int)
  /// A coordinate of one operand of the root, which has loops of its own.
  case part(operand: Int, axis: Int, extent: Int)
  /// Anything else, told apart by a hash.
  case other(Int)
}

/// How a loop nest reads one of its values: at which coordinates, and how often.
public struct Access: Hashable, Sendable {
  public var sources: [AxisSource]
  /// How many elements are computed, when each is computed in the outermost loop that knows its
  /// coordinates.
  public var executions: Int

  public init(sources: [AxisSource], executions: Int) {
    self.sources = sources
    self.executions = executions
  }

  /// The result of a nest itself.
  public static func root(_ shape: Shape) -> Access {
    Access(
      sources: shape.dimensions.enumerated().map {
        $1 == 1 ? .zero : .root(axis: $0, extent: $1)
      }, executions: shape.count)
  }

  /// A scalar is computed once.
  public static let scalar = Access(sources: [], executions: 1)

  /// An operand of the root that is evaluated in loops of its own.
  static func part(_ operand: Int, _ shape: Shape) -> Access {
    Access(
      sources: shape.dimensions.enumerated().map {
        $1 == 1 ? .zero : .part(operand: operand, axis: $0, extent: $1)
      }, executions: shape.count)
  }

  /// `true` iff elements are asked for in the order of `other`, axes of extent 1 apart.
  func isAlong(_ other: Access) -> Bool {
    sources.lazy.filter { $0 != .zero }.elementsEqual(other.sources.lazy.filter { $0 != .zero })
  }

  /// The same elements of an array of shape `shape`, which has other axes of extent 1.
  func along(_ shape: Shape) -> Access {
    var rest = sources.filter { $0 != .zero }[...]
    return Access(
      sources: shape.dimensions.map { $0 == 1 ? .zero : rest.popFirst() ?? .zero },
      executions: executions)
  }

  /// `true` iff the element depends on the first `rank` coordinates of the result alone.
  public func isRow(_ rank: Int) -> Bool {
    sources.allSatisfy {
      switch $0 {
      case .zero: true
      case .root(let axis, _): axis < rank
      case .loop, .part, .other: false
      }
    }
  }

  /// `true` iff this reads a row of an array of shape `shape`, whole: the first `rank` coordinates are
  /// those of the result, and loops run over all others.
  func reducesRow(_ rank: Int, of shape: Shape) -> Bool {
    sources.count == shape.rank
      && sources.enumerated().allSatisfy { axis, source in
        switch source {
        case .zero: true
        case .root(let other, _): axis < rank && other == axis
        case .loop(let other, _): axis >= rank && other == axis
        case .part, .other: false
        }
      }
  }

  /// The access with these sources, made while another is evaluated `limit` times.
  fileprivate static func known(_ sources: [AxisSource], of rootShape: Shape, limit: Int) -> Access
  {
    var lastRoot = -1
    var loops: Set<AxisSource> = []
    for source in sources {
      switch source {
      case .zero: break
      case .root(let axis, _): lastRoot = max(lastRoot, axis)
      case .loop, .part: loops.insert(source)
      case .other: return Access(sources: sources, executions: limit)
      }
    }
    var executions = rootShape.dimensions.prefix(lastRoot + 1).reduce(1, *)
    for case .loop(_, let extent) in loops { executions *= extent }
    for case .part(_, _, let extent) in loops { executions *= extent }
    return Access(sources: sources, executions: executions)
  }
}

extension Function {
  /// The shape of a tensor.
  public func shape(of value: ValueID) -> Shape { values[value].type.tensor?.shape ?? Shape([0]) }

  /// How `operation`, read by `access`, reads its operand number `number`, in a nest whose result
  /// has shape `root`.
  public func operandAccess(
    _ operation: Operation, _ number: Int, _ access: Access, root: Shape
  ) -> Access {
    let operand = operation.operands[number]
    let shape = shape(of: operand)
    if shape.rank == 0 { return .scalar }
    func known(_ sources: [AxisSource]) -> Access {
      .known(sources, of: root, limit: access.executions)
    }
    func zeroed(_ sources: [AxisSource]) -> [AxisSource] {
      zip(sources, shape.dimensions).map { $1 == 1 ? .zero : $0 }
    }
    func scattered(_ salt: some Hashable, times factor: Int = 1) -> Access {
      var hasher = Hasher()
      hasher.combine(access.sources)
      hasher.combine(salt)
      let base = hasher.finalize()
      return Access(
        sources: shape.dimensions.indices.map { shape[$0] == 1 ? .zero : .other(base &+ $0) },
        executions: access.executions * factor)
    }
    switch operation.op {
    case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision, .map,
      .optimizationBarrier, .shardingConstraint:
      return access
    case .bitcastConvert:
      return self.shape(of: operation.results[0]).rank == shape.rank ? access : scattered(number)
    case .broadcastInDim(let dimensions):
      return known(zeroed(dimensions.map { access.sources[$0] }))
    case .transpose(let permutation):
      return known(permutation.inverse.axes.map { access.sources[$0] })
    case .reshape:
      let result = self.shape(of: operation.results[0])
      let outer = zip(access.sources, result.dimensions).filter { $1 != 1 }.map { $0.0 }
      let extents = result.dimensions.filter { $0 != 1 }
      guard shape.dimensions.filter({ $0 != 1 }) == extents else {
        // A reshape of all coordinates in order is read in order.
        return access == .root(root) && result == root
          ? Access(sources: scattered(shape).sources, executions: access.executions)
          : scattered(shape)
      }
      var rest = outer[...]
      return known(shape.dimensions.map { $0 == 1 ? .zero : rest.removeFirst() })
    case .slice(let bounds):
      let sources = access.sources.indices.map { axis -> AxisSource in
        if shape[axis] == 1 { return .zero }
        if bounds.start[axis] == 0 && bounds.limit[axis] == shape[axis]
          && bounds.strides[axis] == 1
        {
          return access.sources[axis]
        }
        var hasher = Hasher()
        hasher.combine(access.sources[axis])
        hasher.combine(bounds.start[axis])
        hasher.combine(bounds.strides[axis])
        return .other(hasher.finalize())
      }
      return Access(sources: sources, executions: access.executions)
    case .reduce(let dimensions):
      var kept = access.sources[...]
      return known(
        shape.dimensions.indices.map { axis in
          if dimensions.contains(axis) { return .loop(axis: axis, extent: shape[axis]) }
          return kept.removeFirst()
        })
    case .reduceWindow(let window):
      return scattered(number, times: window.dimensions.reduce(1, *))
    case .dotGeneral(let attributes):
      let lhs = self.shape(of: operation.operands[0])
      return scattered(
        number,
        times: attributes.dimensionNumbers.lhsContracting.map { lhs[$0] }.reduce(1, *))
    case .convolution(let attributes):
      let kernel = self.shape(of: operation.operands[1])
      let output = max(kernel[attributes.dimensionNumbers.kernelOutputFeature], 1)
      return scattered(number, times: kernel.count / output)
    case .gather(let attributes) where number == 1:
      let numbers = attributes.dimensionNumbers
      let result = self.shape(of: operation.results[0])
      var batch = result.dimensions.indices.filter { !numbers.offsetDims.contains($0) }[...]
      // Every component of the vector of indices is read.
      return known(
        shape.dimensions.indices.map { axis in
          if axis == numbers.indexVectorDim {
            return shape[axis] == 1 ? .zero : .loop(axis: axis, extent: shape[axis])
          }
          let place = batch.popFirst()
          return shape[axis] == 1 ? .zero : place.map { access.sources[$0] } ?? .other(axis)
        })
    case .concatenate(let dimension):
      let result = max(self.shape(of: operation.results[0]).count, 1)
      let whole = scattered(number)
      // Where lanes run over the joined axis, each computes all operands.
      let share = dimension == shape.rank - 1 ? result : shape.count
      return Access(
        sources: whole.sources, executions: max(access.executions * share / result, 1))
    default:
      return scattered(operation.op)
    }
  }

  /// How often computing one element of `operation` costs what an addition costs, its operands
  /// apart.
  public func cost(of operation: Operation) -> Int {
    switch operation.op {
    case .unary(let op):
      switch op {
      case .abs, .negate, .not, .real, .imag, .conj, .ceil, .floor, .sign, .isFinite, .isInf,
        .isNegInf, .isPosInf, .popcnt, .countLeadingZeros, .roundNearestEven, .roundNearestAfz,
        .square:
        return 1
      case .sqrt, .rsqrt: return 4
      case .cbrt, .cosine, .exponential, .exponentialMinusOne, .log, .logPlusOne, .logistic, .sine,
        .tan, .tanh, .acos, .acosh, .asin, .asinh, .atan, .atanh, .besselI1e, .cosh, .digamma,
        .erf, .erfInv, .erfc, .lgamma, .sinh, .chloTan:
        return 16
      }
    case .binary(let op):
      switch op {
      case .divide, .remainder, .mulhi: return 4
      case .power, .atan2, .nextAfter: return 16
      case .polygamma, .zeta: return 64
      case .add, .and, .complex, .maximum, .minimum, .multiply, .or, .shiftLeft,
        .shiftRightArithmetic, .shiftRightLogical, .subtract, .xor:
        return 1
      }
    case .compare, .select, .clamp, .convert: return 1
    case .reducePrecision: return 4
    case .map: return 8
    case .gather, .pad, .dynamicSlice, .dynamicUpdateSlice, .concatenate: return 2
    default: return 0
    }
  }
}
