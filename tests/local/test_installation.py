"""One installation's life on this machine, in the order of this file: started, failing, late, looked into, ended."""

import json
import re
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

import httpx
import psutil
import psycopg
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from pel.local import stack
from pel.local.airflow_api import AirflowApi
from pel.local.metrics import metrics
from pel.settings import PROJECT, Settings
from pel.warehouse.connection import connect, lock_step
from pel.warehouse.provision import AIRFLOW, PIPELINE
from tests.receivers import Notices, webhook
from tests.wait import wait_until

TOKEN = "a-token-of-the-webhook"
# A champion, what it published nine days and some hours ago, and a film that waits.
CHAMPION = """
insert into pel.ingest_runs (source, location, state, finished_at) values ('made up', 'memory', 'succeeded', now());
insert into pel.pending_films (film_id, source) values (1, 'made up');
insert into pel.model_versions (model_version, kind, as_of, code_version, data_sha256, parameters, metrics,
                                artifact_url, artifact_sha256)
values ('before', 'pretrained', '2014-01-01', '', '', '{}', '{}', '', '');
insert into pel.model_versions (model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters,
                                metrics, artifact_url, artifact_sha256)
values ('best', 'finetuned', '2014-01-01', 'before', '', '', '{}',
        '{"held_out": {"scores": {"ensemble": {"mae": 0.4}}, "coverage": {"80%": 0.8}}}', '', '');
insert into pel.promotions (as_of, model_version, promoted, reason) values ('2014-01-01', 'best', true, 'the first');
insert into pel.publications (as_of, model_version, films, published_at)
values ('2014-01-01', 'best', 1, now() - interval '9 days 9 hours');
"""


@dataclass(frozen=True)
class Running:
    """An installation that is up, and the notices that it sent."""

    settings: Settings
    status: stack.Status
    notices: Notices

    @property
    def api(self) -> AirflowApi:
        return stack.open_stack(self.settings).api

    def url(self, role: str, database: str = "pel") -> str:
        return stack.open_stack(self.settings).url(role, database)

    def trigger(self, dag_id: str, run_id: str, **conf: str) -> None:
        wait_until(lambda: self.api.dag(dag_id))
        self.api.trigger(dag_id, run_id, conf)

    def ended(self, dag_id: str, run_id: str) -> str:
        """State of the run, once it has ended."""
        wait_until(lambda: self.api.run(dag_id, run_id)["state"] in {"success", "failed"})
        return self.api.run(dag_id, run_id)["state"]

    def notice(self, title: str) -> str:
        """Text of the notice, once it has come."""
        wait_until(lambda: any(notice["title"] == title for notice in self.notices))
        return next(notice["message"] for notice in self.notices if notice["title"] == title)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("installation")
    with webhook() as (address, notices):
        settings = Settings(
            home=folder / "home",
            artifacts_url=(folder / "artifacts").as_uri(),
            notify=f"json://ann:{TOKEN}@{address}/hook",
        )
        try:
            yield Running(settings, stack.up(settings), notices)
        finally:
            stack.clean(settings)
        assert not settings.home.exists()


def test_up_is_healthy_and_reuses_what_runs(running: Running) -> None:
    assert running.status.unhealthy == {}
    assert set(running.status.programs) == {"postgres", "api-server", "scheduler", "dag-processor", "triggerer"}
    supervisord = psutil.Process(int((running.settings.home / "supervisord.pid").read_text()))
    programs = {process.pid for process in supervisord.children()}
    stack.up(running.settings)
    assert {process.pid for process in supervisord.children()} == programs


def test_a_run_that_fails_tells_where_from_which_date_why_and_what_to_do(running: Running) -> None:
    conf = {"source": "kaggle", "location": "/nowhere/archive.zip", "as_of": "2014-01-01"}
    running.trigger("ingest_releases", "broken", **conf)
    assert running.ended("ingest_releases", "broken") == "failed"
    told = running.notice("P-EL: ingest_releases, task ingest failed")
    assert "Run: broken\nLooked from: 2014-01-01\n" in told
    assert f"Log: {running.status.ui_url}/dags/ingest_releases/runs/broken/tasks/ingest" in told
    assert "When it is red," in told
    assert "the source could not be read" in told


def test_a_run_that_has_not_ended_in_time_tells_so_and_goes_on(running: Running) -> None:
    late = "update deadline set deadline_time = now() where dagrun_id = (select id from dag_run where run_id = 'slow')"
    metadata = psycopg.connect(running.url(AIRFLOW, "airflow"), autocommit=True)
    with closing(metadata) as airflow, connect(running.url(PIPELINE)) as other:
        lock_step(other, "features")
        running.trigger("temporal_deltas", "slow", as_of="2014-01-01")
        wait_until(lambda: running.api.run("temporal_deltas", "slow")["state"] == "running")
        wait_until(lambda: airflow.execute(late).rowcount == 1)
        told = running.notice("P-EL: temporal_deltas is late")
    assert "Run: slow\nState: running\n" in told
    assert f"Look at: {running.status.ui_url}/dags/temporal_deltas/runs/slow" in told
    assert running.ended("temporal_deltas", "slow") == "success"


def secrets_of(running: Running) -> dict[str, str]:
    """All that must not be read by others, by name; the mark is none: by it processes are known."""
    kept = json.loads((running.settings.home / "secrets.json").read_text())
    return {name: secret for name, secret in kept.items() if name != "mark"} | {"token": TOKEN}


def test_no_log_no_rendered_field_and_no_command_line_shows_a_secret(running: Running) -> None:
    secrets = secrets_of(running)
    task = next(task for task in running.api.tasks("ingest_releases", "broken") if task["task_id"] == "ingest")
    seen = {"rendered fields": json.dumps(task["rendered_fields"]), "task log": "\n".join(running.api.log(task))}
    seen |= {str(path): path.read_text(errors="replace") for path in running.settings.home.glob("logs/**/*.log*")}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            seen[f"command line of {process.pid}"] = " ".join(process.cmdline())
    assert "/nowhere/archive.zip" in seen["task log"]
    assert any("postgres -D" in text for text in seen.values())
    shown = [(where, name) for where, text in seen.items() for name, secret in secrets.items() if secret in text]
    assert shown == []


def test_a_file_with_a_secret_is_for_its_owner_alone(running: Running) -> None:
    secrets = [secret.encode() for secret in secrets_of(running).values()]
    files = [path for path in running.settings.home.rglob("*") if path.is_file() and "postgres" not in path.parts]
    telling = [path for path in files if any(secret in path.read_bytes() for secret in secrets)]
    assert {path.name for path in telling} >= {"secrets.json", "supervisord.conf", "passwords.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in telling} == {0o600}


def test_what_is_watched_tells_which_dag_failed_and_every_alert_has_its_figures(running: Running) -> None:
    with connect(running.url(PIPELINE)) as connection:
        connection.execute(CHAMPION)
    families = {family.name: family for family in text_string_to_metric_families(metrics(running.settings))}
    failed = {sample.labels["dag"]: sample.value for sample in families["pel_dag_failed"].samples}
    assert failed["ingest_releases"] == 1
    assert failed["temporal_deltas"] == 0
    assert {sample.value for sample in families["pel_airflow_healthy"].samples} == {1}
    (forecasts,) = families["pel_forecast_age_hours"].samples
    assert 9 * 24 < forecasts.value < 10 * 24
    (group,) = yaml.safe_load((PROJECT / "deploy" / "alerts.yml").read_text())["groups"]
    assert set(re.findall(r"pel_\w+", " ".join(rule["expr"] for rule in group["rules"]))) <= families.keys()


def test_the_pages_of_airflow_need_a_login(running: Running) -> None:
    for path in ("dags", "connections", "dags/ingest_releases/dagRuns/broken/taskInstances"):
        assert httpx.get(f"{running.status.ui_url}/api/v2/{path}", trust_env=False).status_code == 401


def test_down_ends_all_even_without_its_supervisor(running: Running) -> None:
    supervisord = psutil.Process(int((running.settings.home / "supervisord.pid").read_text()))
    family = supervisord.children(recursive=True)
    supervisord.kill()
    assert stack.down(running.settings)
    assert psutil.wait_procs([supervisord, *family], timeout=30)[1] == []
