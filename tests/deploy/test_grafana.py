"""The dashboard of deploy/grafana asks Postgres what Grafana would ask it, as the role that it asks as."""

import json
import re
from itertools import combinations
from typing import Any

import psycopg
import pytest
import yaml

from pel.settings import PROJECT
from tests.conftest import Trained, Warehouse
from tests.deploy.compose import read_services

FOLDER = PROJECT / "deploy" / "grafana"
DASHBOARD = json.loads((FOLDER / "dashboards" / "forecasts.json").read_text(encoding="utf-8"))
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
ROWS = [panel for panel in DASHBOARD["panels"] if panel["type"] == "row"]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EVERY_PANEL = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])

# No source of the fixture sends what cannot be taken in.
MAY_BE_EMPTY = {"Rejects"}


def provisioned(kind: str) -> dict[str, Any]:
    file = FOLDER / "provisioning" / kind / "pel.yaml"
    [entry] = yaml.safe_load(file.read_text(encoding="utf-8"))[{"dashboards": "providers"}.get(kind, kind)]
    return entry


def ask(warehouse: Warehouse, query: str, film: str) -> tuple[list[str], list[tuple]]:
    """Columns and rows, with every variable as it is when the dashboard is opened."""
    chosen = {name: variable["current"]["value"] for name, variable in VARIABLES.items() if name != "film"}
    for name, value in {**chosen, "film": film}.items():
        query = query.replace(f"${{{name}}}", value)
    with psycopg.connect(warehouse.url("pel_reader")) as connection:
        cursor = connection.execute(query)
        return [column.name for column in cursor.description or []], cursor.fetchall()


def query_of(panel: dict[str, Any]) -> str:
    [target] = panel["targets"]
    return target["rawSql"]


def named_columns(panel: dict[str, Any]) -> set[str]:
    """What its options and overrides believe to be columns."""
    text = json.dumps(panel, ensure_ascii=False)
    by_name = re.findall(r'"id": "byName", "options": "([^"]+)"', text)
    others = re.findall(r'"xField": "([^"]+)"|"custom.fillBelowTo", "value": "([^"]+)"|__data\.fields\.(\w+)', text)
    return {*by_name, *(name for names in others for name in names if name)}


@EVERY_PANEL
def test_a_panel_shows_what_there_is(trained: Trained, panel: dict[str, Any]) -> None:
    columns, films = ask(trained.warehouse, VARIABLES["film"]["query"], film="")
    assert columns == ["__text", "__value"]
    columns, rows = ask(trained.warehouse, query_of(panel), film=str(films[0][1]))
    assert rows or panel["title"] in MAY_BE_EMPTY
    assert named_columns(panel) <= set(columns)


@EVERY_PANEL
def test_before_there_is_anything_a_panel_says_what_to_do(warehouse: Warehouse, panel: dict[str, Any]) -> None:
    assert ask(warehouse, VARIABLES["film"]["query"], film="")[1] == []
    ask(warehouse, query_of(panel), film="")
    assert panel["fieldConfig"]["defaults"]["noValue"]


@EVERY_PANEL
def test_a_panel_says_how_to_read_it_and_uses_what_the_dashboard_has(panel: dict[str, Any]) -> None:
    assert panel["description"]
    assert set(re.findall(r"\$\{(\w+)\}", query_of(panel) + panel["title"])) <= VARIABLES.keys()


def test_one_can_choose_every_lead_and_slice_that_there_is(trained: Trained) -> None:
    found = trained.warehouse.rows("select distinct lead_days::text, slice from accuracy_summary", role="pel_reader")
    assert {row[0] for row in found} <= set(VARIABLES["lead"]["query"].split(","))
    assert {row[1] for row in found} - {"all"} == set(VARIABLES["slice"]["query"].split(","))


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in ROWS + PANELS}) == len(ROWS + PANELS)
    places = [panel["gridPos"] for panel in ROWS + PANELS]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for a, b in combinations(places, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert beside or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]


def test_the_dashboard_asks_the_source_that_is_provisioned_which_reads_as_an_analyst() -> None:
    source = provisioned("datasources")
    asked = {(panel["datasource"]["type"], panel["datasource"]["uid"]) for panel in PANELS}
    asked |= {(target["datasource"]["type"], target["datasource"]["uid"]) for p in PANELS for target in p["targets"]}
    asked.add((VARIABLES["film"]["datasource"]["type"], VARIABLES["film"]["datasource"]["uid"]))
    assert asked == {(source["type"], source["uid"])}
    assert (source["user"], source["jsonData"]["database"]) == ("pel_reader", "pel")


def test_the_service_has_what_is_provisioned() -> None:
    service = read_services()["grafana"]
    assert provisioned("datasources")["secureJsonData"] == {"password": "${PEL_READER_PASSWORD}"}
    assert "PEL_READER_PASSWORD" in service["environment"]
    mounted = dict(reversed(volume.removesuffix(":ro").split(":")) for volume in service["volumes"])
    folder = provisioned("dashboards")["options"]["path"]
    assert PROJECT / mounted[folder] == FOLDER / "dashboards"
    assert service["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{folder}/forecasts.json"
    for kind in ("datasources", "dashboards"):
        assert PROJECT / mounted[f"/etc/grafana/provisioning/{kind}"] == FOLDER / "provisioning" / kind
