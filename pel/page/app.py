"""The page Forecasts: templates, and the rows of their sections as JSON, for whoever is logged in to Airflow.

A section is a query of ``sql/page/`` as the reader, so the page shows nothing that an analyst may not see; a what-if
question is a row, written as the planner. Each section stands for itself: one that cannot be had says so, and the
others are there.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import psycopg
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from pel.page.files import FILES, render
from pel.settings import Settings
from pel.warehouse.connection import Connection, connect, query, rows_as_json

logger = logging.getLogger(__name__)

# A person waits, and others do: a view that takes longer is ended.
IMPATIENT = {"statement_timeout": "15s", "lock_timeout": "5s", "work_mem": "16MB"}
HEADERS = {
    # Charts style themselves; all else is ours, and nothing comes from elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
NOT_THERE = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InsufficientPrivilege)


class Page(StrEnum):
    """What the menu leads to, and the page of one film."""

    upcoming = "upcoming"
    film = "film"
    accuracy = "accuracy"
    models = "models"
    data = "data"


class Section(StrEnum):
    """A query of ``sql/page/``."""

    upcoming = "upcoming"
    film = "film"
    facts = "facts"
    history = "history"
    drivers = "drivers"
    similar = "similar"
    scenarios = "scenarios"
    accuracy = "accuracy"
    calibration = "calibration"
    errors_by_year = "errors_by_year"
    scoreboard = "scoreboard"
    decisions = "decisions"
    drift = "drift"
    replays = "replays"
    arrivals = "arrivals"
    rejects = "rejects"
    health = "health"


class Question(BaseModel):
    """What would the film make, released on another day or with another budget? What is null is as the film has it."""

    film_id: int
    release_date: date | None = None
    budget: int | None = Field(default=None, ge=1000, le=2_000_000_000)


app = FastAPI(title="Forecasts", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)])


@app.middleware("http")
async def add_headers(request: Request, go_on: Callable[..., Any]) -> Response:
    """Say what the page may load, and that what is not named may be kept by nobody unasked."""
    response: Response = await go_on(request)
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


@app.exception_handler(HTTPException)
async def say_what_is_wrong(request: Request, error: HTTPException) -> Response:
    """As a page to a person, as JSON to the page."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(render("error.html", status=error.status_code, detail=error.detail), error.status_code)
    return JSONResponse({"detail": error.detail}, error.status_code)


@app.get("/")
@app.get("/{page}")
def show(page: Page = Page.upcoming) -> HTMLResponse:
    """A page without its rows, which it asks for itself."""
    return HTMLResponse(render(f"{page}.html", page=page))


@app.get("/static/{name}")
def load(name: str) -> FileResponse:
    """A script, a style sheet or a picture."""
    if name not in FILES:
        raise HTTPException(404, f"There is no file {name}.")
    return FileResponse(FILES[name].path, headers={"Cache-Control": FILES[name].cache_control})


@app.get("/rows/{section}")
def read(section: Section, film_id: Annotated[int | None, Query()] = None) -> Response:
    """The rows of a section."""
    try:
        rows = _rows(section, film_id)
    except NOT_THERE as error:
        logger.warning("the section %s cannot be read: %s", section, error)
        return JSONResponse({"missing": str(error).partition("\n")[0]})
    return Response(f'{{"rows": {rows}}}', media_type="application/json")


@app.post("/scenarios", status_code=201)
def ask(question: Question) -> JSONResponse:
    """Keep the question; whoever runs next answers it in the section ``scenarios``."""
    return JSONResponse({"scenario_id": _keep(question)}, 201)


def _rows(section: Section, film_id: int | None) -> str:
    with _connected("PEL_READER_URL", Settings.from_environment().reader_url) as connection:
        return rows_as_json(connection, f"page/{section}", {"film_id": film_id})


def _keep(question: Question) -> int:
    with _connected("PEL_PLANNER_URL", Settings.from_environment().planner_url) as connection:
        return int(query(connection, "page/ask", question.model_dump())[0].scenario_id)


@contextmanager
def _connected(variable: str, url: str | None) -> Iterator[Connection]:
    if not url:
        raise HTTPException(
            503, f"{variable} is not set for Airflow's api-server; `pel up` and docker-compose.yml set it."
        )
    try:
        with connect(url, **IMPATIENT) as connection:
            yield connection
    except psycopg.errors.QueryCanceled:
        raise HTTPException(503, "The database was too busy to answer within 15 seconds; try again.") from None
    except psycopg.OperationalError as error:
        logger.warning("the page Forecasts cannot reach its database: %s", error)
        raise HTTPException(503, "The database does not answer; `pel status` says whether it runs.") from None
