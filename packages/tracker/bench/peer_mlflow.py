"""The workload of log.ts and table.ts on MLflow with a local SQLite store: python bench/peer_mlflow.py [--short] [--runs 1000] [--points 5000].
With --store <mlflow.db> only the queries are asked, of a store that is there: what `export --format=mlflow` makes of the store of
`bench/table.ts --keep=<folder>`, for instance. Each query then is asked once to warm up and three times for its time, each time in at most
--limit seconds; what takes longer is said so ("timedOut"), and the others still get their turn.

Prints one JSON object. Needs mlflow; no part of Atelier needs this file.
"""
import argparse
import json
import math
import multiprocessing
import os
import sys
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--runs", type=int, default=1000)
arguments.add_argument("--points", type=int, default=3000)
arguments.add_argument("--store")
arguments.add_argument("--queries", type=int, default=3, help="with --store: measured repetitions")
arguments.add_argument("--limit", type=float, default=60, help="with --store: seconds that one repetition may take")
arguments.add_argument("--only", help="with --store: this query alone")
arguments.add_argument("--short", action="store_true", help="a fifth of the work")
arguments.add_argument("--json", action="store_true", help="in one line")
options = arguments.parse_args()
if options.short:
    options.runs, options.points, options.queries = options.runs // 5, options.points // 5, 1


def show(result):
    print(json.dumps(result, indent=None if options.json else 2))


import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient
from mlflow.utils.search_utils import SearchUtils

if not options.store:
    folder = tempfile.mkdtemp(prefix="mlflow-bench-")
    file = os.path.join(folder, "mlflow.db")
    mlflow.set_tracking_uri(f"sqlite:///{file}")
    client = MlflowClient()
    experiment = client.create_experiment("bench")


def quantiles(seconds):
    ordered = sorted(seconds)
    at = lambda q: round(1e6 * ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2)
    mean = round(1e6 * sum(ordered) / len(ordered), 2)
    return {"calls": len(ordered), "meanUs": mean, "p50Us": at(0.5), "p99Us": at(0.99), "p999Us": at(0.999)}


def log_calls(count):
    """Three numbers a call, as in log.ts."""
    times = []
    with mlflow.start_run(experiment_id=experiment):
        for step in range(count):
            values = {"train/loss": 1 / (step + 1), "train/accuracy": math.sin(step), "train/imagesPerSecond": step * 0.7}
            before = time.perf_counter()
            mlflow.log_metrics(values, step=step)
            times.append(time.perf_counter() - before)
    return quantiles(times)


def flush_rate(points):
    """The fastest way in: batches of 1000."""
    run = client.create_run(experiment)
    begun = time.perf_counter()
    for first in range(0, points, 1000):
        batch = [Metric("train/loss", math.sin(step), 1000 + step, step) for step in range(first, min(first + 1000, points))]
        client.log_batch(run.info.run_id, metrics=batch)
    return round(points / (time.perf_counter() - begun))


def fill(count):
    begun = time.perf_counter()
    for at in range(count):
        run = client.create_run(experiment)
        metrics = [Metric("val/accuracy", math.sin(at * 50 + step) / 2 + 0.5, 1000 + step, step) for step in range(50)]
        parameters = [Param("optimizer.learningRate", str(10 ** -(1 + at % 4))), Param("seed", str(at % 10))]
        client.log_batch(run.info.run_id, metrics=metrics, params=parameters)
        client.set_terminated(run.info.run_id)
    return round(time.perf_counter() - begun, 2)


def search(count):
    times = []
    for at in range(count):
        before = time.perf_counter()
        above = f"metrics.`val/accuracy` > {0.5 + at / 200}"
        client.search_runs([experiment], above, max_results=50, order_by=["metrics.`val/accuracy` DESC"])
        times.append(time.perf_counter() - before)
    return quantiles(times[1:])


def ask(work, pipe):
    """Runs in a process of its own, which can be stopped in the middle of a query."""
    for at in range(1 + options.queries):
        before = time.perf_counter()
        found = work(at)
        pipe.send((1000 * (time.perf_counter() - before), found))
    pipe.close()


def timed(name, work):
    """Milliseconds of each repetition after the first, and what the last one found."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=ask, args=(work, theirs))
    child.start()
    theirs.close()
    times, found, late = [], None, False
    while len(times) <= options.queries and not late:
        late = not ours.poll(options.limit)
        if not late:
            try:
                time_ms, found = ours.recv()
            except EOFError:
                break
            times.append(round(time_ms, 1))
    child.kill()
    child.join()
    measured = {"warmMs": times[:1], "timesMs": times[1:], "found": found}
    if late:
        measured["timedOut"] = f"a repetition took more than {options.limit} s"
    elif len(times) <= options.queries:
        measured["failed"] = "see the messages above"
    if times[1:]:
        measured["medianMs"] = sorted(times[1:])[len(times[1:]) // 2]
    print(f"{name}: {json.dumps(measured)}", file=sys.stderr, flush=True)
    return measured


def page(filter_string, order_by, offset=0, rows=50):
    """How many rows a page of the run table has. MLflow's page token is an offset."""
    token = SearchUtils.create_page_token(offset) if offset else None
    return len(store_client().search_runs(everything(), filter_string, max_results=rows, order_by=order_by, page_token=token))


def store_client():
    return MlflowClient(tracking_uri=f"sqlite:///{os.path.abspath(options.store)}")


def everything():
    return [each.experiment_id for each in store_client().search_experiments()]


def points_of(run, key):
    return len(store_client().get_metric_history(run, key))


def store_queries():
    best = ["metrics.`val/accuracy` DESC"]
    above = lambda at: f"metrics.`val/accuracy` > {0.5 + at / 200}"
    both = lambda at: f"{above(at)} and params.batchSize = '{2 ** (4 + at % 5)}'"
    run_of = lambda name: store_client().search_runs(everything(), f"attributes.run_name = '{name}'")[0].info.run_id
    short, long = run_of("run-100"), run_of("long")
    queries = {
        "newest50": lambda at: page("", []),
        "metricFilterSorted": lambda at: page(above(at), best),
        "metricAndParameterSorted": lambda at: page(both(at), best),
        "page500": lambda at: page("", best, offset=499 * 40, rows=40),
        "curveOfOneRun": lambda at: points_of(short, "val/accuracy"),
        "curveOfAMillion": lambda at: points_of(long, "train/loss"),
    }
    return {name: timed(name, work) for name, work in queries.items() if options.only in (None, name)}


if options.store:
    multiprocessing.set_start_method("fork")
    megabytes = round(os.path.getsize(options.store) / 1e6, 1)
    show({"benchmark": "peer-mlflow-store", "mlflow": mlflow.__version__, "fileMegabytes": megabytes, **store_queries()})
    raise SystemExit


result = {
    "benchmark": "peer-mlflow",
    "mlflow": mlflow.__version__,
    "log": log_calls(max(100, options.points // 10)),
    "flushPointsPerSecond": flush_rate(options.points),
    "fillSeconds": fill(options.runs),
    "runs": options.runs,
    "search": search(30),
    "fileMegabytes": round(os.path.getsize(file) / 1e6, 1),
}
show(result)
