"""What ingest runs did, as a table on the terminal."""

from rich.console import Console
from rich.table import Table

from pel.warehouse.connection import connect, query


def newest_run(database_url: str) -> int:
    """Number of the newest ingest run; 0 before the first."""
    with connect(database_url) as connection:
        return int(query(connection, "ingest/newest_run")[0].ingest_run_id)


def print_runs(database_url: str, after: int, console: Console) -> None:
    """Print a row for each ingest run after that one."""
    with connect(database_url) as connection:
        runs = query(connection, "ingest/runs_after", {"after": after})
    table = Table("Ingest of", "State")
    for heading in ("Read", "New", "Changed", "Unchanged", "Rejected", "Seconds"):
        table.add_column(heading, justify="right")
    table.add_column("Rejected for")
    for run in runs:
        counts = (run.records_read, run.inserted, run.updated, run.unchanged, run.rejected, run.seconds)
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in sorted(run.rejected_by_reason.items()))
        table.add_row(run.source, run.state, *(f"{n:,}" for n in counts), reasons)
    console.print(table)
