import io
import json
from datetime import date

import pandas as pd
import pytest

from pel.forecasts.export import Format, export
from tests.chain import AS_OF
from tests.conftest import Trained, Warehouse

READERS = {
    "csv": lambda file: pd.read_csv(io.BytesIO(file)),
    "json": lambda file: pd.DataFrame(json.loads(file)),
    "parquet": lambda file: pd.read_parquet(io.BytesIO(file)),
}


@pytest.mark.parametrize("form", READERS)
def test_a_file_has_every_film_and_column_to_the_last_digit(trained: Trained, form: Format) -> None:
    seen = READERS[form](export(trained.warehouse.url("pel_reader"), form, None, None))
    columns = ["film_id", "title", "predicted_dollars", "low_80_dollars", "predicted_log10_dollars", "passes_100m"]
    expected = trained.warehouse.rows(
        f"select {', '.join(columns)} from upcoming_predictions order by predicted_dollars desc, film_id"
    )
    assert [tuple(row) for row in seen[columns].astype(object).itertuples(index=False)] == [
        (film_id, title, int(dollars), int(low), *rest) for film_id, title, dollars, low, *rest in expected
    ]
    assert pd.to_datetime(seen["as_of"]).dt.date.unique().tolist() == [AS_OF]
    names = trained.warehouse.rows(
        "select column_name from information_schema.columns where table_name = 'published_predictions' "
        "order by ordinal_position"
    )
    assert list(seen.columns) == [name for (name,) in names]


def test_a_limit_keeps_the_largest(trained: Trained) -> None:
    url = trained.warehouse.url("pel_reader")
    seen, all_of_them = (READERS["parquet"](export(url, "parquet", AS_OF, limit)) for limit in (5, None))
    assert len(seen) == 5
    assert seen["film_id"].tolist() == all_of_them.nlargest(5, "predicted_log10_dollars")["film_id"].tolist()


def test_without_forecasts_it_says_how_to_make_some(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match='no forecasts as of 2001-01-01 yet; "pel run"'):
        export(warehouse.url("pel_reader"), "csv", date(2001, 1, 1), None)
