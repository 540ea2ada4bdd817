"""The pre-trained model that a fine-tuning run starts from."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Matrix
from pel.ensemble.base import BaseModel
from pel.ensemble.configuration import BEST
from pel.ensemble.folds import Fold
from pel.ensemble.layers import FoldData, TrainingData
from pel.ensemble.registry import load
from pel.features.encoder import FilmEncoder
from pel.training.artifacts import artifacts_of
from pel.training.plan import PART, THREADS, Plan
from pel.training.pretrain import encoder_file

Day = np.datetime64 | date


class StartingPoint:
    """For any day, the newest pre-trained state and encoder that saw nothing later.

    Args:
        plan: The fine-tuning run.
        local: A local folder for the files.
    """

    def __init__(self, plan: Plan, local: Path) -> None:
        if plan.pretrained_version is None or plan.pretrained_sha256 is None:
            raise ValueError(f"{plan.version} names no pre-trained model to start from.")
        self._artifacts = artifacts_of(plan.pretrained_version)
        self._seal = plan.pretrained_sha256
        self._local = local
        self._as_of = plan.as_of
        self._plan = self._artifacts.get_part(PART, local / PART, self._seal)
        self._moments = sorted(file.stem for file in (self._plan / "encoders").iterdir())

    def moment(self, day: Day) -> str:
        """The date of the newest state that saw nothing after ``day``."""
        return max(moment for moment in self._moments if moment <= str(day))

    def encoder(self, day: Day) -> Path:
        """The file of the encoder of that day."""
        return encoder_file(self._plan, self.moment(day))

    def fold(self, name: str, films: pd.DataFrame, fold: Fold) -> FoldData:
        """One fold of a base model."""
        encoder, training = FilmEncoder.load(self.encoder(fold.cutoff)), films.iloc[fold.train]
        return FoldData(
            Z_train=encoder.transform_training(training),
            y_train=training["label"].to_numpy(),
            Z_test=encoder.transform(films.iloc[fold.test]),
            pretrained=self._state(name, fold.cutoff),
        )

    def final(self, name: str, films: pd.DataFrame) -> TrainingData:
        """The final fit of a base model: every film whose box office is known."""
        return TrainingData(
            Z_train=FilmEncoder.load(self.encoder(self._as_of)).transform_training(films),
            y_train=films["label"].to_numpy(),
            pretrained=self._state(name, self._as_of),
        )

    def inputs(self, films: pd.DataFrame) -> Matrix:
        """Films as the final fits take them in, to forecast them."""
        return FilmEncoder.load(self.encoder(self._as_of)).transform(films)

    def ratings(self) -> dict[str, BaseModel]:
        """The pre-trained base models from which the final fits start, by name; they predict ratings."""
        states = {name: self._state(name, self._as_of) for name in sorted(BEST.transferred)}
        return {name: state for name, state in states.items() if state is not None}

    def _state(self, name: str, day: Day) -> BaseModel | None:
        if name not in BEST.transferred:
            return None
        if not (self._local / name).exists():
            self._artifacts.get_part(name, self._local / name, self._seal)
        return load(self._local / name / self.moment(day), threads=THREADS)
