"""Where reviews are kept: a SQLite file in the dataset's folder, or a PostgreSQL database for a team."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from policyextract.dataset import from_row, to_row
from policyextract.errors import ReviewError
from policyextract.review.events import Event, Quote
from policyextract.review.schema import EVENTS, create, prepare, serialise, tune

FILE = "review.sqlite"
_BATCH = 1000  # events read at once


class Store:
    """The reviews of one corpus; events can be added and read, nothing else.

    ``where`` is a folder, which then holds ``review.sqlite`` from the first decision on, or a URL such as
    ``postgresql://user@host/database``. ``corpus`` tells several corpora in one database apart. Raises
    ReviewError if the store cannot be reached or was made by a newer policyextract.
    """

    def __init__(self, where: Path | str, *, corpus: str = "") -> None:
        self.corpus = corpus
        self._file, url = _address(where)
        self.where = url.render_as_string() if self._file is None else str(self._file)
        self._engine = _engine(url)
        self._ready = False
        self._exists()

    def record(self, events: Iterable[Event]) -> list[Event]:
        """Add all events in one transaction, or none; gives them back with their ids.

        When it returns, they are on the disk. Raises ReviewError if they cannot be saved.
        """
        events = list(events)
        if not events:
            return []
        rows = [_row(event, self.corpus) for event in events]
        with self._errors("written"), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                serialise(connection)
                if not self._ready and not prepare(connection, self.where):
                    create(connection)
                ids = _inserted(connection, rows)
        self._ready = True
        return [replace(event, event_id=n) for event, n in zip(events, ids, strict=True)]

    def events(self, after: int = 0) -> Iterator[Event]:
        """The events of the corpus with an id above ``after``, in the order in which they were saved."""
        if not self._exists():
            return
        query = (
            sa.select(EVENTS)
            .where(EVENTS.c.corpus == self.corpus, EVENTS.c.event_id > after)
            .order_by(EVENTS.c.event_id)
        )
        with self._errors("read"), self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(query).mappings():
                yield _event(cast("Mapping[str, Any]", row), self.where)

    def reviewers(self) -> list[str]:
        """Everybody who has recorded an event of the corpus, in alphabetical order."""
        if not self._exists():
            return []
        query = sa.select(EVENTS.c.reviewer).where(EVENTS.c.corpus == self.corpus).distinct()
        with self._errors("read"), self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _exists(self) -> bool:
        """Whether anything was recorded yet, by anybody."""
        if not self._ready and (self._file is None or self._file.exists()):
            with self._errors("opened"), self._engine.connect() as connection:
                self._ready = prepare(connection, self.where)
        return self._ready

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, UnicodeError, OSError) as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
            raise ReviewError(f"the reviews in {self.where} cannot be {what}: {reason}") from error


def _address(where: Path | str) -> tuple[Path | None, sa.URL]:
    """The file of a store, None if it is in a database, and its URL."""
    if isinstance(where, Path) or "://" not in where:
        file = Path(where) / FILE
        return file, sa.URL.create("sqlite", database=str(file))
    try:
        url = sa.make_url(where)
    except (ArgumentError, ValueError):
        raise ReviewError("the address of the store is no URL like postgresql://user@host/database") from None
    match url.get_backend_name():
        case "postgresql" | "postgres":
            return None, url.set(drivername="postgresql+psycopg")
        case "sqlite" if url.database:
            return Path(url.database), url
        case other:
            raise ReviewError(f"reviews are kept in SQLite or PostgreSQL, not {other}; give a URL of these")


_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes a new one for each value


def _json(value: Any) -> str:
    return _encode(value) if value else "{}"


def _engine(url: sa.URL) -> sa.Engine:
    options: dict[str, Any] = {"json_serializer": _json}
    try:
        engine = sa.create_engine(url, pool_pre_ping=url.get_backend_name() == "postgresql", **options)
    except (ImportError, NoSuchModuleError):
        raise ReviewError("PostgreSQL needs psycopg: pip install 'policyextract[team]'") from None
    if url.get_backend_name() == "sqlite":
        tune(engine)
    return engine


def _inserted(connection: sa.Connection, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Insert rows; gives their ids. SQLite, which nobody else can write to meanwhile, numbers them one by one."""
    insert = sa.insert(EVENTS)
    if connection.dialect.name == "sqlite":
        connection.execute(insert, rows)
        last = connection.execute(sa.select(sa.func.max(EVENTS.c.event_id))).scalar_one()
        return range(last - len(rows) + 1, last + 1)
    returning = insert.returning(EVENTS.c.event_id, sort_by_parameter_order=True)
    return connection.execute(returning, rows).scalars().all()


def _row(event: Event, corpus: str) -> dict[str, Any]:
    return {
        "corpus": corpus,
        "target_id": event.target_id,
        "doc": event.doc,
        "reviewer": event.reviewer,
        "time": event.time,
        "decision": event.decision,
        "fields": dict(event.fields),
        "note": event.note,
        "row": to_row(event.row),
        "quote_exact": event.quote.exact,
        "quote_prefix": event.quote.prefix,
        "quote_suffix": event.quote.suffix,
        "text_sha256": event.text_sha256,
        "adjudicates": event.adjudicates,
        "undoes": event.undoes,
        "batch": event.batch,
    }


def _event(row: Mapping[str, Any], where: str) -> Event:
    return Event(
        target_id=row["target_id"],
        doc=row["doc"],
        reviewer=row["reviewer"],
        time=row["time"],
        decision=row["decision"],
        row=from_row(row["row"], f"{where}, event {row['event_id']}"),
        quote=Quote(row["quote_exact"], row["quote_prefix"], row["quote_suffix"]),
        text_sha256=row["text_sha256"],
        fields=row["fields"],
        note=row["note"],
        adjudicates=row["adjudicates"],
        undoes=row["undoes"],
        batch=row["batch"],
        event_id=row["event_id"],
    )
