from collections.abc import Iterator
from pathlib import Path

import pytest

from pel.local.embedded import EmbeddedPostgres


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A Postgres of this test's own, started."""
    postgres = EmbeddedPostgres(tmp_path / "postgres", password="it's 100% secret/@:")
    postgres.start()
    yield postgres
    postgres.remove()
