"""Runs the library of stdlib/ under CPython, with JAX behind the native boundary.

The library's modules are imported as `jxlib`, so that JAX itself stays importable beside them.
`_primitives.NAME(...)` binds JAX's own primitive of that name; `_native` is a table of JAX's public
functions, plus the few helpers that stdlib/README.md lists.
"""

import ast
import gc
import importlib.abc
import importlib.util
import pathlib
import sys
import types

import jax
import jax.numpy as jnp
import jax.scipy.linalg
import jax.scipy.signal
import jax.scipy.special
import jax.scipy.stats
import numpy as np
from jax import lax
from jax.extend.core import Primitive

ROOT = pathlib.Path(__file__).resolve().parents[2] / "stdlib" / "jax"


class _ToShim(ast.NodeTransformer):
    """Rewrites imports of `jax` to imports of `jxlib`."""

    def _name(self, name):
        return "jxlib" + name[3:] if name == "jax" or name.startswith("jax.") else name

    def visit_Import(self, node):
        for alias in node.names:
            new = self._name(alias.name)
            if new != alias.name and alias.asname is None:
                if alias.name != "jax":
                    raise SyntaxError(f"import {alias.name} needs `as` in the library")
                alias.asname = "jax"
            alias.name = new
        return node

    def visit_ImportFrom(self, node):
        if node.module:
            node.module = self._name(node.module)
        return node


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        parts = name.split(".")
        if parts[0] != "jxlib":
            return None
        base = ROOT.joinpath(*parts[1:])
        for file, package in ((base / "__init__.jx", True), (base.with_suffix(".jx"), False)):
            if file.exists():
                spec = importlib.util.spec_from_loader(name, self, is_package=package)
                spec.loader_state = file
                return spec
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        file = module.__spec__.loader_state
        tree = _ToShim().visit(ast.parse(file.read_text(), str(file)))
        exec(compile(ast.fix_missing_locations(tree), str(file), "exec"), module.__dict__)


def scatter_like(name, primitive):
    """A scatter; JAX makes the jaxpr of the update."""

    def bind(operand, indices, updates, update_jaxpr=None, update_consts=(), **params):
        if update_jaxpr is not None:
            return primitive.bind(
                operand, indices, updates, update_jaxpr=update_jaxpr.jaxpr, update_consts=(), **params
            )
        return getattr(lax, name)(operand, indices, updates, **params)

    return bind


def _primitives():
    found = {}
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("jax"):
            for value in list(vars(module).values()):
                if isinstance(value, Primitive):
                    found.setdefault(value.name, value)
    module = types.ModuleType("_primitives")

    accuracy = "exp exp2 expm1 log log1p sin cos tan tanh sqrt rsqrt cbrt logistic".split()
    hidden = {name: {"accuracy": None} for name in accuracy}
    hidden["mul"] = {"out_dtype": None}

    def bound(primitive):
        defaults = hidden.get(primitive.name, {})

        def bind(*operands, **params):
            return primitive.bind(*operands, **{**defaults, **params})

        return bind

    for name, primitive in found.items():
        name = name + "_" if name in ("and", "or", "not", "while") else name.replace("-", "_")
        setattr(module, name, bound(primitive))
    for name in "scatter scatter_add scatter_sub scatter_mul scatter_min scatter_max".split():
        setattr(module, name, scatter_like(name, found["scatter"]))

    def reduce(*operands, jaxpr, consts, **params):
        return found["reduce"].bind(*operands, jaxpr=jaxpr, **params)

    def reduce_window(*operands, jaxpr, consts, **params):
        return found["reduce_window"].bind(*operands, jaxpr=jaxpr.jaxpr, consts=(), **params)

    module.reduce, module.reduce_window = reduce, reduce_window
    # Primitives whose parameters hold more than a jaxpr prints.
    def dot_general(a, b, **params):
        return found["dot_general"].bind(a, b, **params)

    module.dot_general = dot_general
    return module


def _native():
    from jax._src import config, core, dtypes, api_util
    from jax._src.numpy import util as nputil

    module = types.ModuleType("_native")
    public = {
        jax: """jit grad value_and_grad vmap jvp vjp linearize linear_transpose make_jaxpr eval_shape
             custom_jvp custom_vjp checkpoint closure_convert pure_callback named_call named_scope
             device_put device_get devices local_devices device_count default_backend
             block_until_ready config Array ShapeDtypeStruct disable_jit ensure_compile_time_eval
             clear_caches debug typeof errors enable_x64 effects_barrier checking_leaks
             debug_nans default_device live_arrays numpy_rank_promotion numpy_dtype_promotion
             default_matmul_precision transfer_guard custom_gradient fwd_and_bwd
             local_device_count process_count process_index checkpoint_policies sharding stages
             dtypes typing tree tree_util export image experimental""",
        lax: """cond switch scan while_loop fori_loop stop_gradient custom_root custom_linear_solve
             platform_dependent optimization_barrier GatherDimensionNumbers
             ScatterDimensionNumbers GatherScatterMode ConvDimensionNumbers Precision
             RandomAlgorithm RoundingMethod DotAlgorithm DotAlgorithmPreset AccuracyMode Tolerance
             psum pmean pmax pmin axis_index axis_size all_gather ppermute all_to_all psum_scatter
             reduce reduce_window""",
        jnp: """dtype finfo iinfo issubdtype isdtype set_printoptions get_printoptions printoptions
             array_repr array_str save savez load float32 float64 float16 bfloat16 int8 int16 int32
             int64 uint8 uint16 uint32 uint64 int4 uint4 int2 uint2 bool_ complex64 complex128
             float8_e3m4 float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz
             float8_e5m2 float8_e5m2fnuz float8_e8m0fnu float4_e2m1fn
             generic number integer signedinteger unsignedinteger inexact floating complexfloating
             character flexible object_ result_type promote_types can_cast""",
    }
    for source, names in public.items():
        for name in names.split():
            if hasattr(source, name):
                setattr(module, name, getattr(source, name))

    def export(function):
        setattr(module, function.__name__, function)
        return function

    module.promote_args = nputil.promote_args
    module.promote_args_inexact = nputil.promote_args_inexact
    module.promote_args_numeric = nputil.promote_args_numeric
    module.promote_dtypes = lambda *xs: nputil.promote_dtypes(*xs)
    module.promote_dtypes_inexact = lambda *xs: nputil.promote_dtypes_inexact(*xs)
    module.check_arraylike = nputil.check_arraylike
    module.is_array_like = lambda x: isinstance(
        x, (jax.Array, np.ndarray, np.generic, bool, int, float, complex)
    )
    module.is_weak = lambda x: dtypes.is_weakly_typed(x)
    module.dtype_of = lambda x: dtypes.dtype(x)
    module.canonicalize_dtype = lambda d: dtypes.canonicalize_dtype(d)
    module.check_user_dtype = lambda d, name: dtypes.check_and_canonicalize_user_dtype(d, name)
    module.to_inexact_dtype = lambda d: dtypes.to_inexact_dtype(d)
    module.python_scalar_dtype = lambda t: dtypes.python_scalar_types_to_dtypes[t] if False else dtypes.dtype(t)
    module.result_dtype_weak = lambda *xs: dtypes.result_type(*xs, return_weak_type_flag=True)
    module.shape = lambda x: tuple(np.shape(x))
    module.ndim = lambda x: np.ndim(x)
    module.size = lambda x: int(np.size(x))
    module.is_tracer = lambda x: isinstance(x, jax.core.Tracer)
    module.is_concrete = lambda x: core.is_concrete(x)
    module.concrete_or_error = core.concrete_or_error
    module.array = jnp.array
    module.asarray = lambda x, dtype=None: (
        np.array(x, dtype) if isinstance(x, (list, tuple)) else jnp.asarray(x, dtype))
    module.scalar = lambda value, dtype: np.asarray(value, dtype)
    @export
    def scalar_like(x, value):
        if not isinstance(value, (bool, int, float, complex, np.generic)):
            return lax.convert_element_type(value, dtypes.dtype(x))
        x = jnp.asarray(x)
        if dtypes.is_weakly_typed(x):
            return {"b": bool, "i": int, "u": int, "c": complex}.get(x.dtype.kind, float)(value)
        return np.asarray(value, x.dtype)

    module.shape_tuple = lambda s: (s,) if not np.iterable(s) else tuple(core.canonicalize_shape(s))
    module.is_strong_integer = lambda y: jnp.issubdtype(dtypes.dtype(y), np.integer) and not dtypes.is_weakly_typed(y)
    module.promote_shapes = nputil.promote_shapes
    # lax helpers
    module.convert_element_type = lax.convert_element_type
    module.full_value = lambda v, d: (
        v if d is None and isinstance(v, (bool, int, float, complex)) else
        lax.convert_element_type(v, dtypes.dtype(v) if d is None else dtypes.check_and_canonicalize_user_dtype(d))
        if not isinstance(v, (bool, int, float, complex))
        else np.asarray(v, dtypes.check_and_canonicalize_user_dtype(d))
    )

    module.is_array = lambda x: isinstance(x, jax.Array)
    module.is_static_integer = lambda i: isinstance(i, (int, np.integer)) and not isinstance(i, bool)
    module.start_literal = lambda v, like: np.int32(v)
    module.canonicalize_precision = lambda p: __import__("jax._src.lax.lax", fromlist=["x"]).canonicalize_precision(p)
    module.scatter = lambda name, *a, **k: getattr(lax, name)(*a, **k)
    module.scatter_apply = lax.scatter_apply
    module.eig = lambda x, l, r: lax.linalg.eig(x, compute_left_eigenvectors=l, compute_right_eigenvectors=r)
    # creation helpers
    module.constant = lambda v, d: jnp.array(v, dtype=d)
    module.convert_to_bool = lambda x: x.astype(bool)
    module.canonical_result_type = lambda *xs: dtypes.canonicalize_dtype(
        dtypes.result_type(*xs)
    )
    module.arange_size = lambda start, stop, step: max(
        0, int(np.ceil((np.asarray(stop) - np.asarray(start)) / np.asarray(step)))
    )
    module.is_zero = lambda x: bool(np.asarray(x) == 0)
    module.is_sequence = lambda x: isinstance(x, (list, tuple)) or np.ndim(x) > 0
    module.any_unordered = lambda xs: any(a > b for a, b in zip(xs, xs[1:]))
    module.numpy_int = np.int64
    module.sum_of = lambda x: int(np.sum(np.asarray(x)))
    module.numpy = np

    @export
    def is_static_shift(shift):
        if isinstance(shift, (tuple, list)):
            return all(map(is_static_shift, shift))
        return isinstance(shift, (int, np.integer))

    # indexing helpers
    module.is_index = lambda i: hasattr(i, "__index__") and not isinstance(i, jax.core.Tracer) 
    module.slice_indices = lambda s, n: s.indices(n)
    module.is_host_array = lambda i: isinstance(i, np.ndarray) and i.ndim > 0
    module.host_negative = lambda i: np.asarray(i) < 0
    module.host_index = lambda i: np.asarray(i, np.int32) if i.dtype == np.int64 else np.asarray(i)
    module.strong = lambda x: (
        np.asarray(x, np.int32) if isinstance(x, int) else
        lax.convert_element_type(x, dtypes.dtype(x)) if dtypes.is_weakly_typed(x) else x
    )
    module.type_name = lambda y: f"{dtypes.dtype(y)}[{','.join(map(str, np.shape(y)))}]"
    module.scalar_fits = lambda y, d: (
        isinstance(y, (bool, int, float, complex)) or isinstance(y, np.generic)
    ) and jnp.promote_types(d, jnp.result_type(y)) == d if False else (
        isinstance(y, (bool, int, float, complex)) and dtypes.result_type(d, y) == d
    )

    @export
    def bool_indices(mask):
        if isinstance(mask, jax.core.Tracer):
            raise jax.errors.NonConcreteBooleanIndexError(mask)
        return [i.astype(np.int64) for i in np.nonzero(np.asarray(mask))]

    from jax._src.lax import lax as lax_internal

    module.convert_always = lambda x, dtype: lax_internal.convert_element_type_p.bind(
        x, new_dtype=np.dtype(dtype), weak_type=False, sharding=jax.typeof(x).sharding
    )
    module.wraps = lambda fun, wrapper: wrapper
    module.FftType = lax.FftType
    module.promote_dtypes_complex = lambda x: __import__("jax._src.numpy.util", fromlist=["u"]).promote_dtypes_complex(x)[0]
    # random helpers
    from jax._src.random import prng
    import math

    module.prng_impl = lambda name: jax.make_jaxpr(lambda: jax.random.key(0, impl=name))().eqns[0].params["impl"]
    module.prng_key_shape = lambda impl: impl.key_shape
    module.key_impl = jax.random.key_impl
    module.log = math.log
    module.ceil_ratio = lambda a, b: int(math.ceil(a / b))
    module.host_nextafter = lambda a, b, d: np.nextafter(np.array(a, d), np.array(b, d), dtype=d)

    @export
    def seed_value(seed):
        if isinstance(seed, int):
            return np.int64(seed) if config.enable_x64.value else np.int32((seed + 2**31) % 2**32 - 2**31)
        return jnp.asarray(seed)

    module.fold_in_data = lambda data: lax.convert_element_type(data, np.uint32)
    module.prng_key = jax.dtypes.prng_key
    module.item = lambda x, *a: x.item(*a)
    module.int_dtype = lambda: dtypes.canonicalize_dtype(np.int64)
    module.float_dtype = lambda: dtypes.canonicalize_dtype(np.float64)

    @export
    def integer_sum_dtype(dtype):
        dtype = np.dtype(dtype)
        default = dtypes.canonicalize_dtype(np.int64)
        if dtype.kind == "b":
            return default
        if dtype.kind == "u" and dtype.itemsize < default.itemsize:
            return dtypes.canonicalize_dtype(np.uint64)
        if dtype.kind == "i" and dtype.itemsize < default.itemsize:
            return default
        return dtype

    module.real_dtype = lambda d: jnp.finfo(d).dtype
    module.is_concrete_integer = lambda y: (
        core.is_concrete(y)
        and np.shape(y) == ()
        and (type(y) is int or isinstance(y, (np.ndarray, np.generic, jax.Array)) and y.dtype.kind in "iu")
    )
    module.broadcast_pair = lambda x, y: [
        jnp.broadcast_to(v, lax.broadcast_shapes(x.shape, y.shape)) for v in (x, y)
    ]
    module.zero_tangent = lambda x: np.zeros(x.shape, jax.dtypes.float0)
    module.broadcast_shapes = lax.broadcast_shapes
    module.host_array = np.asarray
    module.index = lambda x: core.concrete_or_error(int, x).__index__()
    module.x64_enabled = lambda: bool(config.enable_x64.value)
    module.custom_jvp_named = None
    module.ArrayLike = jax.typing.ArrayLike
    module.make_array_ref_update = None

    @export
    def renamed(function, name):
        function.__name__ = function.__qualname__ = name
        return function

    return module


def install():
    """Makes `import jxlib` work and returns it."""
    if "jxlib" not in sys.modules:
        # `split` and friends are found only once their modules are loaded.
        sys.modules["_primitives"] = _primitives()
        sys.modules["_native"] = _native()
        sys.meta_path.insert(0, _Finder())
    import importlib

    return importlib.import_module("jxlib")
