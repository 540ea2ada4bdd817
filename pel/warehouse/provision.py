"""Roles and databases on a Postgres server, made once and kept as they should be.

Needs an administrator who may create roles and databases, superuser or not: managed servers give no superuser.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql

OWNER, PIPELINE, READER, PLANNER, AIRFLOW = "pel_owner", "pel_pipeline", "pel_reader", "pel_planner", "airflow"
ROLES = (OWNER, PIPELINE, READER, PLANNER, AIRFLOW)
DATABASES = {"pel": OWNER, "airflow": AIRFLOW}
MAY_CONNECT = {"pel": (OWNER, PIPELINE, READER, PLANNER), "airflow": (AIRFLOW,)}


def provision(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Make the roles and the databases ``pel`` and ``airflow``; calling it again changes nothing but the passwords.

    Args:
        admin_url: URL of a role with CREATEROLE and CREATEDB.
        passwords: Password for each role of ``ROLES``.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in ROLES:
            _ensure_role(connection, role, passwords[role])
        _let_read(connection, PLANNER, READER)
        for database, owner in DATABASES.items():
            _ensure_database(connection, database, owner)
            _limit_connections(connection, database)
    with psycopg.connect(_with_path(admin_url, "pel"), autocommit=True) as connection:
        _limit_public_schema(connection)


def database_url(admin_url: str, role: str, password: str, database: str) -> str:
    """URL of a database on the administrator's server, as another role; raises ValueError for what is no URL."""
    parts = urlsplit(admin_url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname:
        raise ValueError(
            "The administrator's URL (PEL_POSTGRES_URL) is not of the form postgresql://user:password@host:port/database."
        )
    address = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(role, safe='')}:{quote(password, safe='')}@{address}"
    return urlunsplit(("postgresql", netloc, f"/{database}", parts.query, ""))


def _with_path(admin_url: str, database: str) -> str:
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


def _ensure_role(connection: Connection, role: str, password: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    # Hashed here, so that no log of the server ever shows the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    command = sql.SQL("{verb} role {role} login password {verifier}").format(
        verb=sql.SQL("alter" if known else "create"), role=sql.Identifier(role), verifier=sql.Literal(verifier)
    )
    connection.execute(command)


def _let_read(connection: Connection, role: str, reader: str) -> None:
    names = {"role": sql.Identifier(role), "reader": sql.Identifier(reader)}
    # it may do what the reader may, and is never the reader
    connection.execute(sql.SQL("grant {reader} to {role} with inherit true, set false").format(**names))


def _ensure_database(connection: Connection, database: str, owner: str) -> None:
    if connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
        return
    # Only a superuser may give a database to a role it does not belong to.
    names = {"database": sql.Identifier(database), "owner": sql.Identifier(owner)}
    connection.execute(sql.SQL("grant {owner} to current_user").format(**names))
    connection.execute(sql.SQL("create database {database} owner {owner}").format(**names))


def _limit_connections(connection: Connection, database: str) -> None:
    name = sql.Identifier(database)
    roles = sql.SQL(", ").join(map(sql.Identifier, MAY_CONNECT[database]))
    connection.execute(sql.SQL("revoke connect, temporary on database {} from public").format(name))
    connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(name, roles))


def _limit_public_schema(connection: Connection) -> None:
    connection.execute("revoke create on schema public from public")
    connection.execute(sql.SQL("grant usage, create on schema public to {}").format(sql.Identifier(OWNER)))
