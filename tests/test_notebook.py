"""The notebook of notebooks/ runs, as a reader and as a planner."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from pel.settings import PROJECT
from tests.conftest import Trained

NOTEBOOK = PROJECT / "notebooks" / "forecasts.ipynb"
PLOT = "application/vnd.plotly.v1+json"
ASKED = """
select created_by, film.title, scenario.release_date - film.release_date
from scenarios scenario
join upcoming_predictions film using (film_id)
"""


@pytest.fixture
def run(trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], dict[str, NotebookNode]]:
    """Runs the notebook as a reader; returns its cells that have code."""
    monkeypatch.setenv("PEL_READER_URL", trained.warehouse.url("pel_reader"))
    monkeypatch.delenv("PEL_PLANNER_URL", raising=False)
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    # Kernels and settings of whoever runs this are not ours.
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))

    def execute() -> dict[str, NotebookNode]:
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
        return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}

    return execute


def test_a_reader_sees_tables_and_plots(run: Callable[[], dict[str, NotebookNode]], trained: Trained) -> None:
    shown = {name: set().union(*(output.data for output in cell.outputs)) for name, cell in run().items()}
    assert {name for name, kinds in shown.items() if PLOT in kinds} == {"ranges", "waterfall", "accuracy", "coverage"}
    assert {name for name, kinds in shown.items() if not kinds} == {"connect", "reader", "what-if"}
    assert trained.warehouse.rows(ASKED) == []


def test_a_planner_asks_what_if(
    run: Callable[[], dict[str, NotebookNode]], trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEL_PLANNER_URL", trained.warehouse.url("pel_planner"))
    cells = run()
    [(asked_by, title, later)] = trained.warehouse.rows(ASKED)
    assert (asked_by, later) == ("pel_planner", 28)
    [shown] = cells["answers"].outputs
    assert title in shown.data["text/html"]


def test_it_is_kept_without_what_it_showed() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
