"""Made-up policy documents with their gold, out of the grammars in ``data/<lang>/grammar.toml``."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from random import Random
from typing import Any
from unicodedata import is_normalized

from policyextract.training.augment import Names
from policyextract.training.generate_page import (
    KINDS,
    LONGEST,
    Page,
    filled,
    listing,
    metrics_left,
    paragraph,
    pick,
)
from policyextract.training.generate_places import setting_of
from policyextract.training.generate_tables import table
from policyextract.training.generate_text import Scene, piece
from policyextract.training.generate_values import Style, When
from policyextract.types import Document, Lang, Target

__all__ = ["generated", "grammar"]

SHORTEST = 800
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


@cache
def grammar(lang: Lang) -> Mapping[str, Any]:
    """The words and templates of a language, read once."""
    path = resources.files("policyextract") / "data" / lang / "grammar.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def generated(lang: Lang, random: Random, names: Names | None = None) -> tuple[Document, list[Target]]:
    """A made-up document of 800 to 2,500 characters and its gold; the same for the same ``random`` and ``names``.

    ``names`` are those that ``augment.names_of`` finds; half of the homes are then taken from them.
    """
    while True:
        page = _written(lang, random, names)
        text = page.text.rstrip() + "\n"
        named = (page.scene.setting.home.name or "").casefold() in text.casefold()
        if (
            SHORTEST <= len(text) <= LONGEST
            and 2 * page.traps >= len(page.rows) > 0
            and named
            and is_normalized("NFC", text)
        ):
            path = f"{lang}-made-{random.randrange(10**9):09d}.txt"
            document = Document(text, path, lang, title=page.title or None, date=page.scene.date)
            return document, [
                replace(row, doc=path) for row in sorted(page.rows, key=lambda r: (r.start, r.end))
            ]


def _written(lang: Lang, random: Random, names: Names | None) -> Page:
    words = grammar(lang)
    date = dt.date(random.randint(2018, 2026), random.randint(1, 12), random.randint(1, 28))
    setting = setting_of(lang, random, words, names, date)
    money = random.choice(
        words["money"].get(setting.country) or words["countries"][setting.country].split("|")[2:3]
    )
    rate = float(words["countries"][setting.country].split("|")[3]) if setting.country != "VN" else 25000.0
    if setting.country == "VN" and "$" in money:
        rate = 1.0
    first = random.choice((date.year + 1, date.year + 2, date.year + 3, -(-(date.year + 2) // 5) * 5))
    style = Style(lang, random.choice(words["percents"]), money, rate)
    scene = Scene(lang, random, words, setting, date, style, (first, first + random.choice((2, 5, 5, 10))))
    sectors = random.sample(words["sector"], 7) if setting.home.level else list(words["org"])
    page = Page(scene, sectors, gap=random.choice(("\n\n", "\n\n", "\n")))
    genres = {_news: 34, _plan: 30, _release: 8, _indicators: 10}
    if setting.home.level:
        genres[_questions] = 8
    if setting.home.level in ("provincial", "district", "commune"):
        genres[_minutes] = 10
    random.choices([*genres], [*genres.values()])[0](page)
    return page


def _headline(page: Page) -> None:
    page.title = page.line(pick(page, "headlines"))


def _news(page: Page) -> None:
    random = page.scene.random
    sector = page.sectors[0]
    repeated = random.random() < 0.25
    metrics = random.sample(metrics_left(page, sector, "share"), 1)
    if repeated:
        page.title = piece(page.plain(pick(page, "repeated")), page.scene, metrics).text
        made = piece(page.plain(pick(page, "repeated")), page.scene, metrics)
        page.title = made.text
        page.put(made, page.gap)
    else:
        _headline(page)
    if random.random() < 0.35:
        page.line(pick(page, "bylines"))
    dateline = page.plain(pick(page, "datelines"))
    if dateline and random.random() < 0.8:
        page.text += dateline
    if repeated:
        page.scene.year = None
        body = page.put(piece(pick(page, "repeats"), page.scene, metrics), " ")
        page.scene.used.add(" ".join(metrics[0].words.values()))
        said = body[0]
        page.rows[0] = replace(
            page.rows[0], optional=True, year=said.year, year_start=said.year_start, year_kind=said.year_kind
        )
    filled(page, lambda sector: _news_block(page, sector))


def _news_block(page: Page, sector: Mapping[str, Any]) -> None:
    if page.scene.random.random() < 0.15:
        listing(page, [sector])
    else:
        paragraph(page, sector)


def _plan(page: Page) -> None:
    random, scene = page.scene.random, page.scene
    agency = "agency_national" if scene.setting.home.level == "national" else "agency"
    letterhead = page.line(pick(page, agency) if scene.setting.home.level else "{place}", "\n")
    if random.random() < 0.5:
        page.text = letterhead.upper() + "\n"
    page.line(pick(page, "numbers"))
    page.title = page.line(pick(page, "titles")).replace("\n", " ")
    page.base = When(str(scene.horizon[0]), scene.horizon[0], None, "by")
    page.line(pick(page, "preamble"))
    heads = iter(_ROMAN)

    def block(sector: Mapping[str, Any]) -> None:
        number = f"{next(heads, 'X')}. " if random.random() < 0.7 else ""
        if random.random() < 0.55:
            listing(page, [sector, page.sectors[1 % len(page.sectors)]], number)
        else:
            page.text += number + pick(page, "sections") + "\n"
            paragraph(page, sector, 0.3)

    filled(page, block)
    page.line(pick(page, "closing"))


def _release(page: Page) -> None:
    page.line(pick(page, "release"))
    _headline(page)
    filled(page, lambda sector: _news_block(page, sector))
    page.line(pick(page, "contact"))


def _minutes(page: Page) -> None:
    page.title = page.line(pick(page, "minutes"))
    page.line(page.plain("{date}. ") + pick(page, "present"))
    form, count = pick(page, "agenda"), iter(range(1, 20))

    def block(sector: Mapping[str, Any]) -> None:
        page.line(form, "\n", topic=sector["topic"], i=next(count))
        paragraph(page, sector, most=3)

    filled(page, block, 1)


def _questions(page: Page) -> None:
    _headline(page)
    answer = page.line(pick(page, "answer"), "")
    page.text = page.text.removesuffix(answer)

    def block(sector: Mapping[str, Any]) -> None:
        page.line(pick(page, "question"), "\n", topic=sector["topic"])
        page.text += answer
        paragraph(page, sector, 0.6, 3)

    filled(page, block, 1)


def _indicators(page: Page) -> None:
    page.title = page.line(pick(page, "table_title"))
    page.base = When(str(page.scene.horizon[0]), page.scene.horizon[0], None, "by")
    metrics = [m for s in page.sectors[:2] for kind in KINDS for m in metrics_left(page, s, kind)]
    chosen = page.scene.random.sample(metrics, min(len(metrics), page.scene.random.randint(3, 7)))
    page.scene.used.update(" ".join(m.words.values()) for m in chosen)
    text, rows = table(page.scene, chosen, page.plain(pick(page, "table_head")), len(page.text))
    page.text += text + page.gap
    page.rows += rows
    page.traps += len(rows)
    filled(page, lambda sector: paragraph(page, sector, 0.4))
