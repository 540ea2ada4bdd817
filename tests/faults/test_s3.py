"""The object storage of the artifacts gone for a while."""

import threading
import time
from collections.abc import Iterator

import pytest
from tenacity import Retrying, stop_after_attempt, wait_fixed

from pel.forecasts.publish import publish
from pel.local.ports import free_port
from pel.training.artifacts import ArtifactError
from pel.workflow import DEFAULTS
from tests.chain import AS_OF, finetune
from tests.conftest import Trained
from tests.faults.conftest import Keep, forget_finetuning
from tests.faults.rows import Rows, rows_of

s3fs = pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")
pytestmark = pytest.mark.faults

ARTIFACTS = "s3://pel/artifacts"


class Storage:
    """An object storage that can go away and come back with all it had."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self._server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def go_away(self, seconds: float) -> None:
        self.stop()
        threading.Timer(seconds, self.start).start()


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    storage = Storage()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{storage.port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir("pel")
    yield storage
    s3fs.S3FileSystem().rm("pel", recursive=True)  # moto's servers of one process share what they hold
    storage.stop()


@pytest.mark.parametrize("seconds", [10, 60])
def test_s3_is_gone(
    trained: Trained, undisturbed: Rows, storage: Storage, monkeypatch: pytest.MonkeyPatch, keep: Keep, seconds: int
) -> None:
    ((version,),) = trained.warehouse.rows("select model_version from pel.model_versions where kind = 'finetuned'")
    monkeypatch.setenv("PEL_ARTIFACTS_URL", ARTIFACTS)
    files = s3fs.S3FileSystem()
    files.put(str(trained.artifacts), ARTIFACTS, recursive=True)
    files.rm(f"{ARTIFACTS}/{version}/xgboost", recursive=True)
    forget_finetuning(trained.warehouse)
    moved = [trained.artifacts.as_uri(), ARTIFACTS]
    trained.warehouse.rows(
        "update pel.model_versions set artifact_url = replace(artifact_url, %s, %s)", moved, role="pel_owner"
    )
    files.clear_instance_cache()

    defaults = DEFAULTS["default_args"]
    tries = Retrying(
        stop=stop_after_attempt(defaults["retries"] + 1),
        wait=wait_fixed(defaults["retry_delay"].total_seconds()),
        retry=lambda state: state.outcome.failed and not isinstance(state.outcome.exception(), ArtifactError),
        reraise=True,
    )
    storage.go_away(seconds)
    began = time.monotonic()
    tries(finetune)
    well = time.monotonic() - began - seconds
    publish(AS_OF)
    keep(
        f"S3 gone for {seconds} s",
        f"the training task is tried again until it succeeds, at try {tries.statistics['attempt_number']} of 6",
        seconds=well,
        difference=rows_of(trained.warehouse.rows).compared_with(undisturbed),
    )
