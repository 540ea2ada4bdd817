"""Preparing what several machines share; that it does so, the test of the chain shows."""

import pytest

from pel.deploy import PASSWORDS, prepare_databases

NOWHERE = "postgresql://postgres:secret@127.0.0.1:1/postgres"


@pytest.mark.parametrize("missing", ["PEL_POSTGRES_URL", *PASSWORDS.values()])
def test_a_missing_secret_is_named_before_anything_is_touched(missing: str) -> None:
    given = {"PEL_POSTGRES_URL": NOWHERE, **dict.fromkeys(PASSWORDS.values(), "secret")}
    with pytest.raises(ValueError, match=f"{missing} is not set"):
        prepare_databases(given | {missing: ""})
