"""What one run takes in: a source of files, or the part of TMDB that is due; and the corrections."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pel.settings import Settings
from pel.sources import Source, make_source
from pel.sources.corrections import CorrectionsSource
from pel.sources.tmdb import TmdbSource
from pel.sources.tmdb_client import BASE_URL
from pel.warehouse.connection import connect, query
from pel.warehouse.ingest import ingest

# Films of the last weeks are read again every night: their cast and their dates are still being mended.
LOOK_BACK = timedelta(days=30)
DAYS_A_MONTH = 30.5


@dataclass(frozen=True, kw_only=True)
class TmdbAccess:
    """How to reach TMDB, and which releases to read there.

    Attributes:
        token: TMDB's "API Read Access Token".
        base_url: The API's address.
        releases_from: First day of release; None for the nightly look at what is new, changed or upcoming.
        releases_to: Last day of release; None for ``months_ahead`` from today.
        months_ahead: How far upcoming films are read.
    """

    token: str
    base_url: str = BASE_URL
    releases_from: date | None = None
    releases_to: date | None = None
    months_ahead: int = 12


def take_in(name: str, location: str | None, tmdb: TmdbAccess | None = None) -> None:
    """Ingest the source of that name, and the corrections file of the installation if it has one."""
    settings = Settings.from_environment()
    sources: list[Source] = [tmdb_source(tmdb) if tmdb else make_source(name, location)]
    if settings.corrections:
        sources.append(CorrectionsSource(settings.corrections))
    for source in sources:
        ingest(source, settle_days=settings.settle_days)


def tmdb_source(access: TmdbAccess) -> TmdbSource:
    """The releases that were asked for; or the nightly look, with everything that was changed since the last one."""
    today = datetime.now(UTC).date()
    first = access.releases_from or today - LOOK_BACK
    last = access.releases_to or today + timedelta(days=round(access.months_ahead * DAYS_A_MONTH))
    if last < first:
        raise ValueError(f"There are no releases from {first} to {last}; the second date has to be the later one.")
    nightly = access.releases_from is None and access.releases_to is None
    return TmdbSource(
        token=access.token,
        releases=(first, last),
        changes=(_last_look() or today - timedelta(days=1), today) if nightly else None,
        seen_on=today,
        base_url=access.base_url,
    )


def _last_look() -> date | None:
    """The day (UTC) on which TMDB's changes were last read to their end."""
    with connect() as connection:
        found: date | None = query(connection, "ingest/last_look")[0].day
        return found
