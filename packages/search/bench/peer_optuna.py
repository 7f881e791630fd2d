"""Optuna's samplers on the functions of samplers-functions.json: the best value after a budget of trials, by seed, as JSON.

    python peer_optuna.py --samplers tpe tpe-multivariate cma-es random --trials 100 --seeds 20 --out optuna.json
"""

import argparse
import json
import math
import pathlib
import time
import warnings

import optuna
from optuna.samplers import CmaEsSampler, QMCSampler, RandomSampler, TPESampler

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
ENTRIES = json.loads(pathlib.Path(__file__).with_name("samplers-functions.json").read_text())
A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]


def branin(x):
    bend = x[1] - 5.1 / (4 * math.pi**2) * x[0] ** 2 + 5 / math.pi * x[0] - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10


def camel(x):
    a, b = x
    return (4 - 2.1 * a**2 + a**4 / 3) * a**2 + a * b + (-4 + 4 * b**2) * b**2


def rosenbrock(x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def hartmann6(x):
    inner = [sum(A[i][j] * (x[j] - P[i][j] / 1e4) ** 2 for j in range(6)) for i in range(4)]
    return -sum(alpha * math.exp(-e) for alpha, e in zip([1, 1.2, 3, 3.2], inner))


def ackley(x):
    root = math.sqrt(sum(v * v for v in x) / len(x))
    wave = sum(math.cos(2 * math.pi * v) for v in x) / len(x)
    return -20 * math.exp(-0.2 * root) - math.exp(wave) + 20 + math.e


def ellipsoid(x):
    return sum(10 ** (3 * i / 7) * (v + 0.5 * x[(i + 1) % 8] - 1) ** 2 for i, v in enumerate(x))


def mixed(p):
    shift = {"a": 0, "b": 1, "c": 2, "d": 0.5}[p["kind"]]
    return (
        (p["x"] - shift) ** 2
        + (math.log10(p["rate"]) + 3) ** 2
        + ((p["units"] - 24) / 16) ** 2
        + (p["depth"] - 3) ** 2 / 4
        + math.log2(p["batch"] / 32) ** 2 / 4
        + shift
    )


def conditional(p):
    if p["side"] == "left":
        return 1 + (p["left.x"] - 1) ** 2 + (p["left.y"] + 2 * p["left.x"]) ** 2
    return (p["right.x"] - 2) ** 2 + ((p["right.n"] - 20) / 4) ** 2


def zdt1(x):
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return x[0], g * (1 - math.sqrt(x[0] / g))


def of_numbers(function):
    return lambda p: function([p[k] for k in sorted(p)])


FUNCTIONS = {
    "branin": of_numbers(branin),
    "six-hump-camel": of_numbers(camel),
    "rosenbrock": of_numbers(rosenbrock),
    "hartmann6": of_numbers(hartmann6),
    "ackley5": of_numbers(ackley),
    "styblinski-tang4": of_numbers(lambda x: sum(v**4 - 16 * v**2 + 5 * v for v in x) / 2),
    "rastrigin4": of_numbers(lambda x: sum(10 + v**2 - 10 * math.cos(2 * math.pi * v) for v in x)),
    "ellipsoid8": of_numbers(ellipsoid),
    "mixed": mixed,
    "conditional": conditional,
    "zdt1": of_numbers(zdt1),
}
SAMPLERS = {
    "tpe": lambda seed: TPESampler(seed=seed, multivariate=False),
    "tpe-multivariate": lambda seed: TPESampler(seed=seed, multivariate=True, group=True),
    "cma-es": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "random": lambda seed: RandomSampler(seed=seed),
    "sobol": lambda seed: QMCSampler(seed=seed, qmc_type="sobol", scramble=True, warn_independent_sampling=False),
}


def suggest(trial, entry):
    p = {}
    for k, values in entry.get("choices", {}).items():
        p[k] = trial.suggest_categorical(k, values)
    when = entry.get("when", {})
    active = lambda k: k not in when or p[entry["on"]] == when[k]
    for field, log in (("floats", False), ("logs", True)):
        for k, (low, high) in entry.get(field, {}).items():
            if active(k):
                p[k] = trial.suggest_float(k, low, high, log=log)
    for field, log in (("ints", False), ("logInts", True)):
        for k, (low, high) in entry.get(field, {}).items():
            if active(k):
                p[k] = trial.suggest_int(k, low, high, log=log)
    return p


def hypervolume(points, reference):
    area, low = 0.0, reference[1]
    for a, b in sorted(points):
        if a < reference[0] and b < low:
            area += (reference[0] - a) * (low - b)
            low = b
    return area


def final(name, sampler, seed, trials):
    entry = ENTRIES[name]
    objectives = entry.get("objectives", 1)
    study = optuna.create_study(sampler=SAMPLERS[sampler](seed), directions=["minimize"] * objectives)
    study.optimize(lambda trial: FUNCTIONS[name](suggest(trial, entry)), n_trials=trials)
    if objectives == 1:
        return study.best_value
    return -hypervolume([t.values for t in study.trials], entry["reference"])


def probe(name):
    """Values at the middle and two other points, so that the other side can check that it has the same functions."""
    entry, found = ENTRIES[name], []
    for u in (0.5, 0.25, 0.9):
        p = {k: v[int(u * len(v))] for k, v in entry.get("choices", {}).items()}
        for field in ("floats", "ints"):
            p |= {k: low + u * (high - low) for k, (low, high) in entry.get(field, {}).items()}
        for field in ("logs", "logInts"):
            p |= {k: math.exp(math.log(low) + u * math.log(high / low)) for k, (low, high) in entry.get(field, {}).items()}
        when = entry.get("when", {})
        p = {k: v for k, v in p.items() if k not in when or p[entry["on"]] == when[k]}
        value = FUNCTIONS[name](p)
        found.append({"point": p, "values": list(value) if isinstance(value, tuple) else [value]})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", nargs="+", default=["tpe", "tpe-multivariate", "cma-es"], choices=list(SAMPLERS))
    parser.add_argument("--functions", nargs="+", default=list(ENTRIES), choices=list(ENTRIES))
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    path = pathlib.Path(options.out)
    report = json.loads(path.read_text()) if path.exists() else {"results": {}}
    report |= {"optuna": optuna.__version__, "trials": options.trials, "seeds": options.seeds}
    report["probes"] = {name: probe(name) for name in ENTRIES}
    for name in options.functions:
        for sampler in options.samplers:
            only = ENTRIES[name].get("only")
            if only and sampler.split("-multi")[0] not in only:
                continue
            began = time.perf_counter()
            values = [final(name, sampler, seed, options.trials) for seed in range(options.seeds)]
            report["results"].setdefault(name, {})[sampler] = values
            path.write_text(json.dumps(report))
            print(f"{name} {sampler}: {time.perf_counter() - began:.1f} s", flush=True)


main()
