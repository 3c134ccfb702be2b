"""Events survive: in SQLite and PostgreSQL, append-only, after kill -9."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from reviewing import ROW, event

from policyextract.errors import ReviewError
from policyextract.review import Event, Store
from policyextract.review.store import FILE
from policyextract.types import Evidence

SRC = Path(__file__).parents[1] / "src"
TESTS = Path(__file__).parent
Open = Callable[..., Store]


def _server(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL in a folder, on a unix socket; skips with the reason where none can be started."""
    found = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if sys.platform == "win32" or found is None:
        pytest.skip("no initdb here: install PostgreSQL (Debian: postgresql) to test the store of a team")
    tools = Path(found).resolve().parent
    user = {"user": "postgres"} if os.geteuid() == 0 else {}  # which does not run as root
    data = folder / "data"
    try:
        if user:
            shutil.chown(folder, "postgres")
        call = [tools / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
        subprocess.run(call, check=True, capture_output=True, timeout=60, cwd=folder, **user)
    except (LookupError, OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error} {getattr(error, 'stderr', b'')!r}")
    call = [
        tools / "postgres",
        "-D",
        data,
        "-k",
        folder,
        "-c",
        "listen_addresses=",
        "-c",
        "max_connections=20",
    ]
    log = (folder / "log").open("wb")
    with log, subprocess.Popen(call, stdout=log, stderr=log, cwd=folder, **user) as process:
        url = f"postgresql://postgres@/postgres?host={folder}"
        try:
            for _ in range(100):
                try:
                    Store(url).close()
                    break
                except ReviewError:
                    if process.poll() is not None:
                        pytest.skip(f"PostgreSQL ended: {(folder / 'log').read_text()[-300:]}")
                    time.sleep(0.1)
            yield url
        finally:
            process.send_signal(signal.SIGINT)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # the path of a socket must be short
        yield from _server(Path(folder))


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens stores of one place; each test has a corpus of its own."""
    where = tmp_path if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened: list[Store] = []

    def open_store(corpus: str = "") -> Store:
        opened.append(Store(where, corpus=f"{request.node.name}{corpus}"))
        return opened[-1]

    yield open_store
    for one in opened:
        one.close()


FULL = replace(
    event("Bình", "edit", {"year": 2031, "locality": "Hải Dương", "number": 80.5, "level": None}),
    row=replace(ROW, metric="hộ gia đình", evidence=(Evidence("year", 3, 7),), source=("a", "model:year")),
    note="xem trang 3; 'quoted' \"twice\" \\ %s",
    adjudicates=True,
    batch="import-1",
)


def test_events_come_back_as_they_were(store: Open):
    saved = store().record([FULL, event("An", "accept"), event("An", "undo", undoes=7)])
    assert [replace(one, event_id=None) for one in saved] == [
        FULL,
        event("An", "accept"),
        event("An", "undo", undoes=7),
    ]
    ids = [one.event_id for one in saved]
    assert all(isinstance(n, int) for n in ids)
    assert ids == sorted(set(ids))  # type: ignore[type-var]
    again = store()
    assert list(again.events()) == saved
    assert list(again.events(after=ids[0] or 0)) == saved[1:]
    assert again.reviewers() == ["An", "Bình"]
    assert again.record([]) == []


def test_corpora_in_one_store_do_not_mix(store: Open):
    store("one").record([event("An", "accept")])
    assert (list(store("two").events()), store("two").reviewers()) == ([], [])
    assert len(list(store("one").events())) == 1


def test_all_or_none(store: Open):
    wrong = replace(event("An", "accept"), reviewer=None)
    with pytest.raises(ReviewError, match="cannot be written"):
        store().record([event("An", "accept"), wrong])  # type: ignore[list-item]
    assert list(store().events()) == []
    with pytest.raises(ReviewError, match="cannot be written"):
        store().record([event("An", "accept", note="\ud800")])
    assert list(store().events()) == []


@pytest.mark.parametrize("statement", ["UPDATE review_event SET note = 'x'", "DELETE FROM review_event"])
def test_the_database_refuses_to_change_events(store: Open, statement: str):
    one = store()
    saved = one.record([event("An", "accept")])
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), one._engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert list(one.events()) == saved


def test_postgresql_refuses_to_empty_the_table(postgres: str):
    one = Store(postgres, corpus="truncate")
    one.record([event("An", "accept")])
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), one._engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE review_event")
    assert len(list(one.events())) == 1
    one.close()


def test_writers_at_the_same_time_lose_nothing_and_are_seen_in_order(store: Open):
    """A reader that goes on from the last id it saw sees every event once."""
    each, writers = 15, 4

    def write(name: str) -> None:
        mine = store()
        for _ in range(each):
            mine.record([event(name, "accept"), event(name, "reject")])

    threads = [threading.Thread(target=write, args=(f"r{n}",)) for n in range(writers)]
    for thread in threads:
        thread.start()
    reader, seen = store(), list[Event]()
    deadline = time.monotonic() + 240
    while len(seen) < 2 * each * writers and time.monotonic() < deadline:
        seen += reader.events(after=seen[-1].event_id or 0 if seen else 0)
    for thread in threads:
        thread.join()
    assert len(seen) == 2 * each * writers
    assert seen == list(store().events())
    for first, second in zip(seen[::2], seen[1::2], strict=True):  # what was saved together stands together
        assert first.reviewer == second.reviewer


def test_nothing_is_written_before_the_first_decision(tmp_path: Path):
    one = Store(tmp_path)
    assert (list(one.events()), one.reviewers(), list(tmp_path.iterdir())) == ([], [], [])
    one.record([event("An", "accept")])
    assert (tmp_path / FILE).exists()


def test_sqlite_writes_through_to_the_disk(tmp_path: Path):
    one = Store(tmp_path)
    one.record([event("An", "accept")])
    with one._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30000


def test_a_store_of_a_newer_version_says_so(store: Open):
    one = store()
    one.record([event("An", "accept")])
    with one._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE review_schema SET version = 99")
    try:
        with pytest.raises(ReviewError, match="of version 99, .* install a newer policyextract"):
            store()
    finally:
        with one._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE review_schema SET version = 1")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mysql://host/x", "SQLite or PostgreSQL, not mysql"),
        ("://", "no URL like postgresql://"),
        ("postgresql://me:secret@127.0.0.1:1/x", "cannot be opened"),
        ("sqlite:////nowhere/at/all/x.sqlite", "cannot be written"),
    ],
)
def test_an_address_that_leads_nowhere_says_so(where: str, message: str):
    with pytest.raises(ReviewError, match=message) as error:
        Store(where).record([event("An", "accept")])
    assert "secret" not in str(error.value)


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ReviewError, match=r"pip install 'policyextract\[team\]'"):
        Store("postgresql://host/x")


def test_a_file_that_is_no_database_says_so(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"this is no database, but long enough to look at" * 40)
    with pytest.raises(ReviewError, match=r"review\.sqlite cannot be opened: file is not a database"):
        Store(tmp_path)


# --- kill -9 ---------------------------------------------------------------------------------------------

_WRITER = """
import sys
from reviewing import event
from policyextract.review import Store
store = Store(sys.argv[1], corpus="kill")
for n in range(100_000):
    saved = store.record([event("An", "accept", note=str(n)), event("An", "reject", note=str(n))])
    print(*(one.event_id for one in saved), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_was_answered_as_saved_survives_kill(kind: str, request: pytest.FixtureRequest, tmp_path: Path):
    """A process that saves one pair after the other is killed at any moment; every id it told is there."""
    where = str(tmp_path) if kind == "sqlite" else request.getfixturevalue("postgres")
    env = {**os.environ, "PYTHONPATH": f"{SRC}{os.pathsep}{TESTS}"}
    call = [sys.executable, "-c", _WRITER, where]
    told: list[int] = []
    for answers in (1, 7, 20):
        with subprocess.Popen(call, stdout=subprocess.PIPE, env=env, encoding="ascii") as process:
            assert process.stdout is not None
            told += [int(n) for _ in range(answers) for n in process.stdout.readline().split()]
            time.sleep(answers / 3000)  # somewhere in the next pair
            process.kill()
            rest = process.stdout.read()
            whole = rest[: rest.rfind("\n") + 1]
            told += map(int, whole.split())
    store = Store(where, corpus="kill")
    found = list(store.events())
    assert len(told) >= 56
    assert set(told) <= {one.event_id for one in found}
    notes = [(one.decision, one.note) for one in found]
    assert notes[::2] == [("accept", note) for _, note in notes[1::2]]  # no half of a pair
    assert store.record([event("An", "accept")])
    store.close()
    if kind == "sqlite":
        with sqlite3.connect(tmp_path / FILE) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
