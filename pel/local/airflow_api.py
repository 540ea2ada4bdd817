"""A small client of Airflow's REST API.

It bridges restarts: a request that meets a closed port or an error of the server is repeated for two minutes.
"""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from pel.local.errors import LocalError

Json = dict[str, Any]

PATIENCE_SECONDS = 120


class AirflowApi:
    """Airflow's REST API, as the user ``admin``.

    Args:
        url: Address of the API server, such as ``http://127.0.0.1:8080``.
        password: The user's password.
    """

    def __init__(self, url: str, password: str) -> None:
        self._password = password
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def unhealthy(self) -> dict[str, str]:
        """State of each component that is not healthy; empty when all are. Does not wait."""
        return {name: state for name, state in self.health().items() if state != "healthy"}

    def health(self) -> dict[str, str]:
        """State of each component that should run. Does not wait."""
        try:
            answer = self._client.get("/api/v2/monitor/health").raise_for_status().json()
        except httpx.HTTPError as error:
            return {"api-server": str(error) or type(error).__name__}
        return {"api-server": "healthy"} | {name: str(part["status"]) for name, part in answer.items() if part}

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Make a pool, unless one of this name is there: its size belongs to the operator then."""
        if self._request("GET", f"pools/{name}").status_code == httpx.codes.NOT_FOUND:
            pool = {"name": name, "slots": slots, "description": description, "include_deferred": False}
            _checked(self._request("POST", "pools", json=pool))

    def dag(self, dag_id: str) -> Json | None:
        """A DAG; None while the dag-processor has not read it."""
        answer = self._request("GET", f"dags/{dag_id}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else _checked(answer)

    def import_errors(self) -> list[str]:
        """What is wrong with DAG files that cannot be read."""
        return [f"{error['filename']}: {error['stack_trace']}" for error in self._list("importErrors", "import_errors")]

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any]) -> None:
        """Start a run without a logical date; one that exists under this id stays as it is."""
        body = {"logical_date": None, "dag_run_id": run_id, "conf": dict(conf)}
        answer = self._request("POST", f"dags/{dag_id}/dagRuns", json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            _checked(answer)

    def run(self, dag_id: str, run_id: str) -> Json:
        """A run: its state and times."""
        return _checked(self._request("GET", f"dags/{dag_id}/dagRuns/{run_id}"))

    def latest_runs(self, dag_id: str) -> list[Json]:
        """The ten latest runs of a DAG, newest first."""
        return self._list(f"dags/{dag_id}/dagRuns", "dag_runs", order_by="-run_after", limit=10)

    def source_runs(self, dag_id: str, run_id: str) -> set[tuple[str, str]]:
        """Runs, as (DAG, run), whose asset events started this one."""
        events = self._list(f"dags/{dag_id}/dagRuns/{run_id}/upstreamAssetEvents", "asset_events")
        return {(event["source_dag_id"], event["source_run_id"]) for event in events}

    def has_emitted(self, dag_id: str, run_id: str) -> bool:
        """Whether the run reported something new to its followers."""
        return bool(self._list("assets/events", "asset_events", source_dag_id=dag_id, source_run_id=run_id))

    def awaits_run(self, dag_id: str) -> bool:
        """Whether asset events are waiting to start a run of the DAG."""
        answer = self._request("GET", f"dags/{dag_id}/assets/queuedEvents")
        # a DAG that waits for no asset has none to be asked for
        return answer.status_code != httpx.codes.NOT_FOUND and bool(_checked(answer)["total_entries"])

    def tasks(self, dag_id: str, run_id: str) -> list[Json]:
        """The task instances of a run."""
        return self._list(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances")

    def log(self, task: Json) -> list[str]:
        """Lines that the latest try of a task instance wrote."""
        path = f"dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        parameters = {"map_index": task["map_index"], "full_content": True}
        answer = self._request("GET", f"{path}/logs/{task['try_number']}", params=parameters)
        lines = [_as_line(entry) for entry in _checked(answer)["content"]]
        return [line for line in lines if "::group::" not in line and "::endgroup::" not in line]

    def _list(self, path: str, key: str, **parameters: Any) -> list[Json]:
        return list(_checked(self._request("GET", path, params=parameters))[key])

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """The answer, of whatever status, once the server gives one that is not its own failure."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self._try(method, path, **arguments)
                if not answer.is_server_error:
                    return answer
                problem = f"{answer.status_code} {answer.text[:300]}"
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
            if time.monotonic() > deadline:
                raise LocalError(
                    f"Airflow's API at {self._client.base_url} has not answered for {PATIENCE_SECONDS} s ({problem}). "
                    "Is it up? Look at `pel status`; `pel up` starts it."
                )
            time.sleep(1)

    def _try(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        answer = self._client.request(method, f"/api/v2/{path}", **arguments)
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            return answer
        login = self._client.post("/auth/token", json={"username": "admin", "password": self._password})
        if login.is_server_error:
            return login
        self._client.headers["Authorization"] = f"Bearer {_checked(login)['access_token']}"
        return self._client.request(method, f"/api/v2/{path}", **arguments)


def _checked(answer: httpx.Response) -> Json:
    if answer.is_error:
        request = answer.request
        raise LocalError(
            f"Airflow refused {request.method} {request.url.path}: {answer.status_code} {answer.text[:500]}"
        )
    return dict(answer.json())


def _as_line(entry: Json | str) -> str:
    if isinstance(entry, str):
        return entry
    causes = [_as_cause(cause) for cause in entry.get("error_detail") or []]
    return " ".join(filter(None, (entry.get("level", ""), entry["event"], *causes)))


def _as_cause(cause: Json) -> str:
    place = "".join(f" at {frame['filename']}:{frame['lineno']}" for frame in (cause.get("frames") or [])[-1:])
    return f"{cause['exc_type']}: {cause['exc_value']}{place}"
