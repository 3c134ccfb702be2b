"""Fit ``data/weights.json``: the weights of every decision of assembly, on the train split.

    python scripts/fit_weights.py [--report]
    python scripts/fit_weights.py --folds build/fold0 build/fold1 build/fold2 --model models/targets

The first fits the weights of the patterns alone, the second those that ship with a reading model: they weigh what a
model says too, learned from models that had not seen the document.

Each decision is a conditional logit over the options that assembly itself makes, fitted by L-BFGS with an
L2 penalty; the target decision is binary and is fitted twice, the second time with what the first says of the
neighbouring values (out of fold, by document). Dev is never read except by ``--report``.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from policyextract import lexicon, patterns, segment
from policyextract.assemble import (
    changes,
    decide,
    levels,
    localities,
    metrics,
    neighbours,
    opinions,
    proposals,
    tables,
    units,
    years,
)
from policyextract.assemble.reach import Carried
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option
from policyextract.ner import WEIGHTS, ReadingModel, load_model
from policyextract.read import read
from policyextract.types import Document, Span

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src" / "policyextract" / "data" / "weights.json"
FOLDS = 5
DOUBT = 15  # percent of the decisions that are fitted with a wrong decision before them
Floats = NDArray[np.float64]


@dataclass
class Example:
    """One decision: the document, the options' features and what each option is worth (0 to 1 or more)."""

    doc: str
    features: list[tuple[str, ...]]
    gains: list[float]
    lang: str = ""


@dataclass
class Corpus:
    """Examples by decision, and the values in order for the target decision."""

    examples: dict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))
    values: list[tuple[str, Span, float | None, tuple[str, ...], str]] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True)
class Before:
    """What the gold says of the target before: its year and place, and the stretches of its metric."""

    carried: Carried | None = None
    metric: Any = ()

    def doubted(self, reading: Reading) -> Before:
        """The same with another year and place, for what is carried on is not always right."""
        if self.carried is None:
            return self
        spot = self.carried.value.start
        years_ = [s for s in reading.by_label.get("YEAR", []) if s.attr("year")]
        places_ = reading.by_label.get("PLACE", [])
        year = years_[spot % len(years_)] if years_ else None
        place = places_[spot % len(places_)] if places_ else None
        return Before(Carried(self.carried.value, year, place), self.metric)


def token_f1(one: str, other: str, lang: str) -> float:
    """Token F1 of two metric texts, stop words dropped."""
    stop = set(lexicon.table(lang, "metric")["stop"])

    def bag(text: str) -> Counter[str]:
        words = (w.strip(".,;:()\"'’“”-").lower() for w in text.split())
        return Counter(w for w in words if w and w not in stop)

    a, b = bag(one), bag(other)
    if not a or not b:
        return float(a == b)
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values()))


def _same_place(name: str | None, gold: str | None) -> bool:
    from policyextract.places.fold import key

    return (name is None) == (gold is None) and (name is None or gold is None or key(name) == key(gold))


def collect(
    corpus: Corpus, document: Document, gold: list[dict[str, Any]], model: ReadingModel | None = None
) -> None:
    """Add the examples of one document, with what ``model`` says of its values if one is given."""
    segments = segment.segment(document)
    reading = years.resolve(Reading.of(document, segments, patterns.find(document)))
    if model is not None:
        reading.told = model.read(document, segments, reading.by_label.get("VALUE", []))
        reading = proposals.with_proposals(reading)
    values = reading.by_label.get("VALUE", [])
    corpus.readings[document.path] = reading
    if model is not None:
        _place_levels(corpus, reading)
    matched: dict[int, list[dict[str, Any]]] = {}
    for i, value in enumerate(values):
        hits = [g for g in gold if value.start < g["end"] and g["start"] < value.end]
        rows = [g for g in hits if not g["optional"]]
        label = 1.0 if rows else None if hits else 0.0
        corpus.values.append((document.path, value, label, decide.features(reading, value), document.lang))
        if hits:
            matched[i] = rows or hits
    taken = [values[i] for i in matched]
    before = Before()
    for i, rows in matched.items():
        before = _fields(corpus, reading, values[i], rows, taken, before)


def _place_levels(corpus: Corpus, reading: Reading) -> None:
    """Examples of the level of a place, from places that the gazetteer knows, as if it did not."""
    for name in {s.attr("name") for s in reading.by_label.get("PLACE", [])}:
        own = [s for s in reading.by_label["PLACE"] if s.attr("name") == name]
        level = own[0].attr("level")
        if own[0].source == proposals.SOURCE or own[0].attr("typed") or level in (None, "national"):
            continue
        options = proposals.level_options(reading, own)
        corpus.examples["place-level"].append(
            Example(reading.document.path, [o.features for o in options],
                    [float(o.payload == level) for o in options], reading.document.lang)
        )  # fmt: skip


def _fields(
    corpus: Corpus,
    reading: Reading,
    value: Span,
    rows: list[dict[str, Any]],
    taken: list[Span],
    before: Before,
) -> Before:
    """Add the field examples of one value; returns what the gold decides for it, to be carried on."""
    document = reading.document
    index = reading.segment_at(value.start)
    here = reading.segments[index]
    cell = tables.cell_of(reading, value, here) if here.kind == "row" else None

    def add(name: str, options: list[Option], worth: Callable[[Any], float]) -> None:
        gains = [float(worth(o.payload)) for o in options]
        if max(gains) > 0:
            corpus.examples[name].append(
                Example(document.path, [o.features for o in options], gains, document.lang)
            )
        else:
            corpus.examples[name + "!unreachable"].append(Example(document.path, [], [], document.lang))

    wanted = {r["year"] for r in rows}
    names = {r["locality"] for r in rows}

    def in_year(span: Any) -> bool:
        return (int(span.attr("year")) if span else None) in wanted

    def at_place(span: Any) -> bool:
        return any(_same_place(span.attr("name") if span else None, n) for n in names)

    if zlib.crc32(f"{document.path}{value.start}".encode()) % 100 < DOUBT:
        before = before.doubted(reading)
    year_options = years.options(reading, value, index, cell.header if cell else None, before.carried)
    add("year", year_options, in_year)
    place_options = localities.options(reading, value, index, cell.label if cell else None, before.carried)
    add("locality", place_options, at_place)
    right = next((o.payload for o in place_options if at_place(o.payload)), None)
    year = next((o.payload for o in year_options if in_year(o.payload)), None)
    own = right.attr("level") if right else None
    wanted_levels = {r["level"] for r in rows}

    def at_level(span: Any) -> bool:
        if span:
            return set(span.attr("levels").split(",")) == wanted_levels
        return {own} == wanted_levels or (bool(reading.told) and not any(r["level_explicit"] for r in rows))

    level_options = levels.options(reading, value, index, right, before.carried)
    add("level", level_options, at_level)
    level = next((o.payload for o in reversed(level_options) if at_level(o.payload)), None)
    carried = Carried(value, year, right, level)
    if reading.told and level is None:
        add("own-level", levels.own_options(reading, value, right),
            lambda name: any((r["level"] or "") == name for r in rows))  # fmt: skip
    add("change", changes.change_options(reading, value, index, cell),
        lambda c: any(r["change"] == c for r in rows))  # fmt: skip
    add("per", changes.per_options(reading, value, index, cell), lambda p: any(r["per"] == p for r in rows))
    if reading.told:
        at = taken.index(value)
        earlier = taken[at - 1] if at and taken[at - 1].start >= here.start else None
        read_so = units.measure(reading, value, here, cell, earlier)
        for name, own in (("unit", read_so.unit), ("comparator", read_so.comparator)):
            kinds = opinions.kind_options(reading, value, name, own, cell)
            add(name, kinds, lambda kind, name=name: any(r[name] == kind for r in rows))  # type: ignore[misc]
    if cell is not None and cell.alone:
        return Before(carried, metrics.cell_metric(reading, value, cell))

    def worth(pieces: Any) -> float:
        found = " ".join(document.text[a:b] for a, b in pieces)
        return max(_worth(found, r["metric"], document.lang) for r in rows)

    options = metrics.options(reading, value, index, taken, before.metric)
    add("metric", options, worth)
    return Before(carried, max((o.payload for o in options), key=worth))


def _worth(found: str, gold: str, lang: str) -> float:
    score = token_f1(found, gold, lang)
    return score * 0.5 + (score >= 0.5)


def matrix(rows: Iterable[tuple[str, ...]], vocabulary: dict[str, int]) -> sparse.csr_matrix:
    """Binary feature matrix: rows by vocabulary; "name=value#number" carries a number."""
    data: list[float] = []
    columns: list[int] = []
    pointers = [0]
    for features in rows:
        for name in features:
            base, _, number = name.partition("#")
            if base in vocabulary:
                columns.append(vocabulary[base])
                data.append(float(number) if number else 1.0)
        pointers.append(len(columns))
    return sparse.csr_matrix((data, columns, pointers), shape=(len(pointers) - 1, len(vocabulary)))


def vocabulary_of(rows: Iterable[tuple[str, Iterable[str]]], least: int) -> dict[str, int]:
    """Features that occur in at least ``least`` documents."""
    docs: dict[str, set[str]] = defaultdict(set)
    for doc, features in rows:
        for name in features:
            if not name.startswith("@"):  # a mark for the record, no feature
                docs[name.partition("#")[0]].add(doc)
    return {name: i for i, name in enumerate(sorted(n for n, d in docs.items() if len(d) >= least))}


def fit_choice(examples: list[Example], vocabulary: dict[str, int], penalty: float) -> Floats:
    """Weights that maximise the expected worth of the chosen option."""
    x = matrix((f for e in examples for f in e.features), vocabulary)
    gains = np.concatenate([np.asarray(e.gains) / max(e.gains) for e in examples])
    starts = np.cumsum([0] + [len(e.features) for e in examples[:-1]])
    sizes = np.asarray([len(e.features) for e in examples])
    soft = gains**3

    def loss(w: Floats) -> tuple[float, Floats]:
        z = x @ w
        top = np.repeat(np.maximum.reduceat(z, starts), sizes)
        exp = np.exp(z - top)
        p = exp / np.repeat(np.add.reduceat(exp, starts), sizes)
        mass = np.add.reduceat(p * soft, starts)
        posterior = p * soft / np.repeat(mass, sizes)
        gradient = x.T @ (p - posterior) + penalty * w
        return float(-np.log(mass).sum() + 0.5 * penalty * w @ w), np.asarray(gradient)

    found: Floats = minimize(
        loss, np.zeros(len(vocabulary)), jac=True, method="L-BFGS-B", options={"maxiter": 400}
    ).x
    return found


def fit_binary(x: sparse.csr_matrix, y: Floats, penalty: float) -> Floats:
    """Logistic regression weights."""

    def loss(w: Floats) -> tuple[float, Floats]:
        z = x @ w
        p = 1 / (1 + np.exp(-z))
        return float((np.logaddexp(0, z) - y * z).sum() + 0.5 * penalty * w @ w), np.asarray(
            x.T @ (p - y) + penalty * w
        )

    found: Floats = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}
    ).x
    return found


def fold_of(doc: str) -> int:
    """The fold of a document."""
    return zlib.crc32(doc.encode()) % FOLDS


def accuracy(
    examples: list[Example], vocabulary: dict[str, int], weights: Floats
) -> dict[str, tuple[float, int]]:
    """Mean worth of the chosen option (1 for a right one), by language."""
    found: dict[str, list[float]] = defaultdict(list)
    for e in examples:
        z = matrix(e.features, vocabulary) @ weights
        gain = e.gains[int(np.argmax(z))]
        found[e.lang].append(float(gain >= 1))
    return {lang: (round(float(np.mean(v)), 3), len(v)) for lang, v in sorted(found.items())}


SETTINGS = {
    "place-level": (3, 1.0),
    "year": (3, 1.0),
    "locality": (3, 1.0),
    "level": (3, 1.0),
    "own-level": (3, 1.0),
    "change": (3, 0.7),
    "per": (3, 0.7),
    "unit": (3, 1.0),
    "comparator": (3, 1.0),
    "metric": (5, 3.0),
}


def fit_decisions(train: Corpus, dev: Corpus | None) -> dict[str, dict[str, float]]:
    """Weights of every decision but the target's."""
    fitted: dict[str, dict[str, float]] = {}
    for name, (least, penalty) in SETTINGS.items():
        examples = train.examples[name]
        if not examples:  # some are asked for only where a model reads
            continue
        vocabulary = vocabulary_of(((e.doc, f) for e in examples for f in (set().union(*e.features),)), least)
        weights = fit_choice(examples, vocabulary, penalty)
        fitted[name] = _table(vocabulary, weights)
        if dev is not None:
            lost = len(train.examples[name + "!unreachable"]), len(dev.examples[name + "!unreachable"])
            held = cross_validate(examples, least, penalty)
            print(name, len(vocabulary), "cv", held, "dev", accuracy(dev.examples[name], vocabulary, weights),
                  "unreachable", lost, file=sys.stderr)  # fmt: skip
    return fitted


def cross_validate(examples: list[Example], least: int, penalty: float) -> dict[str, float]:
    """Accuracy by language over folds of documents."""
    total: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for k in range(FOLDS):
        inside = [e for e in examples if fold_of(e.doc) != k]
        outside = [e for e in examples if fold_of(e.doc) == k]
        vocabulary = vocabulary_of(((e.doc, f) for e in inside for f in (set().union(*e.features),)), least)
        for lang, found in accuracy(outside, vocabulary, fit_choice(inside, vocabulary, penalty)).items():
            total[lang].append(found)
    return {lang: round(sum(a * n for a, n in v) / sum(n for _, n in v), 3) for lang, v in total.items()}


def _table(vocabulary: dict[str, int], weights: Floats) -> dict[str, float]:
    return {n: round(float(weights[i]), 3) for n, i in vocabulary.items() if abs(weights[i]) >= 0.005}


def fit_target(
    train: Corpus, dev: Corpus | None, least: int = 5, penalty: float = 3.0
) -> dict[str, dict[str, float]]:
    """The two passes of the target decision."""
    rows = [v for v in train.values if v[2] is not None]
    y = np.asarray([v[2] for v in rows])
    folds = np.asarray([fold_of(v[0]) for v in rows])
    first = vocabulary_of(((v[0], v[3]) for v in rows), least)
    x = matrix((v[3] for v in rows), first)
    held = np.zeros(len(rows))
    for k in range(FOLDS):
        held[folds == k] = x[folds == k] @ fit_binary(x[folds != k], y[folds != k], penalty)
    w1 = fit_binary(x, y, penalty)
    logits = {(v[0], v[1].start): float(z) for v, z in zip(rows, held, strict=True)}
    second_rows = [(*v[3], *beside(train, rows, i, logits)) for i, v in enumerate(rows)]
    second = vocabulary_of(((v[0], f) for v, f in zip(rows, second_rows, strict=True)), least)
    x2 = matrix(second_rows, second)
    held2 = np.zeros(len(rows))
    for k in range(FOLDS):
        held2[folds == k] = x2[folds == k] @ fit_binary(x2[folds != k], y[folds != k], penalty)
    w2 = fit_binary(x2, y, penalty)
    if dev is not None:
        _report("cv pass 1", rows, y, held)
        _report("cv pass 2", rows, y, held2)
        drows = [v for v in dev.values if v[2] is not None]
        z1 = matrix((v[3] for v in drows), first) @ w1
        dl = {(v[0], v[1].start): float(z) for v, z in zip(drows, z1, strict=True)}
        z2 = matrix(((*v[3], *beside(dev, drows, i, dl)) for i, v in enumerate(drows)), second) @ w2
        _report("dev pass 1", drows, np.asarray([v[2] for v in drows]), z1)
        _report("dev pass 2", drows, np.asarray([v[2] for v in drows]), z2)
    return {"target": _table(first, w1), "target-again": _table(second, w2)}


def beside(corpus: Corpus, rows: list[Any], i: int, logits: dict[tuple[str, int], float]) -> list[str]:
    """Features of a value from the first pass over the values around it in the same document."""
    doc = rows[i][0]
    low, high = max(0, i - neighbours.WINDOW), i + neighbours.WINDOW + 1
    around = [(r[1], logits[(doc, r[1].start)]) for r in rows[low:high] if r[0] == doc]
    return list(neighbours.neighbour_features(corpus.readings[doc], around, rows[i][1]))


def _report(name: str, rows: list[Any], y: Floats, z: Floats) -> None:
    for lang in ("en", "vi"):
        mask = np.asarray([r[4] == lang for r in rows])
        best = max(((_f1(z > t, y, mask), t) for t in np.arange(-1.0, 0.6, 0.1)), default=(0, 0))
        print(
            name,
            lang,
            "F1",
            round(best[0], 3),
            "at",
            round(best[1], 1),
            "at -0.3",
            round(_f1(z > -0.3, y, mask), 3),
            file=sys.stderr,
        )


def _f1(p: NDArray[np.bool_], y: Floats, mask: NDArray[np.bool_]) -> float:
    hit = float((p & mask & (y == 1)).sum())
    return 2 * hit / max(1.0, float((p & mask).sum() + ((y == 1) & mask).sum()))


def load(part: str, folder: Path, models: Sequence[ReadingModel] = ()) -> Corpus:
    """The examples of one part of the split.

    With ``models``, each document is read by the one that was trained without its fold; a single model reads all.
    """
    corpus = Corpus()
    for name in json.loads((folder / "split.json").read_text())[part]:
        gold = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["targets"]
        file = f"{name}.txt"
        model = models[zlib.crc32(file.encode()) % len(models)] if models else None
        collect(corpus, read(folder / file, name=file), gold, model)
    return corpus


def main() -> None:
    """Fit, report if asked, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument(
        "--report", action="store_true", help="print held-out accuracy on folds of train and on dev"
    )
    parser.add_argument("--folds", type=Path, nargs="+", default=[], metavar="DIR",
                        help="reading models, each trained without one fold of train, in order of folds")  # fmt: skip
    parser.add_argument("--model", type=Path, help="the reading model that the weights will ship with")
    options = parser.parse_args()
    folds = [load_model(folder, weights={}) for folder in options.folds]
    train = load("train", options.corpus, folds)
    final = [load_model(options.model, weights={})] if options.model and options.report else []
    dev = load("dev", options.corpus, final) if options.report else None
    fitted = {**fit_target(train, dev), **fit_decisions(train, dev)}
    target = options.model / WEIGHTS if options.model else DATA
    write(target, fitted)


def write(path: Path, fitted: dict[str, dict[str, float]]) -> None:
    """Write weights; what others have fitted into the same file (threshold, confidence) stays."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(
        json.dumps({**kept, **fitted}, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
