"""Templates of made-up sentences → text with marks.

A template holds ``<one|other>`` choices, ``{slot}`` or ``{slot:option,option=words}``, and ``[words]`` that belong to
the metric as they stand. ``{v}`` is a value that makes a row, ``{t}`` one that makes none, ``{y}`` a year, ``{p}`` a
part of the home, ``{l}`` a level; a digit ties a value to its own year, place and level, and ``b.`` before a slot is
the second metric. ``{Y}`` and ``{yy}`` are places where a year may stand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from policyextract.training.generate_places import Setting, Site
from policyextract.training.generate_values import Metric, Style, When, amount, figure, steps, when
from policyextract.types import Lang

__all__ = ["Mark", "Piece", "Scene", "piece", "scale_of"]

_CHOICE = re.compile(r"<([^<>]*)>")
_TOKEN = re.compile(r"\{(?:(b)\.)?([A-Za-z_]+)(\d?)(?::([^{}]*))?\}|\[(b:)?|\]")
_METRIC = frozenset("pop one vp ger np noun verb pp".split())
_STARTS = re.compile(r"(?<=[^\W\d_]{3}[.?!] )[^\W\d_]|(?<=[\dIVX][.?!] )[^\W\d_]")
_ENDS = r" (?:of|in|on|per|from|abroad|at|among|for)\b"
_PLURAL = re.compile(rf"(?:(?!{_ENDS})[^'’])*?(?<!s)s(?:{_ENDS}|$)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a stretch of a sentence is: v, y, p, l, h (the home) or m (words of the metric)."""

    kind: str
    start: int
    end: int
    group: str = ""
    index: str = ""
    what: Any = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with its marks and metrics by group."""

    text: str
    marks: tuple[Mark, ...]
    metrics: Mapping[str, Metric]


@dataclass(slots=True)
class Scene:
    """What a document goes by while it is written: its words, home and dates, and the year that holds just now.

    ``fresh`` says whether the sentence before stated that year.
    """

    lang: Lang
    random: Random
    words: Mapping[str, Any]
    setting: Setting
    date: dt.date
    style: Style
    horizon: tuple[int, int]
    year: When | None = None
    fresh: bool = False
    named: bool = False
    used: set[str] = field(default_factory=set)
    scales: dict[str, list[float]] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    opened: list[tuple[int, str]] = field(default_factory=list)

    def add(self, text: str, kind: str = "", group: str = "", index: str = "", what: Any = None) -> None:
        start = len(self.text)
        self.text += text
        if kind:
            self.marks.append(Mark(kind, start, len(self.text), group, index, what))


def expanded(template: str, scene: Scene) -> str:
    """The template with its choices taken and the lists of the grammar that it names put in."""
    lists: Mapping[str, Sequence[str]] = scene.words["lists"]
    for _ in range(4):
        template = _CHOICE.sub(lambda m: scene.random.choice(m[1].split("|")), template)
        template = re.sub(
            r"\{(\w+)\}", lambda m: scene.random.choice(lists[m[1]]) if m[1] in lists else m[0], template
        )
    return template


def piece(template: str, scene: Scene, metrics: Sequence[Metric]) -> Piece:
    """A sentence of ``template``; it sets the scene's year where it states one."""
    random = scene.random
    template = _dated(expanded(template, scene), scene)
    groups = dict(zip(("a", "b"), metrics, strict=False))
    scale = {g: scale_of(m, scene) for g, m in groups.items()}
    template = _agreeing(template, metrics[0].words.get("np", "") if metrics else "", scene)
    draft = _Draft()
    at = 0
    years = _years(template, scene)
    parts = iter(random.sample(scene.setting.parts, len(scene.setting.parts)))
    for token in _TOKEN.finditer(template):
        draft.add(template[at : token.start()])
        at = token.end()
        if token.group().startswith("["):
            draft.opened.append((len(draft.text), "b" if token[5] else "a"))
        elif token.group() == "]":
            start, group = draft.opened.pop()
            draft.marks.append(Mark("m", start, len(draft.text), group))
        else:
            group, slot, index = token[1] or "a", token[2], token[3]
            options = dict(o.partition("=")[::2] for o in (token[4] or "").split(",") if o)
            _fill(
                draft,
                scene,
                groups.get(group),
                scale.get(group, []),
                years,
                parts,
                (group, slot, index),
                options,
            )
    draft.add(template[at:])
    text = _STARTS.sub(lambda m: m[0].upper(), draft.text[:1].upper() + draft.text[1:])
    return Piece(text, tuple(draft.marks), groups)


def _agreeing(template: str, noun: str, scene: Scene) -> str:
    """The template with its verbs in the plural where the metric's noun is."""
    forms: Mapping[str, str] = scene.words["plural"]
    if not forms or not _PLURAL.match(noun):
        return template
    return re.sub(rf"(?<=\{{np\}} )({'|'.join(forms)})\b", lambda m: forms[m[1]], template)


def scale_of(metric: Metric, scene: Scene) -> list[float]:
    """The metric's numbers, the same throughout a document."""
    name = " ".join(metric.words.values())
    if name not in scene.scales:
        scene.scales[name] = steps(metric, scene.style, scene.random)
    return scene.scales[name]


def _dated(template: str, scene: Scene) -> str:
    """The template with its year at one of the places where it may stand, or left to what was said before."""
    places = [p for p in ("{Y}", "{yy}") if p in template]
    if not places:
        return template
    kept = "" if scene.year and scene.random.random() < 0.45 else scene.random.choice(places)
    made = template.replace(kept, "{y}" + (", " if kept == "{Y}" else ""), 1) if kept else template
    if kept == "{yy}":
        made = template.replace("{yy}", " {y}", 1)
    return made.replace("{Y}", "").replace("{yy}", "")


def _years(template: str, scene: Scene) -> dict[str, int]:
    """The years that the template's slots stand for, a later one for a higher digit."""
    now = scene.date.year
    first, second = scene.horizon
    near = [now, now + 1] if scene.date.month < 10 else [now + 1]
    if "{y2" in template:
        one = scene.random.choice((first, *near)) if first < second else near[0]
        return {
            "1": one,
            "2": second if second > one else one + scene.random.choice((2, 3, 5)),
            "3": second + 5,
        }
    year = scene.random.choice((first, first, first, second, *near, now + scene.random.randint(1, 7)))
    return {"": year, "1": year}


def _fill(
    draft: _Draft,
    scene: Scene,
    metric: Metric | None,
    scale: Sequence[float],
    years: Mapping[str, int],
    parts: Any,
    named: tuple[str, str, str],
    options: Mapping[str, str],
) -> None:
    """Put one slot's words into the draft."""
    group, slot, index = named
    random, words = scene.random, scene.words
    if slot in ("v", "t") and metric is not None:
        step = 0 if slot == "t" and not index else min(int(index or 1), 3)
        if "low" in options:
            step = 0
        if slot == "t" and random.random() < 0.9:
            options = {**options, "bare": ""}
        made = amount(metric, scale[step], options, words, scene.style, random)
        draft.add(made.text, slot, group, index, made)
    elif slot in _METRIC and metric is not None:
        _say(draft, metric.words[slot], slot, "" if "off" in options else group, scene)
    elif slot == "y":
        form = next((o for o in ("by", "in", "from", "period", "bare") if o in options), "")
        _say_year(draft, scene, years.get(index, scene.horizon[0]), index, form)
    elif slot == "p":
        site = next(parts)
        draft.add(_called(site, scene), "p", group, index, site)
    elif slot == "l":
        text, levels = random.choice(words["levels"][next(iter(options), "one")])
        draft.add(text, "l", group, index, tuple(levels.split()))
    elif slot in ("home", "its", "place"):
        draft.add(_home(slot, scene), "h")
    else:
        _colour(draft, scene, slot, options)


def _colour(draft: _Draft, scene: Scene, slot: str, options: Mapping[str, str]) -> None:
    """Put a figure, year or sum into the draft that belongs to no row."""
    random, now = scene.random, scene.date.year
    if slot == "n":
        low, _, high = next(iter(options)).partition("-")
        drawn = random.randint(int(low), int(high))
        draft.add(str(drawn) if "plain" in options else figure(drawn, scene.lang))
    elif slot == "past":
        draft.add(str(now - random.randint(1, 4)), "o")
    elif slot == "later":
        draft.add(str(now + random.randint(2, 12)), "o")
    elif slot == "base":
        draft.add(str(now - random.choice((3, 5, 8, 10, 15))))
    elif slot == "pc":
        draft.add(scene.style.percent)
    elif slot == "cash":
        draft.add(_cash(scene, int(next(iter(options), "5000000"))))
    else:
        raise KeyError(f"no slot {slot} in the grammar of {scene.lang}")


def _cash(scene: Scene, most: int) -> str:
    money = Metric("level", {}, "$", most / 50, most)
    number = steps(money, scene.style, scene.random)[0]
    return amount(money, number, {"bare": ""}, scene.words, scene.style, scene.random).text


def _say(draft: _Draft, text: str, slot: str, group: str, scene: Scene) -> None:
    """A form of the metric; the auxiliary of a passive stands outside of the metric."""
    auxiliary = scene.words["auxiliary"]
    lead = f"{auxiliary} " if slot == "vp" else scene.words["article"]
    if lead.strip() and text.startswith(lead):
        draft.add(lead)
        text = text[len(lead) :]
    draft.add(text, "m", group)


def _say_year(draft: _Draft, scene: Scene, year: int, index: str, form: str) -> None:
    words, random = scene.words["years"], scene.random
    if scene.year and scene.fresh and not index and not form and random.random() < 0.3:
        same = When(random.choice(words["same"]), scene.year.year, None, "by")
        draft.add(same.text, "y", "", index, same)
        return
    made = when(year, scene.date.year, words, random, form)
    draft.add(made.text, "y", "", index, made)


def _called(site: Site, scene: Scene, often: float = 0.5) -> str:
    """A place with or without the word for its kind; a commune has it mostly."""
    often = max(often, 0.85) if site.level == "commune" else often
    if site.level == "national" or scene.random.random() > often:
        return site.name or ""
    form: str = scene.random.choice(scene.words["typed"][site.level])
    return form.format(name=site.name, kind=site.kind)


def _home(slot: str, scene: Scene) -> str:
    """The home by name, by the word for its kind or by a pronoun; by name where it was not named yet."""
    site, words, random = scene.setting.home, scene.words, scene.random
    if site.level is None:
        name, _, kind = site.kind.partition("|")
        full = words["firm"].format(name=name, kind=kind)
        site = Site(full, None, kind)
    forms = words.get(f"home_{str(site.level).lower()}", words["home"])[slot]
    pick = random.random()
    if scene.named and pick < 0.1:
        text: str = random.choice(forms["pronoun"])
    elif scene.named and pick < 0.6:
        text = random.choice(forms["kind"])
    else:
        text = random.choice(forms["name"])
    full = (site.name or "") if site.level is None else _called(site, scene, 0.5 if scene.named else 0.85)
    if not scene.named and slot != "its" and scene.setting.above and random.random() < 0.4:
        full = words["within"].format(full, scene.setting.above)
    scene.named = True
    return text.format(name=full, kind=site.kind)
