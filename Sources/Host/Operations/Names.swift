import Syntax

/// The names that the evaluator itself looks up.
enum Names {
  static let new: Symbol = "__new__"
  static let initialize: Symbol = "__init__"
  static let postInit: Symbol = "__post_init__"
  static let call: Symbol = "__call__"
  static let repr: Symbol = "__repr__"
  static let str: Symbol = "__str__"
  static let format: Symbol = "__format__"
  static let equal: Symbol = "__eq__"
  static let hash: Symbol = "__hash__"
  static let bool: Symbol = "__bool__"
  static let count: Symbol = "__len__"
  static let getItem: Symbol = "__getitem__"
  static let setItem: Symbol = "__setitem__"
  static let deleteItem: Symbol = "__delitem__"
  static let missing: Symbol = "__missing__"
  static let contains: Symbol = "__contains__"
  static let iterate: Symbol = "__iter__"
  static let next: Symbol = "__next__"
  static let reversed: Symbol = "__reversed__"
  static let enter: Symbol = "__enter__"
  static let exit: Symbol = "__exit__"
  static let getAttribute: Symbol = "__getattr__"
  static let setAttribute: Symbol = "__setattr__"
  static let deleteAttribute: Symbol = "__delattr__"
  static let get: Symbol = "__get__"
  static let set: Symbol = "__set__"
  static let delete: Symbol = "__delete__"
  static let setName: Symbol = "__set_name__"
  static let initSubclass: Symbol = "__init_subclass__"
  static let classCell: Symbol = "__class__"
  static let name: Symbol = "__name__"
  static let qualifiedName: Symbol = "__qualname__"
  static let module: Symbol = "__module__"
  static let documentation: Symbol = "__doc__"
  static let dictionary: Symbol = "__dict__"
  static let annotations: Symbol = "__annotations__"
  static let slots: Symbol = "__slots__"
  static let integer: Symbol = "__int__"
  static let float: Symbol = "__float__"
  static let complex: Symbol = "__complex__"
  static let index: Symbol = "__index__"
  static let absolute: Symbol = "__abs__"
  static let round: Symbol = "__round__"
  static let superName: Symbol = "super"
  static let matchArgs: Symbol = "__match_args__"
  static let wrapped: Symbol = "__wrapped__"
}

extension BinaryOperator {
  /// The names of the methods that overload the operator: plain, reflected, in place.
  var methods: (plain: Symbol, reflected: Symbol, inPlace: Symbol) {
    BinaryOperator.methodTable[self]!
  }

  private static let methodTable:
    [BinaryOperator: (plain: Symbol, reflected: Symbol, inPlace: Symbol)] =
      Dictionary(
        uniqueKeysWithValues: allCases.map { op in
          let name = op.methodName
          return (op, (Symbol("__\(name)__"), Symbol("__r\(name)__"), Symbol("__i\(name)__")))
        })

  /// The name between the underscores.
  var methodName: String {
    switch self {
    case .add: "add"
    case .subtract: "sub"
    case .multiply: "mul"
    case .matrixMultiply: "matmul"
    case .divide: "truediv"
    case .floorDivide: "floordiv"
    case .modulo: "mod"
    case .power: "pow"
    case .leftShift: "lshift"
    case .rightShift: "rshift"
    case .bitAnd: "and"
    case .bitOr: "or"
    case .bitXor: "xor"
    }
  }
}

extension ComparisonOperator {
  /// The method that overloads the operator, and the one of the right operand.
  var methods: (plain: Symbol, reflected: Symbol)? {
    switch self {
    case .equal: (Names.equal, Names.equal)
    case .notEqual: ("__ne__", "__ne__")
    case .less: ("__lt__", "__gt__")
    case .lessOrEqual: ("__le__", "__ge__")
    case .greater: ("__gt__", "__lt__")
    case .greaterOrEqual: ("__ge__", "__le__")
    case .is, .isNot, .in, .notIn: nil
    }
  }
}

extension UnaryOperator {
  /// The method that overloads the operator; `not` has none.
  var method: Symbol? {
    switch self {
    case .not: nil
    case .negate: "__neg__"
    case .plus: "__pos__"
    case .invert: "__invert__"
    }
  }
}
