"""What a monitoring system scrapes to know that the installation is well, in the text format of Prometheus.

P-EL's own figures are the rows of the view ``health``; whether Airflow and the DAGs are well, Airflow says.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pel.local import stack
from pel.local.airflow_api import AirflowApi, Json
from pel.local.cycle import CHAIN
from pel.settings import Settings
from pel.warehouse.connection import connect
from pel.warehouse.provision import READER

HEALTH = "select metric, about, value, unit, meaning from health order by metric, about"


def metrics(settings: Settings) -> str:
    """All figures as text. Raises psycopg.OperationalError if the database does not answer."""
    installation = stack.open_stack(settings)
    registry = CollectorRegistry()
    registry.register(_Figures([*_health(installation.url(READER)), *_airflow(installation.api)]))
    return generate_latest(registry).decode()


class _Figures(Collector):
    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def _health(reader_url: str) -> Iterable[GaugeMetricFamily]:
    with connect(reader_url) as connection:
        rows = connection.execute(HEALTH).fetchall()
    families: dict[str, GaugeMetricFamily] = {}
    for row in rows:
        name = f"pel_{row.metric}" if row.metric.endswith(row.unit) else f"pel_{row.metric}_{row.unit}"
        family = families.setdefault(name, GaugeMetricFamily(name, row.meaning, labels=["about"]))
        family.add_metric([row.about], row.value)
    return families.values()


def _airflow(api: AirflowApi) -> Iterable[GaugeMetricFamily]:
    """Whether Airflow's parts are well and, if it answers, how the DAGs' last runs ended."""
    parts = api.health()
    healthy = GaugeMetricFamily("pel_airflow_healthy", "Whether a part of Airflow is well", labels=["component"])
    for component, status in parts.items():
        healthy.add_metric([component], float(status == "healthy"))
    yield healthy
    if parts.get("metadatabase") == "healthy":
        yield from _dags(api)


def _dags(api: AirflowApi) -> Iterable[GaugeMetricFamily]:
    failed = GaugeMetricFamily("pel_dag_failed", "Whether the DAG's last run that ended failed", labels=["dag"])
    age = GaugeMetricFamily("pel_dag_success_age_hours", "Since the DAG last ended well", labels=["dag"])
    for dag in CHAIN:
        ended = [run for run in api.latest_runs(dag) if run["state"] in {"success", "failed"}]
        if ended:
            failed.add_metric([dag], float(ended[0]["state"] == "failed"))
        if well := [run for run in ended if run["state"] == "success"]:
            age.add_metric([dag], _hours_since_end(well[0]))
    yield failed
    yield age


def _hours_since_end(run: Json) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(run["end_date"])).total_seconds() / 3600
