"""Times a review of 10,000 and of 100,000 rows and of a document of 500 pages: opening it, the page, a decision, and a sheet out and in.

    python scripts/benchmark_review.py [--rows N] [--keep FOLDER]

Prints a line a measurement with its bar; exits 1 if one is missed.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

from policyextract import dataset
from policyextract.pipeline import document_of, extract
from policyextract.review import Desk

_LINES = (
    "HAI DUONG - The province has set out its digital plan.",
    "By 2025, at least 90 per cent of work records will be processed online.",
    "By 2025, 80 per cent of households will have access to the internet.",
    "By 2030, the digital economy will account for 20 per cent of regional GDP.",
    "The people's committee has asked all departments to report on the plan each quarter.",
)
_PLACES = 33  # paragraphs of a document, of three rows each
_LONG = 3_500  # such paragraphs make 500 pages of 3,000 characters, with 10,500 rows
_PER_PAGE = 7
_DECISIONS = 100
_BAR = 10.0  # seconds to start, export and import
_BAR_DECISION = 0.1
_PROGRAM = (sys.executable, "-m", "policyextract", "review")


def main() -> int:
    """Measure and print; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the large dataset (100,000)")
    parser.add_argument("--keep", type=Path, help="folder for the datasets; a temporary one if not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        small, large, long = folder / "small", folder / "large", folder / "long"
        for out, rows, paragraphs in (
            (small, 10_000, _PLACES),
            (large, options.rows, _PLACES),
            (long, 3 * _LONG, _LONG),
        ):
            if not (out / "run.json").exists():
                make(out, rows, paragraphs)
        fine = [
            *measure_page(small, "10,000 rows", 10_000),
            *measure_page(large, f"{options.rows:,} rows", options.rows),
            *measure_page(long, f"{_LONG // _PER_PAGE} pages", 3 * _LONG),
            *measure_sheets(large, folder),
        ]
    return 0 if all(fine) else 1


def make(out: Path, rows: int, paragraphs: int) -> None:
    """A dataset of that many rows, of documents of so many paragraphs of three rows and 430 characters."""
    text = "\n".join(_LINES) + "\n"
    base = extract(document_of(text, "base"), model=None)
    starts = tuple(range(0, len(text) * paragraphs, len(text) * _PER_PAGE))
    filler = replace(document_of(text * paragraphs, "base"), pages=starts)
    with dataset.Writer(out) as writer:
        written = n = 0
        while written < rows:
            doc = f"plans/{n:05}.txt"
            found = [
                replace(
                    row,
                    doc=doc,
                    start=row.start + at * len(text),
                    end=row.end + at * len(text),
                    evidence=tuple(
                        replace(e, start=e.start + at * len(text), end=e.end + at * len(text))
                        for e in row.evidence
                    ),
                    metric=f"{row.metric} {at}",
                    target_id="",
                )
                for at in range(paragraphs)
                for row in base
            ][: rows - written]
            writer.add(found, document=replace(filler, path=doc))
            written, n = written + len(found), n + 1


def cpu() -> float:
    """Seconds of processor time of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def say(what: str, seconds: float, bar: float, unit: str = "s", *, used: float | None = None) -> bool:
    """Print a measurement beside its bar, and the processor time used; whether it keeps the bar.

    On a machine that does other things too, the processor time says more than the clock.
    """
    scale, digits = (1000, 0) if unit == "ms" else (1, 2)
    fine = seconds < bar
    verdict = f"{'under' if fine else 'OVER'} {bar * scale:g} {unit}"
    rest = "" if used is None else f"   {used:.2f} s of processor"
    print(f"{what:<56}{seconds * scale:>8.{digits}f} {unit:<2}   {verdict:<14}{rest}", flush=True)
    return fine


def measure_page(out: Path, what: str, rows: int) -> Iterator[bool]:
    """Opening the desk, starting the page, and decisions over HTTP."""
    began, before = time.perf_counter(), cpu()
    with Desk.open(out):
        yield say(f"{what}: open the desk", time.perf_counter() - began, _BAR, used=cpu() - before)
    began, before = time.perf_counter(), cpu()
    with served(out) as browser:
        browser.get("/")
        took = time.perf_counter() - began
    yield say(f"{what}: start the page, to its first answer", took, _BAR, used=cpu() - before)
    with served(out) as browser:
        began = time.perf_counter()
        browser.get("/rows?metric=internet&year=2025&status=undecided")
        yield say(f"{what}: filter them", time.perf_counter() - began, _BAR)
        began = time.perf_counter()
        browser.get("/next?todo=1")
        yield say(f"{what}: open a document", time.perf_counter() - began, _BAR)
        decisions = [browser.decide() for _ in range(_DECISIONS)]
    bar = _BAR if rows > 3 * _LONG else _BAR_DECISION
    yield say(f"{what}: a decision, median of {_DECISIONS}", median(decisions), bar, "ms")
    yield say(f"{what}: a decision, 95th percentile", quantiles(decisions, n=20)[-1], bar, "ms")


class Browser:
    """A session with a server."""

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        self._origin = f"http://{parts.netloc}"
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        self._headers: dict[str, str] = {}
        self._next = ""
        self.get(f"{parts.path}?{parts.query}")

    def get(self, path: str) -> str:
        """The page at a path."""
        return self._ask("GET", path, None, {})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> str:
        self._connection.request(method, path, body, {**self._headers, **headers})
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8")
        if cookie := answer.headers.get("set-cookie"):
            self._headers["cookie"] = cookie.split(";")[0]
        if location := answer.headers.get("location"):
            return self.get(location)
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"{method} {path}: {answer.status}")
        return text

    def decide(self) -> float:
        """Accepts the next undecided row; the seconds from the request to the whole answer."""
        page = self.get(f"/next?todo=1&row={self._next}")
        item = page[page.index('aria-current="true"') :].split("</form>")[0]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', item))
        self._next = fields["row"]
        body = urlencode({**fields, "decision": "accept"})
        headers = {
            "origin": self._origin,
            "hx-request": "true",
            "content-type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        answer = self._ask("POST", "/decide", body, headers)
        took = time.perf_counter() - began
        if "accepted" not in answer:
            raise SystemExit("a decision was not saved")
        return took


@contextmanager
def served(out: Path) -> Iterator[Browser]:
    """A session with a server of its own process."""
    call = [*_PROGRAM, "serve", str(out), "--no-browser", "--reviewer", "An"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, encoding="utf-8") as process:
        if process.stdout is None:
            raise SystemExit("the server says nothing")
        link = re.search(r"http://\S+", process.stdout.readline())
        if link is None:
            raise SystemExit("the server gives no link")
        try:
            yield Browser(link[0])
        finally:
            process.terminate()


def measure_sheets(out: Path, folder: Path) -> Iterator[bool]:
    """Writing all rows to a sheet and taking it back, in both formats, each in a process of its own."""
    for kind in ("csv", "xlsx"):
        sheet = folder / f"sheet.{kind}"
        for what, call in (
            ("export", ["export", str(out), str(sheet), "--force"]),
            ("import", ["import", str(out), str(sheet), "--reviewer", "Binh"]),
        ):
            began, before = time.perf_counter(), cpu()
            done = subprocess.run([*_PROGRAM, *call], capture_output=True, encoding="utf-8", check=False)
            took = time.perf_counter() - began
            if done.returncode:
                raise SystemExit(f"{what}: {done.stderr.strip() or done.stdout.strip()}")
            yield say(f"{kind} sheet of all rows: {what}", took, _BAR, used=cpu() - before)


if __name__ == "__main__":
    sys.exit(main())
