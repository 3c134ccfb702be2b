"""The page of one document with its rows, and its pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from policyextract.errors import ReviewError
from policyextract.review.board import Row
from policyextract.review.page import forms, views
from policyextract.review.page.app import Page
from policyextract.review.page.filters import Filters
from policyextract.review.page.lists import PAGE, Sheet, is_open, selected, sheet
from policyextract.review.page.marking import Marked, parts
from policyextract.review.page.security import Session

_LOCALITIES = 300  # offered in the filter
_MANY = 20_000  # rows, above which none are offered: they would be counted with every page


def work(
    page: Page,
    session: Session,
    doc: str,
    filters: Filters,
    name: str = "",
    *,
    number: int = 0,
    form: forms.Form | None = None,
    adding: forms.Form | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    """The page of a document; with ``form`` the row ``name`` is edited, with ``adding`` a row is added."""
    text, every = page.desk.document(doc), page.shelf.of(doc)
    shown, name = _in_view(every, filters, session.reviewer, name, number)
    numbers = {row.target.target_id: n for n, row in enumerate(every, 1)}
    marks = [
        Marked(views.marked(row, session.reviewer), n, row.target.target_id, row.state.status)
        for n, row in enumerate(every, 1)
    ]
    return page.answer(
        "document.html",
        session,
        status,
        document=text,
        filters=filters,
        sheet=shown,
        cards=[views.card(row, numbers[row.target.target_id], text, session.reviewer) for row in shown.items],
        parts=parts(text, marks),
        current=name,
        form=form,
        adding=adding,
        said_first=said,
        doc_bar=views.bar(every),
        seen=page.desk.seen,
        way=_way(page, doc),
        localities=localities(page, session),
    )


def _in_view(
    every: Sequence[Row], filters: Filters, reviewer: str, name: str, number: int
) -> tuple[Sheet[Row], str]:
    """The rows to show, with the one named or the first to be judged among them, and the name of that."""
    found = selected(every, filters, reviewer, keep=name)
    if not name and found and not number:
        todo = (row for row in found if is_open(row, filters, reviewer))
        name = next(todo, found[0]).target.target_id
    at = next((n for n, row in enumerate(found) if row.target.target_id == name), 0)
    shown = sheet(found, number or at // PAGE + 1)
    if shown.items and name not in {row.target.target_id for row in shown.items}:
        name = shown.items[0].target.target_id
    return shown, name


def _way(page: Page, doc: str) -> Mapping[str, Any]:
    """Which document of how many it is, and its neighbours."""
    names = page.desk.documents
    at = names.index(doc)
    return {
        "number": at + 1,
        "count": len(names),
        "before": names[at - 1] if at else "",
        "after": names[at + 1] if at + 1 < len(names) else "",
    }


def proposal(page: Page, doc: str, start: int, end: int) -> forms.Form:
    """The form of a new row at a selection, or an empty one."""
    text, every = page.desk.document(doc), page.shelf.of(doc)
    end = min(end, len(text.text))
    rows = [row.state.final or row.target for row in every]
    near = next((row for row in reversed(rows) if row.start <= start), rows[0] if rows else None)
    return forms.proposed(text, start, end, near) if 0 <= start < end else forms.empty(near)


def card_html(page: Page, session: Session, row: Row, filters: Filters, **values: Any) -> str:
    """A row of its document as HTML."""
    every = page.shelf.of(row.target.doc)
    number = next((n for n, one in enumerate(every, 1) if one.target.target_id == row.target.target_id), 0)
    card = views.card(row, number, page.desk.document(row.target.doc), session.reviewer)
    values = {"form": None, "current": False, "problem": "", "note": None} | values
    return page.render("_card_alone.html", session, card=card, filters=filters, **values)


def find(page: Page, name: str) -> Row | None:
    """The row of that name, if there is one."""
    try:
        return page.desk.row(name)
    except ReviewError:
        return None


def localities(page: Page, session: Session) -> list[str]:
    """The localities that the filter offers."""
    rows = page.desk.rows
    if len(rows) > _MANY:
        return []
    found = {name for row in rows if (name := views.shown(row, session.reviewer).locality)}
    return sorted(found)[:_LOCALITIES]
