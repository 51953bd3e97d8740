import HLO
import Support
import Tensor

/// What runs: procedures over buffers that already have their places in memory.
///
/// The entry procedure's parameters are the arguments, then the results, of the compiled function.
public struct Program: Hashable, Sendable {
  public enum KernelTag {}
  public typealias KernelID = EntityID<KernelTag>
  public enum ConstantTag {}
  public typealias ConstantID = EntityID<ConstantTag>
  public enum ProcedureTag {}
  public typealias ProcedureID = EntityID<ProcedureTag>
  public enum CallbackTag {}
  public typealias CallbackID = EntityID<CallbackTag>

  /// The name of the compiled function.
  public var name: String
  public var kernels = Arena<KernelTag, Kernel>()
  /// Arrays in read-only memory. Scalars are better written into kernels.
  public var constants = Arena<ConstantTag, Constant>()
  public var procedures = Arena<ProcedureTag, Procedure>()
  /// What host calls refer to, to be resolved by whoever runs the program.
  public var callbacks = Arena<CallbackTag, Callback>()
  public var entry = ProcedureID(0)

  public init(name: String) { self.name = name }

  /// Something that the host does.
  public struct Callback: Hashable, Sendable {
    /// What people read.
    public var label: String
    /// The operation of the scheduled function that asks for it.
    public var operation: OperationID

    public init(label: String, operation: OperationID) {
      self.label = label
      self.operation = operation
    }
  }

  /// A read-only array: elements as in a `HostTensor`.
  public struct Constant: Hashable, Sendable {
    public var type: ElementType
    public var shape: Shape
    public var bytes: [UInt8]

    public init(type: ElementType, shape: Shape, bytes: [UInt8]) {
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }
  }
}

/// A sequence of steps over buffers; the unit of a call.
public struct Procedure: Hashable, Sendable {
  public enum BufferTag {}
  public typealias BufferID = EntityID<BufferTag>

  /// An array and its place.
  public struct Buffer: Hashable, Sendable {
    public var type: ElementType
    public var shape: Shape
    public var place: Place

    public init(type: ElementType, shape: Shape, place: Place) {
      self.type = type
      self.shape = shape
      self.place = place
    }

    public var byteCount: Int { shape.count * type.byteCount }
  }

  /// Where a buffer lives.
  public enum Place: Hashable, Sendable {
    /// Memory of the caller: its n-th operand.
    case parameter(Int)
    case constant(Program.ConstantID)
    /// `offset` bytes into the procedure's workspace, a multiple of 64. Buffers whose lives do not
    /// overlap may share bytes.
    case workspace(offset: Int)
    /// Part of another buffer, `offset` bytes in.
    case view(BufferID, offset: Int)
  }

  public var name: String
  public var buffers = Arena<BufferTag, Buffer>()
  /// The buffers whose place is a parameter, in the order of the operands: what is read, then what
  /// is written.
  public var parameters: [BufferID] = []
  /// How many of the parameters are arguments; the rest are results.
  public var argumentCount = 0
  /// The results that may be written over an argument which the caller gives up.
  public var donations: [Donation] = []
  /// The bytes of workspace that the steps use, without those of callees.
  public var workspaceByteCount = 0
  public var body: [Step] = []

  public init(name: String) { self.name = name }

  /// A promise that result `result` may be written over argument `argument`: the steps are right
  /// whether or not the two share memory.
  public struct Donation: Hashable, Sendable {
    public var argument: Int
    public var result: Int

    public init(argument: Int, result: Int) {
      self.argument = argument
      self.result = result
    }
  }

  /// Declares the next parameter.
  @discardableResult
  public mutating func parameter(
    _ type: ElementType, _ shape: Shape, isResult: Bool = false
  ) -> BufferID {
    let place = Place.parameter(parameters.count)
    let id = buffers.append(Buffer(type: type, shape: shape, place: place))
    parameters.append(id)
    if !isResult { argumentCount += 1 }
    return id
  }
}
