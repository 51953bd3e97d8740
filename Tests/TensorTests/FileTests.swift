import Foundation
import Support
import Testing

@testable import Tensor

/// NumPy's files: those that NumPy wrote, our own, and damaged ones.
@Suite struct FileTests {
  private func bytes(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Cases/Tensor")
    return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  private let matrix = HostTensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])

  @Test func arraysThatNumPyWroteAreRead() throws {
    #expect(try Npy.decode(bytes("matrix.npy")).isIdentical(to: matrix))
    #expect(try Npy.decode(bytes("fortran.npy")).isIdentical(to: matrix))
    #expect(try Npy.decode(bytes("big_endian.npy")).elements(as: Int32.self) == [1, -2, 300])
    #expect(try Npy.decode(bytes("scalar.npy")).item == .float(2.5))
  }

  @Test func archivesAreRead() throws {
    let stored = try Npz.decode(bytes("stored.npz"))
    #expect(stored.map(\.name) == ["a", "b"])
    #expect(stored[0].tensor.isIdentical(to: matrix))
    let packed = try Npz.decode(bytes("compressed.npz"))
    #expect(packed[0].tensor.shape == [40, 60])
    #expect(packed[1].tensor.elements(as: Int64.self) == (0..<500).map { Int64($0 % 7) })
  }

  @Test func whatIsWrittenIsReadBack() throws {
    for type in ElementType.allCases where type.isNumeric && type.bitWidth >= 16 || type == .bool {
      let tensor = HostTensor.iota(type, [2, 2], dimension: 1)
      #expect(try Npy.decode(Npy.encode(tensor)).isIdentical(to: tensor), "\(type)")
    }
    let archive = Npz.encode([("x", matrix), ("y", HostTensor(scalar: true))])
    #expect(try Npz.decode(archive).map(\.name) == ["x", "y"])
  }

  @Test func damagedFilesGiveErrors() throws {
    let good = try bytes("matrix.npy")
    let archive = try bytes("compressed.npz")
    for length in stride(from: 0, to: good.count - 1, by: 7) {
      #expect(throws: Diagnostic.self) { try Npy.decode(Array(good[..<length])) }
    }
    for position in stride(from: 0, to: archive.count, by: 5) {
      var damaged = archive
      damaged[position] ^= 0xFF
      // Whatever happens, it is an error or an array, never a trap.
      _ = try? Npz.decode(damaged)
    }
  }
}
