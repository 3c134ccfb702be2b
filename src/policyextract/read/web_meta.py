"""Title and date that an HTML page declares about itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyextract.read.raw import tidy

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "date",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
    "article:modified_time",
)
_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title")
_SITE = re.compile(r" [|»·] .*$| [-–—] [^-–—|]{2,40}$")
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')


def page_title(tree: HtmlElement) -> str | None:
    """The title from meta tags, else the one main heading, else ``<title>`` without the site's name."""
    named = _metas(tree)
    for key in _TITLES:
        if title := tidy(named.get(key, "")):
            return title
    headings = [tidy(element.text_content()) for element in tree.iter("h1")]
    headings = [heading for heading in headings if heading]
    if len(headings) == 1:
        return headings[0]
    element = next(tree.iter("title"), None)
    title = tidy(element.text_content()) if element is not None else ""
    return _SITE.sub("", title) or title or None


def page_date(tree: HtmlElement) -> dt.date | None:
    """The date of publication from meta tags, JSON-LD or a ``<time>`` marked as such."""
    return next((date for value in _date_values(tree) if (date := _parse(value))), None)


def _date_values(tree: HtmlElement) -> Iterator[str]:
    named = _metas(tree)
    yield from (named[key] for key in _PUBLISHED[:-1] if key in named)
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            yield from _from_json(script.text or "")
    for element in tree.iter("time"):
        if element.get("pubdate") is not None or element.get("itemprop") == "datePublished":
            yield element.get("datetime") or ""
    times = [element.get("datetime") or "" for element in tree.iter("time")]
    if len(times) == 1:
        yield times[0]
    yield named.get(_PUBLISHED[-1], "")


def _from_json(text: str) -> Iterator[str]:
    found = _JSON_DATE.search(text)
    if found:
        yield found[1]


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Contents of the meta tags by name in small letters, the first of a name."""
    named: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop") or ""
        named.setdefault(key.lower(), element.get("content") or "")
    return named


def _parse(value: str) -> dt.date | None:
    match = re.match(r"\s*(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?!\d)", value)
    if match is None:
        return None
    try:
        date = dt.date(*map(int, match.groups()))
    except ValueError:
        return None
    return date if 1990 <= date.year <= 2100 else None
