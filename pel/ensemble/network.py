"""Several networks trained as one: they share every layer's weights, and differ by what scales its inputs and outputs.

Gorishniy, Kotelnikov and Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling", ICLR
2025. Beside fewer weights, one product of matrices serves all members, and their mean is better than one of them.

Everything here is a function of tensors. Weights are a dict of name to tensor, which is also how they are saved.
Nothing draws from torch's global generators, and ``reproducible`` puts back the global settings that it changes.
"""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pel.ensemble.arrays import MISSING
from pel.ensemble.options import NeuralNetOptions

if TYPE_CHECKING:
    import torch

    Weights = dict[str, torch.Tensor]

# A z-score beyond this is squashed towards it: one film with a budget of twenty deviations must not steer a network.
LARGEST_INPUT = 5.0

# On CUDA, torch calls batched products deterministic only with this setting of cuBLAS, and refuses them without.
CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
CUBLAS_DETERMINISTIC = ":4096:8"


@contextmanager
def reproducible(threads: int) -> Iterator[None]:
    """Deterministic algorithms and ``threads`` CPU threads within; the settings of before afterwards."""
    import torch

    threads_before = torch.get_num_threads()
    deterministic_before = torch.get_deterministic_debug_mode()
    cublas_before = os.environ.get(CUBLAS)
    torch.set_num_threads(threads)
    # as use_deterministic_algorithms(True), which would import torch's compiler
    torch.set_deterministic_debug_mode("error")
    os.environ[CUBLAS] = CUBLAS_DETERMINISTIC
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(deterministic_before)
        torch.set_num_threads(threads_before)
        if cublas_before is None:
            del os.environ[CUBLAS]
        else:
            os.environ[CUBLAS] = cublas_before


def random_weights(columns: int, options: NeuralNetOptions, *, seed: int) -> "Weights":
    """Fresh weights on the CPU, so that every device starts from the same ones.

    Shape: a layer's weight is (inputs, outputs) and shared, its ``in`` (members, 1, inputs) and ``out`` and bias
    (members, 1, outputs) are the members' own, and so is the head, (members, inputs, 1).
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    weights = {}
    inputs = 2 * columns
    for layer in range(options.layers):
        noise = torch.randn((inputs, options.width), generator=generator, dtype=torch.float32)
        weights[f"layer{layer}.weight"] = noise / math.sqrt(inputs)
        weights[f"layer{layer}.in"] = torch.ones(options.members, 1, inputs)
        weights[f"layer{layer}.out"] = torch.ones(options.members, 1, options.width)
        weights[f"layer{layer}.bias"] = torch.zeros(options.members, 1, options.width)
        inputs = options.width
    # Random signs on the inputs alone make the members differ enough.
    signs = torch.randint(0, 2, weights["layer0.in"].shape, generator=generator)
    weights["layer0.in"] = 2.0 * signs - 1.0
    # A head of zeros starts every member at the mean of the standardised target.
    weights["head.weight"] = torch.zeros(options.members, inputs, 1)
    weights["head.bias"] = torch.zeros(options.members, 1, 1)
    return weights


def forward(
    weights: "Weights",
    hidden: "torch.Tensor",
    *,
    layers: int,
    dropout: float = 0.0,
    generator: "torch.Generator | None" = None,
) -> "torch.Tensor":
    """Outputs in standard deviations of the target.

    Args:
        weights: Of all members.
        hidden: What ``as_inputs`` makes of n films.
        layers: Hidden layers.
        dropout: Share of the units that are silenced.
        generator: Draws which.

    Shape: the result is (members, n).
    """
    import torch

    hidden = hidden.expand(len(weights["head.weight"]), -1, -1)
    for layer in range(layers):
        # scaling a member's weights is the same as scaling its inputs and outputs, which are many more
        scale_in, weight, scale_out = (weights[f"layer{layer}.{part}"] for part in ("in", "weight", "out"))
        hidden = torch.relu(
            torch.baddbmm(weights[f"layer{layer}.bias"], hidden, scale_in.transpose(1, 2) * weight * scale_out)
        )
        if dropout > 0:
            hidden = hidden * _kept(hidden.shape, dropout, generator, hidden.device)
    return torch.baddbmm(weights["head.bias"], hidden, weights["head.weight"]).squeeze(-1)


def _kept(
    shape: "torch.Size", dropout: float, generator: "torch.Generator | None", device: "torch.device"
) -> "torch.Tensor":
    """What to multiply units with: 0 for those that are silenced, and for the others what keeps their mean."""
    import torch

    # a byte decides on a unit: drawing numbers takes as long as the products, and one of 32 bits has four of them
    draws = torch.randint(
        -(2**31), 2**31, (math.ceil(shape.numel() / 4),), generator=generator, device=device, dtype=torch.int32
    )
    silenced = round(dropout * 256)
    return (draws.view(torch.uint8)[: shape.numel()].view(shape) >= silenced) / (1 - silenced / 256)


def as_inputs(Z: "torch.Tensor") -> "torch.Tensor":
    """Z with what is missing at zero and large values squashed, beside which values are missing; (n, 2 d)."""
    import torch

    missing = (Z == MISSING).to(Z.dtype)
    known = Z * (1 - missing)
    return torch.cat([known / torch.sqrt(1 + (known / LARGEST_INPUT) ** 2), missing], dim=1)


def train(
    weights: "Weights",
    Z: "torch.Tensor",
    target: "torch.Tensor",
    *,
    options: NeuralNetOptions,
    epochs: int,
    learning_rate: float,
    seed: int,
    mixed: bool = False,
) -> "Weights":
    """Weights after ``epochs`` passes of AdamW with a cosine-decayed step size; those given stay as they are.

    There is no early stopping: it would need rows to look at, and the films to look at lie in the future. ``mixed``
    takes products in bfloat16, which GPUs are made for; weights and steps stay in float32.

    Shape: Z is (n, d); target, standardised, is (n,).
    """
    import torch

    # The function: the class's first step imports torch's compiler, which takes seconds and is of no use here.
    from torch.optim.adamw import adamw

    inputs = as_inputs(Z)
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(device=Z.device).manual_seed(seed)
    weights = {name: weight.detach().to(Z.device, copy=True).requires_grad_() for name, weight in weights.items()}
    values = list(weights.values())
    means, variances = ([torch.zeros_like(value) for value in values] for _ in range(2))
    steps = [torch.zeros(()) for _ in values]
    batches = math.ceil(len(Z) / options.batch_rows)
    for epoch in range(epochs):
        for step, rows in enumerate(torch.randperm(len(Z), generator=order).to(Z.device).chunk(batches)):
            done = (epoch * batches + step) / (epochs * batches)
            with torch.autocast(Z.device.type, torch.bfloat16, enabled=mixed):
                output = forward(weights, inputs[rows], layers=options.layers, dropout=options.dropout, generator=noise)
            loss = ((output - target[rows]) ** 2).mean()  # AdamW ignores its scale: a member learns as if alone
            gradients = list(torch.autograd.grad(loss, values))
            with torch.no_grad():
                adamw(
                    values,
                    gradients,
                    means,
                    variances,
                    [],
                    steps,
                    amsgrad=False,
                    beta1=0.9,
                    beta2=0.999,
                    lr=learning_rate * 0.5 * (1 + math.cos(math.pi * done)),
                    weight_decay=options.weight_decay,
                    eps=1e-8,
                    maximize=False,
                )
    return {name: weight.detach() for name, weight in weights.items()}
