"""Writes Optuna's own importances of random trials, for src/analysis/importance.test.ts.

usage: python packages/search/bench/importance_optuna.py > packages/search/src/analysis/optuna-importances.json
needs: pip install optuna scikit-learn
"""

import json
import math
import random
import warnings

import optuna
from optuna.distributions import CategoricalDistribution as Choice
from optuna.distributions import FloatDistribution as Float
from optuna.distributions import IntDistribution as Int

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

I = optuna.importance


def spec(distribution):
    if isinstance(distribution, Choice):
        return {"kind": "choice", "values": list(distribution.choices)}
    kind = "int" if isinstance(distribution, Int) else "float"
    made = {"kind": kind, "low": distribution.low, "high": distribution.high, "log": distribution.log}
    if distribution.step is not None:
        made["step"] = distribution.step
    return made


def draw(rng, d):
    if isinstance(d, Choice):
        return rng.choice(d.choices)
    if d.log:
        value = math.exp(rng.uniform(math.log(d.low), math.log(d.high)))
        return min(d.high, max(d.low, round(value))) if isinstance(d, Int) else value
    if d.step is not None:
        steps = round((d.high - d.low) / d.step)
        return d.low + d.step * rng.randint(0, steps)
    return rng.uniform(d.low, d.high)


def case(name, space, score, trials, direction, seed, when=lambda path, params: True):
    rng = random.Random(seed)
    study = optuna.create_study(direction=direction)
    rows = []
    for _ in range(trials):
        params = {}
        for path, d in space.items():
            if when(path, params):
                params[path] = draw(rng, d)
        value = score(params) + rng.gauss(0, 0.01)
        rows.append({"parameters": params, "value": value})
        dists = {path: space[path] for path in params}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=dists, value=value))
    ped = I.PedAnovaImportanceEvaluator().evaluate(study)
    ped20 = I.PedAnovaImportanceEvaluator(target_quantile=0.2).evaluate(study)
    forests = [I.FanovaImportanceEvaluator(seed=s).evaluate(study) for s in range(4)]
    fanova = {path: sum(f[path] for f in forests) / len(forests) for path in forests[0]}
    spread = {path: max(f[path] for f in forests) - min(f[path] for f in forests) for path in fanova}
    return {
        "name": name,
        "direction": direction,
        "space": {path: spec(d) for path, d in space.items()},
        "trials": rows,
        "pedAnova": ped,
        "pedAnova20": ped20,
        "fanova": fanova,
        "fanovaSpread": spread,
    }


MIXED = {
    "lr": Float(1e-4, 1e-1, log=True),
    "dropout": Float(0, 0.5),
    "width": Int(16, 256, step=16),
    "depth": Int(1, 64, log=True),
    "optimizer": Choice(["adam", "sgd", "momentum"]),
    "fixed": Float(1, 1),
}


def mixed(p):
    lr = -((math.log10(p["lr"]) + 2.5) ** 2)
    return lr + 0.8 * p["dropout"] + p["width"] / 256 + {"adam": 0.3, "sgd": -0.2, "momentum": 0.1}[p["optimizer"]]


def main():
    plain = {path: Float(-1, 1) for path in "abcd"}
    conditional = {"optimizer": Choice(["adam", "sgd"]), "momentum": Float(0, 0.99), "lr": Float(1e-3, 1, log=True)}
    cases = [
        case("plain", plain, lambda p: 2 * p["a"] + p["b"] ** 2 + 0.3 * p["c"], 200, "minimize", 1),
        case("interaction", plain, lambda p: p["a"] * p["b"] + 0.5 * p["c"], 200, "maximize", 2),
        case("mixed", MIXED, mixed, 250, "maximize", 3),
        case("few", MIXED, mixed, 18, "maximize", 4),
        case(
            "conditional",
            conditional,
            lambda p: p.get("momentum", 0.3) + 0.2 * math.log10(p["lr"]),
            150,
            "maximize",
            5,
            lambda path, params: path != "momentum" or params["optimizer"] == "sgd",
        ),
    ]
    rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    print(json.dumps({"optuna": optuna.__version__})[:-1] + ', "cases": [\n' + rows + "\n]}")


if __name__ == "__main__":
    main()
