"""The application: what all its routes share, and which they are."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from policyextract.errors import PolicyExtractError
from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.page import views
from policyextract.review.page.filters import LEVEL_CHOICES, STATUSES, Filters
from policyextract.review.page.lists import Shelf
from policyextract.review.page.marking import safe
from policyextract.review.page.security import Gate, Guard, Session

_HTML = "text/html; charset=utf-8"


class Page:
    """What the routes answer from: a desk, the gate before it, and the templates."""

    def __init__(self, desk: Desk, gate: Gate, name: str = "") -> None:
        self.desk = desk
        self.gate = gate
        self.name = name
        self.shelf = Shelf(desk)
        self._titles: dict[str, str] = {}
        self._bar: tuple[Sequence[Row], views.Bar] | None = None
        self._lock = threading.Lock()
        self._templates = _templates()

    def render(self, template: str, session: Session | None, **values: Any) -> str:
        """A template with its values."""
        return self._templates.get_template(template).render(page=self, session=session, **values)

    def answer(self, template: str, session: Session | None, status: int = 200, **values: Any) -> Response:
        """A template with its values as an answer, and with what was to be said on the next page."""
        flash = session.flashed() if session is not None else ""
        return piece(self.render(template, session, flash=flash, **values), status)

    def refuse(self, status: int, heading: str, what: str) -> Response:
        """A page that says why there is none, and what to do; scripts read it in a header."""
        response = self.answer("message.html", None, status, heading=heading, what=what)
        response.headers["x-message"] = quote(f"{heading}. {what}", errors="replace")
        return response

    def bar(self) -> views.Bar:
        """How far the whole review is."""
        rows = self.desk.rows
        with self._lock:
            if self._bar is None or self._bar[0] is not rows:
                self._bar = rows, views.bar(rows)
            return self._bar[1]

    def title(self, doc: str) -> str:
        """The title of a document, "" if it has none."""
        if doc not in self._titles:
            self._titles[doc] = self.desk.document(doc).title or ""
        return self._titles[doc]


def make_app(desk: Desk, gate: Gate, name: str = "") -> ASGIApp:
    """The page of a desk as an ASGI application, for the sessions that the gate lets in."""
    from policyextract.review.page import reading, writing

    page = Page(desk, gate, name)
    static = Mount("/static", StaticFiles(packages=[("policyextract.review.page", "static")]))
    inner = Starlette(
        routes=[*reading.ROUTES, *writing.ROUTES, static],
        exception_handlers={HTTPException: _missing, PolicyExtractError: _refused, Exception: _failed},
    )
    inner.state.page = page
    return Guard(inner, gate, page.refuse)


def page_of(request: Request) -> Page:
    """The page that a request is for."""
    page: Page = request.app.state.page
    return page


def session_of(request: Request) -> Session:
    """The session of a request that the guard let through."""
    session: Session = request.state.session
    return session


def link(path: str, filters: Filters | None = None, anchor: str = "", **query: object) -> str:
    """A URL of the page with the filters in it."""
    pairs = [(name, str(value)) for name, value in query.items() if value not in ("", None)]
    text = "&".join(
        part for part in (urlencode(pairs, errors="replace"), filters.query if filters else "") if part
    )
    return path + (f"?{text}" if text else "") + (f"#{anchor}" if anchor else "")


def filters_of(form: Mapping[str, str]) -> Filters:
    """The filters that a form carries along."""
    return Filters.of(dict(parse_qsl(form.get("filters", ""))))


def piece(html: str, status: int = 200) -> Response:
    """HTML as an answer; half a character, which UTF-8 cannot hold, becomes a question mark."""
    return Response(html.encode("utf-8", "replace"), status, media_type=_HTML)


def go(request: Request, url: str) -> Response:
    """An answer that leads on to a URL, for a form and for htmx."""
    if "hx-request" in request.headers:
        return Response(status_code=200, headers={"hx-redirect": url})
    return RedirectResponse(url, 303)


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("policyextract.review.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: safe(value) if type(value) is str else value,
    )
    environment.globals |= {
        "link": link,
        "statuses": STATUSES,
        "levels": LEVEL_CHOICES,
        "years": views.years,
        "said": views.said,
    }
    return environment


def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return page_of(request).refuse(status, "There is no such page", "Go back, or to the list of documents.")


def _refused(request: Request, error: Exception) -> Response:
    what = f"{error}. If this was to save something, it was not saved."
    return page_of(request).refuse(409, "That did not work", what)


def _failed(request: Request, _error: Exception) -> Response:
    what = (
        "What was to be saved may not have been: load the page again and look. The terminal shows the error."
    )
    return page_of(request).refuse(500, "Something is wrong with this page", what)
