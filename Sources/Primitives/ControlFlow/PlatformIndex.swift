import Core
import HLO
import Tensor

/// Which platforms take a branch of `lax.platform_dependent`: those named, or all that no other
/// branch names.
public enum BranchPlatforms: Hashable {
  case named([String])
  case others

  var parameter: ParameterValue {
    switch self {
    case .named(let names): .tuple(names.map { .string($0) })
    case .others: .none
    }
  }
}

extension [BranchPlatforms] {
  var parameter: ParameterValue { .tuple(map(\.parameter)) }
}

/// `platform_index[platforms=((…), None)]`: the number of the branch that the platform takes which
/// the program is lowered for.
public struct PlatformIndex: DiscretePrimitive {
  public let platforms: [BranchPlatforms]

  public init(_ platforms: [BranchPlatforms]) { self.platforms = platforms }

  public var name: String { "platform_index" }
  public var parameters: [Parameter] { [Parameter("platforms", platforms.parameter)] }

  public func abstractEval(_ operands: [ShapedArray]) -> [ShapedArray] {
    [ShapedArray(Shape([]), .i32)]
  }

  /// The index on the current platform.
  ///
  /// - Throws: `NotImplementedError` if no branch is for it.
  public func index() throws -> Int {
    let platform = Devices.platform == .cpu ? "cpu" : "cuda"
    for (index, taken) in platforms.enumerated() {
      switch taken {
      case .named(let names) where names.contains(platform): return index
      case .named: continue
      case .others: return index
      }
    }
    throw RaisedError(
      .notImplementedError,
      "MLIR translation rule for primitive 'platform_index(platforms=\(platforms.parameter))' not "
        + "found for platform \(platform)")
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), [nil])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.splat(Double(try index()), TensorType([], .i32))]
  }
}
