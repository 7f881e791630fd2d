"""The logging workload of log.ts on Trackio, local: python bench/peer_trackio.py [--calls 20000] [--short]. Prints one JSON object.

Needs trackio; no part of Atelier needs this file.
"""
import argparse
import json
import math
import os
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--calls", type=int, default=20000)
arguments.add_argument("--short", action="store_true", help="a tenth of the calls")
arguments.add_argument("--json", action="store_true", help="in one line")
options = arguments.parse_args()
if options.short:
    options.calls //= 10
os.environ["TRACKIO_DIR"] = tempfile.mkdtemp(prefix="trackio-bench-")

import trackio

trackio.init(project="bench", embed=False)
times = []
begun = time.perf_counter()
for step in range(options.calls):
    values = {"train/loss": 1 / (step + 1), "train/accuracy": math.sin(step), "train/imagesPerSecond": step * 0.7}
    before = time.perf_counter()
    trackio.log(values, step=step)
    times.append(time.perf_counter() - before)
trackio.finish()
stored = time.perf_counter() - begun
ordered = sorted(times)
at = lambda q: round(1e6 * ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2)
result = {
    "benchmark": "peer-trackio",
    "trackio": trackio.__version__,
    "log": {"calls": len(times), "meanUs": round(1e6 * sum(times) / len(times), 2), "p50Us": at(0.5), "p99Us": at(0.99), "p999Us": at(0.999)},
    "flushPointsPerSecond": round(3 * len(times) / stored),
}
print(json.dumps(result, indent=None if options.json else 2))
