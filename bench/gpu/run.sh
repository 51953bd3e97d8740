#!/bin/sh
# Checks and measures jxc's kernels on this machine's NVIDIA GPU: run.sh [FOLDER OF THE BUNDLE]
# Where Python with JAX for this GPU is found, JAX's times of the same functions follow.
set -u
bundle=${1:-$(dirname "$0")}
timeout 300 "$bundle/check"
status=$?
# 2: there is no GPU.
if [ $status -eq 2 ]; then exit 2; fi
if python3 -c 'import jax; assert jax.default_backend() == "gpu"' 2> /dev/null; then
  echo "JAX:"
  timeout 170 python3 "$bundle/jax_times.py"
else
  echo "JAX is not installed for this GPU: no times to compare with"
fi
exit $status
