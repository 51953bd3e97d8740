"""Reads handwritten digits, a line each: the digit, then 64 grey values from 0 to 16."""
import sys

import numpy as np

from digits import classify
from filter import edges


def disc(height, width):
    y, x = np.mgrid[0:height, 0:width]
    inside = (y - height // 2) ** 2 + (x - width // 2) ** 2 < 40 ** 2
    return np.where(inside, 200, 20).astype(np.uint8)


print("classify takes float32 image of 64 numbers")
for line in sys.stdin:
    label, *pixels = map(int, line.split())
    digit, likely = classify(np.array(pixels, np.float32) / 16)
    print(f"a {label}, read as {digit} ({100 * likely[digit]:.0f}%)")
print("sum of the edges:", edges(disc(120, 160)).sum(dtype=int))
