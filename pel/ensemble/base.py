"""The life cycle that the base models share: pre-train on ratings, fine-tune on box office, predict, save, load.

Eq. 1 of the paper: Model_pretrain = pretrain(A); Model_final = fine_tuning(Model_pretrain, B).
"""

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from numpy.typing import ArrayLike

from pel.ensemble.arrays import Matrix, Vector, as_matrix, as_training_rows
from pel.ensemble.options import Options

Stage = Literal["new", "pretrained", "fine_tuned"]

DEVICES = ("cpu", "cuda", "auto")
DESCRIPTION = "model.json"
FORMAT = 2  # of the saved folder; a folder of another format is refused


class BaseModel(ABC):
    """A base model of the ensemble.

    Args:
        seed: Same data and same seed give the same predictions, to the last digit, on one machine.
        threads: CPU threads. With 1, results do not depend on the number of cores.
        device: "cpu", "cuda" or "auto" (CUDA if present). Tree models always compute on the CPU.
        options: The model's options; None takes the defaults.

    Attributes:
        name: The model's name in the registry.
        stage: "new", "pretrained" or "fine_tuned".
        columns: Columns of the Z it was fitted on.
    """

    name: ClassVar[str]
    options_type: ClassVar[type[Options]]

    def __init__(self, *, seed: int = 0, threads: int = 1, device: str = "cpu", options: Options | None = None) -> None:
        options = self.options_type() if options is None else options
        if type(options) is not self.options_type:
            raise ValueError(f"{self.name} takes {self.options_type.__name__}, not {type(options).__name__}.")
        if not 0 <= seed < 2**31:
            raise ValueError(f"seed must be between 0 and 2**31 - 1, not {seed!r}.")
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, not {threads!r}.")
        if device not in DEVICES:
            raise ValueError(f"device must be one of {', '.join(DEVICES)}, not {device!r}.")
        self.seed = seed
        self.threads = threads
        self.device = device
        self.options: Any = options
        self.stage: Stage = "new"
        self.columns = 0

    def pretrain(self, Z: ArrayLike, u: ArrayLike) -> Self:
        """Fit on ratings.

        Args:
            Z: Inputs of the rated films, shape (n, d), in comparable columns (z-scores, normal scores).
            u: Their ratings, shape (n,).

        Returns:
            Itself; ``predict`` now gives ratings.
        """
        Z, u = as_training_rows(Z, u, "u")
        self._pretrain(Z, u)
        return self._fitted("pretrained", Z)

    def fine_tune(self, Z: ArrayLike, y: ArrayLike, *, pretrained: "BaseModel | None") -> Self:
        """Fit on box office, starting from a pre-trained model.

        Args:
            Z: Inputs of the films with box office, shape (n, d), encoded as for pre-training.
            y: Their box office in log10 dollars, shape (n,).
            pretrained: A model of the same kind after ``pretrain``, which stays as it is. None is plain training:
                EL instead of P-EL, the only difference between the two.

        Returns:
            Itself; ``predict`` now gives log10 dollars.
        """
        Z, y = as_training_rows(Z, y, "y")
        if pretrained is not None:
            self._check_pretrained(pretrained, Z)
        self._fine_tune(Z, y, pretrained)
        return self._fitted("fine_tuned", Z)

    def predict(self, Z: ArrayLike) -> Vector:
        """Predictions, shape (n,), for Z of shape (n, d), in the units of what the model was last fitted on."""
        self._check_fitted()
        Z = as_matrix(Z, "Z")
        if Z.shape[1] != self.columns:
            raise ValueError(f"{self.name} was fitted on {self.columns} columns, Z has {Z.shape[1]}.")
        return self._predict(Z)

    def save(self, folder: Path) -> None:
        """Write all that ``predict`` needs to ``folder``, made if need be, in open formats."""
        self._check_fitted()
        folder.mkdir(parents=True, exist_ok=True)
        description = {
            "format": FORMAT,
            "name": self.name,
            "stage": self.stage,
            "columns": self.columns,
            "seed": self.seed,
            "options": self.options.to_json(),
            "state": self._save(folder),
        }
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1, device: str = "cpu") -> Self:
        """Read a model of this kind; it predicts what the saved one predicted, bit for bit on the same device."""
        description = read_description(folder)
        if description["name"] != cls.name:
            raise ValueError(f"{folder} holds a {description['name']!r}, not a {cls.name!r}.")
        options = cls.options_type(**description["options"])
        model = cls(seed=description["seed"], threads=threads, device=device, options=options)
        model.stage = description["stage"]
        model.columns = description["columns"]
        model._load(folder, description["state"])
        return model

    @abstractmethod
    def _pretrain(self, Z: Matrix, u: Vector) -> None: ...

    @abstractmethod
    def _fine_tune(self, Z: Matrix, y: Vector, pretrained: Any) -> None: ...

    @abstractmethod
    def _predict(self, Z: Matrix) -> Vector: ...

    @abstractmethod
    def _save(self, folder: Path) -> dict[str, Any]:
        """Write the files and return the scalars."""

    @abstractmethod
    def _load(self, folder: Path, state: dict[str, Any]) -> None:
        """Read the files; ``state`` holds the scalars that ``_save`` returned."""

    def _fitted(self, stage: Stage, Z: Matrix) -> Self:
        self.stage = stage
        self.columns = Z.shape[1]
        return self

    def _check_fitted(self) -> None:
        if self.stage == "new":
            raise RuntimeError(f"This {self.name} is not fitted. Call pretrain or fine_tune first.")

    def _check_pretrained(self, pretrained: "BaseModel", Z: Matrix) -> None:
        if type(pretrained) is not type(self):
            raise ValueError(f"{self.name} cannot start from a {type(pretrained).__name__}.")
        if pretrained.stage != "pretrained":
            raise ValueError(f"The model to start from is {pretrained.stage!r}. Call its pretrain first.")
        if pretrained.columns != Z.shape[1]:
            raise ValueError(
                f"The pre-trained {self.name} knows {pretrained.columns} columns, Z has {Z.shape[1]}. "
                "Encode both with the same encoder."
            )


def read_description(folder: Path) -> dict[str, Any]:
    """What ``model.json`` of a saved model says; raises ValueError for a format that this version cannot read."""
    description = json.loads((folder / DESCRIPTION).read_text())
    if description.get("format") != FORMAT:
        raise ValueError(
            f"{folder / DESCRIPTION} has format {description.get('format')!r}, this version reads {FORMAT}."
        )
    return description
