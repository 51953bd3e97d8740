import Support
import Tensor

/// A loop nest over buffers: what one launch computes.
///
/// A kernel is structured SSA: a tree of blocks (loop bodies, branches) whose instructions define
/// scalar values. Memory is reached by `load` and `store` with a linear element index, so that
/// layouts, views and broadcasts are index arithmetic. Indices are `i64` values. CPUs and GPUs share
/// the form: parallel loops become threads or blocks, vector loops become lanes.
///
///     kernel @double(%m0: f32[8] read, %m1: f32[8] write) {
///       for %0 in 0 ..< 8 parallel vector {
///         %1: f32 = load %m0[%0]
///         %2: f32 = add %1, %1
///         store %m1[%0], %2
///       }
///     }
public struct Kernel: Hashable, Sendable {
  public enum ValueTag {}
  public typealias ValueID = EntityID<ValueTag>
  public enum MemoryTag {}
  public typealias MemoryID = EntityID<MemoryTag>

  /// A scalar value: a constant, a block parameter, or the result of an instruction.
  public struct Value: Hashable, Sendable {
    public var type: ElementType
    /// The bits of a constant; constants belong to no block and are printed where they are used.
    public var constant: ScalarBits?

    public init(type: ElementType, constant: ScalarBits? = nil) {
      self.type = type
      self.constant = constant
    }
  }

  /// What a kernel does with a memory.
  public enum Access: UInt8, Hashable, Sendable {
    case read, write, readWrite
  }

  /// An array of elements that `load` and `store` reach by a linear index.
  public struct Memory: Hashable, Sendable {
    /// `nil` for local memory: scratch that each iteration of the enclosing parallel loop has for
    /// itself (the stack, or a GPU's shared memory).
    public var access: Access?
    public var type: ElementType
    public var count: Int

    public init(access: Access?, type: ElementType, count: Int) {
      self.access = access
      self.type = type
      self.count = count
    }

    public var isLocal: Bool { access == nil }
  }

  /// Instructions in order, and the values that the block hands to its owner.
  public struct Block: Hashable, Sendable {
    public var parameters: [ValueID]
    public var instructions: [Instruction]
    /// What a loop carries on, or what a branch yields.
    public var results: [ValueID]

    public init(
      parameters: [ValueID] = [], instructions: [Instruction] = [], results: [ValueID] = []
    ) {
      self.parameters = parameters
      self.instructions = instructions
      self.results = results
    }
  }

  public var name: String
  public var origin = Origin()
  /// The parameters first, in the order in which a launch binds buffers to them; then locals.
  public var memories = Arena<MemoryTag, Memory>()
  public var values = Arena<ValueTag, Value>()
  public var body = Block()

  public init(name: String) { self.name = name }

  /// Where a kernel comes from. It does not tell kernels apart.
  public struct Origin: Hashable, Sendable {
    public var span: Span?

    public init(_ span: Span? = nil) { self.span = span }
    public static func == (_: Origin, _: Origin) -> Bool { true }
    public func hash(into _: inout Hasher) {}
  }

  /// The memories that a launch binds, which come first.
  public var parameterCount: Int { memories.elements.prefix { !$0.isLocal }.count }

  public subscript(value: ValueID) -> Value { values[value] }

  public func type(of value: ValueID) -> ElementType { values[value].type }
}

/// The bits of a scalar in its own element type; `imaginary` is zero unless the type is complex.
public struct ScalarBits: Hashable, Sendable {
  public var real: UInt64
  public var imaginary: UInt64

  public init(_ real: UInt64, imaginary: UInt64 = 0) {
    self.real = real
    self.imaginary = imaginary
  }
}
