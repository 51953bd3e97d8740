/// The reserved words of Python 3.12. Their symbols are the first ones, in this order.
enum Keyword: String, CaseIterable, Sendable {
  case `False`, `None`, `True`, and, `as`, assert, async, await, `break`, `class`, `continue`, def,
    del, elif, `else`, except, finally, `for`, from, global, `if`, `import`, `in`, `is`, lambda,
    nonlocal, not, or, pass, raise, `return`, `try`, `while`, with, yield
}
