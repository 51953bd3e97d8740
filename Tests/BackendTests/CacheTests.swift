import LoopIR
import Support
import Tensor
import Testing

@testable import Execution

/// What the cache and the libraries are made of.
@Suite struct CacheTests {
  @Test func digests() {
    func digest(_ text: String) -> String {
      var hash = SHA256()
      hash.update(text.utf8)
      return hash.finalize()
    }
    #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    var parts = SHA256()
    let text = String(repeating: "0123456789", count: 50)
    for character in text { parts.update(String(character).utf8) }
    #expect(parts.finalize() == digest(text))
  }

  @Test func archivesReadBack() throws {
    var archive = Archive()
    archive.members = [
      Archive.Member(name: "short.o", bytes: [1, 2, 3], symbols: ["a", "b"]),
      Archive.Member(name: "a_name_that_is_longer.o", bytes: [4], symbols: ["c"]),
      Archive.Member(name: "another_name_that_is_long.o", bytes: [], symbols: []),
    ]
    let copy = try Archive(parsing: archive.bytes)
    #expect(copy.members.map(\.name) == archive.members.map(\.name))
    #expect(copy.members.map(\.bytes) == archive.members.map(\.bytes))
    #expect(copy.members.map(\.symbols) == archive.members.map(\.symbols))
    for count in archive.bytes.indices {
      // Whatever is left of an archive: an error or fewer members, never a crash.
      _ = try? Archive(parsing: Array(archive.bytes[..<count]))
    }
  }

  @Test func programsReadBack() throws {
    var program = Program(name: "copy")
    var procedure = Procedure(name: "copy")
    let shape = Shape([2, 3])
    let source = procedure.parameter(.f32, shape)
    let destination = procedure.parameter(.f32, shape, isResult: true)
    procedure.body = [.copy(source: source, destination: destination)]
    program.entry = program.procedures.append(procedure)
    let compiled = try CompiledProgram(program)
    let encoded = compiled.encoded
    #expect(CompiledProgram(encoded: encoded) == compiled)
    for count in stride(from: 0, to: encoded.count, by: 7) {
      #expect(CompiledProgram(encoded: Array(encoded[..<count])) == nil)
    }
  }
}
