"""### Take in what the source has

Reads the source, validates every record, and keeps what is new or changed. Records that break a rule go to
`pel.rejected_records` with the reason. Checks look at what came, and at how much; if they find nothing wrong, it is let
in among the facts, each field from the source that is trusted most. Then tells `temporal_deltas` to look.

**Runs** every day at 04:00 UTC, and when you trigger it: one trigger starts the whole chain. For TMDB it needs the
Airflow connection `tmdb` (type HTTP, the API Read Access Token as its password).

**When it is red**,

- at `ingest`: the source could not be read; the log says what and why. Put it right and clear the task; what had been
  taken in is not read again.
- at `check_records` or `check_runs`: what came looks wrong; the log names the check. Facts, models and published
  predictions are those of before. Look at `pel.pending_records` and `pel.newest_ingest_runs`; mend the source and
  trigger again or, if all is well, mark the check as success and clear `resolve` with what follows. Until then every
  run of this source is compared with the last that was let in; other sources are let in, but for the films that wait.
"""

from airflow.providers.common.sql.operators.sql import SQLTableCheckOperator
from airflow.sdk import Connection, Param, dag, task
from airflow.sdk.exceptions import AirflowNotFoundException

from pel.settings import Settings, parse_date
from pel.sources import SOURCES
from pel.sources.corrections import CorrectionsSource
from pel.workflow import AS_OF, DEFAULTS, FILMS, announce, date_param, decide_as_of, every

SETTINGS = Settings.from_environment()

# Shares of what came; fewer than a hundred records prove nothing.
RECORD_CHECKS = {
    "films_have_titles": "count(*) filter (where title is null and not is_correction) = 0",
    "half_have_a_release_date": "count(*) < 100 or avg((release_date is not null)::int) >= 0.5",
    "half_have_a_director": "count(*) < 100 or avg((directors > 0)::int) >= 0.5",
    "budgets_look_like_dollars": "count(budget) < 100 or percentile_cont(0.5) within group (order by budget) "
    "between 100000 and 100000000",
    "box_office_looks_like_dollars": "count(box_office) < 100 "
    "or percentile_cont(0.5) within group (order by box_office) between 100000 and 1000000000",
}
RUN_CHECKS = {
    "nine_in_ten_were_readable": "coalesce(bool_and(records_read < 100 or rejected <= 0.1 * records_read), true)",
    "the_source_did_not_shrink_by_half": "coalesce(bool_and(records_read >= 0.5 * records_read_before), true)",
}
# What a run takes in is what it checks and lets in; the form knows no source but SOURCES.
OF_THIS_RUN = f"source in ('{{{{ params.source }}}}', '{CorrectionsSource.name}')"


@task
def ingest(params: dict) -> None:
    """Take in the source's records; the counts are in the log and in pel.ingest_runs."""
    from pel.warehouse.intake import TmdbAccess, take_in

    take_in(params["source"], params["location"], TmdbAccess(**tmdb(params)) if params["source"] == "tmdb" else None)


def tmdb(params: dict) -> dict:
    """How to reach TMDB, and the releases of the form."""
    days = {name: params[name] and parse_date(params[name], name) for name in ("releases_from", "releases_to")}
    # the form may still hold the place of a file
    address = {"base_url": params["location"]} if (params["location"] or "").startswith("http") else {}
    return {"token": tmdb_token(), "months_ahead": params["months_ahead"], **days, **address}


def tmdb_token() -> str:
    """The password of the connection; empty without one, for the source says best what to do then."""
    try:
        return Connection.get("tmdb").password or ""
    except AirflowNotFoundException:
        return ""


def check(name: str, table: str, checks: dict[str, str]) -> SQLTableCheckOperator:
    """A task that fails, at once, if one of the checks does."""
    statements = {check: {"check_statement": statement} for check, statement in checks.items()}
    return SQLTableCheckOperator(
        task_id=name,
        conn_id="warehouse",
        table=table,
        partition_clause=OF_THIS_RUN,
        checks=statements,
        retry_on_failure=False,
    )


@task
def resolve(params: dict) -> None:
    """Let in among the facts what the checks let pass."""
    from pel.warehouse.resolve import resolve as let_in

    sources = [params["source"], CorrectionsSource.name]
    let_in(settle_days=Settings.from_environment().settle_days, sources=sources)


@dag(
    schedule=every("0 4 * * *"),
    params={
        "as_of": AS_OF,
        "source": Param(SETTINGS.source, enum=SOURCES, title="Source", description="Where films come from."),
        "location": Param(
            SETTINGS.data,
            type=["null", "string"],
            title="Location",
            description="File or address of the source. Empty: where it lies by default.",
        ),
        "releases_from": date_param("Releases from", "TMDB: first day of release. Empty: what is new or changed."),
        "releases_to": date_param("Releases to", "TMDB: last day of release. Empty: as many months ahead as below."),
        "months_ahead": Param(
            12, type="integer", minimum=1, maximum=60, title="Months ahead", description="TMDB: how far to look."
        ),
    },
    tags=["pel", "data"],
    doc_md=__doc__,
    **DEFAULTS,
)
def ingest_releases():
    """Read the source, check what came, let it in, then tell the others."""
    as_of = decide_as_of()
    checks = [
        check("check_records", "pel.pending_records", RECORD_CHECKS),
        check("check_runs", "pel.newest_ingest_runs", RUN_CHECKS),
    ]
    as_of >> ingest() >> checks >> resolve() >> announce(FILMS, as_of)


ingest_releases()
