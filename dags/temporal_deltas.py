"""### Compute attributes and deltas again, where films changed

Judges the figures by the rules of plausibility (`pel.suspicious_values` lists what they caught), and brings
`pel.film_attributes` (X_t) up to date: films that changed, films that look back on one that did, films upcoming at
`as_of`. A film looks back from its release (or from `as_of`, if it is upcoming) and sees nothing later.
`pel.temporal_deltas` (D_t) is a view on it, in the order of films. Then tells `pretrain_ratings` to look.

**Runs** after `ingest_releases`, and every day at 05:00 UTC.

**When it is red**, the database was away for longer than the retries last, or the disk is full; the log says which.
The tables are as before, for all of it is one transaction. Mend the cause and clear the task.
"""

from airflow.sdk import dag, task

from pel.workflow import AS_OF, DEFAULTS, FILMS, TEMPORAL_DELTAS, after, announce, decide_as_of


@task
def refresh(as_of: str) -> None:
    """Bring X_t up to date, and with it D_t; how many films were done again is in the log."""
    from pel.features.films import refresh as refresh_features
    from pel.settings import parse_date

    refresh_features(parse_date(as_of, "as_of"))


@dag(
    schedule=after(FILMS, safety_net="0 5 * * *"),
    params={"as_of": AS_OF},
    tags=["pel", "data"],
    doc_md=__doc__,
    **DEFAULTS,
)
def temporal_deltas():
    """Refresh, then tell the others."""
    as_of = decide_as_of()
    refresh(as_of) >> announce(TEMPORAL_DELTAS, as_of)


temporal_deltas()
