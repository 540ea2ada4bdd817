"""A person's word on a candidate that the gate would promote, where one is wanted (``PEL_APPROVAL``).

The candidate waits as a row of ``pel.promotions``, and so does nothing else: forecasts are published by the champion.
"""

import logging
from datetime import UTC, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from pel.training.registry import champion
from pel.warehouse.connection import connect, lock_step, query, run

logger = logging.getLogger(__name__)

APPROVE, REJECT = "Approve", "Reject"


class Answer(NamedTuple):
    """What a person said, as Airflow's HITLOperator hands it on; nobody's, if none answered in time."""

    approved: bool
    by: str
    at: datetime

    @classmethod
    def from_airflow(cls, answer: dict[str, Any]) -> "Answer":
        """The answer out of what the operator returned."""
        user = answer["responded_by_user"]
        approved = answer["chosen_options"] == [APPROVE]
        return cls(approved, user["name"] if user else "nobody", answer["responded_at"] or datetime.now(UTC))


def keep_answer(version: str, answer: Answer) -> str:
    """Promote the candidate that waits, or do not, as the answer says; returns the decision in words.

    Once an answer is kept, keeping one again changes nothing.
    """
    with connect() as connection:
        lock_step(connection, "register")
        waiting = query(connection, "models/waiting", {"model_version": version})
        if not waiting:
            return f"{version} waits for no answer; pel.promotions has what was decided about it."
        before = champion(connection, waiting[0].as_of)
        said = "approved" if answer.approved else "rejected"
        row = {
            "as_of": waiting[0].as_of,
            "model_version": version,
            "champion_version": before.model_version if before else None,
            "promoted": answer.approved,
            "reason": f"{said} by {answer.by}; the gate found: {waiting[0].reason}",
            "figures": Jsonb(waiting[0].figures),
            "decided_by": answer.by,
            "decided_at": answer.at,
        }
        run(connection, "models/answer", row)
    words = f"{version} is {'champion' if answer.approved else 'not promoted'}: {row['reason']}"
    logger.info(words)
    return words
