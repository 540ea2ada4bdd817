"""What tasks find imported. A module that cannot be is passed over in silence; threads do not survive a fork."""

import subprocess
import sys
from pathlib import Path

IMPORT = """
import threading
import pel.local.preloaded, torch
print(threading.active_count(), "threads, GPU", torch.cuda.is_initialized())
"""
FORK = """
import gc, os, psutil
import pel.local.preloaded
reader, writer = os.pipe()
if not os.fork():
    gc.collect()
    os.write(writer, str(psutil.Process().memory_full_info().uss).encode())
    os._exit(0)
print(os.read(reader, 99).decode())
"""
FOREST = """
import sys
from pathlib import Path
import airflow.dag_processing.dagbag, airflow.sdk.execution_time.task_runner
import numpy as np
from pel.ensemble.registry import load, make
folder = Path(sys.argv[1])
Z = np.arange(200.0, dtype="float32").reshape(100, 2)
make("random_forest").pretrain(Z, Z[:, 0]).save(folder)
load(folder)
"""


def printed(program: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_what_is_preloaded_can_be_imported_brings_no_thread_no_gpu_and_warns_of_nothing() -> None:
    assert printed(IMPORT) == "1 threads, GPU False\n"


def test_what_is_preloaded_is_shared_by_those_who_need_it() -> None:
    assert int(printed(FORK)) < 50_000_000


def test_a_forest_is_saved_and_loaded_among_airflow_s_modules_without_a_warning(tmp_path: Path) -> None:
    assert printed(FOREST, str(tmp_path)) == ""
