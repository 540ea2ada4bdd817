import pytest

from pel.forecasts.publish import publish
from pel.training.registry import champion
from pel.training.rollback import roll_back
from pel.warehouse.connection import WarehouseError, connect
from tests.chain import AS_OF
from tests.conftest import Trained, Warehouse

LATER = AS_OF.replace(year=1986)
PROMOTE = """
    insert into pel.model_versions
    select %(name)s, kind, %(as_of)s, pretrained_version, code_version, data_sha256, parameters, metrics, artifact_url,
           artifact_sha256
    from pel.model_versions
    where kind = 'finetuned' order by created_at limit 1;
    insert into pel.promotions (as_of, model_version, promoted, reason) values (%(as_of)s, %(name)s, true, 'better')
"""


@pytest.fixture
def champions(trained: Trained) -> list[str]:
    """Three, the last of a year later."""
    with connect() as connection:
        first = champion(connection, AS_OF).model_version
        for name, as_of in [("second", AS_OF), ("third", LATER)]:
            connection.execute(PROMOTE, {"name": name, "as_of": as_of})
    return [first, "second", "third"]


def champion_of(as_of) -> str:
    with connect() as connection:
        return champion(connection, as_of).model_version


def test_the_champion_before_is_champion_again_from_that_day_on(champions: list[str]) -> None:
    assert roll_back() == (champions[1], LATER)
    assert champion_of(LATER) == champion_of(LATER.replace(year=1990)) == champions[1]
    assert champion_of(AS_OF) == champions[1]


def test_the_past_keeps_its_champion(champions: list[str]) -> None:
    roll_back(champions[0])
    assert champion_of(AS_OF) == champions[1]
    assert champion_of(LATER) == champions[0]


def test_the_decision_is_kept(trained: Trained, champions: list[str]) -> None:
    roll_back()
    rows = trained.warehouse.rows(
        "select as_of, model_version, champion_version, promoted, reason from pel.promotions order by promotion_id desc"
    )
    assert rows[0] == (LATER, "second", "third", True, "rolled back from third by hand")
    assert len(rows) == 4


def test_forecasts_follow(trained: Trained, champions: list[str]) -> None:
    publish(LATER)
    roll_back()
    publish(LATER)
    shown = trained.warehouse.rows(
        "select distinct as_of, model_version from published_predictions order by as_of", role="pel_reader"
    )
    assert shown == [(AS_OF, champions[0]), (LATER, "second")]


@pytest.mark.parametrize(("version", "message"), [("fourth", "fourth was not champion"), ("third", "third was not")])
def test_a_model_that_was_no_champion_before_is_refused(champions: list[str], version: str, message: str) -> None:
    with pytest.raises(WarehouseError, match=message):
        roll_back(version)
    assert champion_of(LATER) == "third"


def test_there_has_to_be_something_to_go_back_from_and_to(trained: Trained) -> None:
    with pytest.raises(WarehouseError, match="no champion to go back from"):
        roll_back(as_of=AS_OF.replace(year=1980))
    with pytest.raises(WarehouseError, match="no other champion"):
        roll_back()


def test_without_any_champion_it_says_so(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="no champion to go back from"):
        roll_back()


def test_a_day_of_the_past_can_be_named(champions: list[str]) -> None:
    assert roll_back(as_of=AS_OF) == (champions[0], AS_OF)
    assert champion_of(AS_OF) == champions[0]
    assert champion_of(LATER) == "third"
