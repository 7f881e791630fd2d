"""Writes the decisions of Optuna's own pruners on random histories, for src/pruners/optuna.test.ts.

usage: python packages/search/bench/pruners_optuna.py > packages/search/src/pruners/optuna-decisions.json
needs: pip install optuna

Each case is a log of events, in order: [trial, step, value, pruned] for a report and the decision right after it (value
null for NaN), [trial, "COMPLETE" | "FAILED"] when a trial ends by itself. Four trials run at a time.
"""

import json
import math
import random
import sys
import warnings

import optuna
from optuna import pruners

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def curve(rng, steps, direction, late):
    """A noisy learning curve on a grid of 0.01, so that ties happen; now and then NaN, or another length.

    late: some start at step 2. Not for rungs, where a report that jumps over two of them is judged as said in asha.ts.
    """
    end, speed, noise = rng.uniform(0.5, 0.95), rng.uniform(0.1, 1), rng.choice([0.01, 0.05])
    first = rng.choice([1, 1, 1, 2]) if late else 1
    length = steps if rng.random() < 0.8 else rng.randint(2, steps)
    points = []
    for step in range(first, length + 1):
        value = round(end * (1 - math.exp(-speed * step)) + rng.gauss(0, noise), 2)
        if direction == "minimize":
            value = round(1 - value, 2)
        points.append((step, math.nan if rng.random() < 0.01 else value))
    return points


def history(make, direction, seed, late, trials=30, steps=16, workers=4):
    rng = random.Random(seed)
    study = optuna.create_study(
        study_name=str(seed), direction=direction, pruner=make(), sampler=optuna.samplers.RandomSampler(seed)
    )
    events, running, started = [], [], 0
    while started < trials or running:
        if started < trials and len(running) < workers:
            running.append((study.ask(), curve(rng, steps, direction, late)))
            started += 1
            continue
        place = rng.randrange(len(running))
        trial, points = running[place]
        if not points or rng.random() < 0.004:
            failed = bool(points)
            state = optuna.trial.TrialState.FAIL if failed else optuna.trial.TrialState.COMPLETE
            study.tell(trial, None if failed else rng.random(), state=state)
            events.append([trial.number, "FAILED" if failed else "COMPLETE"])
            running.pop(place)
            continue
        step, value = points.pop(0)
        trial.report(value, step)
        pruned = trial.should_prune()
        events.append([trial.number, step, None if math.isnan(value) else value, int(pruned)])
        if pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            running.pop(place)
    return events


P = pruners
CASES = [
    ({"kind": "median"}, lambda: P.MedianPruner()),
    (
        {"kind": "median", "startupTrials": 2, "warmupSteps": 3, "interval": 4, "minTrials": 3},
        lambda: P.MedianPruner(2, 3, 4, n_min_trials=3),
    ),
    (
        {"kind": "percentile", "percentile": 25, "startupTrials": 0},
        lambda: P.PercentilePruner(25, n_startup_trials=0),
    ),
    (
        {"kind": "percentile", "percentile": 70, "startupTrials": 4, "interval": 2},
        lambda: P.PercentilePruner(70, 4, 0, 2),
    ),
    ({"kind": "asha", "minResource": 1, "reductionFactor": 2}, lambda: P.SuccessiveHalvingPruner(1, 2)),
    ({"kind": "asha", "minResource": 2, "reductionFactor": 3}, lambda: P.SuccessiveHalvingPruner(2, 3)),
    (
        {"kind": "successive-halving", "minResource": 1, "reductionFactor": 2, "minEarlyStoppingRate": 1, "bootstrapCount": 1},
        lambda: P.SuccessiveHalvingPruner(1, 2, 1, 1),
    ),
    (
        {"kind": "hyperband", "minResource": 1, "maxResource": 16, "reductionFactor": 2},
        lambda: P.HyperbandPruner(1, 16, 2),
    ),
    (
        {"kind": "hyperband", "minResource": 2, "maxResource": 16, "reductionFactor": 3, "bootstrapCount": 1},
        lambda: P.HyperbandPruner(2, 16, 3, 1),
    ),
    ({"kind": "patience", "patience": 2}, lambda: P.PatientPruner(None, 2)),
    (
        {"kind": "patience", "patience": 1, "minDelta": 0.02, "wrapped": {"kind": "median", "startupTrials": 3}},
        lambda: P.PatientPruner(P.MedianPruner(3), 1, 0.02),
    ),
]


def main():
    cases = []
    for place, (spec, make) in enumerate(CASES):
        for direction in ("maximize", "minimize"):
            seed = 100 + 2 * place + (direction == "minimize")
            late = spec["kind"] in ("median", "percentile", "patience")
            events = history(make, direction, seed, late)
            cases.append({"spec": spec, "direction": direction, "seed": seed, "events": events})
    reports = sum(len(e) == 4 for c in cases for e in c["events"])
    pruned = sum(e[3] for c in cases for e in c["events"] if len(e) == 4)
    print(f"{len(cases)} histories, {reports} decisions, {pruned} to prune", file=sys.stderr)
    head = {"optuna": optuna.__version__, "decisions": reports, "pruned": pruned}
    rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(json.dumps(head)[:-1] + ', "cases": [\n' + rows + "\n]}")


if __name__ == "__main__":
    main()
