"""A database used over and over: a new one for each test would cost more than the tests."""

from tests.conftest import Warehouse

EMPTY = """
delete from pel.films;
delete from pel.people;
delete from pel.genres;
delete from pel.companies;
delete from pel.collections;
delete from pel.countries;
delete from pel.languages;
delete from pel.rejected_records;
delete from pel.ingest_runs;
delete from pel.stale_people;
do $$
declare
    sequence regclass;
begin
    for sequence in select oid from pg_class where relkind = 'S' and relnamespace = 'pel'::regnamespace loop
        execute format('alter sequence %s restart', sequence);
    end loop;
end
$$;
"""


def emptied(warehouse: Warehouse) -> Warehouse:
    """The database without a fact, its next film the first."""
    warehouse.rows(EMPTY, role="pel_owner")
    return warehouse
