"""What tasks find imported. A name that cannot be imported is passed over in silence; threads do not survive a fork."""

import subprocess
import sys

from pel.local.airflow import PRELOADED

IMPORT = """
import importlib, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
print(threading.active_count(), *({"torch", "sklearn", "xgboost", "lightgbm", "catboost"} & set(sys.modules)))
"""


def test_what_is_preloaded_can_be_imported_and_brings_no_thread_and_no_learning_library() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT, *PRELOADED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "1"
