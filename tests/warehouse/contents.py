"""What the tables of facts hold, for comparing."""

from tests.conftest import Warehouse

NAMES = ["genres", "companies", "collections", "countries", "languages"]
FACTS = [
    *["films", "people", "credits", "ratings", "box_office", "rejected_records", "stale_films", "stale_people"],
    *NAMES,
    *[f"film_{names}" for names in NAMES],
]
LINKED = [("genres", "genre_id"), ("companies", "company_id"), ("countries", "country_id")]


def contents(warehouse: Warehouse, *, with_xmin: bool = False) -> dict[str, list[tuple]]:
    """Every row of every table of facts; with xmin, a row that was written again differs from what it was."""
    columns = "t.xmin::text, t" if with_xmin else "t"
    return {
        table: sorted(
            warehouse.rows(f"select {', '.join(f'{c}::text' for c in columns.split(', '))} from pel.{table} t")
        )
        for table in FACTS
    }


def said(warehouse: Warehouse) -> dict[str, list[tuple]]:
    """The facts without the numbers that rows have here and without the run that they came with."""
    films = "source_key, title, release_date, release_precision, runtime_minutes, budget, record_sha256"
    statements = {
        "films": f"select {films} from pel.films",
        "credits": "select source_key, role, billing, name from pel.credits join pel.people p using (person_id) "
        "join (select film_id, source_key as film from pel.films) f using (film_id)",
        "ratings": "select source_key, known_on, rating, votes from pel.ratings join pel.films using (film_id)",
        "box_office": "select source_key, known_on, dollars from pel.box_office join pel.films using (film_id)",
        "rejected_records": "select reason, raw from pel.rejected_records",
    }
    for names, key in LINKED:
        statements[names] = (
            f"select source_key, name from pel.{names} join pel.film_{names} using ({key}) "
            "join pel.films using (film_id)"
        )
    return {name: sorted(warehouse.rows(statement), key=str) for name, statement in statements.items()}
