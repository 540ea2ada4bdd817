"""How right P-EL is by the protocol of the paper: films at random, its table 2.

Zhao et al. 2024, doi 10.12677/mos.2024.131034. Random films are forecast from films of their future too, so the figures
say how one predictor compares with another, and not how right a forecast is: that is `benchmarks.forward`.

Usage: python -m benchmarks.paper ARCHIVE [SEED...]; without seeds writes benchmarks/results/paper.json.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t

from benchmarks.archive import Archive, load
from benchmarks.figures import rounded
from benchmarks.progress import Remaining
from benchmarks.record import MACHINE, THREADS, keep, speak_plainly
from pel.ensemble import BEST, PAPER, PEL, Configuration, make, regression_metrics
from pel.ensemble.folds import Fold, k_folds
from pel.features.encoder import FilmEncoder
from pel.features.films import LEAST_DOLLARS
from pel.features.groups import BEST as BEST_GROUPS
from pel.features.groups import PAPER as PAPER_GROUPS

logger = logging.getLogger("benchmarks")

SEEDS = (0, 1, 2, 3, 4)
TRAINING, VALIDATION, TEST = 3000, 970, 1000
FOLDS = 5
# Table 2: R², MSE, MAE.
PUBLISHED = {
    "P-EL": (0.77697, 0.19314, 0.34584),
    "EL": (0.70742, 0.48936, 0.38278),
    "MLP": (0.53506, 1.12587, 0.60878),
    "XGBoost": (0.63750, 0.52337, 0.42781),
    "RandomForest": (0.62103, 0.54037, 0.42141),
    "LightGBM": (0.63312, 0.53642, 0.42262),
    "CatBoost": (0.66157, 0.50885, 0.40882),
    "NeuralNet": (0.60756, 0.61967, 0.46815),
}
ALONE = {
    "XGBoost": "xgboost",
    "RandomForest": "random_forest",
    "LightGBM": "lightgbm",
    "CatBoost": "catboost",
    "NeuralNet": "neural_net",
}
# The configuration that is used, with all attributes: how far honest inputs get by this protocol.
OURS = "P-EL, best"
# Of one seed: a layer of an ensemble, and its pre-training, fit once per fold and once more.
FITS = (FOLDS + 1) * (
    (2 * PAPER.layers * len(PAPER.base_models) + len(PAPER.transferred)) + len(BEST.base_models) + len(BEST.transferred)
) + (len(ALONE) + 1)


@dataclass(frozen=True)
class Draw:
    """The films of one seed.

    Attributes:
        learned: Training and validation films.
        tested: Films that are forecast once, and known to nothing before.
        rated: All films with a rating but those tested.
    """

    learned: pd.DataFrame
    tested: pd.DataFrame
    rated: pd.DataFrame

    @classmethod
    def of(cls, archive: Archive, seed: int) -> "Draw":
        """The draw of that seed."""
        films = eligible(archive)
        learned, tested = split(len(films))
        order = np.random.default_rng(seed).permutation(len(films))[: learned + tested]
        test = films.iloc[order[learned:]]
        rated = archive.rated[~archive.rated["film_id"].isin(test["film_id"])]
        return cls(films.iloc[order[:learned]], test, rated)

    def encoded(self, encoder: FilmEncoder) -> "Matrices":
        """The draw as matrices, by an encoder that sees the films to learn from alone."""
        encoder.fit(self.learned)
        return Matrices(
            X=encoder.transform_training(self.learned),
            X_forecast=encoder.transform(self.learned),
            y=self.learned["label"].to_numpy(),
            X_rated=encoder.transform_training(self.rated),
            u=self.rated["label"].to_numpy(),
            X_test=encoder.transform(self.tested),
            y_test=self.tested["label"].to_numpy(),
        )

    def folds(self, seed: int) -> list[Fold]:
        """Random folds of the films to learn from; each pre-trains on no rating of a film that it forecasts."""
        film_id, rated_id = self.learned["film_id"].to_numpy(), self.rated["film_id"].to_numpy()
        return [
            replace(fold, rated=np.flatnonzero(~np.isin(rated_id, film_id[fold.test])))
            for fold in k_folds(len(film_id), FOLDS, seed=seed)
        ]


@dataclass(frozen=True)
class Matrices:
    """A draw as ``PEL.fit`` takes it, and what it is asked to forecast."""

    X: np.ndarray
    X_forecast: np.ndarray
    y: np.ndarray
    X_rated: np.ndarray
    u: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def eligible(archive: Archive) -> pd.DataFrame:
    """Films with a box office and a known budget, each of at least ``LEAST_DOLLARS``."""
    return archive.paid[archive.paid["budget"] >= np.log10(LEAST_DOLLARS)]


def split(films: int) -> tuple[int, int]:
    """How many of the films are learned from and tested: the paper's numbers, or in proportion if there are fewer."""
    wanted = TRAINING + VALIDATION + TEST
    drawn = min(films, wanted)
    tested = round(drawn * TEST / wanted)
    return drawn - tested, tested


def forecasts(draw: Draw, seed: int, remaining: Remaining) -> pd.DataFrame:
    """How right each predictor is on the tested films: a row each, a column a figure."""
    # z-scores, as the paper has them
    data, folds = draw.encoded(FilmEncoder(PAPER_GROUPS, scale="z")), draw.folds(seed)
    figures = {}

    def score(name: str, prediction: np.ndarray) -> None:
        figures[name] = measured(data.y_test, prediction)
        logger.info("%-60s", f"seed {seed}  {name:<14}R2 {figures[name]['r2_log10']:.4f}")

    for name, base_model in ALONE.items():
        score(name, _alone(base_model, data, seed))
        remaining.show(name, 1, 1)
    score("MLP", _perceptron(data, seed))
    remaining.show("MLP", 1, 1)
    score("EL", _ensemble("EL", data, PAPER, folds, seed, remaining, transfer=False))
    score("P-EL", _ensemble("P-EL", data, PAPER, folds, seed, remaining))
    score(OURS, _ensemble(OURS, draw.encoded(FilmEncoder(BEST_GROUPS)), BEST, folds, seed, remaining))
    return pd.DataFrame.from_dict(figures, orient="index")


def measured(y: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """The paper's figures, of y and prediction (n,) in log10 dollars, on that scale and in dollars."""
    scales = {"log10": (y, prediction), "dollars": (10**y, 10**prediction)}
    return {
        f"{figure}_{scale}": value
        for scale, both in scales.items()
        for figure, value in regression_metrics(*both).items()
    }


def rows(figures: pd.DataFrame) -> dict[str, Any]:
    """Per predictor, each figure's mean over the seeds and its standard deviation, and what the paper has."""
    found = {}
    for name in (*PUBLISHED, OURS):
        of_seeds = figures.xs(name, level="predictor").agg(["mean", "std"]).rename(index={"std": "spread"})
        found[name] = of_seeds.to_dict()
        if name in PUBLISHED:
            found[name]["paper"] = dict(zip(("r2", "mse", "mae"), PUBLISHED[name], strict=True))
    return found


def differences(figures: pd.DataFrame) -> dict[str, Any]:
    """What pre-training is worth, and what an ensemble is worth above the best of its base models."""
    r2 = figures["r2_log10"].unstack("predictor")
    best = str(r2[list(ALONE)].mean().idxmax())
    return {
        "P-EL minus EL": gap(r2["P-EL"] - r2["EL"]),
        "EL minus best base model": {"base_model": best} | gap(r2["EL"] - r2[best]),
    }


def gap(gaps: pd.Series) -> dict[str, float]:
    """The mean of one difference of R² per seed, and its 95 % range by Student's t.

    Seeds draw from the same films, so the range says what another draw would change, and not another archive.
    """
    mean, margin = float(gaps.mean()), float(t.ppf(0.975, len(gaps) - 1) * gaps.sem())
    return {"difference_r2_log10": mean, "low": mean - margin, "high": mean + margin}


def run(archive: Archive, seeds: Sequence[int]) -> dict[str, Any]:
    """What is kept."""
    started, remaining = time.perf_counter(), Remaining(len(seeds) * FITS)
    of_seeds = {seed: forecasts(Draw.of(archive, seed), seed, remaining) for seed in seeds}
    figures = pd.concat(of_seeds, names=["seed", "predictor"])
    found = {"rows": rows(figures), "differences": differences(figures)}
    show_table(found["rows"])
    return {
        "protocol": protocol(len(eligible(archive))),
        "films": dict(zip(("eligible", "learned", "tested"), _films(archive), strict=True)),
        "seeds": list(seeds),
        "seconds": time.perf_counter() - started,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "machine": MACHINE,
    } | found


def protocol(films: int) -> str:
    """What is done, in words."""
    learned, tested = split(films)
    fewer = learned + tested < TRAINING + VALIDATION + TEST
    drawn = "in the paper's proportion, as there are fewer than its 4,970" if fewer else "as many as in the paper"
    return (
        f"Films with box office and budget of at least {LEAST_DOLLARS:,} dollars; a seed draws {learned + tested:,} at "
        f"random, {drawn}, whatever their year: {learned:,} to learn from (training and validation) and {tested:,} to "
        f"test once. The ensembles make out-of-fold forecasts by {FOLDS} random folds of the former, for layer 2 and, "
        "but for the last fold, for the weights. Attributes are encoded by the films learned from. Pre-training takes "
        "every rating but those of tested films and, within a fold, of the films that it forecasts. Attributes look "
        "back from a film's own release, so those of a film learned from may hold the box office of an earlier tested "
        "one. Spread is the standard deviation over seeds. The paper does not state the scale of its target."
    )


def show_table(found: dict[str, Any]) -> None:
    """R², MSE and MAE in log10 dollars beside the paper's, and R² in dollars."""
    names = ("r2", "mse", "mae")
    logger.info("%-14s%s%14s", "", "".join(f"{name:>18}{'paper':>9}" for name in names), "r2 in dollars")
    for predictor, row in found.items():
        cells = [(row[f"{name}_log10"], row.get("paper", {}).get(name, np.nan)) for name in names]
        text = "".join(f"{own['mean']:10.4f} ± {own['spread']:.3f}{paper:9.4f}" for own, paper in cells)
        logger.info("%-14s%s%14.4f", predictor, text, row["r2_dollars"]["mean"])


def _films(archive: Archive) -> tuple[int, int, int]:
    films = len(eligible(archive))
    return films, *split(films)


def _ensemble(
    name: str,
    data: Matrices,
    configuration: Configuration,
    folds: list[Fold],
    seed: int,
    remaining: Remaining,
    *,
    transfer: bool = True,
) -> np.ndarray:
    model = PEL(
        configuration,
        transfer=transfer,
        seed=seed,
        threads=THREADS,
        report=lambda what, done, of: remaining.show(f"{name}, {what}", done, of),
    )
    learned = {"X_forecast": data.X_forecast, "X_rated": data.X_rated, "u": data.u}
    return model.fit(data.X, data.y, **learned, folds=folds).predict(data.X_test)


def _alone(base_model: str, data: Matrices, seed: int) -> np.ndarray:
    model = make(base_model, seed=seed, threads=THREADS, options=PAPER.base_models[base_model])
    return model.fine_tune(data.X, data.y, pretrained=None).predict(data.X_test)


def _perceptron(data: Matrices, seed: int) -> np.ndarray:
    """A plain multilayer perceptron, which stops by a validation part of the paper's size."""
    from sklearn.neural_network import MLPRegressor

    share = VALIDATION / (TRAINING + VALIDATION)
    model = MLPRegressor(early_stopping=True, validation_fraction=share, max_iter=1000, random_state=seed)
    # from the mean on, or it stops before it gets from 0 to 7
    mean = data.y.mean()
    return model.fit(data.X, data.y - mean).predict(data.X_test) + mean


def main(data: str, *seeds: str) -> None:
    """Run, show and keep the figures."""
    speak_plainly()
    result = rounded(run(load(data), [int(seed) for seed in seeds] or SEEDS))
    if not seeds:
        keep("paper", result)
    logger.info("%s", json.dumps(result, indent=2))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Name the archive: make bench-paper DATA=archive.zip")
    main(*sys.argv[1:])
