import Glibc
import Tensor

/// The text that MLIR prints for a floating-point number: six digits and an exponent where that
/// is exact, else as many digits as the type needs, else the bits.
///
/// `bits` is the pattern, `reads` tells whether a text reads back as that pattern.
func floatText(_ value: Double, _ type: ElementType, bits: UInt64) -> String {
  let hex = "0x" + String(bits, radix: 16, uppercase: true).leftPadded(to: type.bitWidth / 4)
  guard value.isFinite, let format = type.floatFormat else { return hex }
  if value == 0 { return value.sign == .minus ? "-0.000000e+00" : "0.000000e+00" }

  // Six significant digits, printed with a zero after them.
  let short = Decimal(value, digits: 6)
  let shortText = short.scientific(padding: 6, exponentDigits: 2, marker: "e")
  if let read = Double(shortText), format.encode(read) == bits, exactlyReads(read, value, type) {
    return shortText
  }
  let digits = 2 + (format.significandBits + 1) * 59 / 196
  let text = Decimal(value, digits: digits).shortest(limit: digits)
  return text.contains(".") ? text : hex
}

/// `true` iff the reading of a text, rounded to `type`, is `value`.
private func exactlyReads(_ read: Double, _ value: Double, _ type: ElementType) -> Bool {
  switch type {
  case .f64: read == value
  case .f32: Float(read) == Float(value)
  default: true
  }
}

/// Decimal digits and the power of ten of the last one.
private struct Decimal {
  var isNegative: Bool
  /// Without trailing zeros.
  var digits: [UInt8]
  var exponent: Int

  /// At most `limit` digits, rounded as LLVM rounds: the exact digits are cut to about as many
  /// as are needed, and what is then too long is rounded half upwards.
  init(_ value: Double, digits limit: Int) {
    isNegative = value.sign == .minus
    let magnitude = value.magnitude
    // magnitude = odd * 2^power2, and its decimal digits are those of odd * 5^-power2.
    let significand = magnitude.significandBitPattern | (magnitude.isNormal ? 1 << 52 : 0)
    let zeros = significand.trailingZeroBitCount
    let odd = significand >> UInt64(zeros)
    let power2 = max(Int(magnitude.exponentBitPattern), 1) - 1075 + zeros
    let bits =
      power2 >= 0
      ? 64 - odd.leadingZeroBitCount + power2 : Decimal.bitCount(of: odd, timesFiveTo: -power2)
    let needed = (limit * 196 + 58) / 59
    let cut = bits > needed ? (bits - needed) * 59 / 196 : 0

    var (text, power) = Decimal.print(magnitude, limit + 24)
    let total = power + 1 + max(-power2, 0)
    let kept = total - cut
    // The C library rounds what it prints; all digits are asked for where that could matter.
    if kept > text.count || text[min(kept, text.count - 1)...].allSatisfy({ $0 == 0 || $0 == 9 }) {
      (text, power) = Decimal.print(magnitude, max(total, 1))
    }
    text.removeLast(max(0, text.count - kept))
    // The power of ten of the last digit.
    var exponent = power + 1 - text.count
    func dropZeros() {
      while text.count > 1, text.last == 0 {
        text.removeLast()
        exponent += 1
      }
    }
    dropZeros()
    if text.count > limit {
      let roundsUp = text[limit] >= 5
      exponent += text.count - limit
      text.removeLast(text.count - limit)
      if roundsUp {
        while let last = text.last, last == 9 {
          text.removeLast()
          exponent += 1
        }
        if text.isEmpty { text = [1] } else { text[text.count - 1] += 1 }
      }
      dropZeros()
    }
    digits = text
    self.exponent = exponent
  }

  /// The bits of `factor * 5^power`.
  private static func bitCount(of factor: UInt64, timesFiveTo power: Int) -> Int {
    var words = [factor]
    var rest = power
    while rest > 0 {
      let step = min(rest, 27)
      var multiplier: UInt64 = 1
      for _ in 0..<step { multiplier *= 5 }
      var carry: UInt64 = 0
      for index in words.indices {
        let (high, low) = words[index].multipliedFullWidth(by: multiplier)
        let (sum, overflow) = low.addingReportingOverflow(carry)
        words[index] = sum
        carry = high + (overflow ? 1 : 0)
      }
      if carry != 0 { words.append(carry) }
      rest -= step
    }
    return words.count * 64 - (words.last ?? 0).leadingZeroBitCount
  }

  /// `count` digits and the power of ten of the first.
  private static func print(_ value: Double, _ count: Int) -> ([UInt8], Int) {
    var buffer = [CChar](repeating: 0, count: count + 32)
    let length = withVaList([Int32(count - 1), value]) {
      vsnprintf(&buffer, buffer.count, "%.*e", $0)
    }
    var digits: [UInt8] = []
    digits.reserveCapacity(count)
    var power = 0
    for index in 0..<Int(length) {
      let byte = UInt8(bitPattern: buffer[index])
      if byte == UInt8(ascii: "e") {
        let rest = buffer[(index + 1)..<Int(length)].map { UInt8(bitPattern: $0) }
        power = Int(String(decoding: rest, as: UTF8.self)) ?? 0
        break
      }
      if byte != UInt8(ascii: ".") { digits.append(byte - UInt8(ascii: "0")) }
    }
    return (digits, power)
  }

  private func text(_ digits: some Sequence<UInt8>) -> String {
    String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
  }

  func scientific(padding: Int?, exponentDigits: Int, marker: String) -> String {
    let power = exponent + digits.count - 1
    var fraction = text(digits.dropFirst())
    if let padding {
      fraction += String(repeating: "0", count: max(0, padding - fraction.utf8.count))
    } else if fraction.isEmpty {
      fraction = "0"
    }
    let exponentText = String(abs(power)).leftPadded(to: exponentDigits)
    return (isNegative ? "-" : "") + text(digits.prefix(1)) + "." + fraction + marker
      + (power < 0 ? "-" : "+") + exponentText
  }

  /// Without an exponent where that takes at most three zeros, else scientific.
  func shortest(limit: Int) -> String {
    let isScientific: Bool
    let leading = exponent + digits.count - 1
    if exponent >= 0 {
      isScientific = exponent > 3 || digits.count + exponent > limit
    } else {
      isScientific = leading < 0 && -leading > 3
    }
    if isScientific { return scientific(padding: nil, exponentDigits: 1, marker: "E") }
    let sign = isNegative ? "-" : ""
    if exponent >= 0 { return sign + text(digits) + String(repeating: "0", count: exponent) }
    let whole = exponent + digits.count
    if whole > 0 {
      return sign + text(digits.prefix(whole)) + "." + text(digits.dropFirst(whole))
    }
    return sign + "0." + String(repeating: "0", count: -whole) + text(digits)
  }
}

extension String {
  func leftPadded(to width: Int) -> String {
    String(repeating: "0", count: Swift.max(0, width - utf8.count)) + self
  }
}
