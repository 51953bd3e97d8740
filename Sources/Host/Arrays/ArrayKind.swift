import Syntax

/// `jax.Array`, `jnp.ndarray`: arrays and tracers are instances of it.
final class ArrayKind: NativeObject, InstanceTest {
  func accepts(_ object: Object) throws -> Bool { if case .array = object { true } else { false } }
  func acceptsSubclass(_ cls: Class) throws -> Bool { cls.isSubclass(of: Types.array) }
  override func item(_ key: Object) throws -> Object { .native(self) }
  override func binary(_ op: BinaryOperator, _ other: Object, reflected: Bool) throws -> Object? {
    op == .bitOr ? .native(UnionType([.native(self), other])) : nil
  }
  override func attribute(_ name: Symbol) throws -> Object? {
    name == Names.name ? .str("Array") : nil
  }
  override func repr() throws -> String { "<class 'jax.jaxlib._jax.Array'>" }
}
