"""Records .npy and .npz files for the tests of reading: files.py DIRECTORY"""

import sys

import numpy as np

folder = sys.argv[1]
matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
np.save(f"{folder}/matrix.npy", matrix)
np.save(f"{folder}/fortran.npy", np.asfortranarray(matrix))
np.save(f"{folder}/big_endian.npy", np.array([1, -2, 300], dtype=">i4"))
np.save(f"{folder}/scalar.npy", np.float64(2.5))
np.savez(f"{folder}/stored.npz", a=matrix, b=np.array([True, False]))
np.savez_compressed(f"{folder}/compressed.npz", a=np.tile(matrix, (20, 20)), b=np.arange(500) % 7)
