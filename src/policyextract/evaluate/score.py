"""Targets × gold → scores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add
from typing import TYPE_CHECKING, Any

from policyextract.errors import DatasetError
from policyextract.evaluate.counts import MEASURES, RATES, Tally
from policyextract.evaluate.evidence import sentence_at, year_in
from policyextract.evaluate.gold import Gold
from policyextract.evaluate.matching import Matching, match
from policyextract.evaluate.mistakes import Mistake, as_csv, mistakes
from policyextract.types import Lang, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRATA = ("language", "level", "unit", "year")
Targets = Mapping[str, Iterable[Target]] | Iterable[Target]
_VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.I)


@dataclass(frozen=True, slots=True)
class DocumentScores:
    """What one document adds to the scores; ``strata`` goes by name of the stratum and of its class."""

    lang: Lang
    tally: Tally
    strata: Mapping[tuple[str, str], Tally]
    mistakes: tuple[Mistake, ...] = ()

    def __add__(self, other: DocumentScores) -> DocumentScores:
        keys = sorted({*self.strata, *other.strata})
        none = Tally()
        strata = {key: self.strata.get(key, none) + other.strata.get(key, none) for key in keys}
        return DocumentScores(
            self.lang, self.tally + other.tally, strata, tuple(sorted(self.mistakes + other.mistakes))
        )


@dataclass(frozen=True)
class Scores:
    """Counts for each document of the gold, from which all rates derive; ``+`` adds two sets of documents.

    ``unscored`` are documents with predictions but without gold: they count for nothing.
    """

    documents: Mapping[str, DocumentScores] = field(default_factory=dict)
    unscored: frozenset[str] = frozenset()

    def __add__(self, other: Scores) -> Scores:
        documents = dict(self.documents)
        for name, scores in other.documents.items():
            documents[name] = documents[name] + scores if name in documents else scores
        return Scores(documents, (self.unscored | other.unscored) - documents.keys())

    @cached_property
    def total(self) -> Tally:
        """The counts of all documents."""
        return reduce(add, (d.tally for d in self.documents.values()), Tally())

    @property
    def fully_right(self) -> int:
        """How many documents have every row right in all fields, and none too many."""
        return sum(d.tally.fully_right for d in self.documents.values())

    @property
    def mistakes(self) -> list[Mistake]:
        """Every miss, false alarm and wrong field, by document and place in the text."""
        return sorted(m for d in self.documents.values() for m in d.mistakes)

    def only(self, lang: Lang) -> Scores:
        """The scores of the documents in one language."""
        return Scores({name: d for name, d in self.documents.items() if d.lang == lang})

    def stratum(self, name: str) -> dict[str, Tally]:
        """Counts by class of a stratum: ``language``, ``level``, ``unit`` or ``year``."""
        if name not in STRATA:
            raise ValueError(f"no stratum {name!r}; choose one of {', '.join(STRATA)}")
        found: dict[str, Tally] = {}
        for scores in self.documents.values():
            for (kind, label), tally in scores.strata.items():
                if kind == name:
                    found[label] = found.get(label, Tally()) + tally
        return dict(sorted(found.items()))

    def intervals(self, *, resamples: int = 1000, seed: int = 0) -> dict[str, dict[str, tuple[float, float]]]:
        """95 % bootstrap intervals over documents: (low, high) by measure and rate.

        Documents are drawn with replacement, each with all its rows, ``resamples`` times.
        """
        import numpy as np

        names = sorted(self.documents)
        if not names:
            return {measure: dict.fromkeys(RATES, (1.0, 1.0)) for measure in MEASURES}
        drawn = np.random.default_rng(seed).integers(len(names), size=(resamples, len(names)))
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for measure in MEASURES:
            each = [getattr(self.documents[name].tally, measure) for name in names]
            sums = np.array([(c.tp, c.fp, c.fn) for c in each])[drawn].sum(axis=1)
            found[measure] = {rate: _interval(values) for rate, values in _rates(sums).items()}
        return found

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON, see docs/evaluation.md."""
        from policyextract.evaluate.report import as_dict

        return as_dict(self)

    def as_json(self) -> str:
        """Everything as JSON."""
        import json

        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"

    def errors_csv(self) -> str:
        """The mistakes as a table, to be written as UTF-8 with a byte order mark."""
        return as_csv(self.mistakes)


def _rates(sums: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Precision, recall and F1 of each row of (tp, fp, fn), under the conventions of Counts."""
    import numpy as np

    tp, fp, fn = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "precision": np.where(tp + fp, tp / (tp + fp), fn == 0),
            "recall": np.where(tp + fn, tp / (tp + fn), fp == 0),
            "f1": np.where(2 * tp + fp + fn, 2 * tp / (2 * tp + fp + fn), 1.0),
        }


def _interval(values: NDArray[Any]) -> tuple[float, float]:
    import numpy as np

    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def evaluate(
    pred: Targets,
    gold: Targets,
    *,
    langs: Mapping[str, Lang] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Scores:
    """Score predictions against gold, each by document or as one stream of targets.

    The documents of the gold are scored, also those without a target; predictions for other documents are
    left out and named in ``Scores.unscored``. ``langs`` and ``texts``, by document, default to those that
    ``load_gold`` found; without a text, evidence is the prediction's own sentence.

    Raises DatasetError if there are predictions but none for a document of the gold.
    """
    if isinstance(gold, Gold):
        langs, texts = {**gold.langs, **(langs or {})}, {**gold.texts, **(texts or {})}
    langs, texts = langs or {}, texts or {}
    preds, golds = by_document(pred), by_document(gold)
    unscored = frozenset(name for name in preds.keys() - golds.keys() if preds[name])
    if unscored and golds and not preds.keys() & golds.keys():
        example = f"such as {min(unscored)!r}, where gold has {min(golds)!r}"
        raise DatasetError(
            f"no prediction is for a document of the gold: predictions are for others, {example}"
        )
    documents = {}
    for name, rows in sorted(golds.items()):
        lang = langs.get(name) or _language(name, rows)
        matching = match(preds.get(name, ()), rows, lang)
        documents[name] = _document(matching, lang, texts.get(name))
    return Scores(documents, unscored)


def by_document(targets: Targets) -> dict[str, list[Target]]:
    """Targets by document."""
    if isinstance(targets, Mapping):
        return {name: list(rows) for name, rows in targets.items()}
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(target.doc, []).append(target)
    return found


def _language(name: str, rows: Iterable[Target]) -> Lang:
    """The language of a document of which nothing is known but its name and its gold."""
    folder = name.split("/", 1)[0]
    if folder == "en":
        return "en"
    return "vi" if folder == "vi" or any(_VIETNAMESE.search(row.metric) for row in rows) else "en"


def _document(matching: Matching, lang: Lang, text: str | None) -> DocumentScores:
    rows = [
        *((pair.gold, Tally.pair(pair.verdict, auto=pair.pred.auto_accept)) for pair in matching.pairs),
        *((target, Tally.missed()) for target in matching.missed),
        *((target, Tally.alarm(auto=target.auto_accept)) for target in matching.alarms),
    ]
    total = Tally()
    strata: dict[tuple[str, str], Tally] = {}
    for target, tally in rows:
        total += tally
        year = year_in(target, sentence_at(text, target))
        for key in zip(STRATA, (lang, target.level or "none", target.unit, year), strict=True):
            strata[key] = strata.get(key, Tally()) + tally
    return DocumentScores(lang, total, strata, mistakes(matching, text))
