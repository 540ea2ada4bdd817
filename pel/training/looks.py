"""Every look whether there is reason to train is a row of ``pel.training_looks``, and a line of the log."""

import logging
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from pel.training.registry import Kind
from pel.warehouse.connection import connect, run

logger = logging.getLogger(__name__)

DOING = {"pretrained": "pre-training", "finetuned": "fine-tuning"}


@dataclass(frozen=True)
class Look:
    """What was decided, why, and what was found."""

    trains: bool
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)

    def keep(self, kind: Kind, as_of: date) -> bool:
        """Keep it; returns whether to train."""
        row = {"kind": kind, "as_of": as_of, "trains": self.trains, "reason": self.reason}
        with connect() as connection:
            run(connection, "models/look", row | {"figures": Jsonb(self.figures)})
        logger.info("as of %s: %s%s: %s", as_of, "" if self.trains else "not ", DOING[kind], self.reason)
        return self.trains


FORCED = Look(True, "it was forced")
