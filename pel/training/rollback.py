"""Going back to an earlier champion: by an operator's hand, and kept as a decision like any other."""

from datetime import date

from pel.training.registry import champion
from pel.warehouse.connection import WarehouseError, connect, lock_step, query, run


def roll_back(as_of: date, version: str | None = None, *, database_url: str | None = None) -> str:
    """Make the champion before the present one champion again, or the one of that version; returns its version.

    Raises:
        WarehouseError: There is no champion, or none to go back to.
    """
    with connect(database_url) as connection:
        lock_step(connection, "register")
        now = champion(connection, as_of)
        if now is None:
            raise WarehouseError(f"As of {as_of} there is no champion to go back from; look from a later day.")
        present = {"as_of": as_of, "champion": now.model_version, "version": version}
        found = query(connection, "models/earlier_champion", present)
        if not found:
            wanted = f"{version} was not champion" if version else "there was no other champion"
            raise WarehouseError(f"As of {as_of} {wanted} before {now.model_version}; pel.promotions has all of them.")
        earlier = str(found[0].model_version)
        reason = f"rolled back from {now.model_version} by hand"
        row = {"as_of": as_of, "model_version": earlier, "champion_version": now.model_version, "reason": reason}
        run(connection, "models/roll_back", row)
    return earlier
