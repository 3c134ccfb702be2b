"""The tables and the curve of the benchmark, and the bars that it is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Measured", "Result", "bars", "curve", "page", "tables"]

_BEGIN, _END = "<!-- benchmark -->", "<!-- /benchmark -->"
_PATTERNS = "policyextract --no-model"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: which tool, over how many documents, in how many processes; MiB of all processes if it was measured."""

    tool: str
    size: int
    workers: int
    seconds: float
    mib: float | None = None
    short: bool = False

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.size / self.seconds


@dataclass(frozen=True, slots=True)
class Result:
    """A ratio and what it should be: at least ``least``, or at most ``most``."""

    what: str
    ratio: float
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the bar is met."""
        return (self.least is None or self.ratio >= self.least) and (
            self.most is None or self.ratio <= self.most
        )


def bars(runs: Sequence[Measured], size: int, workers: int) -> list[Result]:
    """The ratios that were measured, with their bars; what was not run is left out."""
    rates = {
        (r.tool.split(" 0.")[0].split(" 3.")[0], r.workers): r.rate
        for r in runs
        if r.size == size and not r.short
    }
    model, patterns = ("policyextract", workers), (_PATTERNS, workers)
    quantulum, tokeniser = ("quantulum3", workers), ("spaCy's tokeniser", workers)
    found = [
        _ratio("with the model, times quantulum3", rates, model, quantulum, least=3.0),
        _ratio("patterns only, times quantulum3", rates, patterns, quantulum, least=12.0),
        _ratio("spaCy's tokeniser alone, times patterns only", rates, tokeniser, patterns, most=3.0),
        _ratio(
            f"{workers} processes, times one, with the model", rates, model, ("policyextract", 1), least=1.7
        ),
        _ratio(f"{workers} processes, times one, patterns only", rates, patterns, (_PATTERNS, 1), least=1.7),
    ]
    held = sorted((r.size, r.mib) for r in runs if r.short and r.mib is not None)
    if len(held) > 1:
        (few, before), (many, after) = held[0], held[-1]
        found.append(Result(f"memory of {many:,} documents, times that of {few:,}", after / before, most=1.2))
    return [result for result in found if result is not None]


def _ratio(
    what: str, rates: dict[tuple[str, int], float], one: tuple[str, int], other: tuple[str, int],
    *, least: float | None = None, most: float | None = None,
) -> Result | None:  # fmt: skip
    return Result(what, rates[one] / rates[other], least, most) if one in rates and other in rates else None


def tables(machine: str, runs: Sequence[Measured], results: Sequence[Result]) -> str:
    """The machine, the bars and the runs, in Markdown."""
    lines = [machine, "", "| ratio | measured | bar | |", "| --- | ---: | ---: | --- |"]
    for r in results:
        bar = f"at least {r.least:g}" if r.least is not None else f"at most {r.most:g}"
        lines.append(f"| {r.what} | {r.ratio:.2f} | {bar} | {'met' if r.met else '**missed**'} |")
    lines += ["", "| | documents | processes | seconds | documents a second | MiB, all processes |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for run in runs:
        name = f"{run.tool}, short documents" if run.short else run.tool
        held = "" if run.mib is None else f"{run.mib:,.0f}"
        lines.append(
            f"| {name} | {run.size:,} | {run.workers} | {run.seconds:.1f} | {run.rate:.1f} | {held} |"
        )
    return "\n".join(lines)


def curve(runs: Sequence[Measured], picture: Path) -> None:
    """Draw seconds and memory against the number of documents."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (cost, memory) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    most = max(run.workers for run in runs)
    for tool, short in dict.fromkeys((run.tool, run.short) for run in runs):
        own = sorted(
            (run for run in runs if (run.tool, run.short) == (tool, short) and run.workers == most),
            key=lambda r: r.size,
        )
        label = f"{tool}, short" if short else tool
        cost.plot([r.size for r in own], [r.seconds for r in own], marker="o", label=label)
        if all(r.mib is not None for r in own):
            memory.plot([r.size for r in own], [r.mib or 0.0 for r in own], marker="o", label=label)
    for axes, name in ((cost, f"seconds, {most} processes"), (memory, "MiB, all processes")):
        axes.set_xscale("log")
        axes.set_xlabel("documents")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
    cost.set_yscale("log")
    memory.set_ylim(bottom=0)
    cost.legend(fontsize=7)
    figure.savefig(picture, dpi=110)
    pyplot.close(figure)


def page(text: str, made: str) -> str:
    """The page with what was measured between its marks; at its end if it has none."""
    before, mark, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    picture = "![Seconds and memory against the number of documents](images/performance.png)"
    return f"{before if mark else text.rstrip() + chr(10) * 2}{_BEGIN}\n\n{made}\n\n{picture}\n\n{_END}{after if mark else chr(10)}"
