import os
import time
from pathlib import Path

from pel.airflow_history import KEEP_DAYS, remove_logs

DAY = 24 * 3600


def log(folder: Path, name: str, days_ago: float) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("twelve bytes")
    for path in (file, file.parent):
        os.utime(path, (time.time() - days_ago * DAY,) * 2)
    return file


def test_old_logs_go_and_so_do_the_folders_that_are_left_empty(tmp_path: Path) -> None:
    log(tmp_path, "dag_id=a/run_id=1/attempt=1.log", KEEP_DAYS + 1)
    new = log(tmp_path, "dag_id=a/run_id=2/attempt=1.log", KEEP_DAYS - 1)
    log(tmp_path, "scheduler/old.log", KEEP_DAYS + 1)
    assert remove_logs(tmp_path) == 24
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [new]
    assert not (tmp_path / "dag_id=a" / "run_id=1").exists()


def test_a_folder_that_was_just_made_stays_for_the_log_to_come(tmp_path: Path) -> None:
    (tmp_path / "dag_id=a").mkdir()
    assert remove_logs(tmp_path) == 0
    assert (tmp_path / "dag_id=a").exists()
