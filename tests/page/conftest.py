"""Airflow's api-server with a page to look at, and a browser to look with."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pel.local.ports import free_port
from tests.conftest import Trained, Warehouse
from tests.dags.conftest import airflow_environment
from tests.wait import wait_until

__all__ = ["airflow_environment"]
# A title as a source might have it.
HOSTILE = "<img src=x onerror=alert(1)> & <b>Sons</b>"
RENAME = """
update pel.films set title = %s where film_id =
    (select film_id from upcoming_predictions order by predicted_dollars desc, film_id limit 1)
returning film_id
"""


@dataclass(frozen=True)
class Site:
    """Airflow's UI, and the database that its page reads."""

    url: str
    token: str
    warehouse: Warehouse
    film_id: int

    @property
    def forecasts(self) -> str:
        return f"{self.url}/forecasts"


@pytest.fixture(scope="session")
def site(
    airflow_environment: dict[str, str],
    trained_once: Trained,
    copy_database: Callable[[str], Warehouse],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """An api-server that knows no database but Airflow's and, as reader and planner, one with forecasts."""
    warehouse = copy_database(trained_once.warehouse.database)
    ((film_id,),) = warehouse.rows(RENAME, [HOSTILE])
    folder = tmp_path_factory.mktemp("site")
    (folder / "passwords.json").write_text(json.dumps({"admin": "secret"}))
    port = free_port()
    environment = airflow_environment | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "PEL_READER_URL": warehouse.url("pel_reader"),
        "PEL_PLANNER_URL": warehouse.url("pel_planner"),
    }
    command = [sys.executable, "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: _answers(url))
        login = httpx.post(f"{url}/auth/token", json={"username": "admin", "password": "secret"}, trust_env=False)
        yield Site(url, login.json()["access_token"], warehouse, film_id)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/version", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if not chromium:
        reason = "there is no chromium; install Debian's package chromium to run this test"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # its sandbox refuses to run as root
        opened = playwright.chromium.launch(executable_path=Path(chromium), chromium_sandbox=os.geteuid() != 0)
        yield opened
        opened.close()


@dataclass(frozen=True)
class Seen:
    """A page in the browser, and what went wrong in it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    hosts: set[str | None] = field(default_factory=set)

    def settle(self) -> None:
        """Wait until no section waits for its rows."""
        self.page.locator("[aria-busy]").first.wait_for(state="detached")


Open = Callable[..., Seen]


@pytest.fixture
def look(site: Site, browser: Browser) -> Iterator[Open]:
    """Opens an address of Airflow's UI in a window of its own, logged in."""
    contexts = []

    def open_(path: str, *, width: int = 1280, scheme: str = "light") -> Seen:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "_token", "value": site.token, "url": site.url}])
        seen = Seen(context.new_page())
        seen.page.on("console", lambda said: said.type == "error" and seen.faults.append(said.text))
        seen.page.on("pageerror", lambda error: seen.faults.append(str(error)))
        seen.page.on("dialog", lambda dialog: seen.faults.append(f"a script of others spoke: {dialog.message}"))
        seen.page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).hostname))
        seen.page.goto(f"{site.url}/{path}")
        return seen

    yield open_
    for context in contexts:
        context.close()
