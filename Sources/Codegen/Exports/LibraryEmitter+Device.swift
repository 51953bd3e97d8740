import CLLVM
import LoopIR

// Functions that run on a GPU: their objects hold PTX and the steps that the host takes.
extension LibraryEmitter {
  /// The entry of a program for a device, as that of one for the processor: a function of its
  /// parameters and a workspace, which it does not need.
  ///
  ///     static jx_device_instance *instance;
  ///     int32_t f(const T *argument…, T *result…, void *workspace) {
  ///       void *parameters[] = {argument…, result…};
  ///       return jx_cuda_call(&program, &instance, parameters);
  ///     }
  func emit(_ device: DeviceProgram, of exported: ExportedFunction) -> EmittedProcedure {
    let count = exported.arguments.count + exported.results.count
    let type = ir.function(ir.i32, Array(repeating: ir.pointer, count: count + 1))
    let function = ir.addFunction("\(exported.symbol).device", type)
    let record = emitRecord(device, exported.symbol)
    let instance = ir.addVariable("\(exported.symbol).instance", ir.pointer)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    let parameters = ir.pointers((0..<count).map { ir.parameter($0, of: function) })
    let callType = ir.function(ir.i32, [ir.pointer, ir.pointer, ir.pointer])
    ir.returnValue(
      ir.call(ir.declare("jx_cuda_call", callType), callType, [record, instance, parameters]))
    return EmittedProcedure(function: function, type: type, takesList: false)
  }

  /// A `jx_device_program`.
  private func emitRecord(_ device: DeviceProgram, _ symbol: String) -> IRValue {
    func int(_ value: Int) -> IRValue { ir.constant(Int64(value), ir.i32) }
    func table(_ name: String, _ entries: [IRValue]) -> IRValue {
      entries.isEmpty
        ? ir.zero(ir.pointer) : ir.addConstant("\(symbol).\(name)", fields: entries)
    }
    let kernels = device.code.kernels.map { kernel in
      ir.record([
        ir.addConstant("\(symbol).kernel", text: kernel.name), int(kernel.blocks),
        int(kernel.threads), int(kernel.dynamicSharedBytes), int(kernel.isCooperative ? 1 : 0),
      ])
    }
    let constants = device.constants.map { bytes in
      ir.record([
        ir.addConstant("\(symbol).constant", bytes: bytes, alignment: 16),
        ir.constant(index: bytes.count),
      ])
    }
    let routineType = ir.function(ir.i32, [ir.pointer, ir.pointer])
    let routines = device.routines.map { ir.declare($0, routineType) }
    let sizes = (device.argumentSizes + device.resultSizes).map { Int64($0) }
    return ir.addConstant(
      "\(symbol).program",
      fields: [
        ir.addConstant("\(symbol).ptx", text: device.code.ptx), int(kernels.count),
        int(constants.count), int(device.argumentSizes.count), int(device.resultSizes.count),
        int(device.architecture),
        table("kernels", kernels), table("constants", constants),
        table("routines", routines),
        ir.addConstant("\(symbol).sizes", words: sizes),
        ir.constant(index: device.workspaceByteCount),
        ir.addConstant("\(symbol).steps", words: device.words),
        ir.constant(index: device.words.count),
      ])
  }
}
