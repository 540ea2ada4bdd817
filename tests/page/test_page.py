"""The page Forecasts, as a person meets it: in a browser, in Airflow's UI, behind its login."""

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from pel.forecasts.scenarios import score
from pel.page.files import FILES
from tests.page.conftest import HOSTILE, Open, Site

TABS = {
    "upcoming": "What upcoming films will make",
    "accuracy": "How right the forecasts were",
    "models": "Models",
    "data": "Data",
}
WINDOWS = {"wide and light": (1280, "light"), "narrow and dark": (390, "dark")}

ANSWERS = "select predicted_dollars::float8, factor from scenario_predictions where film_id = %s"
QUESTIONS = """
select s.release_date - u.as_of, s.budget, s.created_by
from scenarios s
join upcoming_predictions u using (film_id)
where s.film_id = %s
"""


def in_millions(dollars: float) -> str:
    """As the page writes an amount of that size."""
    return f"${float(f'{dollars:.3g}') / 1e6:g}M"


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", [*TABS, "film"])
def test_a_page_fits_its_window_loads_nothing_from_outside_and_is_for_everyone(
    site: Site, look: Open, name: str, window: str
) -> None:
    width, scheme = WINDOWS[window]
    path = f"film?film_id={site.film_id}" if name == "film" else name
    seen = look(f"forecasts/{path}", width=width, scheme=scheme)
    seen.settle()
    assert seen.page.get_by_role("heading", level=1).inner_text() == (HOSTILE if name == "film" else TABS[name])
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    barriers = [
        rule for rule in Axe().run(seen.page).response["violations"] if rule["impact"] in {"serious", "critical"}
    ]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in barriers] == []
    assert seen.faults == []
    assert seen.hosts == {"127.0.0.1"}


def test_what_it_shows_is_what_the_views_say(site: Site, look: Open) -> None:
    seen = look("forecasts/upcoming")
    seen.settle()
    ((films,),) = site.warehouse.rows("select count(*)::int from upcoming_predictions", role="pel_reader")
    assert seen.page.get_by_text(f"50 of {films}").is_visible()
    row = seen.page.get_by_role("row").filter(has_text=HOSTILE)
    ((dollars,),) = site.warehouse.rows(
        "select predicted_dollars::float8 from upcoming_predictions where film_id = %s", [site.film_id], "pel_reader"
    )
    assert in_millions(dollars) in row.inner_text()


def test_a_title_is_text_wherever_it_stands(site: Site, look: Open) -> None:
    for path in ("upcoming", f"film?film_id={site.film_id}", "accuracy"):
        seen = look(f"forecasts/{path}")
        seen.settle()
        assert seen.page.locator("main img, main td b").count() == 0
        assert seen.faults == []


def test_a_film_is_found_by_its_title_and_leads_to_its_page(site: Site, look: Open) -> None:
    seen = look("forecasts/upcoming")
    seen.settle()
    seen.page.get_by_role("searchbox").fill("SONS img")
    rows = seen.page.locator("tbody tr")
    assert [HOSTILE in text for text in rows.all_inner_texts()] == [True]
    rows.get_by_role("link").click()
    seen.page.wait_for_url(f"**/film?film_id={site.film_id}")
    seen.page.get_by_role("heading", name=HOSTILE).wait_for()


def test_a_header_sorts_one_way_and_then_the_other_by_keyboard(look: Open) -> None:
    seen = look("forecasts/upcoming")
    seen.settle()
    header = seen.page.get_by_role("columnheader", name="Film")
    for direction in ("ascending", "descending"):
        header.get_by_role("button").focus()
        seen.page.keyboard.press("Enter")
        assert header.get_attribute("aria-sort") == direction
        titles = seen.page.locator("tbody tr td:first-child").all_inner_texts()
        in_order = seen.page.evaluate("titles => titles.sort((a, b) => a.localeCompare(b))", titles)
        assert titles == (in_order if direction == "ascending" else in_order[::-1])


def test_it_is_in_the_menu_of_the_ui_in_the_colours_chosen_there(look: Open) -> None:
    seen = look("plugin/forecasts")
    frame = seen.page.frame_locator("iframe[title=Forecasts]")
    frame.get_by_role("heading", name=TABS["upcoming"]).wait_for()
    assert seen.page.get_by_role("link", name="Forecasts").first.is_visible()
    for theme in ("dark", "light"):
        seen.page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
        frame.locator(f":root[data-theme={theme}]").wait_for()


def test_a_question_is_kept_as_it_was_asked_and_answered_where_it_was_asked(
    site: Site, look: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(f"forecasts/film?film_id={site.film_id}")
    seen.settle()
    seen.page.get_by_role("slider", name="Release date").press("End")
    seen.page.get_by_role("button", name="Forecast it").click()
    seen.page.get_by_text("Asked.").wait_for()
    assert site.warehouse.rows(QUESTIONS, [site.film_id]) == [(365, None, "pel_planner")]
    monkeypatch.setenv("PEL_DATABASE_URL", site.warehouse.url())
    assert score() == 1
    ((dollars, factor),) = site.warehouse.rows(ANSWERS, [site.film_id])
    answer = seen.page.get_by_text("of what it would make as it is").inner_text()
    assert answer.startswith(in_millions(dollars))
    assert f"{max(factor, 1 / factor):.2f} of what" in answer
    row = seen.page.get_by_role("table", name="What was asked about this film").locator("tbody tr")
    assert in_millions(dollars) in row.inner_text()
    assert seen.faults == []


def test_a_change_that_the_model_knows_nothing_of_is_called_so(
    site: Site, look: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((film_id,),) = site.warehouse.rows("select film_id from upcoming_predictions order by predicted_dollars limit 1")
    seen = look(f"forecasts/film?film_id={film_id}")
    seen.settle()
    seen.page.get_by_role("slider", name="Budget").press("Home")
    seen.page.get_by_role("button", name="Forecast it").click()
    seen.page.get_by_text("Asked.").wait_for()
    monkeypatch.setenv("PEL_DATABASE_URL", site.warehouse.url())
    assert score() == 1
    seen.page.get_by_text("has learned nothing from what you changed").wait_for()  # of no film it knew a budget


@pytest.mark.parametrize("path", ["", "upcoming", "film?film_id=1", "rows/upcoming", "rows/health", *FILES])
def test_without_a_login_nothing_is_given(site: Site, path: str) -> None:
    address = f"{site.forecasts}/static/{path}" if path in FILES else f"{site.forecasts}/{path}"
    assert httpx.get(address, trust_env=False).status_code == 401


def test_without_a_login_nothing_is_asked(site: Site) -> None:
    assert httpx.post(f"{site.forecasts}/scenarios", json={"film_id": 1}, trust_env=False).status_code == 401
