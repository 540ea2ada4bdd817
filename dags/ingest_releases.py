"""### Take in what the source has

Reads the source, validates every record, and takes in films that are new or changed. Records that break a rule go to
`pel.rejected_records` with the reason. Then tells `temporal_deltas` to look.

**Runs** every day at 04:00 UTC, and when you trigger it: one trigger starts the whole chain.

**When it is red**, the source could not be read; the log of `ingest` says which file and why. Nothing was changed:
facts, models and published predictions are those of yesterday. Put the file back and clear the task.
"""

from airflow.sdk import Param, dag, task

from pel.settings import Settings
from pel.sources import SOURCES
from pel.workflow import AS_OF, DEFAULTS, FILMS, announce, decide_as_of, every

SETTINGS = Settings.from_environment()


@task
def ingest(params: dict) -> None:
    """Take in the source's records; the counts are in the log and in pel.ingest_runs."""
    from pel.sources import make_source
    from pel.warehouse.ingest import ingest as take_in

    take_in(make_source(params["source"], params["location"]), settle_days=Settings.from_environment().settle_days)


@dag(
    schedule=every("0 4 * * *"),
    params={
        "as_of": AS_OF,
        "source": Param(SETTINGS.source, enum=sorted(SOURCES), title="Source", description="Where films come from."),
        "location": Param(
            SETTINGS.data,
            type=["null", "string"],
            title="Location",
            description="File or address of the source. Empty: where it lies by default.",
        ),
    },
    tags=["pel", "data"],
    doc_md=__doc__,
    **DEFAULTS,
)
def ingest_releases():
    """Read the source, then tell the others."""
    as_of = decide_as_of()
    as_of >> ingest() >> announce(FILMS, as_of)


ingest_releases()
