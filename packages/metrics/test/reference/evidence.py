"""Writes what SciPy, statsmodels and scikit-learn say about random ledgers and numbers, as JSON, to compare ours with.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 scipy statsmodels
    venv/bin/python evidence.py --cases 40 --seed 20261 --out evidence.json

No formula of ours is used: Tango's interval is the root of the score statistic with the likelihood maximised by number
crunching, ANOVA is statsmodels' of a linear model, the temperature is SciPy's minimum.
"""

import argparse
import json
import warnings

import numpy as np
import pandas as pd
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import integrate, optimize, special, stats
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.formula.api import ols
from statsmodels.stats import contingency_tables, multitest, power, proportion

warnings.simplefilter("ignore")


def number(value):
    value = float(value)
    return value if np.isfinite(value) else None


def numbers(values):
    return [number(v) for v in np.ravel(values)]


def clean(value):
    """JSON has no NaN: null."""
    if isinstance(value, dict):
        return {key: clean(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(each) for each in value]
    return number(value) if isinstance(value, float) else value


def constrained_tail(b, c, n, delta):
    """Score statistic of p12 - p21 = delta, the nuisance parameter p21 found by maximising the multinomial likelihood."""
    low, high = max(0.0, -delta), (1 - delta) / 2

    def slope(q):  # derivative of b log(q + delta) + c log q + (n - b - c) log(1 - 2q - delta), falling in q
        total = 0.0
        if b:
            total += b / (q + delta) if q + delta > 0 else np.inf
        if c:
            total += c / q
        if n - b - c:
            total -= 2 * (n - b - c) / (1 - 2 * q - delta) if 1 - 2 * q - delta > 0 else np.inf
        return total

    width = high - low
    inner, outer = low + 1e-15 * width, high - 1e-15 * width
    if width <= 0 or slope(inner) <= 0:
        q = low
    elif slope(outer) >= 0:
        q = high
    else:
        q = optimize.brentq(slope, inner, outer, xtol=1e-16, rtol=1e-15, maxiter=500)
    variance = n * (2 * q + delta - delta * delta)
    above = b - c - n * delta
    if above == 0:
        return 0.0
    return above / np.sqrt(variance) if variance > 0 else np.sign(above) * np.inf


def tango(b, c, n, level):
    z = stats.norm.ppf((1 + level) / 2)
    seen = (b - c) / n
    edge = 1e-12
    low = -1.0 if seen <= -1 else optimize.brentq(lambda d: constrained_tail(b, c, n, d) - z, -1 + edge, seen, xtol=1e-14)
    high = 1.0 if seen >= 1 else optimize.brentq(lambda d: constrained_tail(b, c, n, d) + z, seen, 1 - edge, xtol=1e-14)
    return [low, high]


def mid_p(b, c):
    n, k = b + c, min(b, c)
    if n == 0:
        return 1.0
    tails = stats.binom.cdf(k - 1, n, 0.5) + stats.binom.sf(n - k, n, 0.5)
    both = stats.binom.pmf(k, n, 0.5) * (1 if b == c else 2)
    return float(tails + both / 2)


def paired(a, b, c, d, level):
    """b: only A right; c: only B right; the difference is B minus A."""
    return {
        "table": {"bothRight": int(a), "onlyA": int(b), "onlyB": int(c), "bothWrong": int(d)},
        "level": level,
        "exact": float(contingency_tables.mcnemar([[a, b], [c, d]], exact=True).pvalue),
        "midP": mid_p(int(b), int(c)),
        "tango": tango(int(c), int(b), int(a + b + c + d), level),
    }


def random_paired(rng):
    level = float(rng.choice([0.8, 0.9, 0.95, 0.99]))
    size = int(rng.choice([5, 20, 60, 300, 10_000]))
    shares = rng.dirichlet([4, rng.choice([0.05, 0.5, 2]), rng.choice([0.05, 0.5, 2]), 1])
    return paired(*rng.multinomial(size, shares), level)


def noncentral(x, freedom, shift):
    """SciPy's, or an integral over the deviation where it has NaN."""
    library = float(stats.nct.cdf(x, freedom, shift))
    if np.isfinite(library):
        return library
    density = stats.chi(freedom, scale=1 / np.sqrt(freedom)).pdf
    return integrate.quad(lambda s: density(s) * stats.norm.cdf(x * s - shift), 0, 8, points=[0.5, 1, 2], epsabs=1e-13, limit=500)[0]


def functions(rng):
    x, p = float(rng.normal() * 3), float(rng.random())
    freedom, shift = float(rng.choice([1, 2, 3.7, 8, 40, 500])), float(rng.normal() * 2.5)
    return {
        "x": x,
        "p": p,
        "freedom": freedom,
        "shift": shift,
        "normalCdf": stats.norm.cdf(x),
        "normalQuantile": stats.norm.ppf(p),
        "studentCdf": stats.t.cdf(x, freedom),
        "studentQuantile": stats.t.ppf(p, freedom),
        "noncentral": noncentral(x, freedom, shift),
    }


def wilson(rng):
    count = int(rng.integers(1, 400))
    hits = int(rng.choice([0, count, rng.integers(0, count + 1)]))
    level = float(rng.choice([0.8, 0.95, 0.99]))
    return {"hits": hits, "count": count, "level": level,
            "interval": list(proportion.proportion_confint(hits, count, 1 - level, "wilson"))}


def adjusted(rng):
    p = np.round(rng.random(int(rng.integers(1, 30))) ** 2, 2)
    return {"p": p.tolist(), **{name: multitest.multipletests(p, method=method)[1].tolist()
            for name, method in (("benjaminiHochberg", "fdr_bh"), ("holm", "holm"), ("bonferroni", "bonferroni"))}}


def probabilities(rng, labels, classes, skill):
    """Rows of thousandths, so that ties and zeros occur."""
    alpha = np.full((len(labels), classes), 0.15)
    alpha[np.arange(len(labels)), labels] += rng.gamma(skill, 1, len(labels))
    return np.array([rng.multinomial(1000, rng.dirichlet(row)) for row in alpha]) / 1000


def ece(correct, confidence, bins):
    total = 0.0
    for part in bins(correct, confidence):
        total += len(part) * abs(np.mean(correct[part]) - np.mean(confidence[part]))
    return total / len(correct)


def calibration(labels, probs):
    predicted = probs.argmax(1)
    confidence, correct = probs.max(1), (predicted == labels).astype(int)
    shares, means = calibration_curve(correct, confidence, n_bins=15)
    counts = np.histogram(confidence, [-np.inf, *np.linspace(0, 1, 16)[1:-1] + 1e-12, np.inf])[0]
    counts = counts[counts > 0]
    gaps = np.abs(shares - means)
    order = np.argsort(confidence, kind="stable")
    masses = [part for part in np.array_split(order, 15) if len(part)]
    adaptive = sum(len(part) * abs(correct[part].mean() - confidence[part].mean()) for part in masses) / len(labels)
    return {"expected": float((gaps * counts).sum() / len(labels)), "maximum": float(gaps.max()), "adaptive": float(adaptive)}


def temperature(labels, probs):
    logits = np.log(np.maximum(probs, 2.0**-26))

    def loss(coldness):
        return float(np.mean(special.logsumexp(coldness * logits, axis=1) - coldness * logits[np.arange(len(labels)), labels]))

    best = optimize.minimize_scalar(lambda log: loss(np.exp(log)), bounds=(np.log(0.01), np.log(100)), method="bounded",
                                    options={"xatol": 1e-12})
    return {"lossBefore": loss(1.0), "lossAfter": float(best.fun), "temperature": float(np.exp(-best.x))}


def ranking(labels, probs):
    classes = probs.shape[1]
    hot = np.eye(classes, dtype=int)[labels]
    there = [c for c in range(classes) if 0 < hot[:, c].sum() < len(labels)]
    roc = [metrics.roc_auc_score(hot[:, c], probs[:, c]) if c in there else None for c in range(classes)]
    ap = [metrics.average_precision_score(hot[:, c], probs[:, c]) if c in there else None for c in range(classes)]
    c = there[0]
    fpr, tpr, cuts = metrics.roc_curve(hot[:, c], probs[:, c], drop_intermediate=False)
    precision, recall, levels = metrics.precision_recall_curve(hot[:, c], probs[:, c])
    return {
        "roc": roc,
        "ap": ap,
        "macro": [metrics.roc_auc_score(hot[:, there], probs[:, there], average="macro"),
                  metrics.average_precision_score(hot[:, there], probs[:, there], average="macro")],
        "micro": [metrics.roc_auc_score(hot, probs, average="micro"), metrics.average_precision_score(hot, probs, average="micro")],
        "class": c,
        "rocCurve": [numbers(fpr), numbers(tpr), numbers(cuts[1:])],
        "prCurve": [numbers(precision), numbers(recall), numbers(levels)],
    }


def ledger(rng):
    classes, count = int(rng.integers(2, 7)), int(rng.integers(12, 60))
    labels = rng.integers(0, classes, count)
    labels[:2] = [0, 1]
    a, b = (probabilities(rng, labels, classes, rng.choice([0.3, 1, 3])) for _ in range(2))
    said_a, said_b = a.argmax(1), b.argmax(1)
    return {
        "classes": classes,
        "labels": labels.tolist(),
        "a": a.ravel().tolist(),
        "b": b.ravel().tolist(),
        "kappa": number(metrics.cohen_kappa_score(labels, said_a)),
        "agreement": number(metrics.cohen_kappa_score(said_a, said_b)),
        "matthews": metrics.matthews_corrcoef(labels, said_a),
        "brier": metrics.brier_score_loss(labels, a, labels=list(range(classes)), scale_by_half=False),
        "calibration": calibration(labels, a),
        "temperature": temperature(labels, a),
        "ranking": ranking(labels, a),
        "classes_p": [mid_p(int(((said_a == labels) & (said_b != labels) & (labels == c)).sum()),
                            int(((said_a != labels) & (said_b == labels) & (labels == c)).sum())) for c in range(classes)],
    }


def seeds(rng):
    a = np.round(rng.normal(0.91, 0.004, int(rng.integers(2, 9))), 4)
    b = np.round(rng.normal(0.912, 0.003, int(rng.integers(2, 9))), 4)
    welch = stats.ttest_ind(b, a, equal_var=False)
    interval = welch.confidence_interval(0.95)
    mean = stats.t.interval(0.95, len(a) - 1, a.mean(), stats.sem(a))
    return {"a": a.tolist(), "b": b.tolist(), "p": welch.pvalue, "freedom": welch.df,
            "interval": [interval.low, interval.high], "meanInterval": numbers(mean), "deviation": a.std(ddof=1),
            "pairsWon": stats.mannwhitneyu(b, a).statistic / (len(a) * len(b))}


def integrated_power(effect, count):
    """The same power as an integral over the pooled deviation; SciPy's noncentral t has NaN for some arguments."""
    freedom, shift = 2 * (count - 1), effect * np.sqrt(count / 2)
    critical = stats.t.isf(0.025, freedom)
    density = stats.chi(freedom, scale=1 / np.sqrt(freedom)).pdf
    outside = lambda s: density(s) * (stats.norm.sf(critical * s - shift) + stats.norm.cdf(-critical * s - shift))
    return integrate.quad(outside, 0, 6, points=[0.5, 1, 2], epsabs=1e-13, limit=500)[0]


def seed_power(rng):
    effect, count = float(rng.uniform(0.4, 3)), int(rng.integers(2, 30))
    library = float(power.TTestIndPower().power(effect, count, 0.05))
    return {"effect": effect, "seeds": count, "power": library if np.isfinite(library) else integrated_power(effect, count),
            "needed": float(power.TTestIndPower().solve_power(effect, alpha=0.05, power=0.8))}


def noise(rng):
    k, n = int(rng.integers(2, 6)), int(rng.integers(5, 30))
    correct = (rng.random((k, n)) < rng.random(n)).astype(int)
    frame = pd.DataFrame({"y": correct.ravel(), "seed": np.repeat(np.arange(k), n), "sample": np.tile(np.arange(n), k)})
    table = sm.stats.anova_lm(ols("y ~ C(seed) + C(sample)", frame).fit())
    squares = table["sum_sq"] / table["df"]
    rest = max(0.0, squares["Residual"])
    seed = max(0.0, (squares["C(seed)"] - rest) / n)
    sample = max(0.0, (squares["C(sample)"] - rest) / k)
    return {"correct": correct.tolist(), "seedNoise": np.sqrt(seed), "sampleNoise": np.sqrt(sample / n),
            "interaction": np.sqrt(rest / n), "total": np.sqrt(seed / k + sample / n + rest / (n * k))}


def bca(rng):
    data = np.round(rng.gamma(1.2, 1, int(rng.integers(8, 30))), 3)
    statistic = rng.choice([np.mean, lambda x, axis=-1: np.var(x, axis=axis)])
    level = float(rng.choice([0.9, 0.95]))
    one = stats.bootstrap((data,), statistic, n_resamples=199, confidence_level=level, method="BCa", rng=rng)
    plain = stats.bootstrap((data,), statistic, n_resamples=0, bootstrap_result=one, confidence_level=level, method="percentile")
    return {"replicates": one.bootstrap_distribution.tolist(), "estimate": float(statistic(data)), "level": level,
            "jackknife": [float(statistic(np.delete(data, i))) for i in range(len(data))],
            "bca": list(one.confidence_interval), "percentile": list(plain.confidence_interval)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--out", default="evidence.json")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    kinds = {"functions": functions, "paired": random_paired, "wilson": wilson, "adjusted": adjusted, "ledgers": ledger,
             "seeds": seeds, "power": seed_power, "noise": noise, "bca": bca}
    result = {"versions": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "scikit-learn": sklearn.__version__}}
    for name, make in kinds.items():
        result[name] = [make(rng) for _ in range(options.cases)]
    edges = [(0, 0, 0, 1), (5, 0, 0, 0), (0, 7, 0, 0), (0, 0, 7, 0), (0, 4, 4, 0), (1, 1, 7, 12), (59, 6, 16, 80), (9000, 1, 0, 0)]
    result["paired"] += [paired(*edge, 0.95) for edge in edges]
    with open(options.out, "w") as file:
        json.dump(clean(result), file, allow_nan=False, separators=(",", ":"))


main()
