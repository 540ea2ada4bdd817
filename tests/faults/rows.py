"""What a chain leaves in the warehouse, for comparing: without the numbers and times that every run has of its own."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# By the source's own key, which says more than a number.
KEY = "(select distinct on (film_id) film_id, source_key as film from pel.film_records order by 1, 2) k using (film_id)"
STATEMENTS = {
    "records": "select source, source_key, record_sha256, valid_until::text from pel.film_records",
    "waiting films": "select film_id from pel.pending_films",
    "films": f"select film, title, release_date, release_precision from pel.films join {KEY}",
    "credits": f"select film, role, billing, person_key from pel.credits join pel.people using (person_id) join {KEY}",
    "box office": f"select film, known_on, dollars from pel.box_office join {KEY}",
    "ratings": f"select film, known_on, rating, votes from pel.ratings join {KEY}",
    "attributes": f"select film, to_jsonb(a) - 'film_id' from pel.film_attributes a join {KEY}",
    "models": "select model_version, kind, as_of, pretrained_version, data_sha256, metrics from pel.model_versions",
    "decisions": "select as_of, model_version, champion_version, promoted, reason, figures from pel.promotions",
    "predictions": f"select film, as_of, model_version, log10_dollars from pel.predictions join {KEY}",
    "publications": "select as_of, model_version, films from pel.publications",
}

Execute = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Difference:
    """How many rows are missing, and how many are there that should not be."""

    lost: int
    doubled: int


class Rows(Counter[tuple[str, str]]):
    """Every row, as its table and fingerprint, with how often it is there."""

    def compared_with(self, undisturbed: "Rows") -> Difference:
        return Difference(lost=(undisturbed - self).total(), doubled=(self - undisturbed).total())


def rows_of(execute: Execute) -> Rows:
    """What is there now."""
    rows = Rows()
    for table, statement in STATEMENTS.items():
        for fingerprint, times in execute(f"select md5(t::text), count(*) from ({statement}) t group by 1"):
            rows[table, fingerprint] = times
    return rows
