"""Opens a file of exported sweeps with the real Optuna. Needs optuna and pandas.

python test/optuna-peer.py <export.db>   prints all that Optuna reads, as JSON; fails where it reads nothing

The file is copied first: opening it must not change what is checked.
"""

import json
import math
import pathlib
import shutil
import sys
import tempfile

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def plain(value):
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def trial_of(trial):
    return {
        "number": trial.number,
        "state": trial.state.name,
        "params": trial.params,
        "values": None if trial.values is None else [plain(value) for value in trial.values],
        "reports": [[step, plain(value)] for step, value in sorted(trial.intermediate_values.items())],
        "user": trial.user_attrs,
        "timed": trial.datetime_start is not None and trial.datetime_complete is not None,
    }


def study_of(name, url):
    study = optuna.load_study(study_name=name, storage=url)
    # each trial is held to what Optuna asks of its own
    for trial in study.trials:
        trial._validate()
    single = len(study.directions) == 1
    return {
        "name": name,
        "directions": [direction.name for direction in study.directions],
        "metrics": study.metric_names,
        "best": [trial.number for trial in ([study.best_trial] if single else study.best_trials)],
        "rows": len(study.trials_dataframe()),
        "trials": [trial_of(trial) for trial in study.trials],
    }


def main(path):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "copy.db")
        shutil.copy(path, copy)
        url = f"sqlite:///{copy}"
        names = optuna.get_all_study_names(url)
        if not names:
            sys.exit("no studies")
        print(json.dumps({"optuna": optuna.__version__, "studies": [study_of(name, url) for name in names]}))


main(*sys.argv[1:])
