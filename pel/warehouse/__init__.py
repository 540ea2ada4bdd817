"""Postgres: the schema, loading, and the statements of ``sql/``."""
