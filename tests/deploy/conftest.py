import shutil
import subprocess
from pathlib import Path

import pytest

from pel.settings import PROJECT


@pytest.fixture(scope="session")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .env that `make .env` makes."""
    folder = tmp_path_factory.mktemp("env")
    shutil.copy(PROJECT / ".env.example", folder)
    command = ["make", "--silent", "--file", str(PROJECT / "Makefile"), ".env"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / ".env"
