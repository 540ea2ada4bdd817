"""The disk of Postgres, full: that of all it has, or that of its write-ahead log alone."""

import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from pel.local.embedded import EmbeddedPostgres
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import OWNER, READER, provision
from tests.conftest import PASSWORDS, Warehouse
from tests.faults.conftest import Keep
from tests.faults.disk import Disk, needs_root
from tests.faults.rows import Rows, rows_of
from tests.faults.watch import Reader
from tests.films import a_film, take_in

pytestmark = [pytest.mark.faults, needs_root]

ROOM = "1g"
FULL_SECONDS = 10
FILMS = [a_film(f"film {n}", "2003-10-01", directors=[f"director {n}"], dollars=1e6 + n) for n in range(1000)]
FORECAST = """
insert into pel.model_versions (model_version, kind, as_of, code_version, data_sha256, parameters, metrics,
                                artifact_url, artifact_sha256)
values ('m', 'pretrained', '2003-01-01', '', '', '{}', '{}', '', '');
insert into pel.predictions (film_id, as_of, model_version, release_date, release_precision, log10_dollars)
select film_id, '2003-01-01', 'm', '2003-10-01', 'day', 8 from pel.films;
insert into pel.publications (as_of, model_version, films) select '2003-01-01', 'm', count(*) from pel.films
"""
FAULTS = {
    "the disk of Postgres is full": (
        "",
        "the step is red with `could not extend file …: No space left on device` and rolled back, and is tried again; "
        "what is there stays in sight",
    ),
    "the disk of Postgres' write-ahead log is full": (
        "pg_wal",
        "Postgres ends, and so does the step, red with `No space left on device`; it comes back once there is room",
    ),
}


@dataclass(frozen=True)
class Small:
    """A server, a folder of which lies on a small disk, with forecasts in it."""

    postgres: EmbeddedPostgres
    disk: Disk
    warehouse: Warehouse

    def fill(self) -> None:
        """Leave no room for another page, nor, in the log, for another segment."""
        if self.disk.folder != self.postgres.data:
            with psycopg.connect(self.postgres.admin_url) as connection:
                connection.execute("select pg_switch_wal()")
        self.disk.fill()

    def give_room(self) -> None:
        """And start the server if it has ended, as a supervisor does."""
        self.disk.resize(ROOM)
        if self.postgres._has_ended():
            self.postgres.stop()
            self.postgres.start()
        self.postgres.wait_until_ready()


def before_it_is_full(warehouse: Warehouse) -> None:
    take_in(*FILMS[:10])
    warehouse.rows(FORECAST, role=OWNER)


@pytest.fixture
def small(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Small]:
    postgres = EmbeddedPostgres(tmp_path / "postgres", password=secrets.token_hex(8))
    postgres.prepare()
    folder, kept = postgres.data / FAULTS[fault][0], tmp_path / "kept"
    copy = ["cp", "--archive", "--no-target-directory"]
    subprocess.run([*copy, folder, kept], check=True)
    with Disk(folder, ROOM) as disk:
        subprocess.run([*copy, kept, folder], check=True)
        postgres.start()
        provision(postgres.admin_url, PASSWORDS)
        warehouse = Warehouse(postgres.admin_url, "pel")
        migrate(warehouse.url(OWNER))
        monkeypatch.setenv("PEL_DATABASE_URL", warehouse.url())
        before_it_is_full(warehouse)
        yield Small(postgres, disk, warehouse)
        postgres.stop(signal.SIGQUIT)
    postgres.remove()


@pytest.fixture
def undisturbed(copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch) -> Rows:
    """The rows when no disk is full."""
    warehouse = copy_database("pel")
    with monkeypatch.context() as environment:
        environment.setenv("PEL_DATABASE_URL", warehouse.url())
        before_it_is_full(warehouse)
        take_in(*FILMS)
    return rows_of(warehouse.rows)


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_full(fault: str, undisturbed: Rows, small: Small, keep: Keep) -> None:
    before = rows_of(small.warehouse.rows)
    with Reader(small.warehouse.url(READER)) as reader:
        small.fill()
        with pytest.raises(psycopg.errors.DiskFull, match="No space left on device"):
            take_in(*FILMS)
        time.sleep(FULL_SECONDS)
        began = time.monotonic()
        small.give_room()
        seconds = time.monotonic() - began
        assert rows_of(small.warehouse.rows) == before
        take_in(*FILMS)
    assert reader.looks
    keep(
        fault,
        FAULTS[fault][1],
        seconds=seconds if reader.unread() else None,
        unread=reader.unread(),
        difference=rows_of(small.warehouse.rows).compared_with(undisturbed),
    )
