/* Written by stdlib/embed.sh: the files of stdlib/, sorted by path. */
#include "CStdlib.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char file___future___jx[] = {
#embed "../../stdlib/__future__.jx" suffix(, )
0};

static const char file__abstract_jx[] = {
#embed "../../stdlib/_abstract.jx" suffix(, )
0};

static const char file__mappings_jx[] = {
#embed "../../stdlib/_mappings.jx" suffix(, )
0};

static const char file_abc_jx[] = {
#embed "../../stdlib/abc.jx" suffix(, )
0};

static const char file_bisect_jx[] = {
#embed "../../stdlib/bisect.jx" suffix(, )
0};

static const char file_cmath_jx[] = {
#embed "../../stdlib/cmath.jx" suffix(, )
0};

static const char file_concurrent___init___jx[] = {
#embed "../../stdlib/concurrent/__init__.jx" suffix(, )
0};

static const char file_concurrent_futures_jx[] = {
#embed "../../stdlib/concurrent/futures.jx" suffix(, )
0};

static const char file_contextlib_jx[] = {
#embed "../../stdlib/contextlib.jx" suffix(, )
0};

static const char file_contextvars_jx[] = {
#embed "../../stdlib/contextvars.jx" suffix(, )
0};

static const char file_copy_jx[] = {
#embed "../../stdlib/copy.jx" suffix(, )
0};

static const char file_datetime_jx[] = {
#embed "../../stdlib/datetime.jx" suffix(, )
0};

static const char file_enum_jx[] = {
#embed "../../stdlib/enum.jx" suffix(, )
0};

static const char file_fractions_jx[] = {
#embed "../../stdlib/fractions.jx" suffix(, )
0};

static const char file_functools_jx[] = {
#embed "../../stdlib/functools.jx" suffix(, )
0};

static const char file_gc_jx[] = {
#embed "../../stdlib/gc.jx" suffix(, )
0};

static const char file_graphlib_jx[] = {
#embed "../../stdlib/graphlib.jx" suffix(, )
0};

static const char file_heapq_jx[] = {
#embed "../../stdlib/heapq.jx" suffix(, )
0};

static const char file_inspect_jx[] = {
#embed "../../stdlib/inspect.jx" suffix(, )
0};

static const char file_io_jx[] = {
#embed "../../stdlib/io.jx" suffix(, )
0};

static const char file_itertools_jx[] = {
#embed "../../stdlib/itertools.jx" suffix(, )
0};

static const char file_jax___init___jx[] = {
#embed "../../stdlib/jax/__init__.jx" suffix(, )
0};

static const char file_jax__array_methods_jx[] = {
#embed "../../stdlib/jax/_array_methods.jx" suffix(, )
0};

static const char file_jax__array_properties_jx[] = {
#embed "../../stdlib/jax/_array_properties.jx" suffix(, )
0};

static const char file_jax__binomial_jx[] = {
#embed "../../stdlib/jax/_binomial.jx" suffix(, )
0};

static const char file_jax__indexing_jx[] = {
#embed "../../stdlib/jax/_indexing.jx" suffix(, )
0};

static const char file_jax__jacobian_jx[] = {
#embed "../../stdlib/jax/_jacobian.jx" suffix(, )
0};

static const char file_jax__operators_jx[] = {
#embed "../../stdlib/jax/_operators.jx" suffix(, )
0};

static const char file_jax__pmap_jx[] = {
#embed "../../stdlib/jax/_pmap.jx" suffix(, )
0};

static const char file_jax__shards_jx[] = {
#embed "../../stdlib/jax/_shards.jx" suffix(, )
0};

static const char file_jax__src___init___jx[] = {
#embed "../../stdlib/jax/_src/__init__.jx" suffix(, )
0};

static const char file_jax__src_api_jx[] = {
#embed "../../stdlib/jax/_src/api.jx" suffix(, )
0};

static const char file_jax__util_jx[] = {
#embed "../../stdlib/jax/_util.jx" suffix(, )
0};

static const char file_jax_ad_checkpoint_jx[] = {
#embed "../../stdlib/jax/ad_checkpoint.jx" suffix(, )
0};

static const char file_jax_checkpoint_policies_jx[] = {
#embed "../../stdlib/jax/checkpoint_policies.jx" suffix(, )
0};

static const char file_jax_core_jx[] = {
#embed "../../stdlib/jax/core.jx" suffix(, )
0};

static const char file_jax_custom_derivatives_jx[] = {
#embed "../../stdlib/jax/custom_derivatives.jx" suffix(, )
0};

static const char file_jax_dtypes_jx[] = {
#embed "../../stdlib/jax/dtypes.jx" suffix(, )
0};

static const char file_jax_example_libraries___init___jx[] = {
#embed "../../stdlib/jax/example_libraries/__init__.jx" suffix(, )
0};

static const char file_jax_example_libraries_optimizers_jx[] = {
#embed "../../stdlib/jax/example_libraries/optimizers.jx" suffix(, )
0};

static const char file_jax_example_libraries_stax_jx[] = {
#embed "../../stdlib/jax/example_libraries/stax.jx" suffix(, )
0};

static const char file_jax_experimental___init___jx[] = {
#embed "../../stdlib/jax/experimental/__init__.jx" suffix(, )
0};

static const char file_jax_experimental_ode_jx[] = {
#embed "../../stdlib/jax/experimental/ode.jx" suffix(, )
0};

static const char file_jax_export_jx[] = {
#embed "../../stdlib/jax/export.jx" suffix(, )
0};

static const char file_jax_extend___init___jx[] = {
#embed "../../stdlib/jax/extend/__init__.jx" suffix(, )
0};

static const char file_jax_extend_backend_jx[] = {
#embed "../../stdlib/jax/extend/backend.jx" suffix(, )
0};

static const char file_jax_extend_core_jx[] = {
#embed "../../stdlib/jax/extend/core.jx" suffix(, )
0};

static const char file_jax_flatten_util_jx[] = {
#embed "../../stdlib/jax/flatten_util.jx" suffix(, )
0};

static const char file_jax_image_jx[] = {
#embed "../../stdlib/jax/image.jx" suffix(, )
0};

static const char file_jax_lax___init___jx[] = {
#embed "../../stdlib/jax/lax/__init__.jx" suffix(, )
0};

static const char file_jax_lax__algebra_jx[] = {
#embed "../../stdlib/jax/lax/_algebra.jx" suffix(, )
0};

static const char file_jax_lax__collectives_jx[] = {
#embed "../../stdlib/jax/lax/_collectives.jx" suffix(, )
0};

static const char file_jax_lax__elementwise_jx[] = {
#embed "../../stdlib/jax/lax/_elementwise.jx" suffix(, )
0};

static const char file_jax_lax__primitive_objects_jx[] = {
#embed "../../stdlib/jax/lax/_primitive_objects.jx" suffix(, )
0};

static const char file_jax_lax__root_jx[] = {
#embed "../../stdlib/jax/lax/_root.jx" suffix(, )
0};

static const char file_jax_lax__structure_jx[] = {
#embed "../../stdlib/jax/lax/_structure.jx" suffix(, )
0};

static const char file_jax_lax_linalg_jx[] = {
#embed "../../stdlib/jax/lax/linalg.jx" suffix(, )
0};

static const char file_jax_nn___init___jx[] = {
#embed "../../stdlib/jax/nn/__init__.jx" suffix(, )
0};

static const char file_jax_nn__logsumexp_jx[] = {
#embed "../../stdlib/jax/nn/_logsumexp.jx" suffix(, )
0};

static const char file_jax_nn_initializers_jx[] = {
#embed "../../stdlib/jax/nn/initializers.jx" suffix(, )
0};

static const char file_jax_numpy___init___jx[] = {
#embed "../../stdlib/jax/numpy/__init__.jx" suffix(, )
0};

static const char file_jax_numpy__algebra_jx[] = {
#embed "../../stdlib/jax/numpy/_algebra.jx" suffix(, )
0};

static const char file_jax_numpy__creation_jx[] = {
#embed "../../stdlib/jax/numpy/_creation.jx" suffix(, )
0};

static const char file_jax_numpy__files_jx[] = {
#embed "../../stdlib/jax/numpy/_files.jx" suffix(, )
0};

static const char file_jax_numpy__indexing_jx[] = {
#embed "../../stdlib/jax/numpy/_indexing.jx" suffix(, )
0};

static const char file_jax_numpy__reductions_jx[] = {
#embed "../../stdlib/jax/numpy/_reductions.jx" suffix(, )
0};

static const char file_jax_numpy__searching_jx[] = {
#embed "../../stdlib/jax/numpy/_searching.jx" suffix(, )
0};

static const char file_jax_numpy__selection_jx[] = {
#embed "../../stdlib/jax/numpy/_selection.jx" suffix(, )
0};

static const char file_jax_numpy__shaping_jx[] = {
#embed "../../stdlib/jax/numpy/_shaping.jx" suffix(, )
0};

static const char file_jax_numpy__stable_jx[] = {
#embed "../../stdlib/jax/numpy/_stable.jx" suffix(, )
0};

static const char file_jax_numpy__statistics_jx[] = {
#embed "../../stdlib/jax/numpy/_statistics.jx" suffix(, )
0};

static const char file_jax_numpy__ufunc_jx[] = {
#embed "../../stdlib/jax/numpy/_ufunc.jx" suffix(, )
0};

static const char file_jax_numpy__ufunc_methods_jx[] = {
#embed "../../stdlib/jax/numpy/_ufunc_methods.jx" suffix(, )
0};

static const char file_jax_numpy__ufuncs_jx[] = {
#embed "../../stdlib/jax/numpy/_ufuncs.jx" suffix(, )
0};

static const char file_jax_numpy_fft_jx[] = {
#embed "../../stdlib/jax/numpy/fft.jx" suffix(, )
0};

static const char file_jax_numpy_linalg_jx[] = {
#embed "../../stdlib/jax/numpy/linalg.jx" suffix(, )
0};

static const char file_jax_ops_jx[] = {
#embed "../../stdlib/jax/ops.jx" suffix(, )
0};

static const char file_jax_profiler_jx[] = {
#embed "../../stdlib/jax/profiler.jx" suffix(, )
0};

static const char file_jax_random_jx[] = {
#embed "../../stdlib/jax/random.jx" suffix(, )
0};

static const char file_jax_scipy___init___jx[] = {
#embed "../../stdlib/jax/scipy/__init__.jx" suffix(, )
0};

static const char file_jax_scipy__integrals_jx[] = {
#embed "../../stdlib/jax/scipy/_integrals.jx" suffix(, )
0};

static const char file_jax_scipy__special_jx[] = {
#embed "../../stdlib/jax/scipy/_special.jx" suffix(, )
0};

static const char file_jax_scipy_cluster___init___jx[] = {
#embed "../../stdlib/jax/scipy/cluster/__init__.jx" suffix(, )
0};

static const char file_jax_scipy_cluster_vq_jx[] = {
#embed "../../stdlib/jax/scipy/cluster/vq.jx" suffix(, )
0};

static const char file_jax_scipy_fft_jx[] = {
#embed "../../stdlib/jax/scipy/fft.jx" suffix(, )
0};

static const char file_jax_scipy_integrate_jx[] = {
#embed "../../stdlib/jax/scipy/integrate.jx" suffix(, )
0};

static const char file_jax_scipy_interpolate_jx[] = {
#embed "../../stdlib/jax/scipy/interpolate.jx" suffix(, )
0};

static const char file_jax_scipy_linalg_jx[] = {
#embed "../../stdlib/jax/scipy/linalg.jx" suffix(, )
0};

static const char file_jax_scipy_ndimage_jx[] = {
#embed "../../stdlib/jax/scipy/ndimage.jx" suffix(, )
0};

static const char file_jax_scipy_optimize___init___jx[] = {
#embed "../../stdlib/jax/scipy/optimize/__init__.jx" suffix(, )
0};

static const char file_jax_scipy_optimize__bfgs_jx[] = {
#embed "../../stdlib/jax/scipy/optimize/_bfgs.jx" suffix(, )
0};

static const char file_jax_scipy_optimize__line_search_jx[] = {
#embed "../../stdlib/jax/scipy/optimize/_line_search.jx" suffix(, )
0};

static const char file_jax_scipy_signal_jx[] = {
#embed "../../stdlib/jax/scipy/signal.jx" suffix(, )
0};

static const char file_jax_scipy_sparse___init___jx[] = {
#embed "../../stdlib/jax/scipy/sparse/__init__.jx" suffix(, )
0};

static const char file_jax_scipy_sparse_linalg_jx[] = {
#embed "../../stdlib/jax/scipy/sparse/linalg.jx" suffix(, )
0};

static const char file_jax_scipy_special_jx[] = {
#embed "../../stdlib/jax/scipy/special.jx" suffix(, )
0};

static const char file_jax_scipy_stats___init___jx[] = {
#embed "../../stdlib/jax/scipy/stats/__init__.jx" suffix(, )
0};

static const char file_jax_scipy_stats__kde_jx[] = {
#embed "../../stdlib/jax/scipy/stats/_kde.jx" suffix(, )
0};

static const char file_jax_scipy_stats_bernoulli_jx[] = {
#embed "../../stdlib/jax/scipy/stats/bernoulli.jx" suffix(, )
0};

static const char file_jax_scipy_stats_beta_jx[] = {
#embed "../../stdlib/jax/scipy/stats/beta.jx" suffix(, )
0};

static const char file_jax_scipy_stats_betabinom_jx[] = {
#embed "../../stdlib/jax/scipy/stats/betabinom.jx" suffix(, )
0};

static const char file_jax_scipy_stats_binom_jx[] = {
#embed "../../stdlib/jax/scipy/stats/binom.jx" suffix(, )
0};

static const char file_jax_scipy_stats_cauchy_jx[] = {
#embed "../../stdlib/jax/scipy/stats/cauchy.jx" suffix(, )
0};

static const char file_jax_scipy_stats_chi2_jx[] = {
#embed "../../stdlib/jax/scipy/stats/chi2.jx" suffix(, )
0};

static const char file_jax_scipy_stats_dirichlet_jx[] = {
#embed "../../stdlib/jax/scipy/stats/dirichlet.jx" suffix(, )
0};

static const char file_jax_scipy_stats_expon_jx[] = {
#embed "../../stdlib/jax/scipy/stats/expon.jx" suffix(, )
0};

static const char file_jax_scipy_stats_gamma_jx[] = {
#embed "../../stdlib/jax/scipy/stats/gamma.jx" suffix(, )
0};

static const char file_jax_scipy_stats_gennorm_jx[] = {
#embed "../../stdlib/jax/scipy/stats/gennorm.jx" suffix(, )
0};

static const char file_jax_scipy_stats_geom_jx[] = {
#embed "../../stdlib/jax/scipy/stats/geom.jx" suffix(, )
0};

static const char file_jax_scipy_stats_gumbel_l_jx[] = {
#embed "../../stdlib/jax/scipy/stats/gumbel_l.jx" suffix(, )
0};

static const char file_jax_scipy_stats_gumbel_r_jx[] = {
#embed "../../stdlib/jax/scipy/stats/gumbel_r.jx" suffix(, )
0};

static const char file_jax_scipy_stats_laplace_jx[] = {
#embed "../../stdlib/jax/scipy/stats/laplace.jx" suffix(, )
0};

static const char file_jax_scipy_stats_logistic_jx[] = {
#embed "../../stdlib/jax/scipy/stats/logistic.jx" suffix(, )
0};

static const char file_jax_scipy_stats_multinomial_jx[] = {
#embed "../../stdlib/jax/scipy/stats/multinomial.jx" suffix(, )
0};

static const char file_jax_scipy_stats_multivariate_normal_jx[] = {
#embed "../../stdlib/jax/scipy/stats/multivariate_normal.jx" suffix(, )
0};

static const char file_jax_scipy_stats_nbinom_jx[] = {
#embed "../../stdlib/jax/scipy/stats/nbinom.jx" suffix(, )
0};

static const char file_jax_scipy_stats_norm_jx[] = {
#embed "../../stdlib/jax/scipy/stats/norm.jx" suffix(, )
0};

static const char file_jax_scipy_stats_pareto_jx[] = {
#embed "../../stdlib/jax/scipy/stats/pareto.jx" suffix(, )
0};

static const char file_jax_scipy_stats_poisson_jx[] = {
#embed "../../stdlib/jax/scipy/stats/poisson.jx" suffix(, )
0};

static const char file_jax_scipy_stats_t_jx[] = {
#embed "../../stdlib/jax/scipy/stats/t.jx" suffix(, )
0};

static const char file_jax_scipy_stats_truncnorm_jx[] = {
#embed "../../stdlib/jax/scipy/stats/truncnorm.jx" suffix(, )
0};

static const char file_jax_scipy_stats_uniform_jx[] = {
#embed "../../stdlib/jax/scipy/stats/uniform.jx" suffix(, )
0};

static const char file_jax_scipy_stats_vonmises_jx[] = {
#embed "../../stdlib/jax/scipy/stats/vonmises.jx" suffix(, )
0};

static const char file_jax_scipy_stats_wrapcauchy_jx[] = {
#embed "../../stdlib/jax/scipy/stats/wrapcauchy.jx" suffix(, )
0};

static const char file_jax_sharding_jx[] = {
#embed "../../stdlib/jax/sharding.jx" suffix(, )
0};

static const char file_jax_stages_jx[] = {
#embed "../../stdlib/jax/stages.jx" suffix(, )
0};

static const char file_jax_test_util_jx[] = {
#embed "../../stdlib/jax/test_util.jx" suffix(, )
0};

static const char file_jax_tree_jx[] = {
#embed "../../stdlib/jax/tree.jx" suffix(, )
0};

static const char file_jax_tree_util_jx[] = {
#embed "../../stdlib/jax/tree_util.jx" suffix(, )
0};

static const char file_jax_typing_jx[] = {
#embed "../../stdlib/jax/typing.jx" suffix(, )
0};

static const char file_json_jx[] = {
#embed "../../stdlib/json.jx" suffix(, )
0};

static const char file_keyword_jx[] = {
#embed "../../stdlib/keyword.jx" suffix(, )
0};

static const char file_logging_jx[] = {
#embed "../../stdlib/logging.jx" suffix(, )
0};

static const char file_numbers_jx[] = {
#embed "../../stdlib/numbers.jx" suffix(, )
0};

static const char file_numpy_jx[] = {
#embed "../../stdlib/numpy.jx" suffix(, )
0};

static const char file_numpy_fft_jx[] = {
#embed "../../stdlib/numpy/fft.jx" suffix(, )
0};

static const char file_numpy_linalg_jx[] = {
#embed "../../stdlib/numpy/linalg.jx" suffix(, )
0};

static const char file_numpy_matrixlib___init___jx[] = {
#embed "../../stdlib/numpy/matrixlib/__init__.jx" suffix(, )
0};

static const char file_numpy_matrixlib_defmatrix_jx[] = {
#embed "../../stdlib/numpy/matrixlib/defmatrix.jx" suffix(, )
0};

static const char file_numpy_typing_jx[] = {
#embed "../../stdlib/numpy/typing.jx" suffix(, )
0};

static const char file_operator_jx[] = {
#embed "../../stdlib/operator.jx" suffix(, )
0};

static const char file_os___init___jx[] = {
#embed "../../stdlib/os/__init__.jx" suffix(, )
0};

static const char file_os_path_jx[] = {
#embed "../../stdlib/os/path.jx" suffix(, )
0};

static const char file_pprint_jx[] = {
#embed "../../stdlib/pprint.jx" suffix(, )
0};

static const char file_queue_jx[] = {
#embed "../../stdlib/queue.jx" suffix(, )
0};

static const char file_random_jx[] = {
#embed "../../stdlib/random.jx" suffix(, )
0};

static const char file_re_jx[] = {
#embed "../../stdlib/re.jx" suffix(, )
0};

static const char file_scipy___init___jx[] = {
#embed "../../stdlib/scipy/__init__.jx" suffix(, )
0};

static const char file_scipy_signal_jx[] = {
#embed "../../stdlib/scipy/signal.jx" suffix(, )
0};

static const char file_statistics_jx[] = {
#embed "../../stdlib/statistics.jx" suffix(, )
0};

static const char file_string_jx[] = {
#embed "../../stdlib/string.jx" suffix(, )
0};

static const char file_struct_jx[] = {
#embed "../../stdlib/struct.jx" suffix(, )
0};

static const char file_sys_jx[] = {
#embed "../../stdlib/sys.jx" suffix(, )
0};

static const char file_textwrap_jx[] = {
#embed "../../stdlib/textwrap.jx" suffix(, )
0};

static const char file_threading_jx[] = {
#embed "../../stdlib/threading.jx" suffix(, )
0};

static const char file_time_jx[] = {
#embed "../../stdlib/time.jx" suffix(, )
0};

static const char file_timeit_jx[] = {
#embed "../../stdlib/timeit.jx" suffix(, )
0};

static const char file_traceback_jx[] = {
#embed "../../stdlib/traceback.jx" suffix(, )
0};

static const char file_types_jx[] = {
#embed "../../stdlib/types.jx" suffix(, )
0};

static const char file_warnings_jx[] = {
#embed "../../stdlib/warnings.jx" suffix(, )
0};

static const char file_weakref_jx[] = {
#embed "../../stdlib/weakref.jx" suffix(, )
0};

const JXStdlibFile jxStdlibFiles[] = {
  {"__future__.jx", file___future___jx, sizeof file___future___jx - 1},
  {"_abstract.jx", file__abstract_jx, sizeof file__abstract_jx - 1},
  {"_mappings.jx", file__mappings_jx, sizeof file__mappings_jx - 1},
  {"abc.jx", file_abc_jx, sizeof file_abc_jx - 1},
  {"bisect.jx", file_bisect_jx, sizeof file_bisect_jx - 1},
  {"cmath.jx", file_cmath_jx, sizeof file_cmath_jx - 1},
  {"concurrent/__init__.jx", file_concurrent___init___jx, sizeof file_concurrent___init___jx - 1},
  {"concurrent/futures.jx", file_concurrent_futures_jx, sizeof file_concurrent_futures_jx - 1},
  {"contextlib.jx", file_contextlib_jx, sizeof file_contextlib_jx - 1},
  {"contextvars.jx", file_contextvars_jx, sizeof file_contextvars_jx - 1},
  {"copy.jx", file_copy_jx, sizeof file_copy_jx - 1},
  {"datetime.jx", file_datetime_jx, sizeof file_datetime_jx - 1},
  {"enum.jx", file_enum_jx, sizeof file_enum_jx - 1},
  {"fractions.jx", file_fractions_jx, sizeof file_fractions_jx - 1},
  {"functools.jx", file_functools_jx, sizeof file_functools_jx - 1},
  {"gc.jx", file_gc_jx, sizeof file_gc_jx - 1},
  {"graphlib.jx", file_graphlib_jx, sizeof file_graphlib_jx - 1},
  {"heapq.jx", file_heapq_jx, sizeof file_heapq_jx - 1},
  {"inspect.jx", file_inspect_jx, sizeof file_inspect_jx - 1},
  {"io.jx", file_io_jx, sizeof file_io_jx - 1},
  {"itertools.jx", file_itertools_jx, sizeof file_itertools_jx - 1},
  {"jax/__init__.jx", file_jax___init___jx, sizeof file_jax___init___jx - 1},
  {"jax/_array_methods.jx", file_jax__array_methods_jx, sizeof file_jax__array_methods_jx - 1},
  {"jax/_array_properties.jx", file_jax__array_properties_jx, sizeof file_jax__array_properties_jx - 1},
  {"jax/_binomial.jx", file_jax__binomial_jx, sizeof file_jax__binomial_jx - 1},
  {"jax/_indexing.jx", file_jax__indexing_jx, sizeof file_jax__indexing_jx - 1},
  {"jax/_jacobian.jx", file_jax__jacobian_jx, sizeof file_jax__jacobian_jx - 1},
  {"jax/_operators.jx", file_jax__operators_jx, sizeof file_jax__operators_jx - 1},
  {"jax/_pmap.jx", file_jax__pmap_jx, sizeof file_jax__pmap_jx - 1},
  {"jax/_shards.jx", file_jax__shards_jx, sizeof file_jax__shards_jx - 1},
  {"jax/_src/__init__.jx", file_jax__src___init___jx, sizeof file_jax__src___init___jx - 1},
  {"jax/_src/api.jx", file_jax__src_api_jx, sizeof file_jax__src_api_jx - 1},
  {"jax/_util.jx", file_jax__util_jx, sizeof file_jax__util_jx - 1},
  {"jax/ad_checkpoint.jx", file_jax_ad_checkpoint_jx, sizeof file_jax_ad_checkpoint_jx - 1},
  {"jax/checkpoint_policies.jx", file_jax_checkpoint_policies_jx, sizeof file_jax_checkpoint_policies_jx - 1},
  {"jax/core.jx", file_jax_core_jx, sizeof file_jax_core_jx - 1},
  {"jax/custom_derivatives.jx", file_jax_custom_derivatives_jx, sizeof file_jax_custom_derivatives_jx - 1},
  {"jax/dtypes.jx", file_jax_dtypes_jx, sizeof file_jax_dtypes_jx - 1},
  {"jax/example_libraries/__init__.jx", file_jax_example_libraries___init___jx, sizeof file_jax_example_libraries___init___jx - 1},
  {"jax/example_libraries/optimizers.jx", file_jax_example_libraries_optimizers_jx, sizeof file_jax_example_libraries_optimizers_jx - 1},
  {"jax/example_libraries/stax.jx", file_jax_example_libraries_stax_jx, sizeof file_jax_example_libraries_stax_jx - 1},
  {"jax/experimental/__init__.jx", file_jax_experimental___init___jx, sizeof file_jax_experimental___init___jx - 1},
  {"jax/experimental/ode.jx", file_jax_experimental_ode_jx, sizeof file_jax_experimental_ode_jx - 1},
  {"jax/export.jx", file_jax_export_jx, sizeof file_jax_export_jx - 1},
  {"jax/extend/__init__.jx", file_jax_extend___init___jx, sizeof file_jax_extend___init___jx - 1},
  {"jax/extend/backend.jx", file_jax_extend_backend_jx, sizeof file_jax_extend_backend_jx - 1},
  {"jax/extend/core.jx", file_jax_extend_core_jx, sizeof file_jax_extend_core_jx - 1},
  {"jax/flatten_util.jx", file_jax_flatten_util_jx, sizeof file_jax_flatten_util_jx - 1},
  {"jax/image.jx", file_jax_image_jx, sizeof file_jax_image_jx - 1},
  {"jax/lax/__init__.jx", file_jax_lax___init___jx, sizeof file_jax_lax___init___jx - 1},
  {"jax/lax/_algebra.jx", file_jax_lax__algebra_jx, sizeof file_jax_lax__algebra_jx - 1},
  {"jax/lax/_collectives.jx", file_jax_lax__collectives_jx, sizeof file_jax_lax__collectives_jx - 1},
  {"jax/lax/_elementwise.jx", file_jax_lax__elementwise_jx, sizeof file_jax_lax__elementwise_jx - 1},
  {"jax/lax/_primitive_objects.jx", file_jax_lax__primitive_objects_jx, sizeof file_jax_lax__primitive_objects_jx - 1},
  {"jax/lax/_root.jx", file_jax_lax__root_jx, sizeof file_jax_lax__root_jx - 1},
  {"jax/lax/_structure.jx", file_jax_lax__structure_jx, sizeof file_jax_lax__structure_jx - 1},
  {"jax/lax/linalg.jx", file_jax_lax_linalg_jx, sizeof file_jax_lax_linalg_jx - 1},
  {"jax/nn/__init__.jx", file_jax_nn___init___jx, sizeof file_jax_nn___init___jx - 1},
  {"jax/nn/_logsumexp.jx", file_jax_nn__logsumexp_jx, sizeof file_jax_nn__logsumexp_jx - 1},
  {"jax/nn/initializers.jx", file_jax_nn_initializers_jx, sizeof file_jax_nn_initializers_jx - 1},
  {"jax/numpy/__init__.jx", file_jax_numpy___init___jx, sizeof file_jax_numpy___init___jx - 1},
  {"jax/numpy/_algebra.jx", file_jax_numpy__algebra_jx, sizeof file_jax_numpy__algebra_jx - 1},
  {"jax/numpy/_creation.jx", file_jax_numpy__creation_jx, sizeof file_jax_numpy__creation_jx - 1},
  {"jax/numpy/_files.jx", file_jax_numpy__files_jx, sizeof file_jax_numpy__files_jx - 1},
  {"jax/numpy/_indexing.jx", file_jax_numpy__indexing_jx, sizeof file_jax_numpy__indexing_jx - 1},
  {"jax/numpy/_reductions.jx", file_jax_numpy__reductions_jx, sizeof file_jax_numpy__reductions_jx - 1},
  {"jax/numpy/_searching.jx", file_jax_numpy__searching_jx, sizeof file_jax_numpy__searching_jx - 1},
  {"jax/numpy/_selection.jx", file_jax_numpy__selection_jx, sizeof file_jax_numpy__selection_jx - 1},
  {"jax/numpy/_shaping.jx", file_jax_numpy__shaping_jx, sizeof file_jax_numpy__shaping_jx - 1},
  {"jax/numpy/_stable.jx", file_jax_numpy__stable_jx, sizeof file_jax_numpy__stable_jx - 1},
  {"jax/numpy/_statistics.jx", file_jax_numpy__statistics_jx, sizeof file_jax_numpy__statistics_jx - 1},
  {"jax/numpy/_ufunc.jx", file_jax_numpy__ufunc_jx, sizeof file_jax_numpy__ufunc_jx - 1},
  {"jax/numpy/_ufunc_methods.jx", file_jax_numpy__ufunc_methods_jx, sizeof file_jax_numpy__ufunc_methods_jx - 1},
  {"jax/numpy/_ufuncs.jx", file_jax_numpy__ufuncs_jx, sizeof file_jax_numpy__ufuncs_jx - 1},
  {"jax/numpy/fft.jx", file_jax_numpy_fft_jx, sizeof file_jax_numpy_fft_jx - 1},
  {"jax/numpy/linalg.jx", file_jax_numpy_linalg_jx, sizeof file_jax_numpy_linalg_jx - 1},
  {"jax/ops.jx", file_jax_ops_jx, sizeof file_jax_ops_jx - 1},
  {"jax/profiler.jx", file_jax_profiler_jx, sizeof file_jax_profiler_jx - 1},
  {"jax/random.jx", file_jax_random_jx, sizeof file_jax_random_jx - 1},
  {"jax/scipy/__init__.jx", file_jax_scipy___init___jx, sizeof file_jax_scipy___init___jx - 1},
  {"jax/scipy/_integrals.jx", file_jax_scipy__integrals_jx, sizeof file_jax_scipy__integrals_jx - 1},
  {"jax/scipy/_special.jx", file_jax_scipy__special_jx, sizeof file_jax_scipy__special_jx - 1},
  {"jax/scipy/cluster/__init__.jx", file_jax_scipy_cluster___init___jx, sizeof file_jax_scipy_cluster___init___jx - 1},
  {"jax/scipy/cluster/vq.jx", file_jax_scipy_cluster_vq_jx, sizeof file_jax_scipy_cluster_vq_jx - 1},
  {"jax/scipy/fft.jx", file_jax_scipy_fft_jx, sizeof file_jax_scipy_fft_jx - 1},
  {"jax/scipy/integrate.jx", file_jax_scipy_integrate_jx, sizeof file_jax_scipy_integrate_jx - 1},
  {"jax/scipy/interpolate.jx", file_jax_scipy_interpolate_jx, sizeof file_jax_scipy_interpolate_jx - 1},
  {"jax/scipy/linalg.jx", file_jax_scipy_linalg_jx, sizeof file_jax_scipy_linalg_jx - 1},
  {"jax/scipy/ndimage.jx", file_jax_scipy_ndimage_jx, sizeof file_jax_scipy_ndimage_jx - 1},
  {"jax/scipy/optimize/__init__.jx", file_jax_scipy_optimize___init___jx, sizeof file_jax_scipy_optimize___init___jx - 1},
  {"jax/scipy/optimize/_bfgs.jx", file_jax_scipy_optimize__bfgs_jx, sizeof file_jax_scipy_optimize__bfgs_jx - 1},
  {"jax/scipy/optimize/_line_search.jx", file_jax_scipy_optimize__line_search_jx, sizeof file_jax_scipy_optimize__line_search_jx - 1},
  {"jax/scipy/signal.jx", file_jax_scipy_signal_jx, sizeof file_jax_scipy_signal_jx - 1},
  {"jax/scipy/sparse/__init__.jx", file_jax_scipy_sparse___init___jx, sizeof file_jax_scipy_sparse___init___jx - 1},
  {"jax/scipy/sparse/linalg.jx", file_jax_scipy_sparse_linalg_jx, sizeof file_jax_scipy_sparse_linalg_jx - 1},
  {"jax/scipy/special.jx", file_jax_scipy_special_jx, sizeof file_jax_scipy_special_jx - 1},
  {"jax/scipy/stats/__init__.jx", file_jax_scipy_stats___init___jx, sizeof file_jax_scipy_stats___init___jx - 1},
  {"jax/scipy/stats/_kde.jx", file_jax_scipy_stats__kde_jx, sizeof file_jax_scipy_stats__kde_jx - 1},
  {"jax/scipy/stats/bernoulli.jx", file_jax_scipy_stats_bernoulli_jx, sizeof file_jax_scipy_stats_bernoulli_jx - 1},
  {"jax/scipy/stats/beta.jx", file_jax_scipy_stats_beta_jx, sizeof file_jax_scipy_stats_beta_jx - 1},
  {"jax/scipy/stats/betabinom.jx", file_jax_scipy_stats_betabinom_jx, sizeof file_jax_scipy_stats_betabinom_jx - 1},
  {"jax/scipy/stats/binom.jx", file_jax_scipy_stats_binom_jx, sizeof file_jax_scipy_stats_binom_jx - 1},
  {"jax/scipy/stats/cauchy.jx", file_jax_scipy_stats_cauchy_jx, sizeof file_jax_scipy_stats_cauchy_jx - 1},
  {"jax/scipy/stats/chi2.jx", file_jax_scipy_stats_chi2_jx, sizeof file_jax_scipy_stats_chi2_jx - 1},
  {"jax/scipy/stats/dirichlet.jx", file_jax_scipy_stats_dirichlet_jx, sizeof file_jax_scipy_stats_dirichlet_jx - 1},
  {"jax/scipy/stats/expon.jx", file_jax_scipy_stats_expon_jx, sizeof file_jax_scipy_stats_expon_jx - 1},
  {"jax/scipy/stats/gamma.jx", file_jax_scipy_stats_gamma_jx, sizeof file_jax_scipy_stats_gamma_jx - 1},
  {"jax/scipy/stats/gennorm.jx", file_jax_scipy_stats_gennorm_jx, sizeof file_jax_scipy_stats_gennorm_jx - 1},
  {"jax/scipy/stats/geom.jx", file_jax_scipy_stats_geom_jx, sizeof file_jax_scipy_stats_geom_jx - 1},
  {"jax/scipy/stats/gumbel_l.jx", file_jax_scipy_stats_gumbel_l_jx, sizeof file_jax_scipy_stats_gumbel_l_jx - 1},
  {"jax/scipy/stats/gumbel_r.jx", file_jax_scipy_stats_gumbel_r_jx, sizeof file_jax_scipy_stats_gumbel_r_jx - 1},
  {"jax/scipy/stats/laplace.jx", file_jax_scipy_stats_laplace_jx, sizeof file_jax_scipy_stats_laplace_jx - 1},
  {"jax/scipy/stats/logistic.jx", file_jax_scipy_stats_logistic_jx, sizeof file_jax_scipy_stats_logistic_jx - 1},
  {"jax/scipy/stats/multinomial.jx", file_jax_scipy_stats_multinomial_jx, sizeof file_jax_scipy_stats_multinomial_jx - 1},
  {"jax/scipy/stats/multivariate_normal.jx", file_jax_scipy_stats_multivariate_normal_jx, sizeof file_jax_scipy_stats_multivariate_normal_jx - 1},
  {"jax/scipy/stats/nbinom.jx", file_jax_scipy_stats_nbinom_jx, sizeof file_jax_scipy_stats_nbinom_jx - 1},
  {"jax/scipy/stats/norm.jx", file_jax_scipy_stats_norm_jx, sizeof file_jax_scipy_stats_norm_jx - 1},
  {"jax/scipy/stats/pareto.jx", file_jax_scipy_stats_pareto_jx, sizeof file_jax_scipy_stats_pareto_jx - 1},
  {"jax/scipy/stats/poisson.jx", file_jax_scipy_stats_poisson_jx, sizeof file_jax_scipy_stats_poisson_jx - 1},
  {"jax/scipy/stats/t.jx", file_jax_scipy_stats_t_jx, sizeof file_jax_scipy_stats_t_jx - 1},
  {"jax/scipy/stats/truncnorm.jx", file_jax_scipy_stats_truncnorm_jx, sizeof file_jax_scipy_stats_truncnorm_jx - 1},
  {"jax/scipy/stats/uniform.jx", file_jax_scipy_stats_uniform_jx, sizeof file_jax_scipy_stats_uniform_jx - 1},
  {"jax/scipy/stats/vonmises.jx", file_jax_scipy_stats_vonmises_jx, sizeof file_jax_scipy_stats_vonmises_jx - 1},
  {"jax/scipy/stats/wrapcauchy.jx", file_jax_scipy_stats_wrapcauchy_jx, sizeof file_jax_scipy_stats_wrapcauchy_jx - 1},
  {"jax/sharding.jx", file_jax_sharding_jx, sizeof file_jax_sharding_jx - 1},
  {"jax/stages.jx", file_jax_stages_jx, sizeof file_jax_stages_jx - 1},
  {"jax/test_util.jx", file_jax_test_util_jx, sizeof file_jax_test_util_jx - 1},
  {"jax/tree.jx", file_jax_tree_jx, sizeof file_jax_tree_jx - 1},
  {"jax/tree_util.jx", file_jax_tree_util_jx, sizeof file_jax_tree_util_jx - 1},
  {"jax/typing.jx", file_jax_typing_jx, sizeof file_jax_typing_jx - 1},
  {"json.jx", file_json_jx, sizeof file_json_jx - 1},
  {"keyword.jx", file_keyword_jx, sizeof file_keyword_jx - 1},
  {"logging.jx", file_logging_jx, sizeof file_logging_jx - 1},
  {"numbers.jx", file_numbers_jx, sizeof file_numbers_jx - 1},
  {"numpy.jx", file_numpy_jx, sizeof file_numpy_jx - 1},
  {"numpy/fft.jx", file_numpy_fft_jx, sizeof file_numpy_fft_jx - 1},
  {"numpy/linalg.jx", file_numpy_linalg_jx, sizeof file_numpy_linalg_jx - 1},
  {"numpy/matrixlib/__init__.jx", file_numpy_matrixlib___init___jx, sizeof file_numpy_matrixlib___init___jx - 1},
  {"numpy/matrixlib/defmatrix.jx", file_numpy_matrixlib_defmatrix_jx, sizeof file_numpy_matrixlib_defmatrix_jx - 1},
  {"numpy/typing.jx", file_numpy_typing_jx, sizeof file_numpy_typing_jx - 1},
  {"operator.jx", file_operator_jx, sizeof file_operator_jx - 1},
  {"os/__init__.jx", file_os___init___jx, sizeof file_os___init___jx - 1},
  {"os/path.jx", file_os_path_jx, sizeof file_os_path_jx - 1},
  {"pprint.jx", file_pprint_jx, sizeof file_pprint_jx - 1},
  {"queue.jx", file_queue_jx, sizeof file_queue_jx - 1},
  {"random.jx", file_random_jx, sizeof file_random_jx - 1},
  {"re.jx", file_re_jx, sizeof file_re_jx - 1},
  {"scipy/__init__.jx", file_scipy___init___jx, sizeof file_scipy___init___jx - 1},
  {"scipy/signal.jx", file_scipy_signal_jx, sizeof file_scipy_signal_jx - 1},
  {"statistics.jx", file_statistics_jx, sizeof file_statistics_jx - 1},
  {"string.jx", file_string_jx, sizeof file_string_jx - 1},
  {"struct.jx", file_struct_jx, sizeof file_struct_jx - 1},
  {"sys.jx", file_sys_jx, sizeof file_sys_jx - 1},
  {"textwrap.jx", file_textwrap_jx, sizeof file_textwrap_jx - 1},
  {"threading.jx", file_threading_jx, sizeof file_threading_jx - 1},
  {"time.jx", file_time_jx, sizeof file_time_jx - 1},
  {"timeit.jx", file_timeit_jx, sizeof file_timeit_jx - 1},
  {"traceback.jx", file_traceback_jx, sizeof file_traceback_jx - 1},
  {"types.jx", file_types_jx, sizeof file_types_jx - 1},
  {"warnings.jx", file_warnings_jx, sizeof file_warnings_jx - 1},
  {"weakref.jx", file_weakref_jx, sizeof file_weakref_jx - 1},
};

const size_t jxStdlibFileCount = sizeof jxStdlibFiles / sizeof *jxStdlibFiles;
