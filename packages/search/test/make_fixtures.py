"""Reference values for the samplers' tests, from SciPy and Optuna: writes fixtures/*.json beside this file.

    python make_fixtures.py        (needs scipy, optuna and cmaes)
"""

import json
import pathlib

import cmaes
import numpy as np
import optuna
import scipy
from optuna._hypervolume import compute_hypervolume
from optuna._hypervolume.hssp import _solve_hssp
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import _get_reference_point, _split_trials, default_gamma, default_weights
from optuna.study._multi_objective import _fast_non_domination_rank
from optuna.trial import TrialState, create_trial
from scipy.special import ndtr
from scipy.stats import qmc

HERE = pathlib.Path(__file__).parent / "fixtures"
HERE.mkdir(exist_ok=True)
optuna.logging.set_verbosity(optuna.logging.ERROR)


def write(name, value):
    (HERE / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def sequences():
    sobol = qmc.Sobol(160, scramble=False, bits=32)
    halton = qmc.Halton(12, scramble=False)
    far = qmc.Sobol(160, scramble=False, bits=32)
    far.fast_forward(100_000)
    write(
        "sequences",
        {
            "scipy": scipy.__version__,
            "sobol": sobol.random(64).tolist(),
            "sobolFrom100000": far.random(2).tolist(),
            "halton": halton.random(128).tolist(),
        },
    )


SPACE = {
    "choice": CategoricalDistribution(["a", "b", "c"]),
    "float": FloatDistribution(-3, 7),
    "int": IntDistribution(2, 30, step=4),
    "log": FloatDistribution(1e-4, 2, log=True),
    "logInt": IntDistribution(1, 200, log=True),
    "step": FloatDistribution(0, 1, step=0.125),
}


def point(rng):
    return {
        "choice": int(rng.integers(3)),
        "float": float(rng.uniform(-3, 7)),
        "int": int(2 + 4 * rng.integers(8)),
        "log": float(np.exp(rng.uniform(np.log(1e-4), np.log(2)))),
        "logInt": int(rng.integers(1, 201)),
        "step": float(rng.integers(9) * 0.125),
    }


def densities():
    rng, cases = np.random.default_rng(5), []
    for n in (0, 1, 2, 7, 24, 25, 26, 40, 130):
        for endpoints, clip in ((False, True), (True, False)):
            rows, queries = [point(rng) for _ in range(n)], [point(rng) for _ in range(6)]
            columns = {k: np.array([row[k] for row in rows], dtype=float) for k in SPACE}
            asked = {k: np.array([row[k] for row in queries], dtype=float) for k in SPACE}
            settings = _ParzenEstimatorParameters(1.0, clip, endpoints, default_weights, True)
            # equal observations take their widths in the order of NumPy's unstable sort: the joint density leaves those axes out
            joined = [k for k in SPACE if k == "choice" or len(set(columns[k])) == n]
            some = {k: SPACE[k] for k in joined}
            joint = _ParzenEstimator({k: columns[k] for k in joined}, some, settings).log_pdf(asked).tolist()
            single = {
                k: _ParzenEstimator({k: columns[k]}, {k: SPACE[k]}, settings).log_pdf({k: asked[k]}).tolist()
                for k in (SPACE if n < 26 else joined)  # beyond, the widths of equal observations meet unequal weights
            }
            cases.append(
                {"endpoints": endpoints, "magicClip": clip, "rows": rows, "queries": queries, "joined": joined, "joint": joint, "single": single}
            )
    write("densities", {"optuna": optuna.__version__, "cases": cases})


def splits():
    rng, cases = np.random.default_rng(8), []
    for trials, directions in ((30, ["minimize"]), (30, ["maximize"]), (60, ["minimize", "maximize"]), (60, ["minimize"] * 3)):
        for few in (False, True):
            study = optuna.create_study(directions=directions)
            single = len(directions) == 1
            listed = []
            for number in range(trials):
                share = 0.05 if few else 0.7
                u = rng.uniform()
                state = TrialState.COMPLETE if u < share or not single else TrialState.PRUNED if u < 0.95 else TrialState.RUNNING
                # rounded, so that there are equal values
                values = np.round(rng.uniform(0, 4, len(directions)), 1).tolist() if state == TrialState.COMPLETE else None
                reports = {s: round(float(rng.uniform()), 1) for s in range(int(rng.integers(4)))} if single else {}
                trial = create_trial(state=state, values=values, intermediate_values=reports)
                trial.number = number
                listed.append(trial)
            n = sum(t.state != TrialState.RUNNING for t in listed)
            wanted = default_gamma(n) if single else int(np.ceil(0.1 * n))
            below, _ = _split_trials(study, listed, wanted)
            cases.append(
                {
                    "directions": directions,
                    "trials": [
                        {
                            "state": t.state.name,
                            "values": t.values or [],
                            "reports": [{"step": s, "value": v} for s, v in t.intermediate_values.items()],
                        }
                        for t in listed
                    ],
                    "below": [t.number for t in below],
                }
            )
    write("splits", {"optuna": optuna.__version__, "cases": cases})


def hypervolumes():
    rng, cases = np.random.default_rng(3), []
    for k in (2, 3, 4):
        for n in (1, 5, 20):
            points = np.round(rng.uniform(-1, 1, (n, k)), 2)
            reference = _get_reference_point(points)
            ranks = _fast_non_domination_rank(points)
            best = np.unique(points[ranks == 0], axis=0)
            count = max(1, len(best) // 2)
            chosen = _solve_hssp(best, np.arange(len(best)), count, reference)
            cases.append(
                {
                    "points": points.tolist(),
                    "reference": reference.tolist(),
                    "hypervolume": float(compute_hypervolume(points, reference)),
                    "ranks": ranks.tolist(),
                    "front": best.tolist(),
                    "chosen": sorted(chosen.tolist()),
                    "chosenVolume": float(compute_hypervolume(best[chosen], reference)),
                }
            )
    write("hypervolumes", {"optuna": optuna.__version__, "cases": cases})


def covariance():
    cases = []
    for n in (1, 2, 5, 10):
        es = cmaes.CMA(mean=np.full(n, 0.5), sigma=1 / 6, bounds=np.array([[0.0, 1.0]] * n), seed=n, n_max_resampling=10 * n)
        generations = []
        for _ in range(12):
            asked = [es.ask() for _ in range(es.population_size)]
            told = [(x, float(np.sum(np.arange(1, n + 1) * (x - 0.3) ** 2))) for x in asked]
            generations.append({"points": [x.tolist() for x, _ in told], "losses": [y for _, y in told]})
            es.tell(told)
        es._eigen_decomposition()
        cases.append(
            {
                "n": n,
                "generations": generations,
                "mean": es._mean.tolist(),
                "sigma": float(es._sigma),
                "covariance": es._C.tolist(),
                "pathC": es._pc.tolist(),
                "pathSigma": es._p_sigma.tolist(),
            }
        )
    write("covariance", {"cmaes": cmaes.__version__, "cases": cases})


def tails():
    xs = np.concatenate([np.linspace(-37, 8, 91), [-0.6629, -0.663, -5.6569, -5.6568, 0.0]])
    write("normal", {"scipy": scipy.__version__, "values": [[float(x), float(ndtr(x))] for x in xs]})


for make in (sequences, densities, splits, hypervolumes, covariance, tails):
    make()
