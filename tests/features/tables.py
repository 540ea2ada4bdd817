"""What the computed tables hold."""

from datetime import date
from typing import Any

from tests.conftest import Warehouse


def both_tables(warehouse: Warehouse) -> tuple[list[tuple], list[tuple]]:
    """Every row of film_attributes and of temporal_deltas, to the last bit."""
    return (
        warehouse.rows("select * from pel.film_attributes order by film_id"),
        warehouse.rows("select * from pel.temporal_deltas order by film_id"),
    )


def computed(warehouse: Warehouse) -> dict[str, list[tuple]]:
    """Everything that follows from the facts as of the last refresh."""
    events = warehouse.rows("select * from pel.film_events order by film_id, day")
    rows, differences = both_tables(warehouse)
    return {"attributes": rows, "deltas": differences, "events": events, "suspicious": suspicious(warehouse)}


def attributes(warehouse: Warehouse) -> dict[int, dict[str, Any]]:
    """The rows of film_attributes, by film."""
    rows = warehouse.rows("select film_id, to_jsonb(a) - 'film_id' from pel.film_attributes a")
    return {film_id: row | {"known_at": date.fromisoformat(row["known_at"])} for film_id, row in rows}


def deltas(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """The rows of temporal_deltas, by title."""
    rows = warehouse.rows("select f.title, to_jsonb(d) from pel.temporal_deltas d join pel.films f using (film_id)")
    return dict(rows)


def attributes_of(warehouse: Warehouse, title: str) -> dict[str, Any]:
    """The row of film_attributes of the film of that title."""
    ((film_id,),) = warehouse.rows("select film_id from pel.films where title = %s", [title])
    return attributes(warehouse)[film_id]


def suspicious(warehouse: Warehouse) -> list[tuple]:
    """Every value that counts as unknown."""
    return sorted(warehouse.rows("select film_id, source, field, value, rule from pel.suspicious_values"))


def empty(warehouse: Warehouse) -> None:
    """Throw away what was computed; it can be computed again."""
    warehouse.rows("truncate pel.film_attributes", role="pel_owner")
