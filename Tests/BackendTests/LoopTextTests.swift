import LoopIR
import Support
import Tensor
import Testing

/// The text of LoopIR reads back; what is no such text is refused with its place.
@Suite struct LoopTextTests {
  private static let sample = """
    program @sample

    constant %c0: c64[2] = [(1.5, -0.0), (0x7FC00000, 3.0)]

    callback %h0 = "print \\"x\\"" of #3

    kernel @sum_0(%m0: f32[8] read, %m1: f32[1] write) {
      local %m2: i32[4]
      reduce %0 in 0 ..< 8 vector from (-0.0:f32) identity (0.0:f32) {
        %1: f32 = load %m0[%0]
        %2: bool = compare lt %1, 0x7F800000:f32
        if %2 {
          yield %1
        } else {
          yield 1e-45:f32
        } -> %3: f32
        yield %3
      } combine (%4, %5) {
        %6: f32 = add %4, %5
        yield %6
      } -> %7: f32
      while (%8 = %7, %9 = 0) {
        %10: bool = compare lt %9, 3
        yield %10
      } do (%11, %12) {
        %13: i64 = add %12, 1
        yield %11, %13
      } -> %14: f32, %15: i64
      for %16 in 0 ..< 4 carry (%17 = %14) {
        %18: i32 = convert %16
        store %m2[%16], %18
        yield %17
      } -> %19: f32
      store %m1[0], %19
    }

    entry procedure @main(%b0: f32[8]) -> (%b1: f32[1]) workspace 128 {
      donate 0 to 0
      %b2: i64[] at workspace + 0
      %b3: bool[] at workspace + 64
      %b4: c64[2] at constant %c0
      %b5: f32[1] at %b0 + 4
      repeat 3 {
        launch @sum_0(%b0, %b1)
      }
      while {
        fill %b3, true
      } %b3 do {
        copy %b5 to %b1
      }
      case %b3 {
        host %h0(%b0) -> ()
      } or {
        call @last(%b1)
      }
      library jx_cholesky<23, 1, 1, 1>(%b1, %b1)
    }

    procedure @last(%b0: f32[1]) -> () workspace 0 {
    }

    """

  @Test func everyFormReadsBack() throws {
    #expect(try Program(parsing: Self.sample).description == Self.sample)
  }

  @Test func routinesReadBack() throws {
    let product = Routine.matrixProduct(
      .init(type: .f64, batch: 2, rows: 3, columns: 5, inner: 4, transposeB: true, strideB: 0))
    let solve = Routine.triangularSolve(
      .init(
        type: .c64, batch: 2, rows: 3, columns: 5, left: false, lower: true, unitDiagonal: false,
        transpose: .adjoint))
    let sort = Routine.sort(
      .init(types: [.f32, .i32], outer: 2, size: 7, inner: 3, order: .descending(keys: 1)))
    let fft = Routine.fft(.init(kind: .irfft, type: .f32, batch: 4, lengths: [2, 6, 8]))
    let convolution = Routine.convolution(
      .init(
        type: .f32, groups: 2, batch: 3, features: 4, outputs: 5, window: [1, 3, 2],
        resultExtent: [1, 6, 7], inputExtent: [1, 8, 8], windowStride: [1, 1, 2],
        padding: [0, -1, 3], inputDilation: [1, 2, 1], windowDilation: [1, 1, 3],
        inputStride: [4, 512, 1, 0, 64, 8], kernelStride: [120, 6, 24, 0, -2, 1], kernelStart: 4,
        resultStride: [5, 420, 1, 0, 70, 10]))
    let others: [Routine] = [
      convolution,
      .topK(type: .f32, rows: 2, columns: 9, k: 3),
      .cholesky(type: .f64, batch: 2, size: 3, lower: true),
      .lu(type: .c128, batch: 2, rows: 3, columns: 4),
      .geqrf(type: .f32, batch: 1, rows: 5, columns: 4),
      .householderProduct(type: .f32, batch: 1, rows: 5, columns: 4, reflectors: 3),
      .eigh(type: .f64, batch: 2, size: 3, lower: false),
      .svd(type: .f32, batch: 2, rows: 3, columns: 4, vectors: true, full: false),
      .eig(type: .f32, batch: 2, size: 3, left: false, right: true),
      .schur(type: .c64, batch: 2, size: 3, vectors: true),
      .hessenberg(type: .f32, batch: 2, size: 3),
      .tridiagonal(type: .c64, batch: 2, size: 3, lower: true),
      .tridiagonalSolve(type: .f64, batch: 2, size: 5, columns: 3),
      .pivotedQR(type: .f32, batch: 1, rows: 5, columns: 4),
    ]
    for routine in [product, solve, sort, fft] + others {
      var program = Program(name: "f")
      var procedure = Procedure(name: "main")
      procedure.body = [.library(LibraryCall(routine, []))]
      program.procedures.append(procedure)
      #expect(try Program(parsing: program.description) == program)
    }
  }

  /// A defect in a line of the sample, and what is said about it.
  @Test(arguments: [
    ("%6: f32 = add %4, %5", "%6: f32 = add %4, %50", "%50 is not defined"),
    ("f32 = add", "f32 = sum", "no operation 'sum' takes 2 values"),
    ("%m0: f32[8] read", "%m0: f31[8] read", "'f31' is no element type"),
    ("launch @sum_0", "launch @sum_1", "there is no @sum_1"),
    ("jx_cholesky<23, 1, 1, 1>", "jx_cholesky<23, 1>", "no routine 'jx_cholesky' has these"),
    ("fill %b3, true", "fill %b3, 1.5", "expected a scalar of type bool"),
    ("%b5: f32[1] at %b0 + 4", "%b6: f32[1] at %b0 + 4", "%b5 has no declaration"),
    ("workspace 128 {", "workspace 128", "expected '{'"),
  ])
  func defectsHaveAPlace(line: String, defect: String, message: String) throws {
    let text = Self.sample.replacing(line, with: defect)
    #expect(text != Self.sample)
    do {
      _ = try Program(parsing: text)
      Issue.record("\(defect) was read")
    } catch {
      #expect(error.message.hasPrefix(message), "\(error.message)")
      let place = try #require(error.span)
      #expect(place.start > 0 && Int(place.start) <= text.utf8.count)
    }
  }
}
