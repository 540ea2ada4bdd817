"""Several small networks trained as one: a leading member dimension in every weight, one batched product per layer.

Everything here is a function of tensors. Weights are a dict of name to tensor, which is also how they are saved.
Nothing draws from torch's global generators, and ``reproducible`` puts back the global settings that it changes.
"""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

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

    Shape: a layer's weight is (members, inputs, outputs), everything else (members, 1, outputs).
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    weights = {}
    inputs = columns
    for layer in range(options.layers):
        shape = (options.members, inputs, options.width)
        noise = torch.randn(shape, generator=generator, dtype=torch.float32)
        weights[f"layer{layer}.weight"] = noise / math.sqrt(inputs)
        weights[f"layer{layer}.bias"] = torch.zeros(options.members, 1, options.width)
        weights[f"norm{layer}.weight"] = torch.ones(options.members, 1, options.width)
        weights[f"norm{layer}.bias"] = torch.zeros(options.members, 1, options.width)
        inputs = options.width
    # A head of zeros starts every member at the mean of the standardised target.
    weights["head.weight"] = torch.zeros(options.members, inputs, 1)
    weights["head.bias"] = torch.zeros(options.members, 1, 1)
    return weights


def forward(
    weights: "Weights",
    Z: "torch.Tensor",
    *,
    layers: int,
    dropout: float = 0.0,
    generator: "torch.Generator | None" = None,
) -> "torch.Tensor":
    """Outputs in standard deviations of the target.

    Shape: Z is (n, d); the result is (members, n).
    """
    import torch
    from torch.nn import functional

    hidden = Z / torch.sqrt(1 + (Z / LARGEST_INPUT) ** 2)
    for layer in range(layers):
        hidden = torch.matmul(hidden, weights[f"layer{layer}.weight"]) + weights[f"layer{layer}.bias"]
        hidden = functional.layer_norm(hidden, hidden.shape[-1:])
        hidden = functional.silu(hidden * weights[f"norm{layer}.weight"] + weights[f"norm{layer}.bias"])
        if dropout > 0:
            drawn = torch.rand(hidden.shape, generator=generator, device=hidden.device)
            hidden = hidden * ((drawn >= dropout) / (1 - dropout))
    return (torch.matmul(hidden, weights["head.weight"]) + weights["head.bias"]).squeeze(-1)


def train(
    weights: "Weights",
    Z: "torch.Tensor",
    target: "torch.Tensor",
    *,
    options: NeuralNetOptions,
    epochs: int,
    learning_rate: float,
    seed: int,
) -> "Weights":
    """Weights after ``epochs`` passes of AdamW with a cosine-decayed step size; those given stay as they are.

    There is no early stopping: it would need rows to look at, and the films to look at lie in the future.

    Shape: Z is (n, d); target, standardised, is (n,).
    """
    import torch

    # The function: the class's first step imports torch's compiler, which takes seconds and is of no use here.
    from torch.optim.adamw import adamw

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
            output = forward(weights, Z[rows], layers=options.layers, dropout=options.dropout, generator=noise)
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
