"""A made-up document as it is written: paragraphs and lists of targets among figures that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policyextract.training.generate_rows import rows_of
from policyextract.training.generate_text import Piece, Scene, piece
from policyextract.training.generate_values import Metric, When, metrics_of
from policyextract.types import Target

__all__ = ["KINDS", "LONGEST", "Page", "filled", "listing", "metrics_left", "paragraph", "pick"]

LONGEST = 2500
KINDS = ("share", "admin", "count", "level", "down", "growth")
_WEIGHTS = (6, 2, 4, 4, 3, 1)


@dataclass(slots=True)
class Page:
    """A document as it is written: its text so far and the rows in it."""

    scene: Scene
    sectors: Sequence[Mapping[str, Any]]
    text: str = ""
    title: str = ""
    rows: list[Target] = field(default_factory=list)
    traps: int = 0
    base: When | None = None
    gap: str = "\n\n"

    def put(self, made: Piece, after: str = "") -> list[Target]:
        """Write a sentence; returns its rows."""
        rows = rows_of(made, self.scene, len(self.text))
        self.text += made.text + after
        self.rows += rows
        return rows

    def line(self, template: str, after: str | None = None, **plain: object) -> str:
        """Write a line that makes no rows."""
        made = piece(self.plain(template, **plain), self.scene, ())
        self.text += made.text + (self.gap if after is None else after)
        return made.text

    def plain(self, template: str, **plain: object) -> str:
        """The template with the document's own particulars put in."""
        scene, words = self.scene, self.scene.words["documents"]
        day = scene.date
        date = words["date"].format(month=words["months"][day.month - 1], day=day.day, year=day.year)
        place = (scene.setting.above or scene.setting.home.name or words["capital"]).upper()
        known = {"topic": self.sectors[0]["topic"], "date": date, "PLACE": place, "h1": scene.horizon[0]}
        for key, value in {**known, "h2": scene.horizon[1], **plain}.items():
            template = template.replace("{" + key + "}", str(value))
        return template


def metrics_left(page: Page, sector: Mapping[str, Any], kind: str) -> list[Metric]:
    """The sector's metrics of a kind that the document did not use yet."""
    lines = page.scene.words["ranks"] if kind == "rank" else sector
    found = metrics_of({"share": lines.get("admin", ())} if kind == "admin" else {kind: lines.get(kind, ())})
    return [m for m in found if " ".join(m.words.values()) not in page.scene.used]


def _drawn(
    page: Page, sector: Mapping[str, Any], frames: Mapping[str, Sequence[str]]
) -> tuple[str, list[Metric]]:
    """A template of ``frames`` that suits the home, and metrics for it; ("", []) where nothing is left to say."""
    random, home = page.scene.random, page.scene.setting.home
    kinds, weights = [*KINDS], [*_WEIGHTS]
    if home.level and random.random() < 0.06:
        kinds, weights = ["rank"], [1]
    for _ in range(30):
        kind = random.choices(kinds, weights)[0]
        metrics = metrics_left(page, sector, kind)
        tiered = home.level in ("national", "provincial")
        name = (
            "share"
            if kind == "admin" and (not tiered or "admin" not in frames or random.random() < 0.3)
            else kind
        )
        template = random.choice(frames[name])
        wanted = 2 if "{b." in template else 1
        if len(metrics) >= wanted and _suits(page, template):
            return template, random.sample(metrics, wanted)
    return "", []


def _suits(page: Page, template: str) -> bool:
    """Whether the home has as many parts as the template names, and is a place where it speaks of one."""
    setting = page.scene.setting
    wanted = template.count("{p}") + sum(f"{{p{n}}}" in template for n in "123")
    return wanted <= len(setting.parts) and (setting.home.level is not None or "{place}" not in template)


def _target(page: Page, sector: Mapping[str, Any], frames: Mapping[str, Sequence[str]], after: str) -> None:
    template, metrics = _drawn(page, sector, frames)
    if template:
        page.scene.used.update(" ".join(m.words.values()) for m in metrics)
        page.put(piece(template, page.scene, metrics), after)


def _trap(page: Page, sector: Mapping[str, Any], after: str = " ") -> None:
    """A sentence with figures that are no targets."""
    scene, frames = page.scene, page.scene.words["traps"]
    template, metrics = _drawn(page, sector, frames) if scene.random.random() < 0.62 else ("", [])
    told = "trap " + " ".join(m.words[w] for m in metrics for w in m.words)
    if template in scene.used or told in scene.used:
        template, metrics = "", []
    while not template:
        template = scene.random.choice(frames["any"])
        if template in scene.used or not _suits(page, template):
            template = ""
    scene.used |= {template, told}
    page.traps += 1
    page.put(piece(page.plain(template), scene, metrics), after)
    if "{later}" in template:
        scene.year = None  # another year to come stands between: the next target states its own


def paragraph(page: Page, sector: Mapping[str, Any], share: float = 0.52, most: int = 4) -> None:
    """Two to four sentences on a sector, ``share`` of them targets; years carry on within it."""
    scene = page.scene
    scene.year = page.base
    for _ in range(scene.random.randint(2, most)):
        if scene.random.random() < share:
            _target(page, sector, scene.words["targets"], " ")
        else:
            _trap(page, sector)
    page.text = page.text.rstrip() + page.gap


def listing(page: Page, sectors: Sequence[Mapping[str, Any]], number: str = "") -> None:
    """A head that carries a year, and items under it."""
    scene, random = page.scene, page.scene.random
    scene.year = page.base
    kept = page.text
    head = piece(page.plain(number + random.choice(scene.words["items"]["heads"])), scene, ())
    page.put(head, "\n")
    held = scene.year
    bullet = random.choice(scene.words["documents"]["bullets"])
    end = random.choice((";", ";", ".", ""))
    count = random.randint(3, 7)
    rows = len(page.rows)
    for i in range(count):
        scene.year = held
        page.text += _numbered(bullet, i) + " "
        before = len(page.text)
        if random.random() < 0.1:
            _trap(page, random.choice(sectors), "\n")
        else:
            _target(
                page,
                random.choice(sectors),
                scene.words["items"],
                (end if i < count - 1 else "." if end else "") + "\n",
            )
        if len(page.text) == before:
            page.text = page.text[: page.text.rindex("\n") + 1]
    page.text = page.text + page.gap[1:] if len(page.rows) > rows else kept


def _numbered(bullet: str, i: int) -> str:
    return bullet.replace("1", str(i + 1)).replace("a)", f"{'abcdefgh'[i]})")


def filled(page: Page, block: Callable[[Mapping[str, Any]], None], each: float = 2 / 3) -> None:
    """Blocks, ``each`` of a sector or two on one, until the text is long enough; one that made it too long goes."""
    aim = page.scene.random.randint(1000, 2150)
    for n in range(12):
        kept, rows = page.text, len(page.rows)
        block(page.sectors[int(n * each) % len(page.sectors)])
        if len(page.text) > LONGEST - 80 and rows:
            page.text, page.rows = kept, page.rows[:rows]
            return
        if len(page.text) > aim:
            return


def pick(page: Page, name: str) -> str:
    """One of the document templates of a name."""
    choice: str = page.scene.random.choice(page.scene.words["documents"][name])
    return choice
