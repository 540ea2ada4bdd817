"""Whatever films an archive holds: each arrives to the letter or is set aside, and the second load changes nothing."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pel.sources.kaggle import KaggleSource
from pel.sources.records import Film
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse, emptied
from tests.sources import fuzzed
from tests.warehouse.contents import contents

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
# every example is an archive of many odd films: 2,000 and more in all
FUZZ = settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
FILMS = 100

one_film = st.dictionaries(st.sampled_from(fuzzed.METADATA), fuzzed.cells, max_size=3)
TITLES = "select source_key, record ->> 'title' from pel.film_records"


def films_of(source: KaggleSource) -> dict[str, Film]:
    """The films as the source delivers them, the first of each key."""
    films: dict[str, Film] = {}
    for batch in source.batches():
        for record in batch.records():
            if isinstance(record, Film):
                films.setdefault(record.key, record)
    return films


@FUZZ
@given(data=st.data())
def test_no_film_is_lost_and_a_second_load_changes_nothing(warehouse: Warehouse, data: Any) -> None:
    odd = data.draw(st.lists(one_film, min_size=FILMS, max_size=FILMS))
    emptied(warehouse)
    with TemporaryDirectory() as folder:
        films = [{"id": str(number), "title": "A film"} | film for number, film in enumerate(odd, 1)]
        source = KaggleSource(fuzzed.write(Path(folder), fuzzed.archive(films)))
        first = ingest(source, settle_days=180)
        resolve(settle_days=180)
        delivered = films_of(source)
        before = contents(warehouse, with_xmin=True)
        second = ingest(source, settle_days=180)
        resolve(settle_days=180)
    assert dict(warehouse.rows(TITLES)) == {key: film.title for key, film in delivered.items()}
    assert first.inserted + first.rejected == first.records_read
    assert warehouse.rows("select count(*) from pel.films") == [(len(delivered),)]
    assert warehouse.rows("select count(*) from pel.rejected_records where reason = ''") == [(0,)]
    assert (second.inserted, second.updated, second.unchanged) == (0, 0, first.inserted)
    after = contents(warehouse, with_xmin=True)
    assert {table: rows for table, rows in after.items() if table != "rejected_records"} == {
        table: rows for table, rows in before.items() if table != "rejected_records"
    }
