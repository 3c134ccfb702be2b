"""Bait for backtracking: every regular expression and token pattern of the package takes time in proportion to its input."""

from __future__ import annotations

import ast
import builtins
import importlib
import json
import pkgutil
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

from policyextract import lexicon
from policyextract.patterns import values
from policyextract.types import Lang

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "policyextract"
SIZES = (64, 1_024, 16_384)
FREE = 0.012  # seconds for the largest size that no growth faster than in proportion stays under
GROWTH = 7.5  # times as long for four times the text: 4 in proportion, 16 squared
# Patterns that only ever see a short piece of text: how long it is at most. They must be quick on that.
SHORT: dict[tuple[str, str], int] = {}


class Found(NamedTuple):
    """A pattern, its flags, where it stands and whether it is only ever tried at one place of a text."""

    pattern: str
    flags: int
    place: str
    anchored: bool


def gather() -> list[Found]:
    """Every pattern that the package compiles while it is imported and used, and those it would compile."""
    seen: dict[tuple[str, int], str] = {}
    lines: set[str] = set()
    real = re._compile  # type: ignore[attr-defined]

    def record(pattern: Any, flags: int) -> Any:
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename == re.__file__:
            frame = frame.f_back
        if frame is not None and str(PACKAGE) in frame.f_code.co_filename:
            place = f"{Path(frame.f_code.co_filename).relative_to(PACKAGE)}:{frame.f_lineno}"
            lines.add(place)
            if isinstance(pattern, str | bytes):
                text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
                seen.setdefault((text, int(flags)), place)
        return real(pattern, flags)

    re._compile = record  # type: ignore[attr-defined]
    modules = _modules()
    _use_all()
    for place, call, module in _calls(modules):
        if place not in lines:
            value = eval(compile(ast.Expression(call.args[0]), place, "eval"), {}, _Names(vars(module)))
            if isinstance(value, str | bytes):
                text = value if isinstance(value, str) else value.decode("latin-1")
                seen.setdefault((text, _flags(call, module)), place)
    anchored = _anchored()
    return [Found(text, flags, place, place in anchored) for (text, flags), place in seen.items()]


class _Any(str):
    """Stands for a local value that a pattern is put together with."""

    def __getattr__(self, name: str) -> str:
        return "a1"


class _Names(dict[str, Any]):
    """The names of a module, and for others a stand-in."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, _Any("a1"))


def _modules() -> dict[str, Any]:
    import policyextract

    found = {}
    for info in pkgutil.walk_packages(policyextract.__path__, "policyextract."):
        if not info.name.endswith("__main__") and ".training" not in info.name:
            found[info.name] = importlib.import_module(info.name)
    return found


def _use_all() -> None:
    """Run the parts that put patterns together when they are first used."""
    from policyextract.pipeline import extract

    english = (
        "Leeds, 14 July 2025 – The Leeds City Council plans 80 percent of homes by 2030 in Otley district."
    )
    vietnamese = (
        "Ngày 14/7/2025, tỉnh Quảng Ninh đặt mục tiêu 80% xã của huyện Ba Chẽ đạt chuẩn vào năm 2030."
    )
    for text in (english, vietnamese):
        extract(text, model=None)


def _calls(modules: dict[str, Any]) -> Iterator[tuple[str, ast.Call, Any]]:
    """The calls of ``re`` in the sources, with the module that each stands in."""
    for module in modules.values():
        path = Path(module.__file__)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr not in ("escape", "purge")
            ):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node, module


def _flags(call: ast.Call, module: Any) -> int:
    """The flags that a call of ``re`` states last."""
    stated = [value.value for value in call.keywords if value.arg == "flags"]
    most = {"compile": 2, "search": 3, "match": 3, "fullmatch": 3, "findall": 3, "finditer": 3}
    if len(call.args) == most.get(call.func.attr, 9):  # type: ignore[attr-defined]
        stated.append(call.args[-1])
    return int(eval(compile(ast.Expression(stated[0]), "flags", "eval"), vars(module))) if stated else 0


def _anchored() -> set[str]:
    """Where the patterns stand that are only asked to match at the start of what they are given."""
    names: dict[str, str] = {}
    asked: dict[str, set[str]] = {}
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        file = str(path.relative_to(PACKAGE))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                call, target = node.value.func, node.targets[0]
                if (
                    isinstance(call, ast.Attribute)
                    and call.attr == "compile"
                    and isinstance(target, ast.Name)
                ):
                    names[f"{file}:{node.value.lineno}"] = _own(target.id, file)
            elif isinstance(node, ast.Attribute):
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                asked.setdefault(_own(name, file), set()).add(node.attr)
                if name == "re" and node.attr in ("match", "fullmatch"):
                    found.add(f"{file}:{node.lineno}")
            elif isinstance(
                node, ast.Call
            ):  # map(PATTERN.search, …) is an attribute; a pattern handed on is searched
                for value in node.args:
                    if isinstance(value, ast.Name):
                        asked.setdefault(_own(value.id, file), set()).add("search")
    only = {"match", "fullmatch", "pattern"}
    return found | {place for place, name in names.items() if asked.get(name) and asked[name] <= only}


def _own(name: str, file: str) -> str:
    """A name that says which one is meant: those with a bar in front are a file's own."""
    return f"{file} {name}" if name.startswith("_") else name


@pytest.fixture(scope="module")
def patterns() -> list[Found]:
    """The patterns, gathered in a process of its own, where none is compiled yet."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True, env=_env())
    return [Found(*row) for row in json.loads(done.stdout.splitlines()[-1])]


def _env() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}


# --- bait: texts made of a pattern's own letters and repeats -------------------------------------------------

POOL = " a1A.,-\n\tạ%|(/:_"


def _holds(options: list[tuple[Any, Any]], char: str) -> bool:
    """Whether a class of characters holds one."""
    negated = bool(options) and options[0][0] is c.NEGATE
    hit = False
    for op, value in options:
        if op is c.LITERAL:
            hit = hit or ord(char) == value
        elif op is c.RANGE:
            hit = hit or value[0] <= ord(char) <= value[1]
        elif op is c.CATEGORY:
            hit = hit or re.match(_CATEGORIES[value], char) is not None
    return hit is not negated


_CATEGORIES = {
    c.CATEGORY_DIGIT: r"\d", c.CATEGORY_NOT_DIGIT: r"\D", c.CATEGORY_SPACE: r"\s",
    c.CATEGORY_NOT_SPACE: r"\S", c.CATEGORY_WORD: r"\w", c.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _sample(parsed: Any, turn: int = 0) -> str:
    """A text that a parsed pattern is likely to match; ``turn`` chooses among its branches and classes."""
    out = ""
    for op, value in parsed:
        if op is c.LITERAL:
            out += chr(value)
        elif op is c.NOT_LITERAL:
            out += next(char for char in POOL[turn % 5 :] + POOL if ord(char) != value)
        elif op is c.ANY:
            out += POOL[1 + turn % 5]
        elif op is c.IN:
            pool = [char for char in POOL if _holds(value, char)] or [
                chr(v if o is c.LITERAL else v[0]) for o, v in value if o in (c.LITERAL, c.RANGE)
            ]
            out += pool[turn % len(pool)] if pool else ""
        elif op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            out += _sample(value[2], turn) * min(max(1, value[0]), 50)
        elif op is c.SUBPATTERN:
            out += _sample(value[3], turn)
        elif op is c.BRANCH:
            out += _sample(value[1][turn % len(value[1])], turn)
        elif op is c.ATOMIC_GROUP:
            out += _sample(value, turn)
    return out


def _pumps(parsed: Any, before: str = "", turn: int = 0) -> Iterator[tuple[str, str]]:
    """For each long repeat what may stand before it and what it repeats."""
    for index, (op, value) in enumerate(parsed):
        here = before + _sample(parsed[:index], turn)
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            if value[1] is c.MAXREPEAT or value[1] > 30:
                yield here, _sample(value[2], turn)
            yield from _pumps(value[2], here, turn)
        elif op is c.SUBPATTERN:
            yield from _pumps(value[3], here, turn)
        elif op is c.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, here, turn)
        elif op in (c.ASSERT, c.ASSERT_NOT):
            yield from _pumps(value[1], here, turn)
        elif op is c.ATOMIC_GROUP:
            yield from _pumps(value, here, turn)


def bait(found: Found) -> list[Callable[[int], str]]:
    """Makers of texts of a given length for one pattern."""
    parsed = _parser.parse(found.pattern, found.flags)
    units: set[tuple[str, str, str]] = {("", char, "") for char in POOL}
    for turn in range(3):
        whole = _sample(parsed, turn)
        for start, pump in _pumps(parsed, "", turn):
            for end in ("", "\x00", whole[-1:]):
                units.add((start, pump, end))
            units |= {
                ("", start + pump, "\x00"),
                ("", pump + " ", "\x00"),
                (start, pump + whole[-1:], "\x00"),
            }
        units |= {("", whole, ""), ("", whole[:-1], ""), ("", whole[:-1] + " ", "\x00")}
    return [
        lambda size, a=a, b=b, z=z: a + b * max(1, (size - len(a)) // len(b)) + z  # type: ignore[misc]
        for a, b, z in sorted(units)
        if b
    ]


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """The least processor time of some runs."""
    taken = []
    for _ in range(times):
        began = time.thread_time()
        work()
        taken.append(time.thread_time() - began)
    return min(taken)


def test_no_pattern_grows_faster_than_its_input(patterns: list[Found]) -> None:
    assert len(patterns) > 150
    slow = [f"{found.place} {found.pattern[:60]!r}: {what}" for found in patterns if (what := verdict(found))]
    assert not slow, "\n".join(slow)


def verdict(found: Found) -> str | None:
    """What is wrong with the growth of one pattern, None if nothing is."""
    compiled = re.compile(found.pattern, found.flags)
    most = next(
        (
            size
            for (place, start), size in SHORT.items()
            if found.place.startswith(place) and found.pattern.startswith(start)
        ),
        None,
    )
    for make in bait(found):

        def work(text: str) -> Callable[[], object]:
            if found.anchored:
                return lambda: (compiled.match(text), compiled.fullmatch(text))
            return lambda: sum(1 for _ in compiled.finditer(text))

        if most is not None:
            if seconds(work(make(most)), 2) > FREE:
                return f"slow on {most} characters like {make(20)!r}"
            continue
        for size in SIZES:
            taken = seconds(work(make(size)))
            if taken > 0.5:
                return f"{taken:.1f} s on {size} characters like {make(20)!r}"
        if taken < FREE:
            continue
        ratio = seconds(work(make(32_768)), 3) / max(seconds(work(make(8_192)), 3), 1e-6)
        if ratio > GROWTH:
            return f"{ratio:.0f} times as long for four times the text, like {make(20)!r}"
    return None


# --- token patterns and the whole reading ----------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_token_patterns_take_time_in_proportion(lang: Lang) -> None:
    """Each rule's own words, whole and without the last, over and over: all rules are matched in one pass."""
    from policyextract.patterns import years

    slow = []
    for grammar in (values.grammar(lang), years.grammar(lang)):
        for rule in grammar._rules:
            unit = [
                _word(part, lang)
                for part in rule["pattern"].split(" ")
                for _ in range(3 if part[-1] in "+*" else 1)
            ]
            for words in (unit, unit[:-1] or unit, [unit[-1]]):
                if seconds(lambda w=words, g=grammar: list(g.match(w * (600 // len(w))))) > 0.05:  # type: ignore[misc]
                    few = seconds(lambda w=words, g=grammar: list(g.match(w * (600 // len(w)))), 2)  # type: ignore[misc]
                    many = seconds(lambda w=words, g=grammar: list(g.match(w * (2_400 // len(w)))), 2)  # type: ignore[misc]
                    if many / few > GROWTH:
                        slow.append((rule["id"], words, round(many / few)))
    assert not slow


def _word(part: str, lang: Lang) -> str:
    """A token that a part of a rule matches."""
    name = part.rstrip("?+*") or part
    words = {**lexicon.table(lang, "years")["words"], **lexicon.table(lang, "words")}
    shown = {"NUM": "80", "YEAR": "2030", "ANY": "80", "NUM2": "30", "NUMONE": "80", "WORD": "homes"}
    return shown.get(name) or next(iter(words.get(name, ())), name)


BAIT = {
    "one line without full stops": "80 percent of homes by 2030 and ",
    "sentences on one line": "By 2030 the city will have 80 percent of homes. ",
    "lines": "By 2030 the city will have 80 percent of homes.\n",
    "rows": "homes | 80% | 2030\n",
    "one long row": "homes | 80% | ",
    "headings": "Homes of the city by 2030\n",
    "a list of names": "the Bada, the Cede and Dedo District, ",
    "cues": "plans to reach at least ",
    "levels": "district, province and commune level ",
    "brackets": "(by 2030 (80 percent ",
}


@pytest.mark.parametrize("name", BAIT)
def test_reading_takes_time_in_proportion(name: str) -> None:
    from policyextract.pipeline import extract

    def read(size: int) -> None:
        extract(
            "The plan of the city is for the homes. " + BAIT[name] * (size // len(BAIT[name])), model=None
        )

    read(500)
    few = seconds(lambda: read(6_000), 2)
    assert few < 8
    if few > 0.05:
        assert seconds(lambda: read(24_000)) / few < GROWTH


if __name__ == "__main__":
    print(json.dumps(gather()))
