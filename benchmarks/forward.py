"""How right P-EL is forward in time: trained on films before a window, judged on the films in it.

Usage: python -m benchmarks.forward ARCHIVE [WINDOW...]; writes benchmarks/results/forward.json.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.archive import Archive, load
from benchmarks.figures import accuracy, coverage, difference, r2, rounded
from benchmarks.progress import Stages, show
from benchmarks.record import MACHINE, THREADS, keep, speak_plainly
from benchmarks.slices import slices
from benchmarks.windows import WINDOWS, Matrices, Window
from pel.ensemble import BEST, PEL, make
from pel.ensemble.intervals import COVERAGES
from pel.features.groups import BEST as BEST_GROUPS

logger = logging.getLogger("benchmarks")

# Each ablation of a group of columns is judged by these alone: seconds instead of minutes, and nearly as good.
QUICK = ("catboost", "lightgbm")
SCORED = 100_000


class Forward:
    """One run over the windows; predictions by predictor and window, in log10 dollars."""

    def __init__(self, archive: Archive, names: list[str]) -> None:
        self.windows = {name: Window.of(archive, name) for name in names}
        self.predictions: dict[str, dict[str, np.ndarray]] = {}
        self.figures: list[dict[str, Any]] = []

    @property
    def labels(self) -> dict[str, np.ndarray]:
        """What came true, by window."""
        return {name: window.films["label"].to_numpy() for name, window in self.windows.items()}

    def keep(self, predictor: str, window: str, prediction: np.ndarray) -> None:
        """Remember a prediction, and show how right it is."""
        self.predictions.setdefault(predictor, {})[window] = prediction
        logger.info("%-10s%-34s R2 %.4f", window, predictor, r2(self.labels[window], prediction))

    def fit(self, name: str) -> None:
        """The whole of P-EL on one window, and what its parts say."""
        stages = Stages()
        data, model, prediction, seconds = fitted(self.windows[name], stages.show)
        self.keep("P-EL", name, prediction)
        alone = dict(zip(BEST.base_models, model.predict_models(data.X_test).T, strict=True))
        for base_model, predicted in alone.items():
            self.keep(base_model, name, predicted)
            self.keep(f"without {base_model}", name, _without(base_model, alone, model.weights_))
        self.keep("equal weights", name, np.mean(list(alone.values()), axis=0))
        budget = self.windows[name].films["budget"].to_numpy()
        line = np.poly1d(np.polyfit(*_budgeted(self.windows[name]), 1))
        self.keep("a line on log budget", name, line(budget))
        figures = self._figures(name, data, model, prediction) | {"seconds": seconds, "stages": stages.stages}
        self.figures.append(figures | {"line": _line(self.windows[name])} | _scoring(self.windows[name], model))

    def ablate(self, name: str) -> None:
        """What each idea is worth: the same without it."""
        data = self.windows[name].encoded()
        two_layers = replace(BEST, name="two layers", layers=2)
        self.keep("with layer 2", name, _predict(data, PEL(two_layers, threads=THREADS, report=show)))
        self.keep("without pre-training", name, _predict(data, PEL(BEST, threads=THREADS, transfer=False, report=show)))
        self.keep("quick: all groups", name, _quick(data))
        for group in BEST_GROUPS:
            others = [other for other in BEST_GROUPS if other != group]
            self.keep(f"quick: without {group}", name, _quick(self.windows[name].encoded(others)))
        self.keep("quick: with deltas", name, _quick(self.windows[name].encoded([*BEST_GROUPS, "deltas"])))

    def result(self) -> dict[str, Any]:
        """What is kept."""
        labels = self.labels
        against = {
            name: {"mean_r2_log10": float(np.mean([r2(labels[w], p) for w, p in predicted.items()]))}
            | difference(labels, self._whole(name), predicted)
            for name, predicted in self.predictions.items()
            if len(predicted) == len(labels)
        }
        return {
            "mean_r2_log10": float(np.mean([window["r2_log10"] for window in self.figures])),
            "seconds": sum(window["seconds"] for window in self.figures),
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "machine": MACHINE,
            "windows": self.figures,
            "against": against,
        }

    def _whole(self, name: str) -> dict[str, np.ndarray]:
        """What that predictor is a variant of."""
        return self.predictions["quick: all groups" if name.startswith("quick") else "P-EL"]

    def _figures(self, name: str, data: Matrices, model: PEL, prediction: np.ndarray) -> dict[str, Any]:
        films = self.windows[name].films
        ranges = {share: model.predict_interval(data.X_test, share) for share in COVERAGES}
        figures = {"name": name} | accuracy(data.y_test, prediction)
        figures |= {f"coverage_{share * 100:.0f}": coverage(data.y_test, ranges[share]) for share in COVERAGES}
        figures["median_width_80"] = float(np.median(np.ptp(ranges[0.8], axis=1)))
        figures |= slices(films, data.y_test, prediction, ranges[0.8])
        figures["bias_log10"] = float(np.mean(prediction - data.y_test))
        figures["without_budget"] = accuracy(data.y_unbudgeted, model.predict(data.X_unbudgeted))
        figures["without_budget"]["coverage_80"] = coverage(
            data.y_unbudgeted, model.predict_interval(data.X_unbudgeted, 0.8)
        )
        figures["weights"] = dict(zip(BEST.base_models, model.weights_.tolist(), strict=True))
        return figures


def fitted(window: Window, report: Callable[[str, int, int], None] = show) -> tuple[Matrices, PEL, np.ndarray, float]:
    """P-EL on one window: its matrices, the model, what it forecasts, and the seconds all of that took."""
    started = time.perf_counter()
    data = window.encoded()
    model = PEL(BEST, threads=THREADS, report=report).fit(**data.training())
    prediction = model.predict(data.X_test)
    return data, model, prediction, time.perf_counter() - started


def _scoring(window: Window, model: PEL) -> dict[str, float]:
    """How long the films of the window take, repeated until there are 100,000 of them, from attributes to ranges."""
    rows = np.resize(np.arange(len(window.films)), SCORED)
    films, encoder = window.films.iloc[rows], window.encoder(BEST_GROUPS)
    started = time.perf_counter()
    model.predict_interval(encoder.transform(films), 0.8)
    return {f"seconds_for_{SCORED}": time.perf_counter() - started}


def _predict(data: Matrices, model: PEL) -> np.ndarray:
    return model.fit(**data.training()).predict(data.X_test)


def _quick(data: Matrices) -> np.ndarray:
    fitted = [
        make(name, threads=THREADS, options=BEST.base_models[name]).fine_tune(data.X, data.y, pretrained=None)
        for name in QUICK
    ]
    return np.mean([model.predict(data.X_test) for model in fitted], axis=0)


def _without(base_model: str, alone: dict[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    kept = {name: weight for name, weight in zip(alone, weights, strict=True) if name != base_model}
    return sum(weight * alone[name] for name, weight in kept.items()) / sum(kept.values())


def _budgeted(window: Window) -> tuple[np.ndarray, np.ndarray]:
    known = window.training[window.training["budget"].notna()]
    return known["budget"].to_numpy(), known["label"].to_numpy()


def _line(window: Window) -> dict[str, float]:
    """The width of 80 % ranges around a line on log budget, from its residuals on the training films."""
    budget, label = _budgeted(window)
    residual = label - np.poly1d(np.polyfit(budget, label, 1))(budget)
    low, high = np.quantile(residual, [0.1, 0.9])
    return {"width_80": float(high - low)}


def main(data: str, *names: str) -> None:
    """Run, show and keep the figures."""
    speak_plainly()
    run = Forward(load(data), list(names or WINDOWS))
    for name in run.windows:
        run.fit(name)
    for name in run.windows:
        run.ablate(name)
    result = rounded(run.result())
    if not names:
        keep("forward", result)
    logger.info("%s", json.dumps(result, indent=2))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Name the archive: make bench-forward DATA=archive.zip")
    main(*sys.argv[1:])
