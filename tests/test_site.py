"""The documentation site, as `make docs` builds it."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pel.settings import PROJECT
from tests.conftest import Warehouse


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page by its path; a dead link, a missing anchor or a page outside the menu fails the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    subprocess.run(command, cwd=PROJECT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=True)
    return {str(page.relative_to(folder)): page.read_text(encoding="utf-8") for page in Path(folder).rglob("*.html")}


def test_nothing_is_loaded_from_elsewhere(site: dict[str, str]) -> None:
    loaded = [
        address
        for page in site.values()
        for address in re.findall(r"<(?:script|img|iframe|link)[^>]*?(?:src|href)=\"?([^\"\s>]+)", page)
    ]
    assert loaded
    assert [address for address in loaded if re.match(r"(?:https?:)?//", address)] == []


@pytest.mark.parametrize(("page", "schema", "kind"), [("views", "public", "v"), ("tables", "pel", "r")])
def test_the_reference_has_every_column_with_its_comment(
    site: dict[str, str], warehouse: Warehouse, page: str, schema: str, kind: str
) -> None:
    columns = warehouse.rows(
        "select c.relname::text, a.attname::text, col_description(c.oid, a.attnum) from pg_class c "
        "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "where c.relnamespace = %s::regnamespace and c.relkind = %s",
        [schema, kind],
    )
    assert len(columns) > 100
    for relation, column, comment in columns:
        (section,) = re.findall(rf'<h2 id="{relation}">(.*?)</table>', site[f"reference/{page}.html"], re.DOTALL)
        (row,) = re.findall(rf"<tr>\s*<td><code>{column}</code></td>(.*?)</tr>", section, re.DOTALL)
        assert words(comment) in words(row)


def words(text: str) -> str:
    """Without marks, and without what Markdown makes of some."""
    return "".join(re.findall(r"\w", re.sub(r"<[^>]+>", "", html.unescape(text))))


def test_every_dag_says_what_to_do_when_it_is_red(site: dict[str, str]) -> None:
    for dag in (PROJECT / "dags").glob("*.py"):
        (section,) = re.findall(rf'<h2 id="{dag.stem}">(.*?)(?=<h2|</article>)', site["dags.html"], re.DOTALL)
        assert "When it is red" in section
