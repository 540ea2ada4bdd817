"""What docker-compose.yml and what belongs to it promise, read from the files themselves."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pel.local import airflow
from pel.local.embedded import INITDB_OPTIONS
from pel.local.home import Home
from pel.settings import PROJECT, Settings
from tests.deploy.compose import UnsetVariableError, interpolate, read_env_file, read_services

BIN = Path(sys.executable).parent
COMPOSE_FILES = [PROJECT / "docker-compose.yml", *sorted((PROJECT / "deploy").glob("compose-*.yml"))]
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
SECRETS = set(re.findall(r"^(\w+)=$", EXAMPLE, re.MULTILINE))
OF_GRAFANA = "PEL_GRAFANA_PASSWORD"  # Compose asks for the variables of all profiles: only Grafana itself insists on it
SERVICES = read_services()
STAYS_UP = sorted(SERVICES.keys() - {"init"})


def text_of(service: dict[str, Any]) -> str:
    return yaml.safe_dump(service, width=10_000)


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_it_is_what_the_compose_specification_allows(file: Path) -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", STAYS_UP)
def test_a_service_is_looked_after(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_open_beyond_this_machine(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert "network_mode" not in SERVICES[name]


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_every_variable_is_explained_in_the_example(file: Path) -> None:
    used = set(re.findall(r"\$\{(\w+)", file.read_text(encoding="utf-8")))
    assert used <= set(re.findall(r"^#?(\w+)=", EXAMPLE, re.MULTILINE))


def test_it_does_not_start_while_a_secret_is_missing() -> None:
    given = dict.fromkeys(SECRETS, "secret")
    interpolate(SERVICES, given)
    interpolate(SERVICES, given | {OF_GRAFANA: ""})
    for missing in SECRETS - {OF_GRAFANA}:
        with pytest.raises(UnsetVariableError, match=f"{missing}: run make .env"):
            interpolate(SERVICES, given | {missing: ""})


def test_no_secret_stands_in_the_files() -> None:
    named = re.compile(r"(PASSWORD|SECRET|KEY)[A-Z_]*: (?!\$\{|null|'true')\S")
    for name, service in SERVICES.items():
        found = [line for line in text_of(service).splitlines() if named.search(line) and "PASSWORDS_FILE" not in line]
        assert found == [], name
        assert not re.search(r"://[^/\s]*:(?!\$\{)[^/\s]*@", text_of(service)), name


def test_each_service_gets_the_secrets_that_it_needs_and_no_other() -> None:
    control = {"PEL_AIRFLOW_PASSWORD", "REDIS_PASSWORD"} | {name for name in SECRETS if name.startswith("AIRFLOW_")}
    roles = {name for name in SECRETS if name.startswith("PEL_")} - {OF_GRAFANA}
    worker = {"PEL_PIPELINE_PASSWORD", "REDIS_PASSWORD"}
    expected = dict.fromkeys(SERVICES, control) | {
        "postgres": {"POSTGRES_PASSWORD"},
        "redis": {"REDIS_PASSWORD"},
        "api-server": control | {"PEL_READER_PASSWORD", "PEL_PLANNER_PASSWORD"},
        "init": control | roles | {"POSTGRES_PASSWORD"},
        "worker": worker,
        "gpu-worker": worker,
        "grafana": {"PEL_READER_PASSWORD", OF_GRAFANA},
    }
    found = {name: SECRETS & set(re.findall(r"\$\{(\w+)", text_of(service))) for name, service in SERVICES.items()}
    assert found == expected


def test_make_gives_every_secret_a_value_of_its_own_that_only_its_owner_reads(env_file: Path) -> None:
    made = read_env_file(env_file)
    assert made.keys() == SECRETS
    assert len(set(made.values())) == len(SECRETS)
    assert min(map(len, made.values())) >= 32
    assert env_file.stat().st_mode & 0o777 == 0o600


def test_without_a_gpu_worker_the_other_worker_takes_its_tasks() -> None:
    assert SERVICES["gpu-worker"]["profiles"] == ["gpu"]
    assert "--queues=default,gpu" in interpolate(SERVICES["worker"]["command"], {})
    assert "--queues=gpu" in SERVICES["gpu-worker"]["command"]


@pytest.mark.parametrize(("password", "said"), [("", OF_GRAFANA), ("secret", "/run.sh")])
def test_grafana_starts_with_a_password_and_without_one_says_what_is_missing(password: str, said: str) -> None:
    entrypoint = interpolate(SERVICES["grafana"]["entrypoint"], {})
    environment = {"PATH": os.environ["PATH"], "GF_SECURITY_ADMIN_PASSWORD": password}
    done = subprocess.run(entrypoint, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0  # what it starts is in its image
    assert said in done.stderr


def test_grafana_runs_if_asked_for_changes_none_of_our_files_and_lets_nobody_in_unknown() -> None:
    grafana = SERVICES["grafana"]
    assert grafana["profiles"] == ["grafana"]
    assert grafana["cap_drop"] == ["ALL"]
    assert all(volume.endswith(":ro") for volume in grafana["volumes"] if volume.startswith("."))
    assert grafana["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


def test_what_one_machine_and_many_both_set_differs_only_where_it_must(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    urls = {
        "metadata_url": "postgresql://airflow",
        "pipeline_url": "postgresql://pel_pipeline",
        "reader_url": "",
        "planner_url": "",
    }
    local = airflow.environment(Settings(home=tmp_path), home, ui_port=8080, **urls)
    many = {**SERVICES["scheduler"]["environment"], **SERVICES["worker"]["environment"]}
    settings = {name for name in local.keys() & many.keys() if name.startswith("AIRFLOW__")}
    differing = {name for name in settings if local[name] != many[name]}
    assert differing == {
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CORE__DAGS_FOLDER",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__CORE__EXECUTOR",
        "AIRFLOW__CORE__PLUGINS_FOLDER",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
        # across machines, what has not been heard of is not lost so soon
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT",
    }


def test_what_redis_never_got_is_sent_again_soon_while_a_queue_may_be_without_a_worker_for_half_an_hour() -> None:
    settings = SERVICES["scheduler"]["environment"]
    timeout = int(settings["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"])
    retries = int(settings["AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES"])
    assert timeout + int(settings["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL"]) <= 150
    assert timeout * (retries + 1) >= 1800


def test_postgres_sorts_as_on_one_machine() -> None:
    ours = {option for option in INITDB_OPTIONS if not option.startswith(("--username", "--auth"))}
    assert set(SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()) == ours


def test_the_image_holds_the_airflow_of_the_requirements_and_nothing_but_what_runs() -> None:
    assert f"slim-{airflow.VERSION}-python3.11\n" in (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    rules = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule[0] == "!"}
    assert let_in == {"requirements-cluster.txt", "pel", "dags", "plugins", "sql"}


def test_kubernetes_gets_the_same_queues_settings_and_image() -> None:
    values = yaml.safe_load((PROJECT / "deploy" / "kubernetes-values.yaml").read_text(encoding="utf-8"))
    job = yaml.safe_load((PROJECT / "deploy" / "kubernetes-init.yaml").read_text(encoding="utf-8"))
    assert (values["executor"], values["airflowVersion"]) == ("CeleryExecutor", airflow.VERSION)
    assert {worker["queue"] for worker in values["workers"]["celery"]["sets"]} == {"default", "gpu"}
    assert {entry["name"] for entry in values["env"]} <= SERVICES["worker"]["environment"].keys()
    for section, settings in values["config"].items():
        for name, value in settings.items():
            ours = SERVICES["scheduler"]["environment"].get(f"AIRFLOW__{section}__{name}".upper())
            assert ours == value or name in {"auth_manager", "simple_auth_manager_passwords_file"}
    assert job["spec"]["template"]["spec"]["containers"][0]["args"][:3] == SERVICES["init"]["command"][:3]
