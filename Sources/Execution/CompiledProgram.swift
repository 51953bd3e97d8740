import Codegen
import LoopIR
import Support
import Tensor

/// A program as machine code, with what has to be known to run it: what the cache keeps.
public struct CompiledProgram: Hashable, Sendable {
  /// The symbol of its entry.
  public var name: String
  public var arguments: [ArrayType]
  public var results: [ArrayType]
  public var donations: [Procedure.Donation]
  public var workspaceByteCount: Int
  /// The contents of read-only arrays, in the order of their symbols.
  public var constants: [[UInt8]]
  public var object: [UInt8]

  /// An array that the program takes or gives.
  public struct ArrayType: Hashable, Sendable {
    public var type: ElementType
    public var shape: Shape

    var byteCount: Int { shape.count * type.byteCount }
  }

  /// Compiles `program` for this machine.
  public init(_ program: Program, optimization: Int = 2) throws {
    #if DEBUG
      if let defect = program.verify().first { throw defect }
    #endif
    name = program.name
    (arguments, results) = program.arrayTypes
    donations = program.procedures[program.entry].donations
    workspaceByteCount = program.workspaceByteCount(of: program.entry)
    constants = program.constants.elements.map(\.bytes)
    object = try generate(
      program, as: .object, CodegenOptions(machine: .host, optimization: optimization))
  }
}

extension Program {
  /// The arrays that the program takes and gives.
  var arrayTypes: (arguments: [CompiledProgram.ArrayType], results: [CompiledProgram.ArrayType]) {
    let procedure = procedures[entry]
    let types = procedure.parameters.map {
      CompiledProgram.ArrayType(
        type: procedure.buffers[$0].type, shape: procedure.buffers[$0].shape)
    }
    return (
      Array(types.prefix(procedure.argumentCount)), Array(types.dropFirst(procedure.argumentCount))
    )
  }
}

// MARK: As bytes

extension CompiledProgram {
  /// The program as bytes that `init(encoded:)` reads.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ number: Int) {
      withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
    }
    func append(_ part: [UInt8]) {
      append(part.count)
      bytes.append(contentsOf: part)
    }
    append(Array(name.utf8))
    for types in [arguments, results] {
      append(types.count)
      for array in types {
        append(Int(array.type.rawValue))
        append(array.shape.rank)
        for extent in array.shape.dimensions { append(extent) }
      }
    }
    append(donations.count)
    for donation in donations {
      append(donation.argument)
      append(donation.result)
    }
    append(workspaceByteCount)
    append(constants.count)
    for constant in constants { append(constant) }
    append(object)
    return bytes
  }

  /// `nil` if `bytes` are not what `encoded` gave.
  public init?(encoded bytes: [UInt8]) {
    var position = 0
    func number() -> Int? {
      guard bytes.count - position >= 8 else { return nil }
      let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[position + $1]) << (8 * $1) }
      position += 8
      return Int(Int64(bitPattern: word))
    }
    /// The number of things to come, each of which takes `size` bytes at least.
    func count(_ size: Int) -> Int? {
      guard let count = number(), count >= 0, count <= (bytes.count - position) / size else {
        return nil
      }
      return count
    }
    func part() -> [UInt8]? {
      guard let length = count(1) else { return nil }
      defer { position += length }
      return Array(bytes[position..<position + length])
    }
    func types() -> [ArrayType]? {
      guard let typeCount = count(16) else { return nil }
      var types: [ArrayType] = []
      for _ in 0..<typeCount {
        guard let raw = number(),
          let type = ElementType.allCases.first(where: { Int($0.rawValue) == raw }),
          let rank = count(8)
        else { return nil }
        var extents: [Int] = []
        for _ in 0..<rank {
          guard let extent = number(), extent >= 0 else { return nil }
          extents.append(extent)
        }
        types.append(ArrayType(type: type, shape: Shape(extents)))
      }
      return types
    }
    guard let name = part(), let arguments = types(), let results = types(),
      let donationCount = count(16)
    else { return nil }
    var donations: [Procedure.Donation] = []
    for _ in 0..<donationCount {
      guard let argument = number(), let result = number(), arguments.indices.contains(argument),
        results.indices.contains(result)
      else { return nil }
      donations.append(Procedure.Donation(argument: argument, result: result))
    }
    guard let workspaceByteCount = number(), workspaceByteCount >= 0, let constantCount = count(8)
    else { return nil }
    var constants: [[UInt8]] = []
    for _ in 0..<constantCount {
      guard let constant = part() else { return nil }
      constants.append(constant)
    }
    guard let object = part(), position == bytes.count else { return nil }
    self.name = String(decoding: name, as: UTF8.self)
    self.arguments = arguments
    self.results = results
    self.donations = donations
    self.workspaceByteCount = workspaceByteCount
    self.constants = constants
    self.object = object
  }
}
