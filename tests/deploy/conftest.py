"""What .env says when the services of docker-compose.yml start as processes of this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs
from moto.server import ThreadedMotoServer

from pel.settings import PROJECT
from pel.training.plan import THREADS
from tests.deploy.compose import read_env_file

BUCKET = "pel-test"


@pytest.fixture(scope="session")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .env that `make .env` makes."""
    folder = tmp_path_factory.mktemp("env")
    shutil.copy(PROJECT / ".env.example", folder)
    command = ["make", "--silent", "--file", str(PROJECT / "Makefile"), ".env"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / ".env"


@pytest.fixture(scope="module")
def storage() -> Iterator[dict[str, str]]:
    """An empty bucket, and what .env has to say of it."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    files_of(settings).mkdir(BUCKET)
    yield settings
    server.stop()


def files_of(settings: dict[str, str]) -> s3fs.S3FileSystem:
    return s3fs.S3FileSystem(
        key=settings["AWS_ACCESS_KEY_ID"],
        secret=settings["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        use_listings_cache=False,
    )


@pytest.fixture(scope="module")
def variables(env_file: Path, storage: dict[str, str]) -> dict[str, str]:
    """What stands in .env."""
    if not shutil.which("redis-server"):
        reason = "there is no redis-server; install Debian's package redis-server to run this test"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    return read_env_file(env_file) | storage | {
        "PEL_ARTIFACTS_URL": f"s3://{BUCKET}/models",
        "PEL_THREADS": str(THREADS),
    }  # fmt: skip
