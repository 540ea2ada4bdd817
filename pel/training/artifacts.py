"""Model files under one URL, through fsspec, each with its hash.

A folder is complete once its ``manifest.json`` is there: it is written last and names every file with its SHA-256.
Every file is written under a temporary name and then renamed, so a process that dies leaves nothing half-written.
"""

import hashlib
import json
import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import fsspec

from pel.settings import Settings

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
UNFINISHED = ".part"
# Below it lie the models of replays, apart from those of the pipeline, until the replay is done.
REPLAYS = "replays"


class ArtifactError(Exception):
    """Files that are missing, are not those that were registered, or are of a format that nobody here can read."""


class File(NamedTuple):
    """How large a file is, and when it was written."""

    bytes: int
    changed: datetime


@dataclass(frozen=True)
class ArtifactFolder:
    """A folder of artifacts, anywhere that fsspec reaches (``file://``, ``s3://``)."""

    url: str

    def __truediv__(self, name: str) -> "ArtifactFolder":
        return ArtifactFolder(f"{self.url.rstrip('/')}/{name}")

    def is_complete(self) -> bool:
        """Whether everything that belongs here was written."""
        filesystem, root = self._open()
        return bool(filesystem.exists(f"{root}/{MANIFEST}"))

    def put(self, local: Path) -> None:
        """Upload every file below the local folder, the manifest last."""
        files = sorted(file.relative_to(local).as_posix() for file in local.rglob("*") if file.is_file())
        for name in files:
            self._write(name, (local / name).read_bytes())
        self._write_manifest({name: _sha256((local / name).read_bytes()) for name in files})

    def seal(self, parts: Iterable[str]) -> str:
        """Write a manifest over folders below this one; returns its SHA-256, which stands for all their files."""
        manifest = self._write_manifest({part: (self / part).sha256() for part in parts})
        return _sha256(manifest)

    def sha256(self) -> str:
        """SHA-256 of the manifest; raises ArtifactError if there is none."""
        return _sha256(self._read(MANIFEST))

    def get(self, local: Path, sha256: str | None = None) -> Path:
        """Download the files to a local folder, refusing any whose hash is not the manifest's.

        With ``sha256`` the manifest itself has to have that hash. Raises ArtifactError.
        """
        for name, expected in self._manifest(sha256).items():
            content = self._read(name)
            self._check(name, content, expected)
            (local / name).parent.mkdir(parents=True, exist_ok=True)
            (local / name).write_bytes(content)
        return local

    def get_part(self, part: str, local: Path, sha256: str) -> Path:
        """Download one folder of a sealed one, whose seal has to have the hash ``sha256``."""
        parts = self._manifest(sha256)
        if part not in parts:
            raise ArtifactError(f"{self.url} has no part {part!r}, only {', '.join(parts)}.")
        return (self / part).get(local, parts[part])

    def names(self) -> list[str]:
        """The folders and files right in this one; none if there is no such folder."""
        filesystem, root = self._open()
        found = filesystem.ls(root, detail=False) if filesystem.exists(root) else []
        return sorted(path.rstrip("/").rpartition("/")[2] for path in found)

    def files(self) -> dict[str, File]:
        """Every file below, by its path."""
        filesystem, root = self._open()
        found = filesystem.find(root, detail=True)
        return {path: File(int(entry["size"]), filesystem.modified(path)) for path, entry in found.items()}

    def remove(self, paths: Iterable[str] | None = None) -> None:
        """Delete these files or, without any named, the folder with all that is in it, if it is there."""
        filesystem, root = self._open()
        if paths is not None:
            filesystem.rm(list(paths))
        elif filesystem.exists(root):
            filesystem.rm(root, recursive=True)

    def _manifest(self, sha256: str | None) -> dict[str, str]:
        content = self._read(MANIFEST)
        if sha256 is not None:
            self._check(MANIFEST, content, sha256)
        return dict(json.loads(content))

    def _write_manifest(self, hashes: dict[str, str]) -> bytes:
        content = json.dumps(hashes, indent=1, sort_keys=True).encode()
        self._write(MANIFEST, content)
        return content

    def _check(self, name: str, content: bytes, expected: str) -> None:
        if (found := _sha256(content)) != expected:
            raise ArtifactError(
                f"{self.url}/{name} has SHA-256 {found}, not {expected}: it was changed or cut short since it was "
                "written. Restore it from a backup, or train again with force."
            )

    def _read(self, name: str) -> bytes:
        filesystem, root = self._open()
        try:
            return bytes(filesystem.cat_file(f"{root}/{name}"))
        except FileNotFoundError:
            raise ArtifactError(f"{self.url}/{name} is missing; train again with force.") from None

    def _write(self, name: str, content: bytes) -> None:
        filesystem, root = self._open()
        target = f"{root}/{name}"
        temporary = f"{target}.{uuid.uuid4().hex}{UNFINISHED}"
        filesystem.makedirs(target.rpartition("/")[0], exist_ok=True)
        try:
            filesystem.pipe_file(temporary, content)
            filesystem.mv(temporary, target)
        except OSError:
            with suppress(OSError):  # what a full disk took of it is in the way of whoever tries again
                filesystem.rm_file(temporary)
            raise

    def _open(self) -> tuple[Any, str]:
        filesystem, root = fsspec.core.url_to_fs(self.url)
        return filesystem, root


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Files that are whole, each with its hash, and yet cannot be made use of are of another format: ArtifactError.

    What libraries raise then is of all kinds. Only files at hand are read inside, so no lost connection is among it.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ArtifactError(
            f"{what} cannot be read by this version of P-EL ({type(error).__name__}: {error}); train again with force."
        ) from error


def all_artifacts() -> ArtifactFolder:
    """Where the files of all models lie (``PEL_ARTIFACTS_URL``)."""
    return ArtifactFolder(Settings.from_environment().artifacts_url)


def artifacts_of(version: str) -> ArtifactFolder:
    """Where the files of a model version lie."""
    return all_artifacts() / version


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
