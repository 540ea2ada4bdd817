"""What tasks find imported. A name that cannot be imported is passed over in silence; threads do not survive a fork."""

import subprocess
import sys
from pathlib import Path

from pel.local.airflow import PRELOADED

IMPORT = """
import importlib, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
import torch
print(threading.active_count(), "threads, GPU", torch.cuda.is_initialized())
"""
FOREST = """
from pathlib import Path
import numpy as np
from pel.ensemble.registry import load, make
Z = np.arange(200.0, dtype="float32").reshape(100, 2)
make("random_forest").pretrain(Z, Z[:, 0]).save(Path(sys.argv[-1]))
load(Path(sys.argv[-1]))
"""


def printed(program: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_what_is_preloaded_can_be_imported_brings_no_thread_no_gpu_and_warns_of_nothing() -> None:
    assert printed(IMPORT, *PRELOADED) == "1 threads, GPU False\n"


def test_a_forest_is_saved_and_loaded_among_airflow_s_modules_without_a_warning(tmp_path: Path) -> None:
    airflow = [name for name in PRELOADED if name.startswith("airflow")]
    program = "import importlib, sys\nfor name in sys.argv[1:-1]:\n    importlib.import_module(name)\n" + FOREST
    assert printed(program, *airflow, str(tmp_path)) == ""
