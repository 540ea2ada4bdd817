"""Where the neural net computes: chosen when a fit begins, with the reason kept."""

import logging
from collections.abc import Callable
from typing import NamedTuple, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Device(NamedTuple):
    """A device of torch, and why it is this one."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} ({self.reason})"


def choose(wanted: str) -> Device:
    """The device to compute on: the one wanted or, for "auto", CUDA if torch can use it."""
    import torch

    if wanted != "auto":
        return Device(wanted, "as asked")
    if torch.cuda.is_available():
        return Device("cuda", "there is a GPU")
    return Device("cpu", "torch finds no GPU" if torch.version.cuda else "this build of torch knows no GPU")


def falling_back(fit: Callable[[Device], T], device: Device) -> tuple[T, Device]:
    """What ``fit`` makes on the device; on the CPU, from the beginning, if the GPU's memory is not enough.

    Returns:
        The result, and where it was made.
    """
    import torch

    try:
        return fit(device), device
    except torch.cuda.OutOfMemoryError as error:
        if device.name == "cpu":
            raise
        logger.warning("the GPU's memory is not enough, going on with the CPU: %s", error)
    # outside of the handler, whose error would keep what lies on the GPU
    torch.cuda.empty_cache()
    cpu = Device("cpu", "the GPU's memory was not enough")
    return fit(cpu), cpu
