"""What ingest runs did, in a few lines on the terminal."""

from rich.console import Console

from pel.warehouse.connection import connect, query


def newest_run(database_url: str) -> int:
    """Number of the newest ingest run; 0 before the first."""
    with connect(database_url) as connection:
        return int(query(connection, "ingest/newest_run")[0].ingest_run_id)


def print_runs(database_url: str, after: int, console: Console) -> None:
    """Print what each ingest run after that one read, took in and set aside."""
    with connect(database_url) as connection:
        runs = query(connection, "ingest/runs_after", {"after": after})
    for run in runs:
        lines = [
            f"{run.source}: {run.records_read:,} records read in {run.seconds:,} s",
            f"  films      {run.inserted:,} new, {run.updated:,} changed, {run.unchanged:,} unchanged",
            f"  rejected   {run.rejected:,}, with their reasons in pel.rejected_records",
            *(f"             {n:,} for {reason}" for reason, n in sorted(run.rejected_by_reason.items())),
        ]
        console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
