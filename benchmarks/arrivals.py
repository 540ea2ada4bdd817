"""What a source delivers night after night: the demo's films as its file would have been on a day in the past.

The file of a day has the films released up to a year after it. Their figures come on the day on which they count as
settled, so that some nights bring a new film, some a box office, and most nothing at all. Films known to the year are
spread over it: else a whole year would come in one night.
"""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from pel.sources.wikidata import WikidataSource

FIRST_RELEASE = date(1965, 1, 1)  # enough films to learn from, few enough that a training takes seconds
AHEAD = timedelta(days=365)

FILMS = """
create table omdb as
select *
from (
    select
        ID, imdbID, Title, Runtime, Genre, Director, "Cast", Language, Country,
        case
            when Released like '%-01-01' then date(Released, '+' || (1 + ID % 364) || ' days')
            else Released
        end as Released
    from demo.omdb
)
where Released >= :first and Released <= :last
"""
FIGURES = """
create table tomatoes as
select
    t.ID,
    t.Production,
    iif(o.Released <= :settled, t.Rating, null) as Rating,
    iif(o.Released <= :settled, t.Reviews, null) as Reviews,
    iif(o.Released <= :settled, t.BoxOffice, null) as BoxOffice
from demo.tomatoes t
join omdb o using (ID)
"""


def deliver(file: Path, day: date, settle_days: int) -> None:
    """Put the file of that day in the place of the one before, as a whole."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    settled = day - timedelta(days=settle_days)
    with closing(sqlite3.connect(unfinished)) as connection:
        connection.execute("attach database ? as demo", [WikidataSource().location])
        connection.execute(FILMS, {"first": FIRST_RELEASE.isoformat(), "last": (day + AHEAD).isoformat()})
        connection.execute(FIGURES, {"settled": settled.isoformat()})
        connection.commit()
    unfinished.replace(file)
