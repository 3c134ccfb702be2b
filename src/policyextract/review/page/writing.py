"""Routes that save something. None answers before it is on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policyextract.errors import ReviewError
from policyextract.review.board import Row
from policyextract.review.drafts import named
from policyextract.review.events import NO_FIELDS, Decision
from policyextract.review.fields import EDITABLE
from policyextract.review.page import forms, views
from policyextract.review.page.app import Page, filters_of, go, link, page_of, piece, session_of
from policyextract.review.page.document import card_html, find, work
from policyextract.review.page.filters import Filters
from policyextract.review.page.security import Session
from policyextract.types import Target

_DONE = {"accepted": "accepted", "rejected": "rejected", "edited": "saved as edited", "added": "added"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that is to save something."""

    request: Request
    page: Page
    session: Session
    form: Mapping[str, str]
    filters: Filters

    @property
    def by_htmx(self) -> bool:
        """Whether a piece of a page is wanted rather than a page."""
        return "hx-request" in self.request.headers


def _asked(request: Request) -> _Asked:
    form: Mapping[str, str] = request.state.form
    return _Asked(request, page_of(request), session_of(request), form, filters_of(form))


def who(request: Request) -> Response:
    """Takes who reviews."""
    asked = _asked(request)
    page, session, given = asked.page, asked.session, asked.form.get("reviewer", "")
    try:
        session.reviewer = named(given)
    except ReviewError:
        error = "Give your name, with at most 100 characters: it stands beside your decisions."
        known = page.desk.store.reviewers()
        return page.answer("who.html", session, 422, reviewers=known, error=error, name=given)
    session.adjudicates = page.gate.adjudicator and asked.form.get("adjudicates") == "true"
    return go(request, "/")


def decide(request: Request) -> Response:
    """Saves a decision on a row: accept, reject, edit, or as another reviewer has it."""
    asked = _asked(request)
    if not asked.session.reviewer:
        return asked.page.refuse(
            403, "Nobody reviews yet", "Say who you are on the first page; nothing was saved."
        )
    asked.page.desk.refresh()
    row = asked.page.desk.row(asked.form.get("row", ""))
    target = views.shown(row, asked.session.reviewer)
    wanted = asked.form.get("decision", "")
    form = None
    if wanted == "edit":
        values, errors = forms.read(asked.form)
        form = forms.Form({name: asked.form.get(name, "") for name in EDITABLE}, errors)
        if errors:
            return _again(asked, row, form, "Not saved: see the fields marked.")
    if asked.form.get("shown") != views.version(target):
        changed = _changed_by(row, asked.session.reviewer)
        return _again(
            asked, row, form, f"Not saved: {changed} this row since you saw it. Look, and decide again."
        )
    try:
        if wanted == "edit":
            fields = forms.changes(target, values)
            row = _record(asked, row, "edit", fields)
        elif wanted.startswith("as:"):
            row = _as(asked, row, wanted.removeprefix("as:"))
        elif wanted == "accept":
            row = _as_it_is(asked, row, target)
        else:
            row = _record(asked, row, cast("Decision", wanted))
    except ReviewError as error:
        if form is not None:
            return _again(asked, row, forms.Form(form.values, forms.complaint(error)), f"Not saved: {error}")
        return _again(asked, row, None, f"Not saved: {error}")
    return _saved(asked, row, moved=_span(views.shown(row, asked.session.reviewer)) != _span(target))


def _record(asked: _Asked, row: Row, decision: Decision, fields: Mapping[str, Any] = NO_FIELDS) -> Row:
    return asked.page.desk.record(
        asked.session.reviewer,
        decision,
        row.target.target_id,
        fields=fields,
        note=asked.form.get("note", ""),
        adjudicates=asked.session.adjudicates
        and (row.state.conflict or row.state.adjudicated_by is not None),
    )


def _as_it_is(asked: _Asked, row: Row, target: Target) -> Row:
    """Accepts what is seen, which may be what somebody made of the row."""
    if target == row.target:
        return _record(asked, row, "accept")
    return _record(asked, row, "edit", {name: getattr(target, name) for name in EDITABLE})


def _as(asked: _Asked, row: Row, reviewer: str) -> Row:
    """Decides as another reviewer did; an adjudicator settles a conflict so."""
    verdict = row.state.verdicts.get(reviewer)
    if verdict is None:
        raise ReviewError(f"{reviewer} has no verdict on this row any more")
    if verdict.row is None:
        return _record(asked, row, "reject")
    return _as_it_is(asked, row, verdict.row)


def _span(target: Target) -> tuple[object, ...]:
    """What the marks of a row in the text depend on."""
    return tuple(getattr(target, name) for name in ("start", "end", "metric", "level", "year", "locality"))


def _changed_by(row: Row, reviewer: str) -> str:
    others = [verdict for name, verdict in row.state.verdicts.items() if name != reviewer]
    return f"{others[-1].reviewer} has changed" if others else "somebody has changed"


def _again(asked: _Asked, row: Row, form: forms.Form | None, problem: str) -> Response:
    """The row with what was typed, and why it was not saved."""
    if asked.by_htmx:
        note = asked.form.get("note", "")
        html = card_html(
            asked.page, asked.session, row, asked.filters, current=True, form=form, problem=problem, note=note
        )
        return piece(html + asked.page.render("_said.html", asked.session, said=problem), 422)
    return work(
        asked.page,
        asked.session,
        row.target.doc,
        asked.filters,
        row.target.target_id,
        form=form,
        said=problem,
        status=422,
    )


def _saved(asked: _Asked, row: Row, *, moved: bool) -> Response:
    """The row as it now stands, or the document anew where its marks have changed."""
    status = row.state.status
    number = _number(asked.page, row)
    said = f"Row {number} {'in conflict, your verdict is saved' if status == 'conflict' else _DONE.get(status, status)}."
    if not asked.by_htmx or moved:
        name = row.target.target_id
        asked.session.flash = said
        url = link(
            "/doc", asked.filters, doc=row.target.doc, row=name, v=asked.page.desk.seen, anchor=f"row-{name}"
        )
        return go(asked.request, url)
    page, session = asked.page, asked.session
    html = [card_html(page, session, row, asked.filters, current=True)]
    others, note = _others(asked, row)
    html += (card_html(page, session, one, asked.filters, oob=True) for one in others)
    every = page.shelf.of(row.target.doc)
    html.append(page.render("_progress.html", session, doc_bar=views.bar(every), oob=True))
    html.append(page.render("_said.html", session, said=f"{said} {note}".strip(), seen=page.desk.seen))
    return piece("".join(html))


def _others(asked: _Asked, row: Row) -> tuple[list[Row], str]:
    """The rows of the document that others have decided on since the page was drawn, and what to say of it."""
    seen = asked.form.get("seen", "")
    if not (seen.isascii() and seen.isdigit()):
        return [], ""
    names: dict[str, str] = {}
    for event in asked.page.desk.store.events(int(seen)):
        if event.doc == row.target.doc and event.target_id != row.target.target_id:
            names[event.target_id] = "" if event.reviewer == asked.session.reviewer else event.reviewer
    found = [one for name in names if (one := find(asked.page, name)) is not None]
    others = sorted({name for name in names.values() if name})
    return found, f"Meanwhile {', '.join(others)} decided here too." if others else ""


def _number(page: Page, row: Row) -> int:
    every = page.shelf.of(row.target.doc)
    return next((n for n, one in enumerate(every, 1) if one.target.target_id == row.target.target_id), 0)


def undo(request: Request) -> Response:
    """Takes back the reviewer's latest decision, and shows its row."""
    asked = _asked(request)
    page, session = asked.page, asked.session
    row = page.desk.undo(session.reviewer) if session.reviewer else None
    if row is None:
        session.flash = "You have no decision to take back."
        there = find(page, asked.form.get("row", ""))
        back = link("/doc", asked.filters, row=there.target.target_id) if there is not None else "/"
        return go(request, back)
    target = row.target
    session.flash = f"Taken back: your decision on “{' '.join(target.value.split())}”. It is {'in conflict' if row.state.conflict else row.state.status} now."
    there = find(page, target.target_id)
    query = {"row": target.target_id} if there is not None else {}
    anchor = f"row-{target.target_id}" if there is not None else ""
    return go(request, link("/doc", asked.filters, doc=target.doc, v=page.desk.seen, anchor=anchor, **query))


def add(request: Request) -> Response:
    """Saves a row that was missed."""
    asked = _asked(request)
    page, session, doc = asked.page, asked.session, asked.form.get("doc", "")
    if not session.reviewer:
        return page.refuse(403, "Nobody reviews yet", "Say who you are on the first page; nothing was saved.")
    given = {name: value for name, value in asked.form.items() if value or name not in ("start", "end")}
    values, errors = forms.read(given)
    values |= {"optional": values.get("optional", False)}
    errors |= {name: "is needed" for name in ("number", "unit") if not asked.form.get(name, "").strip()}
    text = page.desk.document(doc).text
    if not errors:
        try:
            fields = forms.placed(values, _selection(values), text)
            row = page.desk.record(
                session.reviewer, "add", row={**fields, "doc": doc}, note=asked.form.get("note", "")
            )
        except ReviewError as error:
            errors = forms.complaint(error)
        else:
            return _saved(asked, row, moved=True)
    form = forms.Form({name: asked.form.get(name, "") for name in EDITABLE}, errors)
    if asked.by_htmx:
        html = page.render(
            "_add.html", session, adding=form, doc=doc, filters=asked.filters, note=asked.form.get("note")
        )
        return piece(html + page.render("_said.html", session, said="Not saved: see the fields marked."), 422)
    return work(
        page, session, doc, asked.filters, adding=form, said="Not saved: see the fields marked.", status=422
    )


def _selection(values: Mapping[str, Any]) -> tuple[int, int] | None:
    start, end = values.get("start"), values.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) and start < end else None


ROUTES = [
    Route("/who", who, methods=["POST"]),
    Route("/decide", decide, methods=["POST"]),
    Route("/undo", undo, methods=["POST"]),
    Route("/add", add, methods=["POST"]),
]
