"""What may grow while P-EL runs for months, by how much, and what does not: stated before anything was measured.

Growth is the median of the slopes between all pairs of nights (Theil-Sen) after the warm-up, for 100 nights. A bound is
broken when the whole 95 % interval of the growth lies above it: what goes up and down for no reason does not grow.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import theilslopes

WARM_UP = 20  # nights; caches and pools fill up
NIGHTS = 100


@dataclass(frozen=True)
class Bound:
    """How much a figure may grow in 100 nights: by this part of its level after the warm-up, or by this much.

    With ``highest`` the level is bounded, not the growth.
    """

    reason: str
    part: float | None = None
    by: float | None = None
    highest: float | None = None


TIDY = Bound("each night gives back what it took", by=0.0)
MEMORY = Bound("allocators settle, logs are rotated; a leak of a task or a request shows at once", part=0.10)
BOUNDS = {
    "all: memory": MEMORY,
    **{f"{name}: memory": MEMORY for name in ("api-server", "dag-processor", "postgres", "scheduler", "triggerer")},
    "all: shared memory": Bound("shared_buffers is 512 MB", highest=576 * 2**20),
    "all: open files": TIDY,
    "all: threads": TIDY,
    "all: processes": TIDY,
    "connections": TIDY,
    "locks": TIDY,
    "transactions idle for a minute": Bound("none", highest=0),
    "files left in the temporary folder": TIDY,
    "failed": Bound("none", highest=0),
    "CPU seconds": Bound("a night takes as long after a year as on the first day", part=0.10),
}


def judged(series: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Level, growth and verdict for each bounded figure; the verdict is None where there are too few nights."""
    return {name: _judged([night[name] for night in series], bound) for name, bound in BOUNDS.items()}


def growth(values: list[float]) -> tuple[float, float, float]:
    """Growth in 100 nights after the warm-up, and its 95 % interval."""
    after = values[WARM_UP:]
    slope, _, low, high = theilslopes(after, np.arange(len(after)), 0.95)
    return slope * NIGHTS, low * NIGHTS, high * NIGHTS


def _judged(values: list[float], bound: Bound) -> dict[str, Any]:
    after = values[WARM_UP:]
    figures = {"bound": {name: value for name, value in asdict(bound).items() if value is not None}}
    if len(after) < WARM_UP:
        return figures | {"last": values[-1], "holds": None}
    first, last = float(np.median(after[:10])), float(np.median(after[-10:]))
    grown, low, high = growth(values)
    holds = max(values) <= bound.highest if bound.highest is not None else low <= _allowed(bound, first)
    return figures | {
        "after warm-up": round(first, 3),
        "at the end": round(last, 3),
        "highest": round(max(values), 3),
        "growth in 100 nights": round(grown, 3),
        "interval": [round(low, 3), round(high, 3)],
        "holds": bool(holds),
    }


def _allowed(bound: Bound, level: float) -> float:
    return bound.part * level if bound.part is not None else bound.by or 0.0
