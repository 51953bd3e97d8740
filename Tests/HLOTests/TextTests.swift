import Foundation
import Testing

@testable import HLO

@Suite struct TextTests {
  @Test func samplesAreThere() { #expect(lowered.count > 20) }

  @Test(arguments: lowered) func printsWhatJAXPrints(_ file: URL) throws {
    let text = try text(file)
    let module = try Module(parsing: text)
    #expect(module.defects().isEmpty)
    #expect(module.description == text)
  }

  /// The same values, ops and types come back; numbering may differ.
  @Test(arguments: lowered) func readsWhatItPrints(_ file: URL) throws {
    let module = try Module(parsing: text(file))
    #expect(try Module(parsing: module.description) == module)
  }

  /// Every prefix of a program is read without a crash, to an error with a place.
  @Test func refusesTruncatedText() throws {
    for file in lowered.prefix(6) {
      let bytes = Array(try text(file).utf8)
      for length in stride(from: 0, to: min(bytes.count, 4000), by: 7) {
        let text = String(decoding: bytes[..<length], as: UTF8.self)
        _ = messageOfReading(text)
      }
    }
  }

  /// A changed byte gives a program, or an error, never a crash.
  @Test func survivesMutations() throws {
    var state: UInt64 = 7
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    let letters = Array("()<>{}[]%@#!:,=x0129-.\"^ae".utf8)
    for file in lowered {
      let bytes = Array(try text(file).utf8.prefix(6000))
      for _ in 0..<40 {
        var mutated = bytes
        for _ in 0...(next() % 3) {
          mutated[next() % mutated.count] = letters[next() % letters.count]
        }
        _ = messageOfReading(String(decoding: mutated, as: UTF8.self))
      }
    }
  }

  @Test func readsGenericForms() throws {
    let module = try Module(
      parsing: """
        module {
          func.func @f(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
            %0 = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("a.py":1:2)
            %1 = "stablehlo.add"(%0, %0) {note = "twice"} : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
            "func.return"(%1) : (tensor<3x2xf32>) -> ()
          }
        }
        """)
    #expect(module.defects().isEmpty)
    #expect(module.description.contains("stablehlo.transpose %arg0, dims = [1, 0]"))
    #expect(
      module.description.contains("stablehlo.add %0, %0 {note = \"twice\"} : tensor<3x2xf32>"))
  }

  @Test func separatesModules() throws {
    let function = "func.func @f() { return }\n"
    #expect(try Module.parse(function + "// -----\n" + function).count == 2)
  }

  @Test(arguments: [
    ("%0 = stablehlo.add %x, %y : tensor<2xf32>", "undefined value %y"),
    ("%0 = stablehlo.nope %x : tensor<2xf32>", "unknown operation 'stablehlo.nope'"),
    (
      "%0 = stablehlo.add %x, %x : tensor<3xf32>",
      "an operand is tensor<2xf32>, the text says tensor<3xf32>"
    ),
    (
      "%0 = stablehlo.constant dense<[1.0, 2.0]> : tensor<3xf32>",
      "a list does not fit the type tensor<3xf32>"
    ),
    ("%0 = stablehlo.constant dense<x> : tensor<f32>", "expected an element of type f32"),
    ("%0 = stablehlo.iota dim = 0 : tensor<3xf31>", "unknown element type 'f31'"),
    ("%0 = stablehlo.constant dense<300> : tensor<i8>", "the number does not fit the type i8"),
    ("%0 = stablehlo.constant dense<-1> : tensor<ui8>", "the number does not fit the type ui8"),
    ("%0 = stablehlo.constant dense<16> : tensor<i4>", "the number does not fit the type i4"),
    ("%0 = stablehlo.constant dense<-129> : tensor<i8>", "the number does not fit the type i8"),
    ("%0 = stablehlo.constant dense<2> : tensor<i1>", "the number does not fit the type i1"),
    (
      "%0 = stablehlo.constant dense<0x17F800000> : tensor<f32>",
      "the number does not fit the type f32"
    ),
    ("%x = stablehlo.constant dense<1.0> : tensor<f32>", "%x is defined already"),
    (
      "%0 = stablehlo.custom_call @f(%x) {y = #nope} : (tensor<2xf32>) -> tensor<2xf32>",
      "undefined attribute alias #nope"
    ),
    (
      "%0 = stablehlo.custom_call @f(%x) {api_version = 77 : i32} : (tensor<2xf32>) -> tensor<2xf32>",
      "api_version is 0 to 4, not 77"
    ),
    (
      "%0 = stablehlo.iota dim = 0 : tensor<?xf32>",
      "iota.results: a static shape expected, got tensor<?xf32>"
    ),
    (
      "%0 = \"stablehlo.concatenate\"(%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>",
      "'stablehlo.concatenate' needs the attribute 'dimension'"
    ),
    (
      "%0 = \"stablehlo.iota\"() {iota_dimension = \"0\"} : () -> tensor<4xf32>",
      "malformed attribute 'iota_dimension' of 'stablehlo.iota'"
    ),
  ]) func reportsMistakes(_ body: String, _ message: String) {
    #expect(defect("%x: tensor<2xf32>", body) == message)
  }

  /// Bits of a type without a sign are written as MLIR reads them.
  @Test(arguments: [
    ("dense<[255, -128]> : tensor<2xi8>", "dense<[-1, -128]> : tensor<2xi8>"),
    ("dense<[15, -8]> : tensor<2xi4>", "dense<[-1, -8]> : tensor<2xi4>"),
    ("dense<[255, 0xFE]> : tensor<2xui8>", "dense<[255, 254]> : tensor<2xui8>"),
    ("dense<1> : tensor<i1>", "dense<true> : tensor<i1>"),
    ("dense<-9223372036854775808> : tensor<i64>", "dense<-9223372036854775808> : tensor<i64>"),
    ("dense<18446744073709551615> : tensor<ui64>", "dense<18446744073709551615> : tensor<ui64>"),
  ]) func readsTheEndsOfTypes(_ text: String, _ printed: String) throws {
    let type = text.split(separator: " ").last!
    let module = try Module.parse(
      "func.func @f() -> \(type) { %0 = stablehlo.constant \(text) return %0 : \(type) }")[0]
    #expect(module.description.contains("stablehlo.constant \(printed)"))
  }
}
