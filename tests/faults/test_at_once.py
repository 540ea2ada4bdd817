"""What is done twice at once, or by someone who was given up for dead."""

import subprocess
import sys

from pel.forecasts.publish import publish
from pel.settings import PROJECT
from tests.chain import AS_OF
from tests.conftest import Trained
from tests.faults.conftest import Keep
from tests.faults.rows import Rows, rows_of

CHAIN = "from tests.chain import run_chain; run_chain()"
# Fits one base model; before it begins, it says so and waits for a line.
FIT = """
import sys
from pel.training import finetune
fit = finetune._fit
finetune._fit = lambda *arguments: (print("fits", flush=True), input(), fit(*arguments))[-1]
finetune.fit_base_model(*sys.argv[1:])
"""


def python(program: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_task_given_up_for_dead_comes_too_late(trained: Trained, undisturbed: Rows, keep: Keep) -> None:
    ((version,),) = trained.warehouse.rows("select model_version from pel.model_versions where kind = 'finetuned'")
    part = trained.artifacts / version / "catboost"
    done = part.rename(part.with_name("done"))
    dead = python(FIT, version, "catboost")
    assert dead.stdout.readline() == "fits\n"
    done.rename(part)
    trained.warehouse.rows("delete from pel.publications", role="pel_owner")
    dead.communicate("\n")
    assert dead.returncode == 0
    publish(AS_OF)
    keep(
        "a task that was given up for dead goes on after another took its place",
        "what it brings is dropped: the model keeps the files that it was registered with",
        difference=rows_of(trained.warehouse.rows).compared_with(undisturbed),
    )
