"""What the tables of facts hold, for comparing."""

from tests.conftest import Warehouse

NAMES = ["genres", "companies", "collections", "countries", "languages", "keywords"]
FACTS = [
    *["film_records", "film_ids", "pending_films", "user_ratings", "rejected_records"],
    *["films", "people", "credits", "budgets", "ratings", "box_office", "stale_films", "stale_histories"],
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
    key = "join (select distinct film_id, source_key as film from pel.film_records) r using (film_id)"
    statements = {
        "records": "select source, source_key, record, record_sha256 from pel.film_records",
        "films": f"select film, title, release_date, release_precision, runtime_minutes from pel.films {key}",
        "budgets": f"select film, source, dollars from pel.budgets {key}",
        "credits": f"select film, role, billing, person_key, name from pel.credits join pel.people using (person_id) {key}",
        "ratings": f"select film, known_on, rating, votes from pel.ratings {key}",
        "box_office": f"select film, known_on, dollars from pel.box_office {key}",
        "rejected_records": "select reason, raw from pel.rejected_records",
    }
    for names, name_id in LINKED:
        statements[names] = (
            f"select film, name from pel.{names} join pel.film_{names} using ({name_id}) {key}"
        )
    return {name: sorted(warehouse.rows(statement), key=str) for name, statement in statements.items()}
