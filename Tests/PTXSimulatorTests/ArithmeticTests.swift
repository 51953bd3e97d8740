import Support
import Testing

@testable import PTXSimulator

/// Each family of instructions over special values, against Swift's own arithmetic.
@Suite struct ArithmeticTests {
  /// Runs `instruction` for every combination of `values` as `%a`, `%b` and `%c`, registers of
  /// `operand` bits, and returns the `result` bits of `%d`.
  private func run(
    _ instruction: String, _ values: [[UInt64]], operand: Int, result: Int,
    declarations: String = ""
  ) throws -> [UInt64] {
    let harness = Harness()
    let text = """
      .version 8.0
      .target sm_90
      .visible .entry k(.param .u64 p, .param .u64 q, .param .u32 n)
      {
      .reg .pred %p<4>;
      .reg .b16 %h<8>;
      .reg .b32 %r<8>;
      .reg .b64 %rd<16>;
      .reg .b\(operand) %a, %b, %c;
      .reg .b\(result) %d;
      \(declarations)
      ld.param.u64 %rd1, [p];
      ld.param.u64 %rd2, [q];
      ld.param.u32 %r3, [n];
      mov.u32 %r1, %tid.x;
      mov.u32 %r2, %ctaid.x;
      mad.lo.u32 %r1, %r2, 256, %r1;
      setp.ge.u32 %p1, %r1, %r3;
      @%p1 bra END;
      mad.wide.u32 %rd3, %r1, 24, %rd1;
      ld.global.b\(operand) %a, [%rd3];
      ld.global.b\(operand) %b, [%rd3+8];
      ld.global.b\(operand) %c, [%rd3+16];
      \(instruction)
      mad.wide.u32 %rd4, %r1, 8, %rd2;
      mov.u64 %rd5, 0;
      st.global.b64 [%rd4], %rd5;
      st.global.b\(result) [%rd4], %d;
      END: ret;
      }
      """
    do {
      let module = try harness.device.load(text)
      let inputs = try harness.upload(values.flatMap { $0 })
      let outputs = try harness.device.allocate(byteCount: values.count * 8)
      let bytes = [inputs, outputs, UInt64(values.count)].flatMap { value in
        withUnsafeBytes(of: value, Array.init)
      }
      try module.launch(
        "k", grid: ((values.count + 255) / 256, 1, 1), block: (256, 1, 1),
        parameters: Array(bytes.prefix(20)))
      return try harness.download(outputs, values.count, as: UInt64.self)
    } catch let error as Diagnostic {
      Issue.record("\(instruction): \(harness.device.render(error))")
      return []
    }
  }

  private func combinations(_ values: [UInt64], _ count: Int) -> [[UInt64]] {
    var result: [[UInt64]] = []
    for a in values {
      for b in count > 1 ? values : [0] {
        for c in count > 2 ? values : [0] { result.append([a, b, c]) }
      }
    }
    return result
  }

  // MARK: Integers

  private func check<T: LaneInteger>(
    _: T.Type, _ instruction: String, operands count: Int = 2, result: Int = T.bitWidth,
    _ expected: (T, T, T) -> UInt64
  ) throws {
    let specials: [T] = [
      0, 1, 2, 3, 7, 31, 33, T.max, T.max - 1, T.min, T.min + 1, ~0, ~1, 0x55, T.max / 3,
    ]
    let values = combinations(specials.map { UInt64(truncatingIfNeeded: $0) }, count)
    let actual = try run(instruction, values, operand: T.bitWidth, result: result)
    let mask = result == 64 ? UInt64.max : 1 << UInt64(result) - 1
    for (value, bits) in zip(values, actual) {
      let wanted = expected(
        T(truncatingIfNeeded: value[0]), T(truncatingIfNeeded: value[1]),
        T(truncatingIfNeeded: value[2]))
      guard bits == wanted & mask else {
        Issue.record(
          "\(instruction) of \(value): 0x\(hexadecimal(bits)), not 0x\(hexadecimal(wanted & mask))")
        return
      }
    }
    #expect(actual.count == values.count)
  }

  private func checkIntegers<T: LaneInteger>(_: T.Type, _ type: String) throws {
    func bits(_ value: T) -> UInt64 { UInt64(truncatingIfNeeded: value) }
    let width = T.bitWidth
    try check(T.self, "add.\(type) %d, %a, %b;") { a, b, _ in bits(a &+ b) }
    try check(T.self, "sub.\(type) %d, %a, %b;") { a, b, _ in bits(a &- b) }
    try check(T.self, "mul.lo.\(type) %d, %a, %b;") { a, b, _ in bits(a &* b) }
    try check(T.self, "mul.hi.\(type) %d, %a, %b;") { a, b, _ in
      bits(a.multipliedFullWidth(by: b).high)
    }
    try check(T.self, "mad.lo.\(type) %d, %a, %b, %c;", operands: 3) { a, b, c in
      bits(a &* b &+ c)
    }
    try check(T.self, "div.\(type) %d, %a, %b;") { a, b, _ in
      b == 0 ? .max : a == T.min && T.isSigned && b == ~0 ? bits(T.min) : bits(a / b)
    }
    try check(T.self, "rem.\(type) %d, %a, %b;") { a, b, _ in
      b == 0 ? bits(a) : T.isSigned && b == ~0 ? 0 : bits(a % b)
    }
    try check(T.self, "min.\(type) %d, %a, %b;") { a, b, _ in bits(min(a, b)) }
    try check(T.self, "max.\(type) %d, %a, %b;") { a, b, _ in bits(max(a, b)) }
    try check(T.self, "sad.\(type) %d, %a, %b, %c;", operands: 3) { a, b, c in
      bits(c &+ (a < b ? b &- a : a &- b))
    }
    try check(T.self, "shr.\(type) %d, %a, 5;", operands: 1) { a, _, _ in bits(a >> 5) }
    try check(T.self, "shr.\(type) %d, %a, 70;", operands: 1) { a, _, _ in bits(a >> 70) }
    let comparisons: [(String, (T, T) -> Bool)] = [
      ("eq", { $0 == $1 }), ("ne", { $0 != $1 }), ("lt", { $0 < $1 }), ("le", { $0 <= $1 }),
      ("gt", { $0 > $1 }), ("ge", { $0 >= $1 }),
    ]
    for (name, holds) in comparisons {
      try check(
        T.self, "setp.\(name).\(type) %p2, %a, %b; selp.b32 %d, 1, 0, %p2;", result: 32
      ) { a, b, _ in holds(a, b) ? 1 : 0 }
      try check(
        T.self,
        "setp.ne.\(type) %p3, %a, 0; setp.\(name).and.\(type) %p2, %a, %b, !%p3; selp.b32 %d, 1, 0, %p2;",
        result: 32
      ) { a, b, _ in holds(a, b) && a == 0 ? 1 : 0 }
    }
    if T.isSigned {
      try check(T.self, "neg.\(type) %d, %a;", operands: 1) { a, _, _ in bits(0 &- a) }
      try check(T.self, "abs.\(type) %d, %a;", operands: 1) { a, _, _ in
        bits(a < 0 ? 0 &- a : a)
      }
    }
    if width < 64 {
      try check(T.self, "mul.wide.\(type) %d, %a, %b;", result: 2 * width) { a, b, _ in
        UInt64(truncatingIfNeeded: Int64(a) &* Int64(b))
      }
    }
  }

  @Test func integersWrapAsSwifts() throws {
    try checkIntegers(Int16.self, "s16")
    try checkIntegers(UInt16.self, "u16")
    try checkIntegers(Int32.self, "s32")
    try checkIntegers(UInt32.self, "u32")
    try checkIntegers(Int64.self, "s64")
    try checkIntegers(UInt64.self, "u64")
  }

  @Test func bitsMoveAsTheISASays() throws {
    try check(UInt32.self, "and.b32 %d, %a, %b;") { a, b, _ in UInt64(a & b) }
    try check(UInt64.self, "or.b64 %d, %a, %b;") { a, b, _ in a | b }
    try check(UInt16.self, "xor.b16 %d, %a, %b;") { a, b, _ in UInt64(a ^ b) }
    try check(UInt64.self, "not.b64 %d, %a;", operands: 1) { a, _, _ in ~a }
    try check(UInt32.self, "cnot.b32 %d, %a;", operands: 1) { a, _, _ in a == 0 ? 1 : 0 }
    try check(UInt32.self, "shl.b32 %d, %a, %b;") { a, b, _ in b < 32 ? UInt64(a << b) : 0 }
    try check(UInt32.self, "shr.b32 %d, %a, %b;") { a, b, _ in b < 32 ? UInt64(a >> b) : 0 }
    try check(UInt32.self, "popc.b32 %d, %a;", operands: 1) { a, _, _ in
      UInt64(a.nonzeroBitCount)
    }
    try check(UInt64.self, "clz.b64 %d, %a;", operands: 1, result: 32) { a, _, _ in
      UInt64(a.leadingZeroBitCount)
    }
    try check(UInt32.self, "brev.b32 %d, %a;", operands: 1) { a, _, _ in
      UInt64((0..<32).reduce(0) { $0 | (a >> $1 & 1) << (31 - $1) } as UInt32)
    }
    try check(Int32.self, "bfind.s32 %d, %a;", operands: 1) { a, _, _ in
      let bits = a < 0 ? ~a : a
      return bits == 0 ? .max : UInt64(31 - bits.leadingZeroBitCount)
    }
    try check(UInt32.self, "shf.l.wrap.b32 %d, %a, %b, 5;") { a, b, _ in
      UInt64(b << 5 | a >> 27)
    }
    try check(UInt32.self, "shf.r.clamp.b32 %d, %a, %b, %c;", operands: 3) { a, b, c in
      (UInt64(b) << 32 | UInt64(a)) >> UInt64(min(c, 32))
    }
    try check(UInt32.self, "lop3.b32 %d, %a, %b, %c, 0x96;", operands: 3) { a, b, c in
      UInt64(a ^ b ^ c)
    }
    try check(UInt32.self, "lop3.b32 %d, %a, %b, %c, 0xE8;", operands: 3) { a, b, c in
      UInt64(a & b | b & c | a & c)
    }
    try check(UInt32.self, "prmt.b32 %d, %a, %b, 0x0123;") { a, _, _ in UInt64(a.byteSwapped) }
    try check(UInt32.self, "prmt.b32 %d, %a, %b, 0xF654;") { a, b, _ in
      UInt64(b & 0x00FF_FFFF) | (b >> 31 == 1 ? 0xFF00_0000 : 0)
    }
    try check(UInt32.self, "bfe.u32 %d, %a, 4, 8;", operands: 1) { a, _, _ in
      UInt64(a >> 4 & 0xFF)
    }
    try check(Int32.self, "bfe.s32 %d, %a, 28, 8;", operands: 1) { a, _, _ in
      UInt64(truncatingIfNeeded: a >> 28)
    }
    try check(Int64.self, "bfe.s64 %d, %a, 3, 1;", operands: 1) { a, _, _ in
      a >> 3 & 1 == 1 ? .max : 0
    }
    try check(UInt32.self, "bfi.b32 %d, %a, %b, 8, 12;") { a, b, _ in
      UInt64(b & ~0xFFF00 | (a & 0xFFF) << 8)
    }
    try check(UInt32.self, "add.cc.u32 %r4, %a, %b; addc.u32 %d, %c, 0;", operands: 3) { a, b, c in
      UInt64(c) + (a.addingReportingOverflow(b).overflow ? 1 : 0)
    }
    try check(UInt32.self, "sub.cc.u32 %r4, %a, %b; subc.u32 %d, %c, 0;", operands: 3) { a, b, c in
      UInt64(c &- (a < b ? 1 : 0))
    }
    try check(Int32.self, "add.sat.s32 %d, %a, %b;") { a, b, _ in
      UInt64(truncatingIfNeeded: max(Int64(Int32.min), min(Int64(Int32.max), Int64(a) + Int64(b))))
    }
    try check(UInt32.self, "dp4a.u32.u32 %d, %a, %b, %c;", operands: 3) { a, b, c in
      UInt64((0..<4).reduce(c) { $0 &+ (a >> ($1 * 8) & 255) * (b >> ($1 * 8) & 255) })
    }
    try check(
      UInt64.self, "mov.b64 {%r4, %r5}, %a; mov.b64 %d, {%r5, %r4};", operands: 1
    ) { a, _, _ in a << 32 | a >> 32 }
    try check(
      UInt64.self, "mov.b64 {%h1, %h2, %h3, %h4}, %a; mov.b32 %d, {%h4, %h2};", operands: 1,
      result: 32
    ) { a, _, _ in a >> 48 | (a >> 16 & 0xFFFF) << 16 }
    try check(
      Int32.self, "setp.lt.s32 %p2|%p3, %a, %b; selp.b32 %r4, 2, 0, %p3; selp.b32 %d, 1, %r4, %p2;"
    ) { a, b, _ in a < b ? 1 : 2 }
    try check(Int32.self, "slct.b32.s32 %d, %a, %b, %c;", operands: 3) { a, b, c in
      UInt64(UInt32(bitPattern: c >= 0 ? a : b))
    }
    try check(Int32.self, "set.lt.u32.s32 %d, %a, %b;") { a, b, _ in a < b ? .max : 0 }
    try check(Int32.self, "set.lt.f32.s32 %d, %a, %b;") { a, b, _ in
      a < b ? UInt64((1 as Float).bitPattern) : 0
    }
  }

  @Test func integersConvert() throws {
    try check(Int32.self, "cvt.s64.s32 %d, %a;", operands: 1, result: 64) { a, _, _ in
      UInt64(bitPattern: Int64(a))
    }
    try check(UInt32.self, "cvt.u64.u32 %d, %a;", operands: 1, result: 64) { a, _, _ in UInt64(a) }
    try check(Int32.self, "cvt.s32.s8 %d, %a;", operands: 1) { a, _, _ in
      UInt64(truncatingIfNeeded: Int8(truncatingIfNeeded: a))
    }
    try check(UInt64.self, "cvt.u16.u64 %d, %a;", operands: 1, result: 16) { a, _, _ in a }
    try check(Int64.self, "cvt.sat.s8.s64 %d, %a;", operands: 1, result: 16) { a, _, _ in
      UInt64(truncatingIfNeeded: max(-128, min(127, a)))
    }
    try check(Int32.self, "cvt.sat.u16.s32 %d, %a;", operands: 1, result: 16) { a, _, _ in
      UInt64(max(0, min(65535, a)))
    }
    try check(UInt64.self, "cvt.sat.s32.u64 %d, %a;", operands: 1, result: 32) { a, _, _ in
      min(a, UInt64(Int32.max))
    }
    try check(Int32.self, "cvt.rn.f32.s32 %d, %a;", operands: 1) { a, _, _ in
      UInt64(Float(a).bitPattern)
    }
    try check(UInt64.self, "cvt.rn.f32.u64 %d, %a;", operands: 1, result: 32) { a, _, _ in
      UInt64(Float(a).bitPattern)
    }
    try check(UInt64.self, "cvt.rz.f32.u64 %d, %a;", operands: 1, result: 32) { a, _, _ in
      let near = Float(a)
      return UInt64(
        (UInt64(exactly: near).map { $0 > a } ?? true ? near.nextDown : near).bitPattern)
    }
    try check(Int64.self, "cvt.rn.f64.s64 %d, %a;", operands: 1) { a, _, _ in
      Double(a).bitPattern
    }
    try check(Int32.self, "cvt.rn.f16.s32 %d, %a;", operands: 1, result: 16) { a, _, _ in
      UInt64(Float16(a).bitPattern)
    }
  }

  // MARK: Floating point

  private static let floats: [Float] = [
    0, -0.0, 1, -1, 0.5, 1.5, 2.5, 3, -7.25, 0.1, 1e10, -1e-10, 3.4e38, -3.4e38, 0x1.5p-130,
    -0x1p-149,
    .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 65504, 16_777_215,
    2_147_483_648, 4_294_967_040, 1e20,
  ]

  private static let doubles: [Double] = [
    0, -0.0, 1, -1, 0.5, 1.5, 2.5, 3, 0.1, 1e300, -1e-300, 0x1p-1074, .leastNormalMagnitude,
    .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 9.3e18, 4e9, 65519.99,
    1.0000000596046448,
  ]

  private func check<T: FloatScalar>(
    _ values: [T], _ instruction: String, operands count: Int = 2, result: Int? = nil,
    width: Int, isNaNCompared: Bool = false, _ expected: (T, T, T) -> UInt64
  ) throws {
    let combinations = combinations(values.map(\.slot), count)
    let result = result ?? width
    let actual = try run(instruction, combinations, operand: width, result: result)
    for (value, bits) in zip(combinations, actual) {
      let wanted = expected(T(slot: value[0]), T(slot: value[1]), T(slot: value[2]))
      let isSame =
        bits == wanted
        || (!isNaNCompared && result == 32 && Float(slot: bits).isNaN && Float(slot: wanted).isNaN)
        || (!isNaNCompared && result == 64 && Double(slot: bits).isNaN
          && Double(slot: wanted).isNaN)
        || (!isNaNCompared && result == 16 && T.self == Float16.self && Float16(slot: bits).isNaN
          && Float16(slot: wanted).isNaN)
        || (!isNaNCompared && result == 16 && T.self == BFloat16.self
          && BFloat16(slot: bits).double.isNaN && BFloat16(slot: wanted).double.isNaN)
      guard isSame else {
        let names = value.prefix(count).map { "\(T(slot: $0).double)" }
        Issue.record(
          "\(instruction) of \(names): 0x\(hexadecimal(bits)), not 0x\(hexadecimal(wanted))")
        return
      }
    }
    #expect(actual.count == combinations.count)
  }

  /// `operation` in `f64`, which is exact enough for the comparison of the narrower formats, or
  /// Swift's own where the format is a type of Swift.
  private func checkFloats<T: BinaryFloatingPoint & FloatScalar>(
    _ values: [T], _ type: String, width: Int
  ) throws {
    try check(values, "add.rn.\(type) %d, %a, %b;", width: width) { a, b, _ in (a + b).slot }
    try check(values, "sub.\(type) %d, %a, %b;", width: width) { a, b, _ in (a - b).slot }
    try check(values, "mul.\(type) %d, %a, %b;", width: width) { a, b, _ in (a * b).slot }
    try check(values, "neg.\(type) %d, %a;", operands: 1, width: width) { a, _, _ in (-a).slot }
    try check(values, "abs.\(type) %d, %a;", operands: 1, width: width) { a, _, _ in
      a.magnitude.slot
    }
    func smaller(_ a: T, _ b: T) -> T {
      a.isNaN ? b : b.isNaN ? a : a < b || (a == b && a.sign == .minus) ? a : b
    }
    try check(values, "min.\(type) %d, %a, %b;", width: width) { a, b, _ in smaller(a, b).slot }
    try check(values, "max.\(type) %d, %a, %b;", width: width) { a, b, _ in
      (-smaller(-a, -b)).slot
    }
    if width < 64 {
      try check(values, "min.NaN.\(type) %d, %a, %b;", width: width) { a, b, _ in
        a.isNaN || b.isNaN ? T.canonicalNaN.slot : smaller(a, b).slot
      }
    }
    let comparisons: [(String, (T, T) -> Bool)] = [
      ("eq", { $0 == $1 }), ("ne", { $0 < $1 || $0 > $1 }), ("lt", { $0 < $1 }),
      ("le", { $0 <= $1 }), ("gt", { $0 > $1 }), ("ge", { $0 >= $1 }),
      ("equ", { !($0 < $1 || $0 > $1) }), ("neu", { $0 != $1 }), ("ltu", { !($0 >= $1) }),
      ("leu", { !($0 > $1) }), ("gtu", { !($0 <= $1) }), ("geu", { !($0 < $1) }),
      ("num", { !$0.isNaN && !$1.isNaN }), ("nan", { $0.isNaN || $1.isNaN }),
    ]
    for (name, holds) in comparisons {
      try check(
        values, "setp.\(name).\(type) %p2, %a, %b; selp.b32 %d, 1, 0, %p2;", result: 32,
        width: width
      ) { a, b, _ in holds(a, b) ? 1 : 0 }
    }
  }

  @Test func singlesAreSwifts() throws {
    let values = Self.floats
    try checkFloats(values, "f32", width: 32)
    try check(values, "div.rn.f32 %d, %a, %b;", width: 32) { a, b, _ in (a / b).slot }
    try check(values, "sqrt.rn.f32 %d, %a;", operands: 1, width: 32) { a, _, _ in
      a.squareRoot().slot
    }
    try check(values, "rcp.rn.f32 %d, %a;", operands: 1, width: 32) { a, _, _ in (1 / a).slot }
    try check(values, "fma.rn.f32 %d, %a, %b, %c;", operands: 3, width: 32) { a, b, c in
      c.addingProduct(a, b).slot
    }
    func flush(_ a: Float) -> Float { a.isSubnormal ? (a.sign == .minus ? -0.0 : 0.0) : a }
    try check(values, "add.ftz.f32 %d, %a, %b;", width: 32) { a, b, _ in
      flush(flush(a) + flush(b)).slot
    }
    try check(values, "mul.sat.f32 %d, %a, %b;", width: 32) { a, b, _ in
      let product = a * b
      return (product > 0 ? min(1, product) : 0).slot
    }
    try check(values, "copysign.f32 %d, %a, %b;", width: 32, isNaNCompared: true) { a, b, _ in
      UInt64(b.bitPattern & 0x7FFF_FFFF | a.bitPattern & 0x8000_0000)
    }
    try check(
      values, "testp.subnormal.f32 %p2, %a; selp.b32 %d, 1, 0, %p2;", operands: 1, width: 32
    ) { a, _, _ in a.isSubnormal ? 1 : 0 }
    try check(values, "add.f32 %d, %a, %b;", width: 32, isNaNCompared: true) { a, b, _ in
      (a + b).isNaN ? 0x7FFF_FFFF : (a + b).slot
    }
  }

  @Test func doublesAreSwifts() throws {
    let values = Self.doubles
    try checkFloats(values, "f64", width: 64)
    try check(values, "div.rn.f64 %d, %a, %b;", width: 64) { a, b, _ in (a / b).slot }
    try check(values, "sqrt.rn.f64 %d, %a;", operands: 1, width: 64) { a, _, _ in
      a.squareRoot().slot
    }
    try check(values, "fma.rn.f64 %d, %a, %b, %c;", operands: 3, width: 64) { a, b, c in
      c.addingProduct(a, b).slot
    }
  }

  @Test func halvesAreSwifts() throws {
    let values = Self.floats.map { Float16($0) } + [Float16(6e-8), Float16(1.0009765625), 2047]
    try checkFloats(values, "f16", width: 16)
    // Every product and sum is exact in `Float80`; its rounding is the only one.
    #if arch(x86_64)
      try check(values, "fma.rn.f16 %d, %a, %b, %c;", operands: 3, width: 16) { a, b, c in
        Float16(Float80(a) * Float80(b) + Float80(c)).slot
      }
    #endif
    try check(
      values, "mov.b32 %r4, {%a, %b}; add.f16x2 %r4, %r4, %r4; mov.b32 {%h1, %d}, %r4;", width: 16
    ) { _, b, _ in (b + b).slot }
    try check(
      values,
      "mov.b32 %r4, {%a, %b}; mov.b32 %r5, {%b, %b}; setp.lt.f16x2 %p2|%p3, %r4, %r5;\n"
        + "selp.b32 %r6, 1, 0, %p2; selp.b32 %r7, 2, 0, %p3; or.b32 %d, %r6, %r7;",
      result: 32, width: 16
    ) { a, b, _ in a < b ? 1 : 0 }
  }

  /// The nearest `bf16` by its definition: the low half of a `Float` is rounded away.
  private func brain(_ value: Double) -> UInt64 {
    let single = Float(value)
    if single.isNaN { return 0x7FFF }
    let bits = single.bitPattern
    let candidates = [bits & 0xFFFF_0000, (bits & 0xFFFF_0000) &+ 0x1_0000]
    let exact = candidates.map { Float(bitPattern: $0) }
    if exact[0].isInfinite { return UInt64(candidates[0] >> 16) }
    let upper = exact[1].isInfinite ? 0x1p128 * (value < 0 ? -1 : 1) : Double(exact[1])
    let distances = (abs(value - Double(exact[0])), abs(upper - value))
    let isUpper =
      distances.1 < distances.0 || (distances.0 == distances.1 && candidates[0] >> 16 & 1 == 1)
    return UInt64(candidates[isUpper ? 1 : 0] >> 16)
  }

  @Test func brainFloatsRoundOnce() throws {
    let values = (Self.floats + [1.0078125, 255, 3.0078125e-2]).map { BFloat16(Double($0)) }
    try check(values, "add.rn.bf16 %d, %a, %b;", width: 16) { a, b, _ in
      brain(a.double + b.double)
    }
    try check(values, "mul.rn.bf16 %d, %a, %b;", width: 16) { a, b, _ in
      brain(a.double * b.double)
    }
    try check(values, "fma.rn.bf16 %d, %a, %b, %c;", operands: 3, width: 16) { a, b, c in
      // The product is exact; the sum is a value and an error, which decides ties.
      let product = a.double * b.double
      let sum = product + c.double
      return brain(sticky(sum, error: additionError(product, c.double, sum)))
    }
    try check(Self.floats, "cvt.rn.bf16.f32 %d, %a;", operands: 1, result: 16, width: 32) {
      a, _, _ in brain(Double(a))
    }
    try check(values, "cvt.f32.bf16 %d, %a;", operands: 1, result: 32, width: 16) { a, _, _ in
      UInt64(a.bitPattern) << 16
    }
    try check(Self.floats, "cvt.rn.bf16x2.f32 %d, %a, %b;", width: 32, isNaNCompared: true) {
      a, b, _ in brain(Double(a)) << 16 | brain(Double(b))
    }
  }

  @Test func floatsConvert() throws {
    func integer<T: FixedWidthInteger>(_ value: Double, _: T.Type, nan: T) -> UInt64 {
      if value.isNaN { return UInt64(truncatingIfNeeded: nan) & mask(T.bitWidth) }
      if value >= Double(T.max) { return UInt64(truncatingIfNeeded: T.max) & mask(T.bitWidth) }
      if value <= Double(T.min) { return UInt64(truncatingIfNeeded: T.min) & mask(T.bitWidth) }
      return UInt64(truncatingIfNeeded: T(value)) & mask(T.bitWidth)
    }
    func mask(_ width: Int) -> UInt64 { width == 64 ? .max : 1 << UInt64(width) - 1 }
    let rules: [(String, FloatingPointRoundingRule)] = [
      ("rni", .toNearestOrEven), ("rzi", .towardZero), ("rmi", .down), ("rpi", .up),
    ]
    for (name, rule) in rules {
      try check(Self.floats, "cvt.\(name).s32.f32 %d, %a;", operands: 1, width: 32) { a, _, _ in
        integer(Double(a).rounded(rule), Int32.self, nan: 0)
      }
      try check(Self.floats, "cvt.\(name).u32.f32 %d, %a;", operands: 1, width: 32) { a, _, _ in
        integer(Double(a).rounded(rule), UInt32.self, nan: 0)
      }
      try check(
        Self.doubles, "cvt.\(name).s64.f64 %d, %a;", operands: 1, width: 64, isNaNCompared: true
      ) { a, _, _ in integer(a.rounded(rule), Int64.self, nan: Int64.min) }
      try check(
        Self.floats, "cvt.\(name).u64.f32 %d, %a;", operands: 1, result: 64, width: 32,
        isNaNCompared: true
      ) { a, _, _ in integer(Double(a).rounded(rule), UInt64.self, nan: 1 << 63) }
      try check(Self.floats, "cvt.\(name).f32.f32 %d, %a;", operands: 1, width: 32) { a, _, _ in
        a.rounded(rule).slot
      }
      try check(Self.doubles, "cvt.\(name).f64.f64 %d, %a;", operands: 1, width: 64) { a, _, _ in
        a.rounded(rule).slot
      }
    }
    try check(Self.doubles, "cvt.rn.f32.f64 %d, %a;", operands: 1, result: 32, width: 64) {
      a, _, _ in Float(a).slot
    }
    for (name, rule) in [("rz", FloatingPointRoundingRule.towardZero), ("rp", .up), ("rm", .down)] {
      try check(Self.doubles, "cvt.\(name).f32.f64 %d, %a;", operands: 1, result: 32, width: 64) {
        a, _, _ in
        let near = Float(a)
        guard a.isFinite, Double(near) != a else { return near.slot }
        let (low, high) = Double(near) < a ? (near, near.nextUp) : (near.nextDown, near)
        let isHigh = rule == .up || (rule == .towardZero && a < 0)
        return (isHigh ? high : low).slot
      }
    }
    try check(Self.floats, "cvt.f64.f32 %d, %a;", operands: 1, result: 64, width: 32) { a, _, _ in
      Double(a).slot
    }
    try check(
      Self.floats,
      "cvt.rn.f16.f32 %d, %a; cvt.f32.f16 %d2, %d; mov.b32 %r4, %d2;".replacing(
        "%d2", with: "%r5"), operands: 1, result: 16, width: 32, isNaNCompared: false
    ) { a, _, _ in a.isNaN ? 0x7E00 : Float16(a).slot }
  }

  /// Directed roundings, against the same by `Float80`.
  @Test func roundingsAreDirected() throws {
    #if arch(x86_64)
      func round(_ exact: Float80, _ up: Bool, zero: Float) -> UInt64 {
        if exact.isNaN { return Float.nan.slot }
        if exact == 0 { return zero.slot }
        var near = Float(exact)
        if exact.isInfinite { return near.slot }
        if up, Float80(near) < exact { near = near.nextUp }
        if !up, Float80(near) > exact { near = near.nextDown }
        return near.slot
      }
      // Sums and products of these are exact in 64 bits.
      let values: [Float] = [1, -1, 0.1, 3, 16_777_215, -0.7, 1e-7, 2, .greatestFiniteMagnitude]
      for isUp in [true, false] {
        let name = isUp ? "rp" : "rm"
        try check(values, "add.\(name).f32 %d, %a, %b;", width: 32) { a, b, _ in
          // The largest number and a small one do not fit into 64 bits: the sign decides.
          guard abs(a) < 1e30, abs(b) < 1e30 else {
            let sum = a + b
            if a + b == 0 { return (isUp ? 0.0 : -0.0 as Float).slot }
            let big = abs(a) > abs(b) ? a : b
            let small = abs(a) > abs(b) ? b : a
            guard abs(small) < 1e30 else { return round(Float80(a) + Float80(b), isUp, zero: 0) }
            _ = sum
            return (isUp == (small > 0) ? (isUp ? big.nextUp : big.nextDown) : big).slot
          }
          return round(Float80(a) + Float80(b), isUp, zero: isUp ? 0.0 : -0.0)
        }
        try check(values, "mul.\(name).f32 %d, %a, %b;", width: 32) { a, b, _ in
          round(Float80(a) * Float80(b), isUp, zero: 0)
        }
        try check(values, "div.\(name).f32 %d, %a, %b;", width: 32) { a, b, _ in
          round(Float80(a) / Float80(b), isUp, zero: 0)
        }
      }
      try check([0.1, 0.2, 1, -3, 0x1p-9] as [Double], "add.rz.f64 %d, %a, %b;", width: 64) {
        a, b, _ in
        let exact = Float80(a) + Float80(b)
        let near = a + b
        return (abs(Float80(near)) > abs(exact) ? (near > 0 ? near.nextDown : near.nextUp) : near)
          .slot
      }
    #endif
  }

  /// The approximations are within two units in the last place of the true value.
  @Test func approximationsAreClose() throws {
    let values = (1...60).map { Float($0) * 0.37 }
    let functions: [(String, (Double) -> Double)] = [
      ("rcp.approx.f32", { 1 / $0 }), ("rsqrt.approx.f32", { 1 / $0.squareRoot() }),
      ("sqrt.approx.f32", { $0.squareRoot() }), ("rcp.approx.ftz.f32", { 1 / $0 }),
    ]
    for (name, function) in functions {
      let bits = try run(
        "\(name) %d, %a;", values.map { [$0.slot, 0, 0] }, operand: 32, result: 32)
      for (value, result) in zip(values, bits) {
        let exact = function(Double(value))
        #expect(abs(Double(Float(slot: result)) - exact) <= exact * 0x1p-22, "\(name) \(value)")
      }
    }
    let points: [(String, Float, Float)] = [
      ("ex2.approx.f32", 3, 8), ("lg2.approx.f32", 1024, 10), ("sin.approx.f32", 0, 0),
      ("cos.approx.f32", 0, 1), ("tanh.approx.f32", 40, 1), ("ex2.approx.ftz.f32", -150, 0),
      ("lg2.approx.f32", 0, -.infinity), ("rsqrt.approx.f32", 0, .infinity),
    ]
    for (name, value, expected) in points {
      let bits = try run("\(name) %d, %a;", [[value.slot, 0, 0]], operand: 32, result: 32)
      #expect(Float(slot: bits.first ?? 1) == expected, "\(name)")
    }
  }
}
