"""The review page over HTTP: who is let in, what is shown, what is saved."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2 as httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviewing import ROW, TEXTS, write
from starlette.testclient import TestClient

from policyextract import dataset
from policyextract.pipeline import document_of
from policyextract.review import Desk
from policyextract.review.page import Gate, make_app
from policyextract.review.page.filters import Filters
from policyextract.review.page.marking import Marked, parts, safe
from policyextract.types import Document

SRC = Path(__file__).parents[1] / "src"
SERVE = (sys.executable, "-m", "policyextract", "review", "serve")
BASE = "http://127.0.0.1:8765"
ORIGIN = {"origin": BASE}
HTMX = {**ORIGIN, "hx-request": "true"}


class Browser(TestClient):
    """A client with a session of its own, which reads forms as a browser does."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        super().__init__(make_app(desk, gate, "out"), base_url=BASE, raise_server_exceptions=False)
        self.gate = gate

    def open(self, reviewer: str = "An") -> Browser:
        self.get("/start", params={"token": self.gate.issue()})
        self.post("/who", data={"csrf": self.csrf("/who"), "reviewer": reviewer}, headers=ORIGIN)
        return self

    def csrf(self, page: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found is not None
        return found[1]

    def form(self, page: str, row: str = "") -> dict[str, str]:
        """The hidden fields of a row's form."""
        text = self.get(page, params={"row": row} if row else None).text
        seen = re.search(r'id="seen" name="seen" value="(\d+)"', text)
        item = text[text.index(f'id="row-{row}"') :] if row else text
        fields = dict(
            re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', item.split("</form>")[0])
        )
        return fields | {"seen": seen[1] if seen else ""}

    def decide(
        self, row: str, decision: str, headers: dict[str, str] = HTMX, **fields: str
    ) -> httpx.Response:
        data = {**self.form("/doc", row), "decision": decision, **fields}
        return self.post("/decide", data=data, headers=headers, follow_redirects=False)

    def edit(self, row: str, headers: dict[str, str] = HTMX, **fields: str) -> httpx.Response:
        """The form of a row as it is filled in, with some fields typed over."""
        data = self.form("/doc", row) | typed(self.get("/edit", params={"row": row}).text)
        return self.post("/decide", data={**data, "decision": "edit", **fields}, headers=headers)


def typed(page: str) -> dict[str, str]:
    """What stands in the fields of an edit form, as a browser would send it."""
    form = page[page.index("<form") : page.index("</form>")]
    found = dict(re.findall(r'<input (?:id="[^"]*" |type="hidden" )name="(\w+)" value="([^"]*)"', form))
    found |= {
        n: v.removeprefix("\n")
        for n, v in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form, re.S)
    }
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', options) or re.search(
            r'value="([^"]*)"', options
        )
        found[name] = chosen[1] if chosen else ""
    for name in re.findall(r'<input type="checkbox" name="(\w+)" value="true" checked>', form):
        found[name] = "true"
    return {name: html.unescape(value) for name, value in found.items()}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "out"
    write(out)
    return out


@pytest.fixture
def desk(extracted: Path, tmp_path: Path) -> Iterator[Desk]:
    with Desk.open(extracted, tmp_path) as desk:
        yield desk


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return Browser(desk, Gate()).open()


def ids(desk: Desk) -> list[str]:
    return [row.target.target_id for row in desk.rows]


# --- who is let in ---------------------------------------------------------------------------------------


def test_a_link_opens_once_and_says_what_to_do_then(desk: Desk):
    gate = Gate("An")
    token = gate.issue()
    first, second = Browser(desk, gate), Browser(desk, gate)
    assert first.head("/start", params={"token": token}).status_code == 200  # a program that looks at links
    answer = first.get("/start", params={"token": token})
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 200 and "httponly" in cookie and "samesite=strict" in cookie
    assert first.get("/").status_code == 200
    again = second.get("/start", params={"token": token})
    assert again.status_code == 403
    assert "set-cookie" not in again.headers
    assert "opens once" in again.text and "start it again" in again.text
    assert second.get("/start").status_code == 403
    assert first.get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/doc?doc=a.txt", "/rows", "/edit?row=x", "/next", "/help", "/nothing"]
)
def test_without_a_session_nothing_is_told(desk: Desk, path: str):
    client = Browser(desk, Gate())
    for cookie in (b"", b"%s=x", b"%s=\xc3\xa9", b"%s", b"=; ;%s="):
        answer = client.get(path, headers={b"cookie": cookie.replace(b"%s", client.gate.cookie.encode())})
        assert answer.status_code == 401
        assert "link that the terminal shows" in answer.text
        assert "HAI DUONG" not in answer.text and "a.txt" not in answer.text
    assert (
        client.post("/decide", data={"row": ids(desk)[0], "decision": "accept"}, headers=ORIGIN).status_code
        == 401
    )
    assert client.post("/start", headers=ORIGIN).status_code == 405


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1", "", "0"]
)
def test_another_name_of_this_machine_is_refused(browser: Browser, host: str):
    """A page of another site that has its name lead here (DNS rebinding)."""
    answer = browser.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "a.txt" not in answer.text


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_a_forwarded_port_works(browser: Browser, host: str):
    assert browser.get("/help", headers={"host": host, "cookie": _cookie(browser)}).status_code == 200


def _cookie(browser: Browser) -> str:
    return f"{browser.gate.cookie}={browser.cookies[browser.gate.cookie]}"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://127.0.0.1:1",
        "https://127.0.0.1:8765",
        "http://localhost:8765",
    ],
)
def test_what_another_site_sends_is_not_saved(browser: Browser, desk: Desk, origin: str | None):
    headers = {} if origin is None else {"origin": origin}
    answer = browser.decide(ids(desk)[0], "accept", headers)
    assert answer.status_code == 403 and "nothing was saved" in answer.text
    assert list(desk.store.events()) == []


@pytest.mark.parametrize("path", ["/decide", "/undo", "/add", "/who"])
@pytest.mark.parametrize("csrf", [None, "", "x", "é"])
def test_a_form_without_the_token_of_its_session_changes_nothing(
    browser: Browser, desk: Desk, path: str, csrf: Any
):
    other = Browser(desk, browser.gate).open("Binh").csrf("/who")
    for token in (csrf, other):
        data = {**browser.form("/doc", ids(desk)[0]), "decision": "accept", "reviewer": "Eve", "csrf": token}
        if token is None:
            del data["csrf"]
        assert browser.post(path, data=data, headers=ORIGIN).status_code == 403
    assert list(desk.store.events()) == []
    assert "as <strong>An</strong>" in browser.get("/").text


@pytest.mark.parametrize("path", ["/decide", "/undo"])
def test_nothing_is_changed_by_a_link(browser: Browser, desk: Desk, path: str):
    row = ids(desk)[0]
    assert browser.get(path, params={**browser.form("/doc", row), "decision": "accept"}).status_code == 405
    assert list(desk.store.events()) == []


def test_every_answer_forbids_foreign_scripts_and_frames(browser: Browser, desk: Desk):
    row = ids(desk)[0]
    answers = [
        *(
            browser.get(path)
            for path in ("/", "/rows", "/doc", "/doc?doc=a.txt", "/help", "/static/page.js", "/none")
        ),
        browser.get("/doc", params={"doc": "none"}),
        browser.get("/", headers={"host": "evil.example"}),
        browser.post("/decide", data={}),
        browser.post("/decide", data={"a": "x" * 2_000_000}, headers=ORIGIN),
        browser.decide(row, "accept"),
        browser.edit(row, year="soon"),
        browser.get("/card", params={"row": "none"}),
        Browser(desk, Gate()).get("/"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=|https?://(?!127)", _page(answer))
    assert [answer.status_code for answer in answers].count(500) == 0


def _page(answer: httpx.Response) -> str:
    """The HTML of an answer, "" of anything else."""
    return answer.text if answer.headers["content-type"].startswith("text/html") else ""


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/store.py",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/..%5capp.py",
        "/static/%00",
        "/doc?doc=../secret.txt",
        "/doc?doc=/etc/passwd",
        "/doc?doc=a.txt%00",
        "/card?row=../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_dataset(browser: Browser, extracted: Path, path: str):
    (extracted.parent / "secret.txt").write_text("very secret", "utf-8")
    answer = browser.get(path)
    assert answer.status_code in (400, 404, 409)
    assert "secret" not in answer.text.replace("secret.txt", "")
    assert "root:" not in answer.text and "import annotations" not in answer.text


def test_two_servers_of_one_machine_do_not_share_a_cookie():
    assert Gate().cookie != Gate().cookie


def test_who_reviews_is_asked_once(desk: Desk):
    browser = Browser(desk, Gate())
    browser.get("/start", params={"token": browser.gate.issue()})
    assert browser.get("/").url.path == "/who"
    refused = browser.post("/who", data={"csrf": browser.csrf("/who"), "reviewer": "x\x00y"}, headers=ORIGIN)
    assert refused.status_code == 422 and "aria-invalid" in refused.text
    done = browser.post(
        "/who", data={"csrf": browser.csrf("/who"), "reviewer": " Nguyễn  An "}, headers=ORIGIN
    )
    assert done.url.path == "/" and "Nguyễn An" in done.text
    assert browser.get("/rows").url.path == "/rows"


# --- what is shown ---------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script> HAI DUONG - The <b>province</b> plan.</textarea><img src=x onerror=alert(2)>\n"
    "By 2025, 80 per cent of \"households\" <i onmouseover='alert(3)'> & co will have access to {{ 7*7 }}.\n"
)


def test_what_stands_in_a_document_is_text(tmp_path: Path):
    name = "\"><script>alert('doc')</script>.txt"
    document = Document(HOSTILE, name, "en", title="</title><script>alert(4)</script>")
    start = HOSTILE.index("80 per cent")
    nasty = "</textarea><script>alert(5)</script>"
    rows = [
        ROW.__class__(
            **{f: getattr(ROW, f) for f in ROW.__dataclass_fields__}
            | {"doc": name, "value": "80 per cent", "start": start, "end": start + 11, "target_id": ""}
            | {"locality": nasty, "metric": nasty, "sentence": None}
        )
    ]
    dataset.save(rows, [], tmp_path / "out", run={}, documents=[document])
    with Desk.open(tmp_path / "out") as desk:
        [row] = ids(desk)
        browser = Browser(desk, Gate()).open("<img src=x onerror=alert(6)>")
        assert browser.decide(row, "reject", note=nasty).status_code == 200
        other = Browser(desk, browser.gate).open("Binh")
        assert other.edit(row, metric=nasty + "!").status_code == 200
        for path in (
            "/",
            "/rows",
            f"/doc?row={row}",
            f"/doc?row={row}&edit=1",
            f"/doc?row={row}&add=1",
            f"/edit?row={row}",
        ):
            text = browser.get(path).text
            assert "alert" in text
            assert not re.search(r"<script(?! src=)|<img src=x|<i on|<b>province", text)
            assert "49" not in re.sub(r'"[^"]*"', "", text)
        document_page = browser.get("/doc", params={"row": row}).text
        assert shown_text(document_page) == HOSTILE
        form = typed(browser.get("/edit", params={"row": row}).text)
        assert (form["metric"], form["locality"]) == (nasty, nasty)


def shown_text(page: str) -> str:
    """The text of a document as a browser has it."""
    found = re.findall(r'<div class="part" data-at="(\d+)">(.*?)</div>', page, re.S)
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", part)) for _, part in found)


texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@settings(deadline=None, max_examples=200)
@given(
    pieces=st.lists(st.one_of(texts, st.just("line\n" * 200)), max_size=6),
    spans=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 300)), max_size=5),
)
def test_the_marked_text_is_the_text_character_for_character(pieces: list[str], spans: list[tuple[int, int]]):
    text = "".join(pieces)
    rows = [
        Marked(
            ROW.__class__(
                **{f: getattr(ROW, f) for f in ROW.__dataclass_fields__} | {"start": s, "end": s + n}
            ),
            i,
            f"t{i}",
            "undecided",
        )
        for i, (s, n) in enumerate(spans, 1)
    ]
    found = parts(Document(text, "x", "en", pages=tuple({0, len(text) // 2})), rows)
    plain = [html.unescape(re.sub(r"<[^>]*>", "", str(part.html))) for part in found]
    assert "".join(plain) == html.unescape(html.escape(safe(text)))
    at = 0
    for part, words in zip(found, plain, strict=True):
        assert part.start == at
        at += len(words)
    assert len(safe(text)) == len(text)


def test_a_field_read_elsewhere_links_to_where(browser: Browser, desk: Desk):
    page = browser.get("/doc", params={"doc": "a.txt"}).text
    links = set(re.findall(r'<a href="#(c\d+)" title="read elsewhere', page))
    assert "c0" in links  # the province of the dateline
    assert all(f'<mark id="{link}"' in page for link in links)


def test_the_documents_tell_how_far_they_are(browser: Browser, desk: Desk):
    first, second, *_ = ids(desk)
    browser.decide(first, "accept")
    desk.record("Binh", "reject", first)
    desk.record("Binh", "accept", second)
    page = browser.get("/").text
    assert 'aria-label="1 of 3 decided, 1 in conflict"' in page
    assert "1 of 5 decided, 1 in conflict" in page
    row = re.search(r'<th scope="row">Binh</th>(.*?)</tr>', page)
    assert row is not None and re.findall(r">(\d*)</td>", row[1]) == ["1", "", "1", "", "2"]


def test_what_could_not_be_attached_is_listed(tmp_path: Path):
    write(tmp_path / "out")
    with Desk.open(tmp_path / "out") as desk:
        desk.record("An", "accept", ids(desk)[0])
    write(tmp_path / "out", {"b.txt": TEXTS["b.txt"]})
    with Desk.open(tmp_path / "out") as desk:
        assert "its document is no longer in the dataset" in Browser(desk, Gate()).open().get("/").text


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"at least 90 per cent", "80 per cent", "20 per cent", "at least 70%", "95%"}),
    ({"document": "B.TXT"}, {"at least 70%", "95%"}),
    ({"year": "2025"}, {"at least 90 per cent", "80 per cent"}),
    ({"year": "2026-"}, {"20 per cent", "at least 70%", "95%"}),
    ({"year": "-2025"}, {"at least 90 per cent", "80 per cent"}),
    ({"year": "2024 – 2029"}, {"at least 90 per cent", "80 per cent"}),
    ({"year": "none"}, set()),
    ({"locality": "hải dương"}, {"at least 90 per cent", "80 per cent", "20 per cent"}),
    ({"locality": "none"}, set()),
    ({"level": "commune"}, {"at least 70%", "95%"}),
    ({"metric": "REGIONAL economy"}, {"20 per cent"}),
    ({"high": "0"}, set()),
    (
        {"low": "0", "high": "1"},
        {"at least 90 per cent", "80 per cent", "20 per cent", "at least 70%", "95%"},
    ),
    ({"status": "accepted"}, {"80 per cent"}),
    ({"status": "decided"}, {"80 per cent"}),
    ({"status": "mine"}, {"at least 90 per cent", "20 per cent", "at least 70%", "95%"}),
    ({"status": "undecided", "year": "2025"}, {"at least 90 per cent"}),
    ({"status": "conflict"}, set()),
]


@pytest.mark.parametrize(("query", "values"), FILTERS)
def test_filters_combine(browser: Browser, desk: Desk, query: dict[str, str], values: set[str]):
    name = next(row.target.target_id for row in desk.rows if row.target.value == "80 per cent")
    desk.record("An", "accept", name)
    page = browser.get("/rows", params=query).text
    assert {html.unescape(one) for one in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)} == values
    docs = {row.target.doc for row in desk.rows if row.target.value in values}
    page = browser.get("/", params=query).text
    assert set(re.findall(r'<span class="path">([^<]*)</span>|>(\w\.txt)</a>', page)) <= {
        (d, "") for d in docs
    } | {("", d) for d in docs}
    for doc in docs:
        cards = re.findall(
            r'<a class="value" [^>]*>([^<]*)</a>', browser.get("/doc", params={**query, "doc": doc}).text
        )
        assert set(cards) == {r.target.value for r in desk.rows if r.target.doc == doc} & values


@pytest.mark.parametrize("query", [{"year": "soon"}, {"low": "2"}, {"high": "x"}])
def test_a_filter_that_cannot_be_understood_says_so(browser: Browser, query: dict[str, str]):
    page = browser.get("/rows", params=query).text
    assert "must be" in page and 'aria-invalid="true"' in page and "5 rows" in page


@settings(deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["document", "locality", "level", "year", "low", "high", "status", "metric"]),
        st.text(max_size=8),
    )
)
def test_filters_survive_their_url(query: dict[str, str]):
    filters = Filters.of(query)
    again = Filters.of(dict(parse_qsl(filters.query)))
    assert again.query == filters.query
    assert all(isinstance(value, str) for value in again.wrong.values())


def test_many_rows_come_by_pages(tmp_path: Path):
    lines = "".join(
        f"By 2030, {n} per cent of households in ward {n} will have fibre.\n" for n in range(10, 99)
    )
    text = "HAI DUONG - The province has set out its plan.\n" + lines * 3
    out = tmp_path / "out"
    rows = write(out, {"a.txt": text})
    assert len(rows) > 200
    with Desk.open(out) as desk:
        browser = Browser(desk, Gate()).open()
        shown = [
            re.findall(r'id="row-(t\w+)"', browser.get("/doc", params={"doc": "a.txt", "page": n}).text)
            for n in (1, 2, 3)
        ]
        assert [len(page) for page in shown[:2]] == [100, 100]
        assert [name for page in shown for name in page] == ids(desk)
        last = ids(desk)[-1]
        page = browser.get("/doc", params={"row": last}).text
        assert re.search(rf'id="row-{last}"[^>]*aria-current="true"', page)
        listed = browser.get("/rows", params={"page": 2}).text
        assert f"101–200 of {len(rows)}" in listed
        assert browser.get("/rows", params={"page": "99"}).status_code == 200


def test_next_goes_through_what_is_left_and_says_when_nothing_is(browser: Browser, desk: Desk):
    names = ids(desk)
    seen, at = [], ""
    for _ in names:
        url = browser.get("/next", params={"row": at, "todo": "1"}).url
        at = dict(parse_qsl(urlsplit(str(url)).query))["row"]
        seen.append(at)
        assert browser.decide(at, "accept").status_code == 200
    assert seen == names
    done = browser.get("/next", params={"row": at, "todo": "1"})
    assert "Nothing is left to decide" in done.text
    back = browser.get("/next", params={"row": names[3], "back": "1"}).url
    assert names[2] in str(back)


# --- what is saved ---------------------------------------------------------------------------------------


def test_a_decision_is_answered_with_its_row_and_progress(browser: Browser, desk: Desk):
    name = ids(desk)[0]
    answer = browser.decide(name, "accept", note="sure")
    assert answer.status_code == 200
    assert answer.text.startswith(f'<li class="row accepted" id="row-{name}"')
    assert 'id="said" hx-swap-oob="innerHTML">Row 1 accepted.' in answer.text
    assert "1 of 5 decided" in answer.text and "1 of 3 decided" in answer.text
    [event] = desk.store.events()
    assert (event.reviewer, event.decision, event.note) == ("An", "accept", "sure")


def test_forms_work_without_scripts(browser: Browser, desk: Desk):
    first, second, *_ = ids(desk)
    answer = browser.decide(first, "reject", ORIGIN)
    assert answer.status_code == 303 and f"row={first}" in answer.headers["location"]
    assert "Row 1 rejected." in browser.get(answer.headers["location"]).text
    page = browser.get("/doc", params={"row": second, "edit": "1"}).text
    assert 'name="metric"' in page
    refused = browser.edit(second, ORIGIN, year="soon")
    assert refused.status_code == 422 and "soon" in refused.text and "must be a whole number" in refused.text
    assert browser.edit(second, ORIGIN, year="2031").status_code == 200
    undone = browser.post("/undo", data={"csrf": browser.csrf("/who")}, headers=ORIGIN)
    assert "Taken back" in undone.text and desk.row(second).state.status == "undecided"
    page = browser.get("/doc", params={"doc": "a.txt", "add": "1"}).text
    assert "A missed target" in page
    new = {"value": "digital economy", "number": "1", "unit": "count", "metric": "x", "doc": "a.txt"}
    added = browser.post("/add", data={"csrf": browser.csrf("/who"), **new}, headers=ORIGIN)
    assert added.status_code == 200 and "digital economy" in added.text
    assert desk.progress().total["added"] == 1


def test_an_edit_changes_what_was_typed_and_nothing_else(browser: Browser, desk: Desk):
    for name in ids(desk):
        assert browser.edit(name).status_code == 200
        state = desk.row(name).state
        assert (state.status, state.final) == ("accepted", desk.row(name).target)
    name = ids(desk)[1]
    browser.edit(name, year="2031", metric="homes\r\nonline")
    [fields] = [verdict.fields for verdict in desk.row(name).state.verdicts.values()]
    assert fields == {"year": 2031, "metric": "homes\nonline"}
    browser.edit(name, value="80 per cent of households")
    final = desk.row(name).state.final
    assert final is not None
    assert (final.value, final.year, final.metric) == ("80 per cent of households", 2031, "homes\nonline")
    assert desk.document("a.txt").text[final.start : final.end] == final.value
    browser.edit(name, value="80 per cent", year="", year_kind="")
    final = desk.row(name).state.final
    assert final is not None and (final.value, final.year) == ("80 per cent", None)


@pytest.mark.parametrize(
    ("fields", "beside", "message"),
    [
        ({"year": "soon"}, "year", "must be a whole number from 1000 to 9999"),
        ({"number": "1,200"}, "number", "must be a number with digits"),
        ({"unit": "dragons"}, "unit", "must be one of percent"),
        ({"value": "dragons"}, "value", "which does not stand where"),
        ({"value": ""}, "value", "must be text that is not empty"),
        ({"year_start": "2099"}, "year_start", "must be at most year"),
        ({"number_high": "1"}, "number_high", "must be at least number"),
    ],
)
def test_a_refused_edit_says_why_beside_the_field_and_keeps_what_was_typed(
    browser: Browser, desk: Desk, fields: dict[str, str], beside: str, message: str
):
    name = ids(desk)[1]
    answer = browser.edit(name, metric="<typed> & kept", note="my note", **fields)
    assert answer.status_code == 422
    error = re.search(rf'<span class="error" id="e-{name}-{beside}-error">([^<]*)<', answer.text)
    assert error is not None and message in html.unescape(error[1])
    now = typed(answer.text)
    assert {n: now[n] for n in fields if n != "unit"} == {n: v for n, v in fields.items() if n != "unit"}
    assert (now["metric"], now["note"]) == ("<typed> & kept", "my note")
    assert "Not saved" in answer.text
    assert list(desk.store.events()) == []


def test_two_sessions_decide_at_once(desk: Desk):
    gate = Gate()
    names = ids(desk)
    errors: list[int] = []

    def work(reviewer: str, decision: str) -> None:
        browser = Browser(desk, gate).open(reviewer)
        errors.extend(s for name in names if (s := browser.decide(name, decision).status_code) != 200)

    threads = [threading.Thread(target=work, args=one) for one in (("An", "reject"), ("Binh", "reject"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [set(row.state.verdicts) for row in desk.rows] == [{"An", "Binh"}] * len(names)


def test_a_row_that_somebody_changed_meanwhile_is_shown_first(desk: Desk):
    gate = Gate()
    an, binh = Browser(desk, gate).open("An"), Browser(desk, gate).open("Binh")
    name = ids(desk)[0]
    before = an.form("/doc", name)
    binh.edit(name, year="2031")
    answer = an.post("/decide", data={**before, "decision": "accept", "note": "typed"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Binh has changed this row since you saw it" in answer.text
    assert "by 2031" in answer.text and "typed</textarea>" in answer.text
    assert an.decide(name, "accept").status_code == 200  # of what is seen now
    state = desk.row(name).state
    assert (state.status, state.final and state.final.year) == ("edited", 2031)


def test_what_others_decided_comes_with_the_next_answer(desk: Desk, extracted: Path, tmp_path: Path):
    browser = Browser(desk, Gate()).open()
    first, second, *_ = ids(desk)
    form = browser.form("/doc", first)
    with Desk.open(extracted, tmp_path) as elsewhere:
        elsewhere.record("Binh", "reject", second)
    answer = browser.post("/decide", data={**form, "decision": "accept"}, headers=HTMX)
    assert re.search(rf'<li class="row rejected" id="row-{second}"[^>]*hx-swap-oob="true"', answer.text)
    assert "Meanwhile Binh decided here too." in answer.text


def test_an_adjudicator_settles_for_either_with_one_request(desk: Desk):
    first, second, third, *_ = ids(desk)
    for name in (first, second, third):
        desk.record("An", "edit", name, fields={"year": 2031, "level": "district"})
        desk.record("Binh", "reject", name)
    judge = Browser(desk, Gate("Chi", adjudicator=True))
    judge.get("/start", params={"token": judge.gate.issue()})
    page = judge.get("/doc", params={"status": "conflict", "doc": "a.txt"}).text
    assert "<mark>2031</mark>" in page and "<mark>district</mark>" in page
    assert judge.decide(first, "as:An").status_code == 200
    assert judge.decide(second, "as:Binh").status_code == 200
    assert judge.edit(third, year="2032").status_code == 200
    states = [desk.row(name).state for name in (first, second, third)]
    assert [state.status for state in states] == ["edited", "rejected", "edited"]
    assert [state.adjudicated_by for state in states] == ["Chi"] * 3
    assert [state.final and (state.final.year, state.final.level) for state in states] == [
        (2031, "district"),
        None,
        (2032, desk.row(third).target.level),
    ]


def test_a_reviewer_who_does_not_adjudicate_settles_nothing(desk: Desk):
    name = ids(desk)[0]
    desk.record("An", "accept", name)
    desk.record("Binh", "reject", name)
    browser = Browser(desk, Gate()).open("Chi")
    assert browser.decide(name, "as:An").status_code == 200
    assert desk.row(name).state.conflict
    assert browser.decide(name, "as:Nobody").status_code == 422


def test_accepting_an_edited_row_keeps_the_edit(browser: Browser, desk: Desk):
    """Who edits and then presses "a" means the row as it now is."""
    name = ids(desk)[0]
    browser.edit(name, year="2031")
    assert browser.decide(name, "accept").status_code == 200
    final = desk.row(name).state.final
    assert final is not None and final.year == 2031
    assert len(list(desk.store.events())) == 1


@pytest.mark.parametrize(
    ("words", "value", "expected"),
    [
        ("digital economy", None, ("digital economy", "", "")),
        ("20 per cent", None, ("20 per cent", "20", "percent")),
        (" at least 90 per cent of", None, ("at least 90 per cent of", "90", "percent")),
        ("will have access", "access", ("access", "", "")),
    ],
)
def test_a_selection_becomes_a_row(
    browser: Browser, desk: Desk, words: str, value: str | None, expected: tuple[str, ...]
):
    text = desk.document("a.txt").text
    start = text.index(words.strip()) - (len(words) - len(words.lstrip()))
    start = max(0, start)
    form = typed(browser.get("/add", params={"doc": "a.txt", "start": start, "end": start + len(words)}).text)
    wanted = expected[0] if value is None else words
    assert (form["value"].strip(), form["number"], form["unit"]) == (wanted.strip(), *expected[1:])
    assert form["locality"] == "Hai Duong"
    data = {**form, "number": "7", "unit": "count", "metric": "new", "value": value or form["value"]}
    answer = browser.post("/add", data=data, headers=HTMX)
    assert answer.status_code == 200 and "row=" in answer.headers["hx-redirect"]
    [row] = [row for row in desk.rows if row.state.status == "added"]
    assert row.target.value == expected[0].strip()
    assert text[row.target.start : row.target.end] == row.target.value
    assert browser.get(answer.headers["hx-redirect"]).status_code == 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": "dragons"}, "stands in the text 0 times"),
        ({"value": "per cent"}, "stands in the text 3 times"),
        ({"number": ""}, "is needed"),
        ({"unit": ""}, "is needed"),
        ({"doc": "none.txt"}, "there is no document"),
    ],
)
def test_a_refused_addition_keeps_what_was_typed(
    browser: Browser, desk: Desk, fields: dict[str, str], message: str
):
    data = {
        "value": "digital economy",
        "number": "1",
        "unit": "count",
        "metric": "my metric",
        "doc": "a.txt",
        **fields,
    }
    answer = browser.post("/add", data={"csrf": browser.csrf("/who"), **data}, headers=HTMX)
    assert answer.status_code in (409, 422)
    assert message in html.unescape(answer.text)
    assert answer.status_code == 409 or "my metric" in answer.text
    assert list(desk.store.events()) == []


def test_a_decision_that_cannot_be_saved_is_not_answered_as_saved(extracted: Path, tmp_path: Path):
    with Desk.open(extracted, tmp_path) as desk:
        browser = Browser(desk, Gate()).open()
        form = browser.form("/doc", ids(desk)[0])
        (tmp_path / "review.sqlite").mkdir()
        answer = browser.post("/decide", data={**form, "decision": "accept"}, headers=HTMX)
        assert answer.status_code >= 400
        assert ("accepted" not in answer.text and "x-message" in answer.headers) or "Not saved" in answer.text


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_what_was_answered_survives_a_killed_server(extracted: Path, tmp_path: Path):
    for n in range(3):
        env = {**os.environ, "PYTHONPATH": str(SRC), "PYTHONUNBUFFERED": "1"}
        call = [*SERVE, str(extracted), "--store", str(tmp_path), "--no-browser", "--reviewer", "An"]
        with subprocess.Popen(call, stdout=subprocess.PIPE, env=env, encoding="utf-8") as server:
            assert server.stdout is not None
            link = server.stdout.readline().split()[-1]
            base = link.split("/start")[0]
            with httpx.Client(base_url=base) as client:
                client.get(link)
                with Desk.open(extracted, tmp_path) as desk:
                    name = ids(desk)[n]
                page = client.get("/doc", params={"row": name}).text
                item = page[page.index(f'id="row-{name}"') :].split("</form>")[0]
                fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', item))
                answer = client.post(
                    "/decide",
                    data={**fields, "decision": "accept"},
                    headers={"origin": base, "hx-request": "true"},
                )
                server.send_signal(signal.SIGKILL)
            assert answer.status_code == 200 and f"Row {n + 1} accepted" in answer.text
        with Desk.open(extracted, tmp_path) as desk:
            assert [desk.row(one).state.status for one in ids(desk)[: n + 1]] == ["accepted"] * (n + 1)


def test_a_document_in_which_nothing_was_found_can_be_reviewed(tmp_path: Path):
    document = document_of("The council met on Monday and spoke about the weather and other things.", "a.txt")
    dataset.save([], [], tmp_path / "out", run={}, documents=[document])
    with Desk.open(tmp_path / "out") as desk:
        browser = Browser(desk, Gate()).open()
        assert "No targets were found" in browser.get("/doc", params={"doc": "a.txt"}).text
        assert "Nothing is left to decide" in browser.get("/next", params={"todo": "1"}).text


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--port", "{taken}"], "leave --port out for a free one"), (["--reviewer", " "], "must be a name")],
)
def test_a_server_that_cannot_start_says_why(extracted: Path, options: list[str], message: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        call = [*SERVE, str(extracted), "--no-browser", *(one.format(taken=port) for one in options)]
        env = {**os.environ, "PYTHONPATH": str(SRC)}
        done = subprocess.run(call, capture_output=True, encoding="utf-8", env=env, timeout=120, check=False)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
