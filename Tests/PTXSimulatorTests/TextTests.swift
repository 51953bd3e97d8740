import Support
import Testing

@testable import PTXSimulator

/// Reading PTX: errors have places, and no text makes the reader fall.
@Suite struct TextTests {
  /// `line:column message` of the error that loading `text` gives.
  private func error(_ text: String) -> String {
    let device = PTXDevice()
    do {
      _ = try device.load(text, name: "t.ptx")
      return "none"
    } catch {
      guard let span = error.span, let place = device.sources.location(of: span) else {
        return error.message
      }
      return "\(place.line):\(place.column) \(error.message)"
    }
  }

  @Test(arguments: [
    ("add.s32 %r1, %r2, 1;", "none"),
    ("frob.s32 %r1, %r2, 1;", "12:1 unsupported: the instruction 'frob'"),
    ("add.foo.s32 %r1, %r2, 1;", "12:4 unsupported: '.foo' of 'add'"),
    ("add.s32 %r1, %r2;", "12:1 'add' has 2 operands, not 3"),
    (
      "add.s32 %r1, %f2, 1;",
      "12:14 expected an operand of type '.s32', found a register of type '.f32'"
    ),
    ("add.s32 %r1, %r99, 1;", "12:14 the register '%r99' is not declared"),
    ("add.f32 %f1, %f2, 1;", "12:19 expected an operand of type '.f32', found an integer"),
    ("div.f32 %f1, %f2, %f3;", "12:1 'div.f32' needs a rounding"),
    ("cvt.s32.f32 %r1, %f1;", "12:1 this conversion has the wrong rounding"),
    ("cvt.f16.f32 %rs1, %f1;", "12:1 this conversion has the wrong rounding"),
    ("bra L;", "12:5 the label 'L' is not defined"),
    ("L: ret; L: ret;", "12:9 the label 'L' is defined twice"),
    ("call f, ();", "12:6 unsupported: a call of 'f', which is not defined in this module"),
    ("ld.shared.u32 %r1, [p];", "12:20 'p' is not in shared memory"),
    ("ld.global.u32 %r1, [%r2];", "12:21 unsupported: addresses of 32 bits"),
    ("mov.u32 %r1, 0f3F8;", "12:14 malformed number '0f3F8'"),
    ("mov.u32 %r1 %r2;", "12:13 expected ';', found '%r2'"),
    ("@%r1 bra L;", "12:2 '%r1' is not a predicate"),
    ("setp.lt.b32 %p1, %r1, %r2;", "12:1 unsupported: the comparison '.lt' of type '.b32'"),
    ("atom.global.mul.u32 %r1, [%rd1], 1;", "12:1 'atom' needs an operation"),
    ("/* never ends", "12:1 this comment does not end"),
    ("shfl.down.b32 %r1, %r2, 1, 31;", "12:1 unsupported: 'shfl' without '.sync'"),
    ("wgmma.fence.sync.aligned;", "12:1 unsupported: the instruction 'wgmma'"),
  ])
  func errorsHavePlaces(_ line: String, _ expected: String) {
    #expect(error(Harness.kernel(line)) == expected)
  }

  @Test func modulesAreChecked() {
    #expect(error("") == "1:1 expected '.version', found the end of the text")
    #expect(error(".version 5.0\n").hasPrefix("1:10 unsupported: PTX version 5.0"))
    #expect(error(".version 7.0\n.target sm_80\n.address_size 32").hasPrefix("3:1 unsupported"))
    #expect(error(".version 7.0\n.global .u32 a;\n.global .u32 a;") == "3:14 'a' is declared twice")
    #expect(
      error(".version 7.0\n.global .u32 a[2] = {1,2,3};")
        == "2:14 the initializer of 'a' is too long")
    let recursive = ".version 7.0\n.func f() { call g, (); ret; }\n.func g() { call f, (); ret; }"
    #expect(error(recursive) == "2:7 unsupported: recursion")
    #expect(error(".version 7.0\n.visible .entry k() { ret; ").hasPrefix("2:28 expected an instr"))
  }

  @Test func debugInformationIsSkipped() {
    let text = """
      .version 7.8
      .target sm_80, debug
      .address_size 64
      .file 1 "a.cu", 1234, 56
      .visible .entry k()
      .maxntid 128, 1, 1
      .minnctapersm 2
      {
      .reg .b32 %r<3>;
      .loc 1 5 3
      mov.u32 %r1, %tid.x;
      .loc 1 6 3, function_name $L__info, inlined_at 1 4 2
      { .reg .b32 %r<2>; .reg .f32 %r5; mov.f32 %r5, 0f3F800000; }
      $L__BB0_1: .pragma "nounroll";
      ret;
      }
      .section .debug_abbrev
      {
      .b8 1
      .b8 17, 1
      }
      """
    #expect(error(text) == "none")
  }

  /// Samples with bytes changed, lines dropped and lines swapped: an error or none, never a trap.
  @Test func mutatedTextNeverTraps() throws {
    var random = SplitMix(state: 20)
    let pieces: [[UInt8]] = [
      "%r1", "{", "}", "[", "]", "(", ")", ";", ",", ".v4", ".f32", "-", "0f3F800000", "9999999999",
      "bra", "@", ":", ".param", ".shared", "%p1", "\"", "/*", ".align", "<", ">", "_", "|", "0x",
    ].map { Array($0.utf8) }
    var rejected = 0
    for name in try Harness.samples() {
      let original = Array(try Harness.sample(name).utf8)
      for _ in 0..<60 {
        var text = original
        for _ in 0..<1 + Int(random.next() % 4) {
          let place = Int(random.next() % UInt64(text.count))
          switch random.next() % 4 {
          case 0: text[place] = UInt8(truncatingIfNeeded: random.next())
          case 1: text.removeSubrange(place..<min(place + Int(random.next() % 40), text.count))
          case 2:
            text.insert(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))], at: place)
          default: text.swapAt(place, Int(random.next() % UInt64(text.count)))
          }
        }
        let device = PTXDevice(byteCount: 1 << 20)
        device.instructionLimit = 20_000
        do {
          let module = try device.load(String(decoding: text, as: UTF8.self))
          for kernel in module.kernels {
            let size = module.parameters(of: kernel)?.last.map { $0.offset + $0.byteCount } ?? 0
            try module.launch(
              kernel, grid: (1, 1, 1), block: (64, 1, 1),
              parameters: [UInt8](repeating: 1, count: size))
          }
        } catch {
          rejected += 1
        }
      }
    }
    #expect(rejected > 40)
  }
}

/// A small generator of random bits with a seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
