import Tensor

extension ExportedLibrary {
  /// A module of Python that calls the shared library `file` beside it, with NumPy's arrays.
  public func pythonModule(sharedLibrary file: String) -> String {
    // There are modules for namespaces: names need no prefix.
    var names = CNames(taken: ["ctypes", "np", "os", "re"])
    let definitions = functions.map { function in
      let isPrefixed = function.symbol.hasPrefix(prefix + "_")
      return pythonFunction(
        function,
        names.add(
          isPrefixed ? String(function.symbol.dropFirst(prefix.count + 1)) : function.symbol))
    }
    return """
      \"\"\"Functions of \(source), compiled by jxc. Each takes its arrays one by one, or in the trees of
      lists, tuples and dicts that the source takes, and returns arrays in the tree that the source
      returns, where lists are tuples.\"\"\"
      import ctypes
      import os
      import re

      import numpy as np

      _library = ctypes.CDLL(os.path.join(os.path.dirname(os.path.abspath(__file__)), "\(file)"))
      _library.jx_status_message.restype = ctypes.c_char_p
      _library.jx_status_message.argtypes = [ctypes.c_int32]


      def _leaves(tree):
          if tree is None:
              return []
          if isinstance(tree, dict):
              return [leaf for key in sorted(tree) for leaf in _leaves(tree[key])]
          if isinstance(tree, (list, tuple)):
              return [leaf for item in tree for leaf in _leaves(item)]
          return [tree]


      def _keys(path):
          found = re.findall(r"\\['((?:[^'\\\\]|\\\\.)*)'\\]|\\[(\\d+)\\]|\\.(\\w+)", path)
          return [int(number) if number else key or field for key, number, field in found]


      def _tree(leaves):
          if len(leaves) == 1 and not leaves[0][0]:
              return leaves[0][1]
          groups = {}
          for (key, *rest), leaf in leaves:
              groups.setdefault(key, []).append((rest, leaf))
          items = {key: _tree(group) for key, group in groups.items()}
          return tuple(items.values()) if all(isinstance(key, int) for key in items) else items


      def _array(name, path, dtype, shape, value):
          given = np.asarray(value)
          dtype = np.dtype(dtype)
          if given.shape != shape:
              raise ValueError(f"{name}: {path} has the shape {shape}, not {given.shape}")
          is_number = isinstance(value, (bool, int, float, complex))
          if given.dtype != dtype and not is_number:
              raise TypeError(f"{name}: {path} has the type {dtype}, not {given.dtype}")
          return np.require(given, dtype, ["C", "A"])


      def _function(symbol, name, arguments, results):
          call = getattr(_library, symbol)
          call.restype = ctypes.c_int32
          call.argtypes = [ctypes.c_void_p] * (len(arguments) + len(results) + 1)

          def function(*operands):
              leaves = _leaves(operands)
              if len(leaves) != len(arguments):
                  raise TypeError(f"{name} takes {len(arguments)} arrays, not {len(leaves)}")
              arrays = [_array(name, *argument, leaf) for argument, leaf in zip(arguments, leaves)]
              outputs = [np.empty(shape, dtype) for _, dtype, shape in results]
              status = call(*[array.ctypes.data for array in arrays + outputs], None)
              if status != 0:
                  raise RuntimeError(f"{name}: {_library.jx_status_message(status).decode()}")
              return _tree([(_keys(path), output) for (path, _, _), output in zip(results, outputs)])

          function.__name__ = function.__qualname__ = name
          return function


      \(definitions.joined(separator: "\n"))
      """
  }

  private func pythonFunction(_ function: ExportedFunction, _ name: String) -> String {
    func list(_ parameters: [ExportedFunction.Parameter]) -> String {
      let items = parameters.map { parameter in
        let extents = parameter.shape.dimensions.map { "\($0)," }.joined(separator: " ")
        return
          "    (\"\(parameter.path.escaped)\", \"\(parameter.type.pythonName)\", (\(extents))),\n"
      }
      return items.isEmpty ? "[]" : "[\n\(items.joined())]"
    }
    return """
      \(name) = _function("\(function.symbol)", "\(function.name.escaped)", \
      \(list(function.arguments)), \(list(function.results)))

      """
  }
}

extension String {
  /// The text inside a literal of Python.
  fileprivate var escaped: String {
    reduce(into: "") { result, character in
      if character == "\"" || character == "\\" { result += "\\" }
      result.append(character)
    }
  }
}

extension ElementType {
  /// A dtype that plain NumPy knows and that has the same bytes.
  fileprivate var pythonName: String {
    switch self {
    case .bool, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .f16, .f32, .f64, .c64, .c128:
      numpyName
    case .bf16: "uint16"
    case .key: "uint32"
    case .float0: "bool"
    case .i2, .i4: "int8"
    case .u2, .u4, .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ,
      .f8E4M3B11FNUZ, .f8E5M2, .f8E5M2FNUZ,
      .f8E8M0FNU:
      "uint8"
    }
  }
}
