"""The neural net: the average of a few small networks, fine-tuned by going on from copied weights.

Fine-tuning copies the pre-trained weights, body and head, and goes on with a smaller step size. The target is
standardised inside, ratings and log10 dollars alike, so the copied head starts on the right scale: with zero epochs a
fine-tuned net is its pre-trained self in standard deviations, mapped onto the target's mean and standard deviation.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pel.ensemble.arrays import Matrix, Vector
from pel.ensemble.base import BaseModel
from pel.ensemble.device import Device, choose, falling_back
from pel.ensemble.network import as_inputs, forward, random_weights, reproducible, train
from pel.ensemble.options import NeuralNetOptions

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

WEIGHTS = "weights.safetensors"

# At a time, the last ones filled up with zeros: in products of matrices of one shape, a row hangs on itself alone. So a
# film is forecast to the last bit as it would be among others.
PREDICTED_ROWS = 1024


class NeuralNet(BaseModel):
    """Multilayer perceptrons (linear, ReLU, dropout; a linear head) that share their weights, trained in float32.

    Attributes:
        trained_on: Device of the last fit and why it was this one.
    """

    name = "neural_net"
    options_type = NeuralNetOptions

    trained_on: str
    _weights: "dict[str, torch.Tensor]"
    _mean: float
    _std: float

    def _pretrain(self, Z: Matrix, u: Vector) -> None:
        weights = random_weights(Z.shape[1], self.options, seed=self.seed)
        self._fit(Z, u, weights, self.options.pretrain_epochs, self.options.learning_rate)

    def _fine_tune(self, Z: Matrix, y: Vector, pretrained: "NeuralNet | None") -> None:
        if pretrained is None:
            weights = random_weights(Z.shape[1], self.options, seed=self.seed)
            self._fit(Z, y, weights, self.options.fine_tune_epochs, self.options.learning_rate)
        else:
            self._check_shape(pretrained)
            self._fit(Z, y, pretrained._weights, self.options.fine_tune_epochs, self.options.fine_tune_learning_rate)

    def _fit(
        self, Z: Matrix, target: Vector, weights: "dict[str, torch.Tensor]", epochs: int, learning_rate: float
    ) -> None:
        self._mean = float(target.mean())
        self._std = float(target.std()) or 1.0

        def fit(device: Device) -> "dict[str, torch.Tensor]":
            return train(
                weights,
                _tensor(Z, device.name),
                _tensor((target - self._mean) / self._std, device.name),
                options=self.options,
                epochs=epochs,
                learning_rate=learning_rate,
                seed=self.seed,
                mixed=device.name == "cuda",
            )

        with reproducible(self.threads):
            self._weights, device = falling_back(fit, choose(self.device))
        self.trained_on = str(device)
        logger.info("%s: trained on %s", self.name, device)

    def _predict(self, Z: Matrix) -> Vector:
        import torch

        with reproducible(self.threads), torch.no_grad():
            outputs = [
                forward(self._weights, as_inputs(part), layers=self.options.layers).mean(dim=0)
                for part in _tensor(_filled_up(Z), self._weights["head.bias"].device).split(PREDICTED_ROWS)
            ]
            output = torch.cat(outputs)[: len(Z)].cpu().numpy()
        return self._mean + self._std * output.astype(np.float64)

    def _save(self, folder: Path) -> dict[str, Any]:
        from safetensors.torch import save_file

        save_file({name: weight.cpu().contiguous() for name, weight in self._weights.items()}, folder / WEIGHTS)
        return {"mean": self._mean, "std": self._std, "trained_on": self.trained_on}

    def _load(self, folder: Path, state: dict[str, Any]) -> None:
        from safetensors.torch import load_file

        self._mean, self._std = state["mean"], state["std"]
        self.trained_on = state.get("trained_on", "unknown")  # models of before this was kept
        self._weights = load_file(folder / WEIGHTS, device=choose(self.device).name)

    def _check_shape(self, pretrained: "NeuralNet") -> None:
        for field in ("members", "layers", "width"):
            ours, theirs = getattr(self.options, field), getattr(pretrained.options, field)
            if ours != theirs:
                raise ValueError(f"The pre-trained net has {field}={theirs}, this one {field}={ours}. Make them equal.")


def _filled_up(Z: Matrix) -> Matrix:
    """Z with rows of zeros, up to a multiple of the rows that are predicted at a time."""
    return np.pad(Z, ((0, -len(Z) % PREDICTED_ROWS), (0, 0)))


def _tensor(values: Matrix | Vector, device: "torch.device | str") -> "torch.Tensor":
    import torch

    return torch.from_numpy(values.astype(np.float32)).to(device)
