"""P-EL against AutoGluon-Tabular: the same matrices, films and windows, timed in one run, one after the other.

P-EL's seconds include making the matrices and pre-training on ratings, which AutoGluon has no way to learn from.

Usage: python -m benchmarks.peers ARCHIVE PEER_PYTHON [WINDOW...]; writes benchmarks/results/peers.json.
"""

import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.archive import Archive, load
from benchmarks.figures import accuracy, difference, rounded
from benchmarks.forward import fitted
from benchmarks.record import MACHINE, keep, speak_plainly
from benchmarks.windows import WINDOWS, Matrices, Window
from pel.ensemble.arrays import MISSING

logger = logging.getLogger("benchmarks")

AUTOGLUON = Path(__file__).with_name("peer_autogluon.py")
LABELS = {
    "pel": "P-EL",
    "autogluon": "AutoGluon, same families",
    "autogluon_best_quality": "AutoGluon, best_quality",
}
# best_quality fills whatever time it is given: this many times what P-EL took.
TIMES = 10
# AutoGluon fits its folds one after the other, each on all cores, as ray is not installed: tried once on 300 films and
# two cores that others used too, ray's workers took longer. There, threads that spin while they wait slowed its
# LightGBM and XGBoost down by far; passive ones did not.
ENVIRONMENT = os.environ | {"OMP_WAIT_POLICY": "passive"}


class Peers:
    """One run over the windows: predictions and figures by predictor and window."""

    def __init__(self, archive: Archive, python: str, names: list[str]) -> None:
        self.python = python
        self.version = _version(python)
        self.windows = {name: Window.of(archive, name) for name in names}
        self.matrices: dict[str, Matrices] = {}
        self.predictions: dict[str, dict[str, np.ndarray]] = {predictor: {} for predictor in LABELS}
        self.figures: dict[str, list[dict[str, Any]]] = {predictor: [] for predictor in LABELS}

    @property
    def labels(self) -> dict[str, np.ndarray]:
        """What came true, by window."""
        return {name: window.films["label"].to_numpy() for name, window in self.windows.items()}

    def fit(self, predictor: str) -> None:
        """One of them on every window."""
        for place, (name, window) in enumerate(self.windows.items()):
            if predictor == "pel":
                prediction, cost = self._pel(name, window)
            elif predictor == "autogluon":
                prediction, cost = self._autogluon(predictor, name, "same_families")
            else:
                limit = TIMES * self.figures["pel"][place]["seconds"]
                prediction, cost = self._autogluon(predictor, name, "best_quality", str(limit))
            self.predictions[predictor][name] = prediction
            self.figures[predictor].append({"name": name} | accuracy(self.labels[name], prediction) | cost)

    def result(self) -> dict[str, Any]:
        """What is kept."""
        pel = self._over_windows("pel")
        return {"machine": MACHINE, "pel": pel} | {
            peer: {"version": self.version}
            | (figures := self._over_windows(peer))
            | difference(self.labels, self.predictions["pel"], self.predictions[peer])
            | {"seconds_ratio": pel["seconds"] / figures["seconds"]}
            for peer in LABELS
            if peer != "pel" and self.figures[peer]
        }

    def _pel(self, name: str, window: Window) -> tuple[np.ndarray, dict[str, Any]]:
        logger.info("%-10s%s", name, LABELS["pel"])
        self.matrices[name], _, prediction, seconds = fitted(window)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return prediction, {"seconds": seconds, "peak_rss_mb": peak}

    def _autogluon(self, predictor: str, name: str, setting: str, *limit: str) -> tuple[np.ndarray, dict[str, Any]]:
        """What AutoGluon predicts for a window's films, and what that took."""
        seconds = "".join(f", for at most about {float(seconds):.0f} s" for seconds in limit)
        logger.info("%-10s%s%s", name, LABELS[predictor], seconds)
        data = self.matrices[name]
        with tempfile.TemporaryDirectory(prefix="pel-peers-") as folder:
            X, X_test = (np.where(values == MISSING, np.nan, values) for values in (data.X, data.X_test))
            np.savez(Path(folder) / "matrices.npz", X=X, y=data.y, X_test=X_test)
            subprocess.run([self.python, "-I", AUTOGLUON, folder, setting, *limit], env=ENVIRONMENT, check=True)
            report = json.loads((Path(folder) / "report.json").read_text())
            return np.load(Path(folder) / "prediction.npy").astype(np.float64), report

    def _over_windows(self, predictor: str) -> dict[str, Any]:
        windows = self.figures[predictor]
        return {
            "windows": windows,
            "mean_r2_log10": float(np.mean([window["r2_log10"] for window in windows])),
            "seconds": sum(window["seconds"] for window in windows),
            "peak_rss_mb": max(window["peak_rss_mb"] for window in windows),
        }


def table(result: dict[str, Any]) -> str:
    """The figures as a table, a predictor a line."""
    windows = "".join(f"{window['name']:>9}" for window in result["pel"]["windows"])
    lines = [f"{'R2 (log10)':26}{windows}     mean   P-EL above it by           seconds       MB"]
    for predictor, label in LABELS.items():
        if predictor not in result:
            continue
        figures = result[predictor]
        r2s = "".join(f"{window['r2_log10']:9.4f}" for window in figures["windows"])
        above = "" if predictor == "pel" else "{difference_r2_log10:.4f} ({low:.4f} to {high:.4f})".format(**figures)
        cost = f"{figures['seconds']:10.0f}{figures['peak_rss_mb']:9d}"
        lines.append(f"{label:26}{r2s}{figures['mean_r2_log10']:9.4f}   {above:26}{cost}")
    return "\n".join(lines)


def _version(python: str) -> str:
    """The version of AutoGluon there; asked first, so that a missing one is not found out after minutes."""
    code = "import importlib.metadata as m; print(m.version('autogluon.tabular'))"
    try:
        return subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"{python} has no AutoGluon; install it: make .venv-peers/.installed")


def main(data: str, python: str, *names: str) -> None:
    """Run, show and keep the figures."""
    speak_plainly()
    run = Peers(load(data), python, list(names or WINDOWS))
    for predictor in LABELS:
        run.fit(predictor)
        result = rounded(run.result())
        if not names:
            # after each, for the last takes ten times as long as the first
            keep("peers", result)
        logger.info("%s", table(result))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("Name the archive: make bench-peers DATA=archive.zip")
    main(*sys.argv[1:])
