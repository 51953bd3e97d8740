import Glibc
import Tensor

/// The extents that an argument names: an integer or a sequence of them, each of any sign.
func numpyExtents(_ object: Object) throws -> [Int] {
  if let extent = try? index(object) { return [extent] }
  return try list(object).map(requireIndex)
}

/// The shape that an argument names, of an array that can exist.
func numpyShape(_ object: Object) throws -> Shape {
  try checkedNumpyShape(numpyExtents(object))
}

/// A shape whose extents are not negative, and whose elements (of eight bytes) fit into memory.
///
/// - Throws: `ValueError` or `MemoryError` in NumPy's words.
func checkedNumpyShape(_ extents: [Int]) throws -> Shape {
  if extents.contains(where: { $0 < 0 }) {
    throw valueError("negative dimensions are not allowed")
  }
  guard let byteCount = Shape(extents).byteCount(of: .f64) else {
    throw valueError(
      "array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.")
  }
  guard byteCount <= memorySize else {
    throw raised(
      "MemoryError", "Unable to allocate an array with shape \(try repr(.ints(extents)))")
  }
  return Shape(extents)
}

/// How many elements a range has: `extent` rounded up, if so many can be had.
///
/// - Throws: `ValueError` or `MemoryError` in NumPy's words.
func numpyCount(_ extent: Double) throws -> Int {
  let count = max(0, extent.rounded(.up))
  guard count < 0x1p62 else { throw valueError("Maximum allowed size exceeded") }
  return try checkedNumpyShape([Int(count)]).count
}

/// The machine's memory, in bytes.
private let memorySize = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
