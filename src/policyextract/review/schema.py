"""The tables of the store, the same in SQLite and PostgreSQL, and what keeps them append-only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from policyextract.errors import ReviewError

VERSION = 1
"""Of the tables; a store with a higher one was made by a newer policyextract."""
_LOCK = 0x706F6C69637965  # of PostgreSQL's advisory locks: one for all writers of reviews in a database


class _UtcTime(sa.types.TypeDecorator[dt.datetime]):
    """A time with its zone, UTC; SQLite keeps no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


_METADATA = sa.MetaData()
SCHEMA = sa.Table("review_schema", _METADATA, sa.Column("version", sa.Integer, nullable=False))
EVENTS = sa.Table(
    "review_event",
    _METADATA,
    sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("corpus", sa.Text, nullable=False),
    sa.Column("target_id", sa.Text, nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("time", _UtcTime, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("row", sa.JSON, nullable=False),
    sa.Column("quote_exact", sa.Text, nullable=False),
    sa.Column("quote_prefix", sa.Text, nullable=False),
    sa.Column("quote_suffix", sa.Text, nullable=False),
    sa.Column("text_sha256", sa.Text, nullable=False),
    sa.Column("adjudicates", sa.Boolean, nullable=False),
    sa.Column("undoes", sa.Integer),
    sa.Column("batch", sa.Text, nullable=False),
    sa.Index("review_event_corpus", "corpus", "event_id"),
    sqlite_autoincrement=True,
)
_REFUSAL = "reviews are only ever added, never changed or removed"
_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER review_event_no_{what.lower()} BEFORE {what} ON review_event "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for what in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION review_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
        "CREATE TRIGGER review_event_append_only BEFORE UPDATE OR DELETE ON review_event "
        "FOR EACH ROW EXECUTE FUNCTION review_append_only()",
        "CREATE TRIGGER review_event_no_truncate BEFORE TRUNCATE ON review_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION review_append_only()",
    ],
}


def prepare(connection: sa.Connection, where: str) -> bool:
    """Whether the tables are there; raises ReviewError if a newer policyextract made them."""
    if not sa.inspect(connection).has_table(SCHEMA.name):
        return False
    version = connection.execute(sa.select(SCHEMA.c.version)).scalar_one_or_none()
    if version is None or version > VERSION:
        raise ReviewError(
            f"{where} holds reviews of version {version}, this policyextract knows up to {VERSION}; "
            "install a newer policyextract"
        )
    return True


def create(connection: sa.Connection) -> None:
    """Make the tables and what keeps them append-only, in a transaction that ``serialise`` began."""
    _METADATA.create_all(connection)
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    connection.execute(sa.insert(SCHEMA).values(version=VERSION))


def serialise(connection: sa.Connection) -> None:
    """Let no other writer in until the end of the transaction, so that ids become visible in their order.

    PostgreSQL gives out ids before it commits: a reader that had seen 6 would otherwise never see a late 5.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")


def tune(engine: sa.Engine) -> None:
    """Make SQLite write through to the disk, wait for others, and begin transactions when they begin."""

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # else the driver itself begins transactions, and too late
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
