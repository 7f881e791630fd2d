"""Opens our exports with the real programs and compares everything. Needs mlflow, tensorboard, pyarrow and pandas.

python test/interop-peers.py compare-mlflow <store> <other store>   everything that MlflowClient reads, of both
python test/interop-peers.py tables <folder of parquet> <folder of csv> <file of jsonl>
python test/interop-peers.py tensorboard <folder> <file of jsonl>   through tensorboard's HTTP API
python test/interop-peers.py mlflow-ui <store> <file of jsonl>      through mlflow's REST API
python test/interop-peers.py golden <folder of golden files> <file to write>
python test/interop-peers.py make-mlflow <store> <folder of artifacts>

A store is the folder of an export, a folder of MLflow's files, or a SQLite file.
"""

import json
import math
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


def uri_of(store):
    path = pathlib.Path(store).resolve()
    if path.suffix == ".db":
        return f"sqlite:///{path}"
    if path.is_file():
        return f"sqlite:///{path}"
    return f"sqlite:///{path}/mlflow.db" if (path / "mlflow.db").exists() else str(path)


def same(a, b):
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))


def number(value):
    """MLflow's SQL store holds infinities as the largest double, its file store as they are."""
    if math.isnan(value):
        return "nan"
    return math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else value


def artifacts_of(client, run, path=None):
    found = {}
    for item in client.list_artifacts(run.info.run_id, path):
        if item.is_dir:
            found.update(artifacts_of(client, run, item.path))
        else:
            with tempfile.TemporaryDirectory() as folder:
                found[item.path] = pathlib.Path(client.download_artifacts(run.info.run_id, item.path, folder)).read_bytes()
    return found


def read_store(store):
    """All that MlflowClient says about a store, keyed so that two of them can be compared."""
    from mlflow import MlflowClient
    from mlflow.entities import ViewType

    client = MlflowClient(uri_of(store))
    content = {}
    experiments = client.search_experiments(view_type=ViewType.ALL)
    for e in experiments:
        content["experiment", e.experiment_id] = {
            "name": e.name,
            "stage": e.lifecycle_stage,
            "tags": e.tags,
            # the Default experiment of a store that had none is made new
            "times": (e.creation_time, e.last_update_time),
        }
    points = 0
    for e in experiments:
        for run in client.search_runs([e.experiment_id], run_view_type=ViewType.ALL, max_results=5000):
            run = client.get_run(run.info.run_id)
            info = run.info
            record = {
                "experiment": info.experiment_id,
                "name": info.run_name,
                "status": info.status,
                "times": (info.start_time, info.end_time),
                "stage": info.lifecycle_stage,
                "user": info.user_id,
                "params": run.data.params,
                "tags": run.data.tags,
                "latest": {key: number(value) for key, value in run.data.metrics.items()},
                "inputs": sorted(
                    (i.dataset.name, i.dataset.digest, i.dataset.source_type, i.dataset.source, str(i.dataset.schema), str(i.dataset.profile), sorted((t.key, t.value) for t in i.tags))
                    for i in run.inputs.dataset_inputs
                ),
                "history": {},
                "artifacts": artifacts_of(client, run) if e.lifecycle_stage == "active" else {},
            }
            for key in run.data.metrics:
                history = client.get_metric_history(info.run_id, key)
                points += len(history)
                record["history"][key] = sorted((m.timestamp, m.step, str(number(m.value))) for m in history)
            content["run", info.run_id] = record
    return content, points


def compare_mlflow(one, other):
    (a, points), (b, other_points) = read_store(one), read_store(other)
    # MLflow's own SQL store keeps one of two equal values, so its histories are compared as sets
    differences = []
    for key in sorted(set(a) | set(b)):
        if key not in a or key not in b:
            differences.append(f"{key} is only in {one if key in a else other}")
            continue
        for field in a[key]:
            x, y = a[key][field], b[key][field]
            if field == "history":
                x, y = ({k: sorted(set(v)) for k, v in h.items()} for h in (x, y))
            if x != y:
                differences.append(f"{key} {field}: {str(x)[:300]} != {str(y)[:300]}")
    kinds = [sum(1 for key in a if key[0] == kind) for kind in ("experiment", "run")]
    files = sum(len(a[key]["artifacts"]) for key in a if key[0] == "run")
    print(json.dumps({"experiments": kinds[0], "runs": kinds[1], "artifacts": files, "points": points, "otherPoints": other_points, "differences": differences}, indent=1))
    return not differences


def read_jsonl(file):
    names = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    runs, points = {}, {}
    for line in open(file, encoding="utf-8"):
        item = json.loads(line)
        if item["type"] == "run":
            runs[item["id"]] = item
        else:
            value = names.get(item["value"], item["value"])
            points.setdefault((item["runId"], item["key"]), []).append((item["step"], item["wallTime"], float(value), item.get("epoch")))
    return runs, points


def tables(parquet, csv, jsonl):
    import pandas as pd
    import pyarrow.parquet as pq

    runs, expected = read_jsonl(jsonl)
    count = sum(map(len, expected.values()))
    table = pq.read_table(f"{parquet}/points.parquet")
    table.validate(full=True)
    schema = {field.name: (str(field.type), field.nullable) for field in table.schema}
    assert schema["step"] == ("int64", False), schema
    assert schema["wallTime"] == ("timestamp[ms, tz=UTC]", False), schema
    rows = table.to_pydict()
    got = {}
    millis = table.column("wallTime").cast("int64").to_pylist()
    for i in range(table.num_rows):
        got.setdefault((rows["runId"][i], rows["key"][i]), []).append((rows["step"][i], millis[i], rows["value"][i], rows["epoch"][i]))
    assert got.keys() == expected.keys()
    for key in expected:
        assert len(got[key]) == len(expected[key]), key
        assert all(all(map(same, x, y)) for x, y in zip(got[key], expected[key])), key
    frame = pd.read_csv(f"{csv}/points.csv", parse_dates=["wallTime"], float_precision="round_trip", keep_default_na=False, na_values={"epoch": [""], "value": ["NaN"]})
    assert len(frame) == count
    order = pd.read_parquet(f"{parquet}/points.parquet")
    for column in ("runId", "key", "step"):
        assert (frame[column] == order[column]).all(), column
    for column in ("value", "epoch"):
        assert ((frame[column] == order[column]) | (frame[column].isna() & order[column].isna())).all(), column
    assert (frame["wallTime"].astype("int64") == order["wallTime"].astype("int64")).all() or (frame["wallTime"] == order["wallTime"]).all()
    table = pq.read_table(f"{parquet}/runs.parquet")
    table.validate(full=True)
    for row in table.to_pylist():
        run = runs[row["id"]]
        for name, value in run["metrics"].items():
            value = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value, value)
            assert same(row[f"metric.{name}"], float(value)), (name, row[f"metric.{name}"], value)
        for name, value in run["parameters"].items():
            cell = row[f"param.{name}"]
            assert cell == value or cell == (value if isinstance(value, str) else json.dumps(value)), (name, cell, value)
        assert row["name"] == run["name"] and row["status"] == run["status"]
        assert row["createdAt"].timestamp() * 1000 == run["createdAt"]
    frame = pd.read_csv(f"{csv}/runs.csv")
    assert list(frame["id"]) == [row["id"] for row in table.to_pylist()]
    assert list(frame.columns) == table.column_names
    print(json.dumps({"runs": len(runs), "points": count, "columns": table.num_columns}))
    return True


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, *command, port):
        self.base = f"http://127.0.0.1:{port}/"
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)

    def get(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"})
        return json.loads(urllib.request.urlopen(request, timeout=30).read())

    def wait(self, ready, seconds=90):
        end = time.time() + seconds
        while time.time() < end:
            try:
                if ready():
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.5)
        self.log.seek(0)
        raise SystemExit("the server never answered:\n" + self.log.read().decode()[-2000:])


def tool(name):
    return str(pathlib.Path(sys.executable).parent / name)


def float32(value):
    import struct

    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def tensorboard(folder, jsonl):
    """Every point through the scalars plugin of the default (fast) loader; settings, texts and pictures through theirs."""
    runs, expected = read_jsonl(jsonl)
    port = free_port()
    command = [tool("tensorboard"), "--logdir", folder, "--port", str(port), "--samples_per_plugin", "scalars=100000000,images=100"]
    with Server(*command, port=port) as server:
        tags = lambda: server.get("data/plugin/scalars/tags")
        # the HParams page fails as a whole where a step needs more than 32 bits
        paged = all(step < 2**31 for points in expected.values() for step, *_ in points)
        sessions = lambda: server.get("data/plugin/hparams/session_groups", HPARAMS)["sessionGroups"] if paged else []
        server.wait(lambda: sum(map(len, tags().values())) >= len(expected) and len(sessions()) == (len(runs) if paged else 0))
        by_id = {int(name.split("/")[-1].split("-")[0]): name for name in tags()}
        compared = 0
        for (run, key), points in expected.items():
            query = urllib.parse.urlencode({"run": by_id[run], "tag": key})
            got = server.get(f"data/plugin/scalars/scalars?{query}")
            # a later point of one step takes the place of the earlier one
            last = {step: (wall, value) for step, wall, value, _ in sorted(points, key=lambda p: p[0])}
            assert [step for _, step, _ in got] == list(last), (run, key, len(got), len(last))
            for wall, step, value in got:
                value = float(value)  # NaN and infinities come as their names
                assert abs(wall * 1000 - last[step][0]) < 1, (run, key, step)
                assert same(value, float32(last[step][1])), (run, key, step, value, last[step][1])
            compared += len(got)
        groups = sessions()
        for group in groups:
            # a run without a point has no folder among the tags
            run = next(r for i, r in runs.items() if by_id.get(i, r["name"]) in json.dumps(group) or group["name"] == r["name"])
            for name, value in run["parameters"].items():
                assert group["hparams"][name] == ("null" if value is None else value), (name, value)
        texts = server.get("data/plugin/text/tags")
        pictures = {run: sorted(tags) for run, tags in server.get("data/plugin/images/tags").items()}
        print(json.dumps({"runs": len(by_id), "points": compared, "sessions": len(groups), "texts": len(texts), "pictures": sum(map(len, pictures.values()))}))
    return True


HPARAMS = {
    "experimentName": "",
    "colParams": [],
    "startIndex": 0,
    "sliceSize": 100000,
    "allowedStatuses": ["STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING", "STATUS_UNKNOWN"],
}


def mlflow_name(client, run, key):
    """The name that a metric has in MLflow, which refuses some."""
    with tempfile.TemporaryDirectory() as folder:
        record = json.loads(pathlib.Path(client.download_artifacts(run, "atelier/run.json", folder)).read_text())
    return next((name for name, ours in record["metricNames"].items() if ours == key), key)


def mlflow_ui(store, jsonl):
    """What the real `mlflow ui` answers to its page: the list of experiments, runs found by a metric, a history."""
    runs, expected = read_jsonl(jsonl)
    port = free_port()
    command = [tool("mlflow"), "ui", "--backend-store-uri", uri_of(store), "--port", str(port)]
    with Server(*command, port=port) as server:
        api = "api/2.0/mlflow/"
        server.wait(lambda: server.get(api + "experiments/search?max_results=100"), 120)
        experiments = server.get(api + "experiments/search?max_results=1000")["experiments"]
        ids = [e["experiment_id"] for e in experiments]
        names = {r["project"] for r in runs.values()}
        assert names <= {e["name"] for e in experiments}, experiments
        found = server.get(api + "runs/search", {"experiment_ids": ids, "max_results": 5000})["runs"]
        assert sorted(r["info"]["run_name"] for r in found) == sorted(r["name"] for r in runs.values())
        filtered = server.get(api + "runs/search", {"experiment_ids": ids, "filter": "attributes.status = 'FINISHED'"}).get("runs", [])
        assert len(filtered) == sum(r["status"] == "FINISHED" for r in runs.values())
        from mlflow import MlflowClient

        client = MlflowClient(server.base.rstrip("/"))
        compared = 0
        by_name = {r["info"]["run_name"]: r["info"]["run_id"] for r in found}
        for (run, key), points in expected.items():
            key = mlflow_name(client, by_name[runs[run]["name"]], key)
            query = urllib.parse.urlencode({"run_id": by_name[runs[run]["name"]], "metric_key": key, "max_results": 25000})
            metrics = server.get(f"{api}metrics/get-history?{query}").get("metrics", [])
            got = sorted({(int(m["timestamp"]), int(m.get("step", 0)), str(number(float(m["value"])))) for m in metrics})
            assert got == sorted({(w, s, str(number(v))) for s, w, v, _ in points}), (run, key)
            compared += len(metrics)
        print(json.dumps({"experiments": len(ids), "runs": len(found), "finished": len(filtered), "points": compared}))
    return True


def make_mlflow(store, artifacts):
    """A store with one of everything: odd names and values, deleted runs and experiments, datasets, artifacts."""
    from mlflow import MlflowClient
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

    client = MlflowClient(uri_of(store))
    place = pathlib.Path(artifacts).resolve().as_uri()
    vision = client.create_experiment("vision", f"{place}/vision", tags={"team": "a", "long": "x" * 3000})
    odd = client.create_experiment('naïve 名前 "quoted": yes # no', f"{place}/odd")
    client.create_experiment("no runs " + "and a name so long that YAML folds it " * 4, tags={"why": "empty"})
    gone = client.create_experiment("deleted")

    def full(experiment, name):
        tags = {"mlflow.user": "ann", "baseline": "", "kind": "resnet", "mlflow.note.content": "# note\nline", "emoji": '🚀 "x"', "mlflow.source.git.commit": "0123456"}
        run = client.create_run(experiment, 1700000000123, tags, name).info.run_id
        params = {"lr": "0.10", "optimizer.kind": "adam", "flag": "True", "none": "None", "a": "1", "a.b": "2", "big": "12345678901234567890", "text": 'hello, "world"\nsecond line', "empty": "", "layers": "[32, 64]", "slash/key": "x"}
        client.log_batch(
            run,
            [Metric("loss", 1 / (k + 1), 1700000000200 + k, k) for k in range(500)],
            [Param(key, value) for key, value in params.items()],
            [RunTag("t", "v")],
        )
        for k, value in enumerate([math.nan, math.inf, -math.inf, 1e-320, 0.1 + 0.2, 1.7e308]):
            client.log_metric(run, "odd/values", value, 1700000001000 + k, k)
        for step in (5, 3, -2, 10**12):
            client.log_metric(run, "steps", float(step), 1700000002000, step)
        source = json.dumps({"uri": "a long text that YAML folds " * 6, "quote": "it's"})
        client.log_inputs(run, [DatasetInput(Dataset("mnist", "abc123", "local", source, '{"s": 1}', None), [InputTag("mlflow.data.context", "training")]), DatasetInput(Dataset("mnist-test", "1234", "http", '{"url": "y"}'), [])])
        return run

    run = full(vision, "full run")
    client.log_text(run, "hello", "a.txt")
    client.log_text(run, '{"x": 1}', "sub/dir/b.json")
    client.log_dict(run, {"a": 1}, "sub/c.yaml")
    client.set_terminated(run, "FINISHED", 1700000100000)
    client.set_terminated(full(odd, "  spaced  "), "FAILED", 1700000100001)
    run = full(vision, "killed: 12:30")
    client.set_terminated(run, "KILLED", 1700000100002)
    client.delete_run(run)
    client.set_terminated(full(gone, "in deleted"), "FINISHED", 1700000100003)
    client.delete_experiment(gone)
    run = client.create_run("0", 1700000000999, run_name="still running").info.run_id
    client.log_metric(run, "x", 1, 1700000000999)
    return True


def golden(folder, out):
    """What pyarrow and tensorboard make of the files of test/golden-files.ts."""
    import hashlib

    import pyarrow.parquet as pq
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto import event_pb2

    folder = pathlib.Path(folder)
    files = {"parquet": folder / "golden.parquet", "events": folder / "events.out.tfevents.1.golden"}
    table = pq.read_table(files["parquet"])
    table.validate(full=True)
    text = lambda v: v if v is None or isinstance(v, (str, bool, int)) else repr(v) if isinstance(v, float) else str(int(v.timestamp() * 1000 + (0.5 if v.timestamp() >= 0 else -0.5)))
    rows = [[text(v) for v in row.values()] for row in table.to_pylist()]
    events = []
    for record in RawEventFileLoader(str(files["events"])).Load():
        event = event_pb2.Event.FromString(record)
        for value in event.summary.value:
            scalar = repr(value.simple_value) if value.WhichOneof("value") == "simple_value" else None
            strings = [item.hex() for item in value.tensor.string_val]
            events.append([event.step, round(event.wall_time * 1000), value.tag, scalar, value.metadata.plugin_data.plugin_name, strings])
    result = {kind: {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()} for kind, file in files.items()}
    result["parquet"]["types"] = {f.name: [str(f.type), f.nullable] for f in table.schema}
    result["parquet"]["rows"] = rows
    result["events"]["values"] = events
    pathlib.Path(out).write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return True


VERBS = {
    "golden": golden,
    "compare-mlflow": compare_mlflow,
    "tables": tables,
    "tensorboard": tensorboard,
    "mlflow-ui": mlflow_ui,
    "make-mlflow": make_mlflow,
}

if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in VERBS:
        raise SystemExit(__doc__)
    sys.exit(0 if VERBS[sys.argv[1]](*sys.argv[2:]) else 1)
