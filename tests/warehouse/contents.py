"""What the tables of facts hold, for comparing."""

from tests.conftest import Warehouse

NAMES = ["genres", "companies", "collections", "countries", "languages", "keywords"]
FACTS = [
    *["film_records", "film_ids", "pending_films", "user_ratings", "rejected_records", "finished_batches"],
    *["films", "people", "credits", "budgets", "ratings", "box_office", "stale_films", "stale_histories"],
    *NAMES,
    *[f"film_{names}" for names in NAMES],
]
KEYS = ["genre_id", "company_id", "collection_id", "country_id", "language_id", "keyword_id"]


def contents(warehouse: Warehouse, *, with_xmin: bool = False) -> dict[str, list[tuple]]:
    """Every row of every table of facts; with xmin, a row that was written again differs from what it was."""
    xmin = "t.xmin::text" if with_xmin else "null"
    rows: dict[str, list[tuple]] = {table: [] for table in FACTS}
    every = " union all ".join(f"select '{table}', {xmin}, t::text from pel.{table} t" for table in FACTS)
    for table, *row in sorted(warehouse.rows(every), key=str):
        rows[table].append(tuple(row))
    return rows


def said(warehouse: Warehouse) -> dict[str, list[tuple]]:
    """The facts without the numbers that rows have here and without the run that they came with."""
    key = "join (select distinct film_id, source_key as film from pel.film_records) r using (film_id)"
    statements = {
        "records": "select source, source_key, record, record_sha256 from pel.film_records",
        "films": f"select film, title, release_date, release_precision, runtime_minutes from pel.films {key}",
        "budgets": f"select film, source, dollars from pel.budgets {key}",
        "credits": "select film, role, billing, person_key, p.name "
        f"from pel.credits join pel.people p using (person_id) {key}",
        "ratings": f"select film, known_on, rating, votes from pel.ratings {key}",
        "box_office": f"select film, known_on, dollars from pel.box_office {key}",
        "rejected_records": "select reason, raw from pel.rejected_records",
    }
    for names, name_id in zip(NAMES, KEYS, strict=True):
        statements[names] = f"select film, name from pel.{names} join pel.film_{names} using ({name_id}) {key}"
    return {name: sorted(warehouse.rows(statement), key=str) for name, statement in statements.items()}
