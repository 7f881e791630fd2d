"""Writes scikit-learn.json: what scikit-learn says about documented, random and degenerate cases.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python generate.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260)


def unknown(scores):
    """Scores of a class without samples: no recall, no F1, and a precision only where something was called so."""
    precision = None if np.isnan(scores["precision"]) else scores["precision"]
    return {**scores, "precision": precision, "recall": None, "f1-score": None}


def classified(name, labels, predictions, classes):
    """Reference scores of one list of labels and predictions; averages are over the classes that have samples."""
    every = list(range(classes))
    present = sorted({int(v) for v in labels})
    names = [f"class {i}" for i in every]

    def report(of, zero_division, **options):
        target_names = [names[i] for i in of]
        return metrics.classification_report(
            labels, predictions, labels=of, target_names=target_names, zero_division=zero_division, **options
        )

    known = report(present, 0, output_dict=True)
    empty = report(every, np.nan, output_dict=True)
    return {
        "name": name,
        "classes": classes,
        "labels": [int(v) for v in labels],
        "predictions": [int(v) for v in predictions],
        "matrix": metrics.confusion_matrix(labels, predictions, labels=every).tolist(),
        "accuracy": metrics.accuracy_score(labels, predictions),
        "perClass": [known[n] if n in known else unknown(empty[n]) for n in names],
        "macro": known["macro avg"],
        "weighted": known["weighted avg"],
        "text": report(every, 0, digits=4) if present == every else None,
    }


def random_classified(index):
    classes = int(rng.integers(2, 12))
    count = int(rng.integers(1, 200))
    labels = rng.integers(0, classes, count)
    wrong = rng.random(count) < rng.random()
    predictions = np.where(wrong, rng.integers(0, classes, count), labels)
    return classified(f"random {index}", labels, predictions, classes)


def judged(name, labels, scores, dtype="float64", ks=(1, 2, 3)):
    """Reference ranks and losses of probabilities [count, classes]."""
    scores = np.asarray(scores, dtype=dtype)
    classes = scores.shape[1]
    every = list(range(classes))
    eps = np.finfo(scores.dtype).eps
    # the same definition summed in double precision, for 32-bit input
    wide = np.clip(scores, eps, 1 - eps).astype("float64")
    loss64 = float(np.mean([-np.log(wide[i, label]) for i, label in enumerate(labels)]))
    top = scores[:, 1] if classes == 2 else scores
    return {
        "name": name,
        "dtype": dtype,
        "classes": classes,
        "labels": [int(v) for v in labels],
        "probabilities": [float(v) for v in scores.ravel()],
        "argmax": np.argmax(scores, axis=1).tolist(),
        "topK": {str(k): metrics.top_k_accuracy_score(labels, top, k=k, labels=every) for k in ks},
        "logLoss": metrics.log_loss(labels, scores, labels=every),
        "logLossSummedInDouble": loss64,
    }


def random_judged(index):
    classes = int(rng.integers(2, 12))
    count = int(rng.integers(1, 60))
    scores = rng.dirichlet(np.full(classes, 0.3), count)
    if index % 3 == 0:  # ties
        scores = np.round(scores, 1)
    return judged(f"random {index}", rng.integers(0, classes, count), scores, "float32" if index % 2 else "float64")


CLASSIFIED = [
    classified("confusion_matrix example", [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2], 3),
    classified("classification_report example", [0, 1, 2, 2, 2], [0, 0, 2, 2, 1], 3),
    classified("precision_recall_fscore_support example", [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3),
    classified("a class never predicted", [0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1], 3),
    classified("an empty class", [0, 0, 1, 1], [0, 1, 1, 2], 4),
    classified("a class that neither is nor is predicted", [0, 1, 1], [0, 1, 0], 5),
    classified("all wrong", [0, 1, 2], [1, 2, 0], 3),
    classified("all right", [0, 1, 2, 1], [0, 1, 2, 1], 3),
    classified("one sample", [1], [0], 2),
    classified("one class of many", [3] * 7, [3] * 5 + [0, 9], 10),
    # 1/32 and 3/32 lie exactly between two numbers of four digits
    classified("halves in the text", [0] * 32 + [1] * 32, [0] * 1 + [1] * 31 + [0] * 31 + [1] * 1, 2),
    classified("odd halves in the text", [0] * 32 + [1] * 32, [0] * 3 + [1] * 29 + [0] * 29 + [1] * 3, 2),
    *[random_classified(i) for i in range(60)],
]

JUDGED = [
    judged("top_k_accuracy_score example", [0, 1, 2, 2], [[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1]]),
    judged("log_loss example", [1, 0, 0, 1], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]], ks=(1, 2)),
    judged("certain and wrong", [0, 1, 2], [[0, 1, 0], [0, 1, 0], [1, 0, 0]]),
    judged("certain and wrong in 32 bits", [0, 1, 2], [[0, 1, 0], [0, 1, 0], [1, 0, 0]], "float32"),
    judged("all equal", [0, 1, 2, 3], np.full((4, 4), 0.25)),
    judged("two classes, all equal", [0, 1, 0], np.full((3, 2), 0.5), ks=(1, 2)),
    judged("rows that do not sum to 1", [0, 1, 2], [[0.2, 0.2, 0.2], [0.9, 0.9, 0.9], [0.1, 0.3, 0.2]]),
    judged("labels of one class only", [2, 2, 2], rng.dirichlet(np.ones(4), 3)),
    *[random_judged(i) for i in range(60)],
]

target = pathlib.Path(__file__).parent / "scikit-learn.json"
reference = {"scikitLearn": sklearn.__version__, "numpy": np.__version__, "classified": CLASSIFIED, "judged": JUDGED}
target.write_text(json.dumps(reference) + "\n")
print(target, len(CLASSIFIED), "+", len(JUDGED), "cases of scikit-learn", sklearn.__version__)
