"""The server of the page: on this machine only, until it is stopped."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable

from policyextract.errors import ReviewError
from policyextract.review.desk import Desk
from policyextract.review.page import forms
from policyextract.review.page.app import make_app
from policyextract.review.page.security import Gate

HOST = "127.0.0.1"


def serve(
    desk: Desk,
    *,
    port: int = 0,
    reviewer: str = "",
    adjudicator: bool = False,
    name: str = "",
    browser: bool = False,
    say: Callable[[str], None],
) -> None:
    """Serve the page of a desk until Ctrl+C; ``say`` gets what the user is to read, first the link.

    ``port`` 0 takes any free one. Raises ReviewError if the port is taken.
    """
    import uvicorn

    gate = Gate(reviewer, adjudicator=adjudicator)
    with _listening(port) as listener:
        base = f"http://{HOST}:{listener.getsockname()[1]}/start?token="
        link = base + gate.issue()
        say(f"Review at {link}")
        say(
            "The link opens once, on this machine. Stop with Ctrl+C; every decision is saved when the page says so."
        )
        if sys.stdin is not None and sys.stdin.isatty():
            say("For another browser or reviewer, press Enter here: it gives another link.")
            threading.Thread(target=_more, args=(gate, base, say), daemon=True).start()
        _later(3, forms.warm)
        if browser:
            _later(0.5, webbrowser.open, link)
        config = uvicorn.Config(
            make_app(desk, gate, name),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
        )
        server = uvicorn.Server(config)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def _later(seconds: float, what: Callable[..., object], *given: object) -> None:
    """Do something beside the server, unless that has stopped before."""
    timer = threading.Timer(seconds, what, given)
    timer.daemon = True
    timer.start()


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let a second server take the same port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ReviewError(
            f"port {port} cannot be used ({error.strerror}); leave --port out for a free one"
        ) from None
    return listener


def _more(gate: Gate, base: str, say: Callable[[str], None]) -> None:
    """Another link for each line on standard input."""
    for _ in sys.stdin:
        say(base + gate.issue())
