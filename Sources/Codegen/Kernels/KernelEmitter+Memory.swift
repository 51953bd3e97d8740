import CLLVM
import LoopIR
import Tensor

extension KernelEmitter {
  /// The first element of a memory; locals get their place when they are met first.
  func address(of id: Kernel.MemoryID) -> IRValue {
    if let known = memories[id.index] { return known }
    let place = place(of: id)
    memories[id.index] = place
    return place
  }

  func emitLoad(_ id: Kernel.MemoryID, _ index: LaneValue) throws -> LaneValue {
    let type = kernel.memories[id].type
    if type.isMinifloat, lanes > 1 { throw refusal() }
    let storage = ir.storage(type)
    let base = address(of: id)
    if index.isUniform && !(mayBeInactive && lanes > 1) {
      if type.isComplex {
        let first = ir.mul(index.real, ir.constant(index: 2))
        let second = ir.add(first, ir.constant(index: 1))
        return .uniform(
          ir.load(storage, ir.address(storage, base, first), alignment: type.alignment),
          ir.load(storage, ir.address(storage, base, second), alignment: type.alignment))
      }
      let loaded = ir.load(
        storage, ir.address(storage, base, index.real), alignment: type.alignment)
      return .loaded(.uniform(try registerValue(loaded, type)), from: loaded)
    }
    if index.stride == 1 {
      if type.isComplex {
        let pairs = loadVector(
          storage, ir.address(storage, base, ir.mul(index.real, ir.constant(index: 2))),
          count: 2 * lanes, mask: mask.map(doubled), alignment: alignment(of: id, at: index))
        let undefined = ir.undefined(pairs.type)
        return .varying(
          ir.shuffle(pairs, undefined, (0..<lanes).map { 2 * $0 }),
          ir.shuffle(pairs, undefined, (0..<lanes).map { 2 * $0 + 1 }))
      }
      let loaded = loadVector(
        storage, ir.address(storage, base, index.real), count: lanes, mask: mask,
        alignment: alignment(of: id, at: index))
      return .loaded(.varying(try registerValue(loaded, type)), from: loaded)
    }
    let indices = spread(index).real
    if type.isComplex {
      let first = ir.mul(indices, ir.constant(2, indices.type))
      let second = ir.add(first, ir.constant(1, indices.type))
      return .varying(
        gather(storage, base, first, alignment: type.alignment),
        gather(storage, base, second, alignment: type.alignment))
    }
    let loaded = gather(storage, base, indices, alignment: type.alignment)
    return .loaded(.varying(try registerValue(loaded, type)), from: loaded)
  }

  func emitStore(
    _ id: Kernel.MemoryID, _ index: LaneValue, _ stored: LaneValue, type: ElementType
  ) throws {
    if type.isMinifloat, lanes > 1 { throw refusal() }
    let storage = ir.storage(type)
    let base = address(of: id)
    if lanes == 1 {
      if let imaginary = stored.imaginary {
        let first = ir.mul(index.real, ir.constant(index: 2))
        let second = ir.add(first, ir.constant(index: 1))
        ir.store(stored.real, ir.address(storage, base, first), alignment: type.alignment)
        ir.store(imaginary, ir.address(storage, base, second), alignment: type.alignment)
      } else {
        ir.store(
          try storageValue(stored, type), ir.address(storage, base, index.real),
          alignment: type.alignment)
      }
      return
    }
    if index.isUniform { throw refusal() }
    let stored = spread(stored)
    if index.stride == 1 {
      if let imaginary = stored.imaginary {
        let pairs = ir.shuffle(
          stored.real, imaginary, (0..<lanes).flatMap { [$0, $0 + lanes] })
        storeVector(
          pairs, ir.address(storage, base, ir.mul(index.real, ir.constant(index: 2))),
          mask: mask.map(doubled), alignment: alignment(of: id, at: index))
      } else {
        let value = inWords(try storageValue(stored, type), isComputed: stored.loaded == nil)
        storeVector(
          value, ir.address(storage, base, index.real), mask: mask,
          alignment: alignment(of: id, at: index))
      }
      return
    }
    let indices = spread(index).real
    if let imaginary = stored.imaginary {
      let first = ir.mul(indices, ir.constant(2, indices.type))
      let second = ir.add(first, ir.constant(1, indices.type))
      scatter(stored.real, storage, base, first, alignment: type.alignment)
      scatter(imaginary, storage, base, second, alignment: type.alignment)
    } else {
      scatter(
        try storageValue(stored, type), storage, base, indices, alignment: type.alignment)
    }
  }

  // MARK: Vectors

  private func doubled(_ mask: IRValue) -> IRValue {
    ir.shuffle(mask, ir.undefined(mask.type), (0..<lanes).flatMap { [$0, $0] })
  }

  private var fullMask: IRValue {
    mask ?? ir.constant(-1, ir.vector(ir.i1, lanes))
  }

  private func loadVector(
    _ element: IRType, _ pointer: IRValue, count: Int, mask: IRValue?, alignment: Int
  ) -> IRValue {
    let type = ir.vector(element, count)
    guard let mask else { return ir.load(type, pointer, alignment: alignment) }
    return ir.intrinsic(
      "llvm.masked.load", [type, ir.pointer],
      [pointer, ir.constant(Int64(alignment), ir.i32), mask, ir.zero(type)])
  }

  private func storeVector(_ value: IRValue, _ pointer: IRValue, mask: IRValue?, alignment: Int) {
    guard let mask else { return ir.store(value, pointer, alignment: alignment) }
    _ = ir.intrinsic(
      "llvm.masked.store", [value.type, ir.pointer],
      [value, pointer, ir.constant(Int64(alignment), ir.i32), mask])
  }

  /// Computed bytes as the words of which a GPU stores several at a time. LLVM would see through what
  /// makes words of them, and store each by itself.
  private func inWords(_ value: IRValue, isComputed: Bool) -> IRValue {
    let count = ir.lanes(value.type) / 4
    guard machine.isGPU, count > 1, ir.element(value.type) == ir.i8 else { return value }
    let parts = (0..<count).map { number in
      let bytes = ir.shuffle(value, ir.undefined(value.type), (0..<4).map { 4 * number + $0 })
      let word = ir.bitcast(bytes, ir.i32)
      if !isComputed { return word }
      return ir.assembly("mov.b32 $0, $1;", constraints: "=r,r", result: ir.i32, [word])
    }
    return parts.enumerated().reduce(ir.undefined(ir.vector(ir.i32, count))) {
      ir.insert($1.element, into: $0, at: $1.offset)
    }
  }

  private func gather(
    _ element: IRType, _ base: IRValue, _ indices: IRValue, alignment: Int
  ) -> IRValue {
    let type = ir.vector(element, lanes)
    let pointers = ir.address(element, base, indices)
    return ir.intrinsic(
      "llvm.masked.gather", [type, pointers.type],
      [pointers, ir.constant(Int64(alignment), ir.i32), fullMask, ir.zero(type)])
  }

  private func scatter(
    _ value: IRValue, _ element: IRType, _ base: IRValue, _ indices: IRValue, alignment: Int
  ) {
    let pointers = ir.address(element, base, indices)
    _ = ir.intrinsic(
      "llvm.masked.scatter", [value.type, pointers.type],
      [value, pointers, ir.constant(Int64(alignment), ir.i32), fullMask])
  }

  // MARK: Between memory and registers

  /// What was loaded, as it is computed with.
  func registerValue(_ loaded: IRValue, _ type: ElementType) throws -> IRValue {
    switch type {
    case .bool: return ir.icmp(LLVMIntNE, loaded, ir.zero(loaded.type))
    case .bf16:
      let wide = ir.zext(loaded, ir.like(loaded, ir.i32))
      return ir.bitcast(ir.shl(wide, ir.constant(16, wide.type)), ir.like(loaded, ir.float))
    case .f16: return ir.fpext(loaded, ir.like(loaded, ir.float))
    case _ where type.isMinifloat: return try widenMinifloat(loaded, type)
    default: return loaded
    }
  }

  /// What was loaded or computed, as it is stored.
  func storageValue(_ value: LaneValue, _ type: ElementType) throws -> IRValue {
    try value.loaded ?? storageValue(value.real, type)
  }

  /// What was computed, as it is stored.
  func storageValue(_ value: IRValue, _ type: ElementType) throws -> IRValue {
    switch type {
    case .bool: return ir.zext(value, ir.like(value, ir.i8))
    case .bf16:
      let bits = ir.bitcast(value, ir.like(value, ir.i32))
      return ir.trunc(ir.lshr(bits, ir.constant(16, bits.type)), ir.like(value, ir.integer(16)))
    case .f16: return ir.fptrunc(value, ir.like(value, ir.half))
    case _ where type.isMinifloat: return try narrowMinifloat(value, type)
    default: return value
    }
  }

  func widenMinifloat(_ byte: IRValue, _ type: ElementType) throws -> IRValue {
    try callLibrary(
      "jx_float_from_f8", [ir.constant(Int64(type.rawValue), ir.i32), byte],
      ir.function(ir.float, [ir.i32, ir.i8]))
  }

  func narrowMinifloat(_ value: IRValue, _ type: ElementType) throws -> IRValue {
    try callLibrary(
      "jx_f8_from_float", [ir.constant(Int64(type.rawValue), ir.i32), value],
      ir.function(ir.i8, [ir.i32, ir.float]))
  }

  /// `value`, computed in `f32`, rounded to a narrower floating-point type; still in `f32`.
  func rounded(_ value: IRValue, to type: ElementType) throws -> IRValue {
    switch type {
    case .bf16:
      // Round to nearest even on the bits; NaN keeps its upper half, made quiet.
      let bits = ir.bitcast(value, ir.like(value, ir.i32))
      let lowest = ir.and(
        ir.lshr(bits, ir.constant(16, bits.type)), ir.constant(1, bits.type))
      let sum = ir.add(ir.add(bits, ir.constant(0x7fff, bits.type)), lowest)
      let quiet = ir.or(bits, ir.constant(0x40_0000, bits.type))
      let isNaN = ir.fcmp(LLVMRealUNO, value, value)
      let chosen = ir.and(
        ir.select(isNaN, quiet, sum), ir.constant(Int64(Int32(bitPattern: 0xffff_0000)), bits.type))
      return ir.bitcast(chosen, value.type)
    case .f16: return ir.fpext(ir.fptrunc(value, ir.like(value, ir.half)), value.type)
    case _ where type.isMinifloat:
      if lanes > 1 { throw refusal() }
      return try widenMinifloat(narrowMinifloat(value, type), type)
    default: return value
    }
  }
}
