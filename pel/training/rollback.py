"""Going back to an earlier champion: by an operator's hand, and kept as a decision like any other."""

from datetime import date

from pel.training.registry import champion
from pel.warehouse.connection import Connection, WarehouseError, connect, lock_step, query, run


def roll_back(
    version: str | None = None, *, as_of: date | None = None, by: str = "hand", database_url: str | None = None
) -> tuple[str, date]:
    """Make the champion before the present one champion again, or the one of that version.

    Args:
        version: An earlier champion; None takes the last one.
        as_of: The date from which it is champion; None takes that of the newest promotion, whatever day it is today.
        by: Who does it.
        database_url: Where; None is the pipeline's own.

    Returns:
        The champion, and the date from which it is.

    Raises:
        WarehouseError: There is no champion, or none to go back to.
    """
    with connect(database_url) as connection:
        lock_step(connection, "register")
        as_of = as_of or _newest_promotion(connection)
        now = champion(connection, as_of) if as_of else None
        if as_of is None or now is None:
            raise WarehouseError("There is no champion to go back from; finetune_box_office makes one.")
        present = {"as_of": as_of, "champion": now.model_version, "version": version}
        found = query(connection, "models/earlier_champion", present)
        if not found:
            wanted = f"{version} was not champion" if version else "there was no other champion"
            raise WarehouseError(f"As of {as_of} {wanted} before {now.model_version}; pel.promotions has all of them.")
        earlier = str(found[0].model_version)
        if removed := found[0].artifacts_removed_at:
            raise WarehouseError(
                f"The files of {earlier} were removed on {removed:%Y-%m-%d} (docs/operations.md has the rule); "
                "choose a later champion, or restore the files and set artifacts_removed_at to null."
            )
        row = {"as_of": as_of, "model_version": earlier, "champion_version": now.model_version, "decided_by": by}
        row["reason"] = f"rolled back from {now.model_version} by {by}"
        run(connection, "models/roll_back", row)
    return earlier, as_of


def _newest_promotion(connection: Connection) -> date | None:
    row = connection.execute("select max(as_of) from pel.promotions where promoted").fetchone()
    return row[0] if row else None
