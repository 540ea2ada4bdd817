"""The past films that are most like one to come, as the model sees them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pel.ensemble.proximity import Leaves, proximity
from pel.training.model import FittedEnsemble

SIMILAR = 10


@dataclass(frozen=True)
class Similar:
    """Films by how similar they are, the most similar first: their numbers, and from 0 to 1 how similar each is."""

    film_ids: list[int]
    similarities: list[float]


class SimilarFilms:
    """Finds them among past films.

    Args:
        model: Who sees them: in its trees, similar films come to the same leaves.
        past: The films to choose from.
    """

    def __init__(self, model: FittedEnsemble, past: pd.DataFrame) -> None:
        self._model = model
        self._film_ids = past["film_id"].to_numpy()
        self._leaves = model.leaves(past)

    def to(self, films: pd.DataFrame) -> list[Similar]:
        """The most similar to each film."""
        ours = self._model.leaves(films)
        return [self._nearest([leaves[place] for leaves in ours]) for place in range(len(films))]

    def _nearest(self, leaves: list[Leaves]) -> Similar:
        alike = proximity(leaves, self._leaves, self._model.tree_weights())
        nearest = np.argsort(-alike, kind="stable")[:SIMILAR]
        return Similar(self._film_ids[nearest].tolist(), alike[nearest].tolist())
