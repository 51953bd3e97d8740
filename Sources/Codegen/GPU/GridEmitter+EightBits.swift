import CLLVM
import Tensor

// Floating-point numbers of eight bits and less on a GPU: tables of what `Tensor` makes of them.
extension GridEmitter {
  /// A call of the conversion called `name`, from or to the type that the first operand numbers; `nil`
  /// for any other function.
  func eightBitFunction(_ name: String, _ operands: [IRValue]) throws -> IRValue? {
    let isWidening = name == "jx_float_from_f8"
    guard isWidening || name == "jx_f8_from_float", operands.count == 2,
      let number = ir.constantInteger(operands[0]),
      let type = ElementType.allCases.first(where: { Int($0.rawValue) == number })
    else { return nil }
    let symbol = "\(name)_\(type)"
    let signature = ir.function(
      isWidening ? ir.float : ir.i8, [isWidening ? ir.i8 : ir.float])
    if let known = ir.definedFunction(symbol) { return ir.call(known, signature, [operands[1]]) }
    let function = ir.addFunction(symbol, signature)
    for attribute in ["nounwind", "noinline"] {
      ir.addAttribute(attribute, to: function, parameter: nil)
    }
    let here = ir.currentBlock
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    let parameter = ir.parameter(0, of: function)
    ir.returnValue(
      isWidening ? emitWidening(parameter, type) : emitNarrowing(parameter, type))
    ir.moveToEnd(of: here)
    return ir.call(function, signature, [operands[1]])
  }

  private func emitWidening(_ byte: IRValue, _ type: ElementType) -> IRValue {
    let table = words((0...255).map { Int32(bitPattern: type.float(of: UInt8($0)).bitPattern) })
    return ir.load(ir.float, ir.address(ir.float, table, ir.zext(byte, ir.i64)), alignment: 4)
  }

  /// Numbers in their order are cut into steps, each of which becomes one code: a search by halves.
  private func emitNarrowing(_ value: IRValue, _ type: ElementType) -> IRValue {
    var steps = RoundingSteps(type)
    var width = 1
    while width < steps.starts.count { width *= 2 }
    let missing = width - steps.starts.count
    steps.starts += Array(repeating: Int32.max, count: missing)
    // The NaN with all bits set, which instructions make, reaches them.
    steps.codes += Array(repeating: 0, count: missing)
    let starts = words(steps.starts)
    let codes = ir.addConstant("codes", bytes: steps.codes, alignment: 1)
    let bits = ir.bitcast(value, ir.i32)
    let key = ir.select(
      ir.icmp(LLVMIntSGE, bits, ir.zero(ir.i32)), bits,
      ir.xor(bits, ir.constant(Int64(Int32.max), ir.i32)))
    var step = ir.constant(0, ir.i64)
    var half = width / 2
    while half > 0 {
      let next = ir.add(step, ir.constant(index: half))
      let start = ir.load(ir.i32, ir.address(ir.i32, starts, next), alignment: 4)
      step = ir.select(ir.icmp(LLVMIntSGE, key, start), next, step)
      half /= 2
    }
    let code = ir.load(ir.i8, ir.address(ir.i8, codes, step), alignment: 1)
    let isNegative = ir.icmp(LLVMIntSLT, bits, ir.zero(ir.i32))
    let nan = ir.select(
      isNegative, ir.constant(Int64(type.code(of: -Float.nan)), ir.i8),
      ir.constant(Int64(type.code(of: .nan)), ir.i8))
    return ir.select(ir.fcmp(LLVMRealUNO, value, value), nan, code)
  }

  private func words(_ words: [Int32]) -> IRValue {
    let bytes = words.flatMap { word in withUnsafeBytes(of: word.littleEndian, Array.init) }
    return ir.addConstant("table", bytes: bytes, alignment: 4)
  }
}

/// How numbers become codes of a type of eight bits or less.
private struct RoundingSteps {
  /// The first number of each step, as an integer in the order of the numbers.
  var starts: [Int32] = []
  /// The code of each step.
  var codes: [UInt8] = []

  init(_ type: ElementType) {
    /// The number at place `key` in the order.
    func code(_ key: Int32) -> UInt8 {
      let bits = key >= 0 ? key : key ^ Int32.max
      return type.code(of: Float(bitPattern: UInt32(bitPattern: bits)))
    }
    let infinity = Int32(bitPattern: Float.infinity.bitPattern)
    // Below zero, zero, and above, codes have an order.
    for (first, last) in [(-infinity - 1, Int32(-1)), (0, 0), (1, infinity)] {
      var (key, own) = (first, code(first))
      while true {
        starts.append(key)
        codes.append(own)
        // The first number with another code.
        var (low, high) = (key, last)
        if code(last) == own { break }
        while high - low > 1 {
          let middle = low + (high - low) / 2
          if code(middle) == own { low = middle } else { high = middle }
        }
        (key, own) = (high, code(high))
      }
    }
  }
}

extension ElementType {
  /// The number that `code`, of this type, stands for.
  fileprivate func float(of code: UInt8) -> Float {
    func float<Element: TensorElement>(_: Element.Type) -> Float {
      let element = withUnsafeBytes(of: code) { $0.loadUnaligned(as: Element.self) }
      return (element.wide as? Double).map { Float($0) } ?? .nan
    }
    return float(representation)
  }

  /// The code of the number of this type that is nearest to `value`.
  fileprivate func code(of value: Float) -> UInt8 {
    func code<Element: TensorElement>(_: Element.Type) -> UInt8 {
      withUnsafeBytes(of: Element(wide: Double(value))) { $0[0] }
    }
    return code(representation)
  }
}
