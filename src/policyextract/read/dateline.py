"""The date of publication as the text states it: a dateline, a place-and-date line, a stamp of a web page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from policyextract.read import dateline_patterns as p
from policyextract.types import Lang


@dataclass(frozen=True, slots=True)
class _Found:
    """A date in a line: where it stands, and the text around it."""

    date: dt.date
    before: str
    after: str


def find_date(text: str, lang: Lang) -> dt.date | None:
    """The date of publication that the text itself states, or None.

    A place-and-date line wins over a stamp, a stamp over the date of the act that an annex belongs to,
    that over a closing line, and all over the day of the event in the first sentence. Numeric dates are
    read day first unless a weekday, a month above 12 or a twelve-hour clock in English says otherwise.
    A line that names only month and year gives the first of the month.

    >>> find_date("New plan\\n\\nHAI PHONG, April 8, 2026 – The city plans ...", "en")
    datetime.date(2026, 4, 8)
    >>> find_date("Căn cứ Quyết định số 749/QĐ-TTg ngày 03/6/2020", "vi") is None
    True
    """
    lines = [line.strip() for line in text[:30_000].split("\n") if line.strip()]
    best: tuple[int, dt.date] | None = None
    prose = 0
    for index, line in enumerate(lines[: p.HEAD_LINES]):
        for rank, date in _ranked(line, index, prose, lang):
            if best is None or rank < best[0]:
                best = rank, date
        prose += len(line) > 120 and not p.CITING_LINE.match(line)
    if best is not None and best[0] <= 2:
        return best[1]
    return _closing(text, lang) or (best[1] if best else None) or _told(lines, lang)


def _told(lines: list[str], lang: Lang) -> dt.date | None:
    """The first day or month that the opening tells of, as a last resort: "(September 2024)", "đầu năm 2024"."""
    read = 0
    for line in lines:
        if read > p.LEAD:
            break
        read += len(line)
        if p.CITING_LINE.match(line):
            continue
        told = [
            (m.start(), _build(m, lang, line)) for m in (*p.DATE.finditer(line), *p.MONTH_YEAR.finditer(line))
        ]
        for at, date in sorted((at, date) for at, date in told if date is not None):
            before = line[max(0, at - p.BESIDE) : at]
            if not p.NOT_THEN.search(before) and not p.ACT.search(before):
                return date
        if start := p.YEAR_START.search(line):
            return dt.date(int(start.group(1)), 1, 1)
    return None


def _ranked(line: str, index: int, prose: int, lang: Lang) -> Iterator[tuple[int, dt.date]]:
    """Each date of one of the first lines with its rank: 0 is the best."""
    if p.CITING_LINE.match(line):
        return
    for found in _dates(line, lang):
        if p.NOT_THEN.search(found.before):
            continue
        cited = p.ACT.search(found.before) is not None
        if not cited and _is_place_line(found):
            yield 0, found.date
        elif cited:
            if _is_annex(line, found, index):
                yield 2, found.date
        elif _is_prefix(found, prose) or _is_stamp(line, found, prose):
            yield 1, found.date
        elif prose == 0 and _is_event(found):
            yield 4, found.date
    alone = p.MONTH_ONLY.search(line) if len(line) <= 80 and index < 8 else None
    if alone and not p.NOT_THEN.search(line[: alone.start()]) and (date := _build(alone, "en", "")):
        yield 3, date


def _is_place_line(found: _Found) -> bool:
    """``Hưng Yên, ngày 08 tháng 12 năm 2021`` alone, or at the end of a line of its own kind."""
    place = re.split(r"\s{3,}|\s[-–|]\s", found.before)[-1].strip()
    if found.after.strip(" .") or not place.endswith(",") or not 2 < len(place) <= 45:
        return False
    words = [word for word in place.split() if word[0].isalpha()]
    return len(found.before) <= 90 and all(word[0].isupper() or word in ("of", "the") for word in words)


def _is_annex(line: str, found: _Found, index: int) -> bool:
    """The date of the act that a short line below the title belongs to."""
    if index >= p.ANNEX_LINES or len(line) > 220:
        return False
    ends = re.fullmatch(r"[\s)]*(?:\(\w+\))?", found.after) is not None
    return line.startswith("(") or (line[-1] not in ".;:," and len(line) <= 160 and ends)


def _is_prefix(found: _Found, prose: int) -> bool:
    """``HAI PHONG, April 8, 2026 –``: a place and a date before the first words of an article."""
    before = found.before.strip(" \t-–—,(|:")
    opens = re.match(r"\s*(?:[\-–—|:.)(]|,\s*\(|,\s*[A-Z]{2,})", found.after)
    if prose > 1 or len(before) > 60 or opens is None or re.match(r"[-–.]\d", found.after):
        return False
    if re.fullmatch(r"on|in|ngày", before, re.IGNORECASE):
        return False
    words = [word for word in re.split(r"[^\w.]+", before) if word and not p.STAMP.fullmatch(word)]
    return all(word[0].isupper() or not word[0].isalpha() or len(word) <= 3 for word in words)


def _is_stamp(line: str, found: _Found, prose: int) -> bool:
    """A date set off in a short line: alone, behind a comma, a bar or a word such as "Updated"."""
    before = p.CLOCK.sub("", found.before).rstrip()
    after = p.CLOCK.sub("", found.after).strip()
    if before.endswith("(") and after == ")" and prose <= 1:
        return True
    if len(line) > 190 or prose > 2 or p.ITEM.match(line):
        return False
    set_off = not before or before[-1] in ",|–—-([:•·;]/" or p.STAMP.search(before) is not None
    if re.search(r"(?:^|[a-zà-ỹ] )on$", before, re.IGNORECASE) and len(line) > 100:
        return False
    return set_off and (len(after) <= 70 or "|" in after)


def _is_event(found: _Found) -> bool:
    """``Sáng 14/1/2026, ...``: the day of what the first sentence reports."""
    before = found.before
    if len(before) >= 200 or ". " in before[-150:] or p.SUBORDINATE.search(before):
        return False
    return p.EVENT.search(before) is not None


def _closing(text: str, lang: Lang) -> dt.date | None:
    """A date in one of the last lines, where acts and some web pages carry it."""
    lines = [line.strip() for line in text[-5_000:].split("\n") if line.strip()]
    for line in reversed(lines[-p.FOOT_LINES :]):
        if len(line) > 160 or p.CITING_LINE.match(line):
            continue
        for found in _dates(line, lang):
            if p.NOT_THEN.search(found.before):
                continue
            if p.CLOSING.search(line) or (_is_place_line(found) and not p.ACT.search(found.before)):
                return found.date
    return None


def _dates(line: str, lang: Lang) -> Iterator[_Found]:
    if p.YEAR.search(line) is None:
        return
    for match in p.DATE.finditer(line):
        if date := _build(match, lang, line):
            before = line[max(0, match.start() - p.BESIDE) : match.start()]
            yield _Found(date, before, line[match.end() : match.end() + p.BESIDE])


def _build(match: re.Match[str], lang: Lang, line: str) -> dt.date | None:
    """The calendar date that the groups of ``match`` name, or None if there is no such day."""
    parts = {key[0]: value for key, value in match.groupdict().items() if value}
    month_text, year, day = parts["m"], int(parts["y"]), int(parts.get("d", "1"))
    month = int(month_text) if month_text.isdigit() else p.MONTHS[month_text[:3].lower()]
    orders = [(month, day)]
    if match.groupdict().get("d4"):
        orders = _orders(day, month, year, lang, line)
    dates = (_date(year, *order) for order in orders)
    return next((date for date in dates if date and 1900 <= year <= 2100), None)


def _orders(day: int, month: int, year: int, lang: Lang, line: str) -> list[tuple[int, int]]:
    """Readings of a numeric date as (month, day), the likeliest first."""
    orders = [(month, day), (day, month)]
    lower = line.lower()
    named = [number for number, names in enumerate(p.WEEKDAYS) if any(name in lower for name in names)]
    if named:
        dates = [(_date(year, *order), order) for order in orders]
        fitting = [order for date, order in dates if date and date.weekday() == named[0]]
        return fitting[:1] or orders
    if lang == "en" and re.search(r"\d\s?[AP]M\b", line):
        orders.reverse()
    return orders


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
