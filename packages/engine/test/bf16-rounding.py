"""Writes bf16-rounding.json: floats and what bfloat16 makes of them, by ml_dtypes (the type that TensorFlow and JAX use).

Run: python3 bf16-rounding.py > bf16-rounding.json, with numpy and ml_dtypes.
"""

import json
import sys

import ml_dtypes
import numpy as np

random = np.random.default_rng(7)
uppers = [0x0000, 0x0001, 0x007F, 0x0080, 0x3F7F, 0x3F80, 0x3F81, 0x42FF, 0x7F7E, 0x7F7F]
lowers = [0x0000, 0x0001, 0x7FFF, 0x8000, 0x8001, 0xFFFF]
edges = [u << 16 | l for u in uppers for l in lowers]
infinite = [0x7F800000]
nans = [0x7F800001, 0x7F80FFFF, 0x7FBFFFFF, 0x7FC00000, 0x7FFFFFFF, 0x7F810000]
anywhere = random.integers(0, 0x7F800000, 200).tolist()
ties = [(int(u) << 16) | 0x8000 for u in random.integers(0, 0x7F80, 40)]
positive = np.array(edges + infinite + nans + anywhere + ties, np.uint32)
floats = np.concatenate([positive, positive | np.uint32(0x80000000)])
with np.errstate(all="ignore"):
    halves = floats.view(np.float32).astype(ml_dtypes.bfloat16).view(np.uint16)
json.dump({"float32": floats.tolist(), "bfloat16": halves.tolist()}, sys.stdout)
print()
