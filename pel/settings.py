"""The settings of one installation, read from the environment.

Every setting is an environment variable with the prefix ``PEL_``. Nothing else in the project reads the environment
for a setting, so this file is the whole list.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation's settings.

    Attributes:
        home: Folder for everything this machine keeps: database, artifacts, logs, passwords (``PEL_HOME``).
        as_of: Date from which the pipeline looks; None means today (``PEL_AS_OF``).
        source: Name of the source that is ingested every night (``PEL_SOURCE``).
        data: Where that source lies, if it has to be told (``PEL_DATA``).
        corrections: The corrections file, as a path or fsspec URL (``PEL_CORRECTIONS``).
        settle_days: Days after release until a box office counts as settled, where the source gives no date of
            observation (``PEL_SETTLE_DAYS``).
        threads: CPU threads of a training task; None leaves one core to the rest of the machine (``PEL_THREADS``).
            Equal models on several machines need an equal number.
        approval: Whether a person is asked before a model becomes the champion (``PEL_APPROVAL``).
        postgres_url: URL of an administrator of an existing Postgres server, to use instead of the embedded one
            (``PEL_POSTGRES_URL``).
        database_url: URL of the P-EL database as role ``pel_pipeline`` (``PEL_DATABASE_URL``).
        reader_url: URL of the P-EL database as role ``pel_reader``, for the page in Airflow's UI (``PEL_READER_URL``).
        planner_url: The same as role ``pel_planner``, which asks what-if questions there (``PEL_PLANNER_URL``).
        notify: Whom to tell of failed and late runs, as Apprise URLs (``PEL_NOTIFY``).
        artifacts_url: Folder of the model files, as an fsspec URL (``PEL_ARTIFACTS_URL``).
        postgres_port: Port of the embedded Postgres; None takes a free one (``PEL_POSTGRES_PORT``).
        ui_port: Port of the Airflow UI; None takes 8080 or the next free one (``PEL_UI_PORT``).
    """

    home: Path
    as_of: date | None = None
    source: str = "wikidata"
    data: str | None = None
    corrections: str | None = None
    settle_days: int = 180
    threads: int | None = None
    approval: bool = False
    postgres_url: str | None = None
    database_url: str | None = None
    reader_url: str | None = None
    planner_url: str | None = None
    notify: str | None = None
    artifacts_url: str = ""
    postgres_port: int | None = None
    ui_port: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raises ValueError naming the variable and its value when one cannot be understood."""
        set_ = {name: value for name, value in environment.items() if name.startswith("PEL_") and value}
        home = Path(set_.get("PEL_HOME", PROJECT / ".pel")).expanduser().resolve()
        return cls(
            home=home,
            as_of=_as_date(set_, "PEL_AS_OF"),
            source=set_.get("PEL_SOURCE", cls.source),
            data=set_.get("PEL_DATA"),
            corrections=set_.get("PEL_CORRECTIONS"),
            settle_days=_as_number(set_, "PEL_SETTLE_DAYS") or cls.settle_days,
            threads=_as_number(set_, "PEL_THREADS"),
            approval=_as_yes_or_no(set_, "PEL_APPROVAL"),
            postgres_url=set_.get("PEL_POSTGRES_URL"),
            database_url=set_.get("PEL_DATABASE_URL"),
            reader_url=set_.get("PEL_READER_URL"),
            planner_url=set_.get("PEL_PLANNER_URL"),
            notify=set_.get("PEL_NOTIFY"),
            artifacts_url=set_.get("PEL_ARTIFACTS_URL", (home / "artifacts").as_uri()),
            postgres_port=_as_number(set_, "PEL_POSTGRES_PORT"),
            ui_port=_as_number(set_, "PEL_UI_PORT"),
        )

    def resolve_as_of(self, as_of: str | date | None = None) -> date:
        """The date to look from: the one asked for, else the installation's, else today (UTC)."""
        if isinstance(as_of, str):
            as_of = parse_date(as_of, "as_of")
        return as_of or self.as_of or datetime.now(UTC).date()


def parse_date(text: str, name: str) -> date:
    """A date from ISO text; raises ValueError naming what it was for."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, which is not a date; write it as 2014-01-01.") from None


def _as_date(set_: Mapping[str, str], name: str) -> date | None:
    return parse_date(set_[name], name) if name in set_ else None


def _as_number(set_: Mapping[str, str], name: str) -> int | None:
    if name not in set_:
        return None
    if not set_[name].isdecimal() or int(set_[name]) == 0:
        raise ValueError(f"{name} is {set_[name]!r}, which is not a whole number above 0.")
    return int(set_[name])


def _as_yes_or_no(set_: Mapping[str, str], name: str) -> bool:
    if set_.get(name, "no") not in {"yes", "no"}:
        raise ValueError(f"{name} is {set_[name]!r}; say yes or no.")
    return set_.get(name) == "yes"
