import Glibc
import Syntax
import Tensor

extension NumpyModule {
  /// Functions of each element, or of each pair.
  static func defineElementwise(in module: ModuleObject) {
    definePairwise(in: module)
    for (name, function) in numpyFloatFunctions {
      module.def("\(name)(x, /, out=)") { a in
        let x = try numpy(a[0]).tensor
        if x.type.isComplex { return wrapped(try complexFunction(name, x)) }
        return wrapped(mapElements(x, as: Double.self, to: inexact(x.type), function))
      }
    }
    for (name, function) in numpyRoundingFunctions {
      module.def("\(name)(x, /, out=)") { a in
        let x = try numpy(a[0]).tensor
        return wrapped(
          x.type.isFloat ? mapElements(x, as: Double.self, to: x.type, function) : x)
      }
    }
    for name in ["abs", "absolute", "fabs"] {
      module.def("\(name)(x, /, out=)") { a in wrapped(numpyAbsolute(try numpy(a[0]).tensor)) }
    }
    module.def("sign(x, /)") { a in wrapped(numpySign(try numpy(a[0]).tensor)) }
    module.def("negative(x, /)") { a in wrapped(try numpyUnary(.negate, numpy(a[0]).tensor)) }
    module.def("positive(x, /)") { a in wrapped(try numpy(a[0]).tensor) }
    for name in ["invert", "bitwise_not"] {
      module.def("\(name)(x, /)") { a in wrapped(try numpyUnary(.invert, numpy(a[0]).tensor)) }
    }
    module.def("square(x, /)") { a in
      let x = NumpyOperand(try numpy(a[0]).tensor)
      return wrapped(try numpyBinary(.multiply, x, x))
    }
    module.def("reciprocal(x, /)") { a in
      let x = NumpyOperand(try numpy(a[0]).tensor)
      let one = NumpyOperand(HostTensor(scalar: Int64(1)), isWeak: true)
      return wrapped(try numpyBinary(x.tensor.type.isInexact ? .divide : .floorDivide, one, x))
    }
    module.def("logical_not(x, /)") { a in
      wrapped(try numpyUnary(.invert, numpyCast(numpy(a[0]).tensor, to: .bool)))
    }
    let tests: [(String, (Double) -> Bool)] = [
      ("isnan", { $0.isNaN }), ("isinf", { $0.isInfinite }), ("isfinite", { $0.isFinite }),
      ("signbit", { $0.sign == .minus }),
    ]
    for (name, function) in tests {
      module.def("\(name)(x, /)") { a in
        let x = try numpy(a[0]).tensor
        if x.type.isComplex {
          let isAll = name == "isfinite"
          return wrapped(
            mapElements(x, as: Complex<Double>.self, to: .bool) {
              isAll
                ? function($0.real) && function($0.imaginary)
                : function($0.real) || function($0.imaginary)
            })
        }
        return wrapped(mapElements(x, as: Double.self, to: .bool, function))
      }
    }
    module.def("real(x)") { a in wrapped(realPart(try numpy(a[0]).tensor)) }
    module.def("imag(x)") { a in wrapped(imaginaryPart(try numpy(a[0]).tensor)) }
    module.def("angle(x)") { a in
      let x = try numpy(a[0]).tensor
      let type = x.type.isComplex ? x.type.realPart : inexact(x.type)
      return wrapped(
        mapElements(x, as: Complex<Double>.self, to: type) { atan2($0.imaginary, $0.real) })
    }
    for name in ["amax", "amin"] {
      module.def("\(name)(a, axis=, out=, keepdims=)") { a in
        let x = try numpy(a[0]).tensor
        return wrapped(
          try numpyExtreme(
            x, numpyAxes(a[1], rank: x.shape.rank), keepsAxes: a[3].map(isTrue) ?? false,
            isMaximum: name == "amax"))
      }
    }
    for name in ["around", "round_"] {
      module.def("\(name)(a, decimals=)") { a in
        wrapped(numpyRound(try numpy(a[0]).tensor, decimals: try a[1].map(requireIndex) ?? 0))
      }
    }
    module.def("nan_to_num(x, copy=, nan=, posinf=, neginf=)") { a in
      let x = try numpy(a[0]).tensor
      guard x.type.isFloat, let format = x.type.floatFormat else { return wrapped(x) }
      let nan = try a[2].map(double) ?? 0
      let (high, low) = (
        try a[3].map(double) ?? format.largest, try a[4].map(double) ?? -format.largest
      )
      return wrapped(
        mapElements(x, as: Double.self, to: x.type) {
          $0.isNaN ? nan : $0 == .infinity ? high : $0 == -.infinity ? low : $0
        })
    }
  }

  /// Functions of pairs of elements.
  private static func definePairwise(in module: ModuleObject) {
    let operators: [(String, BinaryOperator)] = [
      ("add", .add), ("subtract", .subtract), ("multiply", .multiply), ("divide", .divide),
      ("true_divide", .divide), ("floor_divide", .floorDivide), ("mod", .modulo),
      ("remainder", .modulo), ("power", .power), ("bitwise_and", .bitAnd), ("bitwise_or", .bitOr),
      ("bitwise_xor", .bitXor), ("left_shift", .leftShift), ("right_shift", .rightShift),
      ("matmul", .matrixMultiply),
    ]
    for (name, op) in operators {
      binaryFunction(module, name) { try numpyBinary(op, $0, $1) }
    }
    let comparisons: [(String, ComparisonOperator)] = [
      ("equal", .equal), ("not_equal", .notEqual), ("less", .less), ("less_equal", .lessOrEqual),
      ("greater", .greater), ("greater_equal", .greaterOrEqual),
    ]
    for (name, op) in comparisons {
      binaryFunction(module, name) { try numpyCompare(op, $0, $1) }
    }
    binaryFunction(module, "maximum") { try numpyChoose($0, $1, isMaximum: true) }
    binaryFunction(module, "minimum") { try numpyChoose($0, $1, isMaximum: false) }
    let logical: [(String, (Bool, Bool) -> Bool)] = [
      ("logical_and", { $0 && $1 }), ("logical_or", { $0 || $1 }), ("logical_xor", { $0 != $1 }),
    ]
    for (name, function) in logical {
      binaryFunction(module, name) {
        try zipElements(
          numpyCast($0.tensor, to: .bool), numpyCast($1.tensor, to: .bool), as: Bool.self,
          to: .bool,
          function)
      }
    }
    let pairs: [(String, (Double, Double) -> Double)] = [
      ("arctan2", { atan2($0, $1) }), ("hypot", { hypot($0, $1) }),
      ("copysign", { copysign($0, $1) }),
      ("nextafter", { nextafter($0, $1) }), ("fmod", { fmod($0, $1) }),
      (
        "logaddexp",
        { x, y in
          x == y ? x + log(2.0) : max(x, y) + log1p(exp(-(x - y).magnitude))
        }
      ),
    ]
    for (name, function) in pairs {
      binaryFunction(module, name) { a, b in
        try zipElements(
          a.tensor, b.tensor, as: Double.self, to: inexact(numpyResultType([a, b])), function)
      }
    }
  }

  private static func complexFunction(_ name: String, _ x: HostTensor) throws -> HostTensor {
    let body: (Complex<Double>) -> Complex<Double>
    switch name {
    case "exp":
      body = { Complex(exp($0.real) * cos($0.imaginary), exp($0.real) * sin($0.imaginary)) }
    case "log": body = { Complex(log(hypot($0.real, $0.imaginary)), atan2($0.imaginary, $0.real)) }
    case "sqrt":
      body = {
        let r = hypot($0.real, $0.imaginary)
        let re = ((r + $0.real) / 2).squareRoot()
        return Complex(re, copysign(((r - $0.real) / 2).squareRoot(), $0.imaginary))
      }
    case "sin":
      body = { Complex(sin($0.real) * cosh($0.imaginary), cos($0.real) * sinh($0.imaginary)) }
    case "cos":
      body = { Complex(cos($0.real) * cosh($0.imaginary), -(sin($0.real) * sinh($0.imaginary))) }
    default: throw unsupportedNumpy("\(name) of complex numbers")
    }
    return mapElements(x, as: Complex<Double>.self, to: x.type, body)
  }

  private static func binaryFunction(
    _ module: ModuleObject, _ name: String,
    _ body: @escaping (NumpyOperand, NumpyOperand) throws -> HostTensor
  ) {
    module.def("\(name)(x1, x2, /, out=)") { a in
      guard let x = try NumpyOperand(a[0] ?? .none), let y = try NumpyOperand(a[1] ?? .none) else {
        throw typeError("numpy.\(name) does not accept operands of these types")
      }
      let result = try body(x, y)
      if case .native(let out as NumpyArray)? = a[2] {
        try out.assign(result)
        return .native(out)
      }
      return wrapped(result)
    }
  }
}
