"""On which device the base models that gain from a GPU were trained, as their files say."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from pel.ensemble.base import read_description
from pel.ensemble.registry import GPU_MODELS
from pel.training.plan import Plan


def trained_on(plan: Plan, names: Iterable[str], fit: str) -> dict[str, str]:
    """Device and reason by base model; ``fit`` is the folder of the fit to look at."""
    devices = {}
    for name in sorted(GPU_MODELS.intersection(names)):
        with TemporaryDirectory(prefix="pel-") as local:
            folder = (plan.artifacts / name).get(Path(local))
            devices[name] = read_description(folder / fit)["state"]["trained_on"]
    return devices
