import os
import stat
from pathlib import Path

import pytest

from pel.local.errors import LocalError
from pel.local.home import SECRETS, Home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_passwords_are_for_the_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    assert mode(home.folder / "secrets.json") == 0o600
    assert mode(home.folder) == (0o711 if os.geteuid() == 0 else 0o700)
    assert mode(home.logs) == mode(home.airflow) == 0o700


def test_passwords_stay_and_differ(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    secrets = home.secrets()
    home.make()
    assert home.secrets() == secrets
    assert len(set(secrets.values())) == len(SECRETS)


def test_one_command_at_a_time(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.alone(), pytest.raises(LocalError, match="Another `pel`"), Home(tmp_path).alone():
        pass
    with home.alone():
        pass


def test_what_others_keep_in_the_folder_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    (tmp_path / "thesis.txt").write_text("years of work")
    home.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
