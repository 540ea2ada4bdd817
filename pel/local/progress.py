"""What a run is doing, on the screen: a table that moves on a terminal, a line per change anywhere else."""

from datetime import UTC, datetime
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

STYLES = {"success": "green", "failed": "red", "upstream_failed": "red", "running": "yellow", "up_for_retry": "yellow"}


class Progress:
    """Shows DAG runs and their tasks; use it as a context manager.

    Args:
        console: Where to write.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[tuple[str, str], tuple[str, str]] = {}
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def show(self, run: dict[str, Any], tasks: list[dict[str, Any]], last_words: str = "") -> None:
        """Show the state of a DAG run, of those of its tasks that have started, and how far the running one is."""
        dag = run["dag_id"]
        self._begin(dag)
        for task in sorted((task for task in tasks if task["start_date"]), key=lambda task: str(task["start_date"])):
            self._set((dag, _name(task)), task["state"] or "waiting", _elapsed(task))
        self._set((dag, ""), last_words or run["state"], _elapsed(run))
        self._refresh()

    def note(self, dag: str, text: str) -> None:
        """Say something about a DAG that has no run."""
        self._begin(dag)
        self._set((dag, ""), text, "")
        self._refresh()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def _begin(self, dag: str) -> None:
        """Only one DAG moves at a time: the one before is left standing above, lest the table outgrow the screen."""
        if (dag, "") in self._rows:
            return
        if self._live and self._rows:
            self._console.print(self._table())
        self._rows = {(dag, ""): ("", "")}

    def _set(self, key: tuple[str, str], state: str, elapsed: str) -> None:
        changed = self._rows.get(key, ("", ""))[0] != state
        self._rows[key] = (state, elapsed)
        if changed and not self._live:
            self._console.print(
                f"{'.'.join(filter(None, key))}: {state} {elapsed}".rstrip(), highlight=False, markup=False
            )

    def _refresh(self) -> None:
        if self._live:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False)
        for (dag, task), (state, elapsed) in self._rows.items():
            table.add_row(Text(f"  {task}" if task else dag), state, elapsed, style=STYLES.get(state))
        return table


def _name(task: dict[str, Any]) -> str:
    """Its id and, for one of several, what sets it apart: ``pretrain[catboost]``."""
    if task["map_index"] < 0:
        return str(task["task_id"])
    return f"{task['task_id']}[{task['rendered_map_index'] or task['map_index']}]"


def _elapsed(thing: dict[str, Any]) -> str:
    if not thing["start_date"]:
        return ""
    end = datetime.fromisoformat(thing["end_date"]) if thing["end_date"] else datetime.now(UTC)
    return f"{(end - datetime.fromisoformat(thing['start_date'])).total_seconds():.1f} s"
