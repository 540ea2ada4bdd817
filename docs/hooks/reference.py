"""Pages that are made from what they describe: views and tables from the schema's comments, DAGs from their docs."""

import ast
import re
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from pel.local.embedded import EmbeddedPostgres
from pel.settings import PROJECT
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import OWNER, ROLES, database_url, provision

RELATIONS = """
select c.relname, obj_description(c.oid),
    array_agg(
        array[a.attname::text, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)] order by a.attnum
    )
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = %s::regnamespace and c.relkind = any(%s)
group by c.oid, c.relname
order by c.relname
"""
VIEWS = """# Views and columns

What a reader sees, in schema `public`; [Read the forecasts](../reading.md) says which view answers what. Made from the
comments in the database, which `\\d+` shows too.
"""
TABLES = """# Tables

What stands behind the views, in schema `pel`, for operators: `psql "$(pel dsn --role pipeline)"`. Tables may change
with any version; [views](views.md) are the contract. Made from the comments in the database.
"""
DAGS = """# The DAGs

What each does, when it runs, and what to do when it is red; the same stands on the DAG's page in the Airflow UI.
"""
# The nightly ones in their order, then the others.
CHAIN = ("ingest_releases", "temporal_deltas", "pretrain_ratings", "finetune_box_office", "publish_predictions")


def on_files(files: Files, config: MkDocsConfig, **_: Any) -> None:
    """Called by MkDocs once it knows which pages there are."""
    pages = {"dags.md": _dags()}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # Postgres may run as another user
        with EmbeddedPostgres(Path(folder) / "postgres", password="documentation") as postgres:  # noqa: S106 (it lives as long as this)
            provision(postgres.admin_url, dict.fromkeys(ROLES, "documentation"))
            url = database_url(postgres.admin_url, OWNER, "documentation", "pel")
            migrate(url)
            with psycopg.connect(url) as connection:
                pages["reference/views.md"] = VIEWS + _relations(connection, "public", ["v"])
                pages["reference/tables.md"] = TABLES + _relations(connection, "pel", ["r"])
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))


def _relations(connection: psycopg.Connection, schema: str, kinds: list[str]) -> str:
    return "".join(
        f"\n## {name}\n\n{comment}\n\n| column | type | what it is |\n|---|---|---|\n"
        + "".join(f"| `{column}` | {kind} | {_cell(what)} |\n" for column, kind, what in columns)
        for name, comment, columns in connection.execute(RELATIONS, [schema, kinds])
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _dags() -> str:
    files = {path.stem: path for path in sorted((PROJECT / "dags").glob("*.py"))}
    names = [*CHAIN, *(name for name in files if name not in CHAIN)]
    return DAGS + "".join(f"\n## {name}\n\n{_doc(files[name])}\n" for name in names)


def _doc(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.sub(r"^### (.*)$", r"*\1.*", doc, count=1, flags=re.MULTILINE)
