"""From the words of the sources to facts: one film from all who speak of it, each field from the most trusted.

``sql/resolve`` has the statements, in this order: which films, which of the words on them count, and then the facts.
"""

import logging
from datetime import date

from pel.settings import Settings
from pel.warehouse.connection import Connection, connect, lock_step, query, run, update_statistics

logger = logging.getLogger(__name__)

# What a film has several of: the table of names, its link table, its key.
NAMES = [
    {"names": "genres", "links": "film_genres", "id": "genre_id"},
    {"names": "companies", "links": "film_companies", "id": "company_id"},
    {"names": "collections", "links": "film_collections", "id": "collection_id"},
    {"names": "countries", "links": "film_countries", "id": "country_id"},
    {"names": "languages", "links": "film_languages", "id": "language_id"},
    {"names": "keywords", "links": "film_keywords", "id": "keyword_id"},
]


def resolve(*, settle_days: int, sources: list[str] | None = None) -> int:
    """Let the films that wait (``pel.pending_films``) in among the facts; returns how many there were.

    One transaction.

    Args:
        settle_days: Days after release from which figures without a day of observation, and box office observed
            earlier, count as known.
        sources: Whose ingest runs the checks let pass; all by default. A film of which another source's word waits
            goes on waiting: its facts follow from what all of them say.
    """
    with connect() as connection:
        # a refresh reads the facts in several statements: nothing may change between them
        lock_step(connection, "features")
        waiting = query(connection, "resolve/pending", {"sources": sources})
        run(connection, "resolve/words", {"as_of": "infinity"})
        _decide(connection)
        run(connection, "resolve/figures", {"settle_days": settle_days})
        run(connection, "resolve/settle", {"settle_days": settle_days})
        films = int(query(connection, "resolve/finish")[0].films)
        update_statistics(connection, films)
        logger.info("%s films brought up to date from what their sources say", f"{films:,}")
        for source, left in waiting:
            logger.warning(
                "%s films go on waiting, for the checks did not let in what %s says of them (pel.pending_records): "
                "ingest %s again or, if all is well, mark the check of that run as success and clear its resolve",
                f"{left:,}",
                source,
                source,
            )
        return films


def replay(connection: Connection, as_of: date) -> int:
    """Put the words in force that were in force as of this date; returns for how many films they are other ones."""
    run(connection, "resolve/replayed", {"as_of": as_of})
    run(connection, "resolve/words", {"as_of": as_of})
    films = int(query(connection, "resolve/changed_words")[0].films)
    if films:
        _decide(connection)
        run(connection, "resolve/settle", {"settle_days": Settings.from_environment().settle_days})
        run(connection, "resolve/finish")
    return films


def _decide(connection: Connection) -> None:
    """From the chosen words to facts."""
    run(connection, "resolve/facts")
    run(connection, "resolve/films")
    for identifiers in NAMES:
        run(connection, "resolve/names", None, **identifiers)
    run(connection, "resolve/budgets")
