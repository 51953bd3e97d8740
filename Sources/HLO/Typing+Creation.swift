import Support
import Tensor

extension Typing {
  func creation() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .constant(let constant):
      try count(0)
      return [.tensor(constant.type)]

    case .iota(let dimension):
      try count(0)
      let result = try statedTensor()
      guard result.isStatic else {
        throw violation("results", "a static shape expected, got \(result)")
      }
      try require(
        dimension >= 0 && dimension < result.rank, "C1",
        "iota_dimension \(dimension) is not in 0..<\(result.rank)")
      return [.tensor(result)]

    case .dynamicIota(let dimension):
      try count(1)
      let (shape, result) = (try tensor(0), try statedTensor())
      try require(
        shape.rank == 1 && compatible(shape.dimensions[0], result.rank), "C2",
        "output_shape \(shape) does not have \(result.rank) elements")
      try require(
        dimension >= 0 && dimension < result.rank, "C1",
        "iota_dimension \(dimension) is not in 0..<\(result.rank)")
      try self.stated(result, has: 0, "C2", "output_shape")
      return [.tensor(result)]

    case .rng(let distribution):
      try count(3)
      let (a, b, shape) = (try tensor(0), try tensor(1), try tensor(2))
      let result = try statedTensor()
      try require(
        distribution != .normal || a.element.isFloat, "C2", "the bounds are \(a), not floats")
      try require(isScalar(a) && a == b, "C1", "bounds are \(a) and \(b)")
      try require(a.element == result.element, "C1", "\(a) bounds for \(result)")
      try require(
        shape.rank == 1 && compatible(shape.dimensions[0], result.rank), "C3",
        "shape \(shape) does not have \(result.rank) elements")
      try self.stated(result, has: 2, "C3", "shape")
      return [.tensor(result)]

    case .rngBitGenerator(let algorithm):
      try count(1)
      let state = try tensor(0)
      let stated = try statedTypes()
      guard stated.count == 2, stated[1].tensor != nil else {
        throw violation("results", "two stated tensor types expected")
      }
      try require(
        compatible(stated[0], operands[0]), "C1", "the state is \(state), not \(stated[0])")
      // The sizes that the algorithms allow, in 64-bit units.
      let bits = state.isStatic ? state.count * state.element.bitWidth : 128
      switch algorithm {
      case .default: break
      case .threeFry: try require(bits == 128, "C2", "the state \(state) is not 128 bits")
      case .philox:
        try require(
          bits == 128 || bits == 192, "C2", "the state \(state) is neither 128 nor 192 bits")
      }
      return stated

    case .partitionID, .replicaID:
      try count(0)
      return [.tensor([], .u32)]

    default: throw internalError()
    }
  }
}
