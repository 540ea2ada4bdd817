"""Bring the schema up to date: the numbered files of ``sql/migrations``, applied by Alembic.

Alembic runs each migration and records it in ``pel.schema_migrations`` within one transaction. It knows revisions as
Python modules, so each SQL file is handed to it as a module of three lines in a temporary folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from pel.settings import PROJECT
from pel.warehouse.connection import WarehouseError

MIGRATIONS = PROJECT / "sql" / "migrations"
REVISION = """\
from pathlib import Path
from alembic import op

revision = {revision!r}
down_revision = {previous!r}

def upgrade():
    op.get_bind().connection.driver_connection.execute(Path({path!r}).read_text(encoding="utf-8"))
"""


def migrate(owner_url: str, folder: Path = MIGRATIONS) -> str | None:
    """Apply the migrations that are missing, as the owner of the database; returns the number it now stands at."""
    url = sqlalchemy.make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection, _revisions(folder) as script:
            # Two machines that start at once: the second waits, then finds nothing to do.
            connection.execute(sqlalchemy.text("select pg_advisory_lock(hashtextextended('pel migrate', 0))"))
            connection.execute(sqlalchemy.text("create schema if not exists pel"))
            connection.commit()
            _upgrade(connection, script)
            return script.get_current_head()
    finally:
        engine.dispose()


def _upgrade(connection: sqlalchemy.Connection, script: ScriptDirectory) -> None:
    def missing(current: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", current)

    with EnvironmentContext(Config(), script, fn=missing) as environment:
        environment.configure(
            connection=connection,
            version_table="schema_migrations",
            version_table_schema="pel",
            transaction_per_migration=True,
        )
        environment.run_migrations()


@contextmanager
def _revisions(folder: Path) -> Iterator[ScriptDirectory]:
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise WarehouseError(f"There is no migration in {folder}; is the project complete?")
    with TemporaryDirectory(prefix="pel-migrations-") as modules:
        previous = None
        for file in files:
            revision = file.name.partition("_")[0]
            module = REVISION.format(revision=revision, previous=previous, path=str(file))
            (Path(modules) / f"revision_{revision}.py").write_text(module, encoding="utf-8")
            previous = revision
        yield ScriptDirectory(modules, version_locations=[modules])
