import Execution
import HLO
import Support
import Tensor

/// What the machine does at best: no kernel moves bytes or does arithmetic faster.
public struct Roofline: Hashable, Sendable {
  public var bytesPerSecond: Double
  public var flopsPerSecond: Double

  /// Reads `20,300`: gigabytes and thousand millions of operations per second.
  public init(parsing text: String) throws {
    let numbers = text.split(separator: ",").compactMap { Double($0) }
    guard numbers.count == 2, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw Diagnostic(
        .error, "'\(text)' is no roofline", hint: "write GB/s and Gflop/s, as in 20,300")
    }
    bytesPerSecond = numbers[0] * 1e9
    flopsPerSecond = numbers[1] * 1e9
  }

  private init(bytesPerSecond: Double, flopsPerSecond: Double) {
    self.bytesPerSecond = bytesPerSecond
    self.flopsPerSecond = flopsPerSecond
  }

  /// The time that work of this cost takes at least.
  func seconds(_ cost: Cost) -> Double {
    max(cost.bytes / bytesPerSecond, (cost.flops + cost.transcendentals) / flopsPerSecond)
  }

  /// What this machine reaches, on the threads that programs run on: the bytes of a copy that no
  /// cache holds, and the arithmetic of a product of matrices.
  static func measured(by invocation: Invocation) throws -> Roofline {
    func best(_ text: String) throws -> (seconds: Double, cost: Cost) {
      guard let module = try Module.parse(text).first, let main = module.entry else {
        throw Diagnostic(.error, "internal error: a module that measures does not parse")
      }
      let executable = try invocation.quietly { try invocation.compile(module, key: nil) }
      let operands = main.argumentTypes.compactMap(\.tensor).map { type in
        Constant(1.0, type).tensor
      }
      var seconds = Double.infinity
      for _ in 0..<6 {
        let clock = MonotonicClock()
        _ = try executable.run(operands)
        seconds = min(seconds, Double(clock.elapsedNanoseconds) * 1e-9)
      }
      return (seconds, module.cost)
    }
    let copy = try best(
      """
      func.func @main(%x: tensor<16777216xf32>) -> tensor<16777216xf32> {
        %0 = stablehlo.negate %x : tensor<16777216xf32>
        return %0 : tensor<16777216xf32>
      }
      """)
    let product = try best(
      """
      func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
        %0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0] : \
      (tensor<1024x1024xf32>, tensor<1024x1024xf32>) -> tensor<1024x1024xf32>
        return %0 : tensor<1024x1024xf32>
      }
      """)
    return Roofline(
      bytesPerSecond: copy.cost.bytes / copy.seconds,
      flopsPerSecond: product.cost.flops / product.seconds)
  }

  var description: String {
    "\(quantity(bytesPerSecond, "B/s")), \(quantity(flopsPerSecond, "flop/s"))"
  }
}
