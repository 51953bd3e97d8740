/// A non-negative number in decimal: `0.d₁d₂d₃… · 10^point`. Zero is a single digit 0 with `point` 1.
struct DecimalDigits: Equatable {
  /// The digits, 0 to 9; neither the first nor the last is 0, except for zero itself.
  private(set) var digits: [UInt8]
  /// The number of digits before the decimal point; negative where zeros follow it.
  private(set) var point: Int

  private init(_ digits: [UInt8], point: Int) {
    self.digits = digits
    self.point = point
    normalize()
  }

  private mutating func normalize() {
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    point -= leading
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty {
      digits = [0]
      point = 1
    }
  }

  /// The fewest digits that identify a finite value among those of its own type.
  init<T: BinaryFloatingPoint & LosslessStringConvertible>(shortest value: T) {
    // Swift's description holds these digits, as in `1.25e-05`.
    var digits: [UInt8] = []
    var point = 0
    var exponent = 0
    var sawPoint = false
    var characters = value.magnitude.description.utf8[...]
    while let character = characters.popFirst() {
      switch character {
      case UInt8(ascii: "."): sawPoint = true
      case UInt8(ascii: "e"):
        exponent = Int(Substring(characters)) ?? 0
        characters = characters[characters.endIndex...]
      default:
        digits.append(character - UInt8(ascii: "0"))
        if !sawPoint { point += 1 }
      }
    }
    self.init(digits, point: point + exponent)
  }

  /// All digits of a finite value.
  init(exact value: Double) {
    guard value != 0 else {
      self.init([0], point: 1)
      return
    }
    // value = integer · 2^exponent = integer · 5^−exponent · 10^exponent
    var integer = value.magnitude.significandBitPattern
    if value.isNormal { integer |= 1 << 52 }
    var exponent = max(Int(value.exponentBitPattern), 1) - 1075
    while integer & 1 == 0 {
      integer >>= 1
      exponent += 1
    }
    // The integer in base 10^9, lowest limb first.
    var limbs: [UInt64] = []
    while integer > 0 {
      limbs.append(integer % 1_000_000_000)
      integer /= 1_000_000_000
    }
    func multiply(by factor: UInt64) {
      var carry: UInt64 = 0
      for i in limbs.indices {
        let product = limbs[i] * factor + carry
        limbs[i] = product % 1_000_000_000
        carry = product / 1_000_000_000
      }
      if carry > 0 { limbs.append(carry) }
    }
    let (base, steps): (UInt64, Int) = exponent >= 0 ? (2, exponent) : (5, -exponent)
    let chunk = base == 2 ? 29 : 12
    var power: UInt64 = 1
    for _ in 0..<chunk { power *= base }
    for _ in 0..<(steps / chunk) { multiply(by: power) }
    for _ in 0..<(steps % chunk) { multiply(by: base) }
    var digits: [UInt8] = []
    for limb in limbs.reversed() {
      var place: UInt64 = 100_000_000
      while place > 0 {
        digits.append(UInt8(limb / place % 10))
        place /= 10
      }
    }
    let count = digits.count
    self.init(digits, point: count + min(exponent, 0))
  }

  /// The digits after the point.
  var fractionCount: Int { max(digits.count - point, 0) }

  /// Rounded to `count` digits after the point, ties to even.
  func rounded(toFraction count: Int) -> DecimalDigits { rounded(toDigits: point + count) }

  /// Rounded to `count` significant digits, ties to even.
  func rounded(toDigits count: Int) -> DecimalDigits {
    if count >= digits.count { return self }
    if count < 0 { return DecimalDigits([0], point: 1) }
    let dropped = digits[count...]
    let last = count > 0 ? digits[count - 1] : 0
    let isTie = dropped.first == 5 && dropped.count == 1
    let isUp = isTie ? last % 2 == 1 : (dropped.first ?? 0) >= 5
    var kept = [0] + digits[..<count]
    if isUp {
      var i = kept.count - 1
      while kept[i] == 9 {
        kept[i] = 0
        i -= 1
      }
      kept[i] += 1
    }
    return DecimalDigits(kept, point: point + 1)
  }

  /// The decimal exponent: of the first digit.
  var exponent: Int { self == DecimalDigits([0], point: 1) ? 0 : point - 1 }

  /// The digits before the point, at least one.
  var integerText: String {
    if point <= 0 { return "0" }
    let zeros = String(repeating: "0", count: max(point - digits.count, 0))
    return text(of: digits.prefix(point)) + zeros
  }

  /// The digits after the point, none where there are none.
  var fractionText: String {
    if point >= digits.count { return "" }
    if digits == [0] { return "" }
    return String(repeating: "0", count: max(-point, 0)) + text(of: digits.dropFirst(max(point, 0)))
  }

  /// The digits after the first.
  var fractionTextInScientific: String { text(of: digits.dropFirst()) }
  var firstDigitText: String { text(of: digits.prefix(1)) }

  private func text(of digits: ArraySlice<UInt8>) -> String {
    String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
  }
}
