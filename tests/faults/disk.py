"""A small disk, made of memory."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

import pytest
from tenacity import Retrying, stop_after_attempt

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


class Disk:
    """A disk of its own in memory, mounted at the folder; use it as a context manager."""

    def __init__(self, folder: Path, size: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._mount(f"size={size}")
        folder.chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self) -> None:
        """Leave not a page free; who writes in that moment may take it first."""
        Retrying(stop=stop_after_attempt(20), reraise=True)(self._leave_nothing)

    def resize(self, size: str) -> None:
        self._mount(f"remount,size={size}")

    def _leave_nothing(self) -> None:
        self.resize(str(shutil.disk_usage(self.folder).used))

    def _mount(self, options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder], check=True)
