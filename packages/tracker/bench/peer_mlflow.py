"""The workload of log.ts and table.ts on MLflow with a local SQLite store: python bench/peer_mlflow.py [--runs 1000] [--points 5000].
With --store <mlflow.db> only the queries are asked, of a store that is there: what `export --format=mlflow` makes of the store of
`bench/table.ts --keep=<folder>`, for instance.

Prints one JSON object. Needs mlflow; no part of Atelier needs this file.
"""
import argparse
import json
import math
import os
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--runs", type=int, default=1000)
arguments.add_argument("--points", type=int, default=3000)
arguments.add_argument("--store")
arguments.add_argument("--queries", type=int, default=20)
options = arguments.parse_args()

import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

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


def search(count, among=None, **changes):
    times = []
    for at in range(count):
        query = {
            "filter_string": f"metrics.`val/accuracy` > {0.5 + at / 200}",
            "max_results": 50,
            "order_by": ["metrics.`val/accuracy` DESC"],
            **{name: value(at) if callable(value) else value for name, value in changes.items()},
        }
        before = time.perf_counter()
        client.search_runs(among or [experiment], **query)
        times.append(time.perf_counter() - before)
    return quantiles(times[1:])


def deep_page(among, page, rows):
    """The page by its token, as MLflow's page reads on; asked again and again."""
    token = None
    query = {"filter_string": "", "max_results": rows, "order_by": ["metrics.`val/accuracy` DESC"]}
    for _ in range(page - 1):
        token = client.search_runs(among, page_token=token, **query).token
    return search(options.queries, among, page_token=token, **query)


def curve(among):
    run = client.search_runs(among, "attributes.run_name = 'long'")[0].info.run_id
    times = []
    for _ in range(3):
        before = time.perf_counter()
        count = len(client.get_metric_history(run, "train/loss"))
        times.append(time.perf_counter() - before)
    return {"points": count, **quantiles(times)}


if options.store:
    mlflow.set_tracking_uri(f"sqlite:///{os.path.abspath(options.store)}")
    client = MlflowClient()
    among = [each.experiment_id for each in client.search_experiments()]
    both = lambda at: f"metrics.`val/accuracy` > {0.5 + at / 200} and params.batchSize = '{2 ** (4 + at % 5)}'"
    print(
        json.dumps(
            {
                "mlflow": mlflow.__version__,
                "fileMegabytes": round(os.path.getsize(options.store) / 1e6, 1),
                "metricFilterSorted": search(options.queries, among),
                "metricAndParameterSorted": search(options.queries, among, filter_string=both),
                "newest50": search(options.queries, among, filter_string="", order_by=[]),
                "page500": deep_page(among, 500, 40),
                "curveWhole": curve(among),
            },
            indent=2,
        )
    )
    raise SystemExit


result = {
    "mlflow": mlflow.__version__,
    "log": log_calls(max(100, options.points // 10)),
    "flushPointsPerSecond": flush_rate(options.points),
    "fillSeconds": fill(options.runs),
    "runs": options.runs,
    "search": search(30),
    "fileMegabytes": round(os.path.getsize(file) / 1e6, 1),
}
print(json.dumps(result, indent=2))
