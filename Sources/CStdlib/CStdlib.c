/* Written by stdlib/embed.sh: the files of stdlib/, sorted by path. */
#include "CStdlib.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char file_jax___init___jx[] = {
#embed "../../stdlib/jax/__init__.jx" suffix(, )
0};

static const char file_jax__array_methods_jx[] = {
#embed "../../stdlib/jax/_array_methods.jx" suffix(, )
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

static const char file_jax__util_jx[] = {
#embed "../../stdlib/jax/_util.jx" suffix(, )
0};

static const char file_jax_lax___init___jx[] = {
#embed "../../stdlib/jax/lax/__init__.jx" suffix(, )
0};

static const char file_jax_lax__algebra_jx[] = {
#embed "../../stdlib/jax/lax/_algebra.jx" suffix(, )
0};

static const char file_jax_lax__elementwise_jx[] = {
#embed "../../stdlib/jax/lax/_elementwise.jx" suffix(, )
0};

static const char file_jax_lax__structure_jx[] = {
#embed "../../stdlib/jax/lax/_structure.jx" suffix(, )
0};

static const char file_jax_lax_linalg_jx[] = {
#embed "../../stdlib/jax/lax/linalg.jx" suffix(, )
0};

static const char file_jax_numpy___init___jx[] = {
#embed "../../stdlib/jax/numpy/__init__.jx" suffix(, )
0};

static const char file_jax_numpy__creation_jx[] = {
#embed "../../stdlib/jax/numpy/_creation.jx" suffix(, )
0};

static const char file_jax_numpy__reductions_jx[] = {
#embed "../../stdlib/jax/numpy/_reductions.jx" suffix(, )
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

static const char file_jax_numpy__ufuncs_jx[] = {
#embed "../../stdlib/jax/numpy/_ufuncs.jx" suffix(, )
0};

static const char file_jax_ops_jx[] = {
#embed "../../stdlib/jax/ops.jx" suffix(, )
0};

static const char file_jax_tree_jx[] = {
#embed "../../stdlib/jax/tree.jx" suffix(, )
0};

static const char file_jax_tree_util_jx[] = {
#embed "../../stdlib/jax/tree_util.jx" suffix(, )
0};

const JXStdlibFile jxStdlibFiles[] = {
  {"jax/__init__.jx", file_jax___init___jx, sizeof file_jax___init___jx - 1},
  {"jax/_array_methods.jx", file_jax__array_methods_jx, sizeof file_jax__array_methods_jx - 1},
  {"jax/_indexing.jx", file_jax__indexing_jx, sizeof file_jax__indexing_jx - 1},
  {"jax/_jacobian.jx", file_jax__jacobian_jx, sizeof file_jax__jacobian_jx - 1},
  {"jax/_operators.jx", file_jax__operators_jx, sizeof file_jax__operators_jx - 1},
  {"jax/_util.jx", file_jax__util_jx, sizeof file_jax__util_jx - 1},
  {"jax/lax/__init__.jx", file_jax_lax___init___jx, sizeof file_jax_lax___init___jx - 1},
  {"jax/lax/_algebra.jx", file_jax_lax__algebra_jx, sizeof file_jax_lax__algebra_jx - 1},
  {"jax/lax/_elementwise.jx", file_jax_lax__elementwise_jx, sizeof file_jax_lax__elementwise_jx - 1},
  {"jax/lax/_structure.jx", file_jax_lax__structure_jx, sizeof file_jax_lax__structure_jx - 1},
  {"jax/lax/linalg.jx", file_jax_lax_linalg_jx, sizeof file_jax_lax_linalg_jx - 1},
  {"jax/numpy/__init__.jx", file_jax_numpy___init___jx, sizeof file_jax_numpy___init___jx - 1},
  {"jax/numpy/_creation.jx", file_jax_numpy__creation_jx, sizeof file_jax_numpy__creation_jx - 1},
  {"jax/numpy/_reductions.jx", file_jax_numpy__reductions_jx, sizeof file_jax_numpy__reductions_jx - 1},
  {"jax/numpy/_selection.jx", file_jax_numpy__selection_jx, sizeof file_jax_numpy__selection_jx - 1},
  {"jax/numpy/_shaping.jx", file_jax_numpy__shaping_jx, sizeof file_jax_numpy__shaping_jx - 1},
  {"jax/numpy/_stable.jx", file_jax_numpy__stable_jx, sizeof file_jax_numpy__stable_jx - 1},
  {"jax/numpy/_ufuncs.jx", file_jax_numpy__ufuncs_jx, sizeof file_jax_numpy__ufuncs_jx - 1},
  {"jax/ops.jx", file_jax_ops_jx, sizeof file_jax_ops_jx - 1},
  {"jax/tree.jx", file_jax_tree_jx, sizeof file_jax_tree_jx - 1},
  {"jax/tree_util.jx", file_jax_tree_util_jx, sizeof file_jax_tree_util_jx - 1},
};

const size_t jxStdlibFileCount = sizeof jxStdlibFiles / sizeof *jxStdlibFiles;
