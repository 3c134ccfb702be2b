"""Who may ask the page for what: links that open once, sessions, and the headers of every answer."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE = frozenset({"GET", "HEAD"})
_BODY = 1_000_000  # bytes of a form
_FIELDS = 100  # of a form
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # "no-referrer" would also take the Origin from forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""On every answer of the page, also on errors."""


@dataclass(slots=True, eq=False)
class Session:
    """One browser: who reviews in it, and what is to be said on the next page."""

    reviewer: str = ""
    adjudicates: bool = False
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    flash: str = ""

    def flashed(self) -> str:
        """What is to be said, once."""
        said, self.flash = self.flash, ""
        return said


class Gate:
    """Gives out links that open a session once, and knows the sessions; they end with the server."""

    def __init__(self, reviewer: str = "", *, adjudicator: bool = False) -> None:
        self.reviewer = reviewer
        self.adjudicator = adjudicator
        # Cookies do not tell ports apart: two servers on one machine need two names.
        self.cookie = f"policyextract_{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._tokens: set[str] = set()
        self._sessions: dict[str, Session] = {}

    def issue(self) -> str:
        """A token for one new session."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens.add(_digest(token))
        return token

    def exchange(self, token: str) -> str | None:
        """The cookie of a new session for a token, None if there is none or it was used."""
        with self._lock:
            if _digest(token) not in self._tokens:
                return None
            self._tokens.remove(_digest(token))
            key = secrets.token_urlsafe(32)
            self._sessions[_digest(key)] = Session(self.reviewer, self.adjudicator and bool(self.reviewer))
            return key

    def session(self, headers: Headers) -> Session | None:
        """The session whose cookie a request carries."""
        jar = SimpleCookie()
        try:
            jar.load(headers.get("cookie", ""))
        except CookieError:
            return None
        morsel = jar.get(self.cookie)
        return None if morsel is None else self._sessions.get(_digest(morsel.value))


def _digest(secret: str) -> str:
    """What secrets are looked up by, so that the time it takes tells nothing of them."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class Guard:
    """Lets through what comes from this machine's browser and a session of the gate; answers all else itself.

    ``refuse`` makes the answer of a status, a heading and what to do. A request that changes something carries
    its fields as ``form`` in the state of its scope, and one let through ``session``.
    """

    def __init__(self, app: ASGIApp, gate: Gate, refuse: Callable[[int, str, str], Response]) -> None:
        self._app = app
        self._gate = gate
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = await self._refusal(scope, receive)
            await (refusal or self._app)(scope, receive, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        headers, path, state = Headers(scope=scope), scope["path"], scope.setdefault("state", {})
        host = headers.get("host", "")
        if _hostname(host) not in _HOSTS:
            return self._refuse(
                400, "Unknown address", "Open the page by the link that the terminal shows, at 127.0.0.1."
            )
        session = state["session"] = self._gate.session(headers)
        if session is None:
            if path == "/start" or path.startswith("/static/"):
                return (
                    None if scope["method"] in _SAFE else self._refuse(405, "Not here", "This is only read.")
                )
            return self._refuse(
                401,
                "This browser is not signed in",
                "Open the link that the terminal shows. For another link press Enter there, "
                "or stop the server (Ctrl+C) and start it again.",
            )
        if scope["method"] in _SAFE:
            return None
        if headers.get("origin") != f"http://{host}":
            return self._refuse(
                403, "Not from this page", "The request came from another site; nothing was saved."
            )
        form = await _form(receive)
        if form is None:
            return self._refuse(413, "Too much at once", "The form is too large; nothing was saved.")
        if not secrets.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
            return self._refuse(
                403, "The page is out of date", "Nothing was saved. Load the page again and repeat the step."
            )
        state["form"] = form
        return None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


async def _form(receive: Receive) -> Mapping[str, str] | None:
    """The fields of a form, of several of a name the last; None if there is too much of it."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _BODY:
            return None
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return None
    return {name: value.replace("\r\n", "\n") for name, value in fields}


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sending
