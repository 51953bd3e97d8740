import HLO
import Tensor

/// Conversions that change nothing, or that one conversion does.
let conversionRules = rules {
  SimplificationRule("convert-nothing", "convert x → x, of the same type", at: .convert) {
    rewriter, operation, type in
    rewriter.type(of: operation.operands[0]) == type ? .replace([operation.operands[0]]) : .keep
  } example: { b, x in
    try b.convert(x, to: .f32)
  }
  SimplificationRule(
    "convert-twice", "convert (convert x) → convert x, if the first changes no value", at: .convert
  ) { rewriter, operation, type in
    guard let inner = rewriter.definition(of: operation.operands[0]), case .convert = inner.op,
      let middle = rewriter.type(of: operation.operands[0]),
      let source = rewriter.type(of: inner.operands[0]),
      source.element.embeds(in: middle.element, on: type.element)
    else { return .keep }
    return .update(.convert, inner.operands)
  } example: { b, x in
    try b.convert(b.convert(x, to: .f64), to: .f32)
  }
}

extension ElementType {
  /// `true` iff converting to `middle` keeps every value, and converting on to `target` gives what a
  /// conversion at once gives.
  fileprivate func embeds(in middle: ElementType, on target: ElementType) -> Bool {
    switch (kind, middle.kind) {
    case (.signed, .signed), (.unsigned, .unsigned), (.bool, .signed), (.bool, .unsigned):
      return bitWidth <= middle.bitWidth && bitWidth >= 8 || kind == .bool
    case (.unsigned, .signed): return bitWidth >= 8 && bitWidth < middle.bitWidth
    // An integer that goes through floating point may be out of range of an integer type.
    case (.bool, .float): return middle.bitWidth >= 16 && target.kind != .bool
    case (.float, .float):
      let widths: [ElementType] = [.f16, .f32, .f64]
      if self == middle { return true }
      if self == .bf16 { return middle == .f32 || middle == .f64 }
      guard let from = widths.firstIndex(of: self), let to = widths.firstIndex(of: middle) else {
        return false
      }
      return from < to
    default: return false
    }
  }
}
