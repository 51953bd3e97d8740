import LoopIR
import Tensor

/// A function that other languages call: a program, and what its callers see of it.
public struct ExportedFunction: Hashable, Sendable {
  /// Its symbol in the object file.
  public let symbol: String
  /// Its name where it was written.
  public let name: String
  public let program: Program
  /// The arrays it reads, then those it writes: one for each leaf of the trees in the source.
  public let arguments: [Parameter]
  public let results: [Parameter]
  /// The bytes of workspace that a call needs.
  public let workspaceByteCount: Int

  /// The argument in whose place a result may be written.
  func argument(replacedBy result: Int) -> Parameter? {
    program.procedures[program.entry].donations.first { $0.result == result }
      .map { arguments[$0.argument] }
  }

  /// An array that a function takes or gives.
  public struct Parameter: Hashable, Sendable {
    /// Its name in C.
    public let name: String
    /// Its place in what the function takes or returns: `params[0]['w']`.
    public let path: String
    public let type: ElementType
    public let shape: Shape

    public var byteCount: Int { shape.count * type.byteCount }
  }

  /// - Parameters:
  ///   - argumentPaths: the place of each argument, such as `params[0]['w']`.
  ///   - resultPaths: the same of results, beginning with `result`.
  ///   - isOnDevice: does it run on a GPU, in memory of its own?
  public init(
    symbol: String, name: String, program: Program, argumentPaths: [String],
    resultPaths: [String], isOnDevice: Bool = false
  ) {
    self.symbol = symbol
    self.name = name
    self.program = program
    let procedure = program.procedures[program.entry]
    let buffers = procedure.parameters.map { procedure.buffers[$0] }
    var names = CNames(taken: ["workspace"])
    func parameters(_ buffers: ArraySlice<Procedure.Buffer>, _ paths: [String]) -> [Parameter] {
      zip(buffers, paths).map { buffer, path in
        Parameter(name: names.add(path), path: path, type: buffer.type, shape: buffer.shape)
      }
    }
    arguments = parameters(buffers.prefix(procedure.argumentCount), argumentPaths)
    results = parameters(buffers.dropFirst(procedure.argumentCount), resultPaths)
    workspaceByteCount = isOnDevice ? 0 : program.workspaceByteCount(of: program.entry)
  }

  /// The function that describes this one.
  public var infoSymbol: String { symbol + "_info" }
}

extension ExportedFunction.Parameter {
  /// The type and shape, as in jaxprs: `f32[8,3]`.
  public var typeText: String {
    let extents = shape.dimensions.map(String.init).joined(separator: ",")
    return shape.rank == 0 ? type.jaxprName : "\(type.jaxprName)[\(extents)]"
  }
}

/// What a call returns; `JX_…` in the headers. The library for compiled code returns the same.
public enum CallStatus: Int32, CaseIterable, Sendable {
  case ok = 0
  case unsupportedType = -1
  case outOfMemory = -2
  case noHost = -3
  case tooManyOperands = -4
  case nullPointer = -5
  case misalignedWorkspace = -6
  case unsupportedProcessor = -7
  case noDevice = -8
  case deviceFailed = -9

  /// The name in C.
  public var name: String {
    switch self {
    case .ok: "JX_OK"
    case .unsupportedType: "JX_UNSUPPORTED_TYPE"
    case .outOfMemory: "JX_OUT_OF_MEMORY"
    case .noHost: "JX_NO_HOST"
    case .tooManyOperands: "JX_TOO_MANY_OPERANDS"
    case .nullPointer: "JX_NULL_POINTER"
    case .misalignedWorkspace: "JX_MISALIGNED_WORKSPACE"
    case .unsupportedProcessor: "JX_UNSUPPORTED_PROCESSOR"
    case .noDevice: "JX_NO_DEVICE"
    case .deviceFailed: "JX_DEVICE_FAILED"
    }
  }

  /// What it means.
  public var message: String {
    switch self {
    case .ok: "no error"
    case .unsupportedType: "a routine does not support this element type"
    case .outOfMemory: "out of memory"
    case .noHost: "there is no host to call"
    case .tooManyOperands: "too many operands to sort"
    case .nullPointer: "a pointer to an array is null"
    case .misalignedWorkspace: "the workspace is not aligned to 64 bytes"
    case .unsupportedProcessor: "the processor lacks instructions that the code was compiled for"
    case .noDevice: "there is no GPU, or no driver: jx_device_message says more"
    case .deviceFailed: "the GPU reported an error: jx_device_message says which"
    }
  }
}
