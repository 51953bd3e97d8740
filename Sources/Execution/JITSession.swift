import CLLVM
import Codegen
import JXRuntime
import Support
import Synchronization

/// Loads object code into this process. Created when the first code is loaded, so that programs
/// which compile nothing pay nothing.
final class JITSession {
  /// Created once, whichever thread comes first.
  nonisolated(unsafe) private static let shared = Result { try JITSession() }

  static func current() throws -> JITSession { try shared.get() }

  private let jit: LLVMOrcLLJITRef
  private let session: LLVMOrcExecutionSessionRef
  /// Names the libraries apart.
  private static let count = Atomic<Int>(0)

  private init() throws {
    _ = MachineModel.host  // registers the targets
    var jit: LLVMOrcLLJITRef?
    if let error = LLVMOrcCreateLLJIT(&jit, nil) { throw failure(error) }
    self.jit = jit!
    session = LLVMOrcLLJITGetExecutionSession(self.jit)
  }

  /// Code in memory; it stays as long as the value.
  final class Library {
    private let library: LLVMOrcJITDylibRef
    fileprivate init(_ library: LLVMOrcJITDylibRef) { self.library = library }
    deinit { if let error = LLVMOrcJITDylibClear(library) { LLVMConsumeError(error) } }
  }

  /// Loads `object` and returns the address of `symbol`. The object may refer to the run-time
  /// library and to `definitions`.
  func load(
    _ object: [UInt8], symbol: String, definitions: [(name: String, address: UnsafeRawPointer)]
  ) throws -> (Library, UnsafeRawPointer) {
    let number = Self.count.add(1, ordering: .relaxed).newValue
    var created: LLVMOrcJITDylibRef?
    if let error = LLVMOrcExecutionSessionCreateJITDylib(session, &created, "jxc\(number)") {
      throw failure(error)
    }
    let dylib = created!
    let library = Library(dylib)
    var pairs: [LLVMOrcCSymbolMapPair] = []
    withRuntimeSymbols { name, address in pairs.append(pair(name, address)) }
    for definition in definitions { pairs.append(pair(definition.name, definition.address)) }
    if let error = LLVMOrcJITDylibDefine(dylib, LLVMOrcAbsoluteSymbols(&pairs, pairs.count)) {
      throw failure(error)
    }
    let buffer = object.withUnsafeBytes {
      LLVMCreateMemoryBufferWithMemoryRangeCopy(
        $0.bindMemory(to: CChar.self).baseAddress, object.count, "object")
    }
    if let error = LLVMOrcLLJITAddObjectFile(jit, dylib, buffer) { throw failure(error) }
    return (library, try lookUp(symbol, in: dylib))
  }

  private func pair(_ name: String, _ address: UnsafeRawPointer) -> LLVMOrcCSymbolMapPair {
    LLVMOrcCSymbolMapPair(
      Name: LLVMOrcLLJITMangleAndIntern(jit, name),
      Sym: LLVMJITEvaluatedSymbol(
        Address: UInt64(UInt(bitPattern: address)),
        Flags: LLVMJITSymbolFlags(
          GenericFlags: UInt8(LLVMJITSymbolGenericFlagsExported.rawValue), TargetFlags: 0)))
  }

  private struct Lookup {
    var address: UInt64 = 0
    var error: LLVMErrorRef?
  }

  private func lookUp(_ symbol: String, in dylib: LLVMOrcJITDylibRef) throws -> UnsafeRawPointer {
    var order = LLVMOrcCJITDylibSearchOrderElement(
      JD: dylib, JDLookupFlags: LLVMOrcJITDylibLookupFlagsMatchAllSymbols)
    var wanted = LLVMOrcCLookupSetElement(
      Name: LLVMOrcLLJITMangleAndIntern(jit, symbol),
      LookupFlags: LLVMOrcSymbolLookupFlagsRequiredSymbol)
    var lookup = Lookup()
    // The session has no threads of its own: the handler has run when this returns.
    withUnsafeMutablePointer(to: &lookup) { result in
      LLVMOrcExecutionSessionLookup(
        session, LLVMOrcLookupKindStatic, &order, 1, &wanted, 1,
        { error, pairs, count, context in
          let result = context!.assumingMemoryBound(to: Lookup.self)
          result.pointee.error = error
          if error == nil, count > 0 { result.pointee.address = pairs![0].Sym.Address }
        }, result)
    }
    if let error = lookup.error { throw failure(error) }
    return UnsafeRawPointer(bitPattern: UInt(lookup.address))!
  }
}

/// Calls `body` with each symbol of the run-time library.
private func withRuntimeSymbols(_ body: (String, UnsafeRawPointer) -> Void) {
  let table = jx_symbol_table()!
  for index in 0..<Int(jx_symbol_count) {
    body(String(cString: table[index].name), UnsafeRawPointer(table[index].address))
  }
}

private func failure(_ error: LLVMErrorRef) -> Diagnostic {
  let message = LLVMGetErrorMessage(error)!
  defer { LLVMDisposeErrorMessage(message) }
  return Diagnostic(.error, "internal error: loading code: \(String(cString: message))")
}
