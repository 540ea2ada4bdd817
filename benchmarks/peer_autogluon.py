"""AutoGluon-Tabular on the matrices of one window, in an environment of its own: nothing of P-EL is imported here.

Usage: python peer_autogluon.py FOLDER same_families|best_quality [SECONDS]; reads FOLDER/matrices.npz (X, y, X_test),
writes FOLDER/prediction.npy and FOLDER/report.json. Its models lie in FOLDER/models.
"""

import json
import os
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor

LABEL = "label"
SETTINGS: dict[str, dict[str, Any]] = {
    # The families of P-EL's base models, and its two layers.
    "same_families": {
        "hyperparameters": {"CAT": {}, "RF": {}, "GBM": {}, "XGB": {}, "NN_TORCH": {}},
        "num_bag_folds": 8,
        "num_bag_sets": 1,
        "num_stack_levels": 1,
        "dynamic_stacking": False,
    },
    "best_quality": {"presets": "best_quality"},
}


def peak_rss_mb() -> int:
    """Peak memory of this process, or of the largest that it started."""
    # The ru_maxrss of this process itself begins at that of the process that started it, which fitted P-EL.
    own = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return max(int(own[1]) if own else 0, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def main(folder: Path, setting: str, time_limit: float | None) -> None:
    """Fit, predict, and write what came out."""
    matrices = np.load(folder / "matrices.npz")
    columns = [f"x{column}" for column in range(matrices["X"].shape[1])]
    training = pd.DataFrame(matrices["X"], columns=columns).assign(**{LABEL: matrices["y"]})
    films = pd.DataFrame(matrices["X_test"], columns=columns)
    started = time.perf_counter()
    predictor = TabularPredictor(
        LABEL, problem_type="regression", eval_metric="root_mean_squared_error", path=folder / "models", verbosity=1
    )
    predictor.fit(training, time_limit=time_limit, num_cpus=os.cpu_count(), num_gpus=0, **SETTINGS[setting])
    prediction = predictor.predict(films, as_pandas=False)
    seconds = time.perf_counter() - started
    models = predictor.leaderboard().set_index("model")[["score_val", "fit_time"]]
    np.save(folder / "prediction.npy", prediction)
    report = {"seconds": seconds, "peak_rss_mb": peak_rss_mb(), "leaderboard": models.to_dict("index")}
    (folder / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else None)
