"""Running heads, running feet and page numbers of a PDF: what stands on page after page and is no text."""

from __future__ import annotations

import re

from policyextract.read.pdf_lines import Line
from policyextract.read.pdf_tables import Table

_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:page|trang|p\.|tr\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|trên|von)\s*\d{1,4})?"
    r"[-–—|\s]*",
    re.IGNORECASE,
)
_EDGE, _MOST_LINES = 0.1, 3
Blocks = list[Line | Table]
_Key = tuple[str, int]


def drop_furniture(pages: list[Blocks]) -> list[Blocks]:
    """The pages without lines that repeat at the head or foot of several pages, and without page numbers."""
    sizes = sorted(block.size for blocks in pages for block in blocks if isinstance(block, Line))
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    groups: dict[_Key, list[Line]] = {}
    for blocks in pages:
        for line in _outer(blocks):
            groups.setdefault(_key(line), []).append(line)
    least = 2 if len(pages) < 6 else max(3, len(pages) // 4)
    running = {key for key, lines in groups.items() if len(lines) >= least and _runs(lines)}
    return [_drop_small_head(_drop(blocks, running), usual) for blocks in pages]


def _drop(blocks: Blocks, running: set[_Key]) -> Blocks:
    """``blocks`` without the lines from either edge of the page inwards that run or number the pages."""
    dropped: set[int] = set()
    for edge in (_head(blocks), _foot(blocks)):
        run: list[Line] = []
        for line in edge:
            if not (_NUMBER.fullmatch(line.text) or _near(line, running)):
                break
            run.append(line)
        while run and not _NUMBER.fullmatch(run[-1].text) and not _apart(run[-1], run, blocks):
            run.pop()
        dropped.update(map(id, run))
    return [block for block in blocks if id(block) not in dropped]


def _apart(line: Line, run: list[Line], blocks: Blocks) -> bool:
    """Whether ``line`` keeps its distance from the text: no line of text follows at the usual leading."""
    steps = [abs(block.top - line.top) for block in blocks if block not in run]
    return min(steps, default=line.size * 2) > 1.6 * line.size


def _drop_small_head(blocks: Blocks, usual: float) -> Blocks:
    """``blocks`` without a first line in small letters far above the rest, the running head of one page."""
    if len(blocks) < 4 or not isinstance(blocks[0], Line):
        return blocks
    head, following = blocks[0], blocks[1]
    small = head.size <= usual - 1.5 and following.top - head.bottom > 2 * usual
    return blocks[1:] if small and head.top <= min(block.top for block in blocks) else blocks


def _near(line: Line, running: set[_Key]) -> bool:
    text, height = _key(line)
    return any((text, height + shift) in running for shift in (-1, 0, 1))


def _key(line: Line) -> _Key:
    """The text with its figures masked and the height on the page in steps of four points."""
    return re.sub(r"\d+", "#", line.text.lower()), round(line.top / 4)


def _runs(lines: list[Line]) -> bool:
    """Whether each figure of lines that are otherwise the same stays as it is or counts the pages."""
    figures = [[int(figure) for figure in re.findall(r"\d+", line.text)] for line in lines]
    for column in zip(*figures, strict=True):
        distances = {figure - line.page for figure, line in zip(column, lines, strict=True)}
        if len(set(column)) > 1 and len(distances) > 1:
            return False
    return True


def _outer(blocks: Blocks) -> list[Line]:
    """The lines at the head and the foot of a page."""
    return [*_head(blocks), *_foot(blocks)]


def _head(blocks: Blocks) -> list[Line]:
    lines = sorted((block for block in blocks if isinstance(block, Line)), key=lambda line: line.top)
    tables = [block.top for block in blocks if isinstance(block, Table)]
    upper = [line for line in lines if line.depth < _EDGE and all(line.top < top for top in tables)]
    return upper[:_MOST_LINES]


def _foot(blocks: Blocks) -> list[Line]:
    lines = sorted((block for block in blocks if isinstance(block, Line)), key=lambda line: -line.top)
    return [line for line in lines if line.depth > 1 - _EDGE][:_MOST_LINES]
