import Tensor

extension NumpyModule {
  /// How arrays become text.
  static func definePrinting(in module: ModuleObject) {
    ArrayPrinting.define(in: module)
    module.def(
      "array2string(a, max_line_width=, precision=, suppress_small=, separator=, prefix=)"
    ) { a in
      try ArrayPrinting.withOptions(a) { options in
        .str(
          try numpy(a[0]).tensor.arrayText(
            options, separator: a[4].map(str) ?? " ", prefix: a[5].map(str) ?? ""))
      }
    }
  }
}
