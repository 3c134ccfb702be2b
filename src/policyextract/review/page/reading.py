"""Routes that only show something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policyextract.review.board import Row
from policyextract.review.page import forms, views
from policyextract.review.page.app import go, link, page_of, piece, session_of
from policyextract.review.page.document import card_html, find, localities, proposal, work
from policyextract.review.page.filters import Filters
from policyextract.review.page.lists import neighbour, selected, sheet


def start(request: Request) -> Response:
    """Opens a session for the token of a link, once."""
    page = page_of(request)
    if request.method == "HEAD":  # of a program that looks at links
        return Response()
    key = page.gate.exchange(request.query_params.get("token", ""))
    if key is None:
        return page.refuse(
            403,
            "This link has been used",
            "It opens once. Go on in the browser window that it opened first; for another link press Enter in the "
            "terminal, or stop the server there (Ctrl+C) and start it again.",
        )
    # Not a redirect: coming from another site it would be sent without the strict cookie.
    response = page.answer("start.html", None)
    response.set_cookie(page.gate.cookie, key, httponly=True, samesite="strict", path="/")
    return response


def who(request: Request) -> Response:
    """Asks who reviews."""
    page, session = page_of(request), session_of(request)
    return page.answer(
        "who.html", session, reviewers=page.desk.store.reviewers(), error="", name=session.reviewer
    )


def documents(request: Request) -> Response:
    """The documents with their progress, and that of the reviewers."""
    page, session = page_of(request), session_of(request)
    if not session.reviewer:
        return go(request, "/who")
    page.desk.refresh()
    filters = Filters.of(request.query_params)
    test = filters.test(session.reviewer)
    found = []
    for doc, rows in page.shelf.documents().items():
        if filters.count and not any(map(test, rows)):
            continue
        found.append((doc, rows))
    shown = sheet(found, _whole(request, "page"))
    listed = [
        {
            "doc": doc,
            "title": page.title(doc),
            "bar": views.bar(rows),
            "judged": _judged(rows),
            "matching": sum(map(test, rows)) if filters.count else len(rows),
        }
        for doc, rows in shown.items
    ]
    reviewers = page.desk.progress().reviewers
    return page.answer(
        "documents.html",
        session,
        filters=filters,
        sheet=shown,
        listed=listed,
        reviewers=reviewers,
        unattached=page.desk.unattached,
        gone=len(page.desk.gone),
        localities=localities(page, session),
    )


def _judged(rows: list[Row]) -> Mapping[str, int]:
    """How many of the rows each reviewer has judged."""
    counts: dict[str, int] = {}
    for row in rows:
        for name in row.state.verdicts:
            counts[name] = counts.get(name, 0) + 1
    return counts


def rows(request: Request) -> Response:
    """The rows of all documents that are asked for, 100 at a time."""
    page, session = page_of(request), session_of(request)
    if not session.reviewer:
        return go(request, "/who")
    page.desk.refresh()
    filters = Filters.of(request.query_params)
    found = selected(page.desk.rows, filters, session.reviewer)
    sort = request.query_params.get("sort", "")
    if sort == "confidence":
        found = sorted(
            found, key=lambda row: row.target.confidence if row.target.confidence is not None else 2.0
        )
    shown = sheet(found, _whole(request, "page"))
    listed = [(row, views.shown(row, session.reviewer)) for row in shown.items]
    return page.answer(
        "rows.html",
        session,
        filters=filters,
        sheet=shown,
        listed=listed,
        sort=sort,
        localities=localities(page, session),
    )


def document(request: Request) -> Response:
    """A document with its rows that are asked for."""
    page, session, query = page_of(request), session_of(request), request.query_params
    if not session.reviewer:
        return go(request, "/who")
    page.desk.refresh()
    name = query.get("row", "")
    found = find(page, name)
    doc = found.target.doc if found is not None else query.get("doc", "")
    if name and found is None:
        session.flash = session.flash or "That row is no longer there."
    extra: dict[str, Any] = {}
    if "edit" in query and found is not None:
        extra["form"] = forms.filled(views.shown(found, session.reviewer))
    if "add" in query:
        extra["adding"] = proposal(page, doc, _whole(request, "start"), _whole(request, "end"))
    return work(page, session, doc, Filters.of(query), name, number=_whole(request, "page"), **extra)


def step(request: Request) -> Response:
    """Leads on to another row: the next or the one before, of all or of those to be judged."""
    page, session, query = page_of(request), session_of(request), request.query_params
    page.desk.refresh()
    filters = Filters.of(query)
    todo = "todo" in query
    row = neighbour(
        page.desk.rows,
        filters,
        session.reviewer,
        after=query.get("row", ""),
        doc=query.get("doc", ""),
        todo=todo,
        back="back" in query,
    )
    if row is not None:
        name = row.target.target_id
        return go(request, link("/doc", filters, doc=row.target.doc, row=name, anchor=f"row-{name}"))
    session.flash = "Nothing is left to decide" if todo else "There is no other row"
    session.flash += " under these filters." if filters.count else "."
    there = find(page, query.get("row", ""))
    return go(request, link("/doc", filters, row=query["row"]) if there is not None else link("/", filters))


def card(request: Request) -> Response:
    """One row as a piece of a page."""
    page, session = page_of(request), session_of(request)
    page.desk.refresh()
    row = page.desk.row(request.query_params.get("row", ""))
    return piece(card_html(page, session, row, Filters.of(request.query_params), current=True))


def edit(request: Request) -> Response:
    """The form of a row as a piece of a page."""
    page, session = page_of(request), session_of(request)
    page.desk.refresh()
    row = page.desk.row(request.query_params.get("row", ""))
    form = forms.filled(views.shown(row, session.reviewer))
    return piece(card_html(page, session, row, Filters.of(request.query_params), current=True, form=form))


def add(request: Request) -> Response:
    """The form of a new row as a piece of a page."""
    page, session, query = page_of(request), session_of(request), request.query_params
    doc = query.get("doc", "")
    adding = proposal(page, doc, _whole(request, "start"), _whole(request, "end"))
    return piece(page.render("_add.html", session, adding=adding, doc=doc, filters=Filters.of(query)))


def help_(request: Request) -> Response:
    """What the keys do."""
    return page_of(request).answer("help.html", session_of(request))


def _whole(request: Request, name: str) -> int:
    """A whole number of the query, 0 if there is none."""
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else 0


ROUTES = [
    Route("/start", start),
    Route("/who", who),
    Route("/", documents),
    Route("/rows", rows),
    Route("/doc", document),
    Route("/next", step),
    Route("/card", card),
    Route("/edit", edit),
    Route("/add", add),
    Route("/help", help_),
]
