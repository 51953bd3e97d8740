import BigInt
import Syntax

/// CPython's modulus of numeric hashes: 2⁶¹ − 1.
private let modulus = (1 << 61) - 1

/// `hash(object)`. Numbers and tuples hash as in CPython, which decides the order of sets.
func hash(_ object: Object) throws -> Int {
  switch object {
  case .none: return 0x0000_FCA8_6420
  case .ellipsis: return 0x11
  case .notImplemented: return 0x13
  case .bool(let value): return value ? 1 : 0
  case .int(let value): return hashInteger(value)
  case .big(let big):
    let remainder = Int(big.value.magnitude % BigUInt(modulus))
    let hash = big.value.sign == .minus ? -remainder : remainder
    return hash == -1 ? -2 : hash
  case .float(let value): return hashFloat(value)
  case .complex(let value):
    let hash = hashFloat(value.real) &+ 1_000_003 &* hashFloat(value.imaginary)
    return hash == -1 ? -2 : hash
  case .str(let value): return value.hash
  case .bytes(let value): return value.elements.hashValue
  case .tuple(let value):
    if value.cls != nil, let result = try hashOverloaded(object) { return result }
    return try hashTuple(value.items.map(hash))
  case .set(let value):
    guard value.isFrozen else { throw typeError("unhashable type: 'set'") }
    return try value.elements.map { try hash($0) &* 0x5851_F42D_4C95_7F2D }.reduce(0, ^)
  case .range(let value):
    return try hashTuple([value.count, hash(.int(value.start)), hash(.int(value.step))])
  case .list(let value):
    if value.extra != nil, let result = try hashOverloaded(object) { return result }
    throw typeError("unhashable type: '\(typeOf(object).name)'")
  case .dict(let value):
    if value.extra != nil, let result = try hashOverloaded(object) { return result }
    throw typeError("unhashable type: '\(typeOf(object).name)'")
  case .slice: throw typeError("unhashable type: 'slice'")
  case .array: throw typeError("unhashable type: '\(messageName(object))'")
  case .method(let method):
    return ObjectIdentifier(method.receiver.reference ?? method).hashValue
      ^ (try hash(method.function))
  case .function(let o): return ObjectIdentifier(o).hashValue
  case .builtin(let o): return ObjectIdentifier(o).hashValue
  case .type(let o):
    // Scalar types of one element type are equal.
    if let record = o.record as? ElementTypeRecord {
      return Int(record.elementType.rawValue) &+ 7907
    }
    return ObjectIdentifier(o).hashValue
  case .module(let o): return ObjectIdentifier(o).hashValue
  case .dtype(let type): return Int(type.rawValue) &+ 7919
  case .native(let native): return try native.hash()
  case .instance(let instance):
    if let result = try hashOverloaded(object) { return result }
    if let base = instance.base { return try hash(base) }
    return ObjectIdentifier(instance).hashValue
  }
}

private func hashOverloaded(_ object: Object) throws -> Int? {
  let cls = typeOf(object)
  if let method = cls.lookup(Names.hash) {
    if case .none = method { throw typeError("unhashable type: '\(cls.name)'") }
    let result = try call(bindAttribute(method, object, cls))
    switch result {
    case .int(let value): return value
    case .big: return try hash(result)
    case .bool(let value): return value ? 1 : 0
    default: throw typeError("__hash__ method should return an integer")
    }
  }
  return nil
}

private func hashInteger(_ value: Int) -> Int {
  let remainder = value % modulus
  return remainder == -1 ? -2 : remainder
}

private func hashFloat(_ value: Double) -> Int {
  if value.isNaN { return 0 }
  if value.isInfinite { return value > 0 ? 314159 : -314159 }
  if let whole = Int(exactly: value) { return hashInteger(whole) }
  // The fraction times a power of two, modulo 2⁶¹ − 1, where doubling is a rotation of 61 bits.
  var fraction = value.magnitude.significand
  var exponent = Int(value.magnitude.exponent) + 1
  fraction /= 2
  var hash = 0
  while fraction != 0 {
    hash = (hash << 28) & modulus | hash >> (61 - 28)
    fraction *= 268_435_456
    exponent -= 28
    let digit = Int(fraction)
    fraction -= Double(digit)
    hash += digit
    if hash >= modulus { hash -= modulus }
  }
  let shift = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61
  hash = (hash << shift) & modulus | hash >> (61 - shift)
  let signed = value < 0 ? -hash : hash
  return signed == -1 ? -2 : signed
}

/// The mixing of CPython's tuples (xxHash's primes).
private func hashTuple(_ hashes: [Int]) -> Int {
  var accumulator: UInt = 2_870_177_450_012_600_261
  for hash in hashes {
    accumulator &+= UInt(bitPattern: hash) &* 14_029_467_366_897_019_727
    accumulator = accumulator << 31 | accumulator >> 33
    accumulator &*= 11_400_714_785_074_694_791
  }
  accumulator &+= UInt(hashes.count) ^ (2_870_177_450_012_600_261 ^ 3_527_539)
  return accumulator == UInt.max ? 1_546_275_796 : Int(bitPattern: accumulator)
}
